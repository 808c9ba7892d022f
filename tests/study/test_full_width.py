"""The committed estimates at full width, their records and their page."""

import json
import math
import re
from pathlib import Path

from featevo.study.arms import SUFFIX
from featevo.study.collect import collect, deviations
from featevo.study.findings import evaluate
from featevo.study.results import as_json
from featevo.study.tables import spread
from tests.study.published import assert_no_machine, assert_same_numbers, unlearned

RESULTS = Path(__file__).parents[2] / "docs" / "study" / "full-width"
PAGE = (RESULTS / "README.md").read_text(encoding="utf-8")
SAID = " ".join(PAGE.split())
STUDY = json.loads((RESULTS / "study.json").read_text(encoding="utf-8"))
CLAIMS = [claim for claim in STUDY["claims"] if claim["hypothesis"]["numbers"]]


def test_all_runs_are_of_the_plan_but_for_the_width(records):
    runs, left_out = collect([records])
    assert (left_out, deviations(runs)) == ([], [])
    assert {run.config["model"]["width"] for run in runs} == {1}
    assert {run.data for run in runs} == {"fashion_mnist"}
    assert len({run.evolution.run["git_commit"] for run in runs}) == 1
    arms = {run.arm for run in runs}
    assert {(run.arm, run.seed) for run in runs} == {(arm, seed) for arm in arms for seed in range(4)}
    assert f"Runs made: {len(runs)} of 16" in PAGE


def test_the_results_are_those_of_the_runs(records):
    again = json.loads(json.dumps(as_json(evaluate(collect([records])[0]))))
    assert_same_numbers(STUDY, again)


def test_they_name_no_machine_and_have_no_path(records):
    assert_no_machine(records)


def test_four_seeds_have_no_verdict():
    assert {claim["verdict"] for claim in STUDY["claims"]} == {"no verdict"}


def test_the_table_of_the_page_has_their_numbers():
    assert re.findall(r"^\| \d\. .*$", PAGE, re.MULTILINE) == [row(claim) for claim in CLAIMS]


def test_what_the_page_says_of_claim_1_is_true():
    effects, twins = (sorted(CLAIMS[0][part]["numbers"].values()) for part in ("hypothesis", "control"))
    assert "likeness rises in all four seeds. One of the four twins also rises, by 0.25, more than the smallest" in SAID
    assert effects[0] > 0
    assert [f"{number:.2f}" for number in twins if number > 0] == ["0.25"]
    assert twins[-1] > effects[0]
    slim = json.loads((RESULTS.parent / "study.json").read_text(encoding="utf-8"))["claims"]
    (same,) = [claim for claim in slim if (claim["data"], claim["key"]) == ("fashion_mnist", "1")]
    assert f"whose median on these images is {same['hypothesis']['estimate']['median']:.2f}" in SAID


def test_what_the_page_says_of_the_twins_is_true(records):
    runs, _ = collect([records])
    losses = {(run.data, run.arm, str(run.seed)): [*run.curve("train_loss").values()][-1] for run in runs}
    known = unlearned(STUDY)
    assert f"{len(known)} of {sum(arm.endswith(SUFFIX) for _, arm, _ in losses)} learned none of their labels" in SAID
    assert {f"{losses[twin]:.2f}" for twin in known} == {f"{math.log(8):.2f}"}


def test_what_the_page_says_of_claim_5_is_true():
    ends = CLAIMS[1]["hypothesis"]["numbers"].values()
    assert "clearer renders in three of four seeds" in SAID
    assert sum(number > 0 for number in ends) == 3
    assert CLAIMS[1]["beside"]["vgg16"]["numbers"] == {}
    earlier, higher = ([*answer["numbers"].values()] for answer in STUDY["secondary"] if answer["key"] in ("b", "c"))
    assert f"between {-100 * min(higher):.1f} points lower and {100 * max(higher):.1f} points higher" in SAID
    assert f"between {-min(earlier):.0f} epochs later and {max(earlier):.0f} epochs earlier" in SAID


def row(claim):
    cells = [f"{claim['key']}. {claim['title']}"]
    for part in (claim["hypothesis"], claim["control"], claim["beside"]["vgg16"]):
        cells.append(spread([*part["numbers"].values()]))
    return f"| {' | '.join(cells)} |"
