"""The uncertainty core beside plain numpy written by hand, in the same run.

    python -m benchmarks.uncertainty_core [--rounds 9]

Each line: our median, the yardstick's median, their ratio, the goal, and whether it is reached. Rounds of both take
turns and processor time counts, so that a busy machine slows both. Memory: of a child process, above its imports.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import uncertainty
from uncertainty import linked
from uncertainty.coverage import coverage_factor
from uncertainty.scalar import Single

CURVED = "curvilinear_trapezoidal"
GAUGE: dict[str, Any] = {
    "budget": 1,
    "quantities": {
        "Ls": {"value": 50000623, "u": 25, "dof": 18},
        "D": {"value": 215, "u": 6, "dof": 24},
        "d1": {"value": 0, "u": 4, "dof": 5},
        "d2": {"value": 0, "u": 7, "dof": 8},
        "alpha": {"distribution": "rectangular", "lower": 9.5e-6, "upper": 13.5e-6},
        "theta0": {"value": -0.1, "u": 0.2},
        "Delta": {"distribution": "arcsine", "lower": -0.5, "upper": 0.5},
        "dalpha": {"distribution": CURVED, "lower": -1e-6, "upper": 1e-6, "d": 0.1e-6},
        "dtheta": {"distribution": CURVED, "lower": -0.05, "upper": 0.05, "d": 0.025},
        "Lnom": {"value": 50000000, "exact": True},
    },
    "measurands": {"dL": {"expression": "Ls + D + d1 + d2 - Ls*(dalpha*(theta0 + Delta) + alpha*dtheta) - Lnom"}},
    "coverage": 0.99,
}
"""JCGM 101:2008, 9.5, table 10; nm."""
H1: dict[str, Any] = {
    "budget": 1,
    "quantities": {
        "ls": {"value": 50000623, "u": 25, "dof": 18},
        "d": {"value": 215, "u": 9.7, "dof": 25.6},
        "alpha": {"value": 11.5e-6, "u": 1.2e-6},
        "theta": {"value": -0.1, "u": 0.41},
        "dalpha": {"value": 0, "u": 0.58e-6, "dof": 50},
        "dtheta": {"value": 0, "u": 0.029, "dof": 2},
    },
    "measurands": {"l": {"expression": "ls + d - ls*(dalpha*theta + alpha*dtheta)"}},
    "coverage": 0.99,
}
"""JCGM 100:2008, H.1, table H.1; nm."""
DOF = np.array([18, 25.6, np.inf, np.inf, 50, 2])
BATCH, R = 10_000, 0.3


def gauge_by_hand(M: int, seed: int) -> tuple[float, ...]:
    g = np.random.default_rng(seed)
    Ls, D = 50000623 + 25 * g.standard_t(18, M), 215 + 6 * g.standard_t(24, M)
    d1, d2 = 4 * g.standard_t(5, M), 7 * g.standard_t(8, M)
    alpha, theta0 = g.uniform(9.5e-6, 13.5e-6, M), g.normal(-0.1, 0.2, M)
    Delta = 0.5 * np.sin(2 * np.pi * g.random(M))
    dalpha = (1e-6 + 0.1e-6 * (2 * g.random(M) - 1)) * (2 * g.random(M) - 1)
    dtheta = (0.05 + 0.025 * (2 * g.random(M) - 1)) * (2 * g.random(M) - 1)
    y = Ls + D + d1 + d2 - Ls * (dalpha * (theta0 + Delta) + alpha * dtheta) - 50000000
    mean, u = y.mean(), y.std(ddof=1)
    y.sort()
    q = round(0.99 * M)
    i = int((y[q:] - y[: M - q]).argmin())
    return float(mean), float(u), float(y[i]), float(y[i + q])


def h1_by_hand() -> tuple[float, float, float]:
    ls, d, alpha, theta, dalpha, dtheta = 50000623.0, 215.0, 11.5e-6, -0.1, 0.0, 0.0
    y = ls + d - ls * (dalpha * theta + alpha * dtheta)
    c = np.array([1 - (dalpha * theta + alpha * dtheta), 1.0, -ls * dtheta, -ls * dalpha, -ls * theta, -ls * alpha])
    w = c * np.array([25, 9.7, 1.2e-6, 0.41, 0.58e-6, 0.029])
    variance = w @ w
    dof = variance**2 / np.sum(w**4 / DOF)
    return y, float(np.sqrt(variance)), float(dof)


def columns(n: int) -> dict[str, dict[str, Any]]:
    g = np.random.default_rng(3)
    return {
        "ls": {"value": 50000623 + g.normal(size=n) * 100},
        "d": {"value": 215 + g.normal(size=n) * 10, "u": 9.7 + g.random(n)},
        "theta": {"value": -0.1 + g.normal(size=n) * 0.1},
        "dtheta": {"value": g.normal(size=n) * 0.01},
    }


def batch_by_hand(given: dict[str, dict[str, Any]]) -> tuple[Any, ...]:
    """Value, u, ν_eff by Willink, k and U of every budget; ls and alpha correlated with R."""
    ls, d, theta, dtheta = (given[name]["value"] for name in ("ls", "d", "theta", "dtheta"))
    alpha, dalpha = 11.5e-6, 0.0
    y = ls + d - ls * (dalpha * theta + alpha * dtheta)
    w = np.empty((6, len(ls)))
    w[0] = (1 - (dalpha * theta + alpha * dtheta)) * 25
    w[1] = given["d"]["u"]
    w[2] = -ls * dtheta * 1.2e-6
    w[3] = -ls * dalpha * 0.41
    w[4] = -ls * theta * 0.58e-6
    w[5] = -ls * alpha * 0.029
    wr = w.copy()
    wr[0] += R * w[2]
    wr[2] += R * w[0]
    parts = w * wr
    variance = parts.sum(axis=0)
    dof = variance**2 / (parts**2 / DOF[:, np.newaxis]).sum(axis=0)
    k = coverage_factor(0.99, dof)
    u = np.sqrt(variance)
    return y, u, dof, k, k * u


def linked_by_hand(given: dict[str, dict[str, Any]]) -> Any:
    """Covariance of 1,000 results: alpha, theta and dalpha are the laboratory's own, shared by all."""
    ls, theta, dtheta = given["ls"]["value"], given["theta"]["value"], given["dtheta"]["value"]
    W = np.stack([-ls * dtheta * 1.2e-6, -ls * 0.0 * 0.41, -ls * theta * 0.58e-6], axis=1)
    own = 625.0 + given["d"]["u"] ** 2 + (ls * 11.5e-6 * 0.029) ** 2
    V = W @ W.T
    V[np.arange(len(ls)), np.arange(len(ls))] += own
    return V


