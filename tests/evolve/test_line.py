"""A snapshot's line says what is known, in columns."""

from dataclasses import replace

from featevo.evolve.line import line
from featevo.evolve.moment import Moment
from tests.tracking.told import snapshot_of


def test_it_has_everything_in_columns(tmp_path):
    snapshot = snapshot_of(tmp_path)
    first = replace(snapshot, moment=Moment(4, 40, "improvement", val_acc=0.705, monitor="val_acc", value=0.705))
    later = replace(snapshot, moment=Moment(12, 120, "last_epoch", val_acc=0.83, monitor="val_acc", value=0.83))
    assert line(first, None) == "epoch   4   70.5 %          improvement      3 classes in 1.0 s  own p 0.50"
    assert line(later, 0.705) == "epoch  12   83.0 % (+12.5)  last epoch       3 classes in 1.0 s  own p 0.50"


def test_what_is_not_known_is_not_said(tmp_path):
    snapshot = snapshot_of(tmp_path, ("one",))
    snapshot = replace(snapshot, moment=Moment(0, 0, "before_training"))
    snapshot = replace(snapshot, renders=[replace(render, probability=None) for render in snapshot.renders])
    assert line(snapshot, 0.5) == "epoch   0        -          before training  1 class in 1.0 s"


def test_another_monitored_value_is_said(tmp_path):
    moment = Moment(1, 9, "improvement", val_acc=0.5, monitor="val_loss", value=0.6931)
    snapshot = replace(snapshot_of(tmp_path), moment=moment)
    assert line(snapshot, 0.55).endswith("(-5.0)   improvement      3 classes in 1.0 s  own p 0.50  val_loss 0.693")
