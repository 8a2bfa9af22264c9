"""Is the pace changing? Tests and estimates on a grid of years, months or days.

Dates and windows are those of ``cadence``. Tests that count each date take any number in a cell;
tests that ask only in which cells something is dated (they say so) count a cell once, however
many dates it holds. Every test returns a ``Result`` that says by which method its p was found.
Where dates are less precise than the test needs, ``p``
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
from itertools import combinations, permutations
from sys import float_info

import numpy as np
import pandas as pd

from relations_lib._sums import (
    ASYMPTOTIC,
    Law,
    _need,
    can_be_apart,
    laplace_law,
    rank_chances,
    rank_law,
    tied_law,
)
from relations_lib.cadence import (
    Dates,
    Grid,
    Interval,
    Placed,
    Result,
    Window,
    grid_of,
    known_cells,
    placed,
    usable_gaps,
    within,
)
from relations_lib.poisson import TINY, laplace_u

MOST_PATHS = 4_000_000
MOST_ORDERED = 200_000_000
MOST_PRIOR = 1_000_000
ENDS = ("first", "last")


def _told(
    statistic: float,
    p: float,
    smallest: float,
    method: str,
    least: float = TINY,
    bounds: tuple[float, float] | None = None,
) -> Result:
    """Return a result whose p are not below the least that can be told, and which says so."""
    if p <= least:  # a law may have raised it to the least already
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


def _by_sum(law: Law, low: int, high: int, least: int, smallest: float) -> Result:
    """Return a test by the law of a sum above its least, at the middle of its two ends.

    Halfway between two sums, p is the greater of theirs.
    """
    both = low + high
    below = both // 2
    above = both - below
    middle = max(below, above, key=law.at)
    return _by_law(law, both / 2 + least, middle, (low, high), smallest)


def _counted(sets: int, unit: str) -> str:
    """Return how an exact p was counted."""
    number = f"{sets:,}"
    if len(number) > 19:
        number = f"{Decimal(sets):.1e}"
    return f"exact: {number} sets of {unit}s counted"


def _met(dates: Dates, window: Window, least: int = 1) -> tuple[Grid, np.ndarray]:
    """Return the grid, and for each of its cells whether a date lies in it."""
    grid, cells = known_cells(dates, window, least)
    met = np.zeros(grid.cells, dtype=bool)
    met[cells] = True
    return grid, met


# --- late or early --------------------------------------------------------------------------


def _apart(found: Placed) -> tuple[np.ndarray, np.ndarray]:
    """Return earliest and latest sets of cells of their own; a cell known twice counts once."""
    pairs = np.column_stack([found.early, found.late])
    known = pairs[:, 0] == pairs[:, 1]
    once = np.unique(pairs[known], axis=0)
    early, late = np.concatenate([once, pairs[~known]]).T
    unit = found.grid.unit
    apart = can_be_apart(early, late)
    _need(apart, f"some dates cannot fall in {unit}s of their own: take tied_sum")
    places = np.arange(len(early))
    first = np.maximum.accumulate(np.sort(early) - places)
    last = np.minimum.accumulate((np.sort(late) - places)[::-1])[::-1]
    return first + places, last + places


def rank_sum(dates: Dates, window: Window, fixed: Collection[str] = ()) -> Result:
    """Test whether meetings come late (or early) among the cells of a window.

    Exactly where counting takes no more than 20 million steps (hundreds of meetings in as many
    cells), beyond by the normal distribution, told down to 1e-8; ``method`` says which. It asks in
    which cells something is dated (``method`` says in how many, if several dates share one); all
    sets of as many cells are equally likely. The same test as exact conditional logistic
    regression of "met in this cell" on its place. Two-sided p: twice the smaller tail. Dates that
    are less precise than the grid take cells of their own; ``bounds`` then hold over all rank sums
    from the least to the greatest of such datings (a cell that is taken may leave out one of
    them), p is that of the middle rank sum.

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
    early, late = _apart(found)
    dated, met, unit = len(found.early), len(early), found.grid.unit
    start, end = 0, found.grid.cells
    if fixed:
        known = bool((early == late).all())
        _need(known, "an end can be held fixed where every date's cell is known")
        _need(len(early) > len(fixed), "no meeting is left free to fall elsewhere: fix fewer ends")
    if "first" in fixed:
        start = early[0] + 1
        early, late = early[1:], late[1:]
    if "last" in fixed:
        end = early[-1]
        early, late = early[:-1], late[:-1]
    n, cells = len(early), int(end - start)
    law = rank_law(n, cells)
    if law.method == "exact":
        law = law._replace(method=_counted(math.comb(cells, n), unit))
    if dated > met:
        law = law._replace(method=f"{dated} dates in {met} {unit}s; {law.method}")
    lowest = n * start + math.comb(n, 2)  # the sum of the first n cells
    low = int(early.sum() - lowest)
    high = int(late.sum() - lowest)
    ranks = math.comb(n + 1, 2)  # 1 + 2 + ... + n
    return _by_sum(law, low, high, least=ranks, smallest=law.at(0))


