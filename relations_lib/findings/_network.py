"""Findings: network."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from relations_lib import network
from relations_lib.findings._record import Finding
from relations_lib.tables import Data

PAIR = ("TJK", "KAZ")
FIVE = ["UN", "CIS", "EurAsEC", "CSTO", "SCO"]
REGIONAL = FIVE[1:]
DAY = "2013-12-31"
YEARS = range(1991, 2025)
PAGE_YEARS = range(1991, 2021)
TELLING_YEARS = (1993, 2001, 2007, 2013, 2015, 2024)
OWN = ["states", "ties", "pair.jaccard", "pairs_identical", "nodf"]
OWN += [
    f"null.margins_fixed.{name}"
    for name in ("matrices", "p_shared", "p_nodf", "p_robins_alexander")
]


def network_table(
    memberships: pd.DataFrame,
    date: object = DAY,
    statuses: tuple[str, ...] = ("full",),
    organizations: list[str] = FIVE,
) -> pd.DataFrame:
    """Return the states tied to a regional organization on a day, by organizations, as 0 and 1."""
    matrix = network.membership_matrix(
        memberships, date, statuses=statuses, organizations=list(dict.fromkeys(FIVE))
    )
    return matrix.loc[matrix[REGIONAL].any(axis=1), organizations]


def pair_shared(
    memberships: pd.DataFrame, years: range = YEARS, statuses: tuple[str, ...] = ("full",)
) -> pd.Series:
    """Return how many of the five the pair shares on 31 December of each year, 0 included."""
    named = memberships[memberships["organization"].isin(FIVE) & memberships["state"].isin(PAIR)]
    table = network.shared_memberships(named, years, statuses=statuses)
    return table.set_index("year")["shared"].reindex(years, fill_value=0)


def rules(data: Data) -> dict[str, tuple[pd.DataFrame, tuple[str, ...], list[str]]]:
    """Return the defensible rules: name -> spells, statuses that tie, organizations counted."""
    spells, full = data.memberships, ("full",)
    force = data.organizations.set_index("id")["in_force"]
    dates = data.cis_legal_dates.set_index("state")
    cis = spells["organization"].eq("CIS")
    by_force = spells["organization"].map(force).mask(cis, spells["state"].map(dates["ratified"]))
    charter = spells["state"].map(dates["charter_ratified"]).where(cis)
    founder = ("full", "founder_without_charter")
    return {
        "signature": (spells, full, FIVE),
        "without_un": (spells, full, REGIONAL),
        "in_force": (network.later_starts(spells, by_force), full, FIVE),
        "charter": (network.later_starts(spells[~cis | charter.notna()], charter), full, FIVE),
        "cst_as_csto": (spells.replace({"organization": {"CST": "CSTO"}}), full, FIVE),
        "associates": (spells, ("full", "associate"), FIVE),
        "suspended": (spells, ("full", "suspended"), FIVE),
        "founders": (spells, founder, FIVE),
        "all_statuses": (spells, network.STATUSES, FIVE),
    }


def _rows(spells: pd.DataFrame) -> str:
    return " ".join(f"memberships#{name}" for name in spells["id"])


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    spells = data.memberships
    if not spells["status"].eq("full").any():
        return
    yield from _of_tables(spells)
    yield from _of_years(spells)
    yield from _of_rules(data)


def _of_tables(spells: pd.DataFrame) -> Iterator[Finding]:
    table = network_table(spells)
    if not set(PAIR) <= set(table.index):
        return
    now = network.on_day(spells, DAY)
    rests = _rows(now[now["state"].isin(table.index) & now["organization"].isin(FIVE)])
    for prefix, columns in (("network", FIVE), ("network_regional", REGIONAL)):
        for name, value in network.measures(table[columns], PAIR).items():
            if name != "null.margins_fixed.method" and value is not None:
                yield Finding(f"{prefix}.{name}", value, n=len(table), rests_on=rests)
    same = (table == table.loc[PAIR[0]]).all(axis=1).drop(list(PAIR))
    yield Finding("network.pair.same_profile", int(same.sum()), n=len(table), rests_on=rests)
    world = now[now["organization"].eq("UN")]["state"].nunique()
    chance = network.null_same_sizes(table.sum(), len(table))
    yield Finding("network.null.sizes_fixed.p_shared", chance[-1], rests_on=rests)
    full = int(table.all(axis=1).sum())
    yield Finding("network.pairs_in_all", full * (full - 1) // 2, rests_on=rests)
    expected = chance[-1] * len(table) * (len(table) - 1) / 2
    yield Finding("network.null.sizes_fixed.pairs_in_all", expected, rests_on=rests)
    if world >= len(table):
        sizes = [*table[REGIONAL].sum(), world]
        chance = network.null_same_sizes(sizes, world)[-1]
        yield Finding("network.world.states", world, rests_on="memberships#*")
        key = "network.null.sizes_fixed.p_shared_world"
        yield Finding(key, chance, n=world, rests_on="memberships#*")


def _of_years(spells: pd.DataFrame) -> Iterator[Finding]:
    mine = spells[spells["state"].isin(PAIR) & spells["organization"].isin(FIVE)]
    if not mine["status"].eq("full").any():
        return
    shared = pair_shared(spells)
    for year, count in shared.items():
        rests = _rows(network.on_day(mine, f"{year}-12-31"))
        yield Finding(f"network.pair.shared.{year}", count, rests_on=rests)
    if len(every := shared.index[shared == len(FIVE)]):
        rests = _rows(mine)
        yield Finding("network.pair.all_five.years", len(every), n=len(shared), rests_on=rests)
    for year in TELLING_YEARS:
        table = network_table(spells, f"{year}-12-31", organizations=REGIONAL)
        pairs = network.pair_table(table)
        told = {
            "states": len(table),
            "ties": int(table.to_numpy().sum()),
            "organizations": int(table.any().sum()),
            "pairs_identical": int(pairs["jaccard"].eq(1).sum()),
        }
        for name, count in told.items():
            yield Finding(f"network_regional.at.{year}.{name}", count, rests_on="memberships#*")


def _of_rules(data: Data) -> Iterator[Finding]:
    for rule, (spells, statuses, organizations) in rules(data).items():
        table = network_table(spells, statuses=statuses, organizations=organizations)
        if not set(PAIR) <= set(table.index):
            continue
        rests = "memberships#* organizations#* cis_legal_dates#*"
        found = network.measures(table, PAIR)
        counted = spells[spells["organization"].isin(organizations)]
        found["pair_years"] = int(pair_shared(counted, PAGE_YEARS, statuses).sum())
        for name in [*OWN, "pair_years"]:
            if found[name] is not None:
                yield Finding(f"network.rule.{rule}.{name}", found[name], rests_on=rests)
