"""Verdicts on run folders in which the hypotheses are true, false or neither."""

import numpy as np
import pytest

from featevo.study.collect import collect
from featevo.study.findings import evaluate
from tests.study.worlds import write_world

KEYS = ["1", "2", "3", "4", "5"]


def study_of(root):
    return evaluate(*collect([root]))


def verdicts(study, place=0):
    return {f.hypothesis.key: f.verdict for f in study.parts[place].findings}


@pytest.mark.parametrize(("effect", "expected"), [(1, "supported"), (-1, "contradicted"), (0, "undecided")])
def test_every_verdict_is_right(tmp_path, effect, expected):
    study = study_of(write_world(tmp_path, np.random.default_rng(7), effect))
    assert verdicts(study) == dict.fromkeys(KEYS, expected)
    assert study.left_out == ()
    for finding in study.parts[0].findings:
        assert finding.control.result == "undecided"
        arms = {line.group for panel in finding.panels for line in panel.lines}
        assert arms >= {*finding.hypothesis.arms, *(f"{arm}_shuffled" for arm in finding.hypothesis.arms)}
        assert {line.seed for panel in finding.panels for line in panel.lines} == set(range(12))


@pytest.mark.parametrize("effect", [1, -1])
def test_what_the_twins_show_too_is_withdrawn(tmp_path, effect):
    study = study_of(write_world(tmp_path, np.random.default_rng(7), effect, learned=False))
    found = {f.hypothesis.key: (f.verdict, f.why) for f in study.parts[0].findings}
    reason = ("withdrawn", "its control shows the same")
    assert {found[key] for key in KEYS[1:]} == {reason}
    # The number of the first is the difference of two equal rises; its control is the twin's rise.
    assert found["1"] == (reason if effect > 0 else ("undecided", ""))


def test_each_data_set_is_a_family_of_its_own(tmp_path):
    rng = np.random.default_rng(7)
    write_world(tmp_path / "a", rng, 1, data=("scenes",))
    write_world(tmp_path / "b", rng, -1, data=("fashion_mnist",))
    study = study_of(tmp_path)
    assert [(part.data, part.role) for part in study.parts] == [("scenes", "primary"), ("fashion_mnist", "replication")]
    assert set(verdicts(study, 0).values()) == {"supported"}
    assert set(verdicts(study, 1).values()) == {"contradicted"}
    (one,) = study_of(tmp_path / "b").parts
    assert [f.main.p_below for f in one.findings] == [f.main.p_below for f in study.parts[1].findings]


def test_eleven_seeds_give_estimates_without_verdicts(tmp_path):
    study = study_of(write_world(tmp_path, np.random.default_rng(7), 1, seeds=11))
    for finding in study.parts[0].findings:
        assert (finding.verdict, finding.why) == ("no verdict", "11 of 12 seeds")
        assert finding.main.estimate.median > 0
        assert finding.main.p_above < 0.05


def test_a_control_with_fewer_seeds_gives_no_verdict(tmp_path):
    root = write_world(tmp_path, np.random.default_rng(7), 1)
    (root / "scenes-two_shuffled-3" / "run.json").write_text('{"status": "failed"}')
    study = study_of(root)
    found = {f.hypothesis.key: (f.verdict, f.why) for f in study.parts[0].findings}
    assert found["2"] == found["3"] == ("no verdict", "11 of 12 seeds")
    assert found["1"] == found["4"] == found["5"] == ("supported", "")
    (second,) = [f for f in study.parts[0].findings if f.hypothesis.key == "2"]
    assert second.control.sample.missing == ("seed 3 lacks the arm two_shuffled",)


def test_runs_of_other_sizes_than_planned_give_no_verdict(tmp_path):
    root = write_world(tmp_path, np.random.default_rng(7), 1)
    for path in root.glob("scenes-two-*/.hydra/config.yaml"):
        path.write_text(path.read_text().replace('"train_per_class": 48', '"train_per_class": 24'))
    (part,) = study_of(root).parts
    assert part.deviations == ("data.source.train_per_class=24 in two (plan: 48)",)
    assert {(f.verdict, f.why) for f in part.findings} == {("no verdict", "runs deviate from the plan")}


def test_the_family_includes_hypotheses_that_these_runs_cannot_test(tmp_path):
    study = study_of(write_world(tmp_path, np.random.default_rng(7), 1, arms=("eight", "eight_shuffled")))
    first, *others = study.parts[0].findings
    assert first.verdict == "supported"
    assert first.main.p_above == pytest.approx(5 * 0.5**12)
    assert {f.verdict for f in others} == {"no verdict"}
    assert {f.main.estimate for f in others} == {None}
    assert others[0].main.sample.missing[0] == "seed 0 lacks the arm two"


def test_the_other_viewer_and_the_contrast_are_beside(tmp_path):
    first, second, *_ = study_of(write_world(tmp_path, np.random.default_rng(7), 1)).parts[0].findings
    assert list(first.beside) == ["vgg16", "contrast"]
    assert [*first.main.sample.numbers.values()] == pytest.approx([*first.beside["vgg16"].numbers.values()])
    assert set(first.beside["contrast"].numbers.values()) == {0.0}
    assert second.beside == {}