def tied_sum(dates: Dates, window: Window) -> Result:
    """Test for a trend with independent uniform cells, any number of dates in one, exactly.

    The statistic is the sum of the cells' ranks in the window; two-sided p, twice the smaller
    tail. The distribution is computed by powers of its Fourier transform, p told down to 1e-12.
    ``bounds`` hold where dates are less precise than the grid.

    Raises
    ------
    ValueError
        As ``cadence.placed``; also beyond 4 million possible sums.

    Examples
    --------
    >>> round(tied_sum(["2001", "2001"], (2001, 2002)).p, 9)
    0.5
    """
    found = placed(dates, window)
    n, cells = len(found.early), found.grid.cells
    low = int(found.early.sum())
    high = int(found.late.sum())
    smallest = 2 * float(cells) ** -n
    return _by_sum(tied_law(n, cells), low, high, n, smallest)


def laplace_statistic(dates: Dates, window: Window) -> Interval:
    """Return Laplace's statistic at the middles, the starts and the ends of the dates.

    Raises
    ------
    ValueError
        As ``cadence.placed``.
    """
    grid, _, _, span = placed(dates, window)
    start, end = span.T
    return Interval(
        laplace_u(span.mean(axis=1), grid.cells),
        laplace_u(start, grid.cells),
        laplace_u(end, grid.cells),
        "bounds: all datings",
    )


def laplace(dates: Dates, window: Window) -> Result:
    """Test for a trend by Laplace's statistic, with its exact Irwin-Hall p.

    Each date counts as an instant, at the middle of its span; ``bounds`` are the least and
    greatest p over all instants that the dates allow, ``smallest_p`` that of all spans moved to an
    edge of the window. Above 4,000 dates the p is that
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


def power_law(dates: Dates, window: Window) -> Result:
    """Fit a power-law (Crow-AMSAA) process to counts by cell; test exponent 1 (a steady pace).

    Grouped maximum likelihood given the number of meetings: a meeting falls in cell k of N with
    probability ``((k + 1)^b - k^b) / N^b``. ``statistic`` is b: 0 if all fell in the first cell,
    infinite if all in the last. p is the likelihood ratio's, on one degree of freedom: asymptotic.

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


def _orders_steps(gaps: np.ndarray) -> float:
    """Return the steps that ``_order_chances`` takes, without end unless all gaps are whole."""
    if (gaps % 1).any():
        return math.inf
    _, counts = np.unique(gaps, return_counts=True)
    states = np.prod(counts + 1.0)
    return float(states * len(counts) * gaps.sum() * len(gaps))


def _order_chances(gaps: np.ndarray) -> np.ndarray:
    """Return the chances of the statistic of ``renewal`` being 0, 1, 2, ... over all orders.

    Gap after gap is taken from those that are left, any of them alike; what has been summed so
    far is kept by how many gaps of each length are left.
    """
    lengths, counts = np.unique(gaps.astype(int), return_counts=True)
    size = int(gaps.sum()) * len(gaps) + 1
    none = np.zeros(size)
    begun = {tuple(counts.tolist()): np.eye(1, size)[0]}
    for after in range(len(gaps) - 1, -1, -1):
        longer: dict[tuple[int, ...], np.ndarray] = {}
        for left, chances in begun.items():
            for kind, length in enumerate(lengths.tolist()):
                if left[kind] == 0:
                    continue
                taken = list(left)
                taken[kind] -= 1
                share = left[kind] / sum(left)
                added = after * length
                sums = longer.setdefault(tuple(taken), none.copy())
                sums[added:] += share * chances[: size - added]
        begun = longer
    (chances,) = begun.values()
    return chances


