"""The candidates: all measures of images that featevo has, each as it is and after contrast equalisation."""

from __future__ import annotations

from collections.abc import Sequence

from featevo.measure.clusters import ClusterEntropy
from featevo.measure.complexity import ActiveChannels, EffectiveRank, RankBeyondChance
from featevo.measure.equalise import equalised
from featevo.measure.gate.examination import Candidate, Measure
from featevo.measure.gate.rungs import CALIBRATION, scenes
from featevo.measure.judge import Judge
from featevo.measure.naive import NAIVE
from featevo.measure.phase import PhaseEnergy
from featevo.measure.pieces import Pieces
from featevo.measure.regions import ColourRegions

OF_JUDGE = (EffectiveRank, RankBeyondChance, ActiveChannels)
OWN = (ClusterEntropy, Pieces, ColourRegions, PhaseEnergy)


def candidates(judges: Sequence[Judge], size: int, seed: int = 0) -> list[Candidate]:
    """Every measure with every judge, raw and then equalised.

    Args:
        judges: Not calibrated yet; each is calibrated on drawn scenes, equalised ones for equalised pictures.
        size: Side of the pictures in pixels.
        seed: Of the scenes.
    """
    plain: dict[str, Measure] = {**NAIVE, **{_title(measure.name): measure for measure in (kind() for kind in OWN)}}
    found = [Candidate(name, measure, equal) for name, measure in plain.items() for equal in (False, True)]
    real = scenes(size, CALIBRATION, seed=seed)
    for judge in judges:
        raw, equal = judge.calibrated(real), judge.calibrated(equalised(real))
        for kind in OF_JUDGE:
            found += [
                Candidate(_title(kind(raw).name), kind(raw), False, raw),
                Candidate(_title(kind(equal).name), kind(equal), True, equal),
            ]
    return found


def _title(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")
