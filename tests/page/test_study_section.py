"""The conclusions on the page are read from the study's JSON, also from an old or broken one."""

import json

import numpy as np
import pytest

from featevo.page.content import content
from featevo.page.gather import gather
from featevo.page.study_section import find_study, read_study
from featevo.page.thinning import plan
from featevo.study.__main__ import main
from tests.study.worlds import write_world


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Runs in which every claim is true, with their study."""
    root = write_world(tmp_path_factory.mktemp("world"), np.random.default_rng(7), 1, seeds=6)
    assert main([str(root)]) == 0
    return root


def test_the_page_shows_the_results_of_the_study(world):
    written = json.loads((world / "study" / "study.json").read_text())
    shown = read_study(world / "study" / "study.json")
    assert (shown["runs"], shown["seeds"], shown["level"], shown["leftOut"]) == (24, 6, 0.95, [])
    assert [claim["key"] for claim in shown["claims"]] == ["1", "2", "4", "5"], "3 rests on measures that are not shown"
    assert [claim["verdict"] for claim in shown["claims"]] == ["withdrawn"] * 4
    verdicts = {found["key"]: found["verdict"] for claim in shown["claims"] for found in claim["hypotheses"]}
    assert {key for key, word in verdicts.items() if word == "supported"} == {"5a", "5b"}
    assert "ecogni" not in json.dumps(shown)
    stated = [claim for claim in written["claims"] if claim["key"] != "3"]
    for claim, source in zip(shown["claims"], stated, strict=True):
        assert (claim["title"], claim["limits"]) == (source["title"], source["limits"])
        for found, given in zip(claim["hypotheses"], source["hypotheses"], strict=True):
            assert dict(found["numbers"]) == pytest.approx(given["numbers"], rel=1e-3)
            assert found["estimate"]["low"] == pytest.approx(given["estimate"]["low"], rel=1e-3)
            assert found["p"] == pytest.approx(given["estimate"]["p_above"], rel=1e-3)
            assert found["corrected"] == pytest.approx(given["p_above_corrected"], rel=1e-3)
        assert [len(panel["lines"]) for panel in claim["panels"]] == [len(panel["lines"]) for panel in source["panels"]]
    line = shown["claims"][0]["panels"][1]["lines"][0]
    assert (len(line["points"]), line["group"]) == (14, "random")
    assert line["mark"] is not None


def test_a_contradiction_has_the_p_of_the_opposite(tmp_path):
    path = tmp_path / "study.json"
    estimate = {"mean": -1, "p_above": 0.99, "p_below": 0.01}
    found = {"verdict": "contradicted", "estimate": estimate, "p_above_corrected": 1, "p_below_corrected": 0.04}
    path.write_text(json.dumps({"claims": [{"hypotheses": [found]}]}))
    (hypothesis,) = read_study(path)["claims"][0]["hypotheses"]
    assert (hypothesis["p"], hypothesis["corrected"]) == (0.01, 0.04)


def test_a_study_from_before_the_withdrawal_is_withdrawn_too(tmp_path):
    path = tmp_path / "study.json"
    rank = {"key": "1a", "measure": "complexity/effective_rank", "verdict": "supported"}
    curve = {"key": "5a", "measure": None, "verdict": "supported"}
    claims = [{"verdict": "supported", "hypotheses": [rank]}, {"verdict": "supported", "hypotheses": [curve]}]
    path.write_text(json.dumps({"claims": claims}))
    first, second = read_study(path)["claims"]
    assert (first["verdict"], first["hypotheses"][0]["verdict"]) == ("withdrawn", "withdrawn")
    assert first["hypotheses"][0]["withdrawn"].startswith("effective rank follows contrast")
    assert (second["verdict"], second["hypotheses"][0]["withdrawn"]) == ("supported", "")


def test_it_is_found_in_the_folder_of_the_runs_or_in_a_given_folder(world, make_run, tmp_path):
    runs = sorted(path for path in world.iterdir() if path.name != "study")
    assert gather(runs).study == world / "study" / "study.json"
    assert gather([world / "random-2-0"]).study is None
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
        ('{"schema": 2, "claims": [{}]}', "was written by a newer featevo (schema 2; this one reads 1)"),
    ],
)
def test_an_unusable_study_is_one_line(tmp_path, text, reason):
    path = tmp_path / "study.json"
    path.write_text(text)
    (key, line), *others = read_study(path).items()
    assert (key, others) == ("error", [])
    assert reason in line


def test_missing_values_of_an_older_study_are_left_out(tmp_path):
    path = tmp_path / "study.json"
    odd = {"key": 1, "verdict": "perhaps", "numbers": {"0": "x", "1": 2, "2": None}, "estimate": {"mean": None}}
    panels = [{"lines": 3}, {"lines": [{"x": [1, None, 3], "y": [1.23456, 2, "y"]}, {"x": 1}]}]
    path.write_text(json.dumps({"claims": [{"hypotheses": [odd, 7], "panels": panels}]}))
    (claim,) = read_study(path)["claims"]
    (hypothesis,) = claim["hypotheses"]
    assert (hypothesis["key"], hypothesis["verdict"], hypothesis["numbers"]) == ("1", "undecided", [["1", 2.0]])
    assert (hypothesis["estimate"], hypothesis["missing"], claim["title"]) == (None, [], "")
    assert [[line["points"] for line in panel["lines"]] for panel in claim["panels"]] == [[[[1.0, 1.235]]]]
