"""How regularly something met: gaps, evenness and lasting, from dates as precise as they are known.

Dates are EDTF texts in any order. An interval is a duration, which counts on its first day, as in
``visits``. A window names its first and its last cell, both within it: years
(``(1993, 2012)``), months (``("1993-01", "2012-12")``) or days; what it names is the grid. Any
number of dates may fall in one cell. A date that is less precise than the grid may fall in any of
its cells within the window. Tests of a changing pace are in ``pace``.

Sources: Goh and Barabasi, EPL 81 (2008) 48002 (burstiness); Greenwood, Journal of the Royal
Statistical Society 109 (1946), 85-110 (evenness); Turnbull, Journal of the Royal Statistical
Society B 38 (1976), 290-295 (interval-censored lasting); Wellner and Zhan, Journal of the American
Statistical Association 92 (1997), 945-959 (a fast way to it).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from relations_lib._sums import _need
from relations_lib.dates import edtf_text, gap_bounds, precision, start_bounds

Window = tuple[Any, Any]
Dates = Iterable[object]
MOST_STEPS = 1_000_000_000
DRAWS = 2_000
SEED = 1993
MOST_PATHS = 20_000_000
MOST_DATES = 10_000
NEAR = 1e-8
NEAR_ENOUGH = 1e-4
MOST_ROUNDS = 1_000
SURELY_A_DAY = 1.5 / 365  # years; the next precision is a month
DAY = pd.Timedelta(days=1)
MONTH = pd.Timedelta(days=31)
TYPES = {"year": "M8[Y]", "month": "M8[M]", "day": "M8[D]"}


class Result(NamedTuple):
    """A test's answer: its statistic, its p, the smallest p it could give, how p was found.

    ``error`` is the standard error of a Monte Carlo p (0 where p was computed), ``seed`` its seed.
    ``bounds`` are the least and greatest p over all datings and orders that the dates allow;
    None where they leave nothing open. ``at`` is the place of a change, where a test finds one.
    """

    statistic: float
    p: float
    smallest_p: float
    method: str
    error: float = 0.0
    seed: int | None = None
    bounds: tuple[float, float] | None = None
    at: int | str | None = None


class Interval(NamedTuple):
    """A value, bounds (which need not hold it: see ``pace.with_added``), how they were found."""

    value: float
    low: float
    high: float
    method: str


class Grid(NamedTuple):
    """A window cut into cells: ``unit`` (``year``, ``month``, ``day``), first cell, how many.

    ``first`` counts in the unit from 1970.
    """

    unit: str
    first: int
    cells: int

    def label(self, cell: int | np.ndarray) -> Any:
        """Return the name of a cell, counted from 0: a year as a number, others as EDTF text.

        Of an array of cells, a list of names.
        """
        counted = np.asarray(cell) + self.first
        if self.unit == "year":
            return (counted + 1970).tolist()
        dates = counted.astype(TYPES[self.unit])
        return dates.astype(str).tolist()


class Placed(NamedTuple):
    """Dates on a grid, in order: the cells and the instants, from 0, that each of them allows.

    ``early`` and ``late`` are the first and the last cell in which a date may lie; ``span`` has a
    row per date, the first and the last instant, in cells from the window's start.
    """

    grid: Grid
    early: np.ndarray
    late: np.ndarray
    span: np.ndarray


# --- dates and gaps -------------------------------------------------------------------------


def _first_days(dates: list) -> pd.DataFrame:
    """Return earliest and latest first day of each date, in their order."""
    days = start_bounds(dates)
    missing = days.index[days["earliest"].isna()]
    _need(missing.empty, f"row {min(missing, default=0)} has no date: leave it out")
    return days


def _limits(dates: Dates) -> np.ndarray:
    """Return earliest and latest first day of each date, a row each, in order of the earliest."""
    days = _first_days(list(dates))
    _need(len(days), "there are no dates: give at least one EDTF date")
    days = days.sort_values(["earliest", "latest"])
    return days.to_numpy("M8[D]")


def _in_cells(days: np.ndarray, unit: str) -> np.ndarray:
    """Return the cells in which days lie, counted from 1970."""
    return days.astype(TYPES[unit]).astype(int)


def _as_instants(days: np.ndarray, unit: str) -> np.ndarray:
    """Return first and last days as the instants they begin and end, in cells from 1970."""
    instants = days + np.array([0, 1])
    cells = instants.astype(TYPES[unit])
    begun = cells.astype("M8[D]")
    lengths = (cells + 1).astype("M8[D]") - begun
    return cells.astype(int) + (instants - begun) / lengths


def grid_of(window: Window, least: int = 1) -> Grid:
    """Return the grid that a window names.

    Parameters
    ----------
    window
        First and last cell, both within it: two years, two months or two days.
    least
        Fewest cells it may have: a method that looks for a change needs 2.

    Raises
    ------
    ValueError
        If the window is no such pair, runs backwards or has fewer cells than ``least``.

    Examples
    --------
    >>> grid_of((1993, 2012)).cells, grid_of(("1993-01", "1993-12")).unit
    (20, 'month')
    """
    problem = f"{window!r} is no window: give its first and last year, month or day, (1993, 2012)"
    try:
        first, last = map(edtf_text, window)
        unit, other = precision(first), precision(last)
        days = np.array([first, last], "M8[D]")
    except (TypeError, ValueError):
        raise ValueError(problem) from None
    _need(unit == other and unit in TYPES, problem)
    start, end = _in_cells(days, unit).tolist()
    cells = end - start + 1
    _need(cells >= least, f"{first} to {last} is no window of {least} or more {unit}s")
    return Grid(unit, start, cells)


def whole_years(windows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return each window as its first and last whole calendar year.

    A first year of which over a month is missing is not counted, nor a last one that is not over:
    what counts years alike would take a year watched in part for one with fewer meetings.

    Parameters
    ----------
    windows
        One row per window: ``id`` and, as ``load`` gives them, ``start_earliest``, ``end_latest``.

    Returns
    -------
    dict
        First and last year by id; the last is before the first where no year is whole.
    """
    found = {}
    for row in windows.itertuples():
        month_before = row.start_earliest - MONTH
        day_after = row.end_latest + DAY
        found[row.id] = (month_before.year + 1, day_after.year - 1)
    return found


