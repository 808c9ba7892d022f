"""The study's plan as a document, generated from the code, so that both always agree."""

from __future__ import annotations

from featevo.study import choices
from featevo.study.arms import ARMS, PREFIX, twin
from featevo.study.hypotheses import END, HYPOTHESES
from featevo.study.secondary import QUESTIONS

HEAD = """# The second study's plan, fixed before its runs

Written by `python -m featevo.study --plan` from the code that tests the hypotheses; a test compares the two. It states
what is measured, compared and tested, so that no choice can follow the numbers. A change after the runs is a new plan.
The first study and why its verdicts fell: [study/first](study/first/README.md).

## Runs

All networks are `vgg16_slim`, with ordinary training; renders are made with the defaults, `regularizer=clear` and
`evolution=default`. A run's arm is in its recorded name, `{prefix}ARM`;
`conf/experiment/study` has a file for each. Each arm has a twin, `{twin}`, in which all training labels are
permuted among the training images, so that there is nothing to learn but the images themselves. An effect that the
twins show, too, is not due to learning the classes.

{arms}

All arms of 20 epochs have 12 steps an epoch. The 2 classes are among the 8. Every run is validated on at least 1,000
images and has six snapshots, at even distances from before training to the last epoch. Seeds 0 to 11: a seed decides
weights, order, and which images are drawn or taken. The shipped weights share no class with these tasks.

- **{primary}** (64 pixels) is the primary data set. **{replication}** (32 pixels) is a replication: the same hypotheses
  as a family of its own. The verdicts on one data set do not depend on the other.
- **Runs are alike** but for what the table names. A run that differs in anything else from most, or whose settings are
  not its arm's, is left out and named. Runs with other sizes than in the table give estimates without verdicts.

- **Seen before**: accuracies and losses of one run each of `eight`, `pretrained` and `overfit` (seed 0, {primary}), to
  choose numbers of epochs and the rule for overfitting. No render and no likeness of an arm.

## Numbers, tests, verdicts

- **Likeness** is `likeness/{viewer}`, which passes the gate of measures ([measures.md](measures.md)); chance is
  0.5. `likeness/{other}`, which fails it in 2 of 12 seeds, is reported beside it, and so is the same difference of the
  renders' contrast (`{contrast}`).
  {end}
- **Seeds are the unit.** Every hypothesis turns one seed's runs into one number, supported when it is above 0. Where a
  number is the smaller of two differences, the opposite direction is tested by the larger: without an effect the
  smaller of two is below 0 in more than half of the seeds.
- **Effect**: the median over seeds. Its interval is from order statistics, with a coverage of at least {level:.0f} %
  for every distribution.
- **Test**: exact one-sided sign test of the median, in both directions. Seeds whose number is 0 are left out of it, and
  counted. The mean and a t-test stand beside it and decide nothing.
- **Correction**: Holm over all {family} hypotheses, whether or not the runs can test them all.
- **Twins**: every hypothesis has a null number, from the twins. The five null numbers get the same test and correction.
- **Verdicts**: *supported* when the corrected p is below {alpha}; *contradicted* when the same holds in the opposite
  direction; *undecided* otherwise. *Withdrawn*, as the control shows the same, when the null number is supported, or
  contradicted like the hypothesis. With fewer than {least} seeds in either there is *no verdict*.
- **Power and errors** are simulated: [study-calibration.md](study-calibration.md). The chance of any wrong *supported*
  on a data set is at most {alpha}, and so is that of any wrong *contradicted*, also for skewed numbers.

## Hypotheses
"""

SECONDARY = """## Secondary questions

Estimates as above, without correction and without verdicts.
"""


def as_plan() -> str:
    """The plan in Markdown."""
    lines = [
        HEAD.format(
            prefix=PREFIX,
            twin=twin("ARM"),
            arms=_arms(),
            primary=choices.PRIMARY,
            replication=choices.REPLICATION,
            viewer=choices.VIEWER,
            other=choices.OTHER_VIEWER,
            contrast=choices.CONTRAST,
            end=END,
            level=100 * choices.LEVEL,
            family=len(HYPOTHESES),
            alpha=choices.ALPHA,
            least=choices.LEAST_SEEDS,
        )
    ]
    for h in HYPOTHESES:
        lines += [f"### {h.key}. {h.title}", "", f"> {h.paper}", "", f"**{h.statement}**", ""]
        lines += [f"- Number: {h.operational} Unit: {h.unit}."]
        lines += [f"- Null number: {h.control}", f"- Limits: {h.limits}", ""]
    lines += [SECONDARY]
    lines += [f"- **{q.key}** {q.statement} {q.operational} Unit: {q.unit}." for q in QUESTIONS]
    return "\n".join(lines) + "\n"


def _arms() -> str:
    heads = {
        "weights": "init.name",
        "classes": "data.num_classes",
        "images of each class": "data.source.train_per_class",
        "wrong labels": "data.wrong_labels",
        "augmentation": "augmented",
        "validation images of each class": "data.source.val_per_class",
        "batch": "data.batch_size",
        "epochs": "trainer.max_epochs",
        "snapshot every": "evolution.every_n",
    }
    words = {True: "standard", False: "none"}
    rows = [("arm", *heads), ("---",) * (len(heads) + 1)]
    for arm, settings in ARMS.items():
        if twin(arm) in ARMS:
            values = [settings[key] for key in heads.values()]
            rows.append((arm, *(words[value] if isinstance(value, bool) else str(value) for value in values)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
