"""An installed wheel is complete: it contains the configuration, and nothing is read from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from featevo.app.paths import CONF

ROOT = Path(__file__).parent.parent


def test_the_command_runs_from_an_installed_wheel(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # what installing a pure wheel does
    shipped = {path.relative_to(site / "featevo" / "conf") for path in (site / "featevo" / "conf").rglob("*.yaml")}
    assert shipped == {path.relative_to(CONF) for path in CONF.rglob("*.yaml")}
    page = {path.name for path in (ROOT / "featevo" / "page").iterdir() if path.is_file()}
    assert page <= {path.name for path in (site / "featevo" / "page").iterdir()}
    script = (
        "import featevo, featevo.train, sys; print(featevo.__file__); sys.argv[1:] = ['--cfg', 'job', 'data=folder']"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{script}; sys.exit(featevo.train.main())"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    assert "featevo.data.folder.FolderSource" in done.stdout
