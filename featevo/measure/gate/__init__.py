"""The gate: what a measure of images must pass before it may be called a measure of complexity.

Part a: hostile pictures without structure score below simple structure (`hostile`, `rungs`, `photographs`). Part b:
contrast, mean colour and mirroring do not matter (`invariance`). Part c: renders of networks whose features are known
are in the right order (`known_truth`). The rules of a and b are in `checks`.
"""
