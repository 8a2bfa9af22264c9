"""How often, in which direction and how far apart: visits with imprecise dates in a window.

Every function takes a table of visits with the columns ``visitor``, ``host`` and ``date`` (an
EDTF text; days as ``date`` or time stamps work too), whoever visits whom and however many. The
unit of observation is one visit; it counts on its **first day**. An interval is a duration: a
visit dated ``2007-09-12/2007-09-13`` counts on 12 September, one dated ``1995-11`` on some day of
November 1995, one dated ``2007/..`` on some day of 2007. A window runs from one day to another,
both included; a date that only partly lies in it is clipped to it. Where a date leaves several
days open, results have bounds over all of them, beside what stands for the middles.

A date with a qualifier (``1984?``) is refused unless ``doubt`` says by how many days it may be
off, either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from relations_lib import poisson
from relations_lib._sums import rank_law
from relations_lib.dates import (
    DAYS_A_YEAR,
    as_date,
    gap_bounds,
    start_bounds,
    window_days,
)
from relations_lib.tables import require_codes

LIMIT = 10_000_000


class OrderTest(NamedTuple):
    """A p-value, its bounds over all orders that the dates allow, and how it was computed."""

    p: float
    low: float
    high: float
    method: str


def _days(found: pd.DataFrame) -> np.ndarray:
    """Return earliest and latest first days (two rows) as whole numbers."""
    days = found[["earliest", "latest"]].to_numpy().astype("datetime64[D]")
    return days.astype(np.int64).T


def _check(table: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise a ValueError unless the table has the columns, and in every row a value of each."""
    for name in columns:
        if name not in table:
            raise ValueError(f"no column {name}: found {', '.join(map(str, table))}")
        rows = table.index[table[name].isna()]
        count = len(rows)
        if count:
            found = f"row {rows[0]} has no {name} ({count} in all)"
            raise ValueError(f"{found}: leave it out and say so")


def first_days(
    visits: pd.DataFrame, start: object = None, end: object = None, doubt: int | None = None
) -> pd.DataFrame:
    """Return the visits that may begin in a window, with the days on which they may begin.

    Parameters
    ----------
    visits
        One row per visit; column ``date``. Other columns are kept.
    start, end
        First and last day of the window; without one, the window is open on that side.
    doubt
        Days by which a date with a qualifier may be off, either way.

    Returns
    -------
    DataFrame
        The visits that may begin in the window, by earliest, then latest day, with the columns
        ``earliest`` and ``latest`` (possible first days, clipped to the window) and ``straddles``
        (whether the date also allows a day outside). The window's start bounds a date that has
        no bound there (``../1995``), which then straddles.

    Raises
    ------
    ValueError
        If a date is missing, is no EDTF date, has a qualifier while no doubt is given, or no
        bound at its start while the window has none, or the window ends before it starts.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["1993-01", "2007-09-12/2007-09-13"]})
    >>> first_days(table, start="1993-01-07")["earliest"].dt.day.tolist()
    [7, 12]
    """
    _check(visits, ["date"])
    low = high = window = None
    if end is not None:
        high = pd.Timestamp(as_date(end))
    if start is not None:
        low = pd.Timestamp(as_date(start))
        window = (date.min, None)  # a start without a bound reaches back beyond the window
    if low and high and high < low:
        raise ValueError(f"the window ends on {end}, before it starts on {start}: swap the two")
    days = start_bounds(visits["date"].astype(object), window, doubt)
    clipped = days.clip(low, high)
    begins_in_time = days["earliest"] <= clipped["latest"]
    inside = begins_in_time & (days["latest"] >= clipped["earliest"])
    straddles = (clipped != days).any(axis=1)
    found = visits.assign(**clipped, straddles=straddles)[inside]
    return found.sort_values(["earliest", "latest"], kind="stable")


