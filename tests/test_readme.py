"""The examples of README and the guides work, and their numbers are those of the measured files."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, TensorDataset

from featevo import visualize
from featevo.app.paths import CONF

DOCS = Path(__file__).parent.parent / "docs"
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")
LIBRARY = (DOCS / "visualize.md").read_text(encoding="utf-8")
FIRST = DOCS / "study" / "first"
FIRST_STUDY = (FIRST / "README.md").read_text(encoding="utf-8")
PAGES = [README, *(path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md")))]
ALL = "\n".join(PAGES)
WORDS = " ".join(ALL.split())
BLOCKS = list(dict.fromkeys(re.findall(r"```python\n(.*?)```", ALL, re.DOTALL)))

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:.*tensorboardX"),
]


class Module(pl.LightningModule):
    """A small project of a user."""

    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(32, 3),
        )

    def forward(self, pictures):
        return self.net(pictures)

    def training_step(self, batch, batch_idx):
        pictures, labels = batch
        return F.cross_entropy(self(pictures), labels)

    def validation_step(self, batch, batch_idx):
        pictures, labels = batch
        self.log("val_acc", (self(pictures).argmax(1) == labels).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)

    def train_dataloader(self):
        labels = torch.arange(24) % 3
        return DataLoader(TensorDataset(torch.rand(24, 3, 32, 32) + F.one_hot(labels, 3)[:, :, None, None], labels), 8)

    val_dataloader = train_dataloader


def block(sign):
    """The one example with these words, wherever it is shown."""
    (found,) = (each for each in BLOCKS if sign in each)
    return found


def test_the_callback_in_a_users_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = block("trainer.fit(module, data)")
    assert len([line for line in example.splitlines() if line.strip()]) <= 12
    exec(example, {"module": Module(), "data": None})
    (figure,) = tmp_path.rglob("evolution.png")
    assert list(figure.parent.glob("evolution/epoch=001/*.png"))


class Embedding(Module):
    """Images to points."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Linear(3, 3)

    def forward(self, pictures):
        return self.embedding(self.net(pictures))

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", F.cross_entropy(self(batch[0]), batch[1]))


def test_the_callbacks_of_networks_without_classes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(block("by_person = "), names)
    callbacks = [names["by_person"], names["by_channel"]]
    for number, callback in enumerate(callbacks):
        callback.folder = tmp_path / str(number)
    pl.Trainer(max_epochs=1, callbacks=callbacks, logger=False, enable_checkpointing=False).fit(Embedding())
    assert len(list(tmp_path.glob("0/evolution/epoch=001/*.png"))) == 2
    assert list(tmp_path.glob("1/evolution/epoch=001/channels/*.png"))


def test_drawing_without_lightning():
    names: dict[str, Any] = {"model": Module()}
    exec(block("renders[0].logit, renders[0].probability  #"), names)
    assert names["renders"][0].image.shape == (3, 32, 32)


def test_the_librarys_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    names: dict[str, Any] = {"model": Module()}
    for block in re.findall(r"```python\n(.*?)```", LIBRARY, re.DOTALL):
        exec(block, names)
    assert names["channel"].image.shape == (3, 32, 32)
    for render in names["vital"] + names["both"]:
        assert max(render.trace[1:]) > render.trace[0]
    for render, seed in zip(names["accentuated"], names["seeds"], strict=True):
        assert render.logit > names["model"](seed[None])[0, render.unit]
    with Image.open("accentuated.png") as picture:
        assert (picture.mode, picture.size) == ("RGBA", (32, 32))
    for name in re.findall(r"`([A-Z]\w*[a-z]\w*|L[12])[`(.]", LIBRARY):
        assert hasattr(visualize, name), name


@pytest.mark.parametrize("page", [page for page in PAGES if "train.yaml, gallery.yaml" in page])
def test_the_configuration_tree_is_that_of_the_files(page):
    tree = page.split("# Configuration\n")[1].split("```")[1]
    shown, group = {}, ""
    for line in tree.splitlines():
        if match := re.match(r"  (\w+)/\s+(.*)", line):
            group, rest = match.groups()
            shown[group] = rest
        elif group and line.strip():
            shown[group] += "\n" + line.strip()
    real = {
        folder.name: sorted(file.stem for file in folder.glob("*.yaml")) for folder in CONF.iterdir() if folder.is_dir()
    }
    assert set(shown) == set(real)
    for group, names in real.items():
        for name in names:
            assert re.search(rf"(^|[\n, ]){name}\b", shown[group]), f"{group}/{name}"


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((docs/[^)]+)\)|(docs/[\w./-]+\.\w+)", README))))
def test_linked_files_exist(path):
    file, _, heading = (path[0] or path[1]).partition("#")
    target = CONF.parent / file
    assert target.is_file()
    headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE) if heading else []
    assert not heading or heading in [re.sub(r"[^\w -]", "", words).lower().replace(" ", "-") for words in headings]


