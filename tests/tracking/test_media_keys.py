"""Keys of images in trackers: different for different images, and sorted by view and group."""

from featevo.record import schema
from featevo.tracking.media_keys import media_keys


def test_no_two_classes_share_a_key():
    names = ["pool/table", "pool-table", "frog", "früh", "fr\nog", "frøh"]
    images = [schema.Image(view="classes", unit=unit, file="", name=name) for unit, name in enumerate(names)]
    keys = media_keys(images)
    assert keys == [
        "features/pool-table 0",
        "features/pool-table 1",
        "features/frog",
        "features/früh 3",
        "features/fr og",
        "features/frøh 5",
    ]


def test_images_of_other_views_are_named_by_view_and_group():
    named = [("conv4_3 17", "conv4_3"), ("frog 0", "gradient"), ("frog 0", "gradcam"), ("conv4_30 1", "conv4_3")]
    named += [("a/b", ""), ("conv4_3", "conv4_3")]
    images = [
        schema.Image(view="own", unit=unit, file="", name=name, group=group) for unit, (name, group) in enumerate(named)
    ]
    assert media_keys(images) == [
        "own/conv4_3 17",
        "own/gradient frog 0",
        "own/gradcam frog 0",
        "own/conv4_3 conv4_30 1",
        "own/a-b",
        "own/conv4_3",
    ]
