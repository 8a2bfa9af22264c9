"""Findings on the organizations that a pair of states shares, among all their members.

The data say what is looked at (``scope``): the pair, the organizations that the page names and
the end of the main window.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from relations_lib import network, visits
from relations_lib.findings._record import Finding
from relations_lib.findings._visits import main_window
from relations_lib.tables import Data

TELLING_YEARS = (1993, 2001, 2007, 2013, 2015, 2024)
OWN = ["states", "ties", "pair.jaccard", "pairs_identical", "nodf"]
OWN += [
    f"null.margins_fixed.{name}"
    for name in ("matrices", "p_shared", "p_nodf", "p_robins_alexander")
]


class Scope(NamedTuple):
    """What the section looks at: two states, organizations, a day, and two ranges of years."""

    pair: tuple[str, str]
    named: list[str]
    regional: list[str]
    day: pd.Timestamp
    years: range
    page_years: range


def scope(data: Data) -> Scope | None:
    """Return what the data ask for, or None if they do not say it.

    The pair are the states with most visits between them (without visits: with most spells), the
    visitor of the first one first; the day is the end of the main window; the years run from the
    first full spell of the pair to the last date of any, the page's to the end of the last window.
    """
    named = data.organizations_named["organization"].drop_duplicates().tolist()
    spells = data.memberships[data.memberships["organization"].isin(named)]
    if len(data.visits):
        pair = tuple(visits.direction_tests(data.visits)[["one", "other"]].iloc[0])
    else:
        pair = tuple(spells["state"].value_counts().index[:2])
    full = spells["state"].isin(pair) & spells["status"].eq("full")
    begun = spells.loc[full, "start_latest"].min()
    if data.windows.empty or len(pair) < 2 or pd.isna(begun):
        return None
    kinds = data.organizations.set_index("id")["kind"].reindex(named)
    regional = kinds.index[~kinds.str.startswith("universal", na=False)].tolist()
    day = main_window(data.windows)["end_latest"].iloc[0]
    ends = spells[["start_latest", "end_latest"]].max().max(), data.windows["end_latest"].max()
    return Scope(pair, named, regional, day, *(range(begun.year, end.year + 1) for end in ends))


def network_table(
    memberships: pd.DataFrame,
    about: Scope,
    date: object = None,
    statuses: tuple[str, ...] = ("full",),
    organizations: list[str] | None = None,
) -> pd.DataFrame:
    """Return the states tied to a regional organization on a day, by organizations, as 0 and 1."""
    matrix = network.membership_matrix(
        memberships, date or about.day, statuses=statuses, organizations=about.named
    )
    return matrix.loc[matrix[about.regional].any(axis=1), organizations or about.named]


def pair_shared(
    memberships: pd.DataFrame, about: Scope, years: range, statuses: tuple[str, ...] = ("full",)
) -> pd.Series:
    """Return how many of the named the pair shares on 31 December of each year, 0 included."""
    states, clubs = memberships["state"], memberships["organization"]
    named = memberships[clubs.isin(about.named) & states.isin(about.pair)]
    if not named["status"].isin(statuses).any():
        return pd.Series(0, index=years)
    table = network.shared_memberships(named, years, statuses=statuses)
    return table.set_index("year")["shared"].reindex(years, fill_value=0)


def rules(data: Data, about: Scope) -> dict[str, tuple[pd.DataFrame, tuple[str, ...], list[str]]]:
    """Return the defensible rules: name -> spells, statuses that tie, organizations counted."""
    spells, full, named = data.memberships, ("full",), about.named
    force = data.organizations.set_index("id")["in_force"]
    dates = data.cis_legal_dates.set_index("state")
    cis = spells["organization"].eq("CIS")
    by_force = spells["organization"].map(force).mask(cis, spells["state"].map(dates["ratified"]))
    charter = spells["state"].map(dates["charter_ratified"]).where(cis)
    founder = ("full", "founder_without_charter")
    return {
        "signature": (spells, full, named),
        "without_un": (spells, full, about.regional),
        "in_force": (network.later_starts(spells, by_force), full, named),
        "charter": (network.later_starts(spells[~cis | charter.notna()], charter), full, named),
        "cst_as_csto": (spells.replace({"organization": {"CST": "CSTO"}}), full, named),
        "associates": (spells, ("full", "associate"), named),
        "suspended": (spells, ("full", "suspended"), named),
        "founders": (spells, founder, named),
        "all_statuses": (spells, network.STATUSES, named),
    }


def _rows(spells: pd.DataFrame) -> str:
    return " ".join(f"memberships#{name}" for name in spells["id"])


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    spells = data.memberships
    if about := scope(data):
        yield from _of_tables(spells, about)
        yield from _of_years(spells, about)
        yield from _of_rules(data, about)


def _of_tables(spells: pd.DataFrame, about: Scope) -> Iterator[Finding]:
    table = network_table(spells, about)
    if not set(about.pair) <= set(table.index):
        return
    now = network.on_day(spells, about.day)
    rests = _rows(now[now["state"].isin(table.index) & now["organization"].isin(about.named)])
    for prefix, columns in (("network", about.named), ("network_regional", about.regional)):
        for name, value in network.measures(table[columns], about.pair).items():
            if name != "null.margins_fixed.method" and value is not None:
                yield Finding(f"{prefix}.{name}", value, n=len(table), rests_on=rests)
    same = (table == table.loc[about.pair[0]]).all(axis=1).drop([*about.pair])
    yield Finding("network.pair.same_profile", int(same.sum()), n=len(table), rests_on=rests)
    universal = {*about.named} - {*about.regional}
    world = now[now["organization"].isin(universal)]["state"].nunique()
    chance = network.null_same_sizes(table.sum(), len(table))
    n = len(table)
    yield Finding("network.null.sizes_fixed.p_shared", chance[-1], n=n, rests_on=rests)
    full = int(table.all(axis=1).sum())
    yield Finding("network.pairs_in_all", full * (full - 1) // 2, n=n, rests_on=rests)
    expected = chance[-1] * n * (n - 1) / 2
    yield Finding("network.null.sizes_fixed.pairs_in_all", expected, n=n, rests_on=rests)
    if len(universal) == 1 and world >= n:
        sizes = [*table[about.regional].sum(), world]
        chance = network.null_same_sizes(sizes, world)[-1]
        yield Finding("network.world.states", world, rests_on="memberships#*")
        key = "network.null.sizes_fixed.p_shared_world"
        yield Finding(key, chance, n=world, rests_on="memberships#*")


def _of_years(spells: pd.DataFrame, about: Scope) -> Iterator[Finding]:
    mine = spells[spells["state"].isin(about.pair) & spells["organization"].isin(about.named)]
    if not mine["status"].eq("full").any():
        return
    shared = pair_shared(spells, about, about.years)
    for year, count in shared.items():
        rests = _rows(network.on_day(mine, f"{year}-12-31"))
        yield Finding(f"network.pair.shared.{year}", count, rests_on=rests)
    if len(every := shared.index[shared == len(about.named)]):
        rests = _rows(mine)
        yield Finding("network.pair.all_five.years", len(every), n=len(shared), rests_on=rests)
    for year in TELLING_YEARS:
        table = network_table(spells, about, f"{year}-12-31", organizations=about.regional)
        pairs = network.pair_table(table)
        told = {
            "states": len(table),
            "ties": int(table.to_numpy().sum()),
            "organizations": int(table.any().sum()),
            "pairs_identical": int(pairs["jaccard"].eq(1).sum()),
        }
        for name, count in told.items():
            yield Finding(f"network_regional.at.{year}.{name}", count, rests_on="memberships#*")


def _of_rules(data: Data, about: Scope) -> Iterator[Finding]:
    for rule, (spells, statuses, organizations) in rules(data, about).items():
        table = network_table(spells, about, statuses=statuses, organizations=organizations)
        if not set(about.pair) <= set(table.index):
            continue
        rests = "memberships#* organizations#* cis_legal_dates#*"
        found = network.measures(table, about.pair)
        counted = spells[spells["organization"].isin(organizations)]
        found["pair_years"] = int(pair_shared(counted, about, about.page_years, statuses).sum())
        for name in [*OWN, "pair_years"]:
            if found[name] is not None:
                yield Finding(f"network.rule.{rule}.{name}", found[name], rests_on=rests)