def numbers(name):
    return json.loads((DOCS / name).read_text(encoding="utf-8"))


def rounded(value, digits=0, times=1):
    """Rounded, with halves up."""
    return str((Decimal(str(value)) * times).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


@pytest.mark.parametrize("init", ["random", "pretrained"])
def test_the_transfer_table_has_the_values_of_the_file(init):
    group = numbers("transfer.json")["groups"][init]
    first, epochs, best = (group[key] for key in ("first", "epochs_to_90", "best"))
    percents = [f"{rounded(each['mean'], 1, 100)} % ({rounded(each['std'], 1, 100)})" for each in (first, best)]
    cells = [f"`init={init}`", percents[0], f"{rounded(epochs['mean'], 1)} ({rounded(epochs['std'], 1)})", percents[1]]
    assert f"| {' | '.join(cells)} |" in ALL


def test_the_transfer_pairs_have_the_values_of_the_file():
    assert numbers("transfer.json")["pairs"] == {"seeds": 5, "higher_first_epoch": 5, "fewer_epochs_to_90": 5}
    assert "In each of the five seeds the pretrained network had the higher accuracy after epoch 1" in WORDS
    assert "and needed fewer epochs to 90 %." in WORDS


@pytest.mark.parametrize("init", ["random", "pretrained"])
def test_the_forced_choices_have_the_values_of_the_file(init):
    group = numbers("forced_choice.json")["groups"][init]
    cells = [
        f"{rounded(group[when][viewer]['mean'], 0, 100)} % ({rounded(group[when][viewer]['std'], 0, 100)})"
        for viewer in ("EfficientNet-Lite0", "VGG-16")
        for when in ("first", "last")
    ]
    assert f"| `init={init}` | {' | '.join(cells)} |" in ALL
    assert group["last"]["EfficientNet-Lite0"]["runs"] == 5
    assert {rounded(each["mean"], 0, 100) for each in group["noise"].values()} == {"51"}
    real = numbers("forced_choice.json")["runs"][0]["real"]
    names = " and ".join(rounded(real[viewer], 0, 100) for viewer in ("EfficientNet-Lite0", "VGG-16"))
    assert f"Noise gets 51 %; real images compared with each other get {names} %." in WORDS
    runs = [run for run in numbers("forced_choice.json")["runs"] if run["init"] == init]
    shares = [rounded(end(run["last"]["saturated"] for run in runs), 0, 100) for end in (min, max)]
    assert f"{' to '.join(dict.fromkeys(shares))} %" in WORDS.split("Of the values of the last images")[1][:80]


def test_the_table_of_fewer_steps_has_the_values_of_the_file():
    found = numbers("fewer-steps.json")
    text, fast = " ".join(LIBRARY.split()), "cosine from 4 to 1"
    for name in {row["candidate"] for row in found["reached"]}:
        own = [row for row in found["reached"] if row["candidate"] == name]
        assert [row["regularizer"] for row in own] == ["clear", "paper"]
        cells = [
            ", ".join("–" if row[key] is None else f"{row[key]:g}" for row in own)
            for key in ("median", "worst", "recognised")
        ]
        assert f"| {name} | {' | '.join(cells)} |" in LIBRARY
    rows = {(row["regularizer"], (row["candidate"], row["steps"])): row for row in found["rows"]}
    worst, plain = (
        [rounded(rows[name, which]["worst"], 0, 100) for name in ("clear", "paper")]
        for which in ((fast, 16), ("plain", 64))
    )
    assert f'"{fast}", the worst image has {worst[0]} % (`clear`) and {worst[1]} % (`paper`)' in text
    assert f"in 64 plain steps {plain[0]} % and {plain[1]} %. The {worst[0]} % are a frog" in text
    assert f"(the median is {rounded(rows['clear', ('constant 4', 16)]['median'], 0, 100)} % in 16 steps" in text
    times = [
        rounded(found["cpu_seconds"][name]["plain"] / found["cpu_seconds"][name][fast], 1)
        for name in ("clear", "paper")
    ]
    assert f"{times[0]} times faster (`clear`) and {times[1]} times (`paper`)" in text


def test_the_sweep_has_the_values_of_the_file():
    sweep = numbers("init_mode.json")
    best = [Decimal(rounded(job["best"], 1, 100)).normalize() for job in sweep["jobs"]]
    assert [job["overrides"][0] for job in sweep["jobs"]] == ["init=random"] * 3 + ["init=pretrained"] * 3
    sentence = "within six epochs random weights reached {:f}, {:f} and {:f} %, pretrained ones {:f}, {:f} and {:f} %"
    assert sentence.format(*best) in WORDS
    assert {job["epochs"] for job in sweep["jobs"]} == {6}


def test_the_launchers_have_the_values_of_the_file():
    seconds = numbers("launchers.json")["seconds"]
    one, two = (" and ".join(rounded(value) for value in seconds[name]) for name in ("local", "joblib"))
    assert f"took {one} s one after the other, {two} s two at a time" in WORDS


def test_the_class_counts_have_the_values_of_the_file():
    rows = numbers("class_count.json")["rows"]
    classes, each, memory = (
        f"{', '.join(values[:-1])} and {values[-1]}"
        for values in (
            [str(row["classes"]) for row in rows],
            [rounded(row["seconds_per_class"], 2) for row in rows],
            [rounded(row["peak_mb"] / 1000, 2) for row in rows],
        )
    )
    assert f"For {classes} classes of `vgg16_slim`, {numbers('class_count.json')['steps']} steps" in WORDS
    assert f"{each} s per class, and {memory} GB for the whole process" in WORDS


def test_the_deviations_of_batches_have_the_values_of_the_file():
    snapshots = numbers("batch-deviation.json")["snapshots"]
    alone, seeds = (
        " to ".join(rounded(end(one[key] for one in snapshots), 2) for end in (min, max))
        for key in ("mean_pixel", "mean_pixel_between_seeds")
    )
    assert f"differs by {alone} on average over pixels (range 0 to 1), where two seeds differ by {seeds}," in WORDS
    assert f"a logit within {rounded(max(one['logit'] for one in snapshots), 0, 100)} %" in WORDS


@pytest.mark.parametrize("text", [README, FIRST_STUDY], ids=["README", "docs/study/first/README"])
def test_no_withdrawn_verdict_is_shown(text):
    """The texts only state that verdicts are withdrawn, and their numbers are those of the study's file.

    What README says of the second study is tested beside that study's records.
    """
    of_first = re.sub(
        r"On drawn scenes and on Fashion-MNIST.*?are undecided\.",
        "",
        text.replace("## Not supported (yet)", ""),
        flags=re.DOTALL,
    )
    assert not re.search(r"supported|contradicted|undecided", of_first)
    assert "withdrawn" in text
    assert "claim-" not in text
    reasons = (FIRST / "study.md").read_text(encoding="utf-8")
    for number in ("0.92", "0.31", "22.4", "23.0"):
        assert number in text
        assert number in reasons


def test_recognition_below_chance_is_the_value_of_the_first_study():
    """Its values are (p - 1/8) / (1 - 1/8)."""
    study = json.loads((FIRST / "study.json").read_text(encoding="utf-8"))
    (claim,) = [claim for claim in study["claims"] if claim["key"] == "3"]
    p = [y * 7 / 8 + 1 / 8 for panel in claim["panels"] for line in panel["lines"] for y in line["y"]]
    assert (len(p), max(p) < 1 / 8) == (24, True)
    for text in (FIRST_STUDY, (DOCS / "measures.md").read_text(encoding="utf-8")):
        assert f"{min(p):.3f} to {max(p):.3f}, where chance is 0.125" in " ".join(text.split())


@pytest.mark.parametrize("word", ["riddle", "recogni", "emergence"])
def test_unmeasured_properties_are_not_claimed(word):
    assert word not in README


def test_the_table_of_layers_has_every_package():
    table = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| package |")[1].split("\n\n")[0]
    packages = {path.name for path in (CONF.parent / "featevo").iterdir() if path.is_dir()} - {"__pycache__"}
    assert packages <= set(re.findall(r"`(\w+)`", table))
