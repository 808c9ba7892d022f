"""What may be built from the configuration in a run folder, which may be somebody else's.

A `_target_` is any Python callable with any arguments: to build it is to run it. Hydra's blocklist stops only a few.
The user's own command line and files are trusted; a folder is only if the user says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from hydra._internal.utils import _locate
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from featevo.app.paths import CONF
from featevo.errors import UserError
from featevo.record.safe import refused

LIFT = "if you trust the folder, add --trust (featevo.measure) or trust=true (featevo.train)"
"""How to build what is refused; `TRUST` is the second one."""

TRUST = "trust=true"

PARTS = ("data", "model", "visualize", "measure")
"""Packages whose classes may be built: none of them writes, imports by name or unpickles. Functions elsewhere do."""

# A reference to another key, or a resolver without any effect. oc.env would put secrets of the environment into the
# record, oc.decode and oc.create could make a `_target_` of text.
_REFUSED = re.compile(r"\$\{(?!\s*[\w.\[\]-]+\s*\}|\s*(?:featevo\.times|now):)")


def check_targets(cfg: Any, where: str, trusted: bool) -> None:
    """Refuse a configuration that would build anything but parts of featevo, optimizers and torchvision's networks.

    Args:
        cfg: A configuration, or plain content; all of it is checked, at any depth.
        where: The file or folder that it comes from, for the message.
        trusted: Whether the user trusts it; then nothing is checked.

    Raises:
        UserError: It has another `_target_`, or an interpolation other than a reference to a key.
    """
    if trusted:
        return
    content = _resolved(cfg, where)
    for key, name, target in _entries(content):
        if name == "_target_" and target is not None and not _is_known(target):
            allowed = "a part of featevo, torch.optim or torchvision.models"
            raise refused(f"{where}: {key}={str(target)[:100]}:", f"is not {allowed}; {LIFT}")


def _resolved(cfg: Any, where: str) -> Any:
    """The plain content, interpolations resolved if all of them are harmless."""
    written = OmegaConf.to_container(cfg) if OmegaConf.is_config(cfg) else cfg
    for key, text in _strings(written):
        if _REFUSED.search(text):
            raise refused(f"{where}: {key}={text[:100]}:", f"interpolates more than another key; {LIFT}")
    try:
        content = OmegaConf.to_container(OmegaConf.create(written) if cfg is written else cfg, resolve=True)
    except (OmegaConfBaseException, ValueError, RecursionError) as error:
        raise UserError(f"{where}: cannot be read ({' '.join(str(error).split())[:200]})") from error
    for key, text in _strings(content):
        if "${" in text:  # put together from several keys, it would be resolved once more when it is built
            raise refused(f"{where}: {key}={text[:100]}:", f"interpolates more than another key; {LIFT}")
    return content


def _entries(content: Any, key: str = "") -> Iterator[tuple[str, str, Any]]:
    """Full key, last name and value of everything inside, at any depth."""
    if isinstance(content, dict):
        pairs = [(str(name), value) for name, value in content.items()]
    elif isinstance(content, list | tuple):
        pairs = [(str(place), value) for place, value in enumerate(content)]
    else:
        return
    for name, value in pairs:
        yield f"{key}{name}", name, value
        yield from _entries(value, f"{key}{name}.")


def _strings(content: Any) -> Iterator[tuple[str, str]]:
    for key, name, value in _entries(content):
        yield key, name
        if isinstance(value, str):
            yield key, value


def _is_known(target: Any) -> bool:
    # Here, as resuming a multirun needs this module, and its process builds nothing.
    import torch

    if not isinstance(target, str):
        return False
    if target in _named_in_conf():
        return True
    if not target.startswith(("featevo.", "torch.optim.", "torchvision.models.")):  # importing others would run them
        return False
    try:
        found = _locate(target)  # as Hydra does
    except Exception:
        return False
    if not isinstance(found, type):
        return any(found is builder for builder in _builders())
    # By where it is defined: modules also have what they import, such as `featevo.app.training.pl`.
    home = f"{found.__module__}."
    return (
        home.startswith(tuple(f"featevo.{part}." for part in PARTS))
        or (issubclass(found, torch.optim.Optimizer) and home.startswith("torch.optim."))
        or (issubclass(found, torch.nn.Module) and home.startswith("torchvision.models."))
    )


@cache
def _named_in_conf() -> frozenset[str]:
    """Every `_target_` of featevo's own configuration."""
    texts = (file.read_text(encoding="utf-8") for file in CONF.rglob("*.yaml"))
    return frozenset(target for text in texts for target in re.findall(r"_target_: ([\w.]+)", text))


@cache
def _builders() -> frozenset[Any]:
    """Torchvision's registered functions; others load weights from any address."""
    from torchvision.models import get_model_builder, list_models

    return frozenset(get_model_builder(name) for name in list_models())
