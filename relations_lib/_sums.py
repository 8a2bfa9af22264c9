"""Sums of ranks and of cells: how many sets have each, and how likely each is."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import numpy as np

from relations_lib.cadence import _need
from relations_lib.poisson import EXACT_UP_TO, TINY, laplace_p

MOST_STEPS = 20_000_000
MOST_SUMS = 4_000_000
MOST_SQUARED = 20_000


@lru_cache(maxsize=64)
def rank_ways(events: int, cells: int) -> tuple[int, ...]:
    """Return, at place s, how many sets of ``events`` of the cells have a rank sum s above least.

    The coefficients of Gauss's binomial: a product of ``1 - q^(m + i)`` over ``1 - q^i``.
    """
    few = min(events, cells - events)
    many = cells - few
    steps = few * few * many
    advice = "a coarser grid has fewer cells, and tied_sum answers at any size"
    problem = f"{events} of {cells} cells take {steps:,} steps, which are many; {advice}"
    _need(steps <= MOST_STEPS, problem)
    ways = np.zeros(few * many + 1, dtype=object)
    ways[0] = 1
    for i in range(1, few + 1):
        step = many + i
        if step < len(ways):
            ways[step:] = ways[step:] - ways[:-step]
        for rest in range(min(i, len(ways))):
            ways[rest::i] = np.add.accumulate(ways[rest::i])
    return tuple(ways.tolist())


@lru_cache(maxsize=64)
def log_ways(events: int, cells: int) -> np.ndarray:
    return np.array([math.log(way) for way in rank_ways(events, cells)])


def rank_chances(events: int, cells: int, log_growth: float = 0.0) -> np.ndarray:
    """Return the chances of the rank sum above its least, odds growing over the window."""
    fits = 1 <= events <= cells
    _need(fits, f"{events} events do not fit in {cells} cells, one in each")
    from scipy.special import softmax

    _need(math.isfinite(log_growth), f"a growth is finite, found {log_growth!r}")
    ways = log_ways(events, cells)
    sums = np.arange(len(ways))
    return softmax(ways + sums * log_growth / max(cells - 1, 1))


def rank_p(events: int, cells: int) -> Callable[[int], Fraction]:
    """Return the exact two-sided p of a rank sum above its least, twice the smaller tail."""
    ways = rank_ways(events, cells)
    sets = math.comb(cells, events)

    def two_sided(above: int) -> Fraction:
        below = min(above, len(ways) - 1 - above)
        smaller = sum(ways[: below + 1])
        return min(Fraction(2 * smaller, sets), Fraction(1))

    return two_sided


def earliest_apart(early: np.ndarray, late: np.ndarray) -> list[int] | None:
    """Return the earliest cells that dates can take if each takes one of its own, else None."""
    waiting: list[int] = []
    taken: list[int] = []
    cell = place = 0
    while place < len(early) or waiting:
        if not waiting:
            cell = max(cell, int(early[place]))
        while place < len(early) and early[place] <= cell:
            heapq.heappush(waiting, int(late[place]))
            place += 1
        if heapq.heappop(waiting) < cell:
            return None
        taken.append(cell)
        cell += 1
    return taken


def tied_p(events: int, cells: int) -> tuple[Callable[[int], float], float, str]:
    """Return the two-sided p of a sum of uniform cells, the least it can tell, and the method."""
    from scipy.fft import irfft, next_fast_len, rfft

    top = events * (cells - 1)
    if top > MOST_SUMS:

        def p_of_instants(total: int) -> float:
            times = np.full(events, (total / events + 0.5))
            return laplace_p(times, cells)

        least = 1e-12 if events <= EXACT_UP_TO else 1e-8
        return p_of_instants, least, "asymptotic: instants instead of cells"
    if top <= MOST_SQUARED:
        chances = power_of(np.full(cells, 1 / cells), events)
        floor = TINY
    else:
        size = next_fast_len(top + 1, real=True)
        wave = rfft(np.full(cells, 1 / cells), size)
        chances = irfft(wave**events, size)[: top + 1]
        floor = 1e-12
    below = chances.clip(0).cumsum()

    def two_sided(total: int) -> float:
        return min(1.0, 2 * float(below[min(total, top - total)]))

    return two_sided, floor, "exact: sums of independent cells"


def power_of(chances: np.ndarray, times: int) -> np.ndarray:
    """Return the distribution of a sum of independent numbers, by squaring."""
    total = np.array([1.0])
    while times:
        if times % 2:
            total = np.convolve(total, chances)
        times //= 2
        if times:
            chances = np.convolve(chances, chances)
    return total


def sums_of(numbers: list[int], size: int) -> list[int]:
    """Return the sums that sets of so many of the numbers can have, by sets of bits."""
    greatest = sum(numbers[-size:]) if size else 0
    steps = len(numbers) * size * greatest
    _need(steps <= 8 * MOST_STEPS, f"{steps:,} steps are many: take a coarser grid")
    sums = [1] + [0] * size
    for number in numbers:
        for taken in range(size, 0, -1):
            sums[taken] |= sums[taken - 1] << number
    bits = reversed(bin(sums[size]))
    return [place for place, bit in enumerate(bits) if bit == "1"]