def within(dates: Dates, window: Window) -> list:
    """Return the dates that may lie in a window, in their order: those that ``placed`` takes.

    Raises
    ------
    ValueError
        As ``grid_of``; also if a date is missing or no EDTF date.

    Examples
    --------
    >>> within(["1998", "2012-12/2013", "2013-05"], (1993, 2012))
    ['1998', '2012-12/2013']
    """
    grid = grid_of(window)
    listed = list(dates)
    days = _first_days(listed).to_numpy("M8[D]")
    first, last = _in_cells(days, grid.unit).T - grid.first
    inside = (last >= 0) & (first < grid.cells)
    return [date for date, held in zip(listed, inside, strict=True) if held]


def placed(dates: Dates, window: Window, least: int = 1) -> Placed:
    """Return the cells of a window in which each date may lie, in order of the first.

    A date that reaches over an end of the window is held to lie within it.

    Raises
    ------
    ValueError
        As ``grid_of``; also if there are no dates, one is no EDTF date, or one lies outside.

    Examples
    --------
    >>> found = placed(["1998", "1998-03"], ("1998-01", "1998-06"))
    >>> found.early.tolist(), found.late.tolist()
    ([0, 2], [5, 2])
    """
    grid = grid_of(window, least)
    days = _limits(dates)
    first, last = _in_cells(days, grid.unit).T - grid.first
    outside = (last < 0) | (first >= grid.cells)
    wrong = days[outside, 0].astype(str).tolist()
    _need(not wrong, f"{wrong[:3]} lies outside {window}: widen it or leave the date out")
    span = _as_instants(days, grid.unit) - grid.first
    end = grid.cells - 1
    early = first.clip(0, end)
    late = last.clip(0, end)
    return Placed(grid, early, late, span.clip(0, grid.cells))


def known_cells(dates: Dates, window: Window, least: int = 1) -> tuple[Grid, np.ndarray]:
    """Return the grid and the one cell of each date, in order, for tests that need it known.

    Raises
    ------
    ValueError
        As ``placed``; also if a date may lie in more than one cell.
    """
    grid, early, late, _ = placed(dates, window, least)
    wide = early < late
    unit = grid.unit
    some = grid.label(early[wide][:3])
    advice = f"take a coarser grid than {unit}s, or leave it out"
    _need(not some, f"a date from {some} on lies in two or more {unit}s: {advice}")
    return grid, early


