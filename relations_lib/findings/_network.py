"""Findings on the organizations that a pair of states shares, among all their members.

The data say what is looked at: the declared pair, the organizations that the page names and the
end of the main window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from relations_lib import network, nulls
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View, from_each, made_once
from relations_lib.tables import Data

DAY = r"\d{4}-\d\d-\d\d"
FULL = ("full",)
LATER = ("in_force", "charter")  # rules by which a spell never counts before its start
SIDES: list[network.Imprecise] = ["latest", "least", "most"]
Statuses = tuple[str, ...]


class Rule(NamedTuple):
    """A way to count: its name and words, spells, statuses that tie, organizations counted."""

    name: str
    words: str
    spells: pd.DataFrame
    statuses: Statuses
    organizations: list[str]


def scope(data: Data) -> View:
    """Return what the data ask for.

    The years run from the first full spell of the pair to the last date of any or the end of the
    last window, the page's to that.

    Raises
    ------
    ValueError
        If no pair, window or organization is declared, or the two belong to none.
    """
    pair = data.about.need("states")
    window = declared.window(data)
    named = data.organizations_named["organization"].drop_duplicates().tolist()
    spells = data.memberships[data.memberships["organization"].isin(named)]
    full = spells["state"].isin(pair) & spells["status"].isin(FULL)
    if not full.any():
        raise ValueError("memberships has no full member of the pair in an organization named")
    kinds = data.organizations.set_index("id")["kind"].reindex(named)
    regional = kinds.index[~kinds.str.startswith("universal", na=False)].tolist()
    if not regional:
        raise ValueError("the page names no regional organization: organizations_named, kind")
    if spells.loc[full, "start_latest"].isna().all():
        raise ValueError("no full membership of the pair in an organization named has a start")
    begun = int(spells.loc[full, "start_latest"].min().year)
    ends = spells[["start_latest", "end_latest"]].max().max()
    page_ends = declared.windows(data)["end_latest"].max()
    until = max(ends.year, page_ends.year)
    day = window["end_latest"].iloc[0]
    return View(
        data=data,
        pair=pair,
        named=named,
        listed=", ".join(named),
        regions=", ".join(regional),
        all=len(named),
        regional=regional,
        universal=[name for name in named if name not in regional],
        day=day,
        date=day.date().isoformat(),
        years=range(begun, until + 1),
        page_years=range(begun, page_ends.year + 1),
        begun=begun,
        until=until,
        page_until=page_ends.year,
        apart=_apart(data, named),
        rests_rules=_rests_rules(data),
    )


def network_table(
    spells: pd.DataFrame,
    about: View,
    date: object = None,
    statuses: Statuses = FULL,
    organizations: list[str] | None = None,
    imprecise: network.Imprecise = "latest",
) -> pd.DataFrame:
    """Return the states tied to a regional organization on a day, by organizations, as 0 and 1."""
    matrix = network.membership_matrix(
        spells,
        date or about.day,
        statuses=statuses,
        imprecise=imprecise,
        organizations=about.named,
    )
    return matrix.loc[matrix[about.regional].any(axis=1), organizations or about.named]


def pair_shared(
    spells: pd.DataFrame,
    about: View,
    years: range,
    statuses: Statuses = FULL,
    organizations: list[str] | None = None,
    imprecise: network.Imprecise = "latest",
) -> pd.Series:
    """Return how many of the named the pair shares on 31 December of each year, 0 included."""
    own = spells["organization"].isin(organizations or about.named)
    own &= spells["state"].isin(about.pair)
    if not spells.loc[own, "status"].isin(statuses).any():
        return pd.Series(0, index=years)
    table = network.shared_memberships(spells[own], years, statuses=statuses, imprecise=imprecise)
    return table.set_index("year")["shared"].reindex(years, fill_value=0)


def bounded(count: int, least: int, most: int) -> Value:
    """Return a count, with its bounds where the dates leave it open."""
    return Value(count, least, most) if least < most else Value(count)


def by_side(
    spells: pd.DataFrame, statuses: Statuses, make: Callable[[network.Imprecise], Any]
) -> list[Any]:
    """Return what a function gives by the latest days, by the least and by the most spells.

    It is called once where every date of a spell of the statuses is known to the day.
    """
    counted = spells[spells["status"].isin(statuses)]
    dates = pd.concat([counted["start"], counted["end"].dropna()])
    if dates.str.fullmatch(DAY).eq(True).all():
        return [make("latest")] * len(SIDES)
    return [make(side) for side in SIDES]


def sized(spells: pd.DataFrame, about: View, statuses: Statuses = FULL, **which: Any) -> View:
    """Return the size of a ``network_table`` by the latest days, with bounds over all dates."""
    states, ties, in_all, shared = [], [], [], []

    def table_of(side: network.Imprecise) -> pd.DataFrame:
        return network_table(spells, about, statuses=statuses, imprecise=side, **which)

    for table in by_side(spells, statuses, table_of):
        states.append(len(table))
        ties.append(int(table.to_numpy().sum()))
        in_all.append(int(table.all(axis=1).sum()))
        both = table.reindex(about.pair, fill_value=0)
        shared.append(int(both.all(axis=0).sum()))
    counted, _, most = ties
    more = f"; {most - counted} more ties may hold then, by dates not stated or imprecise"
    return View(
        states=bounded(*states),
        ties=bounded(*ties),
        states_in_all=bounded(*in_all),
        shared=bounded(*shared),
        perhaps=more if counted < most else "",
    )


def shared_bounds(
    spells: pd.DataFrame, about: View, statuses: Statuses = FULL, **which: Any
) -> pd.DataFrame:
    """Return what the pair shares by each year's end: by the latest days, at least, at most."""

    def shared_of(side: network.Imprecise) -> pd.Series:
        return pair_shared(spells, about, about.years, statuses, imprecise=side, **which)

    found = by_side(spells, statuses, shared_of)
    return pd.DataFrame(dict(zip(SIDES, found, strict=True)))


