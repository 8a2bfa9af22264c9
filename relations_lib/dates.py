"""Imprecise dates as intervals of days.

A date is written as an EDTF text exactly as precise as its source: ``1993-01-07``, ``1995-11``,
``1998``, ``199X``, or an interval, ``2007-09-12/2007-09-13``. Nothing here ever invents a day: a
date becomes the earliest and the latest day it allows. Read is level 0 of EDTF (a date with a
time is read as its day, as written there) and of level 1 what has exact bounds. A side of an
interval that is open (``1998/..``) or unknown (``1998/``) has no bound of its own, and a
qualified date (``1984?``, ``1984~``, ``1984%``) none that is exact: ``parse`` keeps them,
computations refuse them unless the caller gives a window, or says how wide a doubt is.

An interval is read in one of two ways, which the schema says for each column: as a *duration*,
of which ``start_bounds`` gives the first day, or as *some day within*, which ``day_bounds`` gives.

Source: Library of Congress, Extended Date/Time Format (EDTF) Specification (2019).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

FORMS = "YYYY, YYYY-MM, YYYY-MM-DD, 199X, 1999-XX, or two of these joined by '/' (earlier first)"
_DOUBT = (
    "give doubt, the days that it may be off either way, to a function that takes it, or as "
    '"doubt" of the resource in datapackage.json'
)
DAYS_A_YEAR = 365.25
_SHAPES = {  # every digit written as 9
    "99XX": "century",
    "999X": "decade",
    "9999": "year",
    "9999-XX": "year",
    "9999-XX-XX": "year",
    "9999-99": "month",
    "9999-99-XX": "month",
    "9999-99-99": "day",
}
_UNBOUNDED = {"..": "open", "": "unknown"}
_CLOCK = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_ZONE = r"(?:Z|(?!-00)[+-](?:0\d|1[0-3])(?::[0-5]\d)?|\+14(?::00)?)?"
_TIMED = re.compile(r"(\d{4}-\d\d-\d\d)" + _CLOCK + _ZONE, re.ASCII)
_SEASON = r"\d{4}-(2[1-9]|3\d|4[01])(?!\d)"
_REFUSED = {
    r"[\[{]": "a set of dates (EDTF level 2): write what holds them all, such as 199X, and the "
    "set in a note (an interval is a duration)",
    r"-\d|Y-?\d": "a year outside 0001 to 9999, or not in four digits without sign and Y",
    r".*[\dX]T\d": "a time is that of a whole day, hh:mm:ss with nothing, Z or +04:30 behind it",
    _SEASON: "months 21 to 41 are seasons, quarters and the like: write the year, and the season "
    "in a note (an interval is a duration)",
    r"[\dX-]*[?~%].": "one qualifier stands at the end of a date: those of its parts are level 2",
    r".*\dS\d+$": "significant digits (EDTF level 2): write the interval meant",
    r"[\dX-]*X[\dX-]*[?~%]?$": "left open may be 199X, 19XX, 1999-XX, 1999-01-XX, 1999-XX-XX; "
    "others are level 2 or no date",
}

Window = tuple[Any, Any]


class Doubtful(str):
    """The text of a qualified date that brings the days by which it may be off, either way.

    Where a function is given a doubt of its own, that counts.

    Examples
    --------
    >>> bounds(Doubtful("1984?", 10))
    (datetime.date(1983, 12, 22), datetime.date(1985, 1, 10))
    """

    doubt: int | None

    def __new__(cls, text: str, doubt: int | None = None) -> Doubtful:
        """Return the text with its doubt in days."""
        made = super().__new__(cls, text)
        made.doubt = doubt
        return made


class Part(NamedTuple):
    """One date, or one side of an interval: its days, precision and qualifier.

    ``precision`` is ``day``, ``month``, ``year``, ``decade`` or ``century``; of a side without a
    date ``open`` or ``unknown``, and then every day of the calendar is allowed. ``flag`` is
    ``?`` (uncertain), ``~`` (approximate), ``%`` (both) or empty; the days are those written.
    """

    earliest: date
    latest: date
    precision: str
    flag: str


def _reason(text: str) -> str:
    """Return why a text is not read as a date."""
    for pattern, reason in _REFUSED.items():
        if re.match(pattern, text):
            return reason
    return f"not an EDTF date: use {FORMS}"


def _first_day(year: int, month: int = 1, day: int = 1) -> date:
    return date(year, month, day)


def _last_day(year: int, month: int = 12, day: int | None = None) -> date:
    return date(year, month, day or monthrange(year, month)[1])


def _part(text: str) -> Part:
    """Return the days, precision and qualifier of one date."""
    written = text.rstrip("?~%")
    flag = text[len(written) :]
    precision = _SHAPES.get(re.sub("[0-9]", "9", written))
    if precision is None or len(flag) > 1 or re.match(_SEASON, text):
        raise ValueError(_reason(text))
    shortened = written.replace("-XX", "")
    low = map(int, shortened.replace("X", "0").split("-"))
    high = map(int, shortened.replace("X", "9").split("-"))
    try:
        return Part(_first_day(*low), _last_day(*high), precision, flag)
    except ValueError:
        raise ValueError(f"not in the calendar: use {FORMS}") from None


def _unbounded(part: Part) -> bool:
    return part.precision in _UNBOUNDED.values()


def _side(text: str) -> Part:
    """Return one side of an interval."""
    if text in _UNBOUNDED:
        return Part(date.min, date.max, _UNBOUNDED[text], "")
    return _part(text)


def _parts(edtf: str) -> tuple[Part, ...]:
    if not isinstance(edtf, str):
        raise ValueError(f"not a text: use {FORMS}")
    if "/" not in edtf:
        timed = _TIMED.fullmatch(edtf)
        return (_part(timed[1] if timed else edtf),)
    sides = edtf.split("/")
    if len(sides) > 2:
        raise ValueError(f"more than two dates: use {FORMS}")
    start, end = map(_side, sides)
    if _unbounded(start) and _unbounded(end):
        raise ValueError("no bound on either side: leave the cell empty")
    if end.latest < start.earliest:
        raise ValueError(f"ends before it begins: use {FORMS}")
    return start, end


@lru_cache(maxsize=65536)
def parse(edtf: str) -> tuple[Part, ...]:
    """Return the parts of an EDTF date: one, or the two sides of an interval.

    Raises
    ------
    ValueError
        If it is no text, not read (see the module), not in the calendar, an interval that ends
        before it begins, or one without a bound.

    Examples
    --------
    >>> [(part.precision, part.flag) for part in parse("1984~/..")]
    [('year', '~'), ('open', '')]
    """
    try:
        return _parts(edtf)
    except ValueError as error:
        raise ValueError(f"{edtf!r} is no date: {error}") from None


def _shifted(day: date, days: int) -> date:
    """Return a day so many days later, kept within the calendar."""
    number = day.toordinal() + days
    within = min(max(number, 1), date.max.toordinal())
    return date.fromordinal(within)


def _widened(edtf: str, doubt_days: int | None) -> tuple[Part, ...]:
    """Return the parts of a date, qualified ones wider by so many days either way."""
    parts = parse(edtf)
    flags = "".join(part.flag for part in parts)
    if not flags:
        return parts
    if doubt_days is None:
        doubt_days = getattr(edtf, "doubt", None)
    if doubt_days is not None and (doubt_days < 0 or doubt_days % 1):
        raise ValueError(f"doubt is {doubt_days}: give a whole number of days, from 0 up")
    if doubt_days is None:
        found = f"{edtf!r} has no exact bounds: it is qualified by {flags}"
        raise ValueError(f"{found}: {_DOUBT}, or write what is meant")
    wider = []
    for part in parts:
        if part.flag:
            earliest = _shifted(part.earliest, -doubt_days)
            part = part._replace(earliest=earliest, latest=_shifted(part.latest, doubt_days))
        wider.append(part)
    return tuple(wider)


def _limit(edtf: str, part: Part, window: Window | None, last: bool) -> date:
    """Return the first or the last day of a side, that of the window where it has no bound."""
    if not _unbounded(part):
        return part.latest if last else part.earliest
    day = window[last] if window else None
    if day is None:
        found = f"{edtf!r} has no bound at its {'end' if last else 'start'}"
        raise ValueError(f"{found} ({part.precision}): give a window, or write the bound")
    return as_date(day)


def _start(edtf: str, window: Window | None, doubt: int | None) -> tuple[date, date]:
    """Return the earliest and the latest day on which a duration may begin."""
    parts = _widened(edtf, doubt)
    earliest = _limit(edtf, parts[0], window, last=False)
    latest = min(part.latest for part in parts)
    return min(earliest, latest), latest


def bounds(edtf: str, window: Window | None = None, doubt: int | None = None) -> tuple[date, date]:
    """Return the earliest and the latest day that an EDTF date allows.

    Parameters
    ----------
    edtf
        A date or an interval, which runs from the earliest day of its first part to the latest
        day of its second.
    window
        First and last day of a window; they bound the open and unknown sides of intervals, but
        never beyond the other side.
    doubt
        Days by which a qualified date may be off, either way.

    Raises
    ------
    ValueError
        As ``parse``; also if a date is qualified and no doubt given, or a side has no bound and
        no window is given.

    Examples
    --------
    >>> bounds("1995-11")
    (datetime.date(1995, 11, 1), datetime.date(1995, 11, 30))
    >>> bounds("199X/..", window=("1993-01-07", "2013-12-31"))
    (datetime.date(1990, 1, 1), datetime.date(2013, 12, 31))
    """
    parts = _widened(edtf, doubt)
    start, end = parts[0], parts[-1]
    earliest = _limit(edtf, start, window, last=False)
    latest = _limit(edtf, end, window, last=True)
    return min(earliest, end.latest), max(latest, start.earliest)


def precision(edtf: str) -> str:
    """Return how precise a date is: ``day``, ``month``, ``year``, ``decade``, ``century``.

    Two dates joined are an ``interval``, a ``day`` if both are the same day.

    Raises
    ------
    ValueError
        As ``parse``.

    Examples
    --------
    >>> [precision(text) for text in ("1993-01-07", "1995-11", "1998", "199X", "1998/2001")]
    ['day', 'month', 'year', 'decade', 'interval']
    """
    start, *rest = parse(edtf)
    if not rest:
        return start.precision
    same_day = start.precision == "day" and start == rest[0]
    return "day" if same_day else "interval"


def edtf_text(value: object) -> str:
    """Return the EDTF text of a value: text as it is, a whole number a year, a time stamp its day.

    Raises
    ------
    ValueError
        If the value is of another kind, or missing.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Integral):
        return str(value)
    if isinstance(value, date | np.datetime64):
        return str(value)[:10]
    if isinstance(value, Real) and float(value).is_integer():
        remedy = 'convert the column with astype("Int64"), or read it as text'
        raise ValueError(f"{value!r} is no date: a year is a whole number, not a float: {remedy}")
    raise ValueError(f"{value!r} is no date: not an EDTF date: use {FORMS}")


