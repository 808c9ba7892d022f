"""The command as users type it: what it prints, writes and refuses; the plan that it must not leave."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from featevo.study.__main__ import main
from featevo.study.plan import as_plan
from tests.study.worlds import write_world
from tests.test_commands import command

ROOT = Path(__file__).parent.parent.parent


def test_the_plan_in_the_docs_is_the_codes():
    """A change of measure, threshold or test is a change of the plan (python -m featevo.study --plan)."""
    assert (ROOT / "docs" / "study-plan.md").read_text(encoding="utf-8") == as_plan()


def test_the_command(tmp_path, capsys):
    root = write_world(tmp_path / "runs", np.random.default_rng(7), 1, seeds=8)
    done = command(tmp_path, "runs", module="featevo.study")
    assert done.returncode == 0, done.stderr
    assert "32 runs of 8 seeds" in done.stdout
    assert "2a   From random weights, features of the same classes are simpler   supported" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    out = root / "study"
    assert done.stdout.splitlines()[-1] == str(out / "study.md")
    assert sorted(path.name for path in out.iterdir()) == [
        *(f"claim-{n}.png" for n in range(1, 6)),
        "study.json",
        "study.md",
    ]

    content = json.loads((out / "study.json").read_text())
    (claim,) = [claim for claim in content["claims"] if claim["key"] == "2"]
    assert claim["verdict"] == "supported"
    first = claim["hypotheses"][0]
    assert first["estimate"]["mean"] == pytest.approx(np.mean(list(first["numbers"].values())))
    assert len(claim["panels"][0]["lines"]) == 8
    assert content["plan"]["alpha"] == 0.05
    text = (out / "study.md").read_text()
    assert "## 2. Fewer classes, simpler features: supported" in text
    assert "![Fewer classes, simpler features](claim-2.png)" in text
    for path in out.glob("*.png"):
        with Image.open(path) as picture:
            assert np.asarray(picture.convert("L")).std() > 5
            assert picture.width > 900

    assert main([str(root), "--json", "--out", str(tmp_path / "again")]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == json.loads((tmp_path / "again" / "study.json").read_text())
    assert again["claims"] == content["claims"]


def test_too_few_runs_are_shown_with_what_is_missing(tmp_path, capsys):
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=2, inits=["random"], classes=[2])
    (root / "random-2-1" / "run.json").write_text('{"status": "interrupted"}')
    assert main([str(root)]) == 0
    shown = capsys.readouterr().out
    assert "1a, 1b: needs 4 more seeds\n" in shown
    assert "2a, 3a: needs 5 more seeds; init=random has runs of one number of classes; two are needed" in shown
    assert f"Left out: {root / 'random-2-1'}: its status is interrupted" in shown
    assert shown.count("supported") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a study needs runs: python -m featevo.study RUN_OR_SWEEP [...]"),
        (["nowhere"], "nowhere holds no run: evolution/index.jsonl was looked for in it and below"),
    ],
)
def test_mistakes_are_one_line(arguments, said, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"{said}\n"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path, capsys):
    root = write_world(tmp_path / "runs", np.random.default_rng(7), 1, seeds=1, classes=[2])
    (tmp_path / "file").touch()
    assert main([str(root), "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'file'} cannot be written (")


def test_the_plan_is_printed(capsys):
    assert main(["--plan"]) == 0
    assert capsys.readouterr().out == as_plan()


def test_what_can_be_shown_is_shown(tmp_path):
    """Runs whose pictures nobody measured still have accuracies, also a single one."""
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=1)
    for index in root.glob("*/evolution/index.jsonl"):
        index.write_text(index.read_text().replace("complexity/", "another/"))
    assert main([str(root)]) == 0
    claims = {claim["key"]: claim for claim in json.loads((root / "study" / "study.json").read_text())["claims"]}
    assert [panel["title"] for panel in claims["5"]["panels"]] == ["Accuracy"]
    assert claims["5"]["hypotheses"][1]["numbers"].keys() == {"0"}
    assert claims["5"]["hypotheses"][2]["missing"][0].endswith(
        "lacks complexity/effective_rank of some render in its last 3 snapshots"
    )
    assert claims["1"]["panels"] == []
