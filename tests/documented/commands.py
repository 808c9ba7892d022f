"""All commands in README, docs/ and the comments of conf/ and sweeps/, read from those files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = r"python -m featevo|python benchmarks/|make [a-z]|pip install|wandb |tensorboard |mlflow "
COMMAND = re.compile(rf"(?:[A-Z][A-Z_]+=\S+ )*(?:{PROGRAMS})")


@dataclass(frozen=True)
class Command:
    """One command, as printed, and the files that print it."""

    line: str
    files: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The `NAME=VALUE` words before it."""
        return dict(word.split("=", 1) for word in self._split()[0])

    @property
    def words(self) -> list[str]:
        """The command itself, split as a shell would."""
        return self._split()[1]

    def _split(self) -> tuple[list[str], list[str]]:
        words = shlex.split(self.line)
        first = next(i for i, word in enumerate(words) if not re.match(r"[A-Z][A-Z_]+=", word))
        return words[:first], words[first:]

    @property
    def is_usage(self) -> bool:
        """Whether it is a pattern, such as `[KEY=VALUE ...]`, rather than a command."""
        return " ...]" in self.line


def documented() -> list[Command]:
    """All commands, each once, in the order of the files."""
    files: dict[str, list[str]] = {}
    for path in sources():
        for line in commands_of(path):
            files.setdefault(line, []).append(str(path.relative_to(ROOT)))
    return [Command(line, tuple(dict.fromkeys(names))) for line, names in files.items()]


def sources() -> list[Path]:
    """The files whose commands are checked."""
    cards = [ROOT / "featevo/model/weights/README.md"]
    markdown = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), *cards]
    return [*markdown, *sorted((ROOT / "conf").rglob("*.yaml")), *sorted((ROOT / "sweeps").rglob("*.yaml"))]


def commands_of(path: Path) -> Iterator[str]:
    """The commands of one file, each on one line, without what follows it: `  # a comment` or `  (a comment)`."""
    text = path.read_text(encoding="utf-8")
    for piece in _markdown(text) if path.suffix == ".md" else _yaml(text):
        line = re.split(r"\s+#|\s{2,}\(", piece)[0]
        line = " ".join(line.split())
        if COMMAND.match(line):
            yield line


def _markdown(text: str) -> Iterator[str]:
    """Lines of code blocks, fenced or indented, and the code within sentences."""
    prose = []
    for number, part in enumerate(re.split(r"^```(.*)$", text, flags=re.MULTILINE)):
        # prose, the fence's language, code, the closing fence (without one), prose, ...
        if number % 4 == 2:
            yield from part.replace("\\\n", " ").splitlines()
        elif number % 4 == 0:
            prose.append(part)
    for part in prose:
        yield from (line.strip() for line in part.replace("\\\n", " ").splitlines() if line.startswith("    "))
        yield from (match.group(1) for match in re.finditer(r"`([^`]+)`", part))


def _yaml(text: str) -> Iterator[str]:
    """Comment lines, the code within them, and lines of block texts (Hydra's help)."""
    for line in text.splitlines():
        if line.startswith("#"):
            comment = line.lstrip("#").strip()
            yield comment
            yield from re.findall(r"`([^`]+)`", comment)
        elif line.startswith("  "):
            yield line.strip()
