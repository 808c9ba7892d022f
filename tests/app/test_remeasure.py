"""Measures of finished runs: the same as during training, computed only from weights and images."""

import json
import os
import pickle
import shutil
import urllib.request
from contextlib import suppress
from urllib.error import URLError

import pytest
import torch
from omegaconf import OmegaConf
from safetensors.torch import save_file

from featevo.app.remeasure import remeasure
from featevo.commands.measure import main
from featevo.errors import UserError
from featevo.model.origins import SHIPPED
from featevo.record.check import problems_of
from tests.data.parts import composed
from tests.processes import SMALL, command

MADE = (*SMALL, "trainer.max_epochs=2", "evolution.trigger=every_epoch", "logger=none", "hydra.run.dir=run")
WITH_SEEDS = ("data.image_size=64", "measures.pictures=12", "measures.seeds=1")

pytestmark = pytest.mark.filterwarnings("ignore:.*does not have many workers")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run that measured while it trained."""
    folder = tmp_path_factory.mktemp("made")
    done = command(folder, *MADE, *WITH_SEEDS)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def lines(run):
    return [json.loads(line) for line in (run / "evolution" / "index.jsonl").read_text().splitlines()]


def test_measures_afterwards_are_those_of_training(made, tmp_path, capsys):
    run = tmp_path / "again"
    shutil.copytree(made, run)
    before = lines(run)
    controls = json.loads((run / "evolution" / "controls.json").read_text())
    bare = [{**entry, "measures": {}, "renders": [{**r, "measures": {}} for r in entry["renders"]]} for entry in before]
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in bare))
    (run / "evolution" / "controls.json").unlink()

    assert main([str(run)]) == 0
    assert capsys.readouterr().out.endswith(f"{run}: 2 snapshots measured\n")
    for old, new in zip(before, lines(run), strict=True):
        # Files have 8 bits per value; during training floats were measured.
        assert new["measures"] == pytest.approx(old["measures"], rel=0.05, abs=0.02)
        assert new["renders"][0]["file"] == old["renders"][0]["file"]
        for one, other in zip(old["renders"], new["renders"], strict=True):
            assert other["measures"].keys() == one["measures"].keys()
    again = json.loads((run / "evolution" / "controls.json").read_text())
    known, new = (each["stability/distance"]["seeds"] for each in (controls, again))
    assert new == pytest.approx(known, rel=0.1)
    assert problems_of(run) == []


def test_transfer_applies_each_epochs_network_to_each_epochs_renders(made, tmp_path):
    run = tmp_path / "transfer"
    shutil.copytree(made, run)
    assert main([str(run)]) == 0
    table = json.loads((run / "evolution" / "transfer.json").read_text())
    assert table["epochs"] == [1, 2]
    for number, entry in enumerate(lines(run)):
        own = sum(render["probability"] for render in entry["renders"]) / len(entry["renders"])
        assert table["probabilities"][number][number] == pytest.approx(own, abs=0.02)


def test_without_weights_images_are_measured_nevertheless(made, tmp_path):
    run = tmp_path / "bare"
    shutil.copytree(made, run, ignore=shutil.ignore_patterns("*.safetensors"))
    entries = lines(run)
    for entry in entries:
        entry["measures"] = {"clones/patches": 0.125, "clones/of_another_bundle": 0.25}
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert main([str(run)]) == 0
    (first, _) = lines(run)
    assert first["measures"]["clones/patches"] == 0.125, "what cannot be measured again stays"
    assert first["measures"]["clones/of_another_bundle"] == 0.25
    assert "picture/contrast" in first["measures"]
    assert not (run / "evolution" / "transfer.json").exists()


def test_mistakes_are_one_line(made, tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "neither a run folder nor a sweep's" in capsys.readouterr().err
    shutil.copytree(made, tmp_path / "run")
    assert main([str(tmp_path / "run"), "--judge", "nowhere.safetensors"]) == 2
    assert "there is no such file" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "run" / ".hydra")
    assert main([str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert "config.yaml was looked for in .hydra" in error
    assert error.count("\n") == 1


def test_a_source_with_an_old_name_is_built(make_run, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    cfg = composed("cifar10", f"data.root={tmp_path}")
    source = {key: value for key, value in cfg.data.source.items() if key != "dataset"}
    cfg.data.source = {**source, "_target_": "featevo.data.cifar.CifarSource", "variant": 10}
    folder = make_run()
    (folder / ".hydra").mkdir()
    OmegaConf.save(cfg, folder / ".hydra" / "config.yaml")
    with pytest.raises(UserError, match="CIFAR-10 is not there and cannot be downloaded"):
        remeasure(folder)


def test_removed_measures_are_left_out(made, tmp_path):
    """Runs of earlier versions name them in their configuration."""
    run = tmp_path / "older"
    shutil.copytree(made, run)
    path = run / ".hydra" / "config.yaml"
    cfg = OmegaConf.load(path)
    cfg.measures.classes = 4
    cfg.measures.terms.recognition = {"_target_": "featevo.measure.recognition.Recognition"}
    cfg.measures.terms.confusion_judge = {"_target_": "featevo.measure.confusion.JudgeConfusion"}
    OmegaConf.save(cfg, path)
    assert main([str(run)]) == 0
    assert not [name for name in lines(run)[0]["measures"] if name.startswith("recognition/")]


def test_another_bundle_is_measured_and_values_of_removed_measures_stay(made, tmp_path, capsys):
    run = tmp_path / "judged"
    shutil.copytree(made, run)
    entries = lines(run)
    for entry in entries:
        entry["measures"]["recognition/judge"] = entry["renders"][0]["measures"]["recognition/judge"] = 0.25
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert main([str(run), "--measures", "layers", "--judge", str(SHIPPED["vgg16_slim"])]) == 2
    assert "no measure needs a judge" in capsys.readouterr().err
    assert main([str(run), "--measures", "nowhere"]) == 2
    assert "--measures nowhere: allowed are default, layers, off, viewers" in capsys.readouterr().err
    assert main([str(run), "--measures", "layers", "--vgg16", "nowhere.safetensors"]) == 2
    assert "nowhere.safetensors" in capsys.readouterr().err
    assert main([str(run), "--measures", "layers"]) == 0
    for entry in lines(run):
        assert 0 <= entry["measures"]["clones/grey"] <= 1
        assert "picture/contrast" not in entry["measures"]
        assert entry["measures"]["recognition/judge"] == entry["renders"][0]["measures"]["recognition/judge"] == 0.25


class Marks:
    """A pickle that makes a folder when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def strangers(made, tmp_path, change):
    """A copy of the run with a change of its configuration."""
    run = tmp_path / "strangers"
    shutil.copytree(made, run)
    path = run / ".hydra" / "config.yaml"
    cfg = OmegaConf.load(path)
    change(cfg, run)
    OmegaConf.save(cfg, path)
    return run


