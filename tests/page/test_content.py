"""The data for the page's scripts are those of the record."""

import json

from featevo.page.content import content, times
from featevo.page.gather import gather
from featevo.page.thinning import plan
from featevo.record.reading import Evolution
from featevo.record.schema import Snapshot


def of(*folders):
    """The content of a page after JSON, as its scripts read it."""
    gathered = gather(folders)
    return json.loads(json.dumps(content(gathered, plan(gathered.evolutions)), allow_nan=False))


def test_snapshots_have_time_accuracy_and_renders(make_run):
    (run,) = of(make_run())["runs"]
    assert [(s["time"], s["label"], s["accuracy"], s["caption"]) for s in run["snapshots"]] == [
        (1, "1", 0.25, "25.0 %"),
        (2, "2", 0.64, "64.0 %"),
        (3, "3", 0.975, "97.5 %"),
    ]
    render = run["snapshots"][1]["renders"][3]
    assert (render["logit"], render["probability"], render["trace"]) == (8.0, 0.5, [0.0, 1.0])
    assert (render["seen"], render["likeliest"], render["measures"]) == (True, [], {})


def test_measures_of_snapshots_and_of_renders_have_words(make_run):
    def measure(entries):
        entries[0]["measures"] = {"picture/used": 0.5, "own": 1.0}
        entries[1]["renders"][2]["measures"] = {"picture/contrast": 0.25, "picture/used": 0.5}

    words = of(make_run(change=measure))["words"]
    assert {name: one["title"] for name, one in words.items()} == {
        "picture/used": "Used area",
        "picture/contrast": "Contrast",
    }


def test_several_snapshots_of_one_epoch_follow_each_other(tmp_path):
    epochs = [0, 1, 1, 1, 1, 2]
    evolution = Evolution(tmp_path, {}, [Snapshot(epoch=epoch, step=step) for step, epoch in enumerate(epochs)])
    assert times(evolution) == [0, 0.25, 0.5, 0.75, 1, 2]


def test_curves_are_the_logged_ones_or_those_of_the_snapshots(make_run):
    run = make_run()
    curves = of(run)["runs"][0]["curves"]
    assert curves == {
        "val_acc": [[1, 0.25], [2, 0.64], [3, 0.975]],
        "val_loss": [[1, 1.5], [2, 1.5], [3, 1.5]],
        "train_loss": [[1, 1.25], [2, 1.25], [3, 1.25]],
    }
    (run / "metrics.csv").write_text("epoch,val_acc,val_loss,train_acc\n1,0.25,nan,0.123456\n2,0.5,2,\n9,0.4,1,0.2\n")
    curves = of(run)["runs"][0]["curves"]
    assert curves["val_acc"] == [[1, 0.25], [2, 0.5], [9, 0.4]]
    assert curves["val_loss"] == [[2, 2], [9, 1]]
    assert curves["train_acc"] == [[1, 0.1235], [9, 0.2]]
    assert curves["train_loss"][0] == [1, 1.25]


def test_measures_are_curves_and_other_values_are_left_out(make_run):
    def measure(entries):
        entries[0]["measures"] = {"complexity/rank": 11.23456, "odd": "word", "none": None}
        entries[2]["measures"] = {"complexity/rank": 20, "flag": True}
        entries[0]["renders"][0]["measures"] = {"complexity/rank": 3.5, "odd": [1]}
        entries[0]["renders"][0]["trace"] = [1.23456, None, "x", 2]

    (run,) = of(make_run(change=measure))["runs"]
    assert run["curves"]["complexity/rank"] == [[1, 11.23], [3, 20]]
    assert not {"odd", "none", "flag"} & set(run["curves"])
    assert run["snapshots"][0]["renders"][0]["measures"] == {"complexity/rank": 3.5}
    assert run["snapshots"][0]["renders"][0]["trace"] == [1.235, 2]


def traced(make_run, values, of, every, period=None):
    """The trace on a page with at most `LONG_TRACE` points."""

    def change(entries):
        for entry in entries:
            entry["provenance"] |= {"regularizer": {"period": period}} if period else {}
            entry["renders"][0] |= {"trace": values, "trace_of": of, "trace_every": every}

    render = of_run(make_run(change=change))["snapshots"][0]["renders"][0]
    return render["trace"], render["of"], render["every"]