def visit_rate(
    visits: pd.DataFrame,
    windows: pd.DataFrame,
    by: Sequence[str] = (),
    doubt: int | None = None,
) -> pd.DataFrame:
    """Return visits per year in every window, with the exact central Poisson interval.

    The interval (Garwood 1936) holds if visits come independently at a constant rate and the
    table lists all that began in the window.

    Parameters
    ----------
    visits
        One row per visit; column ``date`` and those of ``by``.
    windows
        One row per window: ``id``, ``start`` and ``end`` (days, both in the window).
    by
        Columns that split the visits, for example ``["visitor", "host"]``; every combination in
        the table has a row in every window, 0 visits included.
    doubt
        As for ``first_days``.

    Returns
    -------
    DataFrame
        ``window``, the columns ``by``, ``years`` (days / 365.25), ``certain`` (visits that begin
        in the window whatever the day) and ``visits`` (those that may, the most there can be);
        ``rate``, ``low`` and ``high`` (per year) of ``visits``.

    Raises
    ------
    ValueError
        As ``first_days``; if there is no window, a column is
        absent, or one of ``by`` has a gap, a value written in two ways or the name of a column
        that is made here.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2001", "2003-05", "2004-02-01", "2009"]})
    >>> window = pd.DataFrame({"id": ["w"], "start": ["2000-01-01"], "end": ["2008-12-31"]})
    >>> visit_rate(table, window).round(3)[["visits", "rate", "low", "high"]].values.tolist()
    [[3.0, 0.333, 0.069, 0.974]]
    """
    own = ["years", "certain", "visits", "rate", "low", "high"]
    reserved = ["window", "earliest", "latest", "straddles", *own]
    if taken := [name for name in by if name in reserved]:
        raise ValueError(f"the result has a column {taken[0]} of its own: rename that of visits")
    _check(windows, ["id", "start", "end"])
    if windows.empty:
        raise ValueError("there is no window: give a row with id, start and end")
    groups: Any = [0]
    if by:
        _check(visits, by)
        for name in by:
            require_codes(visits[name])
        groups = visits.groupby([*by]).size().index
    parts = []
    for window in windows.itertuples():
        found = first_days(visits, window.start, window.end, doubt)
        found["certain"] = ~found["straddles"]
        inside = found.groupby([*by] or np.zeros(len(found)))["certain"]
        counts = inside.agg(certain="sum", visits="size").reindex(groups, fill_value=0)
        years = window_days(window.start, window.end) / DAYS_A_YEAR
        parts.append(counts.reset_index().assign(window=window.id, years=years))
    table = pd.concat(parts, ignore_index=True)
    count, years = table["visits"], table["years"]
    low, high = poisson.garwood(count, years)
    table = table.assign(rate=count / years, low=low, high=high)
    return table[["window", *by, *own]]


def direction_tests(visits: pd.DataFrame) -> pd.DataFrame:
    """Return for every pair of states whether one visits more than the other.

    The two rates are compared as ``poisson.rate_ratio`` does, over the same time. Dates play no
    part.

    Parameters
    ----------
    visits
        One row per visit; columns ``visitor``, ``host``.

    Returns
    -------
    DataFrame
        One row per pair, most visits first: ``one`` (visitor of the pair's first row),
        ``other``, ``there`` (visits of one to other), ``back``, ``ratio`` (there / back, infinite
        if none came back), ``low``, ``high`` (95%), ``p`` (exact, two-sided, at one half) and
        ``smallest_p`` (what all visits in one direction would give: the least that this number
        of visits can).

    Raises
    ------
    ValueError
        If a column or a value in it is missing, or a state is written in two ways or visits
        itself.

    Examples
    --------
    >>> table = pd.DataFrame({"visitor": list("AAB"), "host": list("BBA")})
    >>> direction_tests(table)[["one", "there", "back", "p", "smallest_p"]].values.tolist()
    [['A', 2, 1, 1.0, 0.25]]
    """
    _check(visits, ["visitor", "host"])
    visits = visits.astype({"visitor": object, "host": object})
    states = pd.concat([visits["visitor"], visits["host"]])
    require_codes(states.rename("state"))
    at_home = visits["visitor"] == visits["host"]
    for row, state in visits.loc[at_home, "host"].items():
        raise ValueError(f"row {row}: {state} visits itself: name two states")
    counts = Counter(zip(visits["visitor"], visits["host"], strict=True))
    rows = {}
    for (one, other), there in counts.items():
        if (other, one) in rows:
            continue
        back = counts[other, one]
        ratio = poisson.rate_ratio(there, 1, back, 1)
        smallest_p = max(0.5 ** (there + back - 1), poisson.TINY)
        rows[one, other] = (one, other, there, back, *ratio, smallest_p)
    names = ["one", "other", "there", "back", *poisson.RateRatio._fields, "smallest_p"]
    table = pd.DataFrame(rows.values(), columns=names)
    order = (table["there"] + table["back"]).sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _wins(one: np.ndarray, other: np.ndarray, ties: Literal["left", "right"]) -> int:
    """Return how many pairs have the first of them later, ties left out or (right) counted."""
    return int(np.searchsorted(np.sort(other), one, side=ties).sum())


