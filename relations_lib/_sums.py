"""Sums of ranks and of cells: how many sets have each, and the two-sided p of each."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from relations_lib.poisson import EXACT_UP_TO, TINY, laplace_p

MOST_STEPS = 20_000_000
MOST_SUMS = 4_000_000
ASYMPTOTIC = 1e-8


def _need(holds: object, message: str) -> None:
    """Raise a ValueError with the message unless the condition holds."""
    if not holds:
        raise ValueError(message)


class Law(NamedTuple):
    """How a two-sided p follows from a statistic, and the least p that this way can tell.

    ``p`` is greatest at the ``center`` and falls on both sides of it.
    """

    p: Callable[[float], float]
    center: float
    least: float
    method: str

    def at(self, value: float) -> float:
        """Return the p of a statistic, not below what can be told."""
        return min(max(float(self.p(value)), self.least), 1.0)

    def over(self, low: float, high: float) -> tuple[float, float]:
        """Return the least and the greatest p of a statistic between two values."""
        nearest = min(max(self.center, low), high)
        every = [self.at(value) for value in (low, nearest, high)]
        return min(every), max(every)


def _steps(events: int, cells: int) -> int:
    few = min(events, cells - events)
    return few**2 * (cells - few)


@lru_cache(maxsize=8)
def _rank_ways(events: int, cells: int) -> np.ndarray:
    """Return, at place s, how many sets of ``events`` of the cells have a rank sum s above least.

    The coefficients of Gauss's binomial: a product of ``1 - q^(m + i)`` over ``1 - q^i``.
    """
    few = min(events, cells - events)
    many = cells - few
    ways = np.zeros(few * many + 1, dtype=object)
    ways[0] = 1
    for i in range(1, few + 1):
        step = many + i
        if step < len(ways):
            ways[step:] = ways[step:] - ways[:-step]
        for rest in range(min(i, len(ways))):
            ways[rest::i] = np.add.accumulate(ways[rest::i])
    return ways


@lru_cache(maxsize=64)
def rank_law(events: int, cells: int) -> Law:
    """Return the law of the rank sum, above its least, of events in cells of their own.

    Counted where that takes no more than 20 million steps, else normal, corrected by half a rank.
    """
    greatest = events * (cells - events)
    if _steps(events, cells) > MOST_STEPS:
        spread = math.sqrt(greatest * (cells + 1) / 6)  # by the root of 2, for erfc

        def by_normal(above: float) -> float:
            off = abs(above - greatest / 2) - 0.5
            return math.erfc(off / spread)

        middle = greatest // 2
        return Law(by_normal, middle, least=ASYMPTOTIC, method="asymptotic: normal")
    below = list(accumulate(_rank_ways(events, cells)))

    def by_count(above: float) -> float:
        return 2 * below[int(min(above, greatest - above))] / below[-1]

    return Law(by_count, greatest // 2, least=TINY, method="exact")


def rank_chances(events: int, cells: int, log_growth: float = 0.0) -> np.ndarray:
    """Return the chances of the rank sum above its least, odds growing over the window."""
    from scipy.special import softmax

    fits = 1 <= events <= cells
    _need(fits, f"{events} events do not fit in {cells} cells, one in each")
    steps = _steps(events, cells)
    many = f"{events} of {cells} cells take {steps:,} steps, which are many: take a coarser grid"
    _need(steps <= MOST_STEPS, many)
    logs = np.array([math.log(ways) for ways in _rank_ways(events, cells)])
    sums = np.arange(len(logs))
    return softmax(logs + sums * log_growth / max(cells - 1, 1))


def laplace_law(events: int, length: float) -> Law:
    """Return Laplace's law of the mean time of events in a window of this length."""

    def by_mean(mean: float) -> float:
        return laplace_p(np.full(events, mean), length)

    if events > EXACT_UP_TO:
        return Law(by_mean, length / 2, ASYMPTOTIC, "asymptotic: normal, corrected")
    return Law(by_mean, length / 2, TINY, "exact: sum of uniforms")


def tied_law(events: int, cells: int) -> Law:
    """Return the law of a sum of independent cells, counted from 0, any of them alike.

    By powers of its Fourier transform.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    top = events * (cells - 1)
    many = f"{top:,} possible sums are many: take a coarser grid, or laplace, which needs none"
    _need(top <= MOST_SUMS, many)
    size = next_fast_len(top + 1, real=True)
    wave = rfft(np.full(cells, 1 / cells), size)
    chances = irfft(wave**events, size)[: top + 1]
    below = chances.clip(0).cumsum()

    def by_sums(total: float) -> float:
        return 2 * below[int(min(total, top - total))]

    return Law(by_sums, top // 2, 1e-12, "exact: sums of independent cells")


def can_be_apart(early: np.ndarray, late: np.ndarray) -> bool:
    """Return whether dates can each take a cell of their own: what must go first, goes first."""
    never = (math.inf, math.inf)
    waiting: list[float] = []
    cell = 0.0
    for start, end in [*sorted(zip(early.tolist(), late.tolist(), strict=True)), never]:
        while waiting and cell < start:
            if heapq.heappop(waiting) < cell:
                return False
            cell += 1
        cell = max(cell, start)
        heapq.heappush(waiting, end)
    return True