def _cells_of(dates: Dates, unit: str) -> np.ndarray:
    """Return the one cell in which each date lies, counted from 1970, in order."""
    first, last = _in_cells(_limits(dates), unit).T
    _need((first == last).all(), f"a date lies in two or more {unit}s: take a longer unit")
    return first


def calendar_years(dates: Dates) -> list[int]:
    """Return the calendar year of each date, sorted.

    Raises
    ------
    ValueError
        If there are no dates, or one runs over two years.

    Examples
    --------
    >>> calendar_years(["2001", "1998-04"])
    [1998, 2001]
    """
    return (_cells_of(dates, "year") + 1970).tolist()


def spans(dates: Dates) -> np.ndarray:
    """Return each date as the span of instants it allows, in decimal years, by its middle.

    Parameters
    ----------
    dates
        EDTF dates in any order and of any precision; ``1998`` becomes 1998.0 to 1999.0.

    Returns
    -------
    ndarray
        One row per date: start and end.

    Raises
    ------
    ValueError
        If there are no dates, or if one is no EDTF date.

    Examples
    --------
    >>> spans(["2001", "1998-07-01/1998-07-02"]).round(3).tolist()
    [[1998.496, 1998.499], [2001.0, 2002.0]]
    """
    table = _as_instants(_limits(dates), "year") + 1970
    order = np.argsort(table.mean(axis=1), kind="stable")
    return table[order]


def meeting_gaps(dates: Dates) -> pd.DataFrame:
    """Return the gaps between successive dates and what their precision allows.

    The dates may be of any precision; where all are known to the day, so are the gaps, from day
    to day. Where dates overlap, so that their order is open, a gap is that between what comes
    k-th and next, and its bounds hold over all datings and orders.

    Returns
    -------
    DataFrame
        One row per gap. ``start`` and ``end``: the decimal years at which the two spans begin,
        spans in order of their middles; ``years``: distance of the middles (between two
        year-precise dates, the difference of the years); ``low`` and ``high``: exact bounds of
        the true gap, in years. ``years`` may lie outside them where the order is open.

    Raises
    ------
    ValueError
        As ``spans``; also with fewer than two dates, which have no gap.

    Examples
    --------
    >>> meeting_gaps(["1998", "2001"]).values.tolist()
    [[1998.0, 2001.0, 3.0, 2.0, 4.0]]
    """
    table = spans(dates)
    _need(len(table) > 1, "one date has no gap: give at least two")
    starts, ends = table.T
    widest = (ends - starts).max()
    if widest < SURELY_A_DAY:
        ends = starts
    low, high = gap_bounds(starts, ends)
    return pd.DataFrame(
        {
            "start": starts[:-1],
            "end": starts[1:],
            "years": np.diff((starts + ends) / 2),
            "low": low,
            "high": high,
        }
    )


# --- how regular ----------------------------------------------------------------------------