def order_test(visits: pd.DataFrame, doubt: int | None = None) -> OrderTest:
    """Return the p-value of direction against time order, with its bounds over all orders.

    Mann and Whitney's two-sided test: do the visits of one state come earlier than those of the
    other? Where dates are imprecise, or two visits begin on one day, several orders are possible.

    Parameters
    ----------
    visits
        One row per visit of exactly two visitors; columns ``visitor``, ``date``.
    doubt
        As for ``first_days``.

    Returns
    -------
    OrderTest
        ``p`` with every visit at the middle of its possible first days, ``low`` and ``high``
        (least and greatest p over all orders that the dates allow), and ``method``: ``exact`` up
        to some 270 visits on each side, ``asymptotic: normal`` beyond. An exact p that floating
        point cannot hold is given as 2.2e-308, an asymptotic one below 1e-8 as that.

    Raises
    ------
    ValueError
        As ``first_days``; also if a visitor is missing or written in two ways, or there are not
        exactly two.

    Examples
    --------
    >>> dates = ["1993", "1995", "1995-06", "2007"]
    >>> test = order_test(pd.DataFrame({"visitor": list("AABB"), "date": dates}))
    >>> [round(value, 4) for value in test[:3]], test.method
    ([0.6667, 0.3333, 0.6667], 'exact')
    """
    _check(visits, ["visitor"])
    require_codes(visits["visitor"])
    found = first_days(visits, doubt=doubt)
    sides = [_days(rows) for _, rows in found.groupby("visitor", sort=False)]
    if len(sides) != 2:
        visitors = "1 visitor" if len(sides) == 1 else f"{len(sides)} visitors"
        raise ValueError(f"found {visitors}, two are allowed: choose a pair of states")
    (early, late), (other_early, other_late) = sides
    middle, other_middle = early + late, other_early + other_late
    beyond = _wins(middle, other_middle, "left")
    tied = _wins(middle, other_middle, "right") - beyond
    least = _wins(early, other_late, "left")
    most = _wins(late, other_early, "right")
    one, other = len(early), len(other_early)
    law = rank_law(one, one + other)
    low, high = law.over(least, most)
    half = tied // 2
    p = max(law.at(beyond + half), law.at(beyond + tied - half))
    return OrderTest(p, low, high, law.method)


