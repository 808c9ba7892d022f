"""Mutated records: every reader returns something or raises `UserError`, whatever it finds."""

import csv
import io
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from featevo.errors import UserError
from featevo.page.gather import gather
from featevo.page.page import page
from featevo.record.check import problems_of
from featevo.record.find import find_runs
from featevo.record.images import load_image, open_image
from featevo.record.reading import read_controls, read_curve, read_evolution, read_run
from featevo.record.store import RunFolder
from featevo.record.sweep import read_sweep

quick = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example writes its files anew
)

NAMES = ("../../x", "/etc", ".", "", "a/b", "a\0b", "\ud800", "epoch=001", "finished", "running", "\u2028")
names = st.sampled_from(NAMES)
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**30), 2**63, 1e308, -1]))
scalars = st.one_of(st.none(), st.booleans(), numbers, names, st.text(max_size=5))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


def places_of(content, place=()):
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, inner in entries:
        yield (*place, step)
        yield from places_of(inner, (*place, step))


def lines_of(contents, how, data):
    """JSON lines, with one value replaced or removed, or with broken bytes."""
    if how == "values":
        place = data.draw(st.sampled_from([*places_of(contents)]))
        at = contents
        for step in place[:-1]:
            at = at[step]
        if data.draw(st.booleans()):
            at[place[-1]] = data.draw(anything)
        else:
            del at[place[-1]]
    text = "".join(json.dumps(content) + "\n" for content in contents).encode()
    return text if how == "values" else broken(text, data)


def broken(text, data):
    """The same bytes with some replaced, left out or put in."""
    start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 20))
    return text[:start] + data.draw(st.binary(max_size=20)) + text[start + length :]


def read(call, *arguments):
    with suppress(UserError):
        return call(*arguments)
    return None


def read_all(run):
    """All that commands read of a run."""
    for reader in (read_run, read_curve, read_controls, problems_of):
        read(reader, run)
    read(lambda: find_runs([run]))
    read(lambda: page(gather([run])))
    record = RunFolder(run)
    for snapshot in read(record.snapshots) or ():
        read(record.pixels, snapshot)
        read(record.weights, snapshot)
    read(read_evolution, run)


@pytest.fixture
def run(make_run):
    return make_run(classes=("flamingo", "tree frog"), accuracies=(0.25, 0.5), size=4)


@quick
@given(data=st.data())
@pytest.mark.parametrize("how", ["values", "bytes"])
@pytest.mark.parametrize("file", ["evolution/index.jsonl", "run.json"])
def test_the_index_and_the_state_of_a_run(run, file, how, data):
    before = (run / file).read_bytes()
    (run / file).write_bytes(lines_of([json.loads(line) for line in before.splitlines()], how, data))
    try:
        read_all(run)
    finally:
        (run / file).write_bytes(before)


@quick
@given(rows=st.lists(st.lists(scalars.map(str), max_size=4), max_size=4), data=st.data())
def test_the_table_of_metrics(run, rows, data):
    text = io.StringIO()
    with suppress(csv.Error):
        csv.writer(text).writerows([["epoch", "step", "val_acc"], *rows])
    content = text.getvalue().encode(errors="surrogatepass")
    (run / "metrics.csv").write_bytes(broken(content, data) if data.draw(st.booleans()) else content)
    read_all(run)


@quick
@given(data=st.data())
@pytest.mark.parametrize("how", ["values", "bytes"])
def test_a_sweep(tmp_path, run, how, data):
    jobs = [{"number": 0, "overrides": ["seed=0"], "folder": run.name, "status": "finished"}]
    content = {"schema": 1, "name": "a", "command": ["-m"], "started": "now", "seconds": 1.0, "jobs": jobs}
    (tmp_path / "sweep.json").write_bytes(lines_of([content], how, data))
    sweep = read(read_sweep, tmp_path)
    if sweep is not None:
        sweep.jobs()
    read(lambda: find_runs([tmp_path]))


@quick
@given(data=st.data(), mode=st.sampled_from(["RGB", "L", "P", "LA", "RGBA", "1", "I;16"]))
def test_a_picture(tmp_path, data, mode):
    buffer = io.BytesIO()
    Image.new("L", (5, 6), 90).convert(mode).save(buffer, "PNG")
    whole = buffer.getvalue()
    (tmp_path / "a.png").write_bytes(broken(whole, data) if data.draw(st.booleans()) else whole)
    image, shown = read(load_image, tmp_path, "a.png"), open_image(tmp_path, "a.png")
    assert image is None or image.ndim == 3
    assert shown is None or shown.mode == "RGB"
