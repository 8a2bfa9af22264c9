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

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import combinations
from math import comb
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from relations_lib.dates import as_date, day_bounds

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
MOST_STATES = 10_000
MOST_STEPS = 60_000
MOST_TRADES = 2_000_000
SIDES = {  # which day of start and of end
    "earliest": ("earliest", "earliest"),
    "latest": ("latest", "latest"),
    "least": ("latest", "earliest"),
    "most": ("earliest", "latest"),
}


def _days(dates: pd.Series) -> pd.DataFrame:
    """Return the earliest and the latest day of each date, NaT where it is empty."""
    if any(isinstance(value, Real) and value == value for value in dates.unique()):
        raise ValueError(f"{dates.name} holds numbers: give dates as text ('1998', '1998-05-01')")
    return day_bounds(dates.mask(dates.eq("")))


def _need_one_spelling(values: pd.Series, known: Iterable[str] = ()) -> None:
    """Raise a ValueError if two values differ only by case or by spaces at their ends."""
    spelled: dict[str, str] = {}
    for value in [*known, *values.dropna().unique()]:
        first = spelled.setdefault(str(value).strip().casefold(), value)
        if first != value:
            found = f"{values.name} {value!r} differs from {first!r} only by case or spaces"
            raise ValueError(f"{found}: write one of them")


def _of_status(memberships: pd.DataFrame, statuses: Statuses) -> pd.DataFrame:
    """Return the spells of some statuses."""
    if statuses is None:
        return memberships
    wanted = [statuses] if isinstance(statuses, str) else list(statuses)
    found = memberships["status"]
    _need_one_spelling(found, STATUSES)
    spells = memberships[found.isin(wanted)]
    unknown = {*wanted} - {*STATUSES} - {*found.unique()}
    if len(memberships) and (spells.empty or unknown):
        asked = sorted(unknown) or wanted
        there = ", ".join(map(str, found.unique()))
        raise ValueError(f"no spell has status {asked}: found {there}; name those that count")
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
        absent). Spells of any other status do not count.
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
        differ only by case or spaces, no spell has one of the statuses, a date is a number or no
        date, or a spell ends before it starts.
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
        _need_one_spelling(spells[name])
    start, end = _days(spells["start"]), _days(spells["end"])
    backwards = end["latest"] < start["earliest"]
    if backwards.any():
        raise ValueError(f"row {backwards.idxmax()}: the spell ends before it starts")
    of_start, of_end = SIDES[imprecise]
    first = start[of_start]
    if of_start == "earliest":
        first = first.fillna(FIRST_DAY)
    counted = spells.assign(start=first, end=end[of_end])
    return counted.sort_values("start", kind="stable")