def usable_gaps(gaps: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return gaps as an array, or raise a ValueError that says what is wrong with them."""
    values = np.array(gaps, dtype=float, ndmin=1)
    number = values.shape[-1]
    _need(number > 1, f"this needs 2 or more gaps, found {number}")
    fine = (values >= 0) & (values < math.inf)
    some = values.sum(axis=-1) > 0
    _need(fine.all() and some.all(), "gaps are numbers from 0 up, not all 0 (as those of one day)")
    return values


def gap_cv(gaps: Sequence[float] | np.ndarray) -> Any:
    """Return the coefficient of variation of gaps: standard deviation (ddof 0) over mean.

    0 is perfectly even; about 1 is what a memoryless process tends to; n gaps cannot pass
    ``sqrt(n - 1)``. Of a table of gaps, one coefficient a row.

    Raises
    ------
    ValueError
        With fewer than two gaps, or if all are zero.

    Examples
    --------
    >>> gap_cv([[2, 2, 2], [0, 0, 6]]).round(4).tolist()
    [0.0, 1.4142]
    """
    values = usable_gaps(gaps)
    return values.std(axis=-1) / values.mean(axis=-1)


def cv_bounds(dates: Dates) -> Interval:
    """Return the least and greatest coefficient of variation of the gaps over all datings.

    Each date may fall at any instant of its span. The coefficient is quasi-convex in the
    instants. Its greatest value stands where every instant is an end of a span, found by dynamic
    programming over these ends; its least is found by going downhill, to within 1e-8. ``value``
    is that of the middles of the spans. Where one span lies within another, the dates' order is
    open: the k-th in time then has the k-th start and the k-th end, and the bounds hold for all
    datings and orders, though they may be wider than need be (``method`` says so).

    Raises
    ------
    ValueError
        As ``spans``; also with fewer than three or more than 10,000 dates, if the middles are all
        the same (then nothing is known of the gaps), or with so many overlapping spans of unlike
        precision that more than 20 million steps would be needed.
    """
    table = spans(dates)
    number = len(table)
    _need(number > 2, f"a spread of gaps needs three dates or more, found {number}")
    value = float(gap_cv(np.diff(table.mean(axis=1))))
    many = f"{number:,} dates are many for bounds: their middles have a spread of {value:.3g}"
    _need(number <= MOST_DATES, many)
    ranked = np.sort(table, axis=0)
    nested = (ranked != table).any()
    method = "bounds: order open" if nested else "exact: all datings"
    low = min(_least_cv(ranked), value)
    high = max(_greatest_cv(ranked), value)
    return Interval(value, low, high, method)


def _greatest_cv(table: np.ndarray) -> float:
    ends = np.unique(table)
    choices = []
    for low, high in table:
        within = (ends >= low) & (ends <= high)
        choices.append(ends[within])
    sizes = np.array([len(choice) for choice in choices], dtype=float)
    steps = sizes[1:] * sizes[:-1]
    paths = sizes[0] * steps.sum()
    advice = "give the dates one precision"
    _need(paths <= MOST_PATHS, f"{paths:,.0f} steps for the greatest spread are many: {advice}")
    greatest = max(_greatest_share(start, choices[1:]) for start in choices[0])
    gaps = len(table) - 1
    return math.sqrt(max(greatest * gaps - 1, 0))


def _greatest_share(start: float, choices: list[np.ndarray]) -> float:
    """Return the greatest sum of squared gaps of a path from a start, over its squared length."""
    times = np.array([start])
    most = np.zeros(1)
    for next_times in choices:
        gaps = next_times - times[:, None]
        sums = most[:, None] + gaps**2
        sums[gaps < 0] = -math.inf  # never back in time
        times, most = next_times, sums.max(axis=0)
    later = times > start
    shares = most[later] / (times[later] - start) ** 2
    return float(shares.max(initial=0))


def _least_cv(table: np.ndarray) -> float:
    from scipy.optimize import minimize

    starts = table[:, 0] - table[0, 0]
    widths = table[:, 1] - table[:, 0]

    def spread(shares: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the sum of squared gaps over the squared length, and its slope.

        Shares of the spans say where in them the instants are.
        """
        times = starts + shares * widths
        gaps = np.diff(times)
        length = times[-1] - times[0]
        squares = gaps @ gaps
        slope = -2 * np.diff(gaps, prepend=0, append=0)
        slope[[0, -1]] += np.array([2, -2]) * squares / length
        return squares / length**2, widths * slope / length**2

    middles = np.full(len(table), 0.5)
    limits = [(0, 1)] * len(table)
    options = {"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10_000}
    found = minimize(spread, middles, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    gaps = np.diff(starts + found.x * widths)
    return float(gaps.std() / gaps.mean())


def burstiness(cv: float) -> float:
    """Return the burstiness of Goh and Barabasi, ``(cv - 1) / (cv + 1)``.

    -1 is perfectly even; 0 a memoryless process in the long run; towards 1 bursts. Few gaps
    pull it down whatever the process: n of them cannot pass that of ``cv = sqrt(n - 1)``.

    Examples
    --------
    >>> burstiness(0), burstiness(1)
    (-1.0, 0.0)
    """
    _need(0 <= cv < math.inf, f"a coefficient of variation is 0 or more, found {cv!r}")
    return (cv - 1) / (cv + 1)


def evenness(dates: Dates, unit: str = "year") -> Result:
    """Test whether meetings are spread more evenly than chance, on the grid of a calendar unit.

    The statistic is the sum of squared whole gaps (Greenwood) between the years (months, days)
    in which there is a meeting; a second one in the same adds nothing. First and last are fixed;
    all sets of as many between them are equally likely; p is the chance of a sum at most as
    large, by counting. Where that would take over a billion steps, 2,000 sets are drawn, always
    the same; ``error`` is then the standard error of p, at least 1/2,001.

    Raises
    ------
    ValueError
        If a date may lie in two of the units, or fewer than three of them have a meeting.
    """
    _need(unit in TYPES, f"unit is one of {[*TYPES]}, found {unit!r}")
    gaps = np.diff(np.unique(_cells_of(dates, unit)))
    number = len(gaps)
    length = int(gaps.sum())
    observed = int((gaps**2).sum())
    _need(number > 1, f"something between two ends needs three different {unit}s with a meeting")
    longest = min(length - number + 1, math.isqrt(observed))
    steps = number * longest * length * observed
    if steps > MOST_STEPS:
        return _evenness_drawn(number, length, observed)
    ways = np.zeros((length + 1, observed + 1))
    ways[0, 0] = 1
    for _ in range(number):
        before, ways = ways, np.zeros_like(ways)
        for gap in range(1, longest + 1):
            square = gap**2
            ways[gap:, square:] += before[:-gap, :-square]
    every = math.comb(length - 1, number - 1)
    possible = ways[length]
    shares = possible[possible > 0] / every
    p = float(shares.sum())
    return Result(observed, p, float(shares[0]), "exact: counted on the grid")


def _evenness_drawn(number: int, length: int, observed: int) -> Result:
    choice = np.random.default_rng(SEED).choice
    hits = 1  # the list itself
    for _ in range(DRAWS):
        inner = np.sort(choice(length - 1, number - 1, replace=False, shuffle=False))
        gaps = np.diff(inner, prepend=-1, append=length - 1)
        hits += int(gaps @ gaps <= observed)
    p = hits / (DRAWS + 1)
    smallest = 1 / (DRAWS + 1)
    error = max(math.sqrt(p * (1 - p) / DRAWS), smallest)
    method = f"Monte Carlo: {DRAWS:,} random sets, seed {SEED}, standard error {error:.2g}"
    return Result(observed, p, smallest, method, error, SEED)


def distinct_years_p(events: int, years: int) -> float:
    """Return the chance that independent events all fall in different years, any year alike.

    Examples
    --------
    >>> distinct_years_p(2, 4)
    0.75
    """
    found = f"found {events!r} and {years!r}"
    _need(events >= 1 and years >= 1, f"needs 1 or more of both, {found}")
    most = min(events, years + 1)
    taken = np.arange(most) / years
    return float(np.prod(1 - taken))


# --- how long gaps last ---------------------------------------------------------------------


def survival(low: Sequence[float], high: Sequence[float] | None = None) -> pd.DataFrame:
    """Return Turnbull's estimate of how long gaps last, from bounds of each gap.

    The likeliest distribution if gaps were independent (gaps next to each other share a date)
    and what is known of each is that it is longer than ``low`` and at most ``high``. With exact
    gaps, and open ones, it is the Kaplan-Meier estimate. Where in its rows' intervals a gap ends
    the data do not say.

    Parameters
    ----------
    low, high
        Bounds of each gap, as ``meeting_gaps`` gives them; the same where the gap is known
        (``high`` may then be left out), infinite ``high`` where it is still open.

    Returns
    -------
    DataFrame
        One row per interval in which gaps end: ``low`` (not within it, unless equal to ``high``)
        and ``high``; ``mass``, the share of gaps that end there; ``survival``, the share that
        last longer than ``high``.

    Raises
    ------
    ValueError
        If there is no gap, low and high are not equally many, a bound is no number from 0 up or
        lies on the wrong side, or the likelihood is not found greatest to within 1e-4 a gap in
        1,000 rounds. Some 25 find it to 1e-8; only where hundreds of unlike gaps overlap in a
        row, many alike, is it rougher.

    Examples
    --------
    >>> survival([1, 2, 1], [1, 2, math.inf]).round(3).values.tolist()
    [[1.0, 1.0, 0.333, 0.667], [2.0, 2.0, 0.667, 0.0]]
    """
    upper = low if high is None else high
    _need(len(low) == len(upper), f"{len(low)} low and {len(upper)} high: give one of both a gap")
    both = np.column_stack([low, upper]).astype(float)
    least, most = both.T
    known = (least >= 0) & (least <= most) & (least < math.inf)
    fine = len(known) > 0 and known.all()
    _need(fine, "give at least one gap: low a number from 0 up, high not below it")
    rows, counts = np.unique(both, axis=0, return_counts=True)
    lefts, rights, first, last = _innermost(*rows.T)
    mass = _likeliest(counts / len(both), first, last, len(lefts))
    kept = mass > 1e-7 / len(mass)
    left = 1 - mass.cumsum()
    left[-1] = 0.0
    table = {"low": lefts, "high": rights, "mass": mass, "survival": left.clip(0)}
    return pd.DataFrame(table)[kept].reset_index(drop=True)


def _innermost(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the intervals that can carry mass, and the range of them within each gap's bounds.

    At one length, a known gap begins before the others end, and those end before others begin.
    """
    n = len(low)
    begins = np.where(low == high, 0, 2)
    kinds = np.concatenate([begins, np.ones(n)])
    order = np.lexsort((kinds, np.concatenate([low, high])))
    place = np.empty(2 * n, dtype=int)
    place[order] = np.arange(2 * n)
    is_left = order < n
    inner = np.flatnonzero(is_left[:-1] & ~is_left[1:])
    first = np.searchsorted(inner, place[:n])
    last = np.searchsorted(inner, place[n:])
    left = order[inner]
    right = order[inner + 1] - n
    return low[left], high[right], first, last


class _Likelihood:
    """How likely known bounds of gaps are if lasting has some mass in each cell.

    ``shares`` of the gaps lie within the cells from ``first`` on and before ``last``.
    """

    def __init__(self, shares: np.ndarray, first: np.ndarray, last: np.ndarray, cells: int):
        self.shares, self.first, self.last, self.cells = shares, first, last, cells

    def chances(self, mass: np.ndarray) -> np.ndarray:
        """Return the chance of what is known of each gap."""
        below = np.append(0, mass.cumsum())
        return below[self.last] - below[self.first]

    def log(self, mass: np.ndarray) -> float:
        """Return the logarithm of the likelihood, a gap."""
        found = self.chances(mass)
        if found.min() <= 0:
            return -math.inf
        return float(self.shares @ np.log(found))

    def gain(self, mass: np.ndarray) -> np.ndarray:
        """Return the slope of the likelihood by the mass of each cell; at its top at most 1."""
        weight = self.shares / self.chances(mass)
        starts = np.bincount(self.first, weight, self.cells + 1)
        stops = np.bincount(self.last, weight, self.cells + 1)
        return (starts - stops).cumsum()[:-1]

    def newton(self, mass: np.ndarray) -> np.ndarray:
        """Return the mass after a Newton step on the share that ended, kept rising."""
        from scipy.optimize import isotonic_regression

        slope = -np.diff(self.gain(mass))
        weight = self.shares / self.chances(mass) ** 2
        starts = np.bincount(self.first, weight, self.cells + 1)
        stops = np.bincount(self.last, weight, self.cells + 1)
        curve = (starts + stops)[1:-1]
        aim = mass.cumsum()[:-1] + slope / curve
        ended = isotonic_regression(aim, weights=curve).x.clip(0, 1)
        step = np.diff(ended, prepend=0, append=1) - mass
        reached = self.log(mass)
        while self.log(mass + step) < reached:
            step = step / 2
        return mass + step


def _likeliest(shares: np.ndarray, first: np.ndarray, last: np.ndarray, cells: int) -> np.ndarray:
    """Return the likeliest mass of each cell, to within 1e-8 (or, if slow, 1e-4) of likelihood.

    Steps of expectation and maximization take turns with Newton steps (Wellner and Zhan).
    """
    likelihood = _Likelihood(shares, first, last, cells)
    mass = np.full(cells, 1 / cells)
    for _ in range(MOST_ROUNDS):
        gain = likelihood.gain(mass)
        mass = mass * gain
        if gain.max() - 1 <= NEAR:
            return mass
        mass = likelihood.newton(mass)
    _need(gain.max() - 1 <= NEAR_ENOUGH, "no likeliest lasting is found: round the bounds of gaps")
    return mass


def lasting(table: pd.DataFrame, years: float) -> tuple[float, float]:
    """Return the least and greatest share of gaps lasting longer, by a ``survival`` table."""
    _need(years == years, "how many years is missing: give a number")
    surely = table["high"] <= years
    perhaps = surely | (table["low"] < years)
    least = table["mass"][~perhaps].sum()
    most = table["mass"][~surely].sum()
    return float(least), float(most)
