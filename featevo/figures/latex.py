"""The paper's Table 1 in LaTeX, with the rules of the package booktabs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featevo.figures.panels import chosen, thinned
from featevo.figures.text import plain
from featevo.record.files import write_text
from featevo.record.reading import Evolution

MOST = 40
"""Most snapshots of a run."""

COLUMNS = 10
"""Most snapshots beside each other, as on a page's width; the table continues in a further part."""

ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    }
)


def latex(name: str, evolution: Evolution) -> str:
    """A run's table, with its name in the caption: epochs above validation accuracies."""
    evolution = evolution.of_main_view
    places = chosen(evolution, MOST)
    note = thinned(evolution, places)
    labels, accuracies = evolution.labels(), [snapshot.accuracy for snapshot in evolution.snapshots]
    parts = [places[start : start + COLUMNS] for start in range(0, len(places), COLUMNS)] or [[]]
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{Validation accuracy during training: {escaped(name)}{f' ({note})' if note else ''}}}",
    ]
    for part in parts:
        epochs = [escaped(labels[place]) for place in part]
        shares = [escaped(accuracies[place]).replace(" ", r"\,") for place in part]
        lines += [
            rf"  \begin{{tabular}}{{l{'r' * len(part)}}}",
            r"    \toprule",
            rf"    {' & '.join(['Epoch', *epochs])} \\",
            r"    \midrule",
            rf"    {' & '.join(['Validation accuracy', *shares])} \\",
            r"    \bottomrule",
            r"  \end{tabular}" + (r"\par\medskip" if part is not parts[-1] else ""),
        ]
    return "\n".join([*lines, r"\end{table}", ""])


def save_latex(runs: Sequence[tuple[str, Evolution]], path: Path) -> Path:
    """Write the tables of named runs, atomically."""
    tables = "\n".join(latex(name, evolution) for name, evolution in runs)
    write_text(path, f"% needs \\usepackage{{booktabs}}\n{tables}")
    return path


def escaped(text: str) -> str:
    """Any text in LaTeX; letters beyond ASCII need a font that has them."""
    return plain(text).translate(ESCAPED)
