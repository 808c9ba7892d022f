"""Files are whole or not there."""

import json

import pytest

from featevo.record.files import replacing, write_json, write_text


def test_a_failing_writer_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_text(path, "before")

    def fails_half_way():
        with replacing(path) as temporary:
            temporary.write_text("hal")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        fails_half_way()
    assert path.read_text() == "before"
    assert list(path.parent.iterdir()) == [path]


def test_json_has_no_nan(tmp_path):
    write_json(tmp_path / "x.json", {"a": [float("nan"), float("inf"), 1.5], "b": {"c": (-float("inf"), "ü")}})
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [None, None, 1.5], "b": {"c": [None, "ü"]}}
    assert "ü" in text
