"""The units of other views, in the order in which they are shown, and their names with and without their group."""

import pytest

from featevo.record.reading import Evolution
from featevo.record.schema import Image, Snapshot
from featevo.record.units import Unit, name_in_group, name_with_group, other_views


def image(unit, view="channels", name="", group=""):
    return Image(view=view, unit=unit, file="", name=name, group=group)


def evolution(tmp_path, *snapshots):
    found = [Snapshot(epoch=epoch, images=images) for epoch, images in enumerate(snapshots)]
    return Evolution(tmp_path, {}, found)


def test_units_are_in_the_order_of_their_groups(tmp_path):
    first = [image(20, name="b 20", group="b"), image(3, name="a 3", group="a"), image(0, "classes", "frog")]
    second = [image(21, name="a 21", group="a"), image(3, name="renamed", group="c"), image(1, "own")]
    assert other_views(evolution(tmp_path, [], first, second)) == {
        "channels": [Unit(3, "a", "3"), Unit(21, "a", "21"), Unit(20, "b", "20")],
        "own": [Unit(1, "", "1")],
    }
    assert other_views(evolution(tmp_path, [image(0, "classes", "frog")])) == {}


@pytest.mark.parametrize(
    ("name", "group", "within", "whole"),
    [
        ("conv4_3 17", "conv4_3", "17", "conv4_3 17"),
        ("frog 0", "gradient", "frog 0", "gradient frog 0"),
        ("conv4_30 1", "conv4_3", "conv4_30 1", "conv4_3 conv4_30 1"),
        ("conv4_3", "conv4_3", "", "conv4_3"),
        ("frog", "", "frog", "frog"),
        ("", "gradient", "", "gradient"),
    ],
)
def test_the_group_is_named_once(name, group, within, whole):
    assert name_in_group(image(0, name=name, group=group)) == within
    assert name_with_group(image(0, name=name, group=group)) == whole


def test_snapshots_of_other_views_or_weights_alone_are_left_out(tmp_path):
    both, alone = [image(0, "classes"), image(1)], [image(1)]
    found = evolution(tmp_path, both, alone, [], [image(0, "classes")]).of_main_view
    assert [snapshot.epoch for snapshot in found.snapshots] == [0, 2, 3]
    weights = Evolution(tmp_path, {}, [*found.snapshots, Snapshot(epoch=4, trigger="weights")])
    assert weights.of_main_view.snapshots == found.snapshots
    assert len(evolution(tmp_path, alone, alone).of_main_view.snapshots) == 2
