"""The committed records of the study's runs."""

import json
import re
import runpy
import statistics
import tarfile
from pathlib import Path

import pytest

from featevo.study.arms import ARMS, twin
from featevo.study.choices import LEAST_SEEDS, PRIMARY, REPLICATION
from featevo.study.collect import collect, deviations
from featevo.study.findings import evaluate
from featevo.study.results import as_json, as_markdown
from featevo.study.tables import spread
from tests.study.published import assert_no_machine, assert_same_numbers, fits_of, unlearned

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "study"
PAGE = (RESULTS / "README.md").read_text(encoding="utf-8")
STUDY = json.loads((RESULTS / "study.json").read_text(encoding="utf-8"))
CLAIMS = STUDY["claims"]


def of(runs, data):
    return [run for run in runs if run.data == data]


def test_all_of_them_are_runs_of_the_plan(records):
    runs, left_out = collect([records])
    assert left_out == []
    assert deviations(runs) == []
    assert len({run.evolution.run["git_commit"] for run in runs}) == 1


def test_the_page_says_how_many_there_are(records):
    runs, _ = collect([records])
    said = re.search(r"Runs made: (\d+) of 144 on Fashion-MNIST, (\d+) of 144 on drawn scenes", PAGE)
    assert said is not None
    assert len(ARMS) * LEAST_SEEDS == 144
    assert (int(said[1]), int(said[2])) == (len(of(runs, REPLICATION)), len(of(runs, PRIMARY)))


def test_the_results_are_those_of_the_runs(records):
    """Only data sets whose runs are all made have results; they are computed again here."""
    runs, left_out = collect([records])
    whole = [data for data in (PRIMARY, REPLICATION) if len(of(runs, data)) == 144]
    used = [run for run in runs if run.data in whole]
    again = json.loads(json.dumps(as_json(evaluate(used, left_out))))
    assert [claim["data"] for claim in CLAIMS] == [data for data in whole for _ in range(5)]
    assert_same_numbers(STUDY, again)
    for kept, claim in zip(CLAIMS, again["claims"], strict=True):
        assert (kept["verdict"], kept["why"]) == (claim["verdict"], claim["why"])
        assert (RESULTS / kept["figure"]).is_file()
    assert re.sub(r"\d\.\d+", "", as_markdown(evaluate(used))) == re.sub(
        r"\d\.\d+", "", (RESULTS / "study.md").read_text()
    )


def test_the_table_of_the_page_has_their_numbers():
    rows = re.findall(r"^\| \d\. .*$", PAGE, re.MULTILINE)
    assert rows == [row(claim) for claim in CLAIMS]


def test_what_readme_says_of_them_is_true():
    said = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    verdicts = [claim["verdict"] for claim in CLAIMS]
    assert verdicts == ["supported", *["undecided"] * 4] * 2
    assert "On drawn scenes and on Fashion-MNIST alike, [one is **supported**](docs/study/README.md): while a" in said
    scenes, fashion = (CLAIMS[place]["hypothesis"]["estimate"]["median"] for place in (0, 5))
    assert f"likeness rises by {scenes:.2f} and {fashion:.2f} in the median of twelve seeds" in said
    assert "The other four are undecided" in said


def test_what_the_page_says_beside_the_table_is_true():
    said = " ".join(PAGE.split())
    second, third, fashion = (CLAIMS[place]["hypothesis"] for place in (1, 2, 7))
    assert "10 of 12 seeds, which is the opposite of the claim (p 0.10 after Holm)" in said
    assert sum(number < 0 for number in second["largest"].values()) == 10
    assert f"{second['p_below_corrected']:.2f}" == "0.10"
    assert "resemble their classes more in all 12 seeds" in said
    assert max(third["numbers"].values()) < 0
    assert "either way in 10 of 12 (p 0.10)" in said
    assert sum(number < 0 for number in fashion["largest"].values()) == 10
    assert f"{fashion['p_below_corrected']:.2f}" == "0.10"
    likeness = CLAIMS[4]["panels"][0]["lines"]
    at_four = {
        arm: statistics.median(line["y"][line["x"].index(4)] for line in likeness if line["group"] == arm)
        for arm in ("pretrained", "eight")
    }
    assert f"({at_four['pretrained']:.2f} against {at_four['eight']:.2f} at epoch 4, medians)" in said
    b, c, later, lower = (answer["estimate"] for answer in STUDY["secondary"] if answer["key"] in ("b", "c"))
    ends = f"[{b['low']:.0f}, {b['high']:.0f}]"
    assert f"a high accuracy {b['median']:.0f} epochs earlier {ends}" in said
    assert f"{c['median']:.1%} [{c['low']:.1%}, {c['high']:.1%}]".replace("%", "") == "13.8 [12.6, 15.8]"
    assert "13.8 percentage points higher [12.6, 15.8]" in said
    assert (later["median"], later["low"], later["high"]) == (-1, -10, 2)
    assert [f"{-lower[name]:.1%}" for name in ("median", "high", "low")] == ["1.2%", "0.1%", "4.4%"]
    assert "1 epoch later [2 earlier, 10 later], 1.2 points lower [0.1, 4.4]" in said


