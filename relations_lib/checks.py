"""The page held against other sources: numbered events, words that held for a time, visits.

Nothing here decides who is right: it says what can be true at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import pandas as pd

from relations_lib.dates import DAYS_A_YEAR, as_date, day_bounds, window_days, years_between
from relations_lib.tables import require_codes

FOREVER = "9999"  # the end of what goes on
_NEVER = 10**9  # a number, or a day, beyond all others
_Days = dict[int, int]  # the day of each number


# --- A list held against numbers -----------------------------------------------------------------


class OrdinalAudit(NamedTuple):
    """What numbers reported elsewhere allow of a list: see ``ordinal_audit``.

    ``missing_before`` and ``without_number`` are (least, greatest), or None if the certain
    reports exclude each other.
    """

    missing_before: tuple[int, int] | None
    without_number: tuple[int, int] | None
    contradictions: list[str]
    readings: pd.DataFrame


def ordinal_audit(
    numbered: pd.DataFrame, listed: pd.DataFrame, limit: int = 10_000
) -> OrdinalAudit:
    """Hold a list of events against reports that number some events of the same series.

    The events of the series are numbered 1, 2, 3, ... in order of time, one a day at most. A
    *reading* fixes whether each uncertain report came true and, where a date leaves several days
    open, when; every reading that can matter is enumerated. In each, as many listed events as
    possible are taken for events of the series, a reported number first: what then remains is
    the least that must be left over, not the most that may be.

    Parameters
    ----------
    numbered
        One row per report: ``number``, ``earliest`` and ``latest`` day, and ``certain``: false
        for an event only planned, which is read both as held and as not held then (without the
        column, all are certain).
    listed
        One row per listed event: ``earliest`` and ``latest`` day.
    limit
        Most readings to enumerate.

    Returns
    -------
    OrdinalAudit
        ``missing_before``: numbers below the lowest certain one that the list lacks: least, and
        most if no listed event before it is of the series. ``without_number``: listed events
        that must be left without a number, in the most generous and in the strictest reading.
        ``contradictions``: reports that exclude each other; stretches between certain numbers
        with more listed events than numbers. ``readings``: ``not_held`` (numbers), ``days`` (of
        each number, counted from 1970), and the two counts.

    Raises
    ------
    ValueError
        If a column is missing, no certain number is reported, a number is not whole and above 0,
        a date is missing or ends before it starts, or the readings are more than ``limit``.

    Examples
    --------
    >>> def years(*values):
    ...     first = pd.to_datetime([str(value) for value in values])
    ...     return pd.DataFrame({"earliest": first, "latest": first + pd.offsets.YearEnd()})
    >>> audit = ordinal_audit(years(2001, 2004).assign(number=[2, 3]), years(*range(2001, 2005)))
    >>> audit.missing_before, audit.without_number
    ((1, 1), (2, 2))
    >>> audit.contradictions
    ['between 2 and 3 there is room for 0, and the list has 2']
    """
    reports = _reports(numbered)
    every = _spans(listed)
    spans, repeated = _once_a_day(every)
    cuts = np.unique([spans, spans + 1])
    first = int(reports.loc[reports["certain"], "number"].min())
    planned = reports.index[~reports["certain"]]
    if 2 ** len(planned) > limit:
        raise ValueError(f"more than {limit:,} readings: give fewer plans")
    faults = []
    rows: list[tuple] = []
    for dropped in product([False, True], repeat=len(planned)):
        left = planned[list(dropped)]
        not_held = ", ".join(map(str, reports["number"].loc[left]))
        try:
            bounds = _in_order(reports.drop(index=left))
        except ValueError as fault:
            plans = f" (not held as planned: {not_held})" if not_held else ""
            faults.append(f"{fault}{plans}")
            continue
        for days in _datings(bounds, cuts, limit - len(rows)):
            missing, left_over = _unmatched(days, spans, first)
            rows.append((not_held, days, missing, left_over + repeated))
    columns = ["not_held", "days", "missing_before", "without_number"]
    readings = pd.DataFrame(rows, columns=columns)
    if readings.empty:
        return OrdinalAudit(None, None, faults, readings)
    certain = reports[reports["certain"]]
    faults += _crowded(_in_order(certain), every)
    missing = int(readings["missing_before"].min())
    least, most = readings["without_number"].agg(["min", "max"]).tolist()
    return OrdinalAudit((missing, first - 1), (least, most), faults, readings)


def _datings(bounds: pd.DataFrame, cuts: np.ndarray, limit: int) -> list[_Days]:
    """Return the days of the numbers, in order, in every way that can matter.

    A number stands on the first day that those before it leave open, or on a later day on which,
    or just after which, a listed event begins or ends: between those, all days are alike.
    """
    found: list[_Days] = [{}]
    for number, low, high in bounds.itertuples():
        longer = []
        for days in found:
            before = max(days, default=0)
            first = max(low, days.get(before, -_NEVER) + number - before)
            later = cuts[(cuts > first) & (cuts <= high)]
            longer += [{**days, number: day} for day in (first, *later.tolist())]
        found = longer
        if len(found) > limit:
            raise ValueError("too many readings: give closer dates, fewer plans")
    return found


def _spans(events: pd.DataFrame) -> np.ndarray:
    """Return the first and last day of every event as whole numbers, checked."""
    names = ["earliest", "latest"]
    lacking = [name for name in names if name not in events]
    if lacking:
        raise ValueError(f"no column {', '.join(lacking)}: give each event its possible days")
    days = events[names]
    in_order = days["earliest"] <= days["latest"]
    if not in_order.all():
        raise ValueError(f"row {in_order.idxmin()}: no date, or its end before its start: mend it")
    return days.to_numpy("datetime64[D]").astype(np.int64)


def _once_a_day(spans: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the events, of those known to be on one day one, and how many that leaves out."""
    known = spans[:, 0] == spans[:, 1]
    once = np.unique(spans[known], axis=0)
    kept = np.concatenate([once, spans[~known]])
    return kept, len(spans) - len(kept)


