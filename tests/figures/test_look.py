"""Figures do not depend on a user's settings of matplotlib, and do not change them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import matplotlib
import pytest

from featevo.figures.accuracy import save_accuracy
from featevo.figures.look import fonts, look
from featevo.record.reading import read_evolution

THEIRS: Any = {"font.size": 20, "font.family": "serif", "savefig.dpi": 33, "axes.linewidth": 3, "svg.fonttype": "path"}


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_users_settings_have_no_effect_and_are_unchanged(make_run, tmp_path, kind):
    evolution = read_evolution(make_run())
    ours = save_accuracy(evolution, tmp_path / f"ours.{kind}").read_bytes()
    with matplotlib.rc_context(THEIRS):
        theirs = save_accuracy(evolution, tmp_path / f"theirs.{kind}").read_bytes()
        assert {key: matplotlib.rcParams[key] for key in THEIRS} == {**THEIRS, "font.family": ["serif"]}

    assert ours == theirs


def test_our_settings_apply_only_inside_the_context():
    before = dict(matplotlib.rcParams)
    with look():
        assert matplotlib.rcParams["pdf.fonttype"] == 42
    assert dict(matplotlib.rcParams) == before


def test_the_first_font_is_matplotlibs_own():
    assert fonts()[0] == "DejaVu Sans"
    assert fonts()[-1] == "sans-serif"


def test_pyplot_is_never_loaded_and_matplotlib_only_to_draw():
    code = """
import sys
import featevo, featevo.figures.run_files, featevo.figures.table, featevo.figures.grid
assert "matplotlib" not in sys.modules
import featevo.figures.accuracy, featevo.figures.comparison, featevo.figures.evolution, featevo.figures.film
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
