"""Measures as users configure them, and errors of the command for mistakes."""

import json
import re

import pytest
from hydra import compose, initialize_config_dir

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.errors import UserError
from featevo.measure.needs import Need
from tests.processes import SMALL, command

TINY = (
    *SMALL,
    "trainer.max_epochs=1",
    "logger=none",
    "hydra.run.dir=run",
    "data.image_size=64",
    "measures.pictures=12",
)


def in_process(monkeypatch, folder, *overrides):
    """Train in this process, as a new one takes seconds to start."""
    register()
    monkeypatch.chdir(folder)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [word for word in (*TINY, *overrides) if not word.startswith("hydra.")])
    train(cfg)


def line(folder):
    return json.loads((folder / "evolution" / "index.jsonl").read_text().splitlines()[-1])


def test_drift_compares_snapshots_with_seeds(tmp_path):
    given = ("trainer.max_epochs=2", "evolution.trigger=every_epoch", "measures.seeds=1")
    done = command(tmp_path, *TINY, *given)
    assert done.returncode == 0, done.stderr
    entry = line(tmp_path / "run")
    assert entry["measures"]["stability/drift"] > 0
    judge = entry["provenance"]["measures"]["judge"]
    assert (judge["name"], judge["layer"]) == ("vgg16_slim_species", "conv4_3")
    controls = json.loads((tmp_path / "run" / "evolution" / "controls.json").read_text())
    assert controls["stability/distance"]["seeds"]["mean"] > 0


@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_a_judge_is_used_only_where_a_measure_needs_it(tmp_path, monkeypatch):
    for seeds, judge in {0: None, 1: "vgg16_slim_species"}.items():
        (tmp_path / f"{seeds}").mkdir()
        in_process(monkeypatch, tmp_path / f"{seeds}", f"measures.seeds={seeds}", "trainer.max_epochs=1")
        (run,) = (tmp_path / f"{seeds}").glob("outputs/*/*")
        about = line(run)["provenance"]["measures"]
        assert (about["judge"] or {}).get("name") == judge
        assert about["refused"] == {}


def test_removed_measures_are_neither_recorded_nor_shown(tmp_path):
    """No measure of recognition has passed a test that it could have failed, see `featevo.record.withheld`."""
    done = command(tmp_path, *[word for word in TINY if word != "logger=none"], "logger=csv")
    assert done.returncode == 0, done.stderr
    run = tmp_path / "run"
    page = re.sub("<pre>.*?</pre>", "", (run / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    texts = {"the terminal": done.stdout + done.stderr, "the page": page}  # without the command, which is in run.json
    files = [run / "evolution.md", run / "metrics.csv", run / "evolution/index.jsonl", run / "evolution/controls.json"]
    files += run.glob("csv/**/metrics.csv")
    texts |= {str(file): file.read_text(encoding="utf-8") for file in files}
    assert len(texts) >= 6
    for where, text in texts.items():
        for word in ("ecogni", "emerg", "confusion/judge"):
            assert word not in text, f"{where} has {word}"


def test_a_network_that_starts_from_the_judges_weights_is_not_judged_by_it(tmp_path):
    done = command(tmp_path, *TINY, "init=pretrained", "measures.seeds=1")
    assert done.returncode == 0, done.stderr
    assert "judge vgg16_slim_species is left out: the network starts from its weights" in done.stdout
    measures = line(tmp_path / "run")["measures"]
    assert "clones/patches" in measures
    assert not [name for name in measures if "drift" in name]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "measures.judge=nowhere.safetensors",
            "nowhere.safetensors: no measure needs a judge; the drift does, with measures.seeds=1",
        ),
        ("measures.seeds=-1", "measures.seeds=-1: must be from 0 to 1,000"),
        ("measures.terms.drift=5", "measures.terms.drift"),
        ("+measures.terms.mine={_target_: nowhere.Mine}", "measures.terms.mine"),
    ],
)
def test_mistakes_are_one_line(tmp_path, monkeypatch, override, message):
    with pytest.raises(UserError, match=message) as error:
        in_process(monkeypatch, tmp_path, override)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.rglob("evolution"))


@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_off_disables_all_measures(tmp_path, monkeypatch):
    in_process(monkeypatch, tmp_path, "measures=off")
    (run,) = tmp_path.glob("outputs/*/*")
    assert line(run)["measures"] == {}


@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_measuring_uses_no_random_number_of_training(tmp_path, monkeypatch):
    """Promise 1: creating a judge creates layers, whose initialisation uses random numbers."""
    tables = []
    for name in ("default", "off"):
        (tmp_path / name).mkdir()
        in_process(monkeypatch, tmp_path / name, f"measures={name}", "model.dropout=0.5")
        tables += [path.read_text() for path in (tmp_path / name).glob("outputs/*/*/metrics.csv")]
    assert len(tables) == 2
    assert tables[0] == tables[1]


class Mixed:
    """A measure that needs more than a judge can be combined with."""

    name = "mixed/measure"
    needs = frozenset({Need.judge, Need.network})


def test_a_measure_with_a_judge_needs_nothing_else(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="gets images alone, this one also needs network"):
        in_process(monkeypatch, tmp_path, "+measures.terms.mixed={_target_: tests.test_measures.Mixed}")