def of_run(run):
    return of(run)["runs"][0]


def test_a_trace_is_thinned_in_phase_with_the_filters(make_run):
    whole = [float(i) for i in range(128)]
    kept = [0, *range(3, 128, 4)]
    assert traced(make_run, whole, 128, 1, period=4) == (kept, 128, 4)
    assert traced(lambda **given: make_run("short", **given), whole[:50], 50, 1, 4) == (whole[:50], 50, 1)
    places = [0, *range(7, 1000, 8)]
    assert len(places) == 126
    assert traced(lambda **given: make_run("sampled", **given), places, 1000, 8, 4) == (
        [0, *range(7, 1000, 16)],
        1000,
        16,
    )


def test_an_older_trace_is_unchanged(make_run):
    """Its 33 values are of unknown steps."""
    assert traced(make_run, [float(i) for i in range(33)], None, None) == ([*range(33)], 0, 0)
    odd: list[tuple[list[float | None], int, int]] = [([1.0, 2.0], 7, 2), ([1.0, 2.0], 2, 0), ([1.0, None], 2, 1)]
    for number, (values, count, every) in enumerate(odd):
        found = traced(lambda number=number, **given: make_run(f"odd{number}", **given), values, count, every)
        assert found == ([value for value in values if value], 0, 0)


def test_measures_of_recognition_are_not_shown(make_run):
    """Neither as curves, nor for an image, nor as controls, also of an older record that has them."""
    withheld = dict.fromkeys(
        ("recognition/judge", "recognition/judge_top1", "recognition/seeds", "confusion/judge"), 0.5
    )

    def measure(entries):
        for entry in entries:
            entry["measures"] = {**withheld, "confusion/self": 0.5}
            for render in entry["renders"]:
                render["measures"] = {**withheld, "confusion/self": 0.5}

    run = make_run(change=measure)
    controls = {name: {"real": {"mean": 0.5}} for name in (*withheld, "confusion/self")}
    (run / "evolution" / "controls.json").write_text(json.dumps(controls))
    (found,) = of(run)["runs"]
    assert found["controls"] == {"confusion/self": {"real": 0.5}}
    assert found["snapshots"][0]["renders"][0]["measures"] == {"confusion/self": 0.5}
    assert not withheld.keys() & found["curves"].keys()


def test_the_likeliest_classes_are_named(make_run):
    given = {str(unit): unit / 100 for unit in range(12)}
    run = make_run(change=lambda entries: entries[0]["renders"][0].update(probabilities=given))
    likeliest = of(run)["runs"][0]["snapshots"][0]["renders"][0]["likeliest"]
    assert likeliest == [[f"class {unit}", unit / 100] for unit in range(11, 5, -1)]


def test_the_likeliest_have_the_names_of_the_page(make_run):
    run = make_run(
        classes=["crane", "crane"], change=lambda entries: entries[0]["renders"][0].update(probabilities={"1": 0.5})
    )
    whole = of(run)
    assert whole["runs"][0]["snapshots"][0]["renders"][0]["likeliest"] == [[whole["classes"][1], 0.5]]


def test_shared_provenance_is_stated_once(make_run):
    def origin(entries):
        for entry in entries:
            entry["provenance"] = {"seed": 7, "versions": {"torch": "2"}, "weights": entry["epoch"]}
        entries[1]["provenance"]["chunk"] = float("nan")

    (run,) = of(make_run(change=origin))["runs"]
    assert run["provenance"] == {"seed": 7, "versions": {"torch": "2"}}
    assert [s["provenance"] for s in run["snapshots"]] == [
        {"weights": 1},
        {"weights": 2, "chunk": None},
        {"weights": 3},
    ]


def test_runs_share_classes_by_name(make_run):
    whole = of(make_run("a", classes=["x", "y"]), make_run("b", classes=["y", "z"]))
    assert whole["classes"] == ["x", "y", "z"]
    assert [run["classes"] for run in whole["runs"]] == [[0, 1], [1, 2]]


def test_a_truncated_record_has_content(make_run):
    run = make_run(accuracies=(0.5, 0.6))
    index = run / "evolution" / "index.jsonl"
    index.write_bytes(index.read_bytes()[:-30])
    assert len(of(run)["runs"][0]["snapshots"]) == 1