def quickly(cfg, run):
    cfg.measures.update({"seeds": 0, "terms": {"contrast": cfg.measures.terms.contrast}})


def unpickles(cfg, run):
    (run / "net.pt").write_bytes(pickle.dumps(Marks(run.parent / "executed"), 2))
    cfg.robustness = {"_target_": "torch.load", "f": str(run / "net.pt"), "weights_only": False}


def runs_a_folder(cfg, run):
    (run / "hubconf.py").write_text(f"import os\nos.mkdir({str(run.parent / 'executed')!r})\n")
    cfg.model = {"_target_": "torch.hub.load", "repo_or_dir": str(run), "model": "net", "source": "local"}


def hides(cfg, run):
    """In an argument of an own class."""
    unpickles(cfg, run)
    cfg.regularizer.operators.clip.low, cfg.robustness = cfg.robustness, {}


def imports(cfg, run):
    (run.parent / "evil.py").write_text(f"import os\nos.mkdir({str(run.parent / 'executed')!r})\n")
    cfg.measures.terms.mine = {"_target_": "evil.Mine"}


@pytest.mark.parametrize("change", [unpickles, runs_a_folder, hides, imports])
def test_a_strangers_configuration_is_not_executed(made, tmp_path, capsys, monkeypatch, change):
    monkeypatch.syspath_prepend(tmp_path)
    run = strangers(made, tmp_path, change)
    before = lines(run)
    assert main([str(run)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"Error: {run}/.hydra/config.yaml: ")
    assert "is not a part of featevo" in error
    assert "add --trust" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "executed").exists()
    assert lines(run) == before
    # It would have been.
    with suppress(Exception):
        main([str(run), "--trust"])
    assert (tmp_path / "executed").exists()