def compared(
    ours: Callable[[], object],
    hand: Callable[[], object],
    rounds: int,
    repeats: int = 1,
    clock: Callable[[], float] = time.process_time,
) -> tuple[float, float]:
    """(our median, the yardstick's median) in ms of processor time of one call, in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for function in (ours, hand):
        function()
    for _ in range(rounds):
        for function, mine in zip((ours, hand), times, strict=True):
            start = clock()
            for _ in range(repeats):
                function()
            mine.append((clock() - start) * 1000 / repeats)
    return statistics.median(times[0]), statistics.median(times[1])


def said(name: str, ours: float, hand: float, ratio: float, goal: float, *, faster: bool = False) -> None:
    reached = ratio >= goal if faster else ratio <= goal
    word, sign = ("faster", "≥") if faster else ("slower", "≤")
    print(
        f"{name:52s} {ours:9.3f} ms, by hand {hand:9.3f} ms: {ratio:5.2f} × {word} (goal {sign} {goal:g}) {'reached' if reached else 'NOT REACHED'}"
    )


def child(code: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


USED = """
def used():
    # not ru_maxrss: a child begins with that of the process that started it
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
"""
GAUGE_MEMORY = (
    USED
    + """
import uncertainty, uncertainty.montecarlo, json
from scipy import special
budget = uncertainty.compile(json.loads('''{document}'''))
budget.evaluate()
before = used()
budget.evaluate(method="both", trials=1_000_000, seed=1)
print(used() - before)
"""
)
SPARSE_MEMORY = (
    USED
    + """
