"""Secondary questions: estimates and one exact test beside the hypotheses, none with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from featevo.study.choices import LAST, REACHED, SATURATED
from featevo.study.numbers import after_saturation, likeness
from featevo.study.runs import Missing, Seed
from featevo.study.statistics import Estimate, estimate, exceedance


@dataclass(frozen=True)
class Question:
    """A number per seed that is estimated.

    Attributes:
        key: Its letter.
        statement: What its number would show, in words.
        operational: How the number of a seed is computed.
        unit: Unit of that number.
        number: Computes it; with a second number, of the control, the exceedance test compares the two.
    """

    key: str
    statement: str
    operational: str
    unit: str
    number: Callable[[Seed], tuple[float, ...]]


@dataclass(frozen=True)
class Answer:
    """The result for one question.

    Attributes:
        question: The question.
        numbers: Numbers by seed.
        twins: Numbers of the control by seed, where the question has a control.
        missing: Why seeds have no number, without duplicates.
        estimate: None without numbers.
        above: Numbers above the largest of the twins; None without a control.
        p: Probability of at least so many by chance; None without a control.
    """

    question: Question
    numbers: dict[int, float]
    twins: dict[int, float]
    missing: tuple[str, ...]
    estimate: Estimate | None
    above: int | None = None
    p: float | None = None


def _likeness_after_saturation(seed: Seed) -> tuple[float, ...]:
    return after_saturation(seed, likeness())


def _earlier(seed: Seed) -> tuple[float, ...]:
    curves = [seed.of(arm).curve("val_acc") for arm in ("eight", "pretrained")]
    level = REACHED * max(curves[0].values())
    first = [min((e for e, v in curve.items() if v >= level), default=max(curve) + 1) for curve in curves]
    return (float(first[0] - first[1]),)


def _higher(seed: Seed) -> tuple[float, ...]:
    eight, pretrained = (max(seed.of(arm).curve("val_acc").values()) for arm in ("eight", "pretrained"))
    return (pretrained - eight,)


QUESTIONS = (
    Question(
        key="a",
        statement="Likeness can go on rising after the accuracy has saturated (existence, not the rule).",
        operational="Likeness of `pretrained`, which saturates first, at the end minus at the first snapshot from "
        f"saturation on, the first epoch within {100 * SATURATED:g} percentage points of the best val_acc; "
        f"of seeds with such a snapshot before the last {LAST}. The control is `pretrained_shuffled` in the same "
        "epochs. Exact exceedance test: how many numbers are above the largest of the control.",
        unit="likeness",
        number=_likeness_after_saturation,
    ),
    Question(
        key="b",
        statement="Pretrained networks reach a high accuracy earlier.",
        operational=f"First epoch with {100 * REACHED:g} % of the best val_acc of the seed's `eight` (one more than "
        "its epochs for a run that never gets there), `eight` minus `pretrained`.",
        unit="epochs",
        number=_earlier,
    ),
    Question(
        key="c",
        statement="Pretrained networks reach a higher accuracy.",
        operational="Best val_acc, `pretrained` minus `eight`.",
        unit="accuracy",
        number=_higher,
    ),
)


def answers(seeds: Sequence[Seed]) -> tuple[Answer, ...]:
    """All questions, answered on the seeds of one data set."""
    return tuple(_answer(question, seeds) for question in QUESTIONS)


def _answer(question: Question, seeds: Sequence[Seed]) -> Answer:
    found: dict[int, tuple[float, ...]] = {}
    missing: dict[str, None] = {}
    for seed in seeds:
        try:
            found[seed.number] = question.number(seed)
        except Missing as reason:
            missing[str(reason)] = None
    numbers = {seed: values[0] for seed, values in found.items()}
    twins = {seed: values[1] for seed, values in found.items() if len(values) > 1}
    sample = estimate([*numbers.values()]) if numbers else None
    above, p = exceedance([*numbers.values()], [*twins.values()]) if twins else (None, None)
    return Answer(question, numbers, twins, tuple(missing), sample, above, p)