def test_a_run_with_callbacks_of_the_users_own_needs_no_trust(made, tmp_path):
    def change(cfg, run):
        cfg.trainer.callbacks = [{"_target_": "mine.Callback"}]
        cfg.logger.tracker = {"_target_": "mine.Logger", "save_dir": "${hydra:run.dir}"}
        quickly(cfg, run)

    assert main([str(strangers(made, tmp_path, change))]) == 0


def test_a_strangers_configuration_does_not_read_the_environment(made, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")

    def change(cfg, run):
        cfg.init = {"name": "pretrained", "weights": "${oc.env:SECRET}"}

    assert main([str(strangers(made, tmp_path, change))]) == 2
    error = capsys.readouterr().err
    assert "init.weights=${oc.env:SECRET}: interpolates more than another key" in error
    assert "hunter2" not in error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"- 1\n", "holds no mapping"),
        (b"", "holds no mapping"),
        (b"a: [", "cannot be read"),
        (b"a: &a [1]\nb: [*a, *a]\n", "has YAML aliases"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "is nested more than 64 levels deep"),
        (b"measures: 1\n", "cannot be read"),
        (b"data: null\n", "cannot be read"),
        (b"seed: 1\n", ""),
    ],
)
def test_a_configuration_that_cannot_be_read_is_one_line(made, tmp_path, capsys, content, words):
    run = tmp_path / "run"
    shutil.copytree(made, run)
    (run / ".hydra" / "config.yaml").write_bytes(content)
    assert main([str(run)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    (run / ".hydra" / "config.yaml").unlink()
    os.mkfifo(run / ".hydra" / "config.yaml")
    assert main([str(run)]) == 2


def out_of_the_index(run, victim):
    entries = [{**entry, "folder": f"../../{victim.name}"} for entry in lines(run)]
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def replaced_by_a_link(*parts):
    def change(run, victim):
        path = run.joinpath(*parts)
        if path.is_dir():
            shutil.copytree(path, victim, dirs_exist_ok=True)
            shutil.rmtree(path)
            path.symlink_to(victim)
        else:
            (victim / path.name).write_text("{}")
            path.unlink(missing_ok=True)
            path.symlink_to(victim / path.name)

    return change


LEAVE = {
    "folder in the index": (out_of_the_index, "is not the name of a folder"),
    "folder of a snapshot": (replaced_by_a_link("evolution", "epoch=001"), "is not inside"),
    "matrices": (replaced_by_a_link("evolution", "epoch=001", "confusion.json"), "is not inside"),
    "controls": (replaced_by_a_link("evolution", "controls.json"), "is not inside"),
    "transfer": (replaced_by_a_link("evolution", "transfer.json"), "is not inside"),
    "weights": (replaced_by_a_link("checkpoints", "epoch=001.safetensors"), "is not inside"),
    "all weights": (replaced_by_a_link("checkpoints"), "is not inside"),
}


@pytest.mark.parametrize(("change", "words"), LEAVE.values(), ids=LEAVE)
def test_no_path_leaves_the_folder(made, tmp_path, capsys, change, words):
    run, victim = tmp_path / "run", tmp_path / "victim"
    shutil.copytree(made, run)
    victim.mkdir()
    change(run, victim)
    before = {path: path.read_bytes() for path in victim.rglob("*") if path.is_file()}
    index = (run / "evolution" / "index.jsonl").read_bytes()
    assert main([str(run)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert {path: path.read_bytes() for path in victim.rglob("*") if path.is_file()} == before
    assert (run / "evolution" / "index.jsonl").read_bytes() == index


def test_a_run_folder_that_is_a_link_is_measured(made, tmp_path):
    (tmp_path / "link").symlink_to(strangers(made, tmp_path, quickly))
    assert main([str(tmp_path / "link")]) == 0


def cut(path):
    path.write_bytes(path.read_bytes()[:1000])


def foreign(path):
    save_file({"features.0.weight": torch.zeros(2, 3, 3, 3)}, path)


def fifo(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(cut, "cannot be read"), (foreign, "does not fit the network of the run"), (fifo, "is not a regular file")],
)
def test_weights_that_cannot_be_used_are_named(made, tmp_path, capsys, spoil, words):
    run = tmp_path / "run"
    shutil.copytree(made, run)
    spoil(run / "checkpoints" / "epoch=001.safetensors")
    assert main([str(run)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"Error: {run}/checkpoints/epoch=001.safetensors {words}")
    assert error.count("\n") == 1
