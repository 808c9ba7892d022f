"""The command: its files, and mistakes as one line."""

import json

import pytest
from PIL import Image
from safetensors.torch import save_file

from featevo.measure.gate.command import main
from featevo.measure.judge import judge
from featevo.model.vgg import vgg


def small(tmp_path):
    """A judge of eight channels."""
    file = tmp_path / "secret" / "net.safetensors"
    file.parent.mkdir()
    save_file(vgg(2, 16, False, width=0.125, hidden=1, pool=1).state_dict(), file)
    return file


def test_figure_and_means(tmp_path, capsys):
    file = small(tmp_path)
    options = ["--size", "32", "--pictures", "1", "--judge", f"A small VGG={file}"]
    assert main([*options, "--out", str(tmp_path / "gate")]) == 0
    assert "fails a, b: PNG size (raw); white noise (" in capsys.readouterr().out
    text = (tmp_path / "gate.json").read_text()
    assert "secret" not in text
    assert "NaN" not in text
    result = json.loads(text)
    assert len(result["entries"]) == 2 * (4 + 4 + 2 * 3)
    shipped, own = result["entries"][16]["judge"], result["entries"][-1]["judge"]
    assert shipped == {"name": "shipped weights", "layer": "conv3_3", "weights": judge().weights}
    assert own["name"] == "A small VGG"
    assert all(entry["known_truth"] is None for entry in result["entries"])
    with Image.open(tmp_path / "gate.png") as figure:
        assert figure.width == 1650


def test_mistakes_are_one_line(tmp_path, capsys):
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    out = ["--out", str(tmp_path / "gate")]
    mistakes = {
        "judge bad.safetensors: ": ["--judge", f"Bad={tmp_path}/bad.safetensors", *out],
        "--judge net.pt: must be NAME=FILE": ["--judge", "net.pt", *out],
        "size=33, number=16: ": ["--size", "33", *out],
        "there is no folder": ["--out", str(tmp_path / "no" / "gate")],
        "no run: evolution/index.jsonl was looked for": ["--networks", str(tmp_path), *out],
    }
    for line, arguments in mistakes.items():
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert line in error
        assert error.startswith("Error: ")
        assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.safetensors"]


def test_help_names_the_settings(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert "NAME=FILE" in capsys.readouterr().out
