"""The study's plan as a document, generated from the code, so that both always agree."""

from __future__ import annotations

from featevo.study import choices
from featevo.study.claims import CLAIMS
from featevo.study.verdicts import by_reason

HEAD = """# The study's plan, fixed before its runs

Written by `python -m featevo.study --plan` from the code that tests the claims; a test compares the two. It states
what is measured, compared and tested, so that no choice can follow the numbers. A change after the runs is a new plan.

## Units, estimates, tests

- **Seeds are the unit.** Every hypothesis turns one seed's runs into one number; snapshots, classes and epochs are
  never counted as if they were independent. A seed decides weights, order and, for drawn pictures, the pictures. It
  counts only where it has every cell (initialisation, number of classes) that the study has.
- **Runs are alike** but for seed, initialisation, number of classes, batch size and what cannot change a result. Those
  that differ in anything else from most are left out, and named.
- **One judge** measures all runs of a hypothesis, and none related to the pretrained weights where initialisations are
  compared; otherwise the hypothesis has no numbers, and the reason is said.
- **Effect**: the mean over seeds in its own unit, and divided by its standard deviation over seeds (d).
- **Interval** ({level:.0f} %): studentized bootstrap over seeds, {resamples:,} resamples.
- **Test**: one-sided t-test of the seeds' numbers, in the direction claimed and in the opposite one. Beside it the
  exact sign-flip test, which assumes symmetry alone; its smallest p is 1/32 for five seeds, so that it could never pass
  a correction. Where all numbers are equal it takes the t-test's place.
- **Correction**: Holm over all {family} hypotheses, whether or not the runs can test them all.
- **Verdicts**: *supported* when the corrected p is below {alpha} and the interval lies above 0; *contradicted* when the
  same holds in the opposite direction; *undecided* otherwise, and always with fewer than {least} seeds. The chance of
  any wrong *supported* in the whole family is {alpha}, and so is that of any wrong *contradicted*, for numbers that are
  not strongly skewed over seeds; how much more it is for those that are, the simulations say. A claim is supported
  when all of its hypotheses are, contradicted when any is.
- **How many seeds**: eight find nearly all effects of two standard deviations over seeds, five about half of them.
- **Why these**: percentile and BCa intervals of five numbers cover far less than they say, and curves that share only a
  trend correlate unless a cubic is taken out; the simulations are in [study-calibration.md](study-calibration.md).

## Hypotheses
"""

SINCE = """
## Found out after the runs

Everything above is the plan as it was fixed; this section was added after its runs. A hypothesis whose measure was
refuted keeps its numbers, interval and p, and its verdict is *withdrawn*. A claim with such a hypothesis is never
supported.
"""


def as_plan() -> str:
    """The plan in Markdown."""
    hypotheses = [h for claim in CLAIMS for h in claim.hypotheses]
    lines = [
        HEAD.format(
            level=100 * choices.LEVEL,
            resamples=choices.RESAMPLES,
            family=len(hypotheses),
            alpha=choices.ALPHA,
            least=choices.LEAST_SEEDS,
        )
    ]
    for claim in CLAIMS:
        lines += [f"### {claim.key}. {claim.title}", "", f"> {claim.paper}", ""]
        for h in claim.hypotheses:
            lines += [f"- **{h.key}** {h.statement}"]
            lines += [f"  - Number: {h.operational} Unit: {h.unit}."]
            lines += [f"  - Needs: {h.needs}."]
        lines += [f"- Limits: {claim.limits}", ""]
    lines = [*lines[:-1], SINCE]
    withdrawn = by_reason({h.key: h.withdrawn for h in hypotheses})
    lines += [f"- {keys}: {reason}." for reason, keys in withdrawn.items()]
    lines += [f"- {claim.key}: {claim.found_since}" for claim in CLAIMS if claim.found_since]
    return "\n".join(lines) + "\n"
