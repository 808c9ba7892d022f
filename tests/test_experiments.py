"""Presets: they agree with the paper, and they run."""

import json
import re

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from PIL import Image
from safetensors.torch import save_file

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.model.vgg import vgg

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

PAPER = {
    "paper_random": {1: 60, 2: 80, 4: 83, 6: 88, 8: 89, 12: 90, 13: 91, 18: 92, 23: 93},
    "paper_pretrained": {1: 59, 2: 89, 6: 91, 7: 95, 8: 96, 14: 96, 20: 93},
}
FOUR = ["n01644373", "n02007558", "n03982430", "n07697313"]
TINY = ("model.width=0.1", "model.hidden=8", "model.pool=1", "data.image_size=32", "data.val_size=8")
QUICK = ("trainer.max_epochs=1", "trainer.accelerator=cpu", "evolution.steps=2", "logger=none")


def composed(*overrides):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", list(overrides))


@pytest.fixture
def imagenet(tmp_path):
    """Four classes of ImageNet in the usual layout, six noisy JPEGs each, and a fifth that is not used."""
    generator = np.random.default_rng(0)
    for wnid in [*FOUR, "n01440764"]:
        folder = tmp_path / "imagenet" / "train" / wnid
        folder.mkdir(parents=True)
        for index in range(6):
            pixels = generator.integers(0, 256, (40, 50, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{wnid}_{index}.JPEG", format="JPEG")
    return tmp_path / "imagenet"


@pytest.mark.parametrize("preset", PAPER)
def test_presets_quote_the_papers_tables(preset):
    text = (CONF / "experiment" / f"{preset}.yaml").read_text()
    epochs = re.search(r"# +epoch +([\d ]+)", text)
    accuracies = re.search(r"# +validation accuracy +([\d% ]+)", text)
    assert epochs is not None
    assert accuracies is not None
    numbers = [int(number) for number in accuracies[1].replace("%", "").split()]
    assert dict(zip(map(int, epochs[1].split()), numbers, strict=True)) == PAPER[preset]


@pytest.mark.parametrize("preset", PAPER)
def test_presets_are_the_papers_settings(preset):
    cfg = composed(f"experiment={preset}")
    assert cfg.data.val_size == 400
    assert cfg.data.image_size == 224
    assert (cfg.model._target_, cfg.model.depth, cfg.model.width, cfg.model.hidden) == (
        "featevo.model.vgg.vgg",
        16,
        1.0,
        4096,
    )
    assert cfg.optimizer._target_ == "torch.optim.Adadelta"
    assert cfg.init.name == preset.removeprefix("paper_")
    assert cfg.trainer.max_epochs == max(PAPER[preset])
    assert cfg.evolution.trigger.value == "improvement"
    assert cfg.evolution.last_epoch == (preset == "paper_pretrained")
    median = cfg.regularizer.operators.median
    assert (median.kernel_size, median.every, cfg.regularizer.operators.clip.every) == (5, 4, 1)


@pytest.mark.parametrize("preset", PAPER)
def test_presets_run_on_an_imagenet_folder(preset, imagenet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / "features.safetensors"
    features = vgg(4, width=0.1, hidden=8, pool=1).features.state_dict()
    save_file({f"features.{name}": tensor for name, tensor in features.items()}, weights)
    given = [f"init.weights={weights}"] if preset == "paper_pretrained" else []
    train(composed(f"experiment={preset}", f"data.root={imagenet}", *TINY, *QUICK, *given))
    (path,) = tmp_path.glob("outputs/*/*/evolution/index.jsonl")
    renders = json.loads(path.read_text().splitlines()[-1])["renders"]
    assert [render["name"] for render in renders] == ["tree frog", "flamingo", "pool table", "hamburger"]
