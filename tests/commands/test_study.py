"""The study command: its output, files and errors; and its plan, which must not change."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from omegaconf import OmegaConf
from PIL import Image
from scipy import stats

from featevo.app.paths import CONF
from featevo.study.__main__ import main
from featevo.study.arms import ARMS, PREFIX
from featevo.study.collect import collect
from featevo.study.figure import save_finding
from featevo.study.findings import evaluate
from featevo.study.plan_document import as_plan
from tests.processes import command
from tests.study.worlds import write_run, write_world

ROOT = Path(__file__).parent.parent.parent


def test_the_plan_in_the_docs_agrees_with_the_code():
    """A change of measure, threshold or test is a change of the plan (python -m featevo.study --plan)."""
    assert (ROOT / "docs" / "study-plan.md").read_text(encoding="utf-8") == as_plan()


def own_settings(arm):
    """What the files of an arm set, the parents first."""
    own: Any = OmegaConf.load(CONF / "experiment" / "study" / f"{arm}.yaml")
    groups = {}
    parents = OmegaConf.create()
    for entry in own["defaults"]:
        if isinstance(entry, str):
            parents, groups = own_settings(entry.removeprefix("/experiment/study/"))
        else:
            groups = groups | {key.removeprefix("override /"): value for key, value in entry.items()}
    return OmegaConf.merge(parents, own), groups


@pytest.mark.parametrize("arm", ARMS)
def test_the_files_of_the_arms_agree_with_the_plan(arm):
    settings, groups = own_settings(arm)
    assert settings.name == f"{PREFIX}{arm}"
    found = {
        **{key: OmegaConf.select(settings, key) for key in ARMS[arm]},
        "init.name": groups.get("init", "random"),
        "augmented": groups.get("augmentation", "none") == "standard",
    }
    assert found == ARMS[arm]
    classes, each = found["data.num_classes"], found["data.source.val_per_class"]
    assert classes * each >= 1000
    assert (settings.evolution.trigger, settings.evolution.before_training) == ("every_n", True)
    assert found["trainer.max_epochs"] == 5 * found["evolution.every_n"]
    assert groups["measures"] == "viewers"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Runs in which every hypothesis is true, with noise."""
    return write_world(tmp_path_factory.mktemp("world") / "runs", np.random.default_rng(7), 1)


def test_the_command(world, tmp_path, capsys):
    done = command(world.parent, "runs", module="featevo.study")
    assert done.returncode == 0, done.stderr
    assert "144 runs of 12 seeds" in done.stdout
    assert "4   Renders of a network that overfits resemble their" in done.stdout
    assert done.stdout.count(" supported") == 5
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80
    out = world / "study"
    assert done.stdout.splitlines()[-1] == str(out / "study.md")
    assert sorted(path.name for path in out.iterdir()) == [
        *(f"scenes-{n}.png" for n in range(1, 6)),
        "study.json",
        "study.md",
    ]
    content = json.loads((out / "study.json").read_text())
    assert (content["schema"], content["plan"]["alpha"], content["deviations"]) == (2, 0.05, {"scenes": []})
    assert [claim["verdict"] for claim in content["claims"]] == ["supported"] * 5
    text = (out / "study.md").read_text()
    assert "### 2. Just enough for the task: supported" in text
    assert "![Just enough for the task](scenes-2.png)" in text
    assert text.count("| vgg16 | 12 | 0 |") == 4
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            assert np.asarray(image.convert("L")).std() > 5
            assert image.width > 900

    assert main([str(world), "--json", "--out", str(tmp_path / "again")]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == json.loads((tmp_path / "again" / "study.json").read_text())
    assert again["claims"] == content["claims"]


def test_scipy_gives_the_same_from_the_file(world, tmp_path):
    """Medians, p and verdicts from the numbers in study.json alone."""
    assert main([str(world), "--out", str(tmp_path)]) == 0
    claims = json.loads((tmp_path / "study.json").read_text())["claims"]
    for kind in ("hypothesis", "control"):
        p = []
        for claim in claims:
            numbers = np.array(list(claim[kind]["numbers"].values()))
            p.append(stats.binomtest((numbers > 0).sum(), (numbers != 0).sum(), alternative="greater").pvalue)
            assert claim[kind]["estimate"]["median"] == np.median(numbers)
            assert claim[kind]["estimate"]["p_above"] == pytest.approx(p[-1])
            largest = np.array(list(claim[kind]["largest"].values()))
            below = stats.binomtest((largest < 0).sum(), (largest != 0).sum(), alternative="greater").pvalue
            assert claim[kind]["estimate"]["p_below"] == pytest.approx(below)
        steps = np.maximum.accumulate(np.sort(p) * np.arange(5, 0, -1)).clip(max=1)
        corrected = steps[np.argsort(np.argsort(p, kind="stable"), kind="stable")]
        assert [claim[kind]["p_above_corrected"] for claim in claims] == pytest.approx(corrected)
    first = json.loads((tmp_path / "study.json").read_text())["secondary"][0]
    assert first["above"] == (np.array(list(first["numbers"].values())) > max(first["twins"].values())).sum()
    assert first["p"] == pytest.approx(stats.hypergeom.pmf(first["above"], 24, 12, first["above"]))


def test_missing_runs_are_stated(tmp_path, capsys):
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=2, arms=("eight", "eight_shuffled"))
    (root / "scenes-eight-1" / "run.json").write_text('{"status": "interrupted"}')
    (root / "scenes-eight-1").rename(root / "<b>eight")
    assert main([str(root)]) == 0
    shown = capsys.readouterr().out
    assert "scenes 1: no verdict: 1 of 12 seeds\n" in shown
    assert "scenes 1: seed 1 lacks the arm eight\n" in shown
    assert "scenes 5: seed 0 lacks the arm pretrained (and 1 more like it)\n" in shown
    assert f"Left out: {root / '<b>eight'}: its status is interrupted" in shown
    assert shown.count("supported") == 0
    assert r"/\<b>eight: its status is interrupted" in (root / "study" / "study.md").read_text()


