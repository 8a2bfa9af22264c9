"""Is the pace changing? Tests and estimates on a grid of years, months or days.

Dates and windows are those of ``cadence``. Tests that count each date take any number in a cell;
tests that ask only in which cells something is dated (they say so) count a cell once, however
many dates it holds. Every test returns a ``Result`` that says by which method its p was found; a
Monte Carlo p carries its seed and error. Where dates are less precise than the test needs, ``p``
is that of the middle and ``bounds`` are the least and greatest p over all datings; a test that
needs each date's cell refuses dates that lie in two. A p too small for the method's numbers is
given as the smallest it can tell, and ``method`` says so.

Sources: Cox and Lewis (1966) section 3.3 (Laplace); Crow (1974) (power law); Worsley, Biometrika
70 (1983), 455-464 (scan); Mann and Whitney (1947) (rank sum).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations
from sys import float_info
from typing import NamedTuple

import numpy as np
import pandas as pd

from relations_lib._sums import (
    Law,
    _need,
    earliest_apart,
    laplace_law,
    rank_chances,
    rank_law,
    tied_law,
)
from relations_lib.cadence import (
    HELD,
    SEED,
    Dates,
    Grid,
    Interval,
    Placed,
    Result,
    Window,
    drawn,
    draws_for,
    grid_of,
    known_cells,
    placed,
    usable_gaps,
)
from relations_lib.poisson import TINY, laplace_u, tail

MOST_STEPS = 20_000_000
MOST_PATHS = 4_000_000
ENDS = ("first", "last")
Listed = Dates | Placed


def _told(
    statistic: float,
    p: float,
    smallest: float,
    method: str,
    least: float = TINY,
    bounds: tuple[float, float] | None = None,
) -> Result:
    """Return a result whose p are not below the least that can be told, and which says so."""
    if p <= least:
        method = f"p below {least:g}, the least that can be told; {method}"
    p = min(max(p, least), 1.0)
    smallest = min(max(smallest, least), p)
    return Result(statistic, p, smallest, method, bounds=bounds)


def _by_law(
    law: Law, statistic: float, value: float, ends: Sequence[float], smallest: float
) -> Result:
    """Return a test by the law of a value, with bounds over its ends."""
    low, high = ends
    bounds = law.over(low, high) if low < high else None
    return _told(statistic, law.at(value), smallest, law.method, law.least, bounds)


def _counted(sets: int, unit: str) -> str:
    """Return how an exact p was counted."""
    number = f"{sets:,}"
    if len(number) > 19:
        number = f"{Decimal(sets):.1e}"
    return f"exact: {number} sets of {unit}s counted"


def _met(dates: Listed, window: Window, least: int = 1) -> tuple[Grid, np.ndarray]:
    """Return the grid, and for each of its cells whether a date lies in it."""
    grid, cells = known_cells(dates, window, least)
    met = np.zeros(grid.cells, dtype=bool)
    met[cells] = True
    return grid, met


# --- late or early --------------------------------------------------------------------------


def _apart(found: Placed) -> tuple[list[int], list[int]]:
    """Return earliest and latest sets of cells of their own; a cell known twice counts once."""
    pairs = np.column_stack([found.early, found.late])
    known = pairs[:, 0] == pairs[:, 1]
    once = np.unique(pairs[known], axis=0)
    pairs = np.concatenate([once, pairs[~known]])
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    early = earliest_apart(*pairs.T)
    last = found.grid.cells - 1
    from_end = np.argsort(-pairs[:, 1], kind="stable")
    before, after = (last - pairs[from_end]).T
    late = earliest_apart(after, before)
    if early is None or late is None:
        unit = found.grid.unit
        raise ValueError(f"some dates cannot fall in {unit}s of their own: take tied_sum")
    return early, [last - cell for cell in reversed(late)]


def rank_sum(dates: Listed, window: Window, fixed: Collection[str] = ()) -> Result:
    """Test whether meetings come late (or early) among the cells of a window.

    Exactly where counting takes no more than 20 million steps (hundreds of meetings in as many
    cells), beyond by the normal distribution, told down to 1e-8; ``method`` says which. It asks in
    which cells something is dated; all sets of as many cells are equally likely. The same test
    as exact conditional logistic regression of "met in this cell" on its place. Two-sided p:
    twice the smaller tail. Dates that are less precise than the grid take cells of their own;
    ``bounds`` then hold over all such datings, p is that of the middle rank sum.

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
        As ``cadence.placed``; also if no meeting is left free, ``fixed`` names anything else or
        needs a cell that is not known, or dates are too many for cells of their own.

    Examples
    --------
    >>> round(rank_sum(["2004", "2005"], (2001, 2005)).p, 6)
    0.2
    """
    _need({*fixed} <= {*ENDS}, f"fixed is a list of 'first' and 'last', found {fixed!r}")
    found = placed(dates, window)
    grid = found.grid
    early, late = _apart(found)
    start, end = 0, grid.cells
    if fixed:
        _need(early == late, "an end can be held fixed where every date's cell is known")
    if "first" in fixed:
        start = early.pop(0) + 1
    if "last" in fixed:
        end = early.pop() if early else start
    n, cells = len(early), end - start
    _need(n, "no meeting is left free to fall elsewhere: fix fewer ends")
    law = rank_law(n, cells)
    method = law.method
    if method == "exact":
        method = _counted(math.comb(cells, n), grid.unit)
    dated = len(found.early)
    met = n + len(fixed)
    if dated > met:
        method = f"{dated} dates in {met} {grid.unit}s; {method}"
    law = law._replace(method=method)
    least = n * start + math.comb(n, 2)
    low = sum(early) - least
    high = low if fixed else sum(late) - least
    middle = (low + high) // 2
    ranks = middle + math.comb(n + 1, 2)
    return _by_law(law, ranks, middle, (low, high), law.at(0))


def tied_sum(dates: Listed, window: Window) -> Result:
    """Test for a trend with independent uniform cells, any number of dates in one, exactly.

    The statistic is the sum of the cells' ranks in the window; two-sided p, twice the smaller
    tail. Up to 4 million possible sums the distribution is computed, by powers of its Fourier
    transform (p is then told down to 1e-12); beyond, instants stand for the cells, as in
    ``laplace`` (down to 1e-8). ``bounds`` hold where dates are less precise than the grid.

    Examples
    --------
    >>> round(tied_sum(["2001", "2001"], (2001, 2002)).p, 9)
    0.5
    """
    found = placed(dates, window)
    n, cells = len(found.early), found.grid.cells
    low = int(found.early.sum())
    high = int(found.late.sum())
    middle = (low + high) // 2
    smallest = 2 * float(cells) ** -n
    return _by_law(tied_law(n, cells), middle + n, middle, (low, high), smallest)


def laplace(dates: Listed, window: Window) -> Result:
    """Test for a trend by Laplace's statistic, with its exact Irwin-Hall p.

    Each date counts as an instant, at the middle of its span; ``bounds`` are the least and
    greatest p over all instants that the dates allow, ``smallest_p`` that of all dates at the
    first (or last) instant their spans could have in the window. Above 4,000 dates the p is that
    of a corrected normal distribution, told down to 1e-8.

    Raises
    ------
    ValueError
        As ``cadence.placed``; also for a window of one cell.
    """
    grid, _, _, span = placed(dates, window, least=2)
    times = span.mean(axis=1)
    law = laplace_law(len(times), grid.cells)
    widths = span[:, 1] - span[:, 0]
    return _by_law(
        law,
        laplace_u(times, grid.cells),
        times.mean(),
        span.mean(axis=0),
        law.at(widths.mean() / 2),
    )


def crow(dates: Listed, window: Window) -> Result:
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

    grid, _, _, span = placed(dates, window, least=2)
    n = len(span)
    chances = chi2(2 * n)

    def twice_logs(times: np.ndarray) -> float:
        with np.errstate(divide="ignore"):
            return float(2 * np.log(grid.cells / times).sum())

    def two_sided(value: float) -> float:
        return 2 * min(chances.cdf(value), chances.sf(value))

    value = twice_logs(span.mean(axis=1))
    first, last = span.T
    ends = twice_logs(last), twice_logs(first)
    law = Law(two_sided, chances.median(), TINY, "exact: chi-squared of the times' logarithms")
    return _by_law(law, 2 * n / value, value, ends, TINY)


def power_law(dates: Listed, window: Window) -> Result:
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
    greatest = len(place) * math.log(total)  # all in the first cell, or in the last
    p = math.erfc(math.sqrt(ratio))
    smallest = math.erfc(math.sqrt(greatest))
    return _told(beta, p, smallest, "asymptotic: chi-squared, 1 df")


# --- the order of gaps, two parts, a split --------------------------------------------------


def renewal(gaps: Sequence[float] | np.ndarray, seed: int = SEED) -> Result:
    """Test for a trend with the gaps themselves given and any order of them equally likely.

    The statistic is the sum of the inner meetings' times counted from the first: large if
    short gaps come late. Two-sided: p counts orders at least as far from the mean (to nine
    decimals of it), over all orders of up to eight gaps, else over 500 to 100,000 random ones, by
    their length.
    """
    from scipy.stats import permutation_test

    values = usable_gaps(gaps)
    n = len(values)
    weights = np.arange(n)[::-1]
    middle = values.mean() * weights.sum()

    def off(orders: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.abs(orders @ weights / middle - 1).round(9)

    found = permutation_test(
        (values,),
        off,
        permutation_type="pairings",
        alternative="greater",
        n_resamples=draws_for(n),
        batch=max(1, HELD // n),
        vectorized=True,
        rng=seed,
    )
    orders = len(found.null_distribution)
    statistic = float(values @ weights)
    p = float(found.pvalue)
    if n > 8:
        method = f"Monte Carlo: {orders:,} random orders, seed {seed}"
        return drawn(p, orders, statistic, method, seed)
    smallest = (found.null_distribution == found.null_distribution.max()).mean()
    return Result(statistic, p, float(smallest), f"exact: all {orders:,} orders")


def halves(dates: Listed, window: Window) -> Result:
    """Compare the halves of a window, exactly.

    Two-sided binomial test of the meetings in the first half of the cells (rounded down), given
    all meetings; each date counts. ``statistic`` is the number in the first half. ``bounds``
    hold over all datings where a date may lie in either half; p is then that of the middle.
    """
    from scipy.stats import binomtest

    found = placed(dates, window, least=2)
    n = len(found.early)
    before = found.grid.cells // 2
    share = before / found.grid.cells

    def two_sided(early: float) -> float:
        return binomtest(int(early), n, share).pvalue

    low = int((found.late < before).sum())
    high = int((found.early < before).sum())
    early = (low + high) // 2
    likeliest = int((n + 1) * share)
    law = Law(two_sided, likeliest, TINY, "exact: binomial")
    smallest = min(law.at(0), law.at(n))
    return _by_law(law, early, early, (low, high), smallest)


def fisher_split(dates: Listed, window: Window, last: object) -> Result:
    """Compare cells with a meeting before and after a split by Fisher's exact two-sided test.

    Right only for a split named before looking; at the best of all splits it is a mistake, and
    ``scan`` is the remedy. ``last`` is the last cell before the split (a year, say);
    ``statistic`` the number of cells with a meeting up to it.
    """
    from scipy.stats import fisher_exact

    _, met = _met(dates, window, least=2)
    before = grid_of((window[0], last)).cells
    _need(before < len(met), f"a split after {last} leaves nothing on one side")
    n = int(met.sum())
    after = len(met) - before
    early = int(met[:before].sum())

    def p_of(k: int) -> float:
        up_to = [k, before - k]
        later = [n - k, after - n + k]
        return float(fisher_exact([up_to, later]).pvalue)

    fewest, most = max(0, n - after), min(n, before)
    smallest = min(p_of(fewest), p_of(most))
    return _told(early, p_of(early), smallest, "exact: Fisher")


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


def scan(dates: Listed, window: Window) -> tuple[int | str, Result]:
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
    grid, met = _met(dates, window, least=2)
    total, n = len(met), int(met.sum())
    size = total * (n + 1)
    advice = "take a coarser grid, or change_point, which answers at any size"
    problem = f"{n} meetings in {total} cells make {size:,} paths, which are many; {advice}"
    _need(size <= MOST_PATHS, problem)
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
    p = float(1 - Fraction(ways[n], sets))
    smallest = float(Fraction(2, sets))
    found = _told(float(path[best]), p, smallest, _counted(sets, grid.unit))
    return grid.label(best), found


# --- one change, at an unknown place --------------------------------------------------------


def _change_logs(met: np.ndarray, prior: float) -> np.ndarray:
    """Return the logarithm of the Bayes factor of a change after each cell but the last.

    ``met`` has one list in each row.
    """
    from scipy.special import betaln

    total = met.shape[1]
    before = np.arange(1, total)
    early = met.cumsum(axis=1)[:, :-1]
    n = met.sum(axis=1, keepdims=True)
    late = n - early
    first = betaln(early + prior, before - early + prior)
    second = betaln(late + prior, total - before - late + prior)
    whole = betaln(n + prior, total - n + prior)
    return first + second - whole - betaln(prior, prior)


def _mean_factors(logs: np.ndarray) -> np.ndarray:
    """Return each list's Bayes factor of a change anywhere, within what a number can hold."""
    from scipy.special import logsumexp

    mean = logsumexp(logs, axis=1) - math.log(logs.shape[1])
    return np.exp(mean.clip(math.log(TINY), math.log(float_info.max)))


