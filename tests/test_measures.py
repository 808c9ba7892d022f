"""Measures as users switch them on: who judges, among which classes, and what the command refuses."""

import json
import re

import pytest

from tests.commands.test_commands import SMALL, command

TINY = (
    *SMALL,
    "trainer.max_epochs=1",
    "logger=none",
    "hydra.run.dir=run",
    "data.image_size=64",
    "measures.pictures=12",
)
JUDGED = (
    "measures.terms.recognition={_target_: featevo.measure.recognition.Recognition}",
    "measures.terms.confusion_judge={_target_: featevo.measure.confusion.JudgeConfusion}",
)


def line(folder):
    return json.loads((folder / "evolution" / "index.jsonl").read_text().splitlines()[-1])


def test_a_judge_may_choose_among_more_classes_than_the_run_has(tmp_path):
    asked = ("data.classes=[flamingo,tree frog]", "measures.classes=4", "measures.seeds=1", *JUDGED)
    done = command(tmp_path, *TINY, *asked)
    assert done.returncode == 0, done.stderr
    entry = line(tmp_path / "run")
    judge = entry["provenance"]["measures"]["judge"]
    assert judge["classes"] == ["flamingo", "tree frog", "pool table", "hamburger"]
    assert judge["accuracy"] > 0.6
    matrices = json.loads((tmp_path / "run" / "evolution" / entry["folder"] / "confusion.json").read_text())
    assert [len(row) for row in matrices["judge"]] == [4, 4]
    controls = json.loads((tmp_path / "run" / "evolution" / "controls.json").read_text())
    assert controls["recognition/judge"]["real"]["mean"] > 0.6 > controls["recognition/judge"]["noise"]["mean"]


def test_only_the_index_has_what_is_said_of_recognition(tmp_path):
    """By default nobody says it; who asks for the numbers gets them into the record, and nowhere else."""
    for name in ("default", "asked"):
        asked = JUDGED if name == "asked" else ()
        given = [word for word in TINY if word != "logger=none"]
        done = command(tmp_path, *given, f"hydra.run.dir={name}", "logger=csv", *asked)
        assert done.returncode == 0, done.stderr
        run = tmp_path / name
        numbers = [*line(run)["measures"], *line(run)["renders"][0]["measures"]]
        assert ("recognition/judge" in numbers) == ("confusion/judge" in numbers) == (name == "asked")
        page = re.sub("<pre>.*?</pre>", "", (run / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL)
        texts = {"the terminal": done.stdout + done.stderr, "the page": page}  # but for the command, in run.json
        files = [run / "evolution.md", run / "metrics.csv", *run.glob("csv/**/metrics.csv")]
        if name == "default":
            files += [run / "evolution/index.jsonl", run / "evolution/controls.json"]
        assert len(files) >= 3
        texts |= {str(file): file.read_text(encoding="utf-8") for file in files}
        for where, text in texts.items():
            for word in ("ecogni", "emerg", "confusion/judge"):
                assert word not in text, f"{name}: {where} says {word}"


def test_a_network_that_starts_from_the_judges_weights_is_not_judged_by_it(tmp_path):
    done = command(tmp_path, *TINY, "init=pretrained", *JUDGED)
    assert done.returncode == 0, done.stderr
    assert "judge vgg16_slim_scenes is left out: the network starts from its weights" in done.stdout
    measures = line(tmp_path / "run")["measures"]
    assert "confusion/crops" in measures
    assert not [name for name in measures if "judge" in name]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("measures.judge=nowhere.safetensors", "there is no such file"),
        ("measures.classes=3", "measures.classes=3: 'hamburger' is not among the data source's first 3"),
        ("measures.seeds=-1", "seeds at least 0"),
        ("measures.terms.drift=5", "measures.terms.drift"),
        ("+measures.terms.mine={_target_: nowhere.Mine}", "measures.terms.mine"),
    ],
)
def test_mistakes_are_one_line(tmp_path, override, message):
    done = command(tmp_path, *TINY, override)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert message in done.stderr
    assert not (tmp_path / "run" / "evolution").exists()


def test_off_measures_nothing(tmp_path):
    assert command(tmp_path, *TINY, "measures=off").returncode == 0
    assert line(tmp_path / "run")["measures"] == {}


def test_measuring_draws_no_random_number_of_trainings(tmp_path):
    """Promise 1: making a judge makes layers, and layers are made of random numbers."""
    sure = ("trainer.deterministic=true",)
    for name in ("default", "off"):
        done = command(tmp_path, *TINY, *sure, f"measures={name}", f"hydra.run.dir={name}", "model.dropout=0.5")
        assert done.returncode == 0, done.stderr
    tables = [(tmp_path / name / "metrics.csv").read_text() for name in ("default", "off")]
    assert tables[0] == tables[1]
