"""The verdicts, and the rule that gives one from a hypothesis' test and from its control's."""

from __future__ import annotations

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
WITHDRAWN, NONE = "withdrawn", "no verdict"

SCHEMA = 2
"""Of `study.json`; the first study's was 1."""

VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, WITHDRAWN, NONE)


def decided(found: str, control: str) -> tuple[str, str]:
    """The verdict on a hypothesis, and its reason, empty where the number alone gives it.

    Args:
        found: The result of its test.
        control: The result of the same test of its null number, from runs with shuffled labels.
    """
    if control == SUPPORTED or control == found == CONTRADICTED:
        return WITHDRAWN, "its control shows the same"
    return found, ""
