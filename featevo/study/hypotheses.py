"""The five primary hypotheses, one for each conclusion of the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from featevo.study.choices import LAST, NOISES, WINDOW
from featevo.study.numbers import (
    Parts,
    Reader,
    clearer_by_pretraining,
    clearer_in_large_task,
    clearer_without_overfitting,
    kept_by_small_tasks,
    kept_by_twins,
    rise_beyond_twin,
    rise_of_twin,
)
from featevo.study.panels import (
    Drawing,
    curve_over_epochs,
    likeness_over_epochs,
    likeness_over_loss,
    pairwise_over_epochs,
)
from featevo.study.runs import Seed

Number = Callable[[Seed, Reader], Parts]


@dataclass(frozen=True)
class Hypothesis:
    """A statement about one number per seed: its median over seeds is above 0.

    Attributes:
        key: Its number.
        title: A short title.
        paper: Quotation from the paper.
        statement: The statement in words.
        operational: How the number of a seed is computed from its runs.
        unit: Unit of that number.
        arms: The arms that it compares; each one's twin belongs to it.
        number: Computes the number of a seed.
        drawings: What its figure shows of the runs.
        limits: What the verdict does not show.
        of_likeness: Whether the number is a difference of likeness.
        null: Computes the null number; None: as `number`, from the twins.
        control: How the null number is computed.
    """

    key: str
    title: str
    paper: str
    statement: str
    operational: str
    unit: str
    arms: tuple[str, ...]
    number: Number
    drawings: tuple[Drawing, ...]
    limits: str
    of_likeness: bool = True
    null: Number | None = None
    control: str = "The same from the twins."

    def null_number(self, seed: Seed, read: Reader) -> Parts:
        """The null number of a seed."""
        return self.number(seed.twins, read) if self.null is None else self.null(seed, read)


HYPOTHESES = (
    Hypothesis(
        key="1",
        title="Likeness rises in training",
        paper="Feature complexity increases with validation accuracy, but can continue to increase even after accuracy "
        "saturates.",
        statement="While a network learns, its renders come to resemble their classes.",
        operational="Likeness of `eight` at the end minus at the first snapshot, which is before training; minus the "
        "same of `eight_shuffled`.",
        unit="likeness",
        arms=("eight",),
        number=rise_beyond_twin,
        null=rise_of_twin,
        control="The rise of `eight_shuffled` alone.",
        drawings=(likeness_over_epochs("eight"), curve_over_epochs("val_acc", "validation accuracy", "eight")),
        limits="It says that likeness rises where there is something to learn, not that accuracy makes it rise.",
    ),
    Hypothesis(
        key="2",
        title="Just enough for the task",
        paper="A CNN automatically generates features of just enough complexity to perform the task at hand, even when "
        "the network is pretrained on a more challenging task.",
        statement="A network for fewer classes relies less on how the parts of an object are arranged.",
        operational="Share of the pairwise accuracy above chance between the common classes that is kept on "
        "patch-shuffled validation images, (patches - 0.5) / (real - 0.5) of `clones/patches` and `clones/real` at the "
        "end; `two` minus `eight`, and `two_more` minus `eight`; the smaller.",
        unit="share",
        arms=("two", "two_more", "eight"),
        number=kept_by_small_tasks,
        null=kept_by_twins,
        control="The same from the twins; 0 where a twin separates the classes exactly at chance.",
        of_likeness=False,
        drawings=(
            pairwise_over_epochs("real", "Validation images", "two", "two_more", "eight"),
            pairwise_over_epochs("patches", "Patch-shuffled validation images", "two", "two_more", "eight"),
        ),
        limits="It speaks of random weights alone, and of one kind of simple feature. The twins' shares have "
        "denominators near 0: the sign of their differences counts, their size means nothing.",
    ),
    Hypothesis(
        key="3",
        title="A harder task, clearer features",
        paper="Training on a more challenging task (e.g. larger number of classes) will yield features that are more "
        "informative and archetypal of the representative class members.",
        statement="Renders of the same classes resemble them more when the task has more classes.",
        operational="Likeness between the common classes (the mean of the matrix over their pairs) at the end; `eight` "
        "minus `two`, and `eight` minus `two_more`; the smaller.",
        unit="likeness",
        arms=("eight", "two", "two_more"),
        number=clearer_in_large_task,
        drawings=(likeness_over_epochs("eight", "two", "two_more", of_common=True),),
        limits="`two` has fewer images, `two_more` more images of each class; both must agree. Two and eight classes "
        "are compared, no other numbers.",
    ),
    Hypothesis(
        key="4",
        title="Overfitting confuses features",
        paper="Unchecked feature complexity leads to feature confusion, a potential precursor to overfitting.",
        statement="Renders of a network that overfits resemble their classes less than those of one that is kept from "
        "overfitting by augmentation.",
        operational="Likeness at the end, `augmented` minus `overfit`. Only seeds whose run of `overfit` overfits: its "
        f"validation loss ends more than {NOISES:g} times its noise above its minimum. Both are medians of {WINDOW} "
        "epochs; the noise is 1.4826 times the median of the absolute second differences, divided by the root of 6.",
        unit="likeness",
        arms=("augmented", "overfit"),
        number=clearer_without_overfitting,
        drawings=(
            likeness_over_epochs("augmented", "overfit"),
            curve_over_epochs("val_loss", "validation loss", "augmented", "overfit"),
        ),
        limits="It does not say that confusion comes first, nor that it causes overfitting: augmentation also changes "
        "the images that the network sees. In both arms 40 % of the training labels are wrong.",
    ),
    Hypothesis(
        key="5",
        title="Transfer: clearer features",
        paper="In this instance, the network converges to high validation accuracies sooner than previously. The "
        "eventual maximum accuracy is higher. The features are also more complex.",
        statement="Renders of a network with pretrained weights resemble their classes more, also at equal training "
        "loss.",
        operational="Likeness, `pretrained` minus `eight`: at the end; and at the lowest "
        "training loss that both reach, interpolated linearly between snapshots (before training the loss is ln 8); "
        "the smaller.",
        unit="likeness",
        arms=("pretrained", "eight"),
        number=clearer_by_pretraining,
        drawings=(likeness_over_epochs("pretrained", "eight"), likeness_over_loss("pretrained", "eight")),
        limits="The weights were taught by VGG-16, so the viewer `vgg16`, reported beside it, is related to them.",
    ),
)
"""Their p values are corrected together, as one family, on each data set."""

END = f"The end is the mean of the last {LAST} snapshots."
