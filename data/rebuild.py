"""Make the counts in ``others/`` again from the original data sets, and compare.

    RELATIONS_UNVOTES=FOLDER RELATIONS_COW=FOLDER python data/rebuild.py

The first folder holds ``un_votes.rda`` and ``un_roll_calls.rda`` of dgrtwo/unvotes, the second
``state_year_format3.rda`` of dieghernan/igoR (folder ``data`` of each). Needs the package rdata.
Nothing is written: each table's name is printed, and whether its rows are among those made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from relations_lib import Data, load, pairs

Compared = Iterator[tuple[str, bool]]
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


def counted(name: str, values: pd.Series, **same: str) -> pd.DataFrame:
    """Return how many pairs have each value, with what is the same for all."""
    counts = values.value_counts().rename_axis(name)
    return counts.reset_index(name="pairs").assign(**same)


def binned(values: pd.Series, a_unit: int) -> pd.Series:
    """Return where the bin of each value begins; so many of them make one unit."""
    return np.floor((values * a_unit).round(9)) / a_unit


def alike(made: pd.DataFrame, kept: pd.DataFrame) -> bool:
    """Tell whether the rows that are kept are among those made (tests know the totals)."""
    columns = [name for name in kept.columns if name in made.columns]
    found = set(made[columns].itertuples(index=False, name=None))
    return found.issuperset(kept[columns].itertuples(index=False, name=None))


# --- Votes ---------------------------------------------------------------------------------------


def votes(data: Data, folder: str) -> pd.DataFrame:
    """Return the votes as ``pairs.cells_of_all`` takes them, by codes of states, with the year."""
    named = data.votes_partners.drop_duplicates("partner").set_index("partner_name")
    codes = named["partner"].rename({"Yugoslavia, later Serbia": "Yugoslavia"})
    cast = original(folder, "un_votes")
    country = cast["country"].astype(str)
    calls = original(folder, "un_roll_calls").set_index("rcid")
    years = pd.to_datetime(calls["date"], unit="D").dt.year
    table = pd.DataFrame({"voter": country.map(codes).fillna(country)})
    table["vote"] = cast["vote"].astype(str)
    table["roll_call"] = cast["rcid"]
    table["year"] = cast["rcid"].map(years)
    return table


def cells(cast: pd.DataFrame) -> pd.DataFrame:
    """Return the nine counts of every pair of states."""
    return pairs.cells_of_all(cast).rename(columns={"voter_a": "state_a", "voter_b": "state_b"})


def met(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of states that answered a roll call together."""
    return table[table[pairs.CELLS].any(axis=1)]


def turned(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same counts with the other state of each pair first."""
    names = {"state_a": "state_b", "state_b": "state_a"}
    for cell in pairs.CELLS:
        one, other = cell.split("_")
        names[cell] = f"{other}_{one}"
    return table.rename(columns=names)


def compare_votes(data: Data, folder: str) -> Compared:
    """Yield each table of votes, and whether the roll calls give the same."""
    cast = votes(data, folder)
    late = cast[cast["year"].between(1992, 2020)]
    by_year = [cells(part).assign(year=year) for year, part in late.groupby("year")]
    yield "votes", alike(pd.concat(by_year), met(data.votes))
    period = cast[cast["year"].between(1993, 2013)]
    world = cells(period)
    both = pd.concat([world, turned(world)])
    both = both.rename(columns={"state_a": "state", "state_b": "partner"})
    yield "votes_partners", alike(both, met(data.votes_partners))
    found = world.join(pairs.agreement(world))
    least = RANKED_FROM * period["roll_call"].nunique()
    found = found[found["joint"] >= least]
    places = found.assign(
        both_voted=found["joint"],
        rank_identical=rank(found["as_vote"]),
        rank_kappa=rank(found["kappa"]),
        pairs_ranked=len(found),
    )
    told = data.votes_by_period[data.votes_by_period["period"] == "1993-2013"]
    yield "votes_by_period", alike(places, told)
    shares = counted("low", binned(found["as_vote"], 100), measure="identical_share")
    kappas = counted("low", binned(found["kappa"], 50), measure="cohen_kappa")
    yield "votes_world", alike(pd.concat([shares, kappas]), data.votes_world)


# --- Memberships ---------------------------------------------------------------------------------


def full_members(part: pd.DataFrame) -> pd.DataFrame:
    """Return who is a full member of what in one year: states by organizations, 1 or 0."""
    number = part["ccode"].astype(int)
    states = number.map(COW).fillna(number.astype(str))
    codes = part.set_index(states).drop(columns=["ccode", "year", "state"])
    return codes.eq(1).astype(int).sort_index()


def shared(members: pd.DataFrame) -> pd.DataFrame:
    """Return what every pair of states shares, with its ranks."""
    regional = members.loc[:, members.sum() <= REGIONAL_UP_TO]
    one, other = upper = np.triu_indices(len(members), 1)
    table = pd.DataFrame({"state_a": members.index[one], "state_b": members.index[other]})
    table["shared"] = members.dot(members.T).to_numpy()[upper]
    table["shared_regional"] = regional.dot(regional.T).to_numpy()[upper]
    table["rank_shared"] = rank(table["shared"])
    table["rank_regional"] = rank(table["shared_regional"])
    return table


def compare_memberships(data: Data, folder: str) -> Compared:
    """Yield each table of memberships, and whether the source gives the same."""
    source = original(folder, "state_year_format3")
    late = source[source["year"].between(1991, 2014)]
    by_year = {int(year): full_members(part) for year, part in late.groupby("year")}
    tables = [shared(members).assign(year=year) for year, members in by_year.items()]
    yield "shared", alike(pd.concat(tables), data.shared)
    members = by_year[2013]
    sizes = members.sum().rename_axis("organization").reset_index(name="members")
    yield "organization_sizes", alike(sizes, data.organization_sizes)
    totals = members.sum(axis=1)
    yield "state_totals", sorted(totals) == sorted(data.state_totals["memberships"])
    world = shared(members)
    every = counted("shared", world["shared"], organizations="all")
    regional = counted("shared", world["shared_regional"], organizations="regional")
    yield "shared_world", alike(pd.concat([every, regional]), data.shared_world)


def compare() -> Compared:
    """Yield each table for which the original is on disk, and whether it is the same."""
    data = load()
    if folder := os.environ.get("RELATIONS_UNVOTES"):
        yield from compare_votes(data, folder)
    if folder := os.environ.get("RELATIONS_COW"):
        yield from compare_memberships(data, folder)


if __name__ == "__main__":
    found = dict(compare())
    for name, same in found.items():
        print(f"{name}: {'the same' if same else 'DIFFERENT'}")
    if not found:
        print("Nothing compared: set RELATIONS_UNVOTES or RELATIONS_COW to a folder.")
    sys.exit(not all(found.values()))
