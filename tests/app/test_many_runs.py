"""Many runs in one process leave nothing behind: no thread, file, handler, hook or tensor, and no memory."""

import json
import subprocess
import sys

from tests.processes import SMALL

RUNS = """
import atexit, contextlib, gc, json, logging, os, signal, sys, threading, warnings
import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from torch.nn.modules import module
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train

class Fails(pl.Callback):
    number = 0
    def on_train_epoch_end(self, trainer, pl_module):
        Fails.number += 1
        if Fails.number % 3 == 0:
            raise RuntimeError("each third run fails")

def left():
    gc.collect()
    loggers = [logging.root, *(each for each in logging.root.manager.loggerDict.values() if hasattr(each, "handlers"))]
    things = gc.get_objects()
    return {
        "threads": threading.active_count(),
        "files": len(os.listdir("/proc/self/fd")),
        "processes": len(open(f"/proc/self/task/{os.getpid()}/children").read().split()),
        "logging handlers": sum(len(each.handlers) for each in loggers),
        "logging filters": sum(len(each.filters) for each in loggers),
        "signal handlers": sum(callable(signal.getsignal(number)) for number in signal.valid_signals()),
        "atexit": atexit._ncallbacks(),
        "warnings filters": len(warnings.filters),
        "hooks of modules": sum(len(getattr(module, name)) for name in dir(module) if name.endswith("_hooks")),
        "modules": sum(issubclass(type(thing), torch.nn.Module) for thing in things),
        "trainers": sum(type(thing) is pl.Trainer for thing in things),
        "tensors": sum(type(thing) is torch.Tensor for thing in things),
        "objects": len(things),
        "megabytes": int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
    }

register()
with initialize_config_dir(str(CONF), version_base="1.3"):
    cfg = compose("train", sys.argv[1:])
for _ in range(8):
    with contextlib.suppress(RuntimeError):
        train(cfg)
    print(json.dumps(left()), flush=True)
"""

VARIES = {"objects": 300, "megabytes": 60}
"""Most that these may grow over all runs; the others must not grow at all."""


def test_many_runs_leave_nothing_behind(tmp_path):
    (tmp_path / "many.py").write_text(RUNS)
    board = "{_target_: pytorch_lightning.loggers.TensorBoardLogger, save_dir: board}"
    words = [*SMALL, "trainer.max_epochs=1", "logger.tracker.mode=offline", f"trainer.logger=[{board}]"]
    run = [sys.executable, "many.py", *words, "trainer.callbacks=[{_target_: __main__.Fails}]"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"threads"')]
    assert len(counts) == 8
    for name, first in counts[2].items():  # the first runs import and start what remains
        assert counts[-1][name] - first <= VARIES.get(name, 0), (name, [count[name] for count in counts])
