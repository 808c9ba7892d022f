"""The claims in the paper's order; a new one is a file here and an entry in `CLAIMS`."""

from __future__ import annotations

from featevo.study.claims.complexity import COMPLEXITY_RISES
from featevo.study.claims.confusion import CONFUSION_PRECEDES
from featevo.study.claims.fewer import FEWER_IS_SIMPLER
from featevo.study.claims.harder import HARDER_IS_CLEARER
from featevo.study.claims.transfer import TRANSFER_HELPS

CLAIMS = (COMPLEXITY_RISES, FEWER_IS_SIMPLER, HARDER_IS_CLEARER, CONFUSION_PRECEDES, TRANSFER_HELPS)
"""Their hypotheses are the family that is corrected for many comparisons."""