import time
import numpy as np
from uncertainty.linked import linked
g = np.random.default_rng(1)
start = time.perf_counter()
rows = np.repeat(np.arange(100_000), 200)
table = linked(rows, np.tile(np.arange(200), 100_000), g.normal(size=20_000_000), g.random(100_000))
u, V = np.sqrt(table.variance()), table.covariance(np.arange(1_000), np.arange(50_000, 52_000))
mean = table.of_combination(np.full(100_000, 1e-5))
few = linked(rows[::20], g.integers(0, 200, 1_000_000), g.normal(size=1_000_000), g.random(100_000))
few.variance()
print(used(), time.perf_counter() - start)
"""
)
IMPORTED = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def monte_carlo(rounds: int) -> None:
    import json

    budget = uncertainty.compile(GAUGE)
    M = 1_000_000
    ours, hand = compared(lambda: budget.evaluate(method="both", trials=M, seed=1), lambda: gauge_by_hand(M, 1), rounds)
    said("Monte Carlo, gauge block 9.5, 10^6, shortest 99 %", ours, hand, hand / ours, 2.5, faster=True)
    from uncertainty.montecarlo import Sampler

    sampler = Sampler(budget)
    two, one = compared(lambda: sampler.draw(M, 1, workers=2), lambda: sampler.draw(M, 1), rounds, 1, time.perf_counter)
    print(f"{'  its draws in two threads':52s} {two:9.3f} ms, in one  {one:9.3f} ms: {one / two:5.2f} × faster")
    peak = child(GAUGE_MEMORY.replace("{document}", json.dumps(GAUGE)))[0]
    print(
        f"{'  its peak above the imports':52s} {peak:9.1f} MB (goal ≤ 80) {'reached' if peak <= 80 else 'NOT REACHED'}"
    )


def first_order(rounds: int) -> None:
    budget = uncertainty.compile(H1)
    ours, hand = compared(budget.evaluate, h1_by_hand, rounds, 200)
    said("one budget, GUM H.1, compiled once: evaluate()", ours, hand, ours / hand, 3)
    ours, hand = compared(budget.propagate, h1_by_hand, rounds, 200)
    said("  of which propagate(): y, u, ν_eff as by hand", ours, hand, ours / hand, 3)
    ours, hand = compared(Single(budget).propagate, h1_by_hand, rounds, 200)
    said("  the same in plain floats: scalar.Single", ours, hand, ours / hand, 3)
    given = columns(BATCH)
    document = H1 | {"correlations": [{"between": ["ls", "alpha"], "r": R}]}
    ours, hand = compared(lambda: uncertainty.evaluate_batch(document, given), lambda: batch_by_hand(given), rounds, 3)
    said(f"{BATCH} budgets with ν_eff and correlation", ours, hand, ours / hand, 2)
    few = columns(1_000)
    batch = uncertainty.evaluate_batch(H1, few).results["l"]
    shared = ["alpha", "theta", "dalpha"]
    ours, hand = compared(lambda: linked.of_batch(batch, shared).covariance(), lambda: linked_by_hand(few), rounds, 3)
    said("covariance of 1,000 results on 3 shared sources", ours, hand, ours / hand, 2)
    ours, hand = compared(
        lambda: linked.of_batch(uncertainty.evaluate_batch(H1, few).results["l"], shared).covariance(),
        lambda: (batch_by_hand(few), linked_by_hand(few)),
        rounds,
        3,
    )
    said("  with the 1,000 budgets themselves", ours, hand, ours / hand, 2)


def sizes() -> None:
    used, seconds = child(SPARSE_MEMORY)
    print(
        f"{'100,000 results × 200 sources, full and a tenth':52s} {used:9.0f} MB in {seconds:.1f} s (goal ≤ 1024 MB) {'reached' if used <= 1024 else 'NOT REACHED'}"
    )
    ours = statistics.median(child(IMPORTED.format("uncertainty"))[0] for _ in range(5))
    hand = statistics.median(child(IMPORTED.format("numpy"))[0] for _ in range(5))
    print(
        f"{'import uncertainty':52s} {ours * 1000:9.0f} ms, numpy   {hand * 1000:9.0f} ms: (goal ≤ 500) {'reached' if ours <= 0.5 else 'NOT REACHED'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    monte_carlo(rounds)
    first_order(rounds)
    sizes()


if __name__ == "__main__":
    main()
