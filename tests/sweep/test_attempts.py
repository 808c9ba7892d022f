"""Which attempts at a job can be continued."""

import json

import pytest

from featevo.record.liveness import identity
from featevo.sweep.attempts import unfinished


@pytest.mark.parametrize(
    ("run", "continues"),
    [
        ({"status": "interrupted"}, True),
        ({"status": "failed"}, True),
        ({"status": "running", "process": 0}, True),
        ({"status": "running", **identity()}, False),
        ({"status": "running", **identity(), "host": "elsewhere"}, False),
        ({"status": "finished"}, False),
    ],
)
def test_an_attempt_that_ended_unfinished_with_a_checkpoint_can_be_continued(tmp_path, run, continues):
    (tmp_path / "run.json").write_text(json.dumps(run))
    assert unfinished(tmp_path) is None
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").touch()
    assert unfinished(tmp_path) == (tmp_path if continues else None)
