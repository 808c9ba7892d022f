"""Reads W&B's offline files back."""

import json
import time
from pathlib import Path
from typing import Any

from featevo.tracking.wandb_files import records


def read_run(folder, patience=30.0):
    """The one run under `folder`: its name, config, history rows, summary, exit code and
    picture folder.

    W&B's own process may write the last records a moment after `wandb.finish` has returned.
    """
    (run,) = read_runs(folder, patience)
    return run


def read_runs(folder, patience=30.0):
    """All runs under `folder`, by name; a run in several files, such as a killed one, has the content of all of them.

    A file in which nothing stands is waited for, too, but not for long: a killed process may never have written.
    """
    began = time.monotonic()
    while True:
        found = [_read(path) for path in sorted(Path(folder).glob("wandb/offline-run-*/run-*.wandb"))]
        runs: dict[str, dict[str, Any]] = {}
        for run in found:
            if "id" in run:
                known = runs.setdefault(run["id"], run)
                known["history"] += run["history"] if known is not run else []
                known["config"] |= run["config"]
                known |= {key: value for key, value in run.items() if known[key] in (None, "")}
                known["summary"] |= run["summary"]
        waited = time.monotonic() - began
        open_ = not runs or any(run["exit_code"] is None for run in runs.values())
        if waited > patience or (not open_ and (waited > 5 or all("id" in run for run in found))):
            return sorted(runs.values(), key=lambda run: run["name"])
        time.sleep(0.1)


def _read(path):
    run: dict[str, Any] = {"history": [], "config": {}, "exit_code": None, "files": path.parent / "files", "x_axes": {}}
    run["summary"] = {}
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run |= {"id": record.run.run_id, "name": record.run.display_name, "project": record.run.project}
            run |= {"group": record.run.run_group, "job_type": record.run.job_type, "tags": list(record.run.tags)}
            run["config"] |= {item.key: json.loads(item.value_json) for item in record.run.config.update}
        elif kind == "config":
            run["config"] |= {item.key: json.loads(item.value_json) for item in record.config.update}
        elif kind == "history":
            row: dict[str, Any] = {}
            for item in record.history.item:
                key, *inner = item.nested_key
                if inner:  # an image: its path, size and caption are separate items
                    row.setdefault(key, {})[inner[0]] = json.loads(item.value_json)
                else:
                    row[key] = json.loads(item.value_json)
            run["history"].append(row)
        elif kind == "summary":
            for item in record.summary.update:
                run["summary"][item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
        elif kind == "metric":
            run["x_axes"][record.metric.name or record.metric.glob_name] = record.metric.step_metric
        elif kind == "exit":
            run["exit_code"] = record.exit.exit_code
    return run
