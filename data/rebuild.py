"""Make the counts in ``others/`` again from the original data sets, and compare.

    RELATIONS_UNVOTES=FOLDER RELATIONS_COW=FOLDER python data/rebuild.py

The first folder holds ``un_votes.rda`` and ``un_roll_calls.rda`` of dgrtwo/unvotes, the second
``state_year_format3.rda`` of dieghernan/igoR (folder ``data`` of each). Needs the package rdata.
Nothing is written: each table's name is printed, and whether it is the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from relations_lib import Data, load, pairs

PAIR = ["state_a", "state_b"]
RANKED_FROM = 0.1  # share of a period's roll calls that a ranked pair has in common
REGIONAL_UP_TO = 30  # full members
COW = {  # the state that each number of the source stands for
    2: "USA", 359: "MDA", 365: "RUS", 366: "EST", 367: "LVA", 368: "LTU", 369: "UKR", 370: "BLR",
    371: "ARM", 372: "GEO", 373: "AZE", 630: "IRN", 640: "TUR", 700: "AFG", 701: "TKM",
    702: "TJK", 703: "KGZ", 704: "UZB", 705: "KAZ", 710: "CHN", 750: "IND", 770: "PAK",
}  # fmt: skip


def original(folder: str, name: str) -> pd.DataFrame:
    """Return one table of an R data file."""
    import rdata

    return rdata.read_rda(Path(folder) / f"{name}.rda")[name]


def rank(values: pd.Series) -> pd.Series:
    """Return the place of each value, the greatest first; equal ones share the better place."""
    return values.rank(method="min", ascending=False).astype(int)


def same(made: pd.DataFrame, kept: pd.DataFrame, key: list[str]) -> bool:
    """Tell whether a table that was made holds the rows that are kept."""
    columns = [name for name in kept.columns if name in made.columns]
    expected = kept[columns].sort_values(key, ignore_index=True).astype(str)
    found = made[columns].sort_values(key, ignore_index=True).astype(str)
    return found.equals(expected)


# --- Votes ---------------------------------------------------------------------------------------


def votes(folder: str, codes: pd.Series) -> pd.DataFrame:
    """Return the votes as ``pairs.cells_of_all`` takes them, by codes of states, with the year."""
    cast = original(folder, "un_votes")
    calls = original(folder, "un_roll_calls").astype({"rcid": int}).set_index("rcid")
    years = pd.to_datetime(calls["date"], unit="D").dt.year
    country = cast["country"].astype(str)
    roll_call = cast["rcid"].astype(int)
    return pd.DataFrame(
        {
            "voter": country.map(codes).fillna(country),
            "roll_call": roll_call,
            "vote": cast["vote"].astype(str),
            "year": roll_call.map(years),
        }
    )


def met(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of states that answered a roll call together."""
    joint = table[pairs.CELLS].sum(axis=1)
    return table[joint > 0]


def cells(cast: pd.DataFrame) -> pd.DataFrame:
    """Return the nine counts of every pair of states that answered a roll call together."""
    table = met(pairs.cells_of_all(cast))
    return table.rename(columns={"voter_a": "state_a", "voter_b": "state_b"})


