"""Validation images of a small network, as views get them, and a fingerprint of a module."""

import torch

from featevo.views.view import Context, Network
from tests.visualize.parts import small_net

CLASSES = ("frog", "table", "burger", "bird", "cup")
SIZE = 16
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
LABELS = torch.tensor([4, 0, 1, 0, 2, 1, 3, 0, 4])


def real(each):
    """At most `each` of every class, in another order than that of the classes."""
    images = torch.rand(len(LABELS), 3, SIZE, SIZE, generator=torch.Generator().manual_seed(7))
    kept = [i for i, label in enumerate(LABELS.tolist()) if (LABELS[:i] == label).sum() < each]
    return images[kept], LABELS[kept]


def small_network():
    return Network(small_net(), CLASSES, SIZE, 3, MEAN, STD)


def context(**more):
    return Context(real=real, **more)


def fingerprint(module):
    """Everything of a module, and of the global random streams, that training depends on."""
    return (
        {name: value.clone() for name, value in module.state_dict().items()},
        [part.training for part in module.modules()],
        [(parameter.requires_grad, parameter.grad) for parameter in module.parameters()],
        [
            len(part._forward_hooks) + len(part._forward_pre_hooks) + len(part._backward_hooks)
            for part in module.modules()
        ],
        [getattr(part, "inplace", None) for part in module.modules()],
        torch.get_rng_state(),
    )


def assert_unchanged(module, before):
    after = fingerprint(module)
    assert all(torch.equal(after[0][name], value) for name, value in before[0].items())
    assert after[1:-1] == before[1:-1]
    assert torch.equal(after[-1], before[-1])
