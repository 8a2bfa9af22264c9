"""How often, in which direction and how far apart: visits with imprecise dates in a window.

Every function takes a table of visits with the columns ``visitor``, ``host`` and ``date`` (an
EDTF text; days as ``date`` or time stamps work too), whoever visits whom and however many. The
unit of observation is one visit; it counts on its **first day**: an interval says how long a
visit lasted, so one dated ``2007-09-12/2007-09-13`` counts on 12 September, and one dated
``1995-11`` on some day of November 1995. A window runs from one day to another; a date that only
partly lies in it is clipped to it. No day is invented: where a date leaves several days open,
results are bounds, or run over all days it allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log10, prod

import numpy as np
import pandas as pd

from relations_lib import poisson
from relations_lib.dates import as_date, day_bounds, years_between

FOREVER = "9999"
LIMIT = 10_000_000
CLOCKS = {"days": years_between, "calendar years": lambda start, end: end.year - start.year + 1}
_GROUP_APART = 10**8  # days; keeps groups apart when all gaps are found in one pass


def _grouped(
    table: pd.DataFrame, by: Sequence[str], own: Sequence[str] = ()
) -> pd.api.typing.DataFrameGroupBy:
    """Return a table grouped by columns (not a result's own); without any, all are one group."""
    _check(table, by)
    if taken := [name for name in by if name in own]:
        raise ValueError(f"the result has a column {taken[0]} of its own: rename that of visits")
    return table.groupby(list(by) or (lambda _: 0), dropna=False)


def _days(found: pd.DataFrame) -> np.ndarray:
    """Return earliest and latest first days (two rows) as whole numbers."""
    return found[["earliest", "latest"]].to_numpy().astype("datetime64[D]").astype(np.int64).T


def _need(table: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise a ValueError unless the table has the columns."""
    if lacking := [str(name) for name in columns if name not in table]:
        raise ValueError(f"no column {', '.join(lacking)}: found {', '.join(map(str, table))}")


def _check(visits: pd.DataFrame, columns: Sequence[str] = ()) -> None:
    """Raise a ValueError unless every visit has a date and a value in each of the columns."""
    if isinstance(columns, str):
        raise ValueError(f"{columns!r} is no list of columns: give [{columns!r}]")
    _need(visits, ["date", *columns])
    for name in ("date", *columns):
        rows = visits.index[visits[name].isna()]
        if len(rows):
            found = f"row {rows[0]} has no {name} ({len(rows)} in all)"
            raise ValueError(f"{found}: leave it out and say so")


def _rows(windows: pd.DataFrame) -> Iterable:
    """Return the rows of a table of windows, or raise a ValueError if it lacks what is needed."""
    _need(windows, ["id", "start", "end"])
    if windows.empty:
        raise ValueError("there is no window: give a row with id, start and end")
    return windows.itertuples()


def first_days(visits: pd.DataFrame, start: object = None, end: object = None) -> pd.DataFrame:
    """Return the visits that may begin in a window, with the days on which they may begin.

    Parameters
    ----------
    visits
        One row per visit; column ``date``. Other columns are kept.
    start, end
        First and last day of the window; without one, the window is open on that side.

    Returns
    -------
    DataFrame
        The visits that may begin in the window, by earliest, then latest day, with the columns
        ``earliest`` and ``latest`` (possible first days, clipped to the window) and ``straddles``
        (whether the date also allows a day outside).

    Raises
    ------
    ValueError
        If a date is missing or is no EDTF date, or the window ends before it starts.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["1993-01", "2007-09-12/2007-09-13"]})
    >>> first_days(table, start="1993-01-07")["earliest"].dt.day.tolist()
    [7, 12]
    """
    _check(visits)
    day_bounds(visits["date"].astype(object))  # refuses what is no interval as a whole
    begins = visits["date"].map(lambda v: v.split("/")[0] if isinstance(v, str) else v)
    days = day_bounds(begins.astype(object))
    low, high = (None if day is None else pd.Timestamp(as_date(day)) for day in (start, end))
    if low is not None and high is not None and high < low:
        raise ValueError(f"the window ends on {end}, before it starts on {start}: swap the two")
    clipped = days.clip(low, high)
    inside = (days["latest"] >= clipped["earliest"]) & (days["earliest"] <= clipped["latest"])
    found = visits.assign(**clipped, straddles=(clipped != days).any(axis=1))[inside]
    return found.sort_values(["earliest", "latest"], kind="stable")


def visit_rate(
    visits: pd.DataFrame,
    windows: pd.DataFrame,
    by: Sequence[str] = (),
    level: float = 0.95,
    clock: str = "days",
) -> pd.DataFrame:
    """Return visits per year in every window, with the exact central Poisson interval.

    The interval (Garwood 1936) holds if visits come independently at a constant rate and the
    table lists all that began in the window.

    Parameters
    ----------
    visits
        One row per visit; column ``date`` and those of ``by``.
    windows
        One row per window: ``id``, ``start`` and ``end`` (days).
    by
        Columns that split the visits, for example ``["visitor", "host"]``; every combination in
        the table has a row in every window, 0 visits included.
    level
        Confidence level.
    clock
        ``days`` (the window's days / 365.25) or ``calendar years`` (the calendar years that the
        window touches, the only clock that year-precise dates allow).

    Returns
    -------
    DataFrame
        ``window``, the columns ``by``, ``years``, ``visits`` (that may begin in the window),
        ``straddling`` (those among them whose date also allows a day outside), ``rate``,
        ``low``, ``high`` (per year).

    Raises
    ------
    ValueError
        As ``first_days``; if a window has no length, the level is not between 0 and 1, the clock
        is unknown, there is no window, a column is absent, or one of ``by`` has a gap or the name
        of a column of the result.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2001", "2003-05", "2004-02-01", "2009"]})
    >>> window = pd.DataFrame({"id": ["w"], "start": ["2000-01-01"], "end": ["2008-12-31"]})
    >>> visit_rate(table, window).round(3)[["visits", "rate", "low", "high"]].values.tolist()
    [[3.0, 0.333, 0.069, 0.974]]
    """
    if clock not in CLOCKS:
        raise ValueError(f"no clock {clock!r}: choose one of {', '.join(CLOCKS)}")
    own = ["years", "visits", "straddling", "rate", "low", "high"]
    groups, parts = _grouped(visits, by, ["window", *own]).size().index if by else [0], []
    for window in _rows(windows):
        inside = _grouped(first_days(visits, window.start, window.end), by)["straddles"]
        part = inside.agg(visits="size", straddling="sum").reindex(groups, fill_value=0)
        years = CLOCKS[clock](as_date(window.start), as_date(window.end))
        parts.append(part.reset_index().assign(window=window.id, years=float(years)))
    table = pd.concat(parts, ignore_index=True)
    low, high = poisson.garwood(table["visits"], table["years"], level)
    table = table.assign(rate=table["visits"] / table["years"], low=low, high=high)
    return table[["window", *by, *own]]


def rate_choices(sets: Mapping[str, pd.DataFrame], windows: pd.DataFrame) -> pd.DataFrame:
    """Return the rate under every combination of visits counted, window and clock.

    Parameters
    ----------
    sets
        Tables of visits by name, for example all visits and those without the founding one.
    windows
        As for ``visit_rate``.

    Returns
    -------
    DataFrame
        ``counted`` (name of the set), ``clock`` and the columns of ``visit_rate``.
    """
    rates = {
        (name, clock): visit_rate(visits, windows, clock=clock)
        for name, visits in sets.items()
        for clock in CLOCKS
    }
    return pd.concat(rates, names=["counted", "clock"]).droplevel(2).reset_index()


def direction_tests(visits: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return for every pair of states whether one visits more than the other.

    Given their number, the visits of a pair are binomial; the Clopper-Pearson interval of the
    share ``there`` becomes that of the ratio of the two rates.

    Parameters
    ----------
    visits
        One row per visit; columns ``visitor``, ``host``.
    level
        Confidence level.

    Returns
    -------
    DataFrame
        One row per pair, most visits first: ``one`` (visitor of the pair's first row),
        ``other``, ``there`` (visits of one to other), ``back``, ``ratio`` (there / back),
        ``low``, ``high``, ``p`` (exact, two-sided, at one half) and ``smallest_p`` (what all
        visits in one direction would give: the least that this number of visits can).

    Raises
    ------
    ValueError
        If a column or a value in it is missing, a state visits itself, or the level is not
        between 0 and 1.

    References
    ----------
    Clopper and Pearson, Biometrika 26 (1934), 404-413; Przyborowski and Wilenski, Biometrika 31
    (1940), 313-323.

    Examples
    --------
    >>> table = pd.DataFrame({"visitor": list("AAB"), "host": list("BBA"), "date": "2001"})
    >>> direction_tests(table)[["one", "there", "back", "p", "smallest_p"]].values.tolist()
    [['A', 2, 1, 1.0, 0.25]]
    """
    from scipy.stats import binom, f

    _check(visits, ["visitor", "host"])
    same = visits.loc[visits["visitor"] == visits["host"], "host"]
    if len(same):
        raise ValueError(f"row {same.index[0]}: {same.iloc[0]} visits itself: name two states")
    counts = visits.groupby(["visitor", "host"], sort=False).size()
    table = counts.rename_axis(["one", "other"]).reset_index(name="there")
    table["back"] = counts.reindex(counts.index.swaplevel(), fill_value=0).to_numpy()
    table = table[~counts.index.map(frozenset).duplicated()]
    there, back, tail = table["there"], table["back"], poisson.tail(level)
    low = there / (back + 1) * f.ppf(tail, 2 * there, 2 * (back + 1))
    high = (there + 1) / back * f.ppf(1 - tail, 2 * (there + 1), 2 * back)
    table = table.assign(ratio=there / back, low=low, high=high.fillna(np.inf))
    table["p"] = np.minimum(1, 2 * binom.cdf(np.minimum(there, back), there + back, 0.5))
    table["smallest_p"] = 0.5 ** (there + back - 1)
    order = (there + back).sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def order_test(visits: pd.DataFrame) -> tuple[float, str]:
    """Return the two-sided p-value of direction against time order, and how it was computed.

    Mann and Whitney's test: do the visits of one state come earlier than those of the other? A
    visit stands at the middle of its possible first days.

    Parameters
    ----------
    visits
        One row per visit of exactly two visitors; columns ``visitor``, ``date``.

    Returns
    -------
    tuple
        p, and ``exact`` (no ties and at most 10,000 pairs of visits) or ``asymptotic``.

    Raises
    ------
    ValueError
        If a visitor is missing, or there are not exactly two.

    Examples
    --------
    >>> dates = ["1993", "1995", "2000", "2007"]
    >>> p, method = order_test(pd.DataFrame({"visitor": list("AABB"), "date": dates}))
    >>> round(p, 4), method
    (0.3333, 'exact')
    """
    from scipy.stats import mannwhitneyu

    _check(visits, ["visitor"])
    found = first_days(visits)
    middle = _days(found).sum(axis=0)
    sides = [middle[rows] for rows in found.groupby("visitor", sort=False).indices.values()]
    if len(sides) != 2:
        raise ValueError(f"found {len(sides)} visitors, two are allowed: choose a pair of states")
    tied = len(np.unique(middle)) < len(middle)
    method = "asymptotic" if tied or len(sides[0]) * len(sides[1]) > 10_000 else "exact"
    return float(mannwhitneyu(*sides, method=method).pvalue), method


