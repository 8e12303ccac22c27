"""Help to compare networks with torchvision's: one set of random weights for both, copied in order."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def randomise(network: nn.Module) -> nn.Module:
    """Give norms weights and statistics that are not those of a newborn network."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low in ((module.weight, 0.5), (module.bias, -0.5), (module.running_var, 0.5)):
                assert tensor is not None
                nn.init.uniform_(tensor, low, low + 1)
            assert module.running_mean is not None
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
    return network


def same_weights(ours: nn.Module, theirs: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Copy randomised weights, buffers included, from theirs to ours by their order."""
    values = randomise(theirs).state_dict().values()
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    return ours, theirs


def assert_equal(ours: nn.Module, theirs: nn.Module, maps: Tensor) -> None:
    """Outputs, and the gradients of maps and weights, agree to 1e-5; in training as in evaluation."""
    same_weights(ours, theirs)
    for training in (True, False):
        results = []
        for network in (ours.train(training), theirs.train(training)):
            leaf = maps.clone().requires_grad_()
            out = network(leaf * 1)  # torchvision writes into what it gets
            gradients = torch.autograd.grad(out.square().mean(), [leaf, *network.parameters()])
            results.append([out, *gradients])
        for mine, yours in zip(*results, strict=True):
            torch.testing.assert_close(mine, yours, rtol=1e-5, atol=1e-5)
