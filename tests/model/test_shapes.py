"""The input size of a network is found by trying, without side effects."""

from torch import nn
from torchvision.models.vision_transformer import VisionTransformer

from featevo.model.shapes import logits_shape, smallest_size, takes
from tests.model.parts import small_vgg


def test_the_smallest_image_is_found_by_trying():
    net = small_vgg().train()
    net.features[0].eval()
    assert [takes(net, 3, size) for size in (16, 31, 32, 33)] == [False, False, True, True]
    assert not takes(net, 1, 32)
    assert smallest_size(net, 3) == 32
    assert net.training
    assert not net.features[0].training, "each module has its own mode back"


def test_transformers_take_their_own_size_only():
    net = VisionTransformer(32, 16, 1, 1, 8, 8, num_classes=5)
    assert logits_shape(net, 3, 32) == (1, 5)
    assert logits_shape(net, 3, 64) is None


def test_an_output_that_is_not_a_tensor_has_no_shape():
    class Pair(nn.Module):
        def forward(self, images):
            return images, images

    assert logits_shape(Pair(), 3, 8) == ()
