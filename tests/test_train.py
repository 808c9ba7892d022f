"""The main job, from configuration to record, on real parts."""

import csv
import json

import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

from featevo.config import register
from featevo.errors import UserError
from featevo.paths import CONF
from featevo.train import train

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

SMALL = ("debug=smoke", "logger=none", "trainer.accelerator=cpu")
FEW = ("data.source.train_per_class=8", "data.source.val_per_class=4")


def run(monkeypatch, folder, *overrides):
    register()
    monkeypatch.chdir(folder)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [*SMALL, *(() if "data=folder" in overrides else FEW), *overrides])
    metrics = train(cfg)
    (run_folder,) = folder.glob("outputs/*/*")
    return metrics, run_folder


def test_a_run_leaves_everything_that_is_promised(tmp_path, monkeypatch, capsys):
    metrics, folder = run(monkeypatch, tmp_path, "evolution.trigger=every_epoch", "evolution.before_training=true")
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"], record["name"]) == ("finished", None, "scenes-random")
    assert record["metrics"] == metrics
    assert {"versions", "git_commit", "seconds", "wandb", "overrides"} <= set(record)
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[-1]["val_acc"]) == metrics["val_acc"]
    assert metrics["best_val_acc"] == max(float(row["val_acc"]) for row in rows)
    assert metrics["epochs"] == 2
    lines = [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1, 2]
    for line in lines:
        assert [render["name"] for render in line["renders"]] == ["tree frog", "flamingo", "pool table", "hamburger"]
        assert (folder / "checkpoints" / f"epoch={line['epoch']:03d}.safetensors").is_file()
        for render in line["renders"]:
            with Image.open(folder / render["file"]) as picture:
                assert picture.size == (32, 32)
    with Image.open(folder / "evolution.webp") as film:
        assert film.n_frames == 3
    for name in ("evolution.png", "evolution.md", "report.html", "checkpoints/best.ckpt", "checkpoints/last.ckpt"):
        assert (folder / name).stat().st_size > 0, name
    assert not list(folder.rglob("*.tmp"))
    shown = capsys.readouterr().out
    assert "Run folder:" in shown
    assert "evolution.png" in shown


def test_checkpoints_load_without_unpickling(tmp_path, monkeypatch):
    _, folder = run(monkeypatch, tmp_path)
    for name in ("best", "last"):
        assert "state_dict" in torch.load(folder / "checkpoints" / f"{name}.ckpt", weights_only=True)


def test_without_evolution_the_weights_are_the_same(tmp_path, monkeypatch):
    """Promise 1 for the whole command."""
    folders = []
    for name, override in {"on": "evolution.trigger=every_epoch", "off": "evolution=off"}.items():
        (tmp_path / name).mkdir()
        folders.append(run(monkeypatch, tmp_path / name, override)[1])
    on, off = (torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True) for folder in folders)
    assert all(torch.equal(tensor, off["state_dict"][name]) for name, tensor in on["state_dict"].items())
    assert torch.equal(*(torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["optimizer_states"][0]["state"][0]["acc_delta"] for folder in folders))  # fmt: skip  # noqa: E501
    assert (folders[0] / "metrics.csv").read_text() == (folders[1] / "metrics.csv").read_text()
    assert not (folders[1] / "evolution").exists()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.image_size=16"], "data.image_size"),
        (["data=folder", "data.image_size=16", "data.root=/nowhere"], "data.root"),
        (["init=pretrained"], "init=pretrained: no pretrained weights are shipped"),
        (["init.scheme=he"], "init.scheme=he: there are kaiming, xavier"),
        (["trainer.accelerator=gpu"], "trainer: .*[Gg][Pp][Uu]"),
        (["trainer.precision=12"], "trainer: .*[Pp]recision"),
        (["optimizer.lr=-1"], "optimizer: .*learning rate"),
        (["data.num_classes=99999"], "data.num_classes"),
        (["data.classes=[flamingo,dodo]"], "dodo"),
        (["evolution.steps=0"], "evolution: steps=0"),
        (["regularizer.operators.median.kernel_size=4"], "regularizer.operators.median: kernel_size=4"),
        (["model._target_=featevo.model.vgg.vgg17"], "model: "),
        (["data.batch_size=0"], "data.batch_size=0: must be at least 1"),
        (["data.num_workers=-1"], "data.num_workers=-1: must be at least 0"),
        (["evolution.chunk_size=0"], "evolution: chunk_size=0"),
    ],
)
def test_a_mistake_is_one_line_and_on_record(tmp_path, monkeypatch, overrides, message):
    if torch.cuda.is_available() and "trainer.accelerator=gpu" in overrides:
        pytest.skip("there is a GPU")
    with pytest.raises(UserError, match=message) as error:
        run(monkeypatch, tmp_path, *overrides)
    assert "\n" not in str(error.value)
    (record,) = tmp_path.glob("outputs/*/*/run.json")
    assert json.loads(record.read_text())["status"] == "failed"
    assert json.loads(record.read_text())["error"] == str(error.value)
