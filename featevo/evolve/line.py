"""A snapshot in one line of text."""

from __future__ import annotations

from collections import Counter

from featevo.record.schema import MAIN_VIEW, Snapshot


def line(snapshot: Snapshot, before: float | None) -> str:
    """Epoch, accuracy and its change, trigger, number of classes, the network's mean probability, and other views.

    `epoch   4   83.0 % (+12.5)  improvement      4 classes in 1.3 s  p(class) 0.98  inversion 12 images in 3.2 s`

    Args:
        snapshot: With at least one image.
        before: Validation accuracy of the snapshot before, in 0..1; None if there is none.
    """
    accuracy = "-" if snapshot.val_acc is None else f"{100 * snapshot.val_acc:.1f} %"
    change = "" if snapshot.val_acc is None or before is None else f"({100 * (snapshot.val_acc - before):+.1f})"
    images = snapshot.of_view()
    words = [f"epoch {snapshot.epoch:>3}  {accuracy:>7} {change:<7}", f"{snapshot.trigger.replace('_', ' '):<15}"]
    if images:
        seconds = snapshot.view_seconds.get(MAIN_VIEW, snapshot.seconds or 0)
        words.append(f"{_count(len(images), 'class', 'classes')} in {seconds:.1f} s")
    sure = [image.values["probability"] for image in images if "probability" in image.values]
    if sure:
        words.append(f"p(class) {sum(sure) / len(sure):.2f}")
    others = Counter(image.view for image in snapshot.images if image.view != MAIN_VIEW)
    for view, count in others.items():
        words.append(f"{view} {_count(count, 'image', 'images')} in {snapshot.view_seconds.get(view, 0):.1f} s")
    if snapshot.value is not None and snapshot.value != snapshot.val_acc:
        words.append(f"{snapshot.monitor} {snapshot.value:.3f}")
    return "  ".join(words)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
