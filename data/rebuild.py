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

KEY = ["state_a", "state_b"]
RANKED_FROM = 0.1  # share of a period's roll calls that a ranked pair has in common
REGIONAL_UP_TO = 30  # full members
COW = {  # the source's number of each state
    "AFG": 700, "ARM": 371, "AZE": 373, "BLR": 370, "CHN": 710, "EST": 366, "GEO": 372,
    "IND": 750, "IRN": 630, "KAZ": 705, "KGZ": 703, "LTU": 368, "LVA": 367, "MDA": 359,
    "PAK": 770, "RUS": 365, "TJK": 702, "TKM": 701, "TUR": 640, "UKR": 369, "USA": 2,
    "UZB": 704,
}  # fmt: skip


def original(folder: str, name: str) -> pd.DataFrame:
    """Return one table of an R data file."""
    import rdata

    return rdata.read_rda(Path(folder) / f"{name}.rda")[name]


def votes(folder: str) -> pd.DataFrame:
    """Return the roll calls as ``pairs.cells_of_all`` takes them, with their year."""
    cast, calls = original(folder, "un_votes"), original(folder, "un_roll_calls")
    day = pd.to_datetime(calls["date"], unit="D")
    year = pd.Series(day.dt.year.to_numpy(), index=calls["rcid"].astype(int))
    return pd.DataFrame(
        {
            "voter": cast["country"].astype(str).to_numpy(),
            "roll_call": cast["rcid"].astype(int).to_numpy(),
            "vote": cast["vote"].astype(str).to_numpy(),
            "year": cast["rcid"].astype(int).map(year).to_numpy(),
        }
    )


def coded(cells: pd.DataFrame, codes: dict[str, str]) -> pd.DataFrame:
    """Return the cells of pairs by codes, the first state before the second."""
    table = cells.assign(
        state_a=cells["voter_a"].map(codes), state_b=cells["voter_b"].map(codes)
    ).dropna(subset=KEY)
    turned = table["state_a"] > table["state_b"]
    swapped = table.rename(columns={"state_a": "state_b", "state_b": "state_a"})
    names = dict(zip(pairs.CELLS, ["_".join(c.split("_")[::-1]) for c in pairs.CELLS], strict=True))
    both = [table[~turned], swapped[turned].rename(columns=names)]
    return pd.concat(both)[[*KEY, *pairs.CELLS]].sort_values(KEY)


def compare_votes(data: Data, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield each table of votes, and whether the roll calls give the same."""
    cast = votes(folder)
    partners = data.votes_partners
    codes = dict(zip(partners["partner_name"], partners["partner"], strict=True))
    chosen = set(data.votes["state_a"]) | set(data.votes["state_b"])
    near = {name: code for name, code in codes.items() if code in chosen}
    some = cast[cast["voter"].isin(near) & cast["year"].between(1992, 2020)]
    made = [
        coded(pairs.cells_of_all(part), near).assign(year=year)
        for year, part in some.groupby("year")
    ]
    table, kept = (t[t[pairs.CELLS].sum(axis=1) > 0] for t in (pd.concat(made), data.votes))
    yield "votes", same(table, kept, [*KEY, "year"])
    period = cast[cast["year"].between(1993, 2013)]
    cells = pairs.cells_of_all(period)
    calls = period["roll_call"].nunique()
    world = pairs.agreement(cells)
    ranked = world["joint"] >= max(50, int(RANKED_FROM * calls))
    counts = data.votes_world.groupby("measure")["pairs"].sum()
    yield "votes_world: pairs", set(counts) == {int(ranked.sum())}
    for measure, column in (("identical_share", "as_vote"), ("cohen_kappa", "kappa")):
        bins = data.votes_world.query("measure == @measure")
        edges = [*bins["low"], bins["high"].max() + 1]
        found = np.histogram(world.loc[ranked, column].round(12), edges)[0]
        yield f"votes_world: {measure}", found.tolist() == bins["pairs"].tolist()
    rows = coded(cells, codes)
    wide = rows.set_index(KEY)
    same_cells = [
        wide.loc[tuple(sorted((row.state, row.partner)))].sum() == sum(row[-9:])
        for row in partners.itertuples(index=False)
        if tuple(sorted((row.state, row.partner))) in wide.index
    ]
    yield "votes_partners", all(same_cells)
    above = pairs.agreement(rows).assign(**rows[KEY])
    for row in data.votes_by_period.query("period == '1993-2013'").itertuples():
        one = above[above["state_a"].eq(row.state_a) & above["state_b"].eq(row.state_b)].iloc[0]
        place = pairs.rank(one["as_vote"], world.loc[ranked, "as_vote"]).rank
        beside = pairs.rank(one["kappa"], world.loc[ranked, "kappa"]).rank
        if (place, beside) != (row.rank_identical, row.rank_kappa):
            yield f"votes_by_period: {row.state_a} {row.state_b} {place} {beside}", False
    yield "votes_by_period", True


def pairs_of(full: np.ndarray, states: np.ndarray) -> pd.DataFrame:
    """Return what all pairs of states share, from a table of ones and zeros, with ranks."""
    one, other = np.triu_indices(len(full), 1)
    small = full[:, full.sum(axis=0) <= REGIONAL_UP_TO]
    table = pd.DataFrame({"state_a": states[one], "state_b": states[other]})
    table["shared"] = (full @ full.T)[one, other]
    table["shared_regional"] = (small @ small.T)[one, other]
    for name, column in (("rank_shared", "shared"), ("rank_regional", "shared_regional")):
        table[name] = table[column].rank(method="min", ascending=False).astype(int)
    return table


def compare_margins(
    data: Data, full: np.ndarray, names: list[str], table: pd.DataFrame
) -> Iterator[tuple[str, bool]]:
    """Yield the tables of the year of the margins, and whether the source gives the same."""
    sizes = zip(names, full.sum(axis=0), strict=True)
    kept = data.organization_sizes.set_index("organization")["members"]
    found = {name: int(size) for name, size in sizes if size}
    yield "organization_sizes", found == kept.to_dict()
    totals = sorted(data.state_totals["memberships"])
    yield "state_totals", sorted(full.sum(axis=1)) == totals
    for kind, column in (("all", "shared"), ("regional", "shared_regional")):
        world = data.shared_world.query("organizations == @kind").set_index("shared")["pairs"]
        yield f"shared_world: {kind}", table[column].value_counts().to_dict() == world.to_dict()


def compare_memberships(data: Data, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield each table of memberships, and whether the source gives the same."""
    source = original(folder, "state_year_format3")
    names = list(source.columns[3:])
    codes = {number: code for code, number in COW.items()}
    made = []
    for year, part in source[source["year"].between(1991, 2014)].groupby("year"):
        full = part[names].eq(1).to_numpy(dtype=int)
        table = pairs_of(full, part["ccode"].astype(int).map(codes).to_numpy())
        made.append(table.dropna().assign(year=int(year)))
        if year == data.shared_world["year"].iloc[0]:
            yield from compare_margins(data, full, names, table)
    found = pd.concat(made)
    turned = found["state_a"] > found["state_b"]
    found.loc[turned, KEY] = found.loc[turned, KEY[::-1]].to_numpy()
    yield "shared", same(found, data.shared, [*KEY, "year"])


def same(made: pd.DataFrame, kept: pd.DataFrame, key: list[str]) -> bool:
    """Tell whether two tables hold the same rows."""
    columns = [name for name in kept.columns if name in made.columns]
    one, other = (t[columns].sort_values(key).reset_index(drop=True) for t in (made, kept))
    return one.astype(str).equals(other.astype(str))


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
