"""What int8 costs, paid in the training: layers that round as the exported ones will, with even activations.

Forward, a layer computes what its int8 will: weights rounded for each output channel, activations for each text between
its least and its greatest, as onnxruntime's DynamicQuantizeLinear does. Backward, the rounding is not there
(the straight-through estimator: Bengio, Leonard & Courville 2013; Jacob et al. 2018, "Quantization and training of
neural networks for efficient integer-arithmetic-only inference").

One channel in 1,536 is six times as large as the next, and the steps are as coarse as it needs. So the channels of the
feed-forward parts are divided by what evens them, and their weights multiplied by it (Xiao et al. 2023, "SmoothQuant").
"""

from collections.abc import Iterable
from functools import partial

import torch
from torch import nn

_WEIGHT_STEPS = 127
_ACTIVATION_STEPS = 255
#: How much of the unevenness goes from the activations to the weights.
_SHARE = 0.8
_EVENED = ("intermediate.dense", "output.dense")
_NOT_EVENED = "attention"

Ranges = dict[str, torch.Tensor]


class RoundedLinear(nn.Linear):
    """A linear layer that rounds while it is trained, from when `rounding` is set; read or exported it is plain."""

    def __init__(self, plain: nn.Linear, largest: torch.Tensor | None) -> None:
        """Takes the plain layer's place; `largest` are the magnitudes of its inputs, None where they are even."""
        super().__init__(plain.in_features, plain.out_features)
        evened = None if largest is None else _evened(largest, plain.weight.detach())
        self.weight.data = plain.weight.data if evened is None else plain.weight.data * evened
        self.bias.data = plain.bias.data
        self.register_buffer("shrunk", None if evened is None else 1 / evened)
        self.rounding = False

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        if self.shrunk is not None:
            given = given * self.shrunk
        if not (self.training and self.rounding):
            return nn.functional.linear(given, self.weight, self.bias)
        return nn.functional.linear(_rounded_texts(given), _rounded_channels(self.weight), self.bias)


def measured(encoder: nn.Module, reads: Iterable[object]) -> Ranges:
    """The magnitudes of the uneven inputs, channel by channel, while the texts are read that `reads` goes through."""
    found: Ranges = {}

    def note(name: str, _: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        largest = given[0].detach().abs().flatten(0, -2).amax(dim=0)
        found[name] = torch.maximum(found[name], largest) if name in found else largest

    hooks = [layer.register_forward_pre_hook(partial(note, name)) for name, layer in _plain(encoder) if _uneven(name)]
    for _ in reads:
        pass
    for hook in hooks:
        hook.remove()
    return found


def replace_layers(encoder: nn.Module, ranges: Ranges) -> None:
    """Put rounded layers in the places of the encoder's plain ones."""
    for name, layer in _plain(encoder):
        parent, _, own = name.rpartition(".")
        setattr(encoder.get_submodule(parent), own, RoundedLinear(layer, ranges.get(name)))


def set_rounding(encoder: nn.Module, *, on: bool) -> None:
    """Let the layers round in training, or not."""
    for module in encoder.modules():
        if isinstance(module, RoundedLinear):
            module.rounding = on


def _plain(encoder: nn.Module) -> list[tuple[str, nn.Linear]]:
    return [(name, module) for name, module in encoder.named_modules() if isinstance(module, nn.Linear)]


def _uneven(name: str) -> bool:
    return name.endswith(_EVENED) and _NOT_EVENED not in name


def _evened(largest: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    theirs = weight.abs().amax(dim=0).clamp(min=1e-3)
    found: torch.Tensor = largest.clamp(min=1e-2) ** _SHARE / theirs ** (1 - _SHARE)
    return found / found.median()


def _rounded_channels(weight: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        scale = weight.abs().amax(dim=1, keepdim=True) / _WEIGHT_STEPS
        moved = (weight / scale).round_().mul_(scale).sub_(weight)
    return weight + moved


def _rounded_texts(given: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        values = given.float()
        low = values.amin(dim=(1, 2), keepdim=True).clamp_(max=0)
        high = values.amax(dim=(1, 2), keepdim=True).clamp_(min=0)
        scale = (high - low).clamp_(min=1e-8) / _ACTIVATION_STEPS
        zero = (-low / scale).round_()
        moved = (values / scale).round_().add_(zero).clamp_(0, _ACTIVATION_STEPS).sub_(zero).mul_(scale).sub_(values)
    return given + moved.to(given.dtype)