def rules(data: Data, about: View) -> Iterator[Rule]:
    """Yield the defensible rules; those on one organization only where it is declared."""
    spells = data.memberships
    named = about.named
    words = f"full members from the date in the column start{about.apart}"
    yield Rule("signature", words, spells, FULL, named)
    if about.universal:
        name = "without_" + "_".join(about.universal).lower()
        yield Rule(name, f"without {', '.join(about.universal)}", spells, FULL, about.regional)
    bodies = data.organizations.set_index("id")
    known = bodies["in_force"].fillna(bodies["in_force_missing"])  # a date, or not_stated
    force = spells["organization"].map(known)
    words = "from the organization's entry into force, if later"
    one = data.about.choices.get("charter_of")
    inside = spells["organization"].eq(one)
    if one and "cis_legal_dates" not in data:
        raise ValueError(f"charter_of names {one}, and there is no table cis_legal_dates")
    if one:
        dates = data.cis_legal_dates.set_index("state")
        force = force.mask(inside, spells["state"].map(dates["ratified"]))
        words += f" ({one}: from the state's ratification)"
    yield Rule("in_force", words, network.later_starts(spells, force), FULL, named)
    if one:
        charter = spells["state"].map(dates["charter_ratified"]).where(inside)
        later = network.later_starts(spells[~inside | charter.notna()], charter)
        words = f"in {one} only from the state's ratification of its Charter"
        yield Rule("charter", words, later, FULL, named)
    for old, new in data.about.choices.get("successors", {}).items():
        merged = spells.replace({"organization": {old: new}})
        yield Rule(f"{old}_as_{new}".lower(), f"{old} counts as {new}", merged, FULL, named)
    for name, status in [
        ("associates", "associate"),
        ("suspended", "suspended"),
        ("founders", "founder_without_charter"),
    ]:
        words = f"the status {status} counts as full"
        yield Rule(name, words, spells, (*FULL, status), named)
    yield Rule("all_statuses", "every status counts", spells, network.STATUSES, named)


def _rests_rules(data: Data) -> str:
    """Return the tables on which the rules rest."""
    dates = " cis_legal_dates#*" if "charter_of" in data.about.choices else ""
    return f"memberships#* organizations#*{dates}"


def _apart(data: Data, named: list[str]) -> str:
    """Return in words which predecessors are not counted."""
    told = [
        f"; {old} not counted for {new}"
        for old, new in data.about.choices.get("successors", {}).items()
        if new in named and old not in named
    ]
    return "".join(told)


# --- What records are made for -------------------------------------------------------------------


def each_table(data: Data) -> Iterator[View]:
    """Yield the network of all named organizations, and that of the regional ones."""
    about = scope(data)
    table = _table(data, about)
    for name, columns in (("network", about.named), ("network_regional", about.regional)):
        found = _measured(about, table[columns])
        size = sized(data.memberships, about, organizations=columns)
        rests = _members(data, about, table[columns])
        yield found.but(table=name, organizations=", ".join(columns), rests=rests, **vars(size))


@from_each(each_table)
def each_null(data: Data, view: View) -> Iterator[View]:
    """Yield each network with the null that keeps its row and column sums."""
    home, partner = map(view.matrix.index.get_loc, data.about.need("states"))
    shared = nulls.null_same_margins(view.matrix, lambda drawn: int(drawn[home] @ drawn[partner]))
    nested = nulls.null_same_margins(view.matrix, network.nodf_exact)
    sums = "with the same row and column sums"
    by_draws = f"of 2,000 random tables {sums} (curveball; (hits + 1) / (draws + 1))"
    exact = shared.method == "exact"  # so is the other: the same tables
    yield view.but(
        matrices=shared.matrices if exact else float("nan"),
        p_shared=shared.p,
        p_nodf=nested.p,
        null=f"of the enumerated tables {sums}" if exact else by_draws,
    )


