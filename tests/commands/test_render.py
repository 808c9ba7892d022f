"""The render command: what is drawn after training is what would have been drawn during it."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from featevo.commands.render import main
from featevo.record.check import problems_of
from featevo.record.liveness import identity
from featevo.record.reading import read_evolution
from tests.processes import SMALL, command

MADE = (*SMALL, "trainer.max_epochs=2", "evolution.trigger=every_epoch", "logger=none", "hydra.run.dir=run")
FINE = "{view: classes, steps: 6, regularizer: mahendran, seed: 3}"
BOTH = f"evolution.views={{classes: {{}}, fine: {FINE}}}"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two runs of the same training: one drew both views, the other the classes alone."""
    folder = tmp_path_factory.mktemp("made")
    for name, words in {"both": [BOTH], "alone": []}.items():
        done = command(folder, *MADE, *words, f"hydra.run.dir={name}")
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copied(made, tmp_path):
    """Copies of the runs."""
    return {name: shutil.copytree(made / name, tmp_path / name) for name in ("both", "alone")}


def render(*words):
    return command(words[0].parent, *map(str, words), module="featevo.render")


def pixels(run, view):
    files = {image.file: run / image.file for each in read_evolution(run).snapshots for image in each.of_view(view)}
    return {file: np.asarray(Image.open(path)) for file, path in files.items()}


def test_what_is_drawn_later_has_the_bytes_of_training(copied):
    run = copied["alone"]
    done = render(run, f"evolution.views={{fine: {FINE}}}")
    assert done.returncode == 0, done.stderr
    assert [line.split(" in ")[0] for line in done.stdout.splitlines()[:2]] == [
        "epoch   1  fine 4 images",
        "epoch   2  fine 4 images",
    ]
    during, later = pixels(copied["both"], "fine"), pixels(run, "fine")
    assert len(during) == 8
    assert during.keys() == later.keys()
    assert all(np.array_equal(during[file], later[file]) for file in during)
    (first, _) = read_evolution(run).snapshots
    assert first.view_seconds.keys() == {"classes", "fine"}
    assert first.provenance["views"]["fine"]["overrides"] == [f"evolution.views={{fine: {FINE}}}"]
    assert first.measures, "what was there stays"
    assert problems_of(run) == []


def test_all_other_views_have_the_bytes_of_training(made, tmp_path):
    views = (
        "channels: {channels: 2, steps: 3}, exemplars: {channels: 2}, inversion: {steps: 3}, attribution: {samples: 3}"
    )
    done = command(tmp_path, *MADE, f"evolution.views={{{views}}}", "hydra.run.dir=during")
    assert done.returncode == 0, done.stderr
    later = shutil.copytree(made / "alone", tmp_path / "later")
    done = render(later, f"evolution.views={{{views}}}")
    assert done.returncode == 0, done.stderr
    for view, count in {"channels": 6, "exemplars": 6, "inversion": 16, "attribution": 8}.items():
        during, found = pixels(tmp_path / "during", view), pixels(later, view)
        assert len(during) == 2 * count
        assert during.keys() == found.keys()
        assert all(np.array_equal(during[file], found[file]) for file in during)
    assert render(tmp_path / "during", "--check").returncode == 0
    assert problems_of(later) == problems_of(tmp_path / "during") == []


def test_what_the_record_has_is_not_drawn_again(copied):
    run, files = copied["both"], pixels(copied["both"], "fine")
    before = {file: (run / file).stat().st_mtime_ns for file in files}
    (first, second) = (run / "evolution" / "index.jsonl").read_text().splitlines()
    entry = json.loads(second)  # as after an interruption
    entry["renders"] = [image for image in entry["renders"] if image["view"] != "fine"]
    (run / "evolution" / "index.jsonl").write_text(f"{first}\n{json.dumps(entry)}\n")
    done = render(run)
    assert done.stdout.splitlines()[-1] == f"{run}: 4 images added"
    again = {file: (run / file).stat().st_mtime_ns for file in files}
    assert [file for file in files if again[file] == before[file]] == [file for file in files if "epoch=001" in file]
    assert render(run).stdout.splitlines()[-1] == f"{run}: 0 images added; the record has all of these views"