def renewal(gaps: Sequence[float] | np.ndarray) -> Result:
    """Test for a trend with the gaps themselves given and any order of them equally likely.

    The statistic is the sum of the inner meetings' times counted from the first: large if
    short gaps come late. Two-sided: p counts orders at least as far from the mean (to nine
    decimals of it), over all orders of up to eight gaps, and of more that are whole numbers, few
    of them unlike; beyond it is normal, told down to 1e-8.
    """
    values = usable_gaps(gaps)
    n = len(values)
    weights = np.arange(n)[::-1]
    statistic = float(values @ weights)
    middle = values.mean() * weights.sum()
    if n > 8 and _orders_steps(values) <= MOST_ORDERED:
        chances = _order_chances(values)
        far = np.abs(np.arange(len(chances)) / middle - 1).round(9)
        p = chances[far >= far[int(statistic)]].sum()
        smallest = chances[far == far[chances > 0].max()].sum()
        return _told(statistic, float(p), float(smallest), "exact: all orders, counted")
    if n > 8:
        variance = values.var() * weights.var() * n**2 / (n - 1)
        farthest = np.sort(values)[::-1] @ weights
        away = np.abs([statistic - middle, farthest - middle])
        off = away / math.sqrt(2 * variance) if variance else [0, 0]
        p, smallest = map(math.erfc, off)
        return _told(statistic, p, smallest, "asymptotic: normal", ASYMPTOTIC)
    orders = np.array([*permutations(values)])  # that of the gaps themselves is the first
    far = np.abs(orders @ weights / middle - 1).round(9)
    p = (far >= far[0]).mean()
    smallest = (far == far.max()).mean()
    return Result(statistic, float(p), float(smallest), f"exact: all {len(orders):,} orders")


def halves(dates: Dates, window: Window) -> Result:
    """Compare the halves of a window, exactly.

    Two-sided binomial test of the meetings in the first half of the cells (rounded down), given
    all meetings; each date counts. ``statistic`` is the number in the first half.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``, and for a window of one cell.
    """
    from scipy.stats import binomtest

    grid, place = known_cells(dates, window, least=2)
    n = len(place)
    before = grid.cells // 2
    early = int((place < before).sum())
    p, none, every = (float(binomtest(k, n, before / grid.cells).pvalue) for k in (early, 0, n))
    return _told(early, p, min(none, every), "exact: binomial")


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


def scan(dates: Dates, window: Window) -> Result:
    """Search all splits of a window for a change of the chance of a meeting, and pay for it.

    It asks in which cells something is dated. Bernoulli likelihood ratio, a change in either
    direction. p is the share of all sets of as many cells whose greatest ratio is at least the
    observed one, ties counted (tolerance 1e-9): exact, by counting the paths that stay below it.
    ``statistic`` is the greatest log likelihood ratio, ``at`` the last cell before the likeliest
    change (the first of equals).

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
    return found._replace(at=grid.label(best))


# --- one change, at an unknown place --------------------------------------------------------


def _change_logs(met: np.ndarray, prior: float) -> np.ndarray:
    """Return the logarithm of the Bayes factor of a change after each cell but the last."""
    from scipy.special import betaln

    total = len(met)
    before = np.arange(1, total)
    early = met.cumsum()[:-1]
    n = met.sum()
    late = n - early
    first = betaln(early + prior, before - early + prior)
    second = betaln(late + prior, total - before - late + prior)
    whole = betaln(n + prior, total - n + prior)
    return first + second - whole - betaln(prior, prior)


def _mean_factor(logs: np.ndarray) -> float:
    """Return the Bayes factor of a change anywhere, within what a number can hold."""
    from scipy.special import logsumexp

    mean = logsumexp(logs) - math.log(len(logs))
    return float(np.exp(np.clip(mean, math.log(TINY), math.log(float_info.max))))


def change_point(dates: Dates, window: Window, prior: float = 1.0) -> tuple[float, pd.Series]:
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
        As ``cadence.known_cells``; for a window of one cell, or a prior not above 0 or above a
        million, where its factor is 1 for all that numbers can tell.
    """
    fine = 0 < prior <= MOST_PRIOR
    _need(fine, f"a prior is above 0 and at most {MOST_PRIOR:,}, found {prior!r}")
    from scipy.special import softmax

    grid, met = _met(dates, window, least=2)
    logs = _change_logs(met, prior)
    cells = grid.label(np.arange(grid.cells - 1))
    return _mean_factor(logs), pd.Series(softmax(logs), cells)


