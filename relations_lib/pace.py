"""Is the pace changing? Tests and estimates on a grid of years, months or days.

Dates and windows are those of ``cadence``. Tests that count each date take any number in a cell;
tests that ask only in which cells something is dated (they say so) count a cell once, however
many dates it holds. Every test returns a ``Result`` that says by which method its p was found; a
Monte Carlo p carries its seed and error. Where dates are less precise than the test needs, ``p``
is that of their middles and ``bounds`` are the least and greatest p over all datings. A p too
small for the method's numbers is given as the smallest it can tell, and ``method`` says so.

Sources: Cox and Lewis (1966) section 3.3 (Laplace); Crow (1974) (power law); Worsley, Biometrika
70 (1983), 455-464 (scan); Mann and Whitney (1947) (rank sum).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import pandas as pd

from relations_lib._sums import earliest_apart, rank_chances, rank_p, sums_of, tied_p
from relations_lib.cadence import (
    SEED,
    Dates,
    Interval,
    Placed,
    Result,
    Window,
    _need,
    blocks,
    drawn,
    draws_for,
    grid_of,
    instants,
    known_cells,
    placed,
    usable_gaps,
)
from relations_lib.dates import DAYS_A_YEAR, as_date, day_bounds
from relations_lib.poisson import EXACT_UP_TO, TINY, laplace_p, laplace_u, tail

MOST_ORDERS = 200_000
MOST_STEPS = 20_000_000
MOST_SUMS = 4_000_000
ENDS = ("first", "last")


def _told(p: float, floor: float, method: str) -> tuple[float, str]:
    """Return a p that is not below what the numbers can tell, and the method that says so."""
    if p > floor:
        return min(p, 1.0), method
    return floor, f"p below {floor:g}, the least that can be told; {method}"


def _counted(sets: int, unit: str) -> str:
    """Return how an exact p was counted."""
    number = f"{sets:,}" if sets < 10**15 else f"{Decimal(sets):.1e}"
    return f"exact: {number} sets of {unit}s counted"


def _met(dates: Dates, window: Window, least: int = 1) -> np.ndarray:
    """Return for each cell of the window whether a date lies in it."""
    grid, cells = known_cells(dates, window, least)
    met = np.zeros(grid.cells, dtype=bool)
    met[cells] = True
    return met


# --- late or early --------------------------------------------------------------------------


def _between(two_sided: Callable, early: float, late: float, center: float) -> tuple[float, float]:
    """Return the least and greatest p of a statistic between two values, greatest at a center."""
    ends = two_sided(early), two_sided(late)
    inside = two_sided(min(max(center, early), late))
    return float(min(ends)), float(max(*ends, inside))


def _apart(found: Placed) -> tuple[list[int], list[int]]:
    """Return earliest and latest sets of cells of their own; a cell known twice counts once."""
    pairs = np.column_stack([found.early, found.late])
    known = pairs[:, 0] == pairs[:, 1]
    once = np.unique(pairs[known], axis=0)
    pairs = np.concatenate([once, pairs[~known]])
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    early = earliest_apart(*pairs.T)
    last = found.grid.cells - 1
    mirror = (last - pairs)[np.argsort(-pairs[:, 1], kind="stable")]
    late = earliest_apart(mirror[:, 1], mirror[:, 0])
    if early is None or late is None:
        unit = found.grid.unit
        raise ValueError(f"some dates cannot fall in {unit}s of their own: take tied_sum")
    return early, [last - cell for cell in reversed(late)]


def rank_sum(dates: Dates, window: Window, fixed: Collection[str] = ()) -> Result:
    """Test whether meetings come late (or early) among the cells of a window, exactly.

    It asks in which cells something is dated; all sets of as many cells are equally likely. The
    same test as exact conditional logistic regression of "met in this cell" on its place.
    Two-sided p: twice the smaller tail. Dates that are less precise than the grid take cells of
    their own; ``bounds`` then hold over all such datings, p is that of the middle rank sum.

    Parameters
    ----------
    dates, window
        As ``cadence.placed``.
    fixed
        ``"first"`` and/or ``"last"``: hold that meeting as the known end of the list and test
        the others in the cells between.

    Raises
    ------
    ValueError
        If no meeting is left free, ``fixed`` names anything else or needs a cell that is not
        known, or counting would take more than 20 million steps.

    Examples
    --------
    >>> round(rank_sum(["2004", "2005"], (2001, 2005)).p, 6)
    0.2
    """
    _need({*fixed} <= {*ENDS}, f"fixed is a list of 'first' and 'last', found {fixed!r}")
    found = placed(dates, window)
    early, late = _apart(found)
    start, end = 0, found.grid.cells
    if fixed:
        _need(early == late, "an end can be held fixed where every date's cell is known")
    if "first" in fixed:
        start = early[0] + 1
        early = early[1:]
    if "last" in fixed:
        end = early[-1] if early else end
        early = early[:-1]
    free = early if fixed else late
    n, cells = len(early), end - start
    _need(n, "no meeting is left free to fall elsewhere: fix fewer ends")
    least = n * start + n * (n - 1) // 2
    low, high = sum(early) - least, sum(free) - least
    two_sided = rank_p(n, cells)
    middle = (low + high) // 2
    sets = math.comb(cells, n)
    counted = _counted(sets, found.grid.unit)
    dated, met = len(found.early), n + len(fixed)
    if dated > met:
        counted = f"{dated} dates in {met} {found.grid.unit}s; {counted}"
    p, method = _told(float(two_sided(middle)), TINY, counted)
    bounds = None
    if low < high:
        bounds = _between(two_sided, low, high, n * (cells - n) // 2)
    smallest = max(min(1.0, float(Fraction(2, sets))), TINY)
    statistic = middle + n * (n + 1) // 2
    return Result(statistic, p, smallest, method, bounds=bounds)


def tied_sum(dates: Dates, window: Window) -> Result:
    """Test for a trend with independent uniform cells, any number of dates in one, exactly.

    The statistic is the sum of the cells' ranks in the window; two-sided p, twice the smaller
    tail. Up to 4 million possible sums the distribution is computed, by powers of its Fourier
    transform above 20,000 (p is then told down to 1e-12); beyond, instants stand for the cells,
    as in ``laplace``. ``bounds`` hold where dates are less precise than the grid.

    Examples
    --------
    >>> tied_sum(["2001", "2001"], (2001, 2002)).p
    0.5
    """
    found = placed(dates, window)
    n, cells = len(found.early), found.grid.cells
    low = int(found.early.sum())
    high = int(found.late.sum())
    two_sided, floor, method = tied_p(n, cells)
    middle = (low + high) // 2
    p, method = _told(two_sided(middle), floor, method)
    bounds = None
    if low < high:
        bounds = _between(two_sided, low, high, n * (cells - 1) // 2)
    smallest = max(min(1.0, two_sided(0)), floor)
    return Result(middle + n, p, smallest, method, bounds=bounds)


def laplace(dates: Dates, window: Window) -> Result:
    """Test for a trend by Laplace's statistic, with its exact Irwin-Hall p.

    Each date counts as an instant, at the middle of its span; ``bounds`` are the least and
    greatest p over all instants that the dates allow, ``smallest_p`` that of all dates at the
    first (or last) instant their spans could have in the window.

    Raises
    ------
    ValueError
        As ``cadence.placed``; also for a window of one cell.
    """
    grid, span = instants(dates, window, least=2)
    middles = span.mean(axis=1)
    half = (span[:, 1] - span[:, 0]) / 2
    n = len(span)

    def two_sided(mean: float) -> float:
        return laplace_p(np.full(n, mean), grid.cells)

    early, late = span.mean(axis=0).clip(0, grid.cells)
    bounds = _between(two_sided, early, late, grid.cells / 2)
    floor, method = TINY, "exact: sum of uniforms"
    if n > EXACT_UP_TO:
        floor, method = 1e-8, "asymptotic: normal, corrected"
    p, method = _told(laplace_p(middles, grid.cells), floor, method)
    smallest = laplace_p(half, grid.cells)
    return Result(laplace_u(middles, grid.cells), p, min(p, smallest), method, bounds=bounds)


def crow(dates: Dates, window: Window) -> Result:
    """Test a steady pace against a power law (Crow-AMSAA) of instants, exactly.

    For dates much more precise than the gaps. With times t from the window's start T long,
    ``2 sum(log(T / t))`` is chi-squared on 2 n degrees of freedom if the pace is steady;
    ``statistic`` is the likeliest exponent, ``n / sum(log(T / t))``: above 1, ever faster.
    Times are the middles of the spans; ``bounds`` hold over all instants that the dates allow.

    Examples
    --------
    >>> round(crow(["2001", "2002", "2004"], (2001, 2004)).statistic, 3)
    0.939
    """
    from scipy.stats import chi2

    grid, span = instants(dates, window, least=2)
    law = chi2(2 * len(span))
    with np.errstate(divide="ignore"):
        most, least = 2 * np.log(grid.cells / span).sum(axis=0)
    times = span.mean(axis=1)
    middle = float(2 * np.log(grid.cells / times).sum())

    def two_sided(value: float) -> float:
        smaller = min(law.cdf(value), law.sf(value))
        return min(1.0, 2 * float(smaller))

    bounds = _between(two_sided, float(least), float(most), law.median())
    p, method = _told(two_sided(middle), TINY, "exact: chi-squared of the times' logarithms")
    return Result(2 * len(span) / middle, p, TINY, method, bounds=bounds)


def power_law(dates: Dates, window: Window) -> Result:
    """Fit a power-law (Crow-AMSAA) process to counts by cell; test exponent 1 (a steady pace).

    Grouped maximum likelihood given the number of meetings: a meeting falls in cell k of N with
    probability ``((k + 1)^b - k^b) / N^b``. ``statistic`` is b: 0 if all fell in the first cell,
    infinite if all in the last. p is the likelihood ratio's, on one degree of freedom: asymptotic
    (that of ``crow`` is not).

    Raises
    ------
    ValueError
        As ``cadence.known_cells``, and for a window of one cell, which cannot show a trend.
    """
    from scipy.special import exprel

    grid, place = known_cells(dates, window, least=2)
    total = grid.cells
    ends = np.log((place + 1) / total).sum()
    drops = np.log1p(1 / place[place > 0])

    def fit(b: float) -> float:
        within = -np.expm1(-b * drops)
        return b * ends + np.log(within).sum()

    def excess(log_b: float) -> float:
        slopes = np.exp(-log_b) / exprel(np.exp(log_b) * drops)
        return -ends - slopes.sum()

    beta = _growth_where(excess)
    ratio = max(fit(min(beta, 1e9)) - fit(1.0), 0)
    p, method = _told(math.erfc(math.sqrt(ratio)), TINY, "asymptotic: chi-squared, 1 df")
    smallest = math.erfc(math.sqrt(len(place) * math.log(total)))  # all in the first or last
    return Result(beta, p, max(smallest, TINY), method)


# --- the order of gaps, two parts, a split --------------------------------------------------


def _all_orders(values: np.ndarray) -> np.ndarray:
    """Return the distinct orders of values, one per row."""
    sizes, counts = np.unique(values, return_counts=True)
    orders = np.zeros((1, 0))
    left = counts[None]
    for _ in values:
        row, kind = left.nonzero()
        orders = np.column_stack([orders[row], sizes[kind]])
        left = left[row] - np.eye(len(sizes), dtype=int)[kind]
    return orders


def _number_of_orders(values: np.ndarray) -> float:
    _, counts = np.unique(values, return_counts=True)
    log_number = math.lgamma(len(values) + 1)
    for count in counts:
        log_number -= math.lgamma(count + 1)
    return round(math.exp(log_number)) if log_number < 30 else math.inf


def renewal(gaps: Iterable[float], seed: int = SEED) -> Result:
    """Test for a trend with the gaps themselves given and any order of them equally likely.

    The statistic is the sum of the inner meetings' times counted from the first: large if
    short gaps come late. Two-sided: p counts orders at least as far from the mean (tolerance
    1e-9 of the mean; gaps that agree to nine decimals of the greatest count as equal), over all
    distinct orders or, above 200,000, over 500 to 100,000 random ones, by their length.
    """
    values = usable_gaps(gaps, 2)
    _, first, place = np.unique(
        np.round(values / values.max(), 9), return_index=True, return_inverse=True
    )
    values = values[first[place]]
    weights = np.arange(len(values))[::-1]
    middle = values.mean() * weights.sum()

    def off(orders: np.ndarray) -> np.ndarray:
        return np.abs(orders @ weights / middle - 1)

    observed = off(values[None])[0]
    statistic = float(values @ weights)
    number = _number_of_orders(values)
    if number <= MOST_ORDERS and number * len(values) <= MOST_STEPS:
        every = off(_all_orders(values))
        p = float((every >= observed - 1e-9).mean())
        smallest = float((every >= every.max() - 1e-9).mean())
        return Result(statistic, p, smallest, f"exact: all {number:,} orders")
    random = np.random.default_rng(seed)
    draws = draws_for(len(values))
    hits = 0
    for block in blocks(draws, len(values)):
        orders = random.permuted(np.tile(values, (block, 1)), axis=1)
        hits += int((off(orders) >= observed - 1e-9).sum())
    method = f"Monte Carlo: {draws:,} random orders, seed {seed}"
    return drawn(hits, draws, statistic, 0.0, method, seed)


def halves(dates: Dates, window: Window) -> Result:
    """Compare the halves of a window, exactly.

    Two-sided binomial test of the meetings in the first half of the cells (rounded down), given
    all meetings; each date counts. ``statistic`` is the number in the first half. ``bounds``
    hold over all datings where a date may lie in either half; p is then that of the middle.
    """
    from scipy.stats import binomtest

    found = placed(dates, window, least=2)
    n, before = len(found.early), found.grid.cells // 2
    share = before / found.grid.cells

    def two_sided(early: int) -> float:
        return float(binomtest(early, n, share).pvalue)

    low = int((found.late < before).sum())
    high = int((found.early < before).sum())
    bounds = None
    if low < high:
        bounds = _between(two_sided, low, high, round(n * share))
    early = (low + high) // 2
    p, method = _told(two_sided(early), TINY, "exact: binomial")
    smallest = min(two_sided(0), two_sided(n))
    return Result(early, p, max(smallest, TINY), method, bounds=bounds)


def fisher_split(dates: Dates, window: Window, last: object) -> Result:
    """Compare cells with a meeting before and after a split by Fisher's exact two-sided test.

    Right only for a split named before looking; at the best of all splits it is a mistake, and
    ``scan`` is the remedy. ``last`` is the last cell before the split (a year, say);
    ``statistic`` the number of cells with a meeting up to it.
    """
    from scipy.stats import fisher_exact

    met = _met(dates, window, least=2)
    before = grid_of((window[0], last)).cells
    _need(before < len(met), f"a split after {last} leaves nothing on one side")
    n, after = int(met.sum()), len(met) - before
    early = int(met[:before].sum())

    def p_of(k: int) -> float:
        up_to = [k, before - k]
        later = [n - k, after - n + k]
        return float(fisher_exact([up_to, later]).pvalue)

    fewest, most = max(0, n - after), min(n, before)
    p, method = _told(p_of(early), TINY, "exact: Fisher")
    smallest = min(p_of(fewest), p_of(most))
    return Result(early, p, max(smallest, TINY), method)


def _split_ratios(n: int, total: int) -> np.ndarray:
    """Return log likelihood ratios of a change, by cells and meetings up to it (or NaN)."""
    from scipy.special import xlogy

    def fit(met: np.ndarray | int, cells: np.ndarray | int) -> np.ndarray:
        share = met / cells
        return xlogy(met, share) + xlogy(cells - met, 1 - share)

    before = np.arange(1, total)[:, None]
    early = np.arange(n + 1)
    parted = fit(early, before) + fit(n - early, total - before)
    return parted - fit(n, total)


def scan(dates: Dates, window: Window) -> tuple[int | str, Result]:
    """Search all splits of a window for a change of the chance of a meeting, and pay for it.

    It asks in which cells something is dated. Bernoulli likelihood ratio, a change in either
    direction. p is the share of all sets of as many cells whose greatest ratio is at least the
    observed one, ties counted (tolerance 1e-9): exact, by counting the paths that stay below it.

    Returns
    -------
    tuple
        Last cell before the likeliest change (the first of equals) and the ``Result``, whose
        statistic is the greatest log likelihood ratio.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; for a window of one cell, or where cells times meetings
        exceed 4 million.
    """
    met = _met(dates, window, least=2)
    total, n = len(met), int(met.sum())
    size = total * (n + 1)
    advice = "take a coarser grid, or change_point, which answers at any size"
    problem = f"{n} meetings in {total} cells make {size:,} paths, which are many; {advice}"
    _need(size <= MOST_SUMS, problem)
    ratios = _split_ratios(n, total)
    so_far = met.cumsum()[:-1]
    path = ratios[np.arange(total - 1), so_far]
    best = int(np.argmax(path >= path.max() - 1e-9))
    below = ratios < path[best] - 1e-9
    ways = np.array([1] + [0] * n, dtype=object)
    for allowed in [*below, np.arange(n + 1) == n]:
        one_more = np.append(0, ways[:-1])
        ways = np.where(allowed, ways + one_more, 0)
    sets = math.comb(total, n)
    grid = grid_of(window)
    p = float(1 - Fraction(ways[n], sets))
    p, method = _told(p, TINY, _counted(sets, grid.unit))
    smallest = max(min(1.0, float(Fraction(2, sets))), TINY)
    return grid.label(best), Result(float(path[best]), p, smallest, method)


# --- one change, at an unknown place --------------------------------------------------------


def _change_weights(met: np.ndarray, prior: float) -> np.ndarray:
    """Return the Bayes factor of a change after each cell but the last, one row per list."""
    from scipy.special import betaln

    total = met.shape[1]
    before = np.arange(1, total)
    early = met.cumsum(axis=1)[:, :-1]
    n = met.sum(axis=1, keepdims=True)
    first = betaln(early + prior, before - early + prior)
    late = n - early
    second = betaln(late + prior, total - before - late + prior)
    whole = betaln(n + prior, total - n + prior)
    return np.exp(first + second - whole - betaln(prior, prior))


def change_point(dates: Dates, window: Window, prior: float = 1.0) -> tuple[float, pd.Series]:
    """Weigh one change of the chance of a meeting, at an unknown cell, against none.

    It asks in which cells something is dated. Bernoulli by cell; the change after any cell but
    the last equally likely; Beta(prior, prior) for the chance on each side, and for the one
    chance without change (1 is flat, 0.5 Jeffreys').

    Returns
    -------
    tuple
        The Bayes factor for a change (above 1 speaks for it), and the probability of each last
        cell before the change if there was one, as a Series by cell.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; for a window of one cell, or a prior not above 0.
    """
    _need(0 < prior < math.inf, f"a prior is above 0 and finite, found {prior!r}")
    met = _met(dates, window, least=2)
    grid = grid_of(window)
    (weights,) = _change_weights(met[None], prior)
    labels = [grid.label(cell) for cell in range(grid.cells - 1)]
    return float(weights.mean()), pd.Series(weights / weights.sum(), labels)


def change_point_required(
    dates: Dates,
    window: Window,
    numbered: tuple[object, object],
    added: int,
    dropped: int = 0,
    prior: float = 1.0,
) -> Interval:
    """Weigh a change as ``change_point`` does, over all lists that numbered sessions allow.

    Parameters
    ----------
    dates, window, prior
        As for ``change_point``.
    numbered
        The cells (years, say) of the first and of the last session whose number is sure.
    added
        Sessions that the numbers require before the first and the list lacks: each may fall in
        any free cell earlier than it.
    dropped
        Listed meetings between the two for which no number is left: any of those listed.

    Returns
    -------
    Interval
        Median, least and greatest Bayes factor over these lists.

    Raises
    ------
    ValueError
        As ``change_point``; also if there are too few cells or meetings, or lists of over 20
        million cells in all.

    Examples
    --------
    >>> change_point_required([2003, 2004], (2001, 2004), (2003, 2004), added=1).method
    'exact: all 2 lists'
    """
    met = _met(dates, window, least=2)
    start = grid_of(window).first
    place, last = (grid_of((cell, cell)).first - start for cell in numbered)
    free = np.flatnonzero(~met[:place])
    later = place + 1 + np.flatnonzero(met[place + 1 : last])
    ways = math.comb(len(free), added)
    ways *= math.comb(len(later), dropped)
    _need(ways, f"{len(free)} free cells, {len(later)} meetings between: too few to add or drop")
    size = ways * len(met)
    _need(size <= MOST_STEPS, f"{ways:,} lists of {len(met):,} cells are many: take a coarser grid")
    lists = np.tile(met, (ways, 1))
    choices = product(combinations(free, added), combinations(later, dropped))
    for row, (more, fewer) in zip(lists, choices, strict=True):
        row[list(more)] = True
        row[list(fewer)] = False
    factors = [
        _change_weights(part, prior).mean(axis=1)
        for part in np.array_split(lists, -(-lists.size // 1_000_000))
    ]
    every = np.concatenate(factors)
    method = f"exact: all {ways:,} lists"
    low, middle, high = np.quantile(every, [0, 0.5, 1]).tolist()
    return Interval(middle, low, high, method)


# --- how fast it grows, and what could be seen ----------------------------------------------


def odds_growth(dates: Dates, window: Window, level: float = 0.95) -> Interval:
    """Estimate the growth of the odds of a meeting from the window's first to last cell.

    It asks in which cells something is dated. Conditional maximum likelihood and exact interval,
    both by tilting the distribution of the rank sum; a bound that the data do not set is 0 or
    infinite, and so is one below e^-60 or above e^60.

    Raises
    ------
    ValueError
        As ``rank_sum``; also if every cell has a meeting (nothing can grow), or if the level
        does not lie between 0 and 1.
    """
    met = _met(dates, window, least=2)
    left = tail(level)
    _need(not met.all(), "every cell of the window has a meeting, so no growth can be estimated")
    n = int(met.sum())
    least = n * (n - 1) // 2
    above = int(np.flatnonzero(met).sum()) - least
    chances = partial(rank_chances, n, len(met))
    places = np.arange(len(chances()))
    value = _growth_where(lambda g: float(chances(g) @ places) - above)
    low = _growth_where(lambda g: chances(g)[above:].sum() - left)
    high = _growth_where(lambda g: left - chances(g)[: above + 1].sum())
    return Interval(value, low, high, "exact: tilted rank sums")


def _growth_where(excess: Callable[[float], float]) -> float:
    """Return the growth at which a rising function of its logarithm is 0, else 0 or infinity."""
    from scipy.optimize import brentq

    if excess(-60.0) > -1e-12:
        return 0.0
    found = excess(60.0) > 1e-12
    return math.exp(brentq(excess, -60, 60, xtol=1e-12)) if found else math.inf


def power(events: int, cells: int, growth: float, alpha: float = 0.05) -> float:
    """Return how often the exact rank-sum test would find a given growth of the odds.

    The odds of a meeting grow ``growth``-fold from the first to the last cell in equal factors;
    the number of cells with a meeting is given; the test rejects where twice the smaller tail is
    at most ``alpha``. 0 if no outcome can be that rare.

    Raises
    ------
    ValueError
        If the events do not fit in the cells or take too long to count (see ``rank_sum``), the
        growth is not above 0 and finite, or alpha does not lie between 0 and 1.

    Examples
    --------
    >>> power(1, 5, 1000.0)
    0.0
    """
    fine = 0 < growth < math.inf and 0 < alpha < 1
    _need(fine, f"needs finite growth above 0 and alpha in (0, 1), found {growth!r}, {alpha!r}")
    null = rank_chances(events, cells)
    early = null.cumsum()
    late = null[::-1].cumsum()[::-1]
    tails = np.minimum(early, late)
    rejected = 2 * tails <= alpha * (1 + 1e-9)
    return float(rank_chances(events, cells, math.log(growth))[rejected].sum())


def growth_for_power(events: int, cells: int, wanted: float = 0.8, alpha: float = 0.05) -> float:
    """Return the growth of the odds that the exact rank-sum test finds with given power.

    Infinite where no growth up to e^60 reaches it.
    """
    _need(alpha < wanted < 1, f"wanted power lies between alpha and 1, found {wanted!r}")

    def excess(log_growth: float) -> float:
        growth = math.exp(max(log_growth, 0))
        return power(events, cells, growth, alpha) - wanted

    return _growth_where(excess)


# --- what the list lacks --------------------------------------------------------------------


def quiet_years(dates: Dates, window: Window) -> list[int | str]:
    """Return the cells of a window (years, months or days) in which no date lies."""
    grid = grid_of(window)
    quiet = np.flatnonzero(~_met(dates, window)).tolist()
    return [grid.label(cell) for cell in quiet]


def with_added(dates: Dates, window: Window, number: int, before: object) -> Interval:
    """Return the rank-sum p if ``number`` meetings missing from the list were added to it.

    Each may fall in any cell of the window earlier than the cell ``before`` in which nothing is
    dated, one in a cell. ``value`` is p of the list as it is; ``low`` and ``high`` are the least
    and greatest p over all ways of adding them, exactly (p depends on the sum of ranks alone);
    ``value`` may lie outside them.

    Raises
    ------
    ValueError
        As ``rank_sum`` and ``cadence.known_cells``; also if ``number`` is negative, fewer cells
        are free, or adding takes over 160 million steps.
    """
    _need(number >= 0, f"0 or more meetings can be added, found {number!r}")
    met = _met(dates, window)
    grid = grid_of(window)
    first = grid_of((before, before)).first - grid.first
    free = np.flatnonzero(~met[: max(first, 0)])
    _need(
        len(free) >= number, f"only {len(free)} {grid.unit}s before {before} are free for {number}"
    )
    sums = sums_of(free.tolist(), number)
    n = int(met.sum())
    observed = int(np.flatnonzero(met).sum())
    as_listed = rank_p(n, len(met))
    value = as_listed(observed - n * (n - 1) // 2)
    more = rank_p(n + number, len(met))
    least = (n + number) * (n + number - 1) // 2
    every = [float(more(observed + total - least)) for total in sums]
    method = f"exact: all ways to add {number} meetings before {before}"
    return Interval(float(value), min(every), max(every), method)


def numbered_rates(sessions: pd.DataFrame, start: object = None) -> pd.DataFrame:
    """Return how many sessions a year lie between numbered ones, with bounds from their dates.

    Parameters
    ----------
    sessions
        One row per numbered session that is sure: ``number`` and ``date`` (EDTF).
    start
        The earliest day on which the count can have begun; the first stretch then reaches from
        it to the first numbered session.

    Returns
    -------
    DataFrame
        One row per stretch: ``first`` and ``last`` number (``first`` 0: from the start),
        ``sessions`` in it (the last counted, the first not), ``years_low`` and ``years_high`` of
        365.25 days, ``low`` and ``high`` sessions a year. From the start the true stretch may be
        shorter, so ``years_low`` is 0 and ``high`` infinite.

    Raises
    ------
    ValueError
        If there are fewer than two numbers (one with a start), or dates contradict their order.

    Examples
    --------
    >>> table = pd.DataFrame({"number": [7, 10], "date": ["2006-04-24", "2012-10-29"]})
    >>> numbered_rates(table)["low"].round(2).tolist()
    [0.46]
    """
    rows = sessions.sort_values("number")
    days = day_bounds(rows["date"]).to_numpy("M8[D]")
    numbers = rows["number"].astype(int).tolist()
    early, late = days.T
    if start is not None:
        begun = np.datetime64(as_date(start), "D")
        numbers = [0, *numbers]
        early, late = np.append(begun, early), np.append(begun, late)
    _need(len(numbers) > 1, "a rate needs two numbered sessions, or one and a start")
    counts = np.diff(numbers)
    _need((counts > 0).all(), "a number stands twice: give each session once")
    shortest = (early[1:] - late[:-1]).astype(int) / DAYS_A_YEAR
    longest = (late[1:] - early[:-1]).astype(int) / DAYS_A_YEAR
    _need((longest > 0).all(), "a later number has an earlier date: mend it")
    shortest = shortest.clip(0)
    if start is not None:
        shortest[0] = 0
    with np.errstate(divide="ignore"):
        table = {
            "first": numbers[:-1],
            "last": numbers[1:],
            "sessions": counts,
            "years_low": shortest,
            "years_high": longest,
            "low": counts / longest,
            "high": counts / shortest,
        }
    return pd.DataFrame(table)


# --- all choices side by side ---------------------------------------------------------------


class Choice(NamedTuple):
    """A way to test for a trend: name, test, ends held fixed, whether each date counts."""

    name: str
    run: Callable[[Dates, Window], Result]
    fixed: Collection[str] = ()
    ties: bool = False


def _order_of_gaps(dates: Dates, window: Window) -> Result:
    _, cells = known_cells(dates, window)
    return renewal(np.diff(cells))


def _scan_p(dates: Dates, window: Window) -> Result:
    return scan(dates, window)[1]


CHOICES = (
    Choice("rank sum", rank_sum),
    Choice("rank sum", partial(rank_sum, fixed=["first"]), ["first"]),
    Choice("rank sum", partial(rank_sum, fixed=["last"]), ["last"]),
    Choice("rank sum", partial(rank_sum, fixed=ENDS), ENDS),
    Choice("sum of years", tied_sum, ties=True),
    Choice("power law", crow, ties=True),
    Choice("two halves", halves, ties=True),
    Choice("scan of all splits", _scan_p),
    Choice("order of gaps", _order_of_gaps, ENDS, ties=True),
)


def all_choices(dates: Dates, windows: Sequence[Window]) -> pd.DataFrame:
    """Return the trend tests of this module side by side, window by window.

    The list is the author's; Laplace's test is not in it.

    Parameters
    ----------
    dates
        As ``cadence.placed``.
    windows
        The windows that can be defended, each a pair of years, months or days.

    Returns
    -------
    DataFrame
        One row per choice: ``test``; ``first`` and ``last`` of the cells that it uses;
        ``first_fixed`` and ``last_fixed`` (that meeting is held as a known end); ``ties`` (each
        of several dates in a cell counts); ``exact``; ``p`` two-sided, missing if the test
        cannot be run on these dates; ``low`` and ``high``, its bounds over all datings (p itself
        where nothing is open); ``smallest_p`` that it could give; ``method``, or why it cannot
        be run. Equal rows of several windows stand once.

    Raises
    ------
    ValueError
        As ``cadence.placed``, for any of the windows; also without a list of windows.

    Examples
    --------
    >>> all_choices(["2004", "2005"], [(2001, 2005)])["p"].round(3).head(2).tolist()
    [0.2, 1.0]
    """
    some = isinstance(windows, Collection) and len(windows)
    _need(some, "there is no window: give at least one pair of years, months or days")
    dates = list(dates)
    rows = [_chosen(choice, dates, window) for window in windows for choice in CHOICES]
    table = pd.DataFrame(rows).round({"p": 12})
    own = ["test", "first", "last", "first_fixed", "last_fixed", "ties"]
    return table.drop_duplicates(own, ignore_index=True)


def _chosen(choice: Choice, dates: list[object], window: Window) -> dict[str, object]:
    found = placed(dates, window)
    label = found.grid.label
    try:
        answer = choice.run(dates, window)
    except ValueError as reason:
        answer = Result(math.nan, math.nan, math.nan, f"not run: {reason}")
    low, high = answer.bounds or (answer.p, answer.p)
    first_fixed, last_fixed = (end in choice.fixed for end in ENDS)
    return {
        "test": choice.name,
        "first": label(found.early.min() if first_fixed else 0),
        "last": label(found.late.max() if last_fixed else found.grid.cells - 1),
        "first_fixed": first_fixed,
        "last_fixed": last_fixed,
        "ties": choice.ties,
        "exact": answer.method.startswith("exact"),
        "p": answer.p,
        "low": low,
        "high": high,
        "smallest_p": answer.smallest_p,
        "method": answer.method,
    }