def change_point(dates: Listed, window: Window, prior: float = 1.0) -> tuple[float, pd.Series]:
    """Weigh one change of the chance of a meeting, at an unknown cell, against none.

    It asks in which cells something is dated. Bernoulli by cell; the change after any cell but
    the last equally likely; Beta(prior, prior) for the chance on each side, and for the one
    chance without change (1 is flat, 0.5 Jeffreys').

    Returns
    -------
    tuple
        The Bayes factor for a change (above 1 speaks for it; one that a number cannot hold is
        given as 1.8e308, or as 2.2e-308, which it is beyond), and the probability of each last
        cell before the change if there was one, as a Series by cell.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; for a window of one cell, or a prior not above 0.
    """
    _need(0 < prior < math.inf, f"a prior is above 0 and finite, found {prior!r}")
    from scipy.special import softmax

    grid, met = _met(dates, window, least=2)
    logs = _change_logs(met[None], prior)
    cells = grid.label(np.arange(grid.cells - 1))
    (factor,) = _mean_factors(logs).tolist()
    return factor, pd.Series(softmax(logs[0]), cells)


def change_point_required(
    dates: Listed,
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
        The cells (years, say) of the first and of the last session whose number is sure, a pair
        as a window is.
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
        As ``change_point``; also if there are too few cells or meetings, or lists of over 4
        million cells in all.

    Examples
    --------
    >>> change_point_required([2003, 2004], (2001, 2004), (2003, 2004), added=1).method
    'exact: all 2 lists'
    """
    grid, met = _met(dates, window, least=2)
    sure = grid_of(numbered)
    place = sure.first - grid.first
    last = place + sure.cells - 1
    free = np.flatnonzero(~met[:place])
    later = place + 1 + np.flatnonzero(met[place + 1 : last])
    ways = math.comb(len(free), added)
    ways *= math.comb(len(later), dropped)
    _need(ways, f"{len(free)} free cells and {len(later)} meetings are too few to add or drop")
    many = f"{ways:,} lists of {grid.cells:,} cells are many: take a coarser grid"
    _need(ways * grid.cells <= MOST_PATHS, many)
    lists = []
    for more in combinations(free, added):
        for fewer in combinations(later, dropped):
            one = met.copy()
            one[[*more]] = True
            one[[*fewer]] = False
            lists.append(one)
    factors = _mean_factors(_change_logs(np.array(lists), prior))
    low, middle, high = np.quantile(factors, [0, 0.5, 1]).tolist()
    return Interval(middle, low, high, f"exact: all {ways:,} lists")


# --- how fast it grows, and what could be seen ----------------------------------------------


def odds_growth(dates: Listed, window: Window, level: float = 0.95) -> Interval:
    """Estimate the growth of the odds of a meeting from the window's first to last cell.

    It asks in which cells something is dated. Conditional maximum likelihood and exact interval,
    both by tilting the distribution of the rank sum; a bound that the data do not set is 0 or
    infinite, and so is one below e^-60 or above e^60.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; also if every cell has a meeting (nothing can grow), if the
        level does not lie between 0 and 1, or if counting takes over 20 million steps.
    """
    _, met = _met(dates, window, least=2)
    left = tail(level)
    _need(not met.all(), "every cell of the window has a meeting, so no growth can be estimated")
    n = int(met.sum())
    least = n * (n - 1) // 2
    above = int(np.flatnonzero(met).sum()) - least
    chances = partial(rank_chances, n, len(met))
    places = np.arange(len(chances()))

    def off(growth: float) -> float:
        return float(chances(growth) @ places) - above

    def too_late(growth: float) -> float:
        return chances(growth)[above:].sum() - left

    def too_early(growth: float) -> float:
        return left - chances(growth)[: above + 1].sum()

    value, low, high = map(_growth_where, (off, too_late, too_early))
    return Interval(value, low, high, "exact: tilted rank sums")


def _growth_where(excess: Callable[[float], float]) -> float:
    """Return the growth at which a rising function of its logarithm is 0, else 0 or infinity."""
    from scipy.optimize import brentq

    if excess(-60.0) > -1e-12:
        return 0.0
    if excess(60.0) <= 1e-12:
        return math.inf
    return math.exp(brentq(excess, -60, 60, xtol=1e-12))


def power(events: int, cells: int, growth: float, alpha: float = 0.05) -> float:
    """Return how often the exact rank-sum test would find a given growth of the odds.

    The odds of a meeting grow ``growth``-fold from the first to the last cell in equal factors;
    the number of cells with a meeting is given; the test rejects where twice the smaller tail is
    at most ``alpha``. 0 if no outcome can be that rare.

    Raises
    ------
    ValueError
        If the events do not fit in the cells or take over 20 million steps to count, the
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
    chances = rank_chances(events, cells, math.log(growth))
    return float(chances[rejected].sum())


def growth_for_power(events: int, cells: int, wanted: float = 0.8, alpha: float = 0.05) -> float:
    """Return the growth of the odds that the exact rank-sum test finds with given power.

    Infinite where no growth up to e^60 reaches it.

    Raises
    ------
    ValueError
        As ``power``; also if the wanted power does not lie between alpha and 1.
    """
    _need(alpha < wanted < 1, f"wanted power lies between alpha and 1, found {wanted!r}")

    def excess(log_growth: float) -> float:
        growth = math.exp(max(log_growth, 0))
        return power(events, cells, growth, alpha) - wanted

    return _growth_where(excess)


# --- what the list lacks --------------------------------------------------------------------


def with_added(dates: Listed, window: Window, number: int, before: object) -> Interval:
    """Return the rank-sum p if ``number`` meetings missing from the list were added to it.

    Each may fall in any cell of the window earlier than the cell ``before`` in which nothing is
    dated, one in a cell. ``value`` is p of the list as it is; ``low`` and ``high`` are bounds over
    all ways of adding them: the least is reached, the greatest wherever some way comes nearest to
    the middle of all rank sums. ``value`` may lie outside them.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; also if ``number`` is negative, or fewer cells are free.
    """
    _need(number >= 0, f"0 or more meetings can be added, found {number!r}")
    grid, met = _met(dates, window)
    first = grid_of((before, before)).first - grid.first
    free = np.flatnonzero(~met[: max(first, 0)])
    room, unit = len(free), grid.unit
    _need(room >= number, f"only {room} {unit}s before {before} are free for {number}")
    listed = np.flatnonzero(met)
    n = len(listed)
    more = n + number
    total = listed.sum()
    value = rank_law(n, grid.cells).at(total - math.comb(n, 2))
    law = rank_law(more, grid.cells)
    above = total - math.comb(more, 2)
    earliest = free[:number].sum()
    latest = free[::-1][:number].sum()
    low, high = law.over(above + earliest, above + latest)
    method = f"{law.method}: all ways to add {number} meetings before {before}"
    return Interval(value, low, high, method)


# --- all choices side by side ---------------------------------------------------------------


class Choice(NamedTuple):
    """A way to test for a trend: name, test, ends held fixed."""

    name: str
    run: Callable[[Listed, Window], Result]
    fixed: Collection[str] = ()


def _order_of_gaps(dates: Listed, window: Window) -> Result:
    _, cells = known_cells(dates, window)
    return renewal(np.diff(cells))


def _scan_p(dates: Listed, window: Window) -> Result:
    return scan(dates, window)[1]


CHOICES = (
    Choice("rank sum", rank_sum),
    Choice("rank sum", partial(rank_sum, fixed=["first"]), ["first"]),
    Choice("rank sum", partial(rank_sum, fixed=["last"]), ["last"]),
    Choice("rank sum", partial(rank_sum, fixed=ENDS), ENDS),
    Choice("sum of years", tied_sum),
    Choice("power law", crow),
    Choice("two halves", halves),
    Choice("scan of all splits", _scan_p),
    Choice("order of gaps", _order_of_gaps, ENDS),
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
        ``first_fixed`` and ``last_fixed`` (that meeting is held as a known end); ``p``
        two-sided, missing if the test cannot be run on these dates; ``low`` and ``high``, its
        bounds over all datings (p itself where nothing is open); ``smallest_p`` that it could
        give; ``method``, or why it cannot be run. Equal rows of several windows stand once.

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
    rows = []
    for window in windows:
        found = placed(dates, window)
        rows += [_chosen(choice, found, window) for choice in CHOICES]
    own = ["test", "first", "last", "first_fixed", "last_fixed"]
    return pd.DataFrame(rows).drop_duplicates(own, ignore_index=True)


def _chosen(choice: Choice, found: Placed, window: Window) -> dict[str, object]:
    label = found.grid.label
    try:
        answer = choice.run(found, window)
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
        "p": answer.p,
        "low": low,
        "high": high,
        "smallest_p": answer.smallest_p,
        "method": answer.method,
    }
