"""Measures of finished runs: the same as during training, computed only from weights and images."""

import json
import shutil
import urllib.request
from urllib.error import URLError

import pytest
from omegaconf import OmegaConf

from featevo.app.remeasure import remeasure
from featevo.commands.measure import main
from featevo.errors import UserError
from featevo.model.origins import SHIPPED
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
        entry["measures"] = {"confusion/crops": 0.125}
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert main([str(run)]) == 0
    (first, _) = lines(run)
    assert first["measures"]["confusion/crops"] == 0.125, "what cannot be measured again stays"
    assert "complexity/pieces" in first["measures"]
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


def test_another_judge_also_gives_the_effective_rank(made, tmp_path):
    """The shipped judge fails the ladder, which is recorded; values of removed measures stay."""
    run = tmp_path / "judged"
    shutil.copytree(made, run)
    entries = lines(run)
    for entry in entries:
        entry["measures"]["recognition/judge"] = entry["renders"][0]["measures"]["recognition/judge"] = 0.25
    (run / "evolution" / "index.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert main([str(run), "--judge", str(SHIPPED["vgg16_slim"])]) == 0
    for entry in lines(run):
        assert "complexity/effective_rank" in entry["provenance"]["measures"]["refused"]
        assert entry["measures"]["recognition/judge"] == entry["renders"][0]["measures"]["recognition/judge"] == 0.25
