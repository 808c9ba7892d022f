"""The files of a study: `study.json`, `study.md` and a figure per claim."""

from __future__ import annotations

from pathlib import Path

from featevo.errors import UserError
from featevo.record.files import write_json, write_text
from featevo.study.evaluate import Study
from featevo.study.figure import save_conclusion
from featevo.study.words import as_json, as_markdown


def write_study(study: Study, out: Path) -> dict[str, str]:
    """Write all files into the folder `out`.

    Returns:
        The file name of each claim's figure, by the claim's key.

    Raises:
        UserError: The folder cannot be written.
    """
    files = {conclusion.claim.key: f"claim-{conclusion.claim.key}.png" for conclusion in study.conclusions}
    try:
        for conclusion in study.conclusions:
            save_conclusion(conclusion, out / files[conclusion.claim.key])
        write_text(out / "study.md", as_markdown(study, files))
        write_json(out / "study.json", as_json(study, files))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a folder") from error
    return files
