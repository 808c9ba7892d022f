"""The figure of another view: its snapshots in columns, its units in rows by group, recorded pixels, safe names."""

from __future__ import annotations

import json
import shutil
from itertools import product

import pytest
from PIL import Image

from featevo.figures.comparison import save_comparison
from featevo.figures.evolution import draw_evolution
from featevo.figures.formats import write_figures
from featevo.figures.run_files import draw_summary
from featevo.figures.sheet import as_image, lay_out
from featevo.figures.view_rows import COLUMNS, ROWS, draw_view, save_view, stem_of
from featevo.record.find import find_runs
from featevo.record.reading import read_evolution
from tests.figures.parts import count_dots, overlaps, places_of, texts

DPI = 144


def tone(epoch, unit):
    return 20 * epoch % 250, (30 + 12 * unit) % 250, 200


def edit(folder, change):
    """Change the entries of a record's index."""
    index = folder / "evolution" / "index.jsonl"
    entries = [json.loads(line) for line in index.read_text().splitlines()]
    change(entries)
    index.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


@pytest.fixture
def viewed(make_run):
    """Build a run of one snapshot per accuracy; `views` has the sizes, names and groups of units, and their epochs."""

    def make(views, accuracies=(0.25, 0.5, 0.75)):
        folder = make_run(accuracies=accuracies, name="a run")

        def add(entries):
            for entry, (view, (units, epochs)) in product(entries, views.items()):
                for unit, (size, name, group) in units.items():
                    if entry["epoch"] in epochs:
                        file = f"evolution/{entry['folder']}/{len(entry['renders'])}-{unit}.png"
                        Image.new("RGB", size, tone(entry["epoch"], unit)).save(folder / file)
                        about = {"view": view, "unit": unit, "name": name, "group": group, "file": file}
                        entry["renders"].append(about)

        edit(folder, add)
        return folder

    return make


UNITS = {
    0: ((16, 16), "conv1 0", "conv1"),
    3: ((16, 16), "conv1 3", "conv1"),
    10: ((12, 24), "x^2_$a$", "a layer with a long name that has to be wrapped"),
}


def test_columns_are_the_views_snapshots_and_rows_its_units_by_group(viewed):
    evolution = read_evolution(viewed({"channels": (UNITS, (1, 3))}))
    figure = lay_out(draw_view(evolution, "channels", DPI), DPI)
    words = texts(figure)
    assert overlaps(figure) == []
    assert words[:5] == ["a run: channels", "epoch 1", "25.0 %", "epoch 3", "75.0 %"]
    assert words[5:] == ["conv1", "0", "3", *words[-4:]]
    assert words[-1] == "x^2_$a$"
    shown = as_image(figure)
    where = {}
    for epoch in (1, 3):
        for unit, (size, _, _) in UNITS.items():
            zoom = 96 // size[1]  # 48 points
            (where[epoch, unit],) = places_of(
                Image.new("RGB", (size[0] * zoom, size[1] * zoom), tone(epoch, unit)), shown
            )
    assert where[1, 0][0] == where[1, 3][0] < where[3, 0][0]
    assert where[1, 0][1] == where[3, 0][1] < where[1, 3][1] < where[1, 10][1]


def test_a_missing_image_is_a_crossed_field_of_its_size(viewed):
    folder = viewed({"channels": (UNITS, (1, 2, 3))})
    evolution = read_evolution(folder)
    (image,) = [each for each in evolution.snapshots[1].of_view("channels") if each.unit == 3]
    (folder / image.file).write_bytes(b"no image")
    figure = as_image(lay_out(draw_view(evolution, "channels", DPI), DPI))
    assert count_dots(figure).get(tone(2, 3), 0) == 0
    assert count_dots(figure)[tone(1, 3)] == 96 * 96