def _greatest_gaps(earliest: np.ndarray, latest: np.ndarray) -> np.ndarray:
    """Return the greatest distance of neighbors in time, dates free in their bounds.

    The i visits before the gap stand at their earliest days, the others at their latest. A gap
    from u to v is possible if at least i visits may come by u, at most i must come before v, and
    every visit that must come before v may come by u; ``must`` is the latest of those.
    """
    by_latest = np.argsort(latest, kind="stable")
    last = latest[by_latest]
    ends, start, at = np.unique(last, return_index=True, return_inverse=True)
    must = np.concatenate([earliest[:1] - 1, np.maximum.accumulate(earliest[by_latest])])[start]
    begin, top = earliest[:-1], at[1:]
    free = np.minimum(top, np.searchsorted(must, begin, side="right") - 1)
    gaps, choices = ends[free] - begin, np.column_stack([free + 1, top + 1]).ravel()
    held = np.maximum.reduceat(np.append(ends - must, 0), choices)[::2]
    return np.where(free < top, np.maximum(gaps, held), gaps)


def visit_gaps(
    visits: pd.DataFrame, start: object = None, end: object = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the days between each visit and the next: least, mean and greatest.

    Gaps run from first day to first day of visits put in order of time. Bounds are exact, also
    where dates overlap and the order is open; no combination is enumerated.

    Parameters
    ----------
    visits
        One row per visit; column ``date`` and those of ``by``.
    start, end
        Window to which dates are clipped; visits outside are left out.
    by
        Columns within whose combinations gaps are taken, for example ``["visitor", "host"]``.

    Returns
    -------
    DataFrame
        One row per gap: the columns ``by``, ``number`` (from 1, within the combination),
        ``from_date`` and ``to_date`` (as written, by earliest day), ``least``, ``mean`` and
        ``greatest`` (days). ``mean`` is over all days the dates allow, each as likely as the
        next; it is missing where a date overlaps another, so that the order is open
        (``date_combinations`` settles such a case).

    Raises
    ------
    ValueError
        As ``first_days``; also if a column of ``by`` is absent, has a gap, or has the name of a
        column of the result.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2001-01", "2001-03-01"]})
    >>> visit_gaps(table)[["least", "mean", "greatest"]].values.tolist()
    [[29.0, 44.0, 59.0]]
    """
    own = ["number", "from_date", "to_date", "least", "mean", "greatest"]
    found = first_days(visits, start, end)
    found = found.set_axis(_grouped(found, by, own).ngroup()).sort_index(kind="stable")
    earliest, latest = _days(found) + found.index.to_numpy() * _GROUP_APART
    clear = np.maximum.accumulate(latest)[:-1] <= earliest[1:]
    known = clear & np.append(True, clear[:-1]) & np.append(clear[1:], True)
    table = found[[*by]].assign(number=found.groupby(level=0).cumcount())
    table = table.assign(from_date=found["date"].shift(), to_date=found["date"]).iloc[1:]
    table["least"] = np.maximum(0, earliest[1:] - np.sort(latest)[:-1])
    table["mean"] = np.where(known, np.diff(earliest + latest) / 2, np.nan)
    table["greatest"] = _greatest_gaps(earliest, latest)
    return table[table["number"] > 0].reset_index(drop=True)


def count_combinations(visits: pd.DataFrame, start: object = None, end: object = None) -> int:
    """Return how many combinations of first days the dates allow: the product of their days.

    Parameters as for ``first_days``.

    Examples
    --------
    >>> count_combinations(pd.DataFrame({"date": ["1993-01", "1995-11", "2007-09-12"]}))
    930
    """
    sizes, times = np.unique_counts(np.diff(_days(first_days(visits, start, end)), axis=0) + 1)
    return prod(map(pow, sizes.tolist(), times.tolist()))


def date_combinations(
    visits: pd.DataFrame, start: object = None, end: object = None, limit: int = LIMIT
) -> np.ndarray:
    """Return every combination of first days that the dates allow.

    Parameters
    ----------
    visits, start, end
        As for ``first_days``.
    limit
        Most days to list, combinations times visits.

    Returns
    -------
    ndarray of datetime64[D]
        One row per combination, one column per visit that may begin in the window; each row in
        order of time.

    Raises
    ------
    ValueError
        If there are more days than ``limit``.
    """
    low, high = _days(first_days(visits, start, end))
    count = count_combinations(visits, start, end)
    if count * len(low) > limit:
        number = f"{count:,}" if count < 10**15 else f"about 10^{int(log10(count)):,}"
        way = "visit_gaps gives exact bounds at any size, sample_dates draws combinations at random"
        many = f"{number} combinations of {len(low):,} days"
        raise ValueError(f"{many}, over the limit of {limit:,}: {way}")
    sizes = high - low + 1
    runs = np.append(np.cumprod(sizes[:0:-1])[::-1], 1)  # rows for which a visit keeps its day
    days = low + np.arange(count)[:, None] // runs % sizes
    days.sort(axis=1)
    return days.astype("datetime64[D]")


def sample_dates(
    visits: pd.DataFrame, start: object = None, end: object = None, *, size: int, seed: int = 1993
) -> np.ndarray:
    """Return random combinations of first days, each day that a date allows equally likely.

    For tables whose combinations are too many to list (Monte Carlo). Parameters and return as
    for ``date_combinations``; ``size`` rows; the same seed gives the same rows.
    """
    low, high = _days(first_days(visits, start, end))
    days = np.random.default_rng(seed).integers(low, high, (size, len(low)), endpoint=True)
    return np.sort(days, axis=1).astype("datetime64[D]")


def gap_variation(gaps: np.ndarray) -> np.ndarray:
    """Return the coefficient of variation of gaps, ddof = 0, along the last axis.

    Parameters
    ----------
    gaps
        Lengths of gaps; two-dimensional for one result per row.

    Raises
    ------
    ValueError
        If there is no gap, one is no number from 0 up, or all gaps of a row are 0 (every visit on
        the same day).

    Examples
    --------
    >>> round(float(gap_variation(np.array([1, 3]))), 3)
    0.5
    """
    gaps = np.array(gaps, dtype=float, ndmin=1)
    if not ((gaps >= 0) & (gaps < np.inf)).all():
        raise ValueError("a gap is a number of days from 0 up: leave out what is missing")
    if not gaps.shape[-1] or not gaps.sum(axis=-1).all():
        raise ValueError("no gap longer than 0: a coefficient of variation needs two days or more")
    return gaps.std(axis=-1) / gaps.mean(axis=-1)


def open_gap(visits: pd.DataFrame, end: object, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the days from the last visit to the end of a window: the gap still open there.

    Parameters
    ----------
    visits
        One row per visit; column ``date`` and those of ``by``.
    end
        Last day of the window; later visits are left out.
    by
        Columns for whose combinations a gap is given.

    Returns
    -------
    DataFrame
        The columns ``by``, ``least`` and ``greatest`` (days); no row where there is no visit.

    Raises
    ------
    ValueError
        As ``visit_gaps``.
    """
    own = ["least", "greatest"]
    last = _grouped(first_days(visits, end=end), by, own)[["latest", "earliest"]].max()
    gaps = (np.datetime64(as_date(end)) - last.astype("datetime64[s]")) // np.timedelta64(1, "D")
    return gaps.set_axis(["least", "greatest"], axis=1).reset_index(drop=not by)


def visit_trend(visits: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Return Laplace's trend statistic of the visits in every window, with its exact p-value.

    Parameters
    ----------
    visits
        One row per visit; column ``date``.
    windows
        One row per window: ``id``, ``start`` and ``end`` (days).

    Returns
    -------
    DataFrame
        ``window``, ``visits``, ``u`` (each visit in the middle of its possible first days;
        above 0: visits come late), ``low``, ``high`` (all on their earliest, latest days) and
        ``p`` of ``u`` (``poisson.laplace_p``); missing where there is no visit.

    Raises
    ------
    ValueError
        As ``first_days``; also if a window has no length, there is none, or a column is absent.
    """
    rows = []
    for window in _rows(windows):
        found, start = first_days(visits, window.start, window.end), as_date(window.start)
        low, high = _days(found) - np.datetime64(start).astype(int)
        times, length = [(low + high) / 2, low, high], (as_date(window.end) - start).days
        us = [poisson.laplace_u(t, length) if len(t) else np.nan for t in times]
        p = poisson.laplace_p(times[0], length) if len(low) else np.nan
        rows.append((window.id, len(low), *us, p))
    return pd.DataFrame(rows, columns=["window", "visits", "u", "low", "high", "p"])


def alignment(one: Iterable, other: Iterable, first_year: int, last_year: int) -> pd.Series:
    """Return how many calendar years have an event of both lists, against chance.

    If the years of one list are drawn without regard to the other, the number shared is
    hypergeometric.

    Parameters
    ----------
    one, other
        Dates (EDTF) of the events of two lists; several in a year count once.
    first_year, last_year
        Calendar years compared, both included; events outside are left out.

    Returns
    -------
    Series
        ``years`` compared, ``one`` and ``other`` of them with an event of that list, ``shared``
        with both; ``expected`` to be shared by chance; the chance of as many or more,
        ``at_least``, and of as many or fewer, ``at_most``.

    Raises
    ------
    ValueError
        As ``first_days``; also if the last year comes before the first.

    Examples
    --------
    >>> alignment(["2001-05", "2003"], ["2003-01-02"], 2001, 2004)[["shared", "expected"]].tolist()
    [1.0, 0.5]
    """
    from scipy.stats import hypergeom

    watched = set(range(first_year, last_year + 1))
    if not watched:
        raise ValueError(f"no year from {first_year} to {last_year}: swap the two")
    tables = (first_days(pd.DataFrame({"date": list(dates)})) for dates in (one, other))
    sets = [watched & {*table["earliest"].dt.year} for table in tables]
    shared, n = len(sets[0] & sets[1]), (last_year - first_year + 1, *map(len, sets))
    chances = hypergeom.sf(shared - 1, *n), hypergeom.cdf(shared, *n)
    names = ["years", "one", "other", "shared", "expected", "at_least", "at_most"]
    return pd.Series([*n, shared, n[1] * n[2] / n[0], *chances], index=names)


def spells_at(visits: pd.DataFrame, spells: pd.DataFrame, of: str) -> pd.DataFrame:
    """Return the spells (a capital's name, an office held) that may hold when a visit begins.

    Parameters
    ----------
    visits
        One row per visit; column ``date`` and the one named by ``of``.
    spells
        One row per spell: ``state``, ``start`` and ``end`` (EDTF; the end is the first day it no
        longer holds, missing while it holds).
    of
        Column of visits with the state whose spells are meant, ``visitor`` or ``host``.

    Returns
    -------
    DataFrame
        One row per visit and spell that may hold, by time: the columns of both (``_spell`` ends
        those of spells that visits have too) and ``certain``, whether it holds on every day that
        the dates leave open.

    Raises
    ------
    ValueError
        As ``first_days``; also if a column is absent, or a visit has no state.
    """
    _check(visits, [of])
    _need(spells, ["state", "start", "end"])
    found = first_days(visits)
    pairs = found.merge(spells, left_on=of, right_on="state", suffixes=("", "_spell"))
    start, end = day_bounds(pairs["start"]), day_bounds(pairs["end"].fillna(FOREVER))
    may = (start["earliest"] <= pairs["latest"]) & (pairs["earliest"] < end["latest"])
    must = (start["latest"] <= pairs["earliest"]) & (pairs["latest"] < end["earliest"])
    return pairs.assign(certain=must)[may].reset_index(drop=True)
