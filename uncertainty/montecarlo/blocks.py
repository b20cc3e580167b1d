"""Trials in blocks of a fixed size, each from a stream spawned from the seed: the same digits with any number of workers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..distributions import FloatArray
from .compiled import Call, Room, Value, bind, run
from .drawing import Stream
from .inputs import Inputs, without_variance

if TYPE_CHECKING:
    from ..budget import Budget

BLOCK = 16_384
"""Measured: 8,192 is a sixth slower, 32,768 no faster, and two threads help from here on."""


def stream_of(seed: int, *key: int) -> Stream:
    """The stream of one block."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))


class Place:
    """The buffers of one thread, and the calls that turn draws into values of the measurands."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs, self.room = inputs, Room(BLOCK)
        self.at = inputs.buffers(self.room)
        self.results, self.calls = self.model(self.at)

    def model(self, at: dict[str, Value]) -> tuple[list[FloatArray], list[Call]]:
        """(a buffer for each measurand, in SI units; the calls that fill them) of inputs that stand in `at`."""
        at = dict(at)
        results: list[FloatArray] = []
        calls: list[Call] = []
        for measurand in self.inputs.budget.measurands:
            out = self.room.take()
            calls += bind(measurand.expression, at, out, self.room)
            at[measurand.name] = out
            results.append(out)
        return results, calls


class Sampler:
    """Draws the model of one budget, block by block."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.inputs = Inputs(budget)
        self.without_variance = without_variance(budget)

    def draw(self, trials: int, seed: int, first_block: int = 0, *, workers: int = 1) -> FloatArray:
        """(measurands, trials) values of the model, in each measurand's unit."""
        out = np.empty((len(self.budget.measurands), trials))
        self.draw_into(out, seed, first_block, workers=workers)
        return out

    def draw_into(self, out: FloatArray, seed: int, first_block: int = 0, *, workers: int = 1) -> None:
        """The values of the blocks from `first_block` on into `out` (measurands, trials); each thread takes a run of
        blocks."""
        blocks = math.ceil(out.shape[1] / BLOCK)
        ends = [round(i * blocks / workers) for i in range(workers + 1)]
        spans = [range(a, b) for a, b in pairwise(ends) if a < b]
        if len(spans) == 1:
            self._blocks(out, seed, first_block, spans[0])
            return
        with ThreadPoolExecutor(len(spans)) as pool:
            for _ in pool.map(lambda span: self._blocks(out, seed, first_block, span), spans):
                pass

    def _blocks(self, out: FloatArray, seed: int, first_block: int, span: Sequence[int]) -> None:
        place = Place(self.inputs)
        sizes = [measurand.unit.size for measurand in self.budget.measurands]
        with np.errstate(all="ignore"):
            for block in span:
                self.inputs.fill(stream_of(seed, first_block + block), place.at, place.room)
                run(place.calls)
                part = out[:, block * BLOCK : (block + 1) * BLOCK]
                for row, values, size in zip(part, place.results, sizes, strict=True):
                    np.divide(values[: len(row)], size, row)
