"""CITATION.cff, CHANGELOG.md and the workflows say what is true of the project."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

import featevo

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def read(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_citation_has_what_its_format_requires():
    """Citation File Format 1.2.0: cff-version, message, title, authors; an author that is no person has a name."""
    citation = read("CITATION.cff")
    assert (citation["cff-version"], citation["type"], citation["title"]) == ("1.2.0", "software", "featevo")
    assert citation["message"]
    (author,) = citation["authors"]
    assert f"Copyright (c) 2026 {author['name']}\n" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert f'license = "{citation["license"]}"' in PROJECT
    assert all(f'"{word}"' in PROJECT for word in citation["keywords"])


def test_the_newest_entry_of_the_changelog_is_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## ([\d.]+)", text, re.MULTILINE)[0] == featevo.__version__
    assert set(re.findall(r"^### (\w+)", text, re.MULTILINE)) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_of_workflows_exist(path):
    commands = [step["run"] for job in read(path)["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for program, *words in map(str.split, commands):
        if program == "make":
            assert words[0] in targets
        elif program == "grep":
            assert f'__version__ = "{featevo.__version__}"' in (ROOT / words[-1]).read_text(encoding="utf-8")
        else:
            assert (ROOT / program).is_file()


def test_a_released_readme_has_absolute_links_to_files_that_exist(tmp_path):
    shutil.copy(ROOT / "README.md", tmp_path)
    subprocess.run([ROOT / ".ci/absolute-links", "https://example.org/featevo", "v1.2.3"], cwd=tmp_path, check=True)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(re.findall(r"\]\(", (ROOT / "README.md").read_text(encoding="utf-8"))) > 20
    for link in links:
        if link.startswith("https://example.org/featevo/"):
            kind, tag, path = link.removeprefix("https://example.org/featevo/").split("/", 2)
            assert (kind, tag) == ("raw" if path.endswith((".png", ".webp")) else "blob", "v1.2.3")
            assert (ROOT / path.split("#")[0]).exists()
        else:
            assert link.startswith(("https://", "#"))


def test_each_python_is_tested():
    assert '">=3.10,<3.14"' in PROJECT
    matrix = read(".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13"]


def test_the_oldest_versions_are_the_minima():
    """`make test-oldest` tests what pyproject.toml allows; benchmarks have packages of their own."""
    pinned = dict(
        re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / "constraints-oldest.txt").read_text().lower(), re.MULTILINE)
    )
    allowed = re.sub(
        r"^bench = \[.*?^\]", "", PROJECT.split("[tool.")[0].split("\ndependencies")[1], flags=re.DOTALL | re.M
    )
    minima = re.findall(r'"([\w-]+)(?:\[\w+\])?[>=]=([\d.]+)', allowed)
    assert len(minima) > 40
    for name, version in minima:
        assert f"{pinned[name]}.0.0".startswith(f"{version}."), name