def _last_days(years: Iterable[int] | None, spells: pd.DataFrame) -> list[pd.Timestamp]:
    """Return 31 December of every year; by default of all years from the first date to the last."""
    if years is None:
        known = pd.concat([spells["start"], spells["end"]]).dropna()
        known = known[known > FIRST_DAY].dt.year
        years = range(known.min(), known.max() + 1) if len(known) else ()
    if not isinstance(years, Iterable) or isinstance(years, str):
        raise ValueError(f"years is {years!r}: give whole numbers, such as range(1991, 2025)")
    chosen = list(years)
    if bad := [year for year in chosen if isinstance(year, bool) or not isinstance(year, Integral)]:
        raise ValueError(f"{bad[0]!r} is no year: give whole numbers, such as range(1991, 2025)")
    return [pd.Timestamp(int(year), 12, 31) for year in chosen]


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
        As ``counted_spells``; also if both years and dates are given, if a year is no whole
        number, or a date not one day.

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
    once = dict.fromkeys(as_date(value) for value in wanted)
    days = np.array(list(once), dtype="datetime64[D]")
    first = spells["start"].to_numpy("datetime64[D]")
    last = spells["end"].to_numpy("datetime64[D]")
    none = np.empty(0, np.int64)
    ones, others, on, counts = [none], [none], [days[:0]], [none.astype(np.int32)]
    for day in days:
        inside = (first <= day) & ~(last <= day)
        present, row = np.unique(state[inside], return_inverse=True)
        shared = _shared(row, organization[inside], len(present))
        one, other = np.nonzero(np.triu(shared, 1))
        ones.append(present[one])
        others.append(present[other])
        on.append(np.full(len(one), day))
        counts.append(shared[one, other])
    table = {
        "state_a": pd.Categorical.from_codes(np.concatenate(ones), states),
        "state_b": pd.Categorical.from_codes(np.concatenate(others), states),
    }
    day = np.concatenate(on)
    if dates is not None:
        table["date"] = day.astype("datetime64[s]")
    table["year"] = day.astype("datetime64[Y]").astype(np.int64) + 1970
    table["shared"] = np.concatenate(counts).astype(np.int64)
    return pd.DataFrame(table, copy=False)


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
    return spells[(spells["start"] <= day) & ~(spells["end"] <= day)]


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
    matrix = pd.crosstab(*(spells[name].astype(object) for name in ("state", "organization")))
    matrix = matrix.clip(upper=1).reindex(index=states, columns=organizations, fill_value=0)
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
        a state holds two statuses in one organization, the one named first in ``statuses`` is
        kept.
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
    order = list(STATUSES)
    if isinstance(statuses, str):
        order = [statuses]
    elif isinstance(statuses, set | frozenset):
        order = sorted(statuses, key=lambda name: (*STATUSES, name).index(name))
    elif statuses is not None:
        order = list(statuses)
    kept = None if statuses is None else order
    spells = on_day(memberships, date, statuses=kept, imprecise=imprecise)
    if "status" not in spells:
        spells = spells.assign(status="")
    if both := set(spells["state"]) & set(spells["organization"]):
        raise ValueError(f"{', '.join(sorted(both))}: state and organization; rename one of them")
    graph = nx.Graph()
    for side, kind in enumerate(("state", "organization")):
        graph.add_nodes_from(sorted(spells[kind].unique()), kind=kind, bipartite=side)
    place = {status: -number for number, status in enumerate(order)}
    rank = spells["status"].astype(object).map(place)
    ranked = spells.assign(rank=rank)[::-1]
    ranked = ranked.sort_values("rank", na_position="first", kind="stable")
    for spell in ranked.itertuples():
        since = "not stated" if spell.start == FIRST_DAY else spell.start.date().isoformat()
        graph.add_edge(spell.state, spell.organization, status=str(spell.status), start=since)
    return graph


def project(graph: nx.Graph, onto: str = "state") -> nx.Graph:
    """Return the one-mode network of the nodes of one kind of a two-mode network.

    Parameters
    ----------
    graph
        A two-mode network, as ``membership_graph`` gives it.
    onto
        The ``kind`` of node that is kept.

    Returns
    -------
    networkx.Graph
        An edge where two nodes share a neighbor: ``weight``, the number shared, and
        ``jaccard``, the shared over either's neighbors. Node attributes are kept.

    Raises
    ------
    ValueError
        If no node is of this kind.
    """
    nodes = [node for node, kind in graph.nodes(data="kind") if kind == onto]
    if not nodes:
        kinds = sorted({str(kind) for _, kind in graph.nodes(data="kind")})
        raise ValueError(f"no node of kind {onto!r}: found {', '.join(kinds) or 'no nodes'}")
    _need_few(len(nodes))
    projected = nx.Graph()
    projected.add_nodes_from((node, graph.nodes[node]) for node in nodes)
    neighbors = {node: set(graph[node]) for node in nodes}
    for one, other in combinations(nodes, 2):
        both = len(neighbors[one] & neighbors[other])
        if both:
            either = len(neighbors[one]) + len(neighbors[other]) - both
            projected.add_edge(one, other, weight=both, jaccard=both / either)
    return projected


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
    """
    ties = _zeros_and_ones(matrix)
    _need_few(len(ties))
    one, other = np.triu_indices(len(ties), 1)
    shared = (ties @ ties.T)[one, other]
    total = ties.sum(axis=1)
    either = total[one] + total[other] - shared
    table = pd.DataFrame({"state_a": matrix.index[one], "state_b": matrix.index[other]})
    return table.assign(shared=shared, either=either).eval("jaccard = shared / either")


def _zeros_and_ones(matrix: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Return the table as whole numbers, or say what is wrong with it."""
    ties = np.asarray(matrix)
    if ties.ndim != 2 or not ((ties == 0) | (ties == 1)).all():
        raise ValueError("a table of zeros and ones, states by organizations, is needed")
    return ties.astype(np.int64)


