"""A subject whose answers are known: networks that look at the mean colour of what they are shown."""

import torch

from featevo.measure.subject import Subject


def by_colour(sharpness=20.0):
    """Probabilities (B, 3) by how much red, green and blue a picture has."""
    return lambda pictures: (sharpness * pictures.mean((2, 3))).softmax(1)


def filled(*colours, size=12):
    """Pictures (B, 3, size, size), each of one colour."""
    return torch.tensor(colours).view(-1, 3, 1, 1).expand(-1, 3, size, size).clone()


RED, GREEN, BLUE, GREY = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.5, 0.5)


def subject(pictures=None, judge=None, **settings):
    """One picture per class, by default of the class's colour."""
    shown = filled(RED, GREEN, BLUE) if pictures is None else pictures
    return Subject(shown, by_colour(), taught=lambda: judge, **settings)


def ask(measure, seen):
    """What a measure says, which is something."""
    answer = measure(seen)
    assert answer is not None
    return answer
