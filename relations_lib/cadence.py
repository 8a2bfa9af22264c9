"""How often, how regularly and with what trend a body met, from dates as precise as a year.

Dates are EDTF texts in any order. Two views of them serve all methods: ``spans`` (each date as
wide as it is) and ``calendar_years`` (one whole year per date, for methods on the year grid). A
window is a pair of calendar years, first and last, both within it. Every test returns a ``Result``
that says by which method its p was found; a Monte Carlo p carries its seed and error.

Sources: Goh and Barabasi, EPL 81 (2008) 48002 (burstiness, memory); Kim and Jo, Physical Review
E 94 (2016) 032311 (finite-size burstiness); Greenwood, Journal of the Royal Statistical Society
109 (1946), 85-110 (evenness); Cox and Lewis (1966) section 3.3 (Laplace); Crow (1974) (power
law); Worsley, Biometrika 70 (1983), 455-464 (scan); Kaplan and Meier (1958).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache, partial, reduce
from itertools import pairwise, product
from operator import index
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from relations_lib.dates import bounds, edtf_text
from relations_lib.poisson import EXACT_UP_TO, laplace_p, laplace_u, tail

Window = tuple[int, int]
Dates = Iterable[object]
DRAWS = 100_000
SEED = 1998
MOST_ORDERS = 200_000
MOST_STEPS = 1_000_000_000
MOST_YEARS = 200
PLACES = {"start": 0, "middle": 0.5, "end": 1}


class Result(NamedTuple):
    """A test's answer: its statistic, its p, the smallest p it could give, how p was found.

    ``error`` is the standard error of a Monte Carlo p (0 when p was computed), ``seed`` its seed.
    """

    statistic: float
    p: float
    smallest_p: float
    method: str
    error: float = 0.0
    seed: int | None = None


class Interval(NamedTuple):
    """A value, bounds (which need not hold it: see ``with_added``), and how they were found."""

    value: float
    low: float
    high: float
    method: str


# --- dates and gaps -------------------------------------------------------------------------


def _need(holds: object, message: str) -> None:
    """Raise a ValueError with the message unless the condition holds."""
    if not holds:
        raise ValueError(message)


def _limits(dates: Dates) -> list[tuple[date, date]]:
    """Return first and last day of each date, sorted."""
    limits = sorted(bounds(edtf_text(given)) for given in dates)
    _need(limits, "there are no dates: give at least one EDTF date")
    return limits


def spans(dates: Dates) -> np.ndarray:
    """Return each date as the span of instants it allows, in decimal years, in time order.

    Parameters
    ----------
    dates
        EDTF dates in any order; ``1998`` becomes 1998.0 to 1999.0.

    Returns
    -------
    ndarray
        One row per date: start and end. Both columns never decrease.

    Raises
    ------
    ValueError
        If there are no dates, if one is no EDTF date, or if one span lies within another, so
        that the order of the two is not known.

    Examples
    --------
    >>> spans(["2001", "1998-07-01/1998-07-02"]).round(3).tolist()
    [[1998.496, 1998.501], [2001.0, 2002.0]]
    """
    days = np.array(_limits(dates), "M8[D]") + np.array([0, 1])
    years = days.astype("M8[Y]")
    lengths = (years + 1).astype("M8[D]") - years
    table = years.astype(int) + 1970 + (days - years) / lengths
    within = table[1:, 0][np.diff(table[:, 1]) < 0].astype(int).tolist()
    _need(not within, f"dates of {within} overlap in unknown order: give them one precision")
    return table


def calendar_years(dates: Dates, window: Window | None = None, distinct: bool = False) -> list[int]:
    """Return the calendar year of each date, sorted.

    Parameters
    ----------
    dates
        EDTF dates, each within one calendar year.
    window
        First and last calendar year; every date must lie within them.
    distinct
        Refuse two dates in one year, for methods that allow at most one.

    Raises
    ------
    ValueError
        If there are no dates, if one runs over two years or lies outside the window, if the
        window runs backwards or is longer than 200 years, or if ``distinct`` is broken.

    Examples
    --------
    >>> calendar_years(["2001", "1998-04"], (1993, 2012))
    [1998, 2001]
    """
    limits = _limits(dates)
    years = [first.year for first, _ in limits]
    for first, last in limits:
        _need(first.year == last.year, f"{first}/{last} lies in two calendar years: give one")
        inside = window is None or first.year in years_of(window)
        _need(inside, f"{first.year} lies outside {window}: widen it or leave the date out")
    for one, other in pairwise(years if distinct else []):
        _need(one != other, f"{one} stands twice, and this method allows one meeting a year")
    return years


def years_of(window: Window, least: int = 1) -> range:
    """Return the calendar years of a window, both ends within it.

    Parameters
    ----------
    window
        First and last calendar year.
    least
        Fewest years it may have: a method that looks for a change needs 2.

    Raises
    ------
    ValueError
        If the window is no pair of whole numbers, runs backwards, is shorter than ``least`` or
        longer than 200 years.
    """
    try:
        first, last = map(index, window)
    except (TypeError, ValueError):
        raise ValueError(f"{window!r} is no window: give two whole numbers, (1993, 2012)") from None
    fits = least <= last - first + 1 <= MOST_YEARS
    _need(fits, f"{window} is no window of {least} to {MOST_YEARS} years: give its ends")
    return range(first, last + 1)


def meeting_gaps(dates: Dates) -> pd.DataFrame:
    """Return the gaps between successive dates and what their precision allows.

    Returns
    -------
    DataFrame
        One row per gap. ``start`` and ``end``: the decimal years at which the two spans begin;
        ``years``: distance of the middles of the two spans (between two year-precise dates, the
        difference of the years); ``low`` and ``high``: bounds of the true gap, in years.

    Raises
    ------
    ValueError
        As ``spans``; also with fewer than two dates, which have no gap.

    Examples
    --------
    >>> meeting_gaps(["1998", "2001"]).values.tolist()
    [[1998.0, 2001.0, 3.0, 2.0, 4.0]]
    """
    start, end = spans(dates).T
    _need(len(start) > 1, "one date has no gap: give at least two")
    least, most = np.maximum(start[1:] - end[:-1], 0), end[1:] - start[:-1]
    columns = [start[:-1], start[1:], np.diff((start + end) / 2), least, most]
    return pd.DataFrame(dict(zip(("start", "end", "years", "low", "high"), columns, strict=True)))


# --- how regular ----------------------------------------------------------------------------


def _usable_gaps(gaps: Iterable[float], least: int) -> np.ndarray:
    values = np.asarray(list(gaps), dtype=float)
    _need(len(values) >= least, f"this needs {least} or more gaps, found {len(values)}")
    fine = values.min() >= 0 and 0 < values.sum() < math.inf
    _need(fine, "gaps must be numbers of 0 or more, and not all 0 (one year for all)")
    return values


def gap_cv(gaps: Iterable[float]) -> float:
    """Return the coefficient of variation of gaps: standard deviation (ddof 0) over mean.

    0 is perfectly even; about 1 is what a memoryless process tends to; n gaps cannot pass
    ``sqrt(n - 1)``.

    Raises
    ------
    ValueError
        With fewer than two gaps, or if all are zero.

    Examples
    --------
    >>> gap_cv([2, 2, 2]), round(gap_cv([0, 0, 6]), 4)
    (0.0, 1.4142)
    """
    values = _usable_gaps(gaps, 2)
    return float(values.std() / values.mean())


def cv_bounds(dates: Dates) -> Interval:
    """Return the exact least and greatest coefficient of variation over all datings.

    Each date may fall at any instant of its span, in time order. The coefficient is
    quasi-convex in the instants: its greatest value stands where every instant is an end of a
    span, found by dynamic programming over these ends, for any number of dates; its least is
    one constrained minimum (sequential least squares), the same from any start. ``value`` is
    that of the middles of the spans, NaN if these are all the same.

    Raises
    ------
    ValueError
        As ``spans``; also with fewer than three dates.
    """
    table = spans(dates)
    _need(len(table) > 2, f"a spread of gaps needs three dates or more, found {len(table)}")
    middle = np.diff(table.mean(axis=1))
    value = gap_cv(middle) if middle.any() else math.nan
    low, high = min(_least_cv(table), value), max(_greatest_cv(table), value)  # a NaN stands back
    return Interval(value, low, high, "exact: all datings")


def _greatest_cv(table: np.ndarray) -> float:
    ends, greatest = np.unique(table).tolist(), 0.0
    firsts, *others = ([end for end in ends if low <= end <= high] for low, high in table)
    for first in firsts:
        best = {first: 0.0}  # greatest sum of squared gaps so far, by the end it stands at
        for choice in others:
            ways = {b: [s + (b - a) ** 2 for a, s in best.items() if a <= b] for b in choice}
            best = {b: max(sums) for b, sums in ways.items() if sums}
        greatest = max([greatest, *(s / (b - first) ** 2 for b, s in best.items() if b > first)])
    return math.sqrt(max(greatest * (len(table) - 1) - 1, 0))


def _least_cv(table: np.ndarray) -> float:
    def squared(times: np.ndarray) -> tuple[float, np.ndarray]:  # and its gradient
        gaps = np.diff(times)
        value, mean = gaps.var() / gaps.mean() ** 2, gaps.mean()
        slopes = 2 * ((gaps - mean) / mean**2 - value / mean) / len(gaps)
        return value, -np.diff(slopes, prepend=0, append=0)

    limits = table - table[0, 0]
    even = np.clip(np.linspace(0, limits[-1, 1], len(table)), *limits.T)
    order = optimize.LinearConstraint(np.diff(np.eye(len(table)), axis=0), 0, np.inf)
    options = {"method": "SLSQP", "jac": True, "options": {"ftol": 1e-16, "maxiter": 1000}}
    found = optimize.minimize(squared, even, bounds=limits, constraints=order, **options)
    return math.sqrt(max(min(found.fun, squared(even)[0]), 0))


def burstiness(cv: float) -> float:
    """Return the burstiness of Goh and Barabasi, ``(cv - 1) / (cv + 1)``.

    -1 is perfectly even; 0 a memoryless process in the long run; towards 1 bursts. Few gaps
    pull it down whatever the process: see ``burstiness_finite``.

    Examples
    --------
    >>> burstiness(0), burstiness(1)
    (-1.0, 0.0)
    """
    _need(0 <= cv < math.inf, f"a coefficient of variation is 0 or more, found {cv!r}")
    return (cv - 1) / (cv + 1)


def burstiness_finite(cv: float, events: int) -> float:
    """Return the finite-size burstiness of Kim and Jo (2016): -1 even, 0 random, 1 one burst.

    Parameters
    ----------
    cv
        Coefficient of variation of the gaps (ddof 0).
    events
        Number of events, by the authors' convention; at least three.

    Examples
    --------
    >>> burstiness_finite(0, 9), round(burstiness_finite(8**0.5, 9), 9)
    (-1.0, 1.0)
    """
    fine = 0 <= cv < math.inf and 3 <= events < math.inf
    _need(fine, f"needs cv >= 0 and events >= 3, both finite, found {cv!r}, {events!r}")
    more, less = math.sqrt(events + 1), math.sqrt(events - 1)
    return (more * cv - less) / ((more - 2) * cv + less)


def _merged(values: np.ndarray) -> np.ndarray:
    """Return gaps with those made equal that agree to nine decimals of the greatest."""
    alike = np.round(values / values.max(), 9)
    _, first, place = np.unique(alike, return_index=True, return_inverse=True)
    return values[first[place]]


def gap_orders(gaps: Iterable[float], seed: int = SEED) -> tuple[np.ndarray, str]:
    """Return the distinct orders of gaps, one per row, and whether these are all of them.

    Up to 200,000 distinct orders are all listed (``exact: ...``); of more, 100,000 random ones
    are drawn with the seed (``Monte Carlo: ...``).

    Examples
    --------
    >>> gap_orders([1, 1, 2])[0].tolist()
    [[1.0, 1.0, 2.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]]
    """
    values = _merged(_usable_gaps(gaps, 1))
    sizes, counts = np.unique(values, return_counts=True)
    number = math.factorial(len(values)) // math.prod(map(math.factorial, counts))
    if number > MOST_ORDERS:
        drawn = np.random.default_rng(seed).permuted(np.tile(values, (DRAWS, 1)), axis=1)
        return drawn, f"Monte Carlo: {DRAWS:,} random orders, seed {seed}"
    orders, left = np.zeros((1, 0)), counts[None]
    for _ in values:
        row, kind = left.nonzero()
        orders = np.column_stack([orders[row], sizes[kind]])
        left = left[row] - np.eye(len(sizes), dtype=int)[kind]
    return orders, f"exact: all {number:,} orders"


def _share(hits: np.ndarray, statistic: float, smallest: float, method: str, seed: int) -> Result:
    """Return the share of cases that are hits as a p, with its error if the cases were drawn."""
    if method.startswith("exact"):
        return Result(statistic, float(hits.mean()), smallest, method)
    step, p = 1 / (len(hits) + 1), (int(hits.sum()) + 1) / (len(hits) + 1)
    error = max(math.sqrt(p * (1 - p) / len(hits)), step)
    return Result(statistic, p, min(p, max(smallest, step)), method, error, seed)


def _among_orders(gaps: np.ndarray, measure: Callable, statistic: float, seed: int) -> Result:
    """Return the share of the orders of the gaps that measure at least as much, NaN left out."""
    orders, method = gap_orders(gaps, seed)
    every = measure(orders)
    every = every[~np.isnan(every)]
    exact = method.startswith("exact")
    smallest = float((every >= every.max() - 1e-9).mean()) if exact else 0.0
    return _share(every >= measure(gaps[None]) - 1e-9, statistic, smallest, method, seed)


def _neighbor_correlation(orders: np.ndarray) -> np.ndarray:
    """Return per row the correlation of each gap with the next; NaN where one side is constant."""
    first, second = (x - x.mean(axis=1, keepdims=True) for x in (orders[:, :-1], orders[:, 1:]))
    spread = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    varied = spread > 1e-9 * orders.max() ** 2
    return (first * second).sum(axis=1) / np.where(varied, spread, np.nan)


def memory(gaps: Iterable[float], seed: int = SEED) -> Result:
    """Return the memory coefficient: Pearson r of (gap i, gap i + 1), and how unusual it is.

    Above 0, short follows short and long follows long. ``p`` is the share of the distinct
    orders of the same gaps whose coefficient is at least as large, ties counted (tolerance
    1e-9); orders that leave it undefined (one side constant) are left out.

    Raises
    ------
    ValueError
        With fewer than three gaps, or if the coefficient is undefined.
    """
    values = _merged(_usable_gaps(gaps, 3))
    observed = float(_neighbor_correlation(values[None])[0])
    _need(not math.isnan(observed), "the gaps hardly vary, which leaves no correlation: say so")
    return _among_orders(values, _neighbor_correlation, observed, seed)


def evenness(dates: Dates, seed: int = SEED) -> Result:
    """Test whether meetings are spread more evenly than chance, on the grid of years.

    The statistic is the sum of squared whole-year gaps (Greenwood). First and last year are
    fixed; all sets of distinct years between them are equally likely; p is the chance of a sum
    at most as large, by counting. Where that would take too long, 10,000 sets are drawn.

    Raises
    ------
    ValueError
        With two dates in one year, or fewer than three dates.
    """
    gaps = np.diff(calendar_years(dates, distinct=True))
    number, length, observed = len(gaps), int(gaps.sum()), int((gaps**2).sum())
    _need(number > 1, f"something between two ends needs three dates, found {number + 1}")
    longest = min(length - number + 1, math.isqrt(observed))
    if number * longest * length * observed > MOST_STEPS:
        choice, sums = np.random.default_rng(seed).choice, np.zeros(DRAWS // 10)
        for place in range(len(sums)):
            inner = np.sort(choice(length - 1, number - 1, replace=False, shuffle=False))
            sums[place] = (np.diff(inner, prepend=-1, append=length - 1) ** 2).sum()
        method = f"Monte Carlo: {len(sums):,} random sets of years, seed {seed}"
        return _share(sums <= observed, observed, 0.0, method, seed)
    ways = np.zeros((length + 1, observed + 1))
    ways[0, 0] = 1
    for _ in range(number):
        before, ways = ways, np.zeros_like(ways)
        for gap in range(1, longest + 1):
            ways[gap:, gap**2 :] += before[:-gap, : -(gap**2)]
    shares = ways[length][ways[length] > 0] / math.comb(length - 1, number - 1)
    return Result(observed, float(shares.sum()), float(shares[0]), "exact: counted on the grid")


def evenness_continuous(gaps: Iterable[float], seed: int = SEED) -> Result:
    """Return Greenwood's test with instants instead of years: tempting, and wrong on a grid.

    The statistic is the sum of squared shares of the whole span; p the chance of at most that
    if the inner dates were independent uniform instants, by Monte Carlo.
    """
    values = _usable_gaps(gaps, 2)
    observed = float(((values / values.sum()) ** 2).sum())
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(values)), DRAWS)
    method = f"Monte Carlo: {DRAWS:,} random divisions, seed {seed}"
    return _share((shares**2).sum(axis=1) <= observed + 1e-9, observed, 0.0, method, seed)


def distinct_years_p(events: int, years: int) -> float:
    """Return the chance that independent events all fall in different years, any year alike.

    Examples
    --------
    >>> distinct_years_p(2, 4)
    0.75
    """
    _need(min(events, years) >= 1, f"needs 1 or more of both, found {events!r}, {years!r}")
    return math.perm(years, events) / int(years) ** int(events)


# --- is the pace changing -------------------------------------------------------------------


def _met(dates: Dates, window: Window, least: int = 1) -> np.ndarray:
    """Return for each year of the window whether a meeting is listed, at most one a year."""
    return np.isin(years_of(window, least), calendar_years(dates, window, distinct=True))


@lru_cache(maxsize=64)
def _ways(ranks: Sequence[int], size: int) -> np.ndarray:
    """Return, at place s, how many sets of ``size`` ranks sum to s."""
    table = np.zeros((size + 1, sum(sorted(ranks)[-size:]) + 1))
    table[0, 0] = 1
    for rank in ranks:
        table[1:, rank:] += table[:-1, : table.shape[1] - rank]
    return table[size]


def rank_sums(events: int, years: int, log_growth: float = 0.0) -> np.ndarray:
    """Return the exact distribution of the rank sum of ``events`` of ``years`` years.

    Parameters
    ----------
    events, years
        How many years have a meeting, of how many.
    log_growth
        Logarithm of the growth of the yearly odds from the first to the last year; 0 makes all
        sets of years equally likely.

    Returns
    -------
    ndarray
        At place s the probability that the ranks (first year 0) sum to s.

    Examples
    --------
    >>> rank_sums(2, 3).round(4).tolist()
    [0.0, 0.3333, 0.3333, 0.3333]
    """
    fits = 1 <= events <= years <= MOST_YEARS
    _need(fits, f"{events} events do not fit in {years} years, of at most {MOST_YEARS}")
    _need(math.isfinite(log_growth), f"a growth is finite, found {log_growth!r}")
    ways = _ways(range(years), events)
    sums = np.flatnonzero(ways)
    tilted = np.log(ways[sums]) + sums * log_growth / max(years - 1, 1)
    return np.bincount(sums, special.softmax(tilted))


def _two_sided(chances: np.ndarray, observed: int) -> float:
    return min(1.0, 2 * float(min(chances[: observed + 1].sum(), chances[observed:].sum())))


def rank_sum(dates: Dates, window: Window, fixed: Collection[str] = ()) -> Result:
    """Test whether meetings come late (or early) among the years of a window, exactly.

    At most one meeting a year; all sets of years equally likely. The same test as exact
    conditional logistic regression of "met this year" on the year. Two-sided p: twice the
    smaller tail.

    Parameters
    ----------
    dates, window
        As ``calendar_years``.
    fixed
        ``"first"`` and/or ``"last"``: hold that meeting as the known end of the list and test
        the others in the years between.

    Raises
    ------
    ValueError
        With two dates in one year, if no meeting is left free, or if ``fixed`` names anything
        else.

    Examples
    --------
    >>> round(rank_sum(["2004", "2005"], (2001, 2005)).p, 6)
    0.2
    """
    _need({*fixed} <= {*ENDS}, f"fixed is a list of 'first' and 'last', found {fixed!r}")
    met = _met(dates, window)
    met = np.trim_zeros(met, "f")[1:] if "first" in fixed else met
    met = np.trim_zeros(met, "b")[:-1] if "last" in fixed else met
    _need(met.any(), "no meeting is left free to fall elsewhere: fix fewer ends")
    n, observed = int(met.sum()), int(np.flatnonzero(met).sum())
    sets = math.comb(len(met), n)
    p = min(1.0, round(_two_sided(rank_sums(n, len(met)), observed) * sets) / sets)
    method = f"exact: {sets:,} sets of years counted"
    return Result(observed + n, p, min(1.0, 2 / sets), method)


def tied_sum(dates: Dates, window: Window) -> Result:
    """Test for a trend with independent uniform years, several meetings a year allowed, exactly.

    The statistic is the sum of the years' ranks in the window; two-sided p, twice the smaller
    tail.

    Examples
    --------
    >>> tied_sum(["2001", "2001"], (2001, 2002)).p
    0.5
    """
    total = len(years_of(window))
    places = np.array(calendar_years(dates, window)) - window[0]
    chances = reduce(np.convolve, [np.full(total, 1 / total)] * len(places))
    observed, method = int(places.sum()), "exact: sums of independent years"
    p, smallest = _two_sided(chances, observed), min(1.0, 2 * float(chances[0]))
    return Result(observed + len(places), p, smallest, method)


def laplace(dates: Dates, window: Window, at: str = "middle") -> Result:
    """Test for a trend by Laplace's statistic, with its exact Irwin-Hall p.

    Parameters
    ----------
    dates, window
        As ``calendar_years``; ties allowed.
    at
        Where in its span each date is put: ``start``, ``middle`` or ``end``. ``smallest_p`` is
        that of all dates at one end of the window: 0 if they are put on the very end.

    Raises
    ------
    ValueError
        As ``calendar_years``; also for a window of one year, or another ``at``.
    """
    _need(at in PLACES, f"at is one of {', '.join(PLACES)}, found {at!r}")
    length, dates = len(years_of(window, least=2)), list(dates)
    calendar_years(dates, window)
    start, end = spans(dates).T - window[0]
    early, late = (end - start) * PLACES[at], (end - start) * (1 - PLACES[at])
    p, *ends = (laplace_p(times, length) for times in (start + early, early, length - late))
    exact = len(dates) <= EXACT_UP_TO
    method = "exact: sum of uniforms" if exact else "asymptotic: normal, corrected"
    return Result(laplace_u(start + early, length), p, min(ends), method)


def power_law(dates: Dates, window: Window) -> Result:
    """Fit a power-law (Crow-AMSAA) process to yearly counts; test exponent 1 (a steady pace).

    Grouped maximum likelihood given the number of meetings: a meeting falls in year k of N with
    probability ``((k + 1)^b - k^b) / N^b``. ``statistic`` is b: 0 if all fell in the first year,
    infinite if all in the last. p is the likelihood ratio's, on one degree of freedom: asymptotic.

    Raises
    ------
    ValueError
        As ``calendar_years``, and for a window of one year, which cannot show a trend.
    """
    total = len(years_of(window, least=2))
    place = np.array(calendar_years(dates, window)) - window[0]
    ends, drops = np.log((place + 1) / total), np.log1p(1 / place[place > 0])

    def fit(b: float) -> float:
        return b * ends.sum() + np.log(-np.expm1(-b * drops)).sum()

    def excess(log_b: float) -> float:
        return -ends.sum() - (np.exp(-log_b) / special.exprel(np.exp(log_b) * drops)).sum()

    beta = _growth_where(excess)
    p = math.erfc(math.sqrt(max(fit(min(beta, 1e9)) - fit(1.0), 0)))
    smallest = math.erfc(math.sqrt(len(place) * math.log(total)))  # all in the first or last year
    return Result(beta, p, smallest, "asymptotic: chi-squared, 1 df")


def power_law_drawn(dates: Dates, window: Window, seed: int = SEED) -> Result:
    """Test exponent 1 as ``power_law`` does, with a Monte Carlo p instead of an asymptotic one.

    ``statistic`` is the greatest log likelihood ratio over a grid of exponents (0.02 to 55 and
    both limits); p its share among random lists: as many independent uniform years.
    """
    total = len(years_of(window, least=2))
    places = np.array(calendar_years(dates, window)) - window[0]
    exponents = np.exp([-40, *np.linspace(-4, 4, 81), 40])[:, None]
    drops = np.log1p(1 / np.arange(1, total))
    cells = np.log(-np.expm1(-exponents * [math.inf, *drops]))
    cells += exponents * np.log(np.arange(1, total + 1) / total) + math.log(total)
    drawn = np.random.default_rng(seed).multinomial(len(places), [1 / total] * total, DRAWS)
    observed = float(cells[:, places].sum(axis=1).max())
    hits = (drawn @ cells.T).max(axis=1) >= observed - 1e-9
    smallest = 2 / total ** len(places)  # all in the first or last year
    method = f"Monte Carlo: {DRAWS:,} random lists, seed {seed}"
    return _share(hits, observed, smallest, method, seed)


def renewal(gaps: Iterable[float], seed: int = SEED) -> Result:
    """Test for a trend with the gaps themselves given and any order of them equally likely.

    The statistic is the sum of the inner meetings' times counted from the first: large if
    short gaps come late. Two-sided: p counts orders at least as far from the mean (tolerance
    1e-9 of the mean), over all distinct orders or, above 200,000, over random ones.
    """
    values = _merged(_usable_gaps(gaps, 2))
    weights = np.arange(len(values))[::-1]
    middle = values.mean() * weights.sum()

    def off(orders: np.ndarray) -> np.ndarray:
        return np.abs(orders @ weights / middle - 1)

    return _among_orders(values, off, float(values @ weights), seed)


def halves(dates: Dates, window: Window) -> Result:
    """Compare the halves of a window, exactly.

    Two-sided binomial test of the meetings in the first half of the years (rounded down), given
    all meetings. ``statistic`` is the number in the first half. Ties allowed.
    """
    years, grid = calendar_years(dates, window), years_of(window, least=2)
    n, before = len(years), len(grid) // 2
    early = sum(year < grid[before] for year in years)
    p, *most = (float(stats.binomtest(k, n, before / len(grid)).pvalue) for k in (early, 0, n))
    return Result(early, p, min(most), "exact: binomial")


def fisher_split(dates: Dates, window: Window, last_year: int) -> Result:
    """Compare years with a meeting before and after a split by Fisher's exact two-sided test.

    Right only for a split named before looking; at the best of all splits it is a mistake, and
    ``scan`` is the remedy. ``statistic`` is the number of meetings up to the split.
    """
    met, before = _met(dates, window, least=2), last_year - window[0] + 1
    _need(0 < before < len(met), f"a split after {last_year} leaves no years on one side")
    n, after, early = int(met.sum()), len(met) - before, int(met[:before].sum())
    each = (early, max(0, n - after), min(n, before))  # as it is, fewest and most before the split
    tables = ([[k, before - k], [n - k, after - n + k]] for k in each)
    p, *ends = (float(stats.fisher_exact(table).pvalue) for table in tables)
    return Result(early, p, min(ends), "exact: Fisher")


def _split_ratios(n: int, total: int) -> np.ndarray:
    """Return log likelihood ratios of a change, by years and meetings up to it (or NaN)."""

    def fit(met: np.ndarray | int, years: np.ndarray | int) -> np.ndarray:
        return special.xlogy(met, met / years) + special.xlogy(years - met, 1 - met / years)

    before, early = np.arange(1, total)[:, None], np.arange(n + 1)
    return fit(early, before) + fit(n - early, total - before) - fit(n, total)


def scan(dates: Dates, window: Window) -> tuple[int, Result]:
    """Search all splits of a window for a change of the yearly chance, and pay for the search.

    Bernoulli likelihood ratio, a change in either direction. p is the share of all sets of as
    many years whose greatest ratio is at least the observed one, ties counted (tolerance 1e-9):
    exact for any length, by counting the paths that stay below it.

    Returns
    -------
    tuple
        Last year before the likeliest change (the first of equals) and the ``Result``, whose
        statistic is the greatest log likelihood ratio.

    Raises
    ------
    ValueError
        With two dates in one year, or a window of one year.
    """
    met = _met(dates, window, least=2)
    total, n = len(met), int(met.sum())
    ratios = _split_ratios(n, total)
    path = ratios[np.arange(total - 1), met.cumsum()[:-1]]
    best = int(np.argmax(path >= path.max() - 1e-9))
    below, ways = ratios < path[best] - 1e-9, np.array([1] + [0] * n, dtype=object)
    for allowed in [*below, np.arange(n + 1) == n]:
        ways = np.where(allowed, ways + np.append(0, ways[:-1]), 0)
    sets = math.comb(total, n)
    p, method = float(1 - Fraction(ways[n], sets)), f"exact: {sets:,} sets of years counted"
    return window[0] + best, Result(float(path[best]), p, min(1.0, 2 / sets), method)


def change_point(dates: Dates, window: Window) -> tuple[float, pd.Series]:
    """Weigh one change of the yearly chance of a meeting, at an unknown year, against none.

    Yearly Bernoulli; the change after any year but the last equally likely; Beta(1, 1) for the
    chance on each side, and for the one chance without change.

    Returns
    -------
    tuple
        The Bayes factor for a change (above 1 speaks for it), and the probability of each last
        year before the change if there was one, as a Series by year.

    Raises
    ------
    ValueError
        With two dates in one year, or a window of one year.
    """
    met = _met(dates, window, least=2)
    early, before = met.cumsum()[:-1], np.arange(1, len(met))
    hits, years = np.array([early, met.sum() - early]), np.array([before, len(met) - before])
    split = special.betaln(hits + 1, years - hits + 1).sum(axis=0)
    weights = np.exp(split - special.betaln(met.sum() + 1, (~met).sum() + 1))
    return float(weights.mean()), pd.Series(weights / weights.sum(), years_of(window)[:-1])


def odds_growth(dates: Dates, window: Window, level: float = 0.95) -> Interval:
    """Estimate the growth of the yearly odds of a meeting from the window's first to last year.

    Conditional maximum likelihood and exact interval, both by tilting the distribution of the
    rank sum; a bound that the data do not set is 0 or infinite, and so is one below e^-60 or
    above e^60.

    Raises
    ------
    ValueError
        With two dates in one year, if every year has a meeting (nothing can grow), or if the
        level does not lie between 0 and 1.
    """
    met, left = _met(dates, window, least=2), tail(level)
    _need(not met.all(), "every year of the window has a meeting, so no growth can be estimated")
    observed, chances = np.flatnonzero(met).sum(), partial(rank_sums, int(met.sum()), len(met))
    places = np.arange(len(chances()))
    value = _growth_where(lambda g: float(chances(g) @ places) - observed)
    low = _growth_where(lambda g: chances(g)[observed:].sum() - left)
    high = _growth_where(lambda g: left - chances(g)[: observed + 1].sum())
    return Interval(value, low, high, "exact: tilted rank sums")


def _growth_where(excess: Callable[[float], float]) -> float:
    """Return the growth at which a rising function of its logarithm is 0, else 0 or infinity."""
    if excess(-60.0) > -1e-12:
        return 0.0
    found = excess(60.0) > 1e-12
    return math.exp(optimize.brentq(excess, -60, 60, xtol=1e-12)) if found else math.inf


def power(events: int, years: int, growth: float, alpha: float = 0.05) -> float:
    """Return how often the exact rank-sum test would find a given growth of the yearly odds.

    The odds of a meeting grow ``growth``-fold from the first to the last year in equal yearly
    factors; the number of years with a meeting is given; the test rejects where twice the
    smaller tail is at most ``alpha``. 0 if no outcome can be that rare.

    Raises
    ------
    ValueError
        If the events do not fit in the years, the growth is not above 0 and finite, or alpha
        does not lie between 0 and 1.

    Examples
    --------
    >>> power(1, 5, 1000.0)
    0.0
    """
    fine = 0 < growth < math.inf and 0 < alpha < 1
    _need(fine, f"needs finite growth above 0 and alpha in (0, 1), found {growth!r}, {alpha!r}")
    null = rank_sums(events, years)
    tails = np.minimum(null.cumsum(), null[::-1].cumsum()[::-1])
    rejected = 2 * tails <= alpha * (1 + 1e-9)
    return float(rank_sums(events, years, math.log(growth))[rejected].sum())


def growth_for_power(events: int, years: int, wanted: float = 0.8, alpha: float = 0.05) -> float:
    """Return the growth of the yearly odds that the exact rank-sum test finds with given power.

    Infinite where no growth up to e^60 reaches it.
    """
    _need(alpha < wanted < 1, f"wanted power lies between alpha and 1, found {wanted!r}")

    return _growth_where(lambda g: power(events, years, math.exp(max(g, 0)), alpha) - wanted)


# --- the open gap and the next one ----------------------------------------------------------


def survival(gaps: Iterable[float], still_open: Iterable[float] = ()) -> pd.DataFrame:
    """Return the Kaplan-Meier estimate of how long gaps last, in exact fractions.

    Parameters
    ----------
    gaps
        Closed gaps, in years.
    still_open
        Gaps not closed when watching ended: at risk up to and at their own time.

    Returns
    -------
    DataFrame
        One row per time at which a gap closed, from 0 on: ``years``, ``at_risk``, ``closed``,
        ``survival`` (share of gaps lasting longer), ``fraction`` (the same exactly, as text).

    Raises
    ------
    ValueError
        If there is no gap at all, or one is no number from 0 up.

    Examples
    --------
    >>> survival([1, 2], [1]).fraction.tolist()
    ['1', '2/3', '0']
    """
    closed = list(gaps)
    every = [*closed, *still_open]
    values = np.asarray(every, dtype=float)
    fine = len(values) and ((values >= 0) & (values < math.inf)).all()
    _need(fine, "give at least one gap, each a number from 0 up")
    share, rows = Fraction(1), []
    for time in sorted({0, *closed}):
        at_risk, ended = sum(gap >= time for gap in every), closed.count(time)
        share *= 1 - Fraction(ended, max(at_risk, 1))
        rows.append((float(time), at_risk, ended, float(share), str(share)))
    return pd.DataFrame(rows, columns=["years", "at_risk", "closed", "survival", "fraction"])


def median_gap(table: pd.DataFrame) -> tuple[float, float]:
    """Return the least and greatest median that a ``survival`` table allows.

    They differ where the step stands at exactly one half: any number between is then a median.
    Infinite where more than half of the gaps outlast the watch.
    """
    left = table["fraction"].map(Fraction)
    low, high = table["years"][left <= 1 / 2], table["years"][left < 1 / 2]
    return float(min(low, default=math.inf)), float(min(high, default=math.inf))


def next_gap(gaps: Iterable[float], level: float = 0.95, still_open: float = 0.0) -> Interval:
    """Predict the next gap if gaps are exponential: predictive median and interval, in years.

    Quantiles of ``mean x F(2, 2 m)`` for m closed gaps; the mean counts the time of a still
    open gap, if given, over the closed ones. Exponential gaps forget: the same holds from any
    moment without a meeting.

    Examples
    --------
    >>> round(next_gap([2.0]).value, 6)
    2.0
    """
    values = _usable_gaps(gaps, 1)
    fine = still_open >= 0 and 0 < level < 1
    _need(fine, f"needs still_open >= 0 and 0 < level < 1: {still_open}, {level}")
    total, lasting = values.sum() + still_open, np.array([0.5, (1 + level) / 2, (1 - level) / 2])
    value, low, high = (total * (lasting ** (-1 / len(values)) - 1)).tolist()
    return Interval(value, low, high, "exponential gaps, F(2, 2m) quantiles")


# --- the years between, and all choices side by side ----------------------------------------


def quiet_years(dates: Dates, window: Window) -> list[int]:
    """Return the calendar years of a window in which no date lies."""
    return sorted(set(years_of(window)) - set(calendar_years(dates, window)))


def with_added(dates: Dates, window: Window, number: int, before: int) -> Interval:
    """Return the rank-sum p if ``number`` meetings missing from the list were added to it.

    Each may fall in any year of the window earlier than ``before`` that has no meeting listed,
    at most one a year. ``value`` is p of the list as it is; ``low`` and ``high`` are the least
    and greatest p over all ways of adding them, exactly (p depends on the sum of years alone);
    ``value`` may lie outside them.

    Raises
    ------
    ValueError
        As ``rank_sum``; also if ``number`` is negative or fewer years are free.
    """
    _need(number >= 0, f"0 or more meetings can be added, found {number!r}")
    met = _met(dates, window)
    free = np.flatnonzero(~met[: max(before - window[0], 0)])
    sums = np.flatnonzero(_ways(tuple(free.tolist()), number))
    _need(len(sums), f"only {len(free)} years before {before} are free for {number} meetings")
    n, observed = int(met.sum()), np.flatnonzero(met).sum()
    value, more = _two_sided(rank_sums(n, len(met)), observed), rank_sums(n + number, len(met))
    every = [_two_sided(more, observed + added) for added in sums]
    method = f"exact: all ways to add {number} meetings before {before}"
    return Interval(value, min(every), max(every), method)


ENDS = ("first", "last")
CHOICES: tuple[tuple[str, Callable, tuple, bool], ...] = (  # name, test, ends fixed, ties allowed
    *(("rank sum", partial(rank_sum, fixed=f), f, False) for f in ((), ENDS[:1], ENDS[1:], ENDS)),
    ("sum of years", tied_sum, (), True),
    *((f"Laplace, {at} of year", partial(laplace, at=at), (), True) for at in PLACES),
    ("power law", power_law_drawn, (), True),
    ("two halves", halves, (), True),
    ("scan of all splits", lambda *given: scan(*given)[1], (), False),
    ("order of gaps", lambda dates, _: renewal(np.diff(calendar_years(dates))), ENDS, False),
)


def all_choices(dates: Dates, windows: Sequence[Window]) -> pd.DataFrame:
    """Return every defensible trend test side by side, window by window.

    Parameters
    ----------
    dates
        As ``calendar_years``.
    windows
        The windows that can be defended, each a pair of calendar years.

    Returns
    -------
    DataFrame
        One row per choice: ``test``; ``first`` and ``last`` of the years that it uses;
        ``first_fixed`` and ``last_fixed`` (that meeting is held as a known end); ``ties``
        (several meetings a year allowed); ``exact``; ``p`` two-sided, missing if the test
        cannot be run on these dates; ``smallest_p`` that it could give; ``method``, or why it
        cannot be run. Equal rows of several windows stand once.

    Raises
    ------
    ValueError
        As ``calendar_years``, for any of the windows; also without a list of windows.

    Examples
    --------
    >>> all_choices(["2004", "2005"], [(2001, 2005)])["p"].round(3).head(2).tolist()
    [0.2, 1.0]
    """
    some = isinstance(windows, Collection) and len(windows)
    _need(some, "there is no window: give at least one pair of calendar years")
    texts, rows = [edtf_text(given) for given in dates], []
    for window, (test, run, fixed, ties) in product(windows, CHOICES):
        years_of(window)
        years = calendar_years(texts, window)
        try:
            answer = run(texts, window)
        except ValueError as reason:
            answer = Result(math.nan, math.nan, math.nan, f"not run: {reason}")
        held = [end in fixed for end in ENDS]
        ends = np.where(held, [years[0], years[-1]], window).tolist()
        exact = answer.method.startswith("exact")
        rows.append((test, *ends, *held, ties, exact, answer.p, answer.smallest_p, answer.method))
    columns = ["test", "first", "last", "first_fixed", "last_fixed", "ties", "exact", "p"]
    table = pd.DataFrame(rows, columns=[*columns, "smallest_p", "method"]).round({"p": 12})
    return table.drop_duplicates(columns[:6], ignore_index=True)


def steady_band(dates: Dates, window: Window, level: float = 0.95) -> pd.DataFrame:
    """Return the count of meetings so far, and where a steady pace would keep it.

    Returns
    -------
    DataFrame
        One row per year of the window: ``year``; ``met`` (a meeting is listed); ``so_far``
        (meetings up to its end); ``low`` and ``high``: central range of that count, year by
        year, if all sets of as many years were equally likely (hypergeometric).

    Raises
    ------
    ValueError
        As ``calendar_years``, with at most one meeting a year; also if the level does not lie
        between 0 and 1.
    """
    tail(level)
    met = _met(dates, window)
    passed = np.arange(1, len(met) + 1)
    low, high = stats.hypergeom(len(met), met.sum(), passed).interval(level)
    columns = {"year": years_of(window), "met": met, "so_far": met.cumsum()}
    return pd.DataFrame(columns).assign(low=low.astype(int), high=high.astype(int))


def event_truncated(dates: Dates, window: Window) -> Result:
    """Return Laplace's test by the formula for a watch that ended at the last event.

    Wrong for a calendar window, where the time after the last event was watched too; kept to
    show what the mistake does. Normal p. Dates and errors as for ``calendar_years``; also with
    fewer than two.
    """
    dates = list(dates)
    calendar_years(dates, window)
    times = spans(dates).mean(axis=1) - years_of(window)[0]
    u = laplace_u(times[:-1], times[-1])
    return Result(u, math.erfc(abs(u) / math.sqrt(2)), 0.0, "asymptotic: normal")


def kendall_asymptotic(dates: Dates, window: Window) -> Result:
    """Return Kendall's tau of year and "met this year" with an asymptotic p despite the ties.

    The mistake beside ``rank_sum``, whose exact p answers the same question.
    """
    met = _met(dates, window, least=2)
    _need(not met.all(), "every year of the window has a meeting, so nothing can be correlated")
    tau, p = stats.kendalltau(np.arange(len(met)), met, method="asymptotic")
    return Result(float(tau), float(p), 0.0, "asymptotic: normal, ties corrected")
