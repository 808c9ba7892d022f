"""Whether a Lightning callback leaves training bit for bit unchanged: `from featevo.silent import silent`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featevo.silent.certificate import Certificate, Difference
    from featevo.silent.twins import UnusableError, silent

__all__ = ["Certificate", "Difference", "UnusableError", "silent"]


def __getattr__(name: str) -> Any:
    # On demand: `python -m featevo.silent --help` needs no torch.
    if name in ("Certificate", "Difference"):
        from featevo.silent import certificate

        return getattr(certificate, name)
    if name in ("UnusableError", "silent"):
        from featevo.silent import twins

        return getattr(twins, name)
    raise AttributeError(f"module 'featevo.silent' has no attribute {name!r}")
