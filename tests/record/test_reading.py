"""Records: every record of a run can be read, and others are an error of one line."""

from __future__ import annotations

import json

import pytest

from featevo.errors import UserError
from featevo.record.reading import class_names, read_controls, read_curve, read_evolution
from featevo.record.schema import Snapshot, percent
from tests.conftest import as_channels


def test_reads_a_written_record(make_run):
    evolution = read_evolution(make_run())

    assert evolution.name == "scenes"
    assert evolution.classes == {0: "tree frog", 1: "flamingo", 2: "pool table", 3: "hamburger"}
    assert [s.val_acc for s in evolution.snapshots] == [0.25, 0.64, 0.975]
    first = evolution.snapshots[0]
    assert (first.step, first.trigger, first.folder, first.provenance) == (50, "improvement", "epoch=001", {"seed": 7})
    assert first.images[1].file == "evolution/epoch=001/001.png"
    assert first.images[1].values["logit"] == 3.0


def test_views_are_apart_and_in_the_order_of_units(make_run):
    def change(entries):
        entries[0]["renders"].reverse()
        entries[0]["renders"].append({"view": "saliency", "unit": 0, "name": "tree frog", "file": "x.png"})

    snapshot = read_evolution(make_run(change=change)).snapshots[0]

    assert [render.unit for render in snapshot.of_view()] == [0, 1, 2, 3]
    assert [render.file for render in snapshot.of_view("saliency")] == ["x.png"]
    assert snapshot.of_view("channels") == []


def test_classes_of_one_name_have_their_unit(make_run):
    evolution = read_evolution(make_run(classes=["crane", "frog", "crane"]))
    assert class_names(evolution) == {0: "crane (0)", 1: "frog", 2: "crane (2)"}


def test_snapshots_are_ordered_and_one_epoch_can_have_two(make_run):
    def change(entries):
        entries[2] |= {"epoch": 1, "step": 75}
        entries.reverse()

    evolution = read_evolution(make_run(change=change))

    assert [s.step for s in evolution.snapshots] == [50, 75, 100]
    assert evolution.labels() == ["1, step 50", "1, step 75", "2"]


def test_real_images_are_in_the_order_of_their_numbers(make_run):
    run = make_run()
    assert read_evolution(run).real == {}
    folder = run / "evolution" / "real"
    folder.mkdir()
    for name in ("001-a-b-10.png", "001-a-b-2.png", "000-x-0.png", "000-x.png", "0-x-0.png", "000-x-0.png.tmp"):
        (folder / name).touch()
    (folder / "002-folder-0.png").mkdir()
    (folder / "003-link-0.png").symlink_to(run / "run.json")
    assert read_evolution(run).real == {
        0: ["evolution/real/000-x-0.png"],
        1: ["evolution/real/001-a-b-2.png", "evolution/real/001-a-b-10.png"],
    }


def test_the_main_view_of_a_run_without_classes_is_its_first_one(make_run):
    def change(entries):
        as_channels(entries)
        entries[0]["renders"][0]["view"] = "own"
        entries[1] |= {"renders": [], "error": "out of memory"}

    evolution = read_evolution(make_run(change=change, real=1))

    assert evolution.main_view == "own"
    assert evolution.main_units == {0: "conv1 0"}
    assert [snapshot.epoch for snapshot in evolution.of_main_view.snapshots] == [1, 2]
    assert evolution.real == evolution.classes == {}


def test_the_main_view_is_the_classes_wherever_one_was_drawn(make_run):
    evolution = read_evolution(make_run(change=lambda entries: as_channels(entries[:2])))

    assert evolution.main_view == "classes"
    assert evolution.main_units == evolution.classes != {}
    assert [snapshot.epoch for snapshot in evolution.of_main_view.snapshots] == [3]


def test_real_images_outside_the_run_are_not_read(make_run, tmp_path):
    run = make_run()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "000-x-0.png").touch()
    (run / "evolution" / "real").symlink_to(tmp_path / "elsewhere")
    assert read_evolution(run).real == {}


