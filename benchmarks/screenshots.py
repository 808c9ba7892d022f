"""Takes the screenshots of README: the page of a sweep, its large view of one image, and the page on a phone.

python benchmarks/screenshots.py SWEEP_FOLDER/report.html docs
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _last_snapshot(page: Page) -> None:
    page.wait_for_selector("#gallery > *")
    page.keyboard.press("End")
    page.wait_for_timeout(500)


def main() -> None:
    """Write page.png, page-dialog.png and page-phone.png."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width, height in (("page", 1280, 920), ("page-dialog", 1120, 800), ("page-phone", 390, 844)):
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(arguments.page.resolve().as_uri())
            _last_snapshot(page)
            if name == "page-dialog":
                page.locator("#gallery button.image").last.click()
                page.wait_for_timeout(500)
            page.screenshot(path=arguments.folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