def as_date(value: object) -> date:
    """Return one day from an ISO day, a ``date``, a ``datetime`` or a ``Timestamp``.

    Raises
    ------
    ValueError
        If the value is missing, a number, or less precise than a day.
    """
    if not isinstance(value, Real):
        first, last = bounds(edtf_text(value))
        if first == last:
            return first
    raise ValueError(f"{value!r} is not one day: give YYYY-MM-DD")


def _table(values: Iterable[object], limits: Callable[[str], tuple[date, date]]) -> pd.DataFrame:
    """Return the two days that a function finds for each value; each distinct one is read once."""
    cells = list(values)
    series = values if isinstance(values, pd.Series) else pd.Series(cells, dtype=object)
    known = np.flatnonzero(series.notna())
    read: dict[str, tuple[date, date]] = {}
    found = []
    for place in known:
        try:
            text = edtf_text(cells[place])
            if text not in read:
                read[text] = limits(text)
        except ValueError as error:
            raise ValueError(f"row {series.index[place]}: {error}") from None
        found.append(read[text])
    table = np.full((len(cells), 2), "NaT", dtype="datetime64[s]")
    if found:
        table[known] = found
    return pd.DataFrame(table, index=series.index, columns=["earliest", "latest"])


def day_bounds(
    values: Iterable[object], window: Window | None = None, doubt: int | None = None
) -> pd.DataFrame:
    """Return the earliest and the latest day of every date, an interval read as some day within.

    Parameters
    ----------
    values
        EDTF texts, whole numbers (years), dates or time stamps; missing values stay missing.
    window, doubt
        As for ``bounds``.

    Returns
    -------
    DataFrame
        Columns ``earliest`` and ``latest`` (``datetime64``), one row per value, the index of a
        Series kept.

    Raises
    ------
    ValueError
        At the first value that ``bounds`` refuses, naming its place and the value.
    """
    return _table(values, lambda text: bounds(text, window, doubt))


