"""A snapshot's line has all known values, in columns."""

from msgspec.structs import replace

from featevo.evolve.line import line
from tests.tracking.parts import snapshot_of, without_probability


def test_it_has_everything_in_columns(tmp_path):
    snapshot = snapshot_of(tmp_path).snapshot
    first = replace(snapshot, epoch=4, val_acc=0.705, monitor="val_acc", value=0.705)
    later = replace(snapshot, epoch=12, trigger="last_epoch", val_acc=0.83, monitor="val_acc", value=0.83)
    assert line(first, None) == "epoch   4   70.5 %          improvement      3 classes in 1.0 s  p(class) 0.50"
    assert line(later, 0.705) == "epoch  12   83.0 % (+12.5)  last epoch       3 classes in 1.0 s  p(class) 0.50"


def test_unknown_values_are_left_out(tmp_path):
    snapshot = without_probability(snapshot_of(tmp_path, ("one",))).snapshot
    snapshot = replace(snapshot, epoch=0, trigger="before_training", val_acc=None)
    assert line(snapshot, 0.5) == "epoch   0        -          before training  1 class in 1.0 s"


def test_other_views_have_their_own_cost(tmp_path):
    snapshot = snapshot_of(tmp_path).snapshot
    others = [replace(image, view="inversion") for image in snapshot.images] + [replace(snapshot.images[0], view="own")]
    costs = {"classes": 0.7, "inversion": 3.21, "own": 0.04}
    both = replace(snapshot, epoch=4, images=[*snapshot.images, *others], view_seconds=costs, seconds=4.0)
    rest = "inversion 3 images in 3.2 s  own 1 image in 0.0 s"
    assert line(both, None).endswith(f"improvement      3 classes in 0.7 s  p(class) 0.50  {rest}")
    assert line(replace(both, images=others), None).endswith(f"improvement      {rest}")


def test_another_monitored_value_is_in_the_line(tmp_path):
    snapshot = replace(snapshot_of(tmp_path).snapshot, epoch=1, monitor="val_loss", value=0.6931)
    assert line(snapshot, 0.55).endswith("(-5.0)   improvement      3 classes in 1.0 s  p(class) 0.50  val_loss 0.693")