def change_point_required(
    dates: Dates,
    window: Window,
    numbered: tuple[object, object],
    added: int,
    dropped: int = 0,
) -> Interval:
    """Weigh a change with a flat prior over all lists that numbered sessions allow.

    Parameters
    ----------
    dates, window
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
        As ``change_point``; also if the numbered cells are none of the window, there are too few
        cells or meetings, or lists of over 4 million cells in all.

    Examples
    --------
    >>> change_point_required([2003, 2004], (2001, 2004), (2003, 2004), added=1).method
    'exact: all 2 lists'
    """
    grid, met = _met(dates, window, least=2)
    sure = grid_of(numbered)
    place = sure.first - grid.first
    last = place + sure.cells - 1
    inside = sure.unit == grid.unit and place >= 0 and last < grid.cells
    _need(inside, f"numbered is {numbered}: give two {grid.unit}s of the window")
    free = np.flatnonzero(~met[:place])
    later = place + 1 + np.flatnonzero(met[place + 1 : last])
    ways = math.comb(len(free), added)
    ways *= math.comb(len(later), dropped)
    _need(ways, f"{len(free)} free cells and {len(later)} meetings are too few to add or drop")
    many = f"{ways:,} lists of {grid.cells:,} cells are many: take a coarser grid"
    _need(ways * grid.cells <= MOST_PATHS, many)
    factors = []
    for more in combinations(free, added):
        for fewer in combinations(later, dropped):
            one = met.copy()
            one[[*more]] = True
            one[[*fewer]] = False
            factors.append(_mean_factor(_change_logs(one, 1.0)))
    low, middle, high = np.quantile(factors, [0, 0.5, 1]).tolist()
    return Interval(middle, low, high, f"exact: all {ways:,} lists")


# --- what could be seen ---------------------------------------------------------------------


def _growth_where(excess: Callable[[float], float]) -> float:
    """Return the growth at which a rising function of its logarithm is 0, else 0 or infinity."""
    from scipy.optimize import brentq

    if excess(-60.0) > -1e-12:
        return 0.0
    if excess(60.0) <= 1e-12:
        return math.inf
    return math.exp(brentq(excess, -60, 60, xtol=1e-12))


def power(events: int, cells: int, growth: float) -> float:
    """Return how often the exact rank-sum test at 5% would find a given growth of the odds.

    The odds of a meeting grow ``growth``-fold from the first to the last cell in equal factors;
    the number of cells with a meeting is given; the test rejects where twice the smaller tail is
    at most 0.05. 0 if no outcome can be that rare.

    Raises
    ------
    ValueError
        If the events do not fit in the cells or take over 20 million steps to count, or the
        growth is not above 0 and finite.

    Examples
    --------
    >>> power(1, 5, 1000.0)
    0.0
    """
    _need(0 < growth < math.inf, f"growth is above 0 and finite, found {growth!r}")
    null = rank_chances(events, cells)
    early = null.cumsum()
    late = null[::-1].cumsum()[::-1]
    tails = np.minimum(early, late)
    rejected = 2 * tails <= 0.05 * (1 + 1e-9)
    chances = rank_chances(events, cells, math.log(growth))
    return float(chances[rejected].sum())