def start_bounds(
    values: Iterable[object], window: Window | None = None, doubt: int | None = None
) -> pd.DataFrame:
    """Return the earliest and the latest first day of every date, an interval read as a duration.

    A duration begins on a day of its first part, and no later than its last day; an end that is
    open or unknown does not matter, a start that is so is bounded by the window. Parameters,
    return and errors as for ``day_bounds``.

    Examples
    --------
    >>> start_bounds(["2007-09-12/2007-09-13", "1995/1995-03"])["latest"].dt.date.tolist()
    [datetime.date(2007, 9, 12), datetime.date(1995, 3, 31)]
    """
    return _table(values, lambda text: _start(text, window, doubt))


def gap_bounds(earliest: np.ndarray, latest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest gap between each event and the next, dates imprecise.

    Bounds are exact over all datings, and over all orders where dates overlap: gap i lies
    between the i-th and the next event in the order of time that a dating gives.

    Parameters
    ----------
    earliest, latest
        Numbers (days, months or years of any origin) between which each event lies, in any order.

    Returns
    -------
    tuple
        Least and greatest length of the gaps, one fewer than events.

    Raises
    ------
    ValueError
        If there are not as many latest as earliest numbers, or one has no end or ends before it
        begins.

    Examples
    --------
    >>> [gaps.tolist() for gaps in gap_bounds(np.array([1, 5, 7]), np.array([3, 9, 7]))]
    [[2, 0], [6, 2]]
    """
    if np.shape(earliest) != np.shape(latest) or not np.all(np.less_equal(earliest, latest)):
        raise ValueError("an event lies between an earliest and a later number: give both")
    first = np.sort(earliest)
    by_latest = np.argsort(latest, kind="stable")
    last = np.asarray(latest)[by_latest]
    least = np.maximum(first[1:] - last[:-1], 0)
    if len(first) < 2:
        return least, least
    # With the k events of the least latest dates before a gap that ends at last[k], it begins at
    # the later of begin (the others before it stand at their earliest) and forced[k].
    runs = np.maximum.accumulate(np.asarray(earliest)[by_latest])
    forced = np.concatenate([first[:1], runs[:-1]])
    begin = first[:-1]
    number = np.arange(1, len(first))
    free = np.minimum(np.searchsorted(forced, begin, side="right") - 1, number)
    greatest = last[free] - begin
    ranges = np.column_stack([free + 1, number + 1])
    lengths = np.append(last - forced, 0)
    held = np.maximum.reduceat(lengths, ranges.ravel())[::2]
    return least, np.maximum(greatest, np.where(free < number, held, 0))


def window_days(start: object, end: object) -> int:
    """Return the days of a window; its first and its last day belong to it.

    Raises
    ------
    ValueError
        If the window ends before it starts, or one of the two is not a day.

    Examples
    --------
    >>> window_days("2001-01-01", "2001-01-31")
    31
    """
    days = (as_date(end) - as_date(start)).days + 1
    if days < 1:
        raise ValueError(f"the window ends on {end}, before it starts on {start}: swap the two")
    return days


def years_between(start: object, end: object) -> float:
    """Return the time from one day to another in years of 365.25 days.

    A window from one to the other is a day longer: ``window_days(start, end) / 365.25`` years.

    Examples
    --------
    >>> years_between("2001-01-01", "2005-01-01")
    4.0
    """
    return (as_date(end) - as_date(start)).days / DAYS_A_YEAR