def test_what_the_page_says_of_what_twins_learned_is_true():
    rows = re.findall(r"^\| `(\w+)` \| [\w %]+ \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
    arms = [arm for plain in ("eight", "overfit") for arm in (plain, twin(plain))]
    assert [row[:2] for row in rows] == [(arm, data) for data in (PRIMARY, REPLICATION) for arm in arms]
    fits = fits_of(STUDY)
    for arm, data, cells in rows:
        accuracy, rises = ([*values.values()] for values in (fits[data, arm].accuracy, fits[data, arm].rises))
        assert cells == f"{spread(accuracy)} | {spread(rises)} | {sum(value > 0 for value in rises)} of 12"
    said = " ".join(PAGE.split())
    scenes, fashion = (
        statistics.median(fits[data, "overfit_shuffled"].rises.values()) for data in (PRIMARY, REPLICATION)
    )
    assert f"the median rise of their likeness is {scenes:.2f} and {fashion:.2f}" in said
    assert "Of all 144 twins one learned none, `two_shuffled` on Fashion-MNIST with seed 2." in said
    assert unlearned(STUDY) == [("fashion_mnist", "two_shuffled", "2")]


def row(claim):
    effect, twins = (claim[part]["estimate"] for part in ("hypothesis", "control"))
    words = [f"{each['median']:.2f} [{each['low']:.2f}, {each['high']:.2f}]" for each in (effect, twins)]
    p = f"{claim['hypothesis']['p_above_corrected']:.3f}"
    cells = [f"{claim['key']}. {claim['title']}", claim["data"], *words, p, f"**{claim['verdict']}**"]
    return f"| {' | '.join(cells)} |"


def test_networks_with_shuffled_labels_support_nothing():
    assert [claim["control"]["result"] for claim in CLAIMS].count("supported") == 0


def test_ten_lines_of_scipy_give_the_same(monkeypatch, capsys):
    """The page's own code, and what it leaves to the reader: Holm's correction of one data set."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(RESULTS)
    exec(code, {})
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(data, key) for data, key, *_ in printed] == [(claim["data"], claim["key"]) for claim in CLAIMS]
    for (_, _, median, p), claim in zip(printed, CLAIMS, strict=True):
        assert float(median) == pytest.approx(claim["hypothesis"]["estimate"]["median"])
        assert float(p) == pytest.approx(claim["hypothesis"]["estimate"]["p_above"])
    for data in {claim["data"] for claim in CLAIMS}:
        tests = [claim["hypothesis"] for claim in CLAIMS if claim["data"] == data]
        tests = sorted(tests, key=lambda test: test["estimate"]["p_above"])
        least = 0.0
        for place, test in enumerate(tests):
            least = max(least, min(1, (len(tests) - place) * test["estimate"]["p_above"]))
            assert test["p_above_corrected"] == pytest.approx(least)


def test_packing_them_again_changes_nothing(records, tmp_path, monkeypatch, capsys):
    again = tmp_path / "again.tar.xz"
    monkeypatch.setattr("sys.argv", ["study_records", str(records), "--out", str(again)])
    runpy.run_path(str(ROOT / "benchmarks" / "study_records.py"))["main"]()
    with tarfile.open(RESULTS / "records.tar.xz") as before, tarfile.open(again) as after:
        for one, other in zip(before, after, strict=True):
            content, same = before.extractfile(one), after.extractfile(other)
            assert content is not None
            assert same is not None
            assert (one.name, content.read()) == (other.name, same.read())


def test_they_name_no_machine_and_have_no_path(records):
    assert_no_machine(records)