def growth_for_power(events: int, cells: int) -> float:
    """Return the growth of the odds that the exact rank-sum test at 5% finds with 80% power.

    Infinite where no growth up to e^60 reaches it. Errors as for ``power``.
    """

    def excess(log_growth: float) -> float:
        growth = math.exp(max(log_growth, 0))
        return power(events, cells, growth) - 0.8

    return _growth_where(excess)


# --- what the list lacks --------------------------------------------------------------------


def with_added(dates: Dates, window: Window, number: int, before: object) -> Interval:
    """Return the rank-sum p if ``number`` meetings missing from the list were added to it.

    Each may fall in any cell of the window earlier than the cell ``before`` in which nothing is
    dated, one in a cell. ``value`` is p of the list as it is; ``low`` and ``high`` are bounds over
    all ways of adding them: the least is reached, the greatest wherever some way comes nearest to
    the middle of all rank sums. ``value`` may lie outside them.

    Raises
    ------
    ValueError
        As ``cadence.known_cells``; also if ``before`` is no cell of the window's unit, ``number``
        is negative, or fewer cells are free.
    """
    grid, met = _met(dates, window)
    named = grid_of((before, before))
    _need(named.unit == grid.unit, f"before is {before!r}: give a {grid.unit}, as the window does")
    first = named.first - grid.first
    free = np.flatnonzero(~met[: max(first, 0)])
    room = len(free)
    can = 0 <= number <= room
    _need(can, f"{number} cannot be added: {room} {grid.unit}s before {before} are free")
    more = int(met.sum()) + number
    law = rank_law(more, grid.cells)
    above = np.flatnonzero(met).sum() - math.comb(more, 2)
    earliest = above + free[:number].sum()
    latest = above + free[room - number :].sum()
    low, high = law.over(earliest, latest)
    method = f"{law.method}: all ways to add {number} meetings before {before}"
    return Interval(rank_sum(dates, window).p, low, high, method)


# --- all choices side by side ---------------------------------------------------------------


def _order_of_gaps(dates: Dates, window: Window) -> Result:
    _, cells = known_cells(dates, window)
    return renewal(np.diff(cells))


CHOICES: tuple[tuple[str, str, Callable[[Dates, Window], Result]], ...] = (  # test, given
    ("rank sum", "", rank_sum),
    ("rank sum", "first", partial(rank_sum, fixed=["first"])),
    ("rank sum", "last", partial(rank_sum, fixed=["last"])),
    ("rank sum", "both", partial(rank_sum, fixed=ENDS)),
    ("sum of years", "", tied_sum),
    ("power law", "", power_law),
    ("two halves", "", halves),
    ("scan of all splits", "", scan),
    ("order of gaps", "both", _order_of_gaps),
)


def all_choices(dates: Dates, windows: Sequence[Window]) -> pd.DataFrame:
    """Return the trend tests of this module side by side, window by window.

    The list is the author's; Laplace's test is not in it.

    Parameters
    ----------
    dates
        As ``cadence.placed``.
    windows
        The windows that can be defended, each a pair of years, months or days; each takes the
        dates that may lie in it.

    Returns
    -------
    DataFrame
        One row per choice: ``test``; ``given``, the meetings that are held as known ends
        (``first``, ``last``, ``both``); ``window``; ``p`` two-sided, missing if the test cannot
        be run on these dates; ``low`` and ``high``, its bounds over all datings (p itself where
        nothing is open); ``smallest_p`` that it could give; ``method``, or why it cannot be run.
        What is the same in several windows stands once.

    Raises
    ------
    ValueError
        As ``cadence.placed``, if any window holds no date; also without a list of windows.

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
        held = within(dates, window)
        placed(held, window)  # refuses what no test could be run on
        first, last = window
        for name, given, run in CHOICES:
            try:
                found = run(held, window)
            except ValueError as reason:
                found = Result(math.nan, math.nan, math.nan, f"not run: {reason}")
            low, high = found.bounds or (found.p, found.p)
            told = (found.p, low, high, found.smallest_p, found.method)
            rows.append((name, given, f"{first} to {last}", *told))
    names = ["test", "given", "window", "p", "low", "high", "smallest_p", "method"]
    same = ["test", "given", "p", "low", "high", "method"]
    return pd.DataFrame(rows, columns=names).drop_duplicates(same, ignore_index=True)
