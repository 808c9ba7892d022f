"""A subject with known predictions: a network that uses only the mean colour of an image."""

import torch

from featevo.measure.subject import Real, Subject


def by_colour(sharpness=20.0):
    """Probabilities (B, 3) by how much red, green and blue an image has."""
    return lambda pictures: (sharpness * pictures.mean((2, 3))).softmax(1)


def filled(*colours, size=12):
    """Images (B, 3, size, size), each of one colour."""
    return torch.tensor(colours).view(-1, 3, 1, 1).expand(-1, 3, size, size).clone()


RED, GREEN, BLUE, GREY = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.5, 0.5)


def subject(images=None, **settings):
    """One image per class, by default of the class's colour."""
    return Subject(filled(RED, GREEN, BLUE) if images is None else images, by_colour(), **settings)


def with_validation(counts):
    """The settings of a subject with so many validation images of each class (row) assigned to each (column)."""
    if counts is None:
        return {}
    cells = torch.cat([torch.full((int(count),), cell) for cell, count in enumerate(counts.flatten())])
    images = torch.zeros(len(cells), 3, 4, 4)
    answers = torch.nn.functional.one_hot(cells % len(counts), len(counts)).float()
    return {"real": Real(images, images, cells // len(counts)), "answers": answers}


def value(measure, seen):
    """The value of a measure that has one."""
    result = measure(seen)
    assert result is not None
    return result
