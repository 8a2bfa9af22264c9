"""Imprecise dates as intervals of days.

A date is written as an EDTF level 0 string exactly as precise as its source: ``1993-01-07``,
``1995-11``, ``1998``, or an interval of two of these, ``2007-09-12/2007-09-13``. Nothing here
ever invents a day: a date becomes its earliest and its latest possible day.

Source: Library of Congress, Extended Date/Time Format (EDTF) Specification, level 0 (2019).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
import pandas as pd

FORMS = "YYYY, YYYY-MM, YYYY-MM-DD, or two of these joined by '/' (earlier first)"
_PART = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _part_bounds(text: str) -> tuple[date, date]:
    match = _PART.fullmatch(text)
    if not match or not text.isascii():
        raise ValueError(f"not an EDTF date: use {FORMS}")
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise ValueError(f"not in the calendar ({error}): use {FORMS}") from None
    if day:
        return first, first
    last_month = int(month or 12)
    return first, date(int(year), last_month, monthrange(int(year), last_month)[1])


@lru_cache(maxsize=65536)
def bounds(edtf: str) -> tuple[date, date]:
    """Return the earliest and the latest day that an EDTF date allows.

    Parameters
    ----------
    edtf
        An EDTF level 0 date or interval. An interval runs from the earliest day of its first
        part to the latest day of its second.

    Raises
    ------
    ValueError
        If it is no text, no such date, names no day of the calendar, or runs backwards.

    Examples
    --------
    >>> bounds("1995-11")
    (datetime.date(1995, 11, 1), datetime.date(1995, 11, 30))
    >>> bounds("2007-09-12/2007-09-13")
    (datetime.date(2007, 9, 12), datetime.date(2007, 9, 13))
    """
    try:
        if not isinstance(edtf, str):
            raise ValueError(f"not a text: use {FORMS}")
        (first, first_end), *rest = map(_part_bounds, edtf.split("/"))
        if not rest:
            return first, first_end
        if len(rest) > 1:
            raise ValueError(f"more than two dates: use {FORMS}")
        if rest[0][0] < first or rest[0][1] < first_end:
            raise ValueError(f"runs backwards: use {FORMS}")
    except ValueError as error:
        raise ValueError(f"{edtf!r} is no date: {error}") from None
    return first, rest[0][1]


def precision(edtf: str) -> str:
    """Return how precise an EDTF date is: ``day``, ``month``, ``year`` or ``interval``.

    Raises
    ------
    ValueError
        As ``bounds``.

    Examples
    --------
    >>> [precision(text) for text in ("1993-01-07", "1995-11", "1998", "1998/2001")]
    ['day', 'month', 'year', 'interval']
    """
    first, last = bounds(edtf)
    if "/" in edtf:
        return "day" if first == last else "interval"
    return {4: "year", 7: "month", 10: "day"}[len(edtf)]


def edtf_text(value: object) -> str:
    """Return the EDTF text of a value: text as it is, a whole number a year, a time stamp its day.

    Raises
    ------
    ValueError
        If the value is of another kind, or missing.
    """
    if isinstance(value, str | Integral):
        return str(value)
    if isinstance(value, date | np.datetime64):
        return str(value)[:10]
    raise ValueError(f"{value!r} is no date: not an EDTF date: use {FORMS}")


def as_date(value: object) -> date:
    """Return one day from an ISO day, a ``date``, a ``datetime`` or a ``Timestamp``.

    Raises
    ------
    ValueError
        If the value is missing, a number, or less precise than a day.
    """
    if isinstance(value, Real) or len({*bounds(edtf_text(value))}) > 1:
        raise ValueError(f"{value!r} is not one day: give YYYY-MM-DD")
    return bounds(edtf_text(value))[0]


def day_bounds(values: Iterable[object]) -> pd.DataFrame:
    """Return the earliest and the latest day of every date.

    Parameters
    ----------
    values
        EDTF texts, whole numbers (years), dates or time stamps; missing values stay missing.
        Each distinct value is parsed once.

    Returns
    -------
    DataFrame
        Columns ``earliest`` and ``latest`` (``datetime64``), one row per value, the index of a
        Series kept.

    Raises
    ------
    ValueError
        At the first value that is no EDTF date, naming its place and the value.
    """
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    try:
        codes, distinct = pd.factorize(series)
    except TypeError:  # a list stands in a cell
        plain = series.map(lambda v: v if isinstance(v, date) else str(v), na_action="ignore")
        codes, distinct = pd.factorize(plain)
    table = np.full((len(distinct) + 1, 2), "NaT", dtype="datetime64[s]")
    for place, value in enumerate(distinct):
        try:
            table[place] = bounds(edtf_text(value))
        except ValueError as error:
            row = series.index[int(np.argmax(codes == place))]
            raise ValueError(f"row {row}: {error}") from None
    return pd.DataFrame(table[codes], index=series.index, columns=["earliest", "latest"])


def years_between(start: object, end: object) -> float:
    """Return the length of a window in years of 365.25 days, ``(end - start).days / 365.25``.

    Examples
    --------
    >>> round(years_between("1993-01-07", "2013-12-31"), 4)
    20.9802
    """
    return (as_date(end) - as_date(start)).days / 365.25