def visit_gaps(
    visits: pd.DataFrame, start: object = None, end: object = None, doubt: int | None = None
) -> pd.DataFrame:
    """Return the days between each visit and the next: least, mean and greatest.

    Gaps run from first day to first day of visits put in order of time. Bounds are exact, also
    where dates overlap and the order is open (``dates.gap_bounds``). Of several pairs of states,
    each has its own gaps: ``{pair: visit_gaps(rows) for pair, rows in
    visits.groupby(["visitor", "host"])}``.

    Parameters
    ----------
    visits
        One row per visit; column ``date``.
    start, end
        Window to which dates are clipped; visits outside are left out.
    doubt
        As for ``first_days``.

    Returns
    -------
    DataFrame
        One row per gap: ``number`` (from 1), ``from_date`` and ``to_date`` (as written, by
        earliest day), ``least``, ``mean`` and ``greatest`` (days). ``mean`` is over all days the
        dates allow, each as likely as the next; it is missing where a date overlaps another, so
        that the order is open (``date_combinations`` settles such a case). Bounds are those of one
        gap: the longest of several can't always be as short as the greatest ``least``.

    Raises
    ------
    ValueError
        As ``first_days``.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2001-01", "2001-03-01"]})
    >>> visit_gaps(table)[["least", "mean", "greatest"]].values.tolist()
    [[29.0, 44.0, 59.0]]
    """
    found = first_days(visits, start, end, doubt)
    earliest, latest = _days(found)
    last_so_far = np.maximum.accumulate(latest)
    clear = last_so_far[:-1] <= earliest[1:]
    all_clear = np.concatenate([[True], clear, [True]])
    known = all_clear[:-2] & clear & all_clear[2:]
    least, greatest = gap_bounds(earliest, latest)
    mean = np.diff(earliest + latest) / 2
    dates = found["date"].to_numpy()
    return pd.DataFrame(
        {
            "number": np.arange(len(least)) + 1,
            "from_date": dates[:-1],
            "to_date": dates[1:],
            "least": least,
            "mean": np.where(known, mean, np.nan),
            "greatest": greatest,
        }
    )


def date_combinations(
    visits: pd.DataFrame, start: object = None, end: object = None, doubt: int | None = None
) -> np.ndarray:
    """Return every combination of first days that the dates allow.

    Parameters
    ----------
    visits, start, end, doubt
        As for ``first_days``.

    Returns
    -------
    ndarray of datetime64[D]
        One row per combination, one column per visit that may begin in the window; each row in
        order of time.

    Raises
    ------
    ValueError
        As ``first_days``; also if combinations times visits are more than 10 million days.

    Examples
    --------
    >>> len(date_combinations(pd.DataFrame({"date": ["1993-01", "1995-11", "2007-09-12"]})))
    930
    """
    low, high = _days(first_days(visits, start, end, doubt))
    sizes = high - low + 1
    power = np.log10(sizes).sum()
    if power + np.log10(max(len(sizes), 1)) > np.log10(LIMIT):
        many = f"about 10^{power:,.1f} combinations of {len(sizes):,} days"
        raise ValueError(f"{many} are over {LIMIT:,}: visit_gaps gives exact bounds at any size")
    count = sizes.prod()
    after = np.append(sizes[1:], 1)
    runs = np.cumprod(after[::-1])[::-1]  # rows for which a visit keeps its day
    rows = np.arange(count)[:, None]
    days = low + rows // runs % sizes
    days.sort(axis=1)
    return days.astype("datetime64[D]")


def open_gap(visits: pd.DataFrame, end: object, doubt: int | None = None) -> tuple[int, int]:
    """Return the days from the last visit to the end of a window: the gap still open there.

    Several pairs of states: one call for the rows of each, as for ``visit_gaps``.

    Parameters
    ----------
    visits
        One row per visit; column ``date``.
    end
        Last day of the window; later visits are left out.
    doubt
        As for ``first_days``.

    Returns
    -------
    tuple
        Least and greatest number of days, the last visit's first day not counted and the window's
        last day counted.

    Raises
    ------
    ValueError
        As ``first_days``; also if no visit begins by then.
    """
    found = first_days(visits, end=end, doubt=doubt)
    if found.empty:
        raise ValueError(f"no visit begins by {end}, so no gap is open: give visits or a later end")
    earliest, latest = _days(found)
    closing = np.datetime64(as_date(end)).astype(int)
    return int(closing - latest.max()), int(closing - earliest.max())
