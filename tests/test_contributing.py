"""The examples of CONTRIBUTING.md work unchanged: each is used by the part that it extends."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from featevo.app.instantiate import build
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.data.module import ImageDataModule
from featevo.record.reading import read_evolution
from featevo.tracking.trackers import drain, notify, without_images
from tests.tracking.parts import snapshot_of

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = {match[1]: match[2] for match in re.finditer(r"```python\n# (\w+)\.py\n(.*?)```", TEXT, re.DOTALL)}
SMALL = ("debug=smoke", "trainer.accelerator=cpu", "trainer.max_epochs=1", "logger=none", "data.source.val_per_class=4")

pytestmark = [
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
]


@pytest.fixture
def example(monkeypatch):
    """Import a code block as the file named in its first line."""

    def load(name):
        module = ModuleType(name)
        exec(compile(BLOCKS[name], f"{name}.py", "exec"), vars(module))
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return load


def overrides(part):
    """The overrides of the command below an example."""
    (found,) = re.findall(rf'`python -m featevo\.train "([^`]*{part}[^`]*)"`', TEXT)
    return [found]


def run(monkeypatch, folder, *words):
    monkeypatch.chdir(folder)
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [*SMALL, *words])
    train(cfg)
    (index,) = folder.rglob("index.jsonl")
    return read_evolution(index.parents[1]).snapshots[0]


def test_every_kind_of_part_has_an_example():
    assert set(BLOCKS) == {"my_operators", "my_views", "my_sources", "my_measures", "my_tracker"}


def test_an_operator(example, monkeypatch, tmp_path):
    example("my_operators")
    snapshot = run(monkeypatch, tmp_path, "measures=off", *overrides("my_operators"))
    assert "Darken" in snapshot.provenance["regularizer"]["operators"]["darken"]


def test_a_view(example, monkeypatch, tmp_path):
    example("my_views")
    snapshot = run(monkeypatch, tmp_path, *overrides("my_views"))
    assert len(snapshot.of_view()) > 0
    names = [image.name for image in snapshot.of_view("filters")]
    assert names == [f"filter {unit}" for unit in range(len(names))]
    assert len(list(tmp_path.glob("**/evolution/epoch=001/filters/*.png"))) == len(names) > 0


def test_a_source(example):
    example("my_sources")
    source = build(OmegaConf.create({"_target_": "my_sources.SquaresSource", "image_size": 32}), "data.source")
    data = ImageDataModule(source, batch_size=4, num_workers=0, seed=0, cache_gb=0)
    data.setup()
    assert (data.classes, data.image_size, data.num_channels) == (("black", "dark", "grey"), 32, 3)
    pictures, labels = next(iter(data.val_dataloader()))
    assert pictures[labels == 2].unique().tolist() == [120]


def test_a_measure(example, monkeypatch, tmp_path):
    example("my_measures")
    snapshot = run(monkeypatch, tmp_path, *overrides("my_measures"))
    each = [image.values["probability"] for image in snapshot.images]
    assert snapshot.measures["confidence/own"] == pytest.approx(sum(each) / len(each), abs=1e-3)


def test_a_tracker(example, tmp_path):
    logger = example("my_tracker").MyLogger()
    assert without_images([logger]) == []
    taken = snapshot_of(tmp_path)
    notify([logger], taken, 7)
    drain([logger])
    assert logger.seen == {(image.name, 7): (12, 12, 3) for image in taken.snapshot.images}


def test_the_table_of_packages_is_the_contract():
    contract = re.search(r"^layers = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert contract is not None
    layers = re.findall(r"\w+", contract[1])
    table = TEXT.split("| package |")[1].split("\n\n")[0]
    assert [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])] == layers
