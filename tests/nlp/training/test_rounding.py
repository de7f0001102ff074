"""Layers that round as int8 does. Needs torch, which is there where the model is made."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch makes the model, and is not needed to run it")

from nlp.training import rounding  # noqa: E402 - imports torch


def _layer(largest: Any = None) -> Any:
    torch.manual_seed(3)
    return rounding.RoundedLinear(torch.nn.Linear(32, 8), largest)


def test_a_layer_that_is_read_does_not_round() -> None:
    layer, given = _layer().eval(), torch.randn(2, 5, 32)
    layer.rounding = True
    assert torch.equal(layer(given), torch.nn.functional.linear(given, layer.weight, layer.bias))


def test_evened_channels_change_nothing_but_what_rounding_costs() -> None:
    given = torch.randn(2, 5, 32)
    given[..., 7] *= 40
    plain, evened = _layer(), _layer(given.abs().amax(dim=(0, 1)))
    torch.testing.assert_close(evened(given), plain(given), rtol=1e-4, atol=1e-4)
    costs = []
    for layer in (plain, evened):
        whole = layer(given)
        layer.rounding = True
        costs.append(float((layer(given) - whole).abs().mean().detach()))
    assert costs[1] < costs[0] / 2


def test_a_text_is_rounded_by_itself_to_256_steps() -> None:
    given = torch.stack([torch.randn(5, 32), 1000 * torch.randn(5, 32)])
    together = rounding._rounded_texts(given)
    alone = rounding._rounded_texts(given[:1])
    assert torch.equal(together[:1], alone)
    for text in together:
        assert len(np.unique(np.round(text.numpy(), 6))) <= 256


def test_rounding_lets_the_gradient_through() -> None:
    layer, given = _layer().train(), torch.randn(2, 5, 32, requires_grad=True)
    layer.rounding = True
    layer(given).sum().backward()
    assert given.grad is not None
    assert layer.weight.grad is not None
    assert float(layer.weight.grad.abs().sum()) > 0


def test_the_uneven_layers_are_measured_and_replaced() -> None:
    encoder = torch.nn.ModuleDict()
    encoder["attention"] = torch.nn.ModuleDict({"output": torch.nn.ModuleDict({"dense": torch.nn.Linear(4, 4)})})
    encoder["output"] = torch.nn.ModuleDict({"dense": torch.nn.Linear(4, 4)})

    def reads() -> Any:
        for given in (torch.ones(1, 2, 4), torch.full((1, 2, 4), -3.0)):
            yield encoder["output"]["dense"](given), encoder["attention"]["output"]["dense"](given)

    ranges = rounding.measured(encoder, reads())
    assert list(ranges) == ["output.dense"]
    assert ranges["output.dense"].tolist() == [3.0] * 4
    rounding.replace_layers(encoder, ranges)
    assert encoder["output"]["dense"].shrunk is not None
    assert encoder["attention"]["output"]["dense"].shrunk is None
    rounding.set_rounding(encoder, on=True)
    assert encoder["output"]["dense"].rounding
