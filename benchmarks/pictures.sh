#!/usr/bin/env bash
# Makes the pictures of README and docs anew, half an hour on two cores: benchmarks/pictures.sh FILE
# FILE: the convolutions of ImageNet's VGG-16. Environment: `make test` once, and Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
runs=outputs/pictures
train() { $python -m featevo.train logger=none hydra.run.dir="$runs/$1" "${@:2}"; }
figures() { $python -m featevo.figures "${@:2}" --format png --out "$runs/figures-$1"; }

train random
train pretrained init=pretrained
figures demo "$runs/random" --no-real
cp "$runs/figures-demo/"{evolution,accuracy}.png docs/
figures both "$runs/random" "$runs/pretrained"
cp "$runs/figures-both/classes.png" docs/random-vs-pretrained.png

export OMP_NUM_THREADS=1
train full-random experiment=full_width
train full-pretrained experiment=full_width init=pretrained init.weights="$1"
figures full "$runs/full-random" "$runs/full-pretrained"
cp "$runs/figures-full/classes.png" docs/full-width.png
figures full-pretrained "$runs/full-pretrained" --no-real
cp "$runs/figures-full-pretrained/evolution.png" docs/full-pretrained.png
$python -m benchmarks.imagenet_classes "$runs/full-pretrained" --out docs/imagenet-classes

$python -m featevo.train --config-dir sweeps --config-name init_mode debug=small logger=none hydra.sweep.dir="$runs/init_mode"
cp "$runs/init_mode/comparison.png" docs/init_mode.png
cp "$runs/init_mode/report.html" docs/init_mode.html
cp "$runs/init_mode/sweep.json" docs/init_mode.json
$python benchmarks/screenshots.py docs/init_mode.html docs