def votes_by_year(data: Data, cast: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the pairs of the table ``votes``, year by year."""
    chosen = {*data.votes["state_a"], *data.votes["state_b"]}
    near = cast[cast["voter"].isin(chosen)]
    late = near[near["year"].between(1992, 2020)]
    made = []
    for year, part in late.groupby("year"):
        made.append(cells(part).assign(year=year))
    return pd.concat(made)


def from_both_sides(table: pd.DataFrame) -> pd.DataFrame:
    """Return every pair twice, each of its states once as ``state``, with its answers first."""
    turned = {"state_a": "partner", "state_b": "state"}
    for name in pairs.CELLS:
        own, other = name.split("_")
        turned[name] = f"{other}_{own}"
    straight = table.rename(columns={"state_a": "state", "state_b": "partner"})
    return pd.concat([straight, table.rename(columns=turned)])


def compare_votes(data: Data, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield each table of votes, and whether the roll calls give the same."""
    named = data.votes_partners.drop_duplicates("partner").set_index("partner_name")
    codes = named["partner"].rename({"Yugoslavia, later Serbia": "Yugoslavia"})
    cast = votes(folder, codes)
    yield "votes", same(votes_by_year(data, cast), met(data.votes), [*PAIR, "year"])
    period = cast[cast["year"].between(1993, 2013)]
    world = cells(period)
    partners = met(data.votes_partners)
    both = from_both_sides(world).merge(partners[["state", "partner"]])
    yield "votes_partners", same(both, partners, ["state", "partner"])
    found = world.join(pairs.agreement(world))
    least = max(50, int(RANKED_FROM * period["roll_call"].nunique()))
    ranked = found[found["joint"] >= least]
    for measure, column in (("identical_share", "as_vote"), ("cohen_kappa", "kappa")):
        bins = data.votes_world[data.votes_world["measure"] == measure]
        edges = [*bins["low"], bins["high"].max() + 1]
        counts, _ = np.histogram(ranked[column].round(12), edges)
        whole = bins["pairs"].sum() == len(ranked)
        alike = np.array_equal(counts, bins["pairs"])
        yield f"votes_world: {measure}", whole and alike
    places = ranked.assign(
        both_voted=ranked["joint"],
        rank_identical=rank(ranked["as_vote"]),
        rank_kappa=rank(ranked["kappa"]),
        pairs_ranked=len(ranked),
    )
    told = data.votes_by_period[data.votes_by_period["period"] == "1993-2013"]
    yield "votes_by_period", same(places.merge(told[PAIR]), told, PAIR)


# --- Memberships ---------------------------------------------------------------------------------


def full_members(part: pd.DataFrame) -> pd.DataFrame:
    """Return who is a full member of what in one year: states by organizations, 1 or 0."""
    number = part["ccode"].astype(int)
    states = number.map(COW).fillna(number.astype(str))
    codes = part.set_index(states).drop(columns=["ccode", "year", "state"])
    return codes.eq(1).astype(int).sort_index()


def shared(members: pd.DataFrame) -> pd.DataFrame:
    """Return what every pair of states shares, with its ranks."""
    small = members.sum() <= REGIONAL_UP_TO
    regional = members.loc[:, small]
    one, other = upper = np.triu_indices(len(members), 1)
    table = pd.DataFrame()
    table["state_a"] = members.index[one]
    table["state_b"] = members.index[other]
    table["shared"] = members.dot(members.T).to_numpy()[upper]
    table["shared_regional"] = regional.dot(regional.T).to_numpy()[upper]
    table["rank_shared"] = rank(table["shared"])
    table["rank_regional"] = rank(table["shared_regional"])
    return table


def compare_memberships(data: Data, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield each table of memberships, and whether the source gives the same."""
    source = original(folder, "state_year_format3")
    named = data.shared[PAIR].drop_duplicates()
    by_year = []
    for year in range(1991, 2015):
        table = shared(full_members(source[source["year"] == year]))
        by_year.append(table.merge(named).assign(year=year))
    yield "shared", same(pd.concat(by_year), data.shared, [*PAIR, "year"])
    year = data.shared_world["year"].iloc[0]
    members = full_members(source[source["year"] == year])
    sizes = members.sum()
    kept = data.organization_sizes.set_index("organization")["members"]
    yield "organization_sizes", sizes[sizes > 0].to_dict() == kept.to_dict()
    totals = members.sum(axis=1)
    yield "state_totals", sorted(totals) == sorted(data.state_totals["memberships"])
    table = shared(members)
    for kind, column in (("all", "shared"), ("regional", "shared_regional")):
        rows = data.shared_world[data.shared_world["organizations"] == kind]
        counts = table[column].value_counts()
        world = rows.set_index("shared")["pairs"]
        yield f"shared_world: {kind}", counts.to_dict() == world.to_dict()


def compare() -> Iterator[tuple[str, bool]]:
    """Yield each table for which the original is on disk, and whether it is the same."""
    data = load()
    if folder := os.environ.get("RELATIONS_UNVOTES"):
        yield from compare_votes(data, folder)
    if folder := os.environ.get("RELATIONS_COW"):
        yield from compare_memberships(data, folder)


if __name__ == "__main__":
    found = list(compare())
    for name, alike in found:
        print(f"{name}: {'the same' if alike else 'DIFFERENT'}")
    if not found:
        print("Nothing compared: set RELATIONS_UNVOTES or RELATIONS_COW to a folder.")
    sys.exit(not all(alike for _, alike in found))
