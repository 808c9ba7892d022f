"""The figure: the text that it shows, read back from matplotlib."""

import pytest
from matplotlib.figure import Figure

from featevo.measure.gate import figure
from featevo.measure.gate.examination import Candidate, examined
from featevo.measure.gate.known_truth import KnownTruth
from featevo.measure.gate.pictures import pictures
from featevo.measure.pieces import Pieces


@pytest.fixture(scope="module")
def result():
    shown = pictures(32, 2)
    entries = [
        examined(Candidate("pieces", Pieces()), shown).as_json(),
        examined(Candidate("pieces", Pieces(), True), shown, KnownTruth({}, False, "no")).as_json(),
    ]
    from featevo.measure.gate.checks import without_structure

    return {"size": 32, "pictures": 2, "without_structure": without_structure(shown), "entries": entries}


def test_every_check_is_in_the_figure(result, monkeypatch):
    made: list[Figure] = []

    def kept(**settings):
        made.append(Figure(**settings))
        return made[-1]

    monkeypatch.setattr(figure, "Figure", kept)
    one = {kind: images[0] for kind, images in pictures(32, 1).items()}
    assert figure.draw(result, one) == figure.draw(result, one)
    texts = [text.get_text() for text in made[0].axes[0].texts]
    for check in result["entries"][0]["checks"][1:]:
        assert figure.CELLS[check["name"]][2].format(check["value"]) in texts
    worst = result["entries"][0]["checks"][0]
    assert any(text.endswith(worst["kind"]) and "×" in text for text in texts)
    assert "not examined" in texts
    assert {"fails a, b", "fails a, c"} <= set(texts)
