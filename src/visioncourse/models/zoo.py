"""torchvision's classifiers, with its published weights if wanted, cut into features and head like our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.base import Classifier
from visioncourse.textual import static, unknown

ONE_HEAD = {"aux_logits": False, "init_weights": True}
# In training these have more than one head, unless told otherwise.
AUXILIARY: dict[str, dict[str, Any]] = {"googlenet": ONE_HEAD, "inception_v3": ONE_HEAD}


class Borrowed(Classifier):
    """A network of torchvision's, its last linear layer taken out as ``head[-1]``.

    What is left is ``body``: it ends in the pooling, so features are one vector for each image, not maps.
    """

    def __init__(self, body: nn.Module, last: nn.Linear) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Sequential(last)

    def forward_features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        """Map images to what the last layer sees."""
        features: Tensor = self.body(images)
        return features


def borrow(name: str, num_classes: int = 10, in_chans: int = 1, weights: Any = None, **options: Any) -> Borrowed:
    """Build torchvision's network called ``name``, with published weights if ``weights`` names them.

    torchvision's own code loads (and, if need be, downloads) them, into the folder that the environment variable
    ``TORCH_HOME`` says. If the weights were made for another number of classes, the last layer is a fresh one.
    If ``in_chans`` is not 3, the first convolution is adapted, see ``adapt_first``.

    Args:
        name: one of torchvision's classifiers, "resnet18" say.
        num_classes: how many logits come out.
        in_chans: channels of the images.
        weights: None for random ones, or the name of a published set, "DEFAULT" or "IMAGENET1K_V1" say.
        options: whatever else torchvision's function takes.

    Raises:
        ValueError: for an unknown name of network or weights, with the nearest ones; for a file that cannot be used.
        ConnectionError: where weights are neither here nor to be had.
    """
    import torchvision

    names = torchvision.models.list_models(module=torchvision.models)
    if name not in names:
        raise ValueError(unknown("torchvision model", name, names))
    if weights is None:
        options = {**AUXILIARY.get(name, {}), **options, "num_classes": num_classes}
        model: Any = torchvision.models.get_model(name, weights=None, **options)
    else:
        model = load(name, find_weights(name, weights), options)
        if name == "inception_v3":  # which comes with its auxiliary head, whatever is asked for
            model.aux_logits, model.AuxLogits = False, None
    adapt_first(model, in_chans)
    return cut(name, model, num_classes)


def find_weights(name: str, weights: Any) -> Any:
    """Return torchvision's entry for ``weights``: itself, or the one of that name.

    Raises:
        ValueError: where the network has no such weights.
    """
    from torchvision.models import get_model_weights

    published = get_model_weights(name)
    if isinstance(weights, published):
        return weights
    short = str(weights).removeprefix(f"{published.__name__}.")
    if short not in published.__members__:
        raise ValueError(unknown(f"weights of torchvision/{name}", weights, published.__members__))
    return published[short]


def load(name: str, weights: Any, options: dict[str, Any]) -> nn.Module:
    """Let torchvision build a network and fill it with published weights; say plainly what is missing or broken.

    Raises:
        ValueError: for a file that is damaged, or that holds the weights of another network.
        ConnectionError: where weights are neither here nor to be had.
    """
    from torchvision.models import get_model

    path = Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(weights.url).path).name)
    try:
        model: nn.Module = get_model(name, weights=weights, progress=not static(), **options)
    except TypeError:  # an option that torchvision's function does not have
        raise
    except Exception as error:  # urllib and pickle have many kinds
        what, reason = f"weights {weights} of torchvision/{name}", (str(error).splitlines() or [repr(error)])[0]
        if path.exists():
            raise ValueError(f"{what}: {str(path)!r} is damaged or of another network ({reason}).") from error
        raise ConnectionError(
            f"{what} are not at {str(path)!r} and could not be downloaded ({reason}): "
            f"try again with a network, or bring {weights.url} to that place yourself."
        ) from error
    return model


def adapt_first(model: nn.Module, in_chans: int) -> None:
    """Give the first convolution ``in_chans`` input channels in place of three, and keep what it has learned.

    For one channel its three slices are summed: a grey image then gives what three equal channels gave. For any other
    number they are repeated in turn, times 3 / ``in_chans``, so that sums stay as large as they were.

    Raises:
        ValueError: for a network that itself rescales red, green and blue before the first convolution.
    """
    if in_chans == 3:
        return
    if getattr(model, "transform_input", False):
        raise ValueError(f"in_chans={in_chans}: expected 3, for these weights come with a rescaling of colours.")
    first = next(layer for layer in model.modules() if isinstance(layer, nn.Conv2d))
    old = first.weight.detach()  # (d, 3, k, k)
    summed = old.sum(dim=1, keepdim=True)
    turns = torch.arange(in_chans) % 3
    first.weight = nn.Parameter(summed if in_chans == 1 else old[:, turns] * (3 / in_chans))
    first.in_channels = in_chans


def cut(name: str, model: nn.Module, num_classes: int) -> Borrowed:
    """Take a network's last linear layer out, for a fresh one where the number of classes differs.

    Raises:
        ValueError: for a network that does not end in a linear layer (SqueezeNet).
    """
    layers = [(place, layer) for place, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    if not layers:
        raise ValueError(f"torchvision/{name} does not end in a linear layer: expected a network that does.")
    place, last = layers[-1]
    model.set_submodule(place, nn.Identity())
    return Borrowed(model, last if last.out_features == num_classes else nn.Linear(last.in_features, num_classes))
