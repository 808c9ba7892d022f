"""docs/gate.json and the table of docs/measures.md are what the rules and the command make of the means."""

import json
import math
from typing import Any

import pytest

from featevo.app.paths import CONF
from featevo.measure.gate.checks import checked, without_structure
from featevo.measure.gate.networks import known_truth

DOCS = CONF.parent / "docs"
TEXT = (DOCS / "measures.md").read_text(encoding="utf-8")
RESULT = json.loads((DOCS / "gate.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", RESULT["entries"], ids=lambda one: f"{one['measure']}-{one['equalised']}")
def test_verdicts_follow_from_the_means(entry):
    checks = checked(entry["means"])
    assert [check.passed for check in checks] == [check["passed"] for check in entry["checks"]]
    assert checks[0].kind == entry["checks"][0]["kind"]
    values = [check["value"] for check in entry["checks"]]
    assert [check.value for check in checks] == pytest.approx(values, abs=0.01, rel=0.01)
    truth = entry["known_truth"]["passed"]
    assert entry["fails"] == sorted({check.part for check in checks if not check.passed} | ({"c"} - {"c" * truth}))
    assert RESULT["without_structure"] == without_structure(entry["means"])


def test_the_table_has_the_values_of_the_file():
    """Of each measure and judge, what scores highest without structure, raw and equalised."""
    for raw, equal in zip(RESULT["entries"][::2], RESULT["entries"][1::2], strict=True):
        name = raw["measure"] + (f" ({raw['judge']['name']})" if raw["judge"] else "")
        cells = [f"{one['checks'][0]['kind']}, {one['checks'][0]['value']:.2g} ×" for one in (raw, equal)]
        others = ", ".join(dict.fromkeys(_others(raw) + _others(equal)))
        assert f"| {name} | {' | '.join(cells)} | {others} |" in TEXT


def _others(entry):
    return [check["name"] for check in entry["checks"][1:] if not check["passed"]]


def test_the_ranges_in_the_text_are_those_of_the_file():
    def changes(change, equalised):
        entries = [one for one in RESULT["entries"] if one["equalised"] == equalised]
        return sorted(abs(check["value"]) for one in entries for check in one["checks"] if check["name"] == change)

    contrast = changes("a quarter of the contrast", False)
    assert f"lowers the mean by {100 * contrast[0]:.0f} to {100 * contrast[-1]:.0f} %" in TEXT
    for change in ("a quarter of the contrast", "another mean colour"):
        assert changes(change, True)[-1] < 0.005
    orders = [one["checks"][2]["value"] for one in RESULT["entries"] if one["measure"] == "rank beyond chance"]
    assert f"correlation {orders[1]:.2f} with the shipped weights, {orders[3]:.2f} with ImageNet's" in TEXT
    assert all({"a", "c"} <= set(one["fails"]) for one in RESULT["entries"])
    kept = [int(one["known_truth"]["reason"].split(" of 12")[0].split()[-1]) for one in RESULT["entries"]]
    assert f"holds in at most {max(kept)} of 12 seeds" in TEXT


@pytest.mark.parametrize("entry", RESULT["networks"], ids=lambda one: one["measure"])
def test_verdicts_of_networks_follow_from_their_values(entry):
    values: dict[str, Any] = {
        task: {
            seed: tuple(math.nan if value is None else value for value in pair)
            for seed, pair in enumerate(zip(found["first"], found["last"], strict=True))
        }
        for task, found in entry["values"].items()
    }
    assert len(values["colour"]) == RESULT["seeds"] == 12
    truth = known_truth(values, entry["claims"])
    assert (truth.passed, truth.reason) == (entry["known_truth"]["passed"], entry["known_truth"]["reason"])


def test_the_text_names_what_passes():
    passed = {entry["measure"]: entry["known_truth"]["passed"] for entry in RESULT["networks"]}
    for name, verdict in passed.items():
        assert f"| `{name}` | {'passes' if verdict else 'fails'} |" in TEXT
