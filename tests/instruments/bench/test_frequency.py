"""The frequency bench: its Allan deviation is the one its noise coefficients state."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from instruments.bench.frequency import Comparison, Oscillator, OscillatorTruth
from instruments.bench.physics import Room
from uncertainty.statistics.allan import oadev

N = 2**14
SILENT = {"offset": 0.0, "aging": 0.0, "tempco": 0.0, "white": 0.0, "flicker": 0.0, "walk": 0.0}


def found(truth: OscillatorTruth, factors: tuple[int, ...], gate: float = 1.0, seed: int = 1) -> list[float]:
    oscillator = Oscillator(truth, seed)
    y = np.array([oscillator.y(i * gate, gate) for i in range(N)])
    phase = np.concatenate([[0.0], np.cumsum(y)]) * gate
    return [oadev(phase, m, gate)[0] for m in factors]


def slope(values: list[float], factors: tuple[int, ...]) -> float:
    return float(np.polyfit(np.log(factors), np.log(values), 1)[0])


FACTORS = (1, 2, 4, 8, 16, 32, 64)


@pytest.mark.parametrize(
    ("noise", "wanted", "most"),
    [({"white": 2e-22}, -0.5, 0.05), ({"flicker": 1e-24}, 0.0, 0.08), ({"walk": 1e-28}, 0.5, 0.08)],
    ids=["white", "flicker", "random walk"],
)
def test_each_noise_has_the_slope_and_the_size_of_its_coefficient(
    noise: dict[str, float], wanted: float, most: float
) -> None:
    """Slopes −½, 0, +½ and sizes h₀/(2τ), 2 ln 2 h₋₁, (2π²/3) h₋₂ τ: NIST SP 1065, table of power-law noises."""
    truth = OscillatorTruth(**(SILENT | noise))
    values = found(truth, FACTORS)
    assert slope(values, FACTORS) == pytest.approx(wanted, abs=most)
    sizes: dict[str, Callable[[float], float]] = {"white": lambda m: noise["white"] / (2 * m), "flicker": lambda m: 2 * math.log(2) * noise["flicker"],
             "walk": lambda m: 2 * math.pi**2 / 3 * noise["walk"] * m}  # fmt: skip
    (size,) = [sizes[name] for name in noise]
    for m, value in zip(FACTORS[:5], values, strict=False):
        assert value == pytest.approx(math.sqrt(size(m)), rel=0.12), m
        assert truth.allan(m) == pytest.approx(math.sqrt(size(m)), rel=1e-12)


def test_the_sum_of_all_noises_is_the_stated_deviation_with_other_gates_too() -> None:
    truth = OscillatorTruth(**(SILENT | {"white": 2e-22, "flicker": 1e-24, "walk": 1e-27}))
    for gate in (0.5, 10.0):
        for m, value in zip((1, 4, 16), found(truth, (1, 4, 16), gate), strict=True):
            assert value == pytest.approx(truth.allan(m * gate), rel=0.12)


def test_dead_time_between_gates_is_lived_through() -> None:
    """A Wiener process of q = 2π² h₋₂ a second differs by q·T after T seconds, looked at or not."""
    h = 1e-26
    truth = OscillatorTruth(**(SILENT | {"walk": h}))
    steps = []
    for seed in range(400):
        oscillator = Oscillator(truth, seed)
        first = oscillator.y(0.0, 1e-3)
        steps.append(oscillator.y(100.0, 1e-3) - first)
    assert float(np.std(steps)) == pytest.approx(math.sqrt(2 * math.pi**2 * h * 100.0), rel=0.12)


def test_offset_aging_and_temperature_shift_the_frequency() -> None:
    truth = OscillatorTruth(**(SILENT | {"offset": 1e-8, "aging": 1e-9, "tempco": 1e-10}))
    room = Room(1, mean=25.0, swing=0.0, door=0.0)
    value = Oscillator(truth, 1, room).frequency(86400.0 - 0.5, 1.0)
    shift = 1e-8 + 1e-9 + 1e-10 * (room.temperature(86400.0) - 23.0)
    assert value == pytest.approx(10e6 * (1 + shift), abs=1e-7)


def test_the_past_and_an_empty_gate_are_refused() -> None:
    oscillator = Oscillator()
    oscillator.y(0.0, 10.0)
    for t, gate in ((5.0, 1.0), (10.0, 0.0), (20.0, -1.0)):
        with pytest.raises(ValueError, match="forwards"):
            oscillator.y(t, gate)


def test_a_counter_shows_its_reference_s_error_with_the_opposite_sign_and_its_own_noise() -> None:
    truth = OscillatorTruth(**SILENT)
    biased = Comparison(Oscillator(truth), reference=lambda t: 3e-9, jitter=0.0)
    assert biased.reading(0.0, 1.0) == pytest.approx(10e6 * (1 - 3e-9), abs=1e-6)
    noisy = Comparison(Oscillator(truth), jitter=20e-12, seed=4)
    values = np.array([noisy.reading(i * 0.1, 0.1) for i in range(2000)]) / 10e6 - 1
    assert float(values.std()) == pytest.approx(math.sqrt(2) * 20e-12 / 0.1, rel=0.08)


def test_the_same_seed_gives_the_same_history() -> None:
    def work(seed: int) -> list[float]:
        seen = Comparison(Oscillator(seed=seed), seed=seed).seen(1.0)
        return [seen(float(t)) for t in range(1, 6)]

    assert work(3) == work(3) != work(4)