def test_a_failed_render_is_a_snapshot_without_images(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    evolution = read_evolution(run)

    assert evolution.snapshots[1].error == "out of memory"
    assert evolution.snapshots[1].images == []
    assert len(evolution.classes) == 4


def test_unknown_keys_of_this_schema_are_ignored(make_run):
    assert read_evolution(make_run(change=lambda entries: entries[0].update(later=1))).snapshots[0].epoch == 1


@pytest.mark.parametrize("cut", [1, 5, 300])
def test_a_half_written_last_line_is_ignored(make_run, cut):
    run = make_run()
    index = run / "evolution" / "index.jsonl"
    index.write_bytes(index.read_bytes()[: -1 - cut])

    assert [s.epoch for s in read_evolution(run).snapshots] == [1, 2]


def test_a_last_line_cut_inside_a_letter_is_ignored(make_run):
    run = make_run()
    with (run / "evolution" / "index.jsonl").open("ab") as index:
        index.write('{"epoch": 4, "name": "é'.encode()[:-1])

    assert len(read_evolution(run).snapshots) == 3


def test_a_broken_line_before_the_last_is_named(make_run):
    run = make_run()
    index = run / "evolution" / "index.jsonl"
    lines = index.read_text().splitlines()
    index.write_text("\n".join([lines[0], lines[1][:40], lines[2]]))

    with pytest.raises(UserError, match=r"index\.jsonl, line 2: not JSON"):
        read_evolution(run)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"schema": 2, "epoch": 1}, "line 1: schema 2 was written by a newer featevo; this one reads 1"),
        ({"schema": 1}, "line 1: not a snapshot; it needs an epoch"),
        ({"epoch": 1, "renders": [{"unit": 0}]}, "each render a view, a unit and a file"),
        ({"epoch": 1, "renders": [3]}, "each render a view, a unit and a file"),
        ({"schema": "1", "epoch": 1}, "line 1: not a snapshot; it needs an epoch"),
        ({"epoch": None}, "line 1: not a snapshot; it needs an epoch"),
        ({"epoch": "1"}, r"it needs an epoch.* \(Expected `int`, got `str` - at `\$.epoch`\)"),
        ({"epoch": 1, "val_acc": "0.5"}, r"got `str` - at `\$.val_acc`\)"),
        ({"epoch": 1, "measures": [1]}, r"Expected `object`, got `array` - at `\$.measures`\)"),
        ({"epoch": 1, "renders": [{"view": "classes", "unit": 0, "file": "a", "seed": "x"}]}, r"renders\[0\].seed"),
        ({"epoch": 10**30}, "9007199254740992"),
        ({"epoch": -1}, ">= 0"),
        ([1], "line 1: not a snapshot; each line must be one JSON object"),
    ],
)
def test_an_invalid_snapshot_is_a_user_error(make_run, line, message):
    run = make_run(accuracies=[])
    (run / "evolution" / "index.jsonl").write_text(json.dumps(line))

    with pytest.raises(UserError, match=message) as caught:
        read_evolution(run)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(UserError, match=rf"{tmp_path} is not a run folder: evolution/index\.jsonl"):
        read_evolution(tmp_path)


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_run_file_that_is_missing_or_broken_leaves_the_folders_name(make_run, content):
    run = make_run()
    (run / "run.json").unlink() if content is None else (run / "run.json").write_text(content)

    evolution = read_evolution(run)
    assert evolution.run == {}
    assert evolution.name == "scenes"


def test_the_curve_skips_empty_and_half_written_rows(make_run):
    run = make_run()
    assert read_curve(run) == []
    (run / "metrics.csv").write_text("epoch,step,val_acc,val_loss\n1,50,0.25,1\n2,100,,1\n3,150,0.5,1\n4,2")

    assert read_curve(run) == [(1, 0.25), (3, 0.5)]
    assert read_curve(run, "val_loss") == [(1, 1.0), (2, 1.0), (3, 1.0)]
    assert read_curve(run, "train_acc") == []


def test_values_that_are_not_finite_are_left_out_of_a_curve(make_run):
    run = make_run()
    (run / "metrics.csv").write_text("epoch,val_loss\n1,nan\n2,inf\n3,0.5\n")

    assert read_curve(run, "val_loss") == [(3, 0.5)]


@pytest.mark.parametrize("content", ["{", "[1]", "3", '{"rank": 3}', '{"rank": {"real": {"mean": "high"}}}', "{}"])
def test_invalid_controls_are_left_out(make_run, content):
    run = make_run()
    assert read_controls(run) == {}
    (run / "evolution" / "controls.json").write_text(content)
    assert read_controls(run) == {}


def test_controls_are_means_by_measure_and_name(make_run):
    run = make_run()
    given = {"rank": {"real": {"mean": 28, "sd": 1.5, "n": 8}, "noise": {"mean": 1.5}, "odd": {"sd": 1}}, "other": []}
    (run / "evolution" / "controls.json").write_text(json.dumps(given))
    assert read_controls(run) == {"rank": {"real": 28.0, "noise": 1.5}}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.64, "64.0 %"), (0.975, "97.5 %"), (1.0, "100.0 %"), (0, "0.0 %"), (None, "-"), (float("nan"), "-")],
)
def test_percent(value, text):
    assert percent(value) == text


def test_captions():
    assert Snapshot(epoch=0, trigger="before_training").caption == "before training"
    assert Snapshot(epoch=9, trigger="last_epoch", val_acc=0.97).caption == "97.0 % (last)"
    assert Snapshot(epoch=9, trigger="improvement", val_acc=0.97).caption == "97.0 %"
    assert Snapshot(epoch=9, trigger="every_n").caption == "-"


def test_probabilities_are_by_class_number_and_older_records_have_none(make_run):
    run = make_run(change=lambda entries: entries[0]["renders"][0].update(probabilities={"1": 0.75, "0": 0.25}))
    first, second = read_evolution(run).snapshots[0].images[:2]
    assert first.probabilities == {1: 0.75, 0: 0.25}
    assert second.probabilities == {}


def test_null_and_nan_are_unknown_values(make_run):
    nothing = dict.fromkeys(("provenance", "measures", "trigger", "val_acc", "folder", "step"))

    def change(entries):
        entries[0].update(nothing)
        entries[0]["val_loss"] = float("nan")
        entries[0]["renders"][0].update(trace=None, measures=None, name=None, probabilities={"0": None, "1": 0.5})

    snapshot = read_evolution(make_run(change=change)).snapshots[0]
    assert (snapshot.provenance, snapshot.measures, snapshot.trigger, snapshot.val_acc) == ({}, {}, "", None)
    assert (snapshot.folder, snapshot.step, snapshot.val_loss) == ("", 0, None)
    render = snapshot.images[0]
    assert (render.trace, render.measures, render.name, render.probabilities) == ([], {}, "", {1: 0.5})


@pytest.mark.parametrize("file", ["../../secret.png", "/etc/hostname", "link/a.png"])
def test_an_image_outside_the_folder_is_an_error(make_run, tmp_path, file):
    run = make_run(change=lambda entries: entries[1]["renders"][2].update(file=file))
    (run / "link").symlink_to(tmp_path)
    with pytest.raises(UserError, match=r"is not inside") as caught:
        read_evolution(run)
    assert "\n" not in str(caught.value)
