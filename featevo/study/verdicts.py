"""The four verdicts, and the measures that were refuted after the first study: their verdicts are withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from featevo.study.choices import COMPLEXITY, CONFUSION, RECOGNITION

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
WITHDRAWN = "withdrawn"

REFUTED = {
    COMPLEXITY: "effective rank follows contrast and rises without learning (one seed): without its energy gate the ρ "
    "of 1a falls from 0.92 to 0.31; a network trained on shuffled labels ends at 22.4 ranks, on true labels at 23.0",
    RECOGNITION: "the judge's linear layer reads the renders below chance: in all 24 runs of the first study its mean "
    "p was 0.001 to 0.053, where chance is 0.125",
    CONFUSION: "the task does not overfit as the paper's did: simulated noise of 10 % meets the rule for overfitting "
    "in 51 to 53 % of runs, and noise alone gives a lead of -2 to -3.4 epochs",
}
"""Reasons by measure. A hypothesis that uses one has numbers, interval and p, and the verdict `withdrawn`."""


def why_withdrawn(measure: str | None) -> str:
    """Why a hypothesis that uses this measure has no verdict; empty where the measure is not refuted."""
    return REFUTED.get(measure or "", "")


def by_reason(reasons: Mapping[str, str]) -> dict[str, str]:
    """Invert reasons by key: the keys that share a reason, such as `1a, 2b`, by reason; empty reasons are left out."""
    return {
        reason: ", ".join(key for key in reasons if reasons[key] == reason)
        for reason in dict.fromkeys(reasons.values())
        if reason
    }


def concluded(verdicts: Collection[str]) -> str:
    """The verdict on a claim from the verdicts on its hypotheses.

    Contradicted when any is contradicted, else withdrawn when any is withdrawn, supported when all are supported.
    """
    if CONTRADICTED in verdicts:
        return CONTRADICTED
    if WITHDRAWN in verdicts:
        return WITHDRAWN
    return SUPPORTED if set(verdicts) == {SUPPORTED} else UNDECIDED
