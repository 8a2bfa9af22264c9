"""States and the organizations they belong to: a two-mode network through time.

A membership is a *spell*: one state holds one status in one organization from a day on until a
day. Every function here takes such spells as a table with the columns ``state``,
``organization``, ``status``, ``start`` and ``end``, or a table of zeros and ones (states by
organizations) made from it. Nothing is tied to one set of organizations.

One date rule holds throughout. A date that is less precise than a day counts from its last day
(``imprecise="earliest"`` takes the first). A spell counts from the day it starts and is gone on
the day it ends; an empty end means still in. An empty start is not stated: the spell may have
begun on any day, so that it never counts by the last one and always, up to its end, by the
first. ``"least"`` takes the last start and the first end that the dates allow, ``"most"`` the
reverse: what is counted so bounds the truth. Spells of one state in one organization that
overlap or repeat each other count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import comb
from numbers import Real
from typing import Any, Literal

import networkx as nx
import numpy as np
import pandas as pd

from relations_lib.dates import as_date, day_bounds
from relations_lib.nulls import null_same_margins as null_same_margins
from relations_lib.nulls import zeros_and_ones
from relations_lib.tables import require_codes

Imprecise = Literal["earliest", "latest", "least", "most"]
Statuses = Iterable[str] | None
FULL = ("full",)
OTHERS = (
    "associate",
    "participating",
    "suspended",
    "founder_without_charter",
    "observer",
    "dialogue_partner",
)
STATUSES = FULL + OTHERS
FIRST_DAY = pd.Timestamp("0001-01-01")
MOST_STATES = 3_000
SIDES = {  # which day of start and of end
    "earliest": ("earliest", "earliest"),
    "latest": ("latest", "latest"),
    "least": ("latest", "earliest"),
    "most": ("earliest", "latest"),
}


def _days(dates: pd.Series) -> pd.DataFrame:
    """Return the earliest and the latest day of each date, NaT where it is empty."""
    numbers = [value for value in dates.dropna().unique() if isinstance(value, Real)]
    if numbers:
        raise ValueError(f"{dates.name} holds numbers: give dates as text ('1998', '1998-05-01')")
    return day_bounds(dates.mask(dates.eq("")))


def _of_status(memberships: pd.DataFrame, statuses: Statuses) -> pd.DataFrame:
    """Return the spells of some statuses."""
    if statuses is None:
        return memberships
    wanted = [statuses] if isinstance(statuses, str) else list(statuses)
    found = memberships["status"]
    known = pd.Series(STATUSES)
    require_codes(pd.concat([known, found]).rename("status"))
    spells = memberships[found.isin(wanted)]
    unknown = {*wanted} - {*known} - {*found}
    if len(memberships) and (spells.empty or unknown):
        asked = sorted(unknown) or wanted
        there = ", ".join(map(str, found.unique()))
        raise ValueError(f"no spell has status {asked}: found {there}; name those that count")
    strange = found.index[~found.isin([*known, *wanted])]
    if len(strange):
        status = found.loc[strange[0]]
        raise ValueError(
            f"row {strange[0]}: status {status!r} is none of {', '.join(STATUSES)}; "
            "name one of your own in statuses"
        )
    return spells


def counted_spells(
    memberships: pd.DataFrame, statuses: Statuses = FULL, imprecise: Imprecise = "latest"
) -> pd.DataFrame:
    """Return the spells that count under a status rule and a date rule.

    Parameters
    ----------
    memberships
        One row per spell; columns ``state``, ``organization``, ``status``, ``start``, ``end``.
        Dates are EDTF text (a year, a month, a day, an interval) or time stamps; an empty start
        is not stated, an empty end means still in.
    statuses
        The statuses that make a tie; ``None`` counts every spell (``status`` may then be
        absent). Spells of any other status of ``STATUSES`` do not count.
    imprecise
        Which day an imprecise date stands for: its ``latest`` or its ``earliest``; or ``least``
        and ``most`` for the shortest and the longest spell that the dates allow.

    Returns
    -------
    DataFrame
        The rows that count, with their other columns, ``start`` and ``end`` as days, in the
        order of their start. ``end`` is NaT: still in; ``start`` NaT: counts on no day;
        1 January of year 1: a start not stated that counts as early as can be.

    Raises
    ------
    ValueError
        If a column is missing, a state or organization is empty, two of them or of the statuses
        differ only by case or spaces, a status is neither one of ``STATUSES`` nor asked for, no
        spell has one of the statuses, a date is a number or no date, or a spell ends before it
        starts.
    """
    needed = ["state", "organization", "start", "end"]
    if statuses is not None:
        needed.append("status")
    if absent := [name for name in needed if name not in memberships]:
        raise ValueError(f"no column {', '.join(absent)}: spells need {', '.join(needed)}")
    if imprecise not in SIDES:
        raise ValueError(f"imprecise is {imprecise!r}: take one of {', '.join(SIDES)}")
    spells = _of_status(memberships, statuses)
    for name in ("state", "organization"):
        empty = spells[name].isna() | spells[name].eq("")
        if empty.any():
            raise ValueError(f"row {empty.idxmax()}: {name} is empty; a spell needs one")
        require_codes(spells[name])
    start, end = _days(spells["start"]), _days(spells["end"])
    backwards = end["latest"] < start["earliest"]
    if backwards.any():
        raise ValueError(f"row {backwards.idxmax()}: the spell ends before it starts")
    of_start, of_end = SIDES[imprecise]
    first = start[of_start]
    if of_start == "earliest":
        first = first.fillna(FIRST_DAY)  # a start not stated may be as early as can be
    counted = spells.assign(start=first, end=end[of_end])
    return counted.sort_values("start", kind="stable")


def _last_days(years: Iterable[int] | None, spells: pd.DataFrame) -> list[str]:
    """Return 31 December of every year; by default of all years from the first date to the last."""
    if years is None:
        known = pd.concat([spells["start"], spells["end"]]).dropna()
        known = known[known > FIRST_DAY].dt.year
        years = ()
        if len(known):
            years = range(known.min(), known.max() + 1)
    if isinstance(years, str) or not isinstance(years, Iterable):
        raise ValueError(f"years is {years!r}: give whole numbers, such as range(1991, 2025)")
    return [f"{year}-12-31" for year in years]


def shared_memberships(
    memberships: pd.DataFrame,
    years: Iterable[int] | None = None,
    *,
    dates: Iterable[object] | None = None,
    statuses: Statuses = FULL,
    imprecise: Imprecise = "latest",
) -> pd.DataFrame:
    """Return how many organizations each pair of states shares, year by year.

    Per day, all pairs of states at once: the organizations of a state are bits of 64-bit words,
    and two states share the bits that are set in both. The counts are those of the product of the
    states-by-organizations matrix with its transpose, in whole numbers; unlike that product they
    keep their speed on a busy machine, because no threads wait for each other.

    Parameters
    ----------
    memberships, statuses, imprecise
        The spells and the rules that decide which of them count: see ``counted_spells``.
    years
        The years to count, each on its 31 December and once, in the order given. By default all
        years from the first start to the last date of the counted spells.
    dates
        Other days (ISO text or time stamps) instead of years.

    Returns
    -------
    DataFrame
        One row per pair of states and year with at least one organization shared: ``state_a``,
        ``state_b`` (categorical; each pair once, ``state_a`` first in order), ``year`` and
        ``shared``; with ``dates`` also ``date``, before ``year``. A pair that is absent shares
        none.

    Raises
    ------
    ValueError
        As ``counted_spells``; also if both years and dates are given, a date is not one day, or
        there are more than 3,000 states.

    Examples
    --------
    >>> spells = pd.DataFrame({
    ...     "state": ["A", "B", "B"], "organization": ["X", "X", "Y"], "status": "full",
    ...     "start": ["1990", "1991-05", "1992"], "end": [None, "1993-01-01", None]})
    >>> shared_memberships(spells, years=range(1990, 1994))
      state_a state_b  year  shared
    0       A       B  1991       1
    1       A       B  1992       1
    """
    if years is not None and dates is not None:
        raise ValueError("both years and dates are given: give one of the two")
    spells = counted_spells(memberships, statuses, imprecise)
    state, states = pd.factorize(spells["state"].astype(object), sort=True)
    _need_few(len(states))
    organization, _ = pd.factorize(spells["organization"])
    if isinstance(dates, str) or not isinstance(dates, Iterable | None):
        raise ValueError(f"dates is {dates!r}: give a list of days")
    wanted = _last_days(years, spells) if dates is None else dates
    once = dict.fromkeys(map(as_date, wanted))
    days = np.array(list(once), dtype="datetime64[D]")
    first = spells["start"].to_numpy("datetime64[D]")
    last = spells["end"].to_numpy("datetime64[D]")
    found = [_no_pairs(days)]
    for day in days:
        inside = (first <= day) & ~(last <= day)
        present, row = np.unique(state[inside], return_inverse=True)
        shared = _shared(row, organization[inside], len(present))
        one, other = np.nonzero(np.triu(shared, 1))
        on = np.full(len(one), day)
        found.append((present[one], present[other], on, shared[one, other]))
    one, other, day, shared = map(np.concatenate, zip(*found, strict=True))
    table = {
        "state_a": pd.Categorical.from_codes(one, states),
        "state_b": pd.Categorical.from_codes(other, states),
    }
    if dates is not None:
        table["date"] = day.astype("datetime64[s]")
    table["year"] = day.astype("datetime64[Y]").astype(np.int64) + 1970
    table["shared"] = shared.astype(np.int64)
    return pd.DataFrame(table, copy=False)


def _no_pairs(days: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return columns without rows, so that a table without pairs has its types."""
    none = np.empty(0, np.int64)
    return none, none, days[:0], none.astype(np.int32)


