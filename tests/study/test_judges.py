"""Numbers by different judges, or by a judge related to the networks, are not compared."""

import json

import numpy as np
import pytest

from featevo.study.collect import collect
from featevo.study.findings import evaluate
from tests.study.worlds import JUDGE, write_world


def findings(root):
    study = evaluate(*collect([root]))
    return {f.hypothesis.key: f for c in study.conclusions for f in c.findings}


def test_two_judges_are_refused(tmp_path):
    root = write_world(tmp_path, np.random.default_rng(0), 1)
    index = root / "random-4-0" / "evolution" / "index.jsonl"
    index.write_text(index.read_text().replace(json.dumps(JUDGE), json.dumps({"name": "resnet18"})))
    found = findings(root)
    (reason,) = found["2a"].missing
    assert reason.endswith("random-4-0 by resnet18; measure all by one judge")
    assert "random-4-4 was measured by vgg16 imagenet, " in reason
    assert found["2a"].estimate is None
    assert found["2b"].estimate is not None  # the other init, measured by one judge
    assert found["5b"].estimate is not None  # needs no judge


def test_a_judge_that_changed_during_a_run_is_refused(tmp_path):
    root = write_world(tmp_path, np.random.default_rng(0), 1)
    index = root / "random-2-0" / "evolution" / "index.jsonl"
    first, rest = index.read_text().split("\n", 1)
    index.write_text(first.replace(json.dumps(JUDGE), "null") + "\n" + rest)
    (reason,) = findings(root)["1a"].missing
    assert reason == f"{index.parent.parent} was measured by several judges; measure it again by one"


@pytest.mark.parametrize("judge", [{"name": "slim", "weights": "vgg16_slim_species"}, {"name": "vgg16_slim_species"}])
def test_a_related_judge_compares_no_inits(tmp_path, judge):
    found = findings(write_world(tmp_path, np.random.default_rng(0), 1, judge=judge))
    assert (
        found["5c"]
        .missing[0]
        .endswith("is related to the weights that init=pretrained starts from; measure by another")
    )
    assert found["5c"].estimate is None
    assert found["2b"].estimate is not None


def test_weights_given_by_path_are_recognised(tmp_path):
    judge = {"name": "vgg16", "weights": "/somewhere/mine.safetensors"}
    root = write_world(tmp_path, np.random.default_rng(0), 1, judge=judge)
    for path in root.glob("pretrained-*/.hydra/config.yaml"):
        path.write_text(path.read_text().replace('"weights": null', '"weights": "mine.safetensors"'))
    assert "related" in findings(root)["5c"].missing[0]


def test_recognition_is_corrected_for_the_classes_the_judge_chose_among(tmp_path):
    """A p of 0.5 is at chance for two classes and above chance for four, unless the judge always has ten."""
    slopes = {}
    for known in (None, 10):
        judge = JUDGE | ({} if known is None else {"classes": known})
        root = write_world(tmp_path / str(known), np.random.default_rng(0), 0, judge=judge)
        for index in root.glob("*/evolution/index.jsonl"):
            lines = [json.loads(line) for line in index.read_text().splitlines()]
            for line in lines:
                for render in line["renders"]:
                    render["measures"]["recognition/judge"] = 0.5
            index.write_text("\n".join(map(json.dumps, lines)))
        slopes[known] = findings(root)["3a"].estimate.mean
    assert slopes == {None: pytest.approx(1 / 3), 10: pytest.approx(0)}
