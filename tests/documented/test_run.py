"""`make docs-check`: every documented command is run as by a user, in its own process, from a checkout.

Further overrides make a run small. They never set a folder, because the folders of runs are tested, too. Capital words
(`PATH`, `RUN_FOLDER`) become real folders and files. Commands that cannot be run here are listed with the reason.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file
from torchvision.models import vgg16

from tests.documented.commands import ROOT, Command, documented
from tests.study.published import unpack

pytestmark = pytest.mark.documented

NOT_RUN = {
    r"\[.* \.\.\.\]": "a pattern of commands, not a command",
    r"make (quick|test|test-parallel|check|docs-check|site|torture)": "a part of what checks a change, as this is",
    r"make bench": "measures for minutes; tests/test_speed.py covers it in small",
    r"pip install (-c|mlflow)": "needs a package registry; `make` installs with the same constraints",
    r"wandb (login|sync|agent|sweep)": "needs an account",
    r"featevo.workspace": "needs an account; tests/test_workspace.py covers it without one",
    r"wandb leet .+": "interactive, does not end by itself",
    r"(wandb leet|python -m featevo\.\w+)$": "only the name of a command",
    r"launcher=slurm": "needs a cluster",
    r"trainer=gpu": "needs a GPU",
    r"my_(operators|measures|views)": "needs a file of the user; tests/test_contributing.py runs it",
    r"my_(project|callbacks)": "needs files of the user; tests/silent/test_documented.py runs it",
    r"mlflow ui|http://SERVER": "needs a server",
    r"data=(cifar100?|imagenette|flowers102|fashion_mnist)": "downloads pictures",
    r"init=pretrained.* model=vgg\d|model=(vgg|resnet)\w+ init=pretrained$|paper_pretrained": "downloads weights",
    r"benchmarks[/.]": "measures for minutes; the file of its figures names the command",
    r"featevo.measure.gate": "measures for minutes; tests/measure/gate/test_command.py covers it in small",
}
RUNS = r"python -m featevo\.(train|silent)$"  # a name, but a command of its own, too

SMALL = ["trainer.max_epochs=1", "trainer.limit_train_batches=2", "trainer.limit_val_batches=2"]
SMALL += ["data.image_size=32", "data.batch_size=8", "evolution.steps=2"]
SCENES = ["data.source.train_per_class=8", "data.source.val_per_class=8"]
FEWER_JOBS = {
    "init_mode": ["seed=0"],
    "robustness": ["seed=0", "init=random"],
    "class_count": ["data.num_classes=2,3"],
    "regularizer": ["regularizer=none,paper"],
    "freezing": ["init.freeze=null,block1"],
    "seeds": ["seed=0,1"],
    "study": ["seed=0,1", "experiment=study/two", "data=scenes"],
    "planted": ["seed=0,1", "data.source.task=shape"],
}
GALLERY = ["steps=2", "data.image_size=64", "data.source.train_per_class=8"]


def appended(words: list[str]) -> list[str]:
    """Overrides that make a command small."""
    line = " ".join(words)
    if "featevo.gallery" in line:
        return GALLERY[:2] if "imagenet_names" in line else GALLERY
    if "featevo.train" not in line or "--help" in line or "resume=" in line:
        return []
    elsewhere = "data=folder" in line or "data=imagenet" in line or "data=digits" in line or "paper_random" in line
    small = SMALL + ([] if elsewhere else SCENES)
    if "data=imagenet" in line or "paper_random" in line:
        small = [*small, "data.val_size=8"]
    if "--config-name" in words:
        small = small + FEWER_JOBS[words[words.index("--config-name") + 1]]
    return [word for word in small if not ("evolution=off" in line and word.startswith("evolution."))]


def reason(command: Command) -> str | None:
    if re.search(RUNS, command.line):
        return None
    return next((why for pattern, why in NOT_RUN.items() if re.search(pattern, command.line)), None)


COMMANDS = documented()
RUN = [command for command in COMMANDS if reason(command) is None]


def shell(folder: Path, **more: str) -> dict[str, str]:
    """A user's environment: without the variables of this test's libraries and of `make`, without a W&B key."""
    others = ("WANDB", "HYDRA", "PYTEST", "MAKE", "MFLAGS")  # `make` in `make` would print its folder, and share jobs
    mine = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    mine |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{mine['PATH']}", "NETRC": str(folder / "netrc")}
    return {**mine, "OMP_NUM_THREADS": "1", **more}


def run(folder: Path, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a user's shell."""
    environment = shell(folder, **more)
    # Through `env`, as the first word is to be looked for in this PATH.
    return subprocess.run(
        ["env", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def checkout(folder: Path) -> Path:
    """A folder like the checkout with its own `outputs/`."""
    folder.mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name not in ("outputs", ".git", "build", "dist"):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The values of the capital words; made once, also for several test processes."""
    place = tmp_path_factory.getbasetemp()
    place = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "world"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "world.json").is_file():
            (place / "world.json").write_text(json.dumps(_made(place)))
    known: dict[str, str] = json.loads((place / "world.json").read_text())
    return known


def _made(place: Path) -> dict[str, str]:
    pictures, imagenet = place / "pictures", place / "imagenet"
    generator = np.random.default_rng(0)
    for folder in [*(pictures / name for name in "abcd"), *(imagenet / "train" / name for name in FOUR)]:
        folder.mkdir(parents=True)
        for number in range(12):
            pixels = generator.integers(0, 255, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    features = {f"features.{name}": tensor.half() for name, tensor in vgg16().features.state_dict().items()}
    save_file(features, place / "features.safetensors")
    home = checkout(place / "made")
    words = [sys.executable, "-m", "featevo.train"]
    for what in (["seed=3"], ["--multirun", "experiment=study/two", "seed=0,1"]):
        done = run(home, [*words, *what, *SMALL, *SCENES, "logger=tensorboard"])
        assert done.returncode == 0, done.stdout + done.stderr
    (single,) = home.glob("outputs/20*/*")
    (sweep,) = home.glob("outputs/multirun/*")
    # As if its second job had been lost: something to resume.
    stopped = place / "stopped"
    run(place, ["cp", "-r", str(sweep), str(stopped)])
    run(place, ["rm", "-r", *map(str, stopped.glob("1-*"))])
    known = {"PATH_TO_ILSVRC2012": imagenet, "PATH": pictures, "FILE": place / "features.safetensors"}
    known |= {"RUN_FOLDER": single, "SWEEP_FOLDER": sweep, "RUN_OR_SWEEP": sweep, "STOPPED": stopped}
    return {name: str(path) for name, path in known.items()}


FOUR = ["n01644373", "n02007558", "n03982430", "n07697313"]


def filled(command: Command, world: dict[str, str]) -> list[str]:
    """Its words with real folders and files; those that a shell would expand, expanded."""
    line = " ".join(command.words)
    values = dict(world)
    if "imagenet" in line:
        values["PATH"] = world["PATH_TO_ILSVRC2012"]
    if "init.weights=PATH" in line:
        values["PATH"] = world["FILE"]
    if "sweep.resume" in line:
        values["SWEEP_FOLDER"] = world["STOPPED"]
    if "featevo.model.export" in line:
        values["FILE"] = "exported.safetensors"
    if "sweep.dir=SWEEP_FOLDER" in line:  # a folder of its own
        del values["SWEEP_FOLDER"]
    names = "|".join(sorted(values, key=len, reverse=True))
    words = []
    for word in command.words:
        made = re.sub(rf"\b({names})\b", lambda match: values[match[1]], word)
        found = sorted(map(str, Path("/").glob(made.lstrip("/")))) if made.startswith("/") and "*" in made else []
        words += found or [made]
    return words


@pytest.mark.parametrize("command", RUN, ids=lambda command: command.line)
def test_it_runs_as_printed(command, world, tmp_path):
    home = checkout(tmp_path / "checkout")
    if "outputs/multirun/init_mode" in command.line:
        (home / "outputs/multirun").mkdir(parents=True)
        (home / "outputs/multirun/init_mode").symlink_to(world["SWEEP_FOLDER"])
    if " resume=RUN_FOLDER" in command.line:  # its own copy, as it goes on in this folder
        copy = home / "outputs/2026-01-01/copy"
        run(home, ["mkdir", "-p", str(copy.parent)])
        run(home, ["cp", "-r", world["RUN_FOLDER"], str(copy)])
        world = {**world, "RUN_FOLDER": str(copy)}
    if command.line == "python -m featevo.study records":
        unpack(ROOT / "docs/study", home / "records")
    words = filled(command, world)
    words += appended(words)
    if (
        words[0] == "make"
    ):  # in an environment that is out of date, it would install this folder in place of the checkout
        current = subprocess.run(["make", "--question", ".venv/.installed"], cwd=ROOT, check=False).returncode == 0
        assert current, "start this by `make docs-check`, which brings the environment up to date"
    if words[0] == "tensorboard" or "featevo.watch" in words:
        return _check_server(home, words)
    done = run(home, words, **command.environment)
    output = f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, output
    assert "Traceback" not in done.stdout + done.stderr, output
    if "featevo.train" in command.line and "--help" not in words:
        _check_record(home, words, world, output)
    return None


def _check_record(home: Path, words: list[str], world: dict[str, str], output: str) -> None:
    line = " ".join(words)
    sweeps = [*home.glob("outputs/multirun/*/sweep.json"), *home.glob("SWEEP_FOLDER/sweep.json")]
    if "sweep.resume" in line:
        sweeps = [Path(world["STOPPED"]) / "sweep.json"]
    if "--multirun" in words or "--config-name" in words or "sweep.resume" in line:
        (sweep,) = sweeps
        jobs = json.loads(sweep.read_text())["jobs"]
        assert len(jobs) > 1
        assert {job["status"] for job in jobs} == {"finished"}, output
        folders = [sweep.parent / job["folder"] for job in jobs]
    else:
        folders = list(home.glob("outputs/20*/*"))
        assert len(folders) == 1, output
    for folder in folders:
        assert json.loads((folder / "run.json").read_text())["status"] == "finished"
        index = folder / "evolution/index.jsonl"
        if "evolution=off" in words:
            assert not index.exists()
            continue
        entries = [json.loads(entry) for entry in index.read_text().splitlines()]
        assert entries, output
        for entry in entries:
            assert entry["error"] is None
            assert entry["renders"]
            assert all((folder / render["file"]).is_file() for render in entry["renders"])


def _check_server(home: Path, words: list[str]) -> None:
    """A server prints its address; it runs until it is stopped."""
    words = ["env", *words, "--port=0"]
    environment = shell(home)
    process = subprocess.Popen(
        words, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        until = time.monotonic() + 120
        for line in process.stdout or ():
            if re.search(r"http://(localhost|127\.0\.0\.1):\d", line):
                return
            assert time.monotonic() < until
        pytest.fail("it did not start")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_demo_is_the_printed_command(tmp_path):
    """`make demo` runs completely above; this tests that it is the command in README."""
    done = run(checkout(tmp_path / "checkout"), ["make", "--dry-run", "demo"])
    assert done.stdout.strip().splitlines()[-1] == ".venv/bin/python -m featevo.train"


def test_each_reason_is_needed():
    """Every pattern in the list matches a command."""
    unused = {pattern for pattern in NOT_RUN if not any(re.search(pattern, command.line) for command in COMMANDS)}
    assert not unused
    assert len(RUN) > 60
