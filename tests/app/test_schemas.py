"""The configuration tree: every file composes, every public name can be set, every typo is named."""

import inspect
import re

import pytest
import pytorch_lightning as pl
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from featevo.app.exit import explain
from featevo.app.paths import CONF
from featevo.app.schemas import GalleryConfig, TrainConfig, plain, register
from featevo.evolve.callback import ON_ERROR, FeatureEvolutionCallback
from featevo.model.init import initialise
from featevo.views.classes import LAST, OBJECTIVES
from featevo.visualize.parameterizations.start import STARTS
from featevo.visualize.settings import AscentSettings

BUILT = {"classes", "image_size", "channels", "mean", "std", "regularizer", "examples", "folder", "config"}
BUILT |= {"measuring", "measures", "real", "output", "name", "page"}
"""Arguments of the callback that the code gives."""

FILES = sorted(path.relative_to(CONF) for path in CONF.glob("*/*.yaml"))


def composed(*overrides):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", list(overrides), return_hydra_config=False)


def error_line(*overrides):
    with pytest.raises((HydraException, OmegaConfBaseException)) as error:
        composed(*overrides)
    return explain(error.value)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_composes_and_opens_with_its_command(path):
    group, choice = path.parts[0], path.stem
    plain(composed(f"{group}={choice}"))
    comments = [line for line in (CONF / path).read_text().splitlines() if not line.startswith("# @package")]
    assert re.match("# python -m featevo.(train|gallery) ", comments[0]), "its command comes first"
    assert f"{group}={choice}" in comments[0] or group in ("evolution", "trainer")
    assert comments[1].startswith("# "), "then its description"


@pytest.mark.parametrize("name", [n for n in inspect.signature(pl.Trainer.__init__).parameters if n != "self"])
def test_every_argument_of_lightnings_trainer_is_a_key(name):
    assert vars(TrainConfig().trainer)[name] == inspect.signature(pl.Trainer.__init__).parameters[name].default
    assert name in composed().trainer
    composed(f"trainer.{name}=null")


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "data.num_classes=3",
        "data.root=/x",
        "data.image_size=32",
        "data.val_size=0.1",
        "data.val_size=400",
        "init=random",
        "init=pretrained",
        "init=checkpoint",
        "init.weights=/x",
        "init.freeze=block1",
        "init.strict=false",
        "data.channels=1",
        "model=vgg16",
        "model=vgg16_slim",
        "optimizer=adadelta",
        "optimizer=adamw",
        "optimizer=sgd",
        "augmentation=standard",
        "augmentation=none",
        "evolution.steps=3",
        "evolution.step_size=0.1",
        "evolution.trigger=every_epoch",
        "evolution.first_step=4",
        "evolution=off",
        "evolution=fast",
        "logger=wandb",
        "logger=csv",
        "logger=none",
        "logger.tracker={_target_: builtins.dict}",
        "regularizer.operators.median.every=8",
        "regularizer.operators.median=null",
    ],
)
def test_public_names_can_be_set(override):
    composed(override)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "data.num_clases=4",
            "data.num_clases: there is no such key in data (did you mean num_classes?)",
        ),
        ("trainer.max_epoch=4", "trainer.max_epoch: there is no such key in trainer (did you mean max_epochs?)"),
        (
            "model.widht=1",
            "model.widht: there is no such key in model (did you mean width?)",
        ),
        ("regularizer.operators.median.size=3", "there are _target_, kernel_size, border, every"),
        ("nonsense=1", "nonsense: there is no such key; there are name, seed, model"),
        ("data.num_classes=four", "data.num_classes: Value 'four' of type 'str' could not be converted to Integer"),
        ("evolution.trigger=never", "expected one of [improvement, every_epoch, every_n]"),
        ("evolution.mode=best", "evolution.mode: Invalid value 'best', expected one of [max, min]"),
        ("evolution.objective=x", "evolution.objective: Invalid value 'x', expected one of [logit, log_probability]"),
        ("evolution.start=x", "evolution.start: Invalid value 'x', expected one of [noise, mean, last]"),
        ("evolution.steps=1.5", "evolution.steps: Value '1.5' of type 'float' could not be converted to Integer"),
        ("evolution.step_size=a", "evolution.step_size: Value 'a' of type 'str' could not be converted to Float"),
        ("evolution.steps=null", "evolution.steps: field 'evolution.steps' is not Optional"),
        ("evolution.folder=x", "evolution.folder: there is no such key in evolution"),
        ("init.origin=x", "init.origin: there is no such key in init"),
        ("init.strict=x", "init.strict: Value 'x' is not a valid bool"),
        ("evolution.on_error=stop", "evolution.on_error: Invalid value 'stop', expected one of [continue, raise]"),
        ("data=folders", "Could not find 'data/folders' Available options in 'data': cifar10"),
        ("seed=[1", "no viable alternative"),
    ],
)
def test_a_mistake_is_one_line_with_the_valid_names(override, message):
    line = error_line(override)
    assert message in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("section", "configured", "given"),
    [("evolution", FeatureEvolutionCallback, BUILT), ("init", initialise, {"net", "origin"})],
    ids=["evolution", "init"],
)
def test_the_keys_are_the_arguments_of_the_code_with_its_defaults(section, configured, given):
    parameters = inspect.signature(configured).parameters
    further = {"enabled"} if section == "evolution" else {"mean", "std"}
    assert set(composed()[section]) == set(parameters) - given | further
    values = {key: value for key, value in plain(composed())[section].items() if key in parameters and key != "name"}
    assert len(values) >= 4
    own = {"steps": 64} if section == "evolution" else {}  # fewer than the engine's, see the file
    assert values == {key: parameters[key].default for key in values} | own


