"""Networks without convolution: every pixel is one number in a long row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.base import Classifier


class MLP(Classifier):
    """Multi-layer perceptron: flatten, then linear layers with an activation between them.

    Args:
        num_classes: how many logits come out.
        in_chans: channels of the images.
        size: height and width of the images in pixels.
        hidden: width of each hidden layer; empty for a linear classifier.
        activation: makes the activation module.

    Source: Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        size: int = 28,
        hidden: Sequence[int] = (512,),
        activation: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.image_shape = (in_chans, size, size)
        widths = [in_chans * size * size, *hidden]
        layers = [[nn.Linear(wide_in, wide_out), activation()] for wide_in, wide_out in pairwise(widths)]
        self.layers = nn.Sequential(nn.Flatten(), *(part for layer in layers for part in layer))
        self.head = nn.Linear(widths[-1], num_classes)

    def forward_features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        """Map images to the activations of the last hidden layer (the flat pixels, if there is none)."""
        if images.shape[1:] != self.image_shape:
            raise ValueError(
                f"images of shape {tuple(images.shape[1:])} (channels, height, width): "
                f"this network was built for {self.image_shape}."
            )
        features: Tensor = self.layers(images)
        return features


class Linear(MLP):
    """Linear classifier: one weight a pixel and class, nothing between."""

    def __init__(self, num_classes: int = 10, in_chans: int = 1, size: int = 28) -> None:
        super().__init__(num_classes, in_chans, size, hidden=())