def _paired_overlap(ties: np.ndarray) -> Fraction:
    """Return the sum over all pairs of rows of the share of the smaller that the larger holds."""
    _need_few(len(ties))
    total = ties.sum(axis=1)
    larger, smaller = np.nonzero(total[:, None] > total)
    shared = (ties @ ties.T)[larger, smaller]
    sums = np.bincount(total[smaller], weights=shared, minlength=1)
    return sum((Fraction(int(part), size) for size, part in enumerate(sums) if part), Fraction(0))


def nodf_exact(matrix: pd.DataFrame | np.ndarray) -> Fraction:
    """Return NODF as an exact fraction, for comparisons in which ties count (see ``nodf``)."""
    ties = _zeros_and_ones(matrix)
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


def robins_alexander(matrix: pd.DataFrame | np.ndarray) -> float:
    """Return the bipartite clustering 4 C4 / L3: closed over all paths of three ties.

    ``C4`` counts the squares (two states that share two organizations), ``L3`` the paths of
    three ties; a square holds four of them. 0 where there is no such path.

    References
    ----------
    Robins, G. and Alexander, M. (2004). Small worlds among interlocking directors: Network
    structure and distance in bipartite graphs. Computational & Mathematical Organization Theory
    10, 69-94.
    """
    ties = _zeros_and_ones(matrix)
    short = min(ties, ties.T, key=len)
    _need_few(len(short))
    shared = np.triu(short @ short.T, 1)
    squares = int((shared * (shared - 1) // 2).sum())
    others = ties.sum(axis=1) - 1, ties.sum(axis=0) - 1
    paths = int(others[0] @ ties @ others[1])
    return 4 * squares / paths if paths else 0.0


def null_same_sizes(sizes: Iterable[int], states: int) -> np.ndarray:
    """Return the chances that two given states share 0, 1, 2, ... organizations.

    The null fixes only how large each organization is: its members are drawn, each organization
    for itself, among all states alike. Both states are in one of size c with the chance
    c (c - 1) / (N (N - 1)).

    Parameters
    ----------
    sizes
        Members of each organization.
    states
        How many states there are to draw from, N.

    Returns
    -------
    ndarray
        The chance of sharing exactly k, for k from 0 to the number of organizations.

    Raises
    ------
    ValueError
        If there are fewer than two states, or an organization is larger than their number.

    Examples
    --------
    >>> null_same_sizes([2, 4], 4).tolist()
    [0.0, 0.8333333333333334, 0.16666666666666666]
    """
    chances = np.array([1.0])
    for size in sizes:
        if states < 2 or not 0 <= size <= states:
            raise ValueError(f"{size} members among {states} states: give sizes from 0 to states")
        both = size * (size - 1) / (states * (states - 1))
        chances = np.convolve(chances, [1 - both, both])
    return chances


def _shares(groups: Sequence[int], ones: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to take so many ones from groups of so many columns each."""
    if not groups:
        if not ones:
            yield ()
        return
    first, *others = groups
    for taken in range(max(0, ones - sum(others)), min(first, ones) + 1):
        for rest in _shares(others, ones - taken):
            yield (taken, *rest)


def log10_same_margins(row_sums: Iterable[int], column_sums: Iterable[int]) -> float:
    """Return about how many 0/1 tables have these sums, as its logarithm to base 10.

    Good and Crook's estimate (1977), rough where sums are very unlike: ways of each row times
    ways of each column, over the ways of placing all ones.

    Examples
    --------
    >>> round(10 ** log10_same_margins([1, 1, 1], [1, 1, 1]), 1)
    8.7
    """
    from scipy.special import gammaln

    rows, columns = np.array([*row_sums]), np.array([*column_sums])

    def log_ways(size: int, taken: np.ndarray) -> float:
        return (gammaln(size + 1) - gammaln(taken + 1) - gammaln(size - taken + 1)).sum()

    each = log_ways(len(columns), rows) + log_ways(len(rows), columns)
    every = log_ways(len(rows) * len(columns), rows.sum())
    return float((each - every) / np.log(10))


def count_same_margins(row_sums: Iterable[int], column_sums: Iterable[int]) -> int:
    """Return how many labelled 0/1 tables have these row and column sums, exactly.

    Row after row, columns with the same number of ones still to place are counted together
    (times a binomial coefficient), and like states are added up: the tables themselves are never
    written out.

    Raises
    ------
    ValueError
        If more than 60,000 steps (about a second) are needed; the message estimates the number.

    Examples
    --------
    >>> count_same_margins([1, 1, 1], [1, 1, 1])
    6
    """
    rows = sorted(map(int, row_sums), reverse=True)
    columns = [*map(int, column_sums)]
    if sum(rows) != sum(columns) or min([*rows, *columns], default=0) < 0:
        return 0
    states = {tuple(sorted(Counter(columns).items())): 1}
    steps = 0
    for place, ones in enumerate(rows):
        below = len(rows) - place - 1
        reached: Counter[tuple] = Counter()
        for groups, ways in states.items():
            for taken in _shares([count if left else 0 for left, count in groups], ones):
                steps += 1
                if steps > MOST_STEPS:
                    about = log10_same_margins(rows, columns)
                    found = f"about 10^{about:.0f} tables take too long to count"
                    raise ValueError(f"{found}: draw some, with curveball")
                rest, choices = _after(groups, taken)
                if not rest or rest[-1][0] <= below:
                    reached[rest] += ways * choices
        states = reached
    return sum(states.values())


def _after(groups: tuple, taken: tuple[int, ...]) -> tuple[tuple, int]:
    """Return the columns left, by ones still to place, and the ways to choose those taken."""
    rest: Counter[int] = Counter()
    choices = 1
    for (left, count), ones in zip(groups, taken, strict=True):
        choices *= comb(count, ones)
        rest[left] += count - ones
        rest[left - 1] += ones
    return tuple(sorted((+rest).items())), choices


def _can_be_filled(row_sums: np.ndarray, column_sums: np.ndarray) -> bool:
    """Return whether a 0/1 table has these sums (Gale and Ryser)."""
    if row_sums.sum() != column_sums.sum():
        return False
    most = np.sort(column_sums)[::-1].cumsum()
    allowed = [np.minimum(row_sums, k).sum() for k in range(1, len(column_sums) + 1)]
    return bool((most <= allowed).all())


def each_same_margins(matrix: pd.DataFrame | np.ndarray) -> Iterator[np.ndarray]:
    """Yield every labelled 0/1 table with the row and column sums of the given one, once.

    A row is only tried where the remaining rows can still be filled (Gale and Ryser), so that no
    branch is followed in vain.
    """
    ties = _zeros_and_ones(matrix)

    def fill(sums: np.ndarray, rooms: np.ndarray) -> Iterator[list[np.ndarray]]:
        if not len(sums):
            yield []
            return
        for ones in combinations(np.flatnonzero(rooms), sums[0]):
            row = np.zeros_like(rooms)
            row[list(ones)] = 1
            rest = rooms - row
            if _can_be_filled(sums[1:], rest):
                for below in fill(sums[1:], rest):
                    yield [row, *below]

    for rows in fill(ties.sum(axis=1), ties.sum(axis=0)):
        yield np.reshape(rows, ties.shape)


def curveball(matrix: pd.DataFrame | np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Yield random 0/1 tables with the row and column sums of the given one.

    Two rows trade what only one of them has; between two draws all rows are paired off at
    random and trade five times (global trades). The given table takes a random place in the
    chain of draws: those before it come from a chain that runs backwards from it, which for such
    trades is the same as forwards. So the given table and the draws are exchangeable if it is
    itself a random one, and (hits + 1) / (draws + 1) is an exact p however slowly tables mix.

    References
    ----------
    Besag, J. and Clifford, P. (1989). Generalized Monte Carlo significance tests. Biometrika 76,
    633-642 (the serial method).

    Carstens, C. J., Berger, A. and Strona, G. (2016). Curveball: a new generation of sampling
    algorithms for graphs with different degree sequences. arXiv:1609.05137.

    Strona, G., Nappo, D., Boccacci, F., Fattorini, S. and San-Miguel-Ayanz, J. (2014). A fast
    and unbiased procedure to randomize ecological binary matrices with fixed row and column
    totals. Nature Communications 5, 4114.
    """
    given = _zeros_and_ones(matrix)
    trades = draws * len(given)
    if trades > MOST_TRADES:
        raise ValueError(f"{trades:,} rows traded in all draws take long: fewer draws, or columns")
    random = np.random.default_rng(seed)
    before = int(random.integers(draws + 1))
    for length in (before, draws - before):
        ties = given.copy()
        for _ in range(length):
            _trade(ties, random)
            yield ties.copy()


def _trade(ties: np.ndarray, random: np.random.Generator, times: int = 5) -> None:
    """Let all rows, paired off at random, trade what only one of the two has, in place."""
    for _ in range(times):
        places = random.permutation(len(ties))
        for one, other in zip(places[::2], places[1::2], strict=False):
            unlike = np.flatnonzero(ties[one] != ties[other])
            ties[one, unlike] = random.permutation(ties[one, unlike])
            ties[other, unlike] = 1 - ties[one, unlike]


def table_with_margins(totals: Iterable[int], sizes: Iterable[int]) -> np.ndarray:
    """Return one 0/1 table with these row totals and column sizes (Gale and Ryser's).

    Raises
    ------
    ValueError
        If no table has them.

    Examples
    --------
    >>> table_with_margins([2, 1], [1, 1, 1]).sum(axis=0).tolist()
    [1, 1, 1]
    """
    wanted = np.array([*totals], dtype=np.int64)
    left = np.array([*sizes], dtype=np.int64)
    ties = np.zeros((len(wanted), len(left)), dtype=np.int64)
    for row in np.argsort(-wanted, kind="stable"):
        most = np.argsort(-left, kind="stable")[: wanted[row]]
        ties[row, most] = 1
        left = left - ties[row]
    if left.any() or (ties.sum(axis=1) != wanted).any():
        raise ValueError("no table of zeros and ones has these totals and sizes: check both")
    return ties


def tie_chances(totals: Iterable[int], sizes: Iterable[int]) -> np.ndarray:
    """Return the chance of every tie if only totals and sizes are known, each on average.

    The bipartite configuration model of maximum entropy: the chance of a tie of state i and
    organization j is ``x y / (1 + x y)``, x of the state, y of the organization, so that the
    expected totals and sizes are the given ones (to 1e-6).

    Raises
    ------
    ValueError
        If sums differ, a total or size lies outside the table, or no table has them.

    References
    ----------
    Saracco, F., Di Clemente, R., Gabrielli, A. and Squartini, T. (2015). Randomizing bipartite
    networks: the case of the World Trade Web. Scientific Reports 5, 10595.

    Examples
    --------
    >>> tie_chances([2, 1, 1], [2, 2]).round(3).tolist()
    [[1.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    wanted = np.array([*totals]), np.array([*sizes])
    table_with_margins(*wanted)
    (rows, of_row, row_times), (columns, of_column, column_times) = (
        np.unique(each, return_inverse=True, return_counts=True) for each in wanted
    )
    many = np.outer(row_times, column_times)
    ones = np.concatenate([rows * row_times, columns * column_times])

    def chances(logs: np.ndarray) -> np.ndarray:
        return expit(logs[: len(rows), None] + logs[len(rows) :])

    def cost(logs: np.ndarray) -> float:
        both = logs[: len(rows), None] + logs[len(rows) :]
        return float((many * np.logaddexp(0, both)).sum() - ones @ logs)

    def slope(logs: np.ndarray) -> np.ndarray:
        expected = many * chances(logs)
        return np.concatenate([expected.sum(axis=1), expected.sum(axis=0)]) - ones

    def curvature(logs: np.ndarray) -> np.ndarray:
        found = chances(logs)
        spread = many * found * (1 - found)
        rest = np.diag(spread.sum(axis=1)), np.diag(spread.sum(axis=0))
        return np.block([[rest[0], spread], [spread.T, rest[1]]])

    start = np.zeros(len(ones))
    options = {"gtol": 1e-7, "maxiter": 1000}
    found = minimize(cost, start, jac=slope, hess=curvature, method="trust-exact", options=options)
    if np.abs(slope(found.x)).max() > 1e-6:
        raise ValueError(f"no chances found for these totals and sizes: {found.message}")
    return chances(found.x)[of_row][:, of_column]


class SharedNull(NamedTuple):
    """What totals and sizes alone say of how many organizations two states share.

    ``expected`` number, its ``error`` (Monte Carlo standard error; 0 where computed), ``p`` of
    at least as many as observed with its ``p_error``, ``method``, ``draws`` and ``seed``.
    """

    method: str
    expected: float
    error: float
    p: float
    p_error: float
    draws: int | None = None
    seed: int | None = None


def shared_by_entropy(
    totals: Iterable[int], sizes: Iterable[int], pair: tuple[int, int], observed: int
) -> SharedNull:
    """Return what two states share under ``tie_chances``: totals and sizes kept on average.

    Parameters
    ----------
    totals, sizes
        Organizations of each state, members of each organization.
    pair
        Places of the two states among the totals, from 0.
    observed
        How many the two share.

    Examples
    --------
    >>> round(shared_by_entropy([2, 1, 1], [2, 2], (0, 1), 1).expected, 3)
    1.0
    """
    chances = tie_chances(totals, sizes)
    both = chances[pair[0]] * chances[pair[1]]
    spread = np.array([1.0])
    for chance in both:
        spread = np.convolve(spread, [1 - chance, chance])
    p = float(spread[observed:].sum())
    return SharedNull("maximum entropy", float(both.sum()), 0.0, min(p, 1.0), 0.0)


def shared_by_curveball(
    totals: Iterable[int],
    sizes: Iterable[int],
    pair: tuple[int, int],
    observed: int,
    *,
    draws: int = 2_000,
    seed: int = 2013,
) -> SharedNull:
    """Return what two states share in random tables with exactly these totals and sizes.

    Trades begin at any table with these margins and go on for 100 draws before the first that
    counts. Errors come from the means of 20 stretches of the chain. Parameters as for
    ``shared_by_entropy``; seed and draws as for ``curveball``.

    Raises
    ------
    ValueError
        As ``table_with_margins``; also with fewer than 100 draws.
    """
    if draws < 100:
        raise ValueError(f"{draws} draws tell no error: give 100 or more")
    ties = table_with_margins(totals, sizes)
    random = np.random.default_rng(seed)
    _trade(ties, random, 500)
    shared = np.empty(draws)
    for place in range(draws):
        _trade(ties, random)
        shared[place] = ties[pair[0]] @ ties[pair[1]]
    as_many = shared >= observed
    mean = float(shared.mean())
    p = float(as_many.sum() + 1) / (draws + 1)
    p_error = max(_chain_error(as_many), 1 / (draws + 1))
    return SharedNull("curveball", mean, _chain_error(shared), p, p_error, draws, seed)


def _chain_error(values: np.ndarray) -> float:
    """Return the standard error of the mean of a chain, from 20 stretches of it."""
    means = [part.mean() for part in np.array_split(values, 20)]
    return float(np.std(means, ddof=1) / np.sqrt(20))


class SameMargins(NamedTuple):
    """What a null model with fixed row and column sums says of one statistic.

    ``method`` is ``exact`` (all tables) or ``curveball`` (``draws`` random ones from ``seed``);
    ``p`` the chance of a value at least as large as ``observed``, ties counted; ``matrices`` the
    number of all labelled tables, None where counting takes too long; ``log10_about`` an
    estimate of its logarithm (Good and Crook's); ``spread`` how often each value came.
    """

    method: str
    observed: Any
    p: float
    matrices: int | None
    draws: int | None
    seed: int | None
    spread: dict[Any, int]
    log10_about: float


def _share_as_large(values: Iterable[tuple[Any, int]], observed: Any, exact: bool) -> float:
    """Return the share of tables as large as the observed one, which drawn tables are joined by."""
    hits = total = 0
    for value, count in values:
        total += count
        hits += count if value >= observed else 0
    if not total:
        return float("nan")
    return hits / total if exact else (hits + 1) / (total + 1)


def null_same_margins(
    matrix: pd.DataFrame | np.ndarray,
    statistic: Callable[[np.ndarray], Any],
    *,
    limit: int = 50_000,
    draws: int = 2_000,
    seed: int = 2013,
) -> SameMargins:
    """Test a statistic against all tables with the same row and column sums.

    The null keeps how many organizations each state belongs to and how many states each
    organization has. All such tables are enumerated where there are no more than ``limit``;
    otherwise, or where counting them takes too long, ``draws`` of them are drawn by the
    curveball, and ``method`` says so.

    Parameters
    ----------
    matrix
        Zeros and ones, states by organizations.
    statistic
        From a table (array) to a number; whole numbers or fractions compare exactly, as
        ``nodf_exact`` does, where rounded ones may miss ties.
    limit, draws, seed
        The most tables to enumerate; random tables and their seed where there are more (with no
        ``draws``, ``p`` is then missing).

    Returns
    -------
    SameMargins
        ``p`` is the share of all tables with a value at least as large; of drawn ones
        (hits + 1) / (draws + 1), which is exact for the chain of draws (see ``curveball``).

    Raises
    ------
    ValueError
        If the table holds anything but zeros and ones, or draws times rows exceed 2 million.

    Examples
    --------
    >>> null_same_margins(np.eye(3, dtype=int), lambda table: int(table[0, 0])).p
    0.3333333333333333
    """
    ties = _zeros_and_ones(matrix)
    observed = statistic(ties.copy())
    short = min(ties.T, ties, key=lambda table: table.shape[1])
    margins = short.sum(axis=1), short.sum(axis=0)
    about = log10_same_margins(*margins)
    matrices = None
    with suppress(ValueError):
        matrices = count_same_margins(*margins)
    exact = matrices is not None and matrices <= limit
    tables = each_same_margins(ties) if exact else curveball(ties, draws, seed)
    spread = dict(sorted(Counter(map(statistic, tables)).items()))
    p = _share_as_large(spread.items(), observed, exact)
    if exact:
        return SameMargins("exact", observed, p, matrices, None, None, spread, about)
    return SameMargins("curveball", observed, p, matrices, draws, seed, spread, about)


def measures(matrix: pd.DataFrame, pair: tuple[str, str], *, draws: int = 2_000) -> dict[str, Any]:
    """Return the measures of one two-mode network and of one pair of states in it.

    Parameters
    ----------
    matrix
        Zeros and ones, states by organizations.
    pair
        Two of the states.
    draws
        Random tables for the p values where there are too many tables to enumerate.

    Returns
    -------
    dict
        Per measure (``states``, ``ties``, ``density``, ``pair.shared``, ``nodf``, ...) its
        value; ``null.margins_fixed.method`` says whether the p values are exact.

    Raises
    ------
    ValueError
        If one of the pair is no row of the matrix.
    """
    if absent := [state for state in pair if state not in matrix.index]:
        raise ValueError(f"{', '.join(absent)}: no row of the matrix; found {list(matrix.index)}")
    pairs, ties = pair_table(matrix), matrix.to_numpy()
    first, second = map(matrix.index.get_loc, pair)

    def told(table: np.ndarray) -> tuple[int, Fraction]:
        return int(table[first] @ table[second]), nodf_exact(table)

    null = null_same_margins(matrix, told, draws=draws)
    shared, nested = null.observed
    exact = null.method == "exact"
    by_shared = ((value[0], count) for value, count in null.spread.items())
    by_nested = ((value[1], count) for value, count in null.spread.items())
    strength = (ties @ ties[first]).sum() - ties[first].sum()
    return {
        "states": len(matrix),
        "ties": int(ties.sum()),
        "density": ties.mean(),
        "pairs": len(pairs),
        "pair.shared": shared,
        "pair.jaccard": pair_table(matrix.loc[list(pair)]).at[0, "jaccard"],
        "states_in_all": int(ties.all(axis=1).sum()),
        "pairs_identical": int(pairs["jaccard"].eq(1).sum()),
        "pair_mean_jaccard": pairs["jaccard"].mean(),
        "pair_mean_shared": pairs["shared"].mean(),
        "projection_density": pairs["shared"].gt(0).mean(),
        f"strength.{pair[0]}": int(strength),
        "nodf": float(nested),
        "robins_alexander": robins_alexander(ties),
        "null.margins_fixed.matrices": null.matrices,
        "null.margins_fixed.p_shared": _share_as_large(by_shared, shared, exact),
        "null.margins_fixed.p_nodf": _share_as_large(by_nested, nested, exact),
        "null.margins_fixed.method": null.method,
    }


def later_starts(memberships: pd.DataFrame, not_before: pd.Series) -> pd.DataFrame:
    """Return spells that count only from a second date on, such as an entry into force.

    Parameters
    ----------
    memberships
        One row per spell, with ``start`` and ``end``.
    not_before
        Per row of the spells (same index) an EDTF date, empty where none applies, or
        ``not_stated``: then the start is not stated either. A spell starts at the later of the
        two dates (by their last days); a start not stated stays so.

    Returns
    -------
    DataFrame
        The spells with the later start; one that would be over before it starts is left out.
    """
    limits = not_before.reindex(memberships.index).astype(object)
    unknown = limits.eq("not_stated")
    other = _days(limits.mask(unknown))["latest"]
    started = _days(memberships["start"])["latest"]
    later = other > started
    over = later & (_days(memberships["end"])["latest"] <= other)
    start = memberships["start"].astype(object).where(~later, limits)
    return memberships.assign(start=start.mask(unknown))[~over]


def write_network(graph: nx.Graph, path: str | Path) -> None:
    """Write a network as GraphML (``.graphml``) or as an edge list (``.csv``).

    Both are read by Gephi and by igraph. GraphML keeps everything and gives each node a ``name``
    (by which igraph finds it) and a ``label`` (which Gephi shows); the edge list has the columns
    ``Source``, ``Target`` and one per attribute of the edges, and leaves out nodes without ties.

    Raises
    ------
    ValueError
        If the file name ends otherwise.
    """
    kind = Path(path).suffix
    if kind == ".graphml":
        named = graph.copy()
        for node, own in named.nodes(data=True):
            own.setdefault("name", str(node))
            own.setdefault("label", own["name"])
        nx.write_graphml(named, path)
    elif kind == ".csv":
        edges = nx.to_pandas_edgelist(graph, "Source", "Target").set_index(["Source", "Target"])
        edges.sort_index(axis=1).to_csv(path, lineterminator="\n")
    else:
        raise ValueError(f"{path} ends in {kind!r}: use .graphml or .csv")
