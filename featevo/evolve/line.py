"""A snapshot in one line of text."""

from __future__ import annotations

from featevo.record.store import Snapshot


def line(snapshot: Snapshot, before: float | None) -> str:
    """When, how good and by how much better, why, what was drawn and how sure the network is of its own pictures.

    `epoch   4   83.0 % (+12.5)  improvement      4 classes in 1.3 s  own p 0.98`

    Args:
        snapshot: With at least one render.
        before: Validation accuracy of the snapshot before, in 0..1; None where there is none.
    """
    moment = snapshot.moment
    accuracy = "-" if moment.val_acc is None else f"{100 * moment.val_acc:.1f} %"
    change = "" if moment.val_acc is None or before is None else f"({100 * (moment.val_acc - before):+.1f})"
    count = len(snapshot.renders)
    drawn = f"{count} {'class' if count == 1 else 'classes'} in {snapshot.entry['seconds']:.1f} s"
    words = [f"epoch {moment.epoch:>3}  {accuracy:>7} {change:<7}", f"{moment.trigger.replace('_', ' '):<15}", drawn]
    sure = [render.probability for render in snapshot.renders if render.probability is not None]
    if sure:
        words.append(f"own p {sum(sure) / len(sure):.2f}")
    if moment.value is not None and moment.value != moment.val_acc:
        words.append(f"{moment.monitor} {moment.value:.3f}")
    return "  ".join(words)
