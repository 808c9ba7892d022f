"""`make bench`: what it compares does the same work, and its page has the tables of its numbers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.speed import __main__ as command
from benchmarks.speed.careful import careful
from benchmarks.speed.cases import CASES, as_new, network, normalised
from benchmarks.speed.filters import FILTERS, by_scipy
from benchmarks.speed.floor import layers_alone
from benchmarks.speed.growth import growth
from benchmarks.speed.medians import medians
from benchmarks.speed.naive import naive
from benchmarks.speed.ours import ours
from benchmarks.speed.peers import PEERS
from benchmarks.speed.race import race
from benchmarks.speed.tables import tables, with_tables
from benchmarks.speed.targets import targets

DOCS = Path(__file__).parent.parent / "docs"
SMALL = replace(CASES[0], size=32, images=2, steps=5, rounds=1)
HERE = {"featevo": ours, "naive loop": naive, "careful batch": careful}
INSTALLED = {"torch-lucent": "lucent", "torch-dreams": "torch_dreams", "dreamlens": "dreamlens", "Horama": "horama"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")  # of the peers


@pytest.fixture(scope="module")
def model():
    return network("vgg16_slim", 0)


def logits(model, images):
    as_new(model)
    with torch.no_grad():
        return model(normalised(images))[range(len(images)), SMALL.classes]


@pytest.mark.parametrize("other", [naive, careful])
def test_the_loop_and_the_batch_make_the_same_images(model, other):
    start = SMALL.start()
    mine = ours(model, SMALL.classes, start.clone(), SMALL.steps)
    theirs = other(model, SMALL.classes, start.clone(), SMALL.steps)
    torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=0)
    assert (mine - start).abs().mean() > 0.02


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_raises_its_classes(model, name):
    pytest.importorskip(INSTALLED[name])
    torch.manual_seed(0)
    start = SMALL.start()
    first, last = (PEERS[name](model, SMALL.classes, start, steps) for steps in (1, 24))
    assert last.shape == start.shape
    assert not last.requires_grad
    if name != "Horama":  # it sees random crops only
        assert (logits(model, last) > logits(model, first)).all()


def test_nothing_of_a_call_stays_in_the_model(model):
    naive(model, SMALL.classes, SMALL.start(), 1)
    model.train().requires_grad_(False)
    model.register_forward_hook(print)
    as_new(model)
    assert not any(module.training or module._forward_hooks for module in model.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())


def test_the_floor_runs_each_layer(model):
    calls: list[nn.Module] = []
    run = layers_alone(model, SMALL.start(), nn.Conv2d, 2)
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    hooks = [module.register_forward_hook(lambda module, *_: calls.append(module)) for module in convolutions]
    run()
    for hook in hooks:
        hook.remove()
    assert calls == convolutions * 2
    assert len(convolutions) == 13
    as_new(model)


@pytest.mark.parametrize("name", FILTERS)
def test_a_median_filter_is_exact(name):
    images = torch.rand(2, 3, 24, 17)
    assert torch.equal(FILTERS[name](images), by_scipy(images))


def test_a_filter_without_opencv_does_not_use_it(monkeypatch):
    cv2 = pytest.importorskip("cv2")
    calls: list[int] = []

    def record(plane, size):
        calls.append(size)
        return plane

    monkeypatch.setattr(cv2, "medianBlur", record)
    FILTERS["featevo without OpenCV"](torch.rand(1, 1, 16, 16))
    assert calls == []
    FILTERS["featevo"](torch.rand(1, 1, 16, 16))
    assert calls == [5]


def test_a_case_is_measured_and_a_failing_peer_is_named():
    def broken(model, classes, start, steps):
        raise RuntimeError("no such layer\nat line 3")

    found = race(SMALL, 0, {**HERE, "broken": broken})
    assert found["failed"] == {"broken": "RuntimeError: no such layer"}
    for key in ("whole_ms", "marginal_ms", "fixed_steps", "whole_ratio", "marginal_ratio"):
        assert set(found[key]) == set(HERE)
    assert found["whole_ratio"]["featevo"] == {"median": 1, "min": 1, "max": 1}
    assert 0 < found["floor_ms"]["convolutions"]["median"] < found["floor_ms"]["and linear layers"]["median"]
    assert "failed: RuntimeError: no such layer" in tables(result(races=[found]))


def test_growth_and_medians_are_measured():
    rows = growth("vgg16_slim", (1, 2), 32, 1, 0)
    assert [row["classes"] for row in rows] == [1, 2]
    found = medians(16, 1, 1, 0)
    assert set(found["ms"]) == set(FILTERS)
    text = tables(result(growth=rows, medians=[found]))
    assert "| vgg16_slim | 32 | 2 |" in text
    assert "16 px, 1 images" in text


def test_a_target_is_reached_or_missed():
    row = {"featevo": {"median": 60.0}, "featevo without OpenCV": {"median": 9.0}}
    found = targets({"races": [], "medians": [{"times_unfold": row}]})
    assert [(each["wanted"], each["measured"], each["reached"]) for each in found] == [
        ("at least 50", 60, True),
        ("at least 10", 9, False),
    ]


def test_one_part_is_printed_and_not_written(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["speed", "--only", "medians", "--repeats", "1"])
    monkeypatch.setattr(command, "SHAPES", ((16, 2),))
    monkeypatch.setattr(command, "DOCS", Path("nowhere"))
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)  # the other tests keep theirs
    command.main()
    assert "## Median filter" in capsys.readouterr().out


def test_the_page_has_the_tables_of_its_numbers():
    results = json.loads((DOCS / "performance.json").read_text())
    page = (DOCS / "performance.md").read_text()
    assert with_tables(page, results) == page
    assert results["targets"] == targets(results)
    assert {each["case"] for each in results["races"]} == {case.name for case in CASES}
    assert all(race["failed"] == {} for race in results["races"])


def result(**parts):
    """Results with these parts."""
    about = {
        "command": "",
        "date": "",
        "minutes": 0,
        "seed": 0,
        "threads": 1,
        "python": "",
        "versions": {},
        "commit": None,
    }
    machine = {"cpu": "", "capability": "", "cores": 1, "load": 0.0}
    return {**about, "machine": machine, "targets": [], "races": [], "growth": [], "medians": [], **parts}


def test_the_other_tables_of_the_page_have_the_numbers_of_their_files():
    page = (DOCS / "performance.md").read_text()
    growth = json.loads((DOCS / "growth.json").read_text())["seconds"]
    assert all(f"| {what} | {value:.2f} |\n" in page for what, value in growth.items())
    run = json.loads((DOCS / "default-run.json").read_text())["seconds"]["now"]
    first, later = run["first round"], run["later rounds"]
    for part in ("imports", "data", "first step", "training", "drawing", "measuring", "layer comparison", "total"):
        assert f"| {part} | {first[part]:.1f} | {later[part]:.1f} |\n" in page
    assert f"take {100 * first['share']:.1f} and {100 * later['share']:.1f} % of the whole run" in page
    assert f"takes {run['help, CPU seconds']:.2f} s of CPU" in page
    beside = json.loads((DOCS / "beside-training.json").read_text())["median"]
    words = f"take {beside['alone']} s without\ndrawing, {beside['between']} s with drawing"
    assert words in page
    assert f"{beside['beside']} s when a second process draws" in page
