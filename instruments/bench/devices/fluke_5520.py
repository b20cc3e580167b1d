"""Fluke 5520A of the bench: the 5522A's commands and physics, an identity of its own."""

from __future__ import annotations

from instruments.bench.devices.fluke import Fluke5522A


class Fluke5520A(Fluke5522A):
    """A 5520A with the true errors of a `truth`."""

    model, firmware = "5520A", "4.1+1.5+1.2+*"
