"""Table 1 in LaTeX: complete, within a page's width, and nothing in a name is a command."""

from __future__ import annotations

import re

import pytest

from featevo.figures.latex import COLUMNS, escaped, latex, save_latex
from featevo.record.reading import read_evolution

SPECIAL = tuple("\\{}$&#_%^~")


def test_the_table_is_the_papers(make_run, tmp_path):
    path = save_latex([("init_random", read_evolution(make_run()))], tmp_path / "evolution.tex")

    assert path.read_text().splitlines() == [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        r"  \caption{Validation accuracy during training: init\_random}",
        r"  \begin{tabular}{lrrr}",
        r"    \toprule",
        r"    Epoch & 1 & 2 & 3 \\",
        r"    \midrule",
        r"    Validation accuracy & 25.0\,\% & 64.0\,\% & 97.5\,\% \\",
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]


def test_all_special_characters_of_latex_are_escaped():
    text = escaped("".join(SPECIAL) + '<>|"')

    assert text == (
        r"\textbackslash{}\{\}\$\&\#\_\%\textasciicircum{}\textasciitilde{}"
        r"\textless{}\textgreater{}\textbar{}\textquotedbl{}"
    )


@pytest.mark.parametrize("name", [*SPECIAL, r"\input{/etc/passwd}", "50 % & more", "a\nb\x00c", r"\\%"])
def test_a_name_cannot_become_a_command(make_run, name):
    text = escaped(name)
    known = r"\\(?:[{}$&#_%]|text(?:backslash|asciicircum|asciitilde|less|greater|bar|quotedbl)\{\})"

    assert not set(re.sub(known, "", text)) & set(SPECIAL)
    assert latex(name, read_evolution(make_run())).count("\n") == 11


def test_letters_of_any_language_are_kept():
    assert escaped("crème brûlée 松鼠") == "crème brûlée 松鼠"


def test_many_snapshots_take_several_parts_and_very_many_are_thinned(make_run):
    text = latex("a", read_evolution(make_run(classes=["cup"], accuracies=[0.5] * 45, size=4)))
    parts = re.findall(r"\\begin\{tabular\}\{l(r*)\}", text)

    assert [len(part) for part in parts] == [COLUMNS] * 4
    assert r"\caption{Validation accuracy during training: a (40 of 45 snapshots)}" in text
    assert text.count(r"\par\medskip") == 3
    assert all(line.count("&") == COLUMNS for line in text.splitlines() if "&" in line)


def test_an_empty_record_has_an_empty_table(make_run):
    assert r"    Epoch \\" in latex("a", read_evolution(make_run(accuracies=()))).splitlines()
