"""A snapshot in one line of text."""

from __future__ import annotations

from featevo.record.schema import Snapshot


def line(snapshot: Snapshot, before: float | None) -> str:
    """Epoch, accuracy and its change, trigger, number of classes, and the network's mean probability for its renders.

    `epoch   4   83.0 % (+12.5)  improvement      4 classes in 1.3 s  p(class) 0.98`

    Args:
        snapshot: With at least one render.
        before: Validation accuracy of the snapshot before, in 0..1; None if there is none.
    """
    accuracy = "-" if snapshot.val_acc is None else f"{100 * snapshot.val_acc:.1f} %"
    change = "" if snapshot.val_acc is None or before is None else f"({100 * (snapshot.val_acc - before):+.1f})"
    images = snapshot.of_view()
    words = [
        f"epoch {snapshot.epoch:>3}  {accuracy:>7} {change:<7}",
        f"{snapshot.trigger.replace('_', ' '):<15}",
        f"{len(images)} {'class' if len(images) == 1 else 'classes'} in {snapshot.seconds or 0:.1f} s",
    ]
    sure = [image.values["probability"] for image in images if "probability" in image.values]
    if sure:
        words.append(f"p(class) {sum(sure) / len(sure):.2f}")
    if snapshot.value is not None and snapshot.value != snapshot.val_acc:
        words.append(f"{snapshot.monitor} {snapshot.value:.3f}")
    return "  ".join(words)