def test_processes_share_the_work(copied):
    run = copied["alone"]
    done = render(run, f"evolution.views={{fine: {FINE}}}", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert all(
        np.array_equal(image, pixels(run, "fine")[file]) for file, image in pixels(copied["both"], "fine").items()
    )


def test_only_some_epochs(copied, capsys):
    run = copied["alone"]
    assert main([str(run), f"evolution.views={{fine: {FINE}}}", "--epochs", "2"]) == 0
    assert [bool(snapshot.of_view("fine")) for snapshot in read_evolution(run).snapshots] == [False, True]
    assert main([str(run), "--epochs", "7"]) == 2
    assert "has no snapshot of epoch 7; there are 1, 2" in capsys.readouterr().err


def test_check_names_what_differs(copied):
    run = copied["both"]
    assert render(run, f"evolution.views={{later: {FINE}}}").returncode == 0
    same = render(run, "--check")
    assert (same.returncode, same.stdout) == (0, f"{run}: 24 images have the same bytes, 0 differ\n")
    (file, *_) = pixels(run, "later")
    with Image.open(run / file) as image:
        changed, text = np.array(image), image.text["featevo"]
    changed[0, :2, 0] ^= 7
    Image.fromarray(changed).save(run / file)
    assert json.loads(text)["seed"] == 3
    done = render(run, "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == f"{file}: 2 of {changed.size} bytes differ, by at most 7"
    assert done.stdout.splitlines()[-1] == f"{run}: 23 images have the same bytes, 1 differ"


def test_check_notices_other_weights(copied):
    run = copied["alone"]
    path = run / "checkpoints" / "epoch=002.safetensors"
    state = load_file(path)
    save_file({name: value * 1.1 if value.is_floating_point() else value for name, value in state.items()}, path)
    done = render(run, "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"{run}: 4 images have the same bytes, 4 differ"


def test_check_without_weights_checks_nothing(copied):
    run = copied["alone"]
    (run / "checkpoints" / "epoch=001.safetensors").unlink()
    done = render(run, "--check")
    assert (done.returncode, done.stdout) == (0, f"{run}: 4 images have the same bytes, 0 differ\n")
    assert "epoch=001 classes: not checked, its weights were not kept" in done.stderr
    (run / "checkpoints" / "epoch=002.safetensors").unlink()
    done = render(run, "--check")
    assert done.returncode == 2
    assert "nothing can be checked" in done.stderr


@pytest.mark.parametrize("file", ["best.ckpt", "epoch=002.safetensors"])
def test_a_file_of_a_run_gets_a_record_of_its_own(copied, tmp_path, file):
    run, out = copied["alone"], tmp_path / "out"
    done = render(run / "checkpoints" / file, f"evolution.views={{fine: {FINE}}}", "--out", out)
    assert done.returncode == 0, done.stderr
    (snapshot,) = read_evolution(out).snapshots
    assert [image.name for image in snapshot.of_view("fine")] == ["tree frog", "flamingo", "pool table", "hamburger"]
    if file == "epoch=002.safetensors":
        during, later = pixels(copied["both"], "fine"), pixels(out, "fine")
        last = [image for name, image in during.items() if "epoch=002" in name]
        assert all(np.array_equal(one, other) for one, other in zip(last, later.values(), strict=True))
    assert (out / "report.html").is_file()
    assert problems_of(out) == []
    assert render(out, "--check").returncode == 0


def test_a_bare_state_dict_needs_its_network(tmp_path, made):
    state = load_file(made / "alone" / "checkpoints" / "epoch=002.safetensors")
    torch.save(state, tmp_path / "foreign.pt")
    few = ("data.source.train_per_class=8", "data.source.val_per_class=4", "evolution.steps=2", "data.image_size=32")
    done = render(tmp_path / "foreign.pt", *few, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for words, message in {
        ("data.num_classes=3",): "classifier",
        ("model=vgg11",): "foreign.pt",
        ("data.image_sice=3",): "data.image_sice",
    }.items():
        done = render(tmp_path / "foreign.pt", *few, *words, "--out", tmp_path / "other")
        assert done.returncode == 2, done.stdout
        assert done.stderr.count("\n") == 1
        assert message in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["evolution.steps=3"], "name the folder of a run or a sweep, or a file of weights"),
        (["RUN", "model=vgg11"], "model=vgg11: the rest is as it was trained; only evolution, regularizer"),
        (["RUN", "seed=3"], "seed=3: the rest is as it was trained; only"),
        (["RUN", "evolution.stebs=3"], "stebs"),
        (["RUN", "evolution.steps=3,4"], "evolution.steps=3,4: give one value"),
        (["RUN", "evolution.steps=0"], "evolution.steps=0: must be from 1"),
        (["RUN", "regularizer=clean"], "clean"),
        (["RUN", "evolution.views=[clases]"], "evolution.views.clases: there is no view 'clases'; there are classes"),
        (["RUN", "evolution.views=[[classes"], "evolution.views"),
        (["RUN", "--check", "evolution.steps=3"], "--check draws with the recorded settings"),
        (["RUN", "--jobs", "0"], "--jobs 0: must be at least 1"),
        (["RUN", "--jobs", "2", "evolution.views={a: {view: classes, start: last}}"], "use --jobs 1"),
        (["RUN", "--out", "there"], "images of a run are put into its own record"),
        (["RUN/checkpoints/best.ckpt", "--check"], "--check and --epochs are for the record of a run"),
    ],
)
def test_mistakes_are_one_line(made, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    index = made / "alone" / "evolution" / "index.jsonl"
    before = index.read_bytes()
    assert main([word.replace("RUN", str(made / "alone")) for word in words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert index.read_bytes() == before


def test_other_classes_and_a_running_run_are_refused(copied, capsys, tmp_path):
    run = copied["alone"]
    lines = (run / "evolution" / "index.jsonl").read_text()
    (run / "evolution" / "index.jsonl").write_text(lines.replace("tree frog", "toad"))
    assert main([str(run)]) == 2
    assert "its images are of toad; the data now has tree frog, flamingo" in capsys.readouterr().err
    state = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**state, "status": "running", **identity()}))
    assert main([str(run)]) == 2
    assert "this run is still running" in capsys.readouterr().err


def test_overrides_of_a_strangers_record_build_nothing(copied, tmp_path, capsys):
    run = copied["both"]
    lines = [json.loads(line) for line in (run / "evolution" / "index.jsonl").read_text().splitlines()]
    target = f"evolution.views={{fine: {{_target_: os.mkdir, path: {tmp_path}/built}}}}"
    for line in lines:
        line["provenance"]["views"]["fine"]["overrides"] = [target]
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main([str(run), "--check"]) == 2
    assert "os.mkdir" in capsys.readouterr().err
    assert not (tmp_path / "built").exists()