def _reports(numbered: pd.DataFrame) -> pd.DataFrame:
    """Return the reports with days as whole numbers, ``certain`` filled in, checked."""
    if "number" not in numbered:
        raise ValueError("no column number: give the number of each event")
    reports = pd.DataFrame(_spans(numbered), columns=["earliest", "latest"])
    numbers = pd.to_numeric(numbered["number"]).to_numpy(float, na_value=np.nan)
    if not ((numbers >= 1) & (numbers % 1 == 0)).all():
        raise ValueError("a number is whole and 1 or more: leave out events without one")
    certain = _certain(numbered)
    if not certain.any():
        raise ValueError("no certain number: report at least one event that was held")
    return reports.assign(number=numbers.astype(int), certain=certain.to_numpy(bool))


def _certain(numbered: pd.DataFrame) -> pd.Series:
    """Return which reports are certain: all, where no column says so."""
    return numbered.get("certain", pd.Series(True, index=numbered.index))


def _in_order(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the days left for each number when numbers follow in time, ``low`` and ``high``."""
    days = reports.groupby("number").agg(low=("earliest", "max"), high=("latest", "min"))
    number = days.index.to_series()
    apart = days["low"] > days["high"]
    if apart.any():
        raise ValueError(f"number {apart.idxmax()} is reported for different days")
    # A number is at least as many days after another as it is higher.
    days["low"] = (days["low"] - number).cummax() + number
    days["high"] = (days["high"] - number)[::-1].cummin() + number
    excluded = days["low"] > days["high"]
    if excluded.any():
        raise ValueError(f"number {excluded.idxmax()} finds no day between the numbers around it")
    return days


def _unmatched(days: _Days, spans: np.ndarray, first: int) -> tuple[int, int]:
    """Return the numbers below ``first`` and the listed events left over by the best matching."""
    from scipy.optimize import linear_sum_assignment

    count = len(spans)
    known = [(0, -_NEVER), *days.items(), (_NEVER, _NEVER)]
    places = []  # for one event each: below the first number, reported, first and last day
    for (last, before), (number, day) in pairwise(known):
        free = (number <= first, False, before + 1, day - 1)
        places += [free] * min(number - last - 1, count)
        places.append((number < first, True, day, day))
    below, reported, low, high = np.array(places).T
    fits = (spans[:, 1:] >= low) & (spans[:, :1] <= high)
    # As many events as possible, then reported numbers, then those below the first.
    worth = 8 * count + 2 * (1 + reported) + below
    events, taken = linear_sum_assignment(fits * worth, maximize=True)
    used = taken[fits[events, taken]]
    return first - 1 - int(below[used].sum()), count - len(used)


def _crowded(bounds: pd.DataFrame, spans: np.ndarray) -> Iterator[str]:
    """Yield stretches between certain numbers that hold more listed events than numbers.

    A stretch around one that was yielded is left out.
    """
    numbers = np.array([0, *bounds.index])
    first_day = np.array([-_NEVER, *bounds["low"]])
    last_day = np.array([-_NEVER, *bounds["high"]])
    narrowest = []  # of those that begin at one number
    for place, start in enumerate(numbers):
        ends = numbers[place + 1 :]
        after = spans[:, 0] > last_day[place]
        over = np.sort(spans[after, 1])
        inside = np.searchsorted(over, first_day[place + 1 :])
        rooms = ends - start - 1
        crowded = np.flatnonzero(inside > rooms)
        if len(crowded):
            first = crowded[0]
            narrowest.append((rooms[first], start, ends[first], inside[first]))
    found: list[tuple[int, int]] = []
    for room, start, end, events in sorted(narrowest):
        narrower = any(start <= low and high <= end for low, high in found)
        if not narrower:
            found.append((start, end))
            where = f"between {start} and {end}" if start else f"before {end}"
            yield f"{where} there is room for {room}, and the list has {events}"


def day_spans(events: pd.DataFrame, date: str = "date") -> pd.DataFrame:
    """Return events that have a date with the columns ``earliest`` and ``latest`` (its days)."""
    dated = events.dropna(subset=date)
    return dated.assign(**day_bounds(dated[date]))


def numbered_sessions(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the sessions with number and date for ``ordinal_audit``; a plan is uncertain."""
    sessions = day_spans(data["sessions_elsewhere"].dropna(subset="number"))
    return sessions.assign(certain=sessions["held"] != "planned")


def pace(numbered: pd.DataFrame, listed: pd.DataFrame, start: object) -> pd.DataFrame:
    """Return events before and after the first numbered one, as listed and as numbered.

    Parameters
    ----------
    numbered, listed
        As for ``ordinal_audit``.
    start
        First day of the series' window.

    Returns
    -------
    DataFrame
        ``part``: ``before`` (from the start to the day of the lowest certain number, both
        included) and ``after`` (the days after it, to the highest certain one not later than the
        list's last day); ``years``; ``listed`` and ``numbered`` events in it; ``room``, the
        numbers free strictly before, or strictly between the two; ``inside``, the events listed
        strictly there; ``open``, by how many years the dates of the numbered ones leave ``years``
        open. A listed event that may be the first numbered one counts before, one that may be the
        last counts after it, and a later one not at all.
    """
    within = numbered["earliest"] <= listed["latest"].max()
    certain = _certain(numbered)
    sure = numbered[within & certain].sort_values("number")
    if sure.empty:
        raise ValueError("no certain number lies within the list's dates: nothing to compare")
    first = sure.iloc[0]
    if first["latest"] < pd.Timestamp(as_date(start)):
        raise ValueError(f"number {first['number']} is before the start, {start}: begin earlier")
    last = sure.iloc[-1]
    if last["latest"] < first["latest"]:
        raise ValueError(f"number {last['number']} is before number {first['number']}: mend a date")
    before = listed["earliest"] <= first["latest"]
    after = ~before & (listed["earliest"] <= last["latest"])
    numbers = np.array([first["number"], last["number"] - first["number"]], dtype=int)
    until_first = window_days(start, first["latest"]) / DAYS_A_YEAR
    well_before = listed["latest"] < first["earliest"]
    between = ~before & (listed["latest"] < last["earliest"])
    unknown = [(end["latest"] - end["earliest"]).days / DAYS_A_YEAR for end in (first, last)]
    table = pd.DataFrame(
        {
            "part": ["before", "after"],
            "years": [until_first, years_between(first["latest"], last["latest"])],
            "listed": [before.sum(), after.sum()],
            "numbered": numbers,
            "room": numbers - 1,
            "inside": [well_before.sum(), between.sum()],
            "open": [unknown[0], sum(unknown)],
        }
    )
    return table[table["numbered"] > 0]


# --- Words that held for a time ------------------------------------------------------------------


def held_at(spells: pd.DataFrame, state: str, day: object, label: str) -> tuple[str, ...]:
    """Return what may have held for a state on a date: the name of its capital, an office.

    More than one where the date or a boundary is imprecise; ``unknown`` where no spell, or
    perhaps none, covers the date. A spell without an end goes on.

    Parameters
    ----------
    spells
        One row per spell: ``state``, ``start``, ``end`` (EDTF), and the column ``label``.
    state, day
        The state's code; a day, month or year (EDTF).
    label
        Column that says what held, such as ``city``.

    Examples
    --------
    >>> spells = pd.DataFrame({"state": ["A", "A"], "city": ["Old", "New"],
    ...                        "start": ["1990", "1995"], "end": ["1995", None]})
    >>> [held_at(spells, "A", day, "city") for day in ("1993-05", "1995-03-01", "1980")]
    [('Old',), ('Old', 'New'), ('unknown',)]
    """
    own = spells[spells["state"] == state].sort_values("start")
    own["end"] = own["end"].astype(object).fillna(FOREVER)
    holds = holds_at(own["start"], own["end"], day)
    sure = holds.eq("yes").any()
    held = own[holds != "no"]
    begun_then = held["start"].array[1:]
    ended_then = held["end"].array[:-1]
    if len(held) and (begun_then == ended_then).all():  # together they are one spell
        whole = held.head(1).assign(end=held["end"].iloc[-1])
        sure |= holds_at(whole["start"], whole["end"], day).eq("yes").all()
    names = dict.fromkeys(held[label])
    return tuple(names) if sure else (*names, "unknown")


def capital_at(capitals: pd.DataFrame, state: str, day: object) -> tuple[str, ...]:
    """Return the names that a state's capital may have borne on a date, as ``held_at`` does.

    Parameters
    ----------
    capitals
        One row per spell: ``state``, ``city``, ``start``, ``end`` (EDTF).
    state, day
        The state's code; a day, month or year (EDTF).

    Examples
    --------
    >>> spells = pd.DataFrame({"state": ["A", "A"], "city": ["Old", "New"],
    ...                        "start": ["1990", "1995"], "end": ["1995", None]})
    >>> capital_at(spells, "A", "1995-03-01")
    ('Old', 'New')
    """
    return held_at(capitals, state, day, "city")


def office_at(offices: pd.DataFrame, who: str, day: object) -> tuple[str, ...]:
    """Return name and office of a head of state on a date, as ``held_at`` does.

    Parameters
    ----------
    offices
        One row per spell: ``state``, ``person``, ``name_used``, ``office``, ``start``, ``end``.
    who
        A state's code or a person, as in the column ``person``.
    day
        A day, month or year (EDTF).

    Examples
    --------
    >>> spells = pd.DataFrame({"state": ["A"], "person": ["p"], "name_used": ["N."],
    ...                        "office": ["President"], "start": ["1990"], "end": [None]})
    >>> office_at(spells, "A", "1993"), office_at(spells, "p", "1993")
    (('N., President',), ('N., President',))
    """
    spells = offices.assign(called=offices["name_used"] + ", " + offices["office"])
    if who not in set(spells["state"]):
        spells["state"] = spells["person"]
    return held_at(spells, who, day, "called")


def holds_at(start: pd.Series, end: pd.Series, day: object) -> pd.Series:
    """Return whether what began and ended at some dates held on a date.

    Parameters
    ----------
    start, end
        Of each (EDTF); the end is the first day on which it no longer held.
    day
        A day, month or year (EDTF), or one for each (with the same index).

    Returns
    -------
    Series
        ``yes``, ``no``, ``perhaps`` (date or boundary is imprecise) or ``unknown`` (a boundary that
        decides is missing) for each.
    """
    if isinstance(day, pd.Series) and not day.index.equals(start.index):
        raise ValueError("dates and spells have different indexes: give one date for each spell")
    days = day_bounds(pd.Series(day, index=start.index))
    first, last = days["earliest"], days["latest"]
    begins = day_bounds(start)
    ends = day_bounds(end)
    surely_not = (begins["earliest"] > last) | (ends["latest"] <= first)
    surely = (begins["latest"] <= first) & (ends["earliest"] > last)
    all_given = first.notna() & start.notna() & end.notna()
    cases = [surely_not, surely, all_given]
    answers = np.select(cases, ["no", "yes", "perhaps"], "unknown")
    return pd.Series(answers, index=start.index)


def word_uses(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return each date at which the page uses words whose period of validity is known.

    Words about a visit are used of its date, others of the date printed on the page; the name of
    a place, which a later reader may take for another, is used of both.

    Returns
    -------
    DataFrame
        One row per check and use: the columns of ``page_checks``, ``used`` (EDTF) and ``holds``
        (as ``holds_at``).
    """
    checks = data["page_checks"]
    limited = checks[checks["valid_from"].notna() | checks["valid_to"].notna()]
    visits = data["visits"]
    dates = visits.set_index("visits#" + visits["id"])["date"]
    dates["page"] = data["page"]["date"].max()
    rows = limited["page_rows"]
    only_visits = rows.str.contains("visits#") & limited["subject"].ne("place")
    used = rows.where(only_visits, rows + " page").str.split()
    uses = limited.assign(used=used).explode("used", ignore_index=True)
    uses["used"] = uses["used"].map(dates)
    uses = uses.dropna(subset="used").reset_index(drop=True)
    until = uses["valid_to"].mask(uses["valid_to_missing"].eq("open"), FOREVER)
    return uses.assign(holds=holds_at(uses["valid_from"], until, uses["used"]))


# --- Visits told elsewhere -----------------------------------------------------------------------


def not_listed(elsewhere: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return visits attested elsewhere that no listed one can be.

    Parameters
    ----------
    elsewhere, listed
        One row per visit: ``visitor``, ``host``, ``date`` (EDTF). A listed visit can be one
        attested elsewhere if its direction is the same and the dates have a day in common. With
        a column ``trip`` in ``elsewhere``, a trip is listed as a whole if one of its rows can be.

    Raises
    ------
    ValueError
        If a state is written in two ways, or a date is none of exact bounds.
    """
    way = ["visitor", "host"]
    states = pd.concat([told[side].astype(object) for told in (elsewhere, listed) for side in way])
    require_codes(states.rename("state"))
    places = pd.RangeIndex(len(elsewhere))
    told = day_spans(elsewhere.set_axis(places)).dropna(subset=way)
    known = dict(iter(day_spans(listed).groupby(way)))
    found: list[int] = []
    for direction, visits in told.groupby(way):
        if direction in known:
            # Listed ones that have begun by a visit's last day, and those over before its first.
            begun = np.sort(known[direction]["earliest"]).searchsorted(visits["latest"], "right")
            over = np.sort(known[direction]["latest"]).searchsorted(visits["earliest"])
            found += visits.index[begun > over].tolist()
    listed_rows = places.isin(found)
    if "trip" in elsewhere:
        trips = elsewhere["trip"].array
        listed_rows = trips.isin(trips[listed_rows])
    return elsewhere[~listed_rows]


# --- What checks leave of a result ---------------------------------------------------------------

Span = tuple[float, float]  # least and greatest value
FORCED = "the same whatever they find"


def fate(published: Span, allowed: Span | str | None) -> str:
    """Return what checks leave of a published result, in words.

    Parameters
    ----------
    published
        Its interval or bounds; its value twice, where it has none.
    allowed
        The least and greatest value that the checks allow; None if they leave nothing to compute
        it from; ``FORCED`` if they could not have contradicted it.

    Examples
    --------
    >>> [fate((1, 3), allowed) for allowed in ((2, 3), (2, 4), (4, 5), None, FORCED)]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['not contradicted', 'changes with the checks', 'describes the page only',
     'describes the page only', 'could not come out otherwise']
    """
    if isinstance(allowed, str):
        return "could not come out otherwise"
    if allowed is None:
        return "describes the page only"
    least, greatest = allowed
    low, high = published
    if greatest < low or least > high:
        return "describes the page only"
    inside = low <= least and greatest <= high
    return "not contradicted" if inside else "changes with the checks"


def span_words(span: Span | str | None) -> str:
    """Return a span in words, to two digits.

    Examples
    --------
    >>> [span_words(span) for span in ((0.0521, 0.4888), (4, 4), None)]
    ['0.052 to 0.49', '4', 'cannot be computed']
    """
    if span is None:
        return "cannot be computed"
    if isinstance(span, str):
        return span
    low, high = (format(value, ".2g") for value in span)
    return low if low == high else f"{low} to {high}"
