"""The study command: its output, files and errors; and its plan, which must not change."""

import json
import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from featevo.study.__main__ import main
from featevo.study.choices import RECOGNITION
from featevo.study.collect import collect
from featevo.study.figure import save_conclusion
from featevo.study.findings import evaluate
from featevo.study.plan_document import as_plan
from featevo.study.verdicts import REFUTED, concluded, why_withdrawn
from tests.processes import command
from tests.study.worlds import write_world

ROOT = Path(__file__).parent.parent.parent


def test_the_plan_in_the_docs_agrees_with_the_code():
    """A change of measure, threshold or test is a change of the plan (python -m featevo.study --plan)."""
    assert (ROOT / "docs" / "study-plan.md").read_text(encoding="utf-8") == as_plan()


def test_the_command(tmp_path, capsys):
    root = write_world(tmp_path / "runs", np.random.default_rng(7), 1, seeds=8)
    done = command(tmp_path, "runs", module="featevo.study")
    assert done.returncode == 0, done.stderr
    assert "32 runs of 8 seeds" in done.stdout
    assert "2a   From random weights, features of the same classes are simpler   withdrawn" in done.stdout
    assert "\n1a, 1b, 2a, 2b, 5c: withdrawn, as effective rank follows contrast" in done.stdout
    assert "exact sign-flip" not in done.stdout  # with eight seeds a hypothesis can pass it
    table = done.stdout.split("\n1a, 1b, 2a")[0]
    assert max(map(len, table.splitlines())) <= 80
    out = root / "study"
    assert done.stdout.splitlines()[-1] == str(out / "study.md")
    assert sorted(path.name for path in out.iterdir()) == [
        *(f"claim-{n}.png" for n in range(1, 6)),
        "study.json",
        "study.md",
    ]

    content = json.loads((out / "study.json").read_text())
    (claim,) = [claim for claim in content["claims"] if claim["key"] == "2"]
    assert claim["verdict"] == "withdrawn"
    assert claim["hypotheses"][0]["withdrawn"].startswith("effective rank follows contrast")
    first = claim["hypotheses"][0]
    assert first["estimate"]["mean"] == pytest.approx(np.mean(list(first["numbers"].values())))
    assert len(claim["panels"][0]["lines"]) == 8
    assert content["plan"]["alpha"] == 0.05
    text = (out / "study.md").read_text()
    assert "## 2. Fewer classes, simpler features: withdrawn" in text
    assert text.count("withdrawn |\n") == 8
    assert text.count("supported |\n") == 2
    assert "- 3a: withdrawn, as the judge's linear layer reads the renders below chance" in text
    assert "![Fewer classes, simpler features](claim-2.png)" in text
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            assert np.asarray(image.convert("L")).std() > 5
            assert image.width > 900

    assert main([str(root), "--json", "--out", str(tmp_path / "again")]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == json.loads((tmp_path / "again" / "study.json").read_text())
    assert again["claims"] == content["claims"]


def test_missing_runs_are_stated(tmp_path, capsys):
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=2, inits=["random"], classes=[2])
    (root / "random-2-1" / "run.json").write_text('{"status": "interrupted"}')
    (root / "random-2-1").rename(root / "<b>random")
    assert main([str(root)]) == 0
    shown = capsys.readouterr().out
    assert "5a, 5b: needs 5 more seeds; no run with init=pretrained\n" in shown
    assert "2a, 3a: init=random has runs of one number of classes; two are needed" in shown
    assert "\n1a, 1b" not in shown.replace("\n1a, 1b, 2a", "")  # they are withdrawn, for any number of seeds
    assert f"Left out: {root / '<b>random'}: its status is interrupted" in shown
    assert shown.count("supported") == 0
    assert r"/\<b>random: its status is interrupted" in (root / "study" / "study.md").read_text()


def test_the_figure_has_verdict_and_reason(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    study = evaluate(*collect([write_world(tmp_path, np.random.default_rng(7), 1)]))
    for conclusion in study.conclusions:
        with suppress(FileNotFoundError):  # savefig is replaced and writes no file
            save_conclusion(conclusion, tmp_path / "figure.png")
    for conclusion, figure in zip(study.conclusions, drawn, strict=True):
        words = " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")
        for finding in conclusion.findings:
            assert finding.hypothesis.withdrawn in words
        assert f"{conclusion.claim.title}: {conclusion.verdict}" in words


def test_six_seeds_cannot_pass_the_exact_test_which_is_reported(tmp_path, capsys):
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=6)
    assert main([str(root)]) == 0
    assert "With 6 seeds the p of the exact sign-flip test is at least 0.0156, corrected for 10 hypotheses 0.16" in (
        capsys.readouterr().out
    )
    assert "at least 0.0156" in (root / "study" / "study.md").read_text()


def test_the_published_study_has_no_withdrawn_verdict():
    """The files in docs/study agree with the code: verdicts, reasons and rule."""
    study = json.loads((ROOT / "docs" / "study" / "study.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "study" / "study.md").read_text(encoding="utf-8")
    for claim in study["claims"]:
        for found in claim["hypotheses"]:
            assert found["withdrawn"] == why_withdrawn(found["measure"])
            expected = "withdrawn" if found["withdrawn"] else "supported"
            assert found["verdict"] == expected
            (row,) = re.findall(rf"^\| {found['key']} \|.*\| (\w+) \|$", text, re.MULTILINE)
            assert row == expected
            assert found["withdrawn"] in text
        assert claim["verdict"] == concluded({found["verdict"] for found in claim["hypotheses"]})


def test_recognition_below_chance_is_the_value_of_the_study():
    """The reason for 3a quotes the published study, whose values are (p - 1/8) / (1 - 1/8)."""
    study = json.loads((ROOT / "docs" / "study" / "study.json").read_text(encoding="utf-8"))
    (claim,) = [claim for claim in study["claims"] if claim["key"] == "3"]
    p = [y * 7 / 8 + 1 / 8 for panel in claim["panels"] for line in panel["lines"] for y in line["y"]]
    assert len(p) == 24
    assert max(p) < 1 / 8
    assert f"{min(p):.3f} to {max(p):.3f}, where chance is 0.125" in REFUTED[RECOGNITION]


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


def test_a_place_that_cannot_be_written_is_one_line(tmp_path, capsys):
    root = write_world(tmp_path / "runs", np.random.default_rng(7), 1, seeds=1, classes=[2])
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
        index.write_text(index.read_text().replace("complexity/", "another/"))
    assert main([str(root)]) == 0
    claims = {claim["key"]: claim for claim in json.loads((root / "study" / "study.json").read_text())["claims"]}
    assert [panel["title"] for panel in claims["5"]["panels"]] == ["Accuracy"]
    assert claims["5"]["hypotheses"][1]["numbers"].keys() == {"0"}
    assert claims["5"]["hypotheses"][2]["missing"][0].endswith(
        "lacks complexity/effective_rank of some render in its last 3 snapshots"
    )
    assert claims["1"]["panels"] == []


def test_nothing_is_written_through_a_link_to_elsewhere(make_run, tmp_path, capsys):
    (tmp_path / "victim").mkdir()
    run = make_run()
    (run / "study").symlink_to(tmp_path / "victim")
    assert main([str(run)]) == 2
    assert f"{run}/study is not inside {run}" in capsys.readouterr().err
    assert not list((tmp_path / "victim").iterdir())
