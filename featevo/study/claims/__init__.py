"""The claims in the order of the paper; a new claim is defined in this folder and listed in `CLAIMS`."""

from __future__ import annotations

from featevo.study.claims.class_count import FEWER_IS_SIMPLER, HARDER_IS_CLEARER
from featevo.study.claims.pretraining import TRANSFER_HELPS
from featevo.study.claims.rising_complexity import COMPLEXITY_RISES
from featevo.study.claims.rising_confusion import CONFUSION_PRECEDES

CLAIMS = (COMPLEXITY_RISES, FEWER_IS_SIMPLER, HARDER_IS_CLEARER, CONFUSION_PRECEDES, TRANSFER_HELPS)
"""The p values of all their hypotheses are corrected together, as one family."""