def _need_few(states: int) -> None:
    """Raise a ValueError if there are too many states for a table of all their pairs."""
    if states > MOST_STATES:
        pairs = comb(states, 2)
        raise ValueError(f"{states:,} states make {pairs:,} pairs, too many: choose fewer states")


def _shared(row: np.ndarray, organization: np.ndarray, states: int) -> np.ndarray:
    """Return how many organizations each two rows share: bits of 64-bit words that both have."""
    clubs, column = np.unique(organization, return_inverse=True)
    words = -(-len(clubs) // 64)
    ties = np.zeros((states, words * 64), dtype=bool)
    ties[row, column] = True
    shared = np.zeros((states, states), dtype=np.int32)
    for word in np.packbits(ties, axis=1).view(np.uint64).T.copy():
        shared += np.bitwise_count(word[:, None] & word)
    return shared


def on_day(memberships: pd.DataFrame, date: object, **rules: Any) -> pd.DataFrame:
    """Return the spells that hold on one day, counted by the ``rules`` of ``counted_spells``."""
    spells = counted_spells(memberships, **rules)
    day = pd.Timestamp(as_date(date))
    begun = spells["start"] <= day
    over = spells["end"] <= day
    return spells[begun & ~over]


def membership_matrix(
    memberships: pd.DataFrame,
    date: object,
    *,
    statuses: Statuses = FULL,
    imprecise: Imprecise = "latest",
    states: Sequence[str] | None = None,
    organizations: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return who belongs to what on one day, as zeros and ones.

    Parameters
    ----------
    memberships, statuses, imprecise
        The spells and the rules that decide which of them count: see ``counted_spells``.
    date
        One day, ISO text or time stamp.
    states, organizations
        The rows and columns wanted, in this order, with zeros where there is no tie; by default
        all that hold a tie on that day, sorted.

    Returns
    -------
    DataFrame
        One row per state, one column per organization, 1 for a tie and 0 for none.
    """
    spells = on_day(memberships, date, statuses=statuses, imprecise=imprecise)
    ties = spells[["state", "organization"]].astype(object).assign(tie=1)
    matrix = ties.pivot_table("tie", "state", "organization", "max", fill_value=0)
    matrix = matrix.reindex(index=states, columns=organizations, fill_value=0)
    return matrix.rename_axis(index="state", columns="organization")


def membership_graph(
    memberships: pd.DataFrame,
    date: object,
    *,
    statuses: Statuses = FULL,
    imprecise: Imprecise = "latest",
) -> nx.Graph:
    """Return the two-mode network of one day.

    Parameters
    ----------
    memberships, statuses, imprecise
        The spells and the rules that decide which of them count: see ``counted_spells``. Where
        a state holds two statuses in one organization, that which stands first in ``STATUSES``
        is kept, of two spells of one status the earlier.
    date
        One day, ISO text or time stamp.

    Returns
    -------
    networkx.Graph
        Nodes with ``kind`` (``state``, ``organization``) and ``bipartite`` (0, 1); edges with
        ``status`` and ``start`` (ISO day, or ``not stated``).

    Raises
    ------
    ValueError
        As ``counted_spells``; also if one name stands for a state and for an organization.
    """
    spells = on_day(memberships, date, statuses=statuses, imprecise=imprecise)
    if "status" not in spells:
        spells = spells.assign(status="")
    both = {*spells["state"]} & {*spells["organization"]}
    if both:
        raise ValueError(f"{', '.join(sorted(both))}: state and organization; rename one of them")
    graph = nx.Graph()
    for side, kind in enumerate(("state", "organization")):
        graph.add_nodes_from(sorted(spells[kind].unique()), kind=kind, bipartite=side)
    place = {status: number for number, status in enumerate(STATUSES)}
    rank = spells["status"].astype(object).map(place)
    latest_first = spells.assign(rank=rank)[::-1]
    order = {"ascending": False, "kind": "stable", "na_position": "first"}
    first_last = latest_first.sort_values("rank", **order)
    for spell in first_last.itertuples():
        since = str(spell.start.date())
        if spell.start == FIRST_DAY:
            since = "not stated"
        graph.add_edge(spell.state, spell.organization, status=str(spell.status), start=since)
    return graph


def pair_table(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of states with what it shares, pairs that share nothing included.

    Parameters
    ----------
    matrix
        Zeros and ones, states by organizations.

    Returns
    -------
    DataFrame
        One row per pair: ``state_a``, ``state_b`` (in the matrix's order), ``shared``,
        ``either`` (organizations that at least one belongs to) and ``jaccard``, shared over
        either (missing where neither belongs to any).

    Raises
    ------
    ValueError
        If the table holds anything but zeros and ones, or more than 3,000 states.
    """
    ties = zeros_and_ones(matrix)
    _need_few(len(ties))
    one, other = np.triu_indices(len(ties), 1)
    quick = ties.astype(float)  # floats multiply fast, and are exact here
    in_common = (quick @ quick.T).astype(np.int64)
    shared = in_common[one, other]
    total = ties.sum(axis=1)
    either = total[one] + total[other] - shared
    table = {
        "state_a": matrix.index[one],
        "state_b": matrix.index[other],
        "shared": shared,
        "either": either,
    }
    return pd.DataFrame(table).eval("jaccard = shared / either")


def _paired_overlap(ties: np.ndarray) -> Fraction:
    """Return the sum over all pairs of rows of the share of the smaller that the larger holds.

    Rows of one total are taken together: their sum, times that of all larger rows.
    """
    sizes, rank = np.unique(ties.sum(axis=1), return_inverse=True)
    ones = np.zeros((len(sizes), ties.shape[1]), dtype=np.int64)  # by size of row, and column
    np.add.at(ones, rank, ties)
    ones_of_larger = ones.sum(axis=0) - ones.cumsum(axis=0)
    shared = (ones * ones_of_larger).sum(axis=1)
    overlap = Fraction(0)
    for size, part in zip(sizes.tolist(), shared.tolist(), strict=True):
        if size:
            overlap += Fraction(part, size)
    return overlap


def nodf_exact(matrix: pd.DataFrame | np.ndarray) -> Fraction:
    """Return NODF as an exact fraction, for comparisons in which ties count (see ``nodf``)."""
    ties = zeros_and_ones(matrix)
    pairs = sum(comb(size, 2) for size in ties.shape)
    if not pairs:
        raise ValueError("NODF needs two rows or two columns: the table has no pair")
    return 100 * (_paired_overlap(ties) + _paired_overlap(ties.T)) / pairs


def nodf(matrix: pd.DataFrame | np.ndarray) -> float:
    """Return how nested a table of zeros and ones is, from 0 to 100.

    For two rows of unlike totals: the share of the smaller row's ones that the larger row has
    too; two rows with the same total, or an empty one, give 0. The same for columns. NODF is the
    sum over all pairs of rows and all pairs of columns, over the number of all such pairs, times
    100. The order of rows and columns does not matter.

    Parameters
    ----------
    matrix
        Zeros and ones, states by organizations.

    Returns
    -------
    float
        0 (no nestedness, or every pair tied) to 100.

    Raises
    ------
    ValueError
        If the table holds anything but zeros and ones or has no pair of rows or columns.

    References
    ----------
    Almeida-Neto, M., Guimaraes, P., Guimaraes, P. R., Loyola, R. D. and Ulrich, W. (2008). A
    consistent metric for nestedness analysis in ecological systems. Oikos 117, 1227-1239.

    Examples
    --------
    >>> nodf(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]]))
    100.0
    """
    return float(nodf_exact(matrix))


def later_starts(memberships: pd.DataFrame, not_before: pd.Series) -> pd.DataFrame:
    """Return spells that count only from a second date on, such as an entry into force.

    Parameters
    ----------
    memberships
        One row per spell, with ``start`` and ``end``.
    not_before
        Per row of the spells (by its index) an EDTF date, empty or absent where none applies, or
        ``not_stated``: then the start is not stated either. A spell starts at the later of the
        two dates (by their last days); a start not stated stays so.

    Returns
    -------
    DataFrame
        The spells with the later start; one that would be over before it starts is left out.

    Raises
    ------
    ValueError
        If no second date has the index of a spell.
    """
    if len(memberships) and len(not_before.index.intersection(memberships.index)) == 0:
        raise ValueError("no second date has the index of a spell: give one a spell, by its index")
    limits = not_before.reindex(memberships.index).astype(object)
    unknown = limits.eq("not_stated")
    other = _days(limits.mask(unknown))["latest"]
    started = _days(memberships["start"])["latest"]
    later = other > started
    over = later & (_days(memberships["end"])["latest"] <= other)
    start = memberships["start"].astype(object)
    start = start.where(~later, limits)
    return memberships.assign(start=start.mask(unknown))[~over]
