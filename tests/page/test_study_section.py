"""The conclusions on the page are read from the study's JSON, also from an old or broken one."""

import json
from pathlib import Path

import numpy as np
import pytest

from featevo.page.content import content
from featevo.page.gather import gather
from featevo.page.study_section import find_study, read_study
from featevo.page.thinning import plan
from featevo.study.__main__ import main
from tests.study.worlds import write_world

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Runs in which every hypothesis is true, with their study."""
    root = write_world(tmp_path_factory.mktemp("world"), np.random.default_rng(7), 1, seeds=6)
    assert main([str(root)]) == 0
    return root


def test_the_page_shows_the_results_of_the_study(world):
    written = json.loads((world / "study" / "study.json").read_text())
    shown = read_study(world / "study" / "study.json")
    assert (shown["runs"], shown["seeds"], shown["level"], shown["leftOut"]) == (72, 6, 0.95, [])
    assert [claim["key"] for claim in shown["claims"]] == ["1", "2", "3", "4", "5"]
    for claim, source in zip(shown["claims"], written["claims"], strict=True):
        assert (claim["data"], claim["verdict"], claim["why"]) == ("scenes", "no verdict", "6 of 12 seeds")
        assert (claim["title"], claim["limits"]) == (source["title"], source["limits"])
        for kind in ("hypothesis", "control"):
            found, given = claim[kind], source[kind]
            assert dict(found["numbers"]) == pytest.approx(given["numbers"], rel=1e-3)
            assert found["estimate"]["low"] == pytest.approx(given["estimate"]["low"], rel=1e-3)
            assert found["p"] == pytest.approx(given["estimate"]["p_above"], rel=1e-3)
            assert found["corrected"] == pytest.approx(given["p_above_corrected"], rel=1e-3)
        assert claim["control"]["operational"] == source["control"]["operational"]
        assert [len(panel["lines"]) for panel in claim["panels"]] == [len(panel["lines"]) for panel in source["panels"]]
    first = shown["claims"][0]
    assert first["beside"].keys() == {"vgg16", "contrast"}
    assert first["panels"][0]["levels"] == [["chance", 0.5]]
    line = first["panels"][0]["lines"][0]
    assert (len(line["points"]), line["group"]) == (6, "eight")


def test_a_contradiction_has_the_p_of_the_opposite(tmp_path):
    path = tmp_path / "study.json"
    estimate = {"median": -1, "p_above": 0.99, "p_below": 0.01}
    found = {"result": "contradicted", "estimate": estimate, "p_above_corrected": 1, "p_below_corrected": 0.04}
    path.write_text(json.dumps({"schema": 2, "claims": [{"hypothesis": found}]}))
    hypothesis = read_study(path)["claims"][0]["hypothesis"]
    assert (hypothesis["p"], hypothesis["corrected"]) == (0.01, 0.04)


def test_the_first_study_is_not_shown(tmp_path):
    first = ROOT / "docs" / "study" / "first" / "study.json"
    assert read_study(first)["error"].endswith(
        "is of the first study, whose verdicts were withdrawn (docs/study/first of featevo)"
    )


def test_it_is_found_in_the_folder_of_the_runs_or_in_a_given_folder(world, make_run, tmp_path):
    runs = sorted(path for path in world.iterdir() if path.name != "study")
    assert gather(runs).study == world / "study" / "study.json"
    assert gather([world / "scenes-two-0"]).study is None
    alone = make_run("alone")
    gathered = gather([alone, world / "study"])
    assert (gathered.study, gathered.left_out, gathered.home) == (world / "study" / "study.json", [], alone)
    whole = content(gathered, plan(gathered.evolutions))
    assert whole["study"]["claims"][0]["key"] == "1"
    assert content(gather([alone]), plan(gather([alone]).evolutions))["study"] is None
    assert find_study([tmp_path / "nowhere"]) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "study.json is nested more than 64 levels deep"),
        ("[]", "holds no claims"),
        ('{"claims": {}}', "holds no claims"),
        ('{"claims": [{}]}', "is of the first study"),
        ('{"schema": 3, "claims": [{}]}', "was written by a newer featevo (schema 3; this one reads 2)"),
    ],
)
def test_an_unusable_study_is_one_line(tmp_path, text, reason):
    path = tmp_path / "study.json"
    path.write_text(text)
    (key, line), *others = read_study(path).items()
    assert (key, others) == ("error", [])
    assert reason in line


def test_missing_and_odd_values_are_left_out(tmp_path):
    path = tmp_path / "study.json"
    odd = {"numbers": {"0": "x", "1": 2, "2": None}, "estimate": {"median": None}}
    panels = [{"lines": 3}, {"lines": [{"x": [1, None, 3], "y": [1.23456, 2, "y"]}, {"x": 1}], "levels": {"a": "b"}}]
    claims = [{"key": 1, "verdict": "perhaps", "hypothesis": odd, "control": 7, "panels": panels, "beside": {"a": 3}}]
    path.write_text(json.dumps({"schema": 2, "claims": claims}))
    (claim,) = read_study(path)["claims"]
    assert (claim["key"], claim["verdict"], claim["title"], claim["beside"]) == ("1", "no verdict", "", {"a": None})
    hypothesis = claim["hypothesis"]
    assert (hypothesis["numbers"], hypothesis["estimate"], hypothesis["missing"]) == ([["1", 2.0]], None, [])
    assert (claim["control"]["numbers"], claim["panels"][0]["levels"]) == ([], [])
    assert [[line["points"] for line in panel["lines"]] for panel in claim["panels"]] == [[[[1.0, 1.235]]]]