def test_many_snapshots_and_units_are_thinned_and_this_is_stated(viewed):
    units = {unit: ((8, 8), f"{unit}", "") for unit in range(ROWS + 2)}
    run = viewed({"own": (units, range(20))}, accuracies=(0.5,) * 12)
    figure = lay_out(draw_view(read_evolution(run), "own", DPI), DPI)
    assert overlaps(figure) == []
    words = texts(figure)
    assert words[1:3] == [f"{ROWS} of {ROWS + 2} images", f"{COLUMNS} of 12 snapshots"]
    assert [word for word in words if word.startswith("epoch")][:: COLUMNS - 1] == ["epoch 1", "epoch 12"]


def test_images_wider_than_their_column_are_reduced(viewed):
    run = viewed({"own": ({0: ((900, 300), "wide", "")}, (1, 2, 3))})
    figure = lay_out(draw_view(read_evolution(run), "own", DPI), DPI)
    assert overlaps(figure) == []
    assert figure.canvas.get_width_height()[0] <= 2 * (7.2 * 72 + 21)


def test_names_of_views_become_safe_file_names(viewed, tmp_path):
    assert stem_of("channels") == "channels"
    assert stem_of("../../up") == "up"
    assert stem_of("evolution") == "view-evolution"
    run = viewed({"../x": (UNITS, (1,)), "classes ": (UNITS, (2,))})
    files = [path.name for path in write_figures(find_runs([run]), ["png"], tmp_path / "out", DPI)]
    assert files == ["evolution.png", "accuracy.png", "x.png", "view-classes.png"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(files)


def test_a_finished_run_has_a_figure_of_each_view(viewed, caplog):
    run = viewed({"channels": (UNITS, (1,)), "own": (UNITS, (3,))})
    (run / "own.png").mkdir()
    draw_summary(run)
    assert (run / "channels.png").is_file()
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"{run}: the figure of 'own' could not be drawn; again: python -m featevo.figures")


def test_vector_formats_are_written(viewed, tmp_path):
    evolution = read_evolution(viewed({"channels": (UNITS, (1, 2))}))
    for kind in ("svg", "pdf"):
        assert save_view(evolution, "channels", tmp_path / f"channels.{kind}").stat().st_size > 1000


def test_snapshots_of_other_views_alone_are_not_in_figures_of_classes(viewed, make_run, tmp_path):
    """Figures and tables are those of a record without these snapshots, byte for byte."""
    own, without = viewed({"channels": (UNITS, (1, 2, 3))}), tmp_path / "without" / "a run"
    shutil.copytree(own, without)
    edit(own, lambda entries: entries[1].update(renders=[r for r in entries[1]["renders"] if r["view"] != "classes"]))
    edit(without, lambda entries: entries.pop(1))
    edit(without, lambda entries: [entry.update(renders=entry["renders"][:4]) for entry in entries])
    other = read_evolution(make_run(name="other"))
    for run in (own, without):
        list(write_figures(find_runs([run]), ["png", "webp", "md", "tex"], run / "figures", DPI))
        (run / "figures" / "channels.png").unlink(missing_ok=True)
        save_comparison("two", [("own", read_evolution(run)), ("other", other)], run / "figures" / "comparison.png")
    names = sorted(path.name for path in (own / "figures").iterdir())
    assert names == ["accuracy.png", "comparison.png", *(f"evolution.{kind}" for kind in ("md", "png", "tex", "webp"))]
    for name in names:
        assert (own / "figures" / name).read_bytes() == (without / "figures" / name).read_bytes(), name
    assert "epoch 2" not in " ".join(texts(lay_out(draw_evolution(read_evolution(own), DPI), DPI)))


def test_a_record_of_other_views_alone_gets_all_its_files(viewed, caplog):
    run = viewed({"channels": (UNITS, (1, 2, 3))})
    edit(run, lambda entries: [entry.update(renders=entry["renders"][4:]) for entry in entries])
    draw_summary(run)
    assert caplog.records == []
    assert (run / "channels.png").is_file()
    assert {file.name for file in run.glob("evolution.*")} == {"evolution.png", "evolution.webp", "evolution.md"}
