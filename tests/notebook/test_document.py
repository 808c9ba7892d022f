"""The examples of docs/notebooks.md work unchanged."""

import re
from pathlib import Path

TEXT = (Path(__file__).parent.parent.parent / "docs" / "notebooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples(make_run, sweep, tmp_path, monkeypatch):
    make_run("outputs/scenes")
    sweep.rename(tmp_path / "outputs" / "sweep")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in BLOCKS:
        exec(block, names)
    assert names["pixels"].shape == (4, 16, 16, 3)
    shown = re.findall(r"`(\w+)`", TEXT.split("`frame()` has")[1].split("```")[0])
    columns = {*names["table"].columns, *names["each"].columns}
    assert set(shown) >= columns
    assert len(names["runs"].frame().groupby("job")) == 2