def test_the_choices_are_those_of_the_code():
    def choices(key):
        return [member.name for member in type(composed().evolution[key])]

    assert choices("objective") == list(OBJECTIVES)
    assert choices("start") == [*STARTS, LAST]
    assert choices("on_error") == list(ON_ERROR)


@pytest.mark.parametrize("path", ["evolution/default.yaml", "measures/default.yaml", "init/random.yaml"])
def test_every_key_of_a_section_is_in_its_file(path):
    written = set(re.findall(r"\w+", (CONF / path).read_text()))
    assert set(composed()[path.partition("/")[0]]) <= written


def test_base_files_are_not_choices():
    assert not {"data_base", "vgg_base"} & {path.stem for path in FILES}
    assert {path.stem for path in CONF.glob("*.yaml")} == {"train", "gallery", "data_base", "vgg_base"}


def test_the_plain_config_has_no_omegaconf_left():
    def types(node):
        if isinstance(node, dict):
            return {type(node)}.union(*map(types, node.values()))
        if isinstance(node, list):
            return {type(node)}.union(*map(types, node))
        return {type(node)}

    assert types(plain(composed("data.classes=[flamingo,hamburger]"))) <= {
        dict,
        list,
        str,
        int,
        float,
        bool,
        type(None),
    }


def test_composing_needs_no_hydra_run():
    assert not HydraConfig.initialized()
    assert composed().name == "scenes-random"


def test_the_settings_of_an_ascent_have_the_defaults_of_the_engine():
    ascent, settings = AscentSettings(), composed("evolution=default").evolution
    callback = inspect.signature(FeatureEvolutionCallback).parameters
    assert callback["steps"].default == ascent.steps
    for name in ("step_size", "first_step", "seed", "start", "chunk_size"):
        assert plain(settings)[name] == callback[name].default == getattr(ascent, name), name
    assert (GalleryConfig().steps, GalleryConfig().step_size) == (ascent.steps, ascent.step_size)
    files = (CONF / "evolution" / "default.yaml", CONF / "gallery.yaml")
    assert not any(re.search(r"^(step_size|chunk_size):", path.read_text(), re.MULTILINE) for path in files)
