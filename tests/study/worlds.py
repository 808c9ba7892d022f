"""Run folders, as training writes them, in which the conclusions are true, false or neither."""

import json

import numpy as np

NAMES = ("tree frog", "flamingo", "pool table", "hamburger", "modu runner", "bani beetle", "sora fern", "keto tower")
JUDGE = {"name": "vgg16", "weights": "imagenet"}
EPOCHS = 14


def write_run(
    folder, seed=0, init="random", classes=2, *, curves, measures, judge=JUDGE, status="finished", **settings
):
    """Write a run folder; curves and measures are lists by epoch, with equal measures for all classes."""
    (folder / "evolution").mkdir(parents=True)
    (folder / ".hydra").mkdir()
    source = "featevo's vgg16_slim_species" if init == "pretrained" else None
    run = {"status": status, "name": folder.name, "init": {"name": init, "source": source}}
    (folder / "run.json").write_text(json.dumps(run))
    config = {"seed": seed, "init": {"name": init, "weights": None}, "data": {"num_classes": classes}}
    # JSON is YAML.
    (folder / ".hydra" / "config.yaml").write_text(json.dumps(config | {"trainer": {"max_epochs": EPOCHS}} | settings))
    epochs = range(1, len(curves["val_acc"]) + 1)
    rows = [",".join(["epoch", *curves])]
    rows += [",".join(map(str, [epoch, *(values[epoch - 1] for values in curves.values())])) for epoch in epochs]
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")
    with (folder / "evolution" / "index.jsonl").open("w") as index:
        for epoch in epochs:
            values = {name: float(by_epoch[epoch - 1]) for name, by_epoch in measures.items()}
            renders = [
                {"view": "classes", "unit": unit, "name": NAMES[unit], "file": "", "measures": values}
                for unit in range(classes)
            ]
            entry = {"epoch": epoch, "val_acc": curves["val_acc"][epoch - 1], "measures": values, "renders": renders}
            index.write(json.dumps(entry | {"provenance": {"measures": {"judge": judge}}}) + "\n")
    return folder


def write_world(root, rng, effect, seeds=5, inits=("random", "pretrained"), classes=(2, 4), judge=JUDGE):
    """Write all runs of a study.

    Args:
        effect: 1: every hypothesis is true of every seed but for noise; -1: its opposite is; 0: neither.
    """
    for seed in range(seeds):
        for init in inits:
            for count in classes:
                curves, measures = _life(rng, effect, init == "pretrained", count)
                write_run(
                    root / f"{init}-{count}-{seed}", seed, init, count, curves=curves, measures=measures, judge=judge
                )
    return root


def _life(rng, effect, pretrained, classes):
    """Curves and measures of one run."""
    t = np.arange(1, EPOCHS + 1)
    patience = 2.0 * np.exp(-1.0 * effect * pretrained + 0.1 * rng.normal())
    best = 0.94 + 0.02 * effect * pretrained + 0.004 * rng.normal()
    accuracy = best * (1 - np.exp(-t / patience)) + 0.001 * rng.normal(size=EPOCHS)

    rises = 3 * accuracy + 0.1 * t + np.log2(classes) + 2 * pretrained
    complexity = 20 + 0.3 * rng.normal() + effect * rises + 0.2 * _wandering(rng)

    sure = 0.5 + 0.1 * effect * np.log2(classes) + 0.02 * rng.normal()
    recognition = 1 / classes + (1 - 1 / classes) * np.clip(sure + 0.02 * rng.normal(size=EPOCHS), 0, 1)

    # Each has its own turn and noise; the part that both share has the sign of the effect.
    turn, ahead = 8 + rng.normal(), 4 * effect + rng.normal()
    shared = _wandering(rng)
    loss = 0.5 + 0.01 * (t - turn) ** 2 + 0.05 * shared
    confusion = 0.3 + 0.002 * (t - turn + ahead) ** 2 + 0.01 * effect * shared + 0.003 * _wandering(rng)
    curves = {"val_acc": accuracy.tolist(), "val_loss": loss.tolist(), "train_loss": (0.6 * np.exp(-t / 5)).tolist()}
    names = ("complexity/effective_rank", "recognition/judge", "confusion/crops")
    return curves, dict(zip(names, (complexity, recognition, confusion), strict=True))


def _wandering(rng, memory=0.6):
    noise = rng.normal(size=EPOCHS)
    for here in range(1, EPOCHS):
        noise[here] += memory * noise[here - 1]
    return noise