def test_the_figure_has_both_controls_and_the_reason(tmp_path, monkeypatch):
    drawn = []
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=2)
    kinds = {"real": {"mean": 0.9}, "start": {"mean": 0.51}, "noise": {"mean": 0.49}}
    for run in root.glob("*/evolution"):
        (run / "controls.json").write_text(
            json.dumps({f"likeness/{v}": kinds for v in ("vgg16", "efficientnet_lite0")})
        )
    study = evaluate(*collect([root]))
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    for finding in study.parts[0].findings:
        with suppress(FileNotFoundError):  # savefig is replaced and writes no file
            save_finding(finding, tmp_path / "figure.png")
    for finding, figure in zip(study.parts[0].findings, drawn, strict=True):
        words = {text.get_text() for text in figure.findobj(Text)}
        assert f"{finding.hypothesis.key}. {finding.hypothesis.title} (scenes): no verdict (2 of 12 seeds)" in words
        assert {arm.replace("_", " ") for arm in finding.hypothesis.arms} <= words
        assert {f"{arm} shuffled".replace("_", " ") for arm in finding.hypothesis.arms} <= words
        assert ({"real images", "start images", "noise"} <= words) == (finding.hypothesis.key != "2")
        assert "Control: twins" in words


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a study needs runs: python -m featevo.study RUN_OR_SWEEP [...]"),
        (["nowhere"], "nowhere: no run: evolution/index.jsonl was looked for in it and below"),
    ],
)
def test_mistakes_are_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"Error: {message}\n"


def test_records_of_the_first_study_are_one_line(tmp_path, capsys):
    for seed in range(2):
        write_run(tmp_path / f"random-{seed}", seed=seed, name="study-random")
    assert main([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "Error: none of the 2 runs can be used, as the second study needs runs named study-ARM (ARM: "
    )
    assert said.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_line(tmp_path, capsys):
    root = write_world(tmp_path / "runs", np.random.default_rng(7), 1, seeds=1, arms=("eight",))
    (tmp_path / "file").touch()
    assert main([str(root), "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith(f"Error: {tmp_path / 'file'} cannot be written (")


def test_the_plan_is_printed(capsys):
    assert main(["--plan"]) == 0
    assert capsys.readouterr().out == as_plan()


def test_runs_without_measures_still_show_accuracies(tmp_path):
    """Also for a single seed."""
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=1)
    for index in root.glob("*/evolution/index.jsonl"):
        index.write_text(index.read_text().replace("likeness/", "another/"))
    assert main([str(root)]) == 0
    content = json.loads((root / "study" / "study.json").read_text())
    claims = {claim["key"]: claim for claim in content["claims"]}
    assert [panel["title"] for panel in claims["1"]["panels"]] == ["Validation accuracy"]
    assert claims["1"]["hypothesis"]["estimate"] is None
    assert claims["1"]["hypothesis"]["missing"][0].endswith("has no likeness/efficientnet_lite0 at epoch 16")
    assert [answer["numbers"].keys() for answer in content["secondary"]] == [set(), {"0"}, {"0"}]


def test_nothing_is_written_through_a_link_to_elsewhere(make_run, tmp_path, capsys):
    (tmp_path / "victim").mkdir()
    run = make_run()
    (run / "study").symlink_to(tmp_path / "victim")
    assert main([str(run)]) == 2
    assert f"{run}/study is not inside {run}" in capsys.readouterr().err
    assert not list((tmp_path / "victim").iterdir())
