"""Recognition by a judge, agreement of seeds, and whether other epochs' networks know a picture."""

import torch

from featevo.measure.recognition import Recognition, SeedAgreement, Top1, transfer
from tests.measure.parts import BLUE, GREEN, GREY, RED, ask, by_colour, filled, subject


def test_the_judge_says_how_likely_the_intended_class_is():
    seen = subject(filled(RED, BLUE, GREY), judge=by_colour())
    torch.testing.assert_close(ask(Recognition(), seen)[2], torch.tensor(1 / 3))
    assert ask(Recognition(), seen)[0] > 0.99 > 0.01 > ask(Recognition(), seen)[1]
    assert ask(Top1(), subject(filled(RED, BLUE, BLUE), judge=by_colour())).tolist() == [1, 0, 1]


def test_agreement_counts_pairs_of_seeds():
    others = torch.stack([filled(RED, RED, BLUE), filled(RED, BLUE, BLUE)])
    seen = subject(filled(RED, GREEN, BLUE), judge=by_colour(), others=others)
    assert ask(SeedAgreement(), seen).tolist() == [1, 0, 1]
    others[1, 1] = torch.tensor(GREEN).view(3, 1, 1)
    torch.testing.assert_close(ask(SeedAgreement(), seen)[1], torch.tensor(1 / 3, dtype=torch.float64))


def test_without_a_judge_or_seeds_nothing_is_said():
    assert Recognition()(subject()) is None
    assert Top1()(subject()) is None
    assert SeedAgreement()(subject(judge=by_colour())) is None


def test_transfer_asks_every_network_about_every_epochs_pictures():
    unsure, sure = by_colour(0.0), by_colour(50.0)
    table = transfer([unsure, sure], [filled(GREY, GREY, GREY), filled(RED, GREEN, BLUE)])
    torch.testing.assert_close(table, torch.tensor([[1 / 3, 1 / 3], [1 / 3, 1.0]]))