def each_whole(data: Data) -> Iterator[View]:
    """Yield the network of all named organizations with what its sizes alone would give."""
    about = scope(data)
    table = _table(data, about)
    n = len(table)
    chance = nulls.null_same_sizes(table.sum(), n)[-1]
    full = int(table.all(axis=1).sum())
    same = (table == table.loc[about.pair[0]]).all(axis=1).drop([*about.pair])
    yield about.but(
        n=n,
        same=int(same.sum()),
        chance=chance,
        pairs_in_all=full * (full - 1) // 2,
        expected=chance * n * (n - 1) / 2,
        rests=_members(data, about, table),
    )


def each_world(data: Data) -> Iterator[View]:
    """Yield the network among the members of the one universal organization that is named."""
    about = scope(data)
    if len(about.universal) != 1:
        raise ValueError("the page does not name one universal organization")
    table = network_table(data.memberships, about)
    now = network.on_day(data.memberships, about.day)
    world = now.loc[now["organization"].isin(about.universal), "state"].nunique()
    chance = nulls.null_same_sizes([*table[about.regional].sum(), world], world)
    yield about.but(world=world, one=about.universal[0], chance=chance[-1])


def each_year(data: Data) -> Iterator[View]:
    """Yield every year with the number of organizations that the pair shares at its end."""
    about = scope(data)
    own = _own(data, about)
    for row in shared_bounds(data.memberships, about).itertuples():
        held = network.on_day(own, f"{row.Index}-12-31")
        yield about.but(
            year=row.Index,
            shared=bounded(row.latest, row.least, row.most),
            rests=declared.each_row(held, "memberships"),
        )


def each_shared(data: Data) -> Iterator[View]:
    """Yield the years at whose end the pair shares all named organizations."""
    about = scope(data)
    shared = shared_bounds(data.memberships, about)
    every = (shared == about.all).sum()
    yield about.but(
        every=bounded(*every),
        n=len(shared),
        rests=declared.each_row(_own(data, about), "memberships"),
    )


def each_telling(data: Data) -> Iterator[View]:
    """Yield the network of the regional organizations on each of the declared days."""
    about = scope(data)
    for date in data.about.need("telling_dates"):
        size = sized(data.memberships, about, date=date, organizations=about.regional)
        yield about.but(at=date.removesuffix("-12-31"), date=date, **vars(size))


def each_rule(data: Data) -> Iterator[View]:
    """Yield the network under every rule."""
    about = scope(data)
    signed = shared_bounds(data.memberships, about)
    for rule in rules(data, about):
        changed = "" if rule.name == "signature" else "as signature, but "
        counted = rule.organizations
        size = sized(rule.spells, about, rule.statuses, organizations=counted)
        shared = shared_bounds(rule.spells, about, rule.statuses, organizations=counted)
        if rule.name in LATER:
            shared["most"] = shared["most"].clip(upper=signed["most"])
        yield about.but(
            rule=rule.name,
            words=f"{changed}{rule.words}",
            counted=", ".join(rule.organizations),
            states=size.states,
            ties=size.ties,
            states_in_all=size.states_in_all,
            in_all_years=bounded(*(shared == len(rule.organizations)).sum()),
            pair_years=bounded(*shared.loc[about.page_years].sum()),
        )


def each_rules(data: Data) -> Iterator[View]:
    """Yield what all rules together leave of two results."""
    every = made_once(each_rule, data)
    states = [count for view in every for count in view.states_in_all if count is not None]
    years = [count for view in every for count in view.in_all_years if count is not None]
    yield every[0].but(
        n=len(every),
        states_in_all=Value(states[0], min(states), max(states)),
        in_all_years=Value(years[0], min(years), max(years)),
    )


def _measured(about: View, table: pd.DataFrame) -> View:
    """Return the measures of a network and of the pair in it."""
    home = table.index.get_loc(about.pair[0])
    ties = table.to_numpy()
    pairs = network.pair_table(table)
    (own_row,) = network.pair_table(table.loc[[*about.pair]]).itertuples()
    home_shares = ties @ ties[home]
    return about.but(
        matrix=table,
        n=len(table),
        density=ties.mean(),
        pairs=len(pairs),
        pair=own_row,  # the pair's row, no longer its two names
        pairs_identical=int(pairs["jaccard"].eq(1).sum()),
        pair_mean_jaccard=pairs["jaccard"].mean(),
        pair_mean_shared=pairs["shared"].mean(),
        projection_density=pairs["shared"].gt(0).mean(),
        strength=int(home_shares.sum() - home_shares[home]),
        nodf=network.nodf(table),
    )


def _table(data: Data, about: View) -> pd.DataFrame:
    """Return the table of the main day, which both states of the pair must be in."""
    table = network_table(data.memberships, about)
    absent = [state for state in about.pair if state not in table.index]
    if absent:
        raise ValueError(f"{', '.join(absent)}: in no regional organization on {about.date}")
    return table


def _own(data: Data, about: View) -> pd.DataFrame:
    spells = data.memberships
    return spells[spells["state"].isin(about.pair) & spells["organization"].isin(about.named)]


def _members(data: Data, about: View, table: pd.DataFrame) -> str:
    now = network.on_day(data.memberships, about.day)
    inside = now["state"].isin(table.index) & now["organization"].isin(table.columns)
    return declared.each_row(now[inside], "memberships")
