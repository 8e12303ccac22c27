"""What all classifiers of the course share: features first, then a head that makes logits of them."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn


class Classifier(nn.Module):
    """Base of the models: subclasses give ``forward_features``, and a ``head`` that is applied to the result."""

    head: nn.Module

    def forward_features(self, images: Float[Tensor, "b c h w"]) -> Tensor:
        """Map images to features; their shape depends on the model."""
        raise NotImplementedError

    def forward_head(self, features: Tensor) -> Float[Tensor, "b k"]:
        """Map features to logits."""
        logits: Tensor = self.head(features)
        return logits

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        """Map images to logits."""
        return self.forward_head(self.forward_features(images))
