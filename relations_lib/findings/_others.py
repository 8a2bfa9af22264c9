"""Findings on the pair beside others: votes, organizations, visits, sessions, claims."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pandas as pd

from relations_lib import nulls, others, pairs, poisson
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

DRAWS = 200  # of tables with the margins of the world


# --- Votes ---------------------------------------------------------------------------------------


def world_mean(world: pd.DataFrame) -> Value:
    """Return the mean of values counted in bins, between the means of their two ends."""
    many = world["pairs"].sum()
    low, high = (
        (world[end].clip(upper=1) * world["pairs"]).sum() / many for end in ("low", "high")
    )
    return Value((low + high) / 2, low, high, int(many))


def each_votes(data: Data) -> Iterator[View]:
    """Yield the votes of the pair in the years of the main window."""
    span = others.period(data)
    partners = others.vote_partners(data)
    own = partners[partners["partner"] == data.about.partner]
    ranked = others.of_pair(data, others.table(data, "votes_by_period")).query("period == @span")
    if own.empty or ranked.empty:
        raise ValueError(f"no votes of the pair in {span}")
    world = others.table(data, "votes_world").query("measure == 'identical_share'")
    years = others.table(data, "votes_by_year")
    first, last = span.split("-")
    years = years[years["year"].between(int(first), int(last))]
    calls = int(years["roll_calls"].sum())
    one, place = own.iloc[0], ranked.iloc[0]
    yield View(
        **declared.names(data),
        period=span,
        world=world,
        calls=calls,
        joint=int(one["joint"]),
        alike=int(one["identical"]),
        opposite=int(one["opposite"]),
        abstained=int(one["joint"] - one["identical"] - one["opposite"]),
        share=one["as_vote"],
        half=one["half"],
        dropped=one["dropped"],
        kappa=one["kappa"],
        share_of_all=one["identical"] / calls,
        answered_home=years["home_voted"].sum() / calls,
        answered_partner=years["partner_voted"].sum() / calls,
        pairs=int(place["pairs_ranked"]),
        rank=int(place["rank_identical"]),
        rank_kappa=int(place["rank_kappa"]),
        closer=int(place["rank_identical"]) - 1,
        share_closer=(place["rank_identical"] - 1) / place["pairs_ranked"],
        partners=len(partners),
        partner_rank=int(one["rank"]),
        partner_rank_kappa=int(one["rank_kappa"]),
    )


def mean_of_world(view: View) -> Value:
    """Return the mean identical share of all pairs of the world."""
    return world_mean(view.world)


def each_voter(data: Data) -> Iterator[View]:
    """Yield every partner of the page's own state that the table of pairs names too."""
    rows = others.table(data, "votes")
    named = set(rows["state_a"]) | set(rows["state_b"])
    for row in others.vote_partners(data).itertuples():
        if row.partner in named:
            yield View(
                **declared.names(data),
                period=others.period(data),
                state=row.partner,
                state_name=row.name,
                joint=row.joint,
                share=row.as_vote,
                kappa=row.kappa,
            )


def each_issue(data: Data) -> Iterator[View]:
    """Yield every issue on which the two voted."""
    rows = others.of_pair(data, others.table(data, "votes_by_issue"))
    for row in pairs.agreement(rows).assign(issue=rows["issue"]).itertuples():
        yield View(
            issue=row.issue.lower().replace(" ", "_"),
            label=row.issue,
            share=row.as_vote,
            joint=row.joint,
        )


def each_period(data: Data) -> Iterator[View]:
    """Yield every period for which the pair is ranked."""
    for row in others.of_pair(data, others.table(data, "votes_by_period")).itertuples():
        yield View(
            period=row.period,
            share=row.identical / row.both_voted,
            joint=row.both_voted,
            rank=row.rank_identical,
            pairs=row.pairs_ranked,
        )


# --- Organizations -------------------------------------------------------------------------------


def each_organizations(data: Data) -> Iterator[View]:
    """Yield what the two share at the end of the year of which the margins are known."""
    world = others.table(data, "shared_world")
    year = int(world["year"].iloc[0])
    found = others.of_pair(data, others.table(data, "shared")).query("year == @year")
    if found.empty:
        raise ValueError(f"no organizations of the pair in {year}")
    row = found.iloc[0]
    totals = others.table(data, "state_totals").set_index("state")["memberships"]
    partners = others.table(data, "shared_partners")
    own = partners[partners["state"] == data.about.home].set_index("partner")
    spread = world[world["organizations"] == "all"].sort_values("shared")
    below = spread["pairs"].cumsum() >= spread["pairs"].sum() / 2
    yield View(
        **declared.names(data),
        year=year,
        shared=int(row["shared"]),
        regional=int(row["shared_regional"]),
        rank=int(row["rank_shared"]),
        rank_regional=int(row["rank_regional"]),
        pairs=int(spread["pairs"].sum()),
        median=int(spread.loc[below.idxmax(), "shared"]),
        partners=len(own),
        partner_rank=pairs.rank(row["shared"], own["shared"]).rank,
        regional_level=int(own["shared_regional"].eq(row["shared_regional"]).sum()),
        total_home=int(totals[data.about.home]),
        total_partner=int(totals[data.about.partner]),
        totals=tuple(totals),
        sizes=tuple(others.table(data, "organization_sizes")["members"]),
        places=tuple(totals.index.get_loc(state) for state in data.about.need("states")),
        draws=DRAWS,
    )


@lru_cache(maxsize=4)
def null(kind: str, totals: tuple, sizes: tuple, places: tuple, observed: int) -> Any:
    """Return what a null of sizes and totals expects two states to share."""
    if kind == "entropy":
        return nulls.shared_by_entropy(totals, sizes, places, observed)
    return nulls.shared_by_curveball(totals, sizes, places, observed, draws=DRAWS)


def _null(view: View, kind: str) -> Any:
    return null(kind, view.totals, view.sizes, view.places, view.shared)


def expected(view: View) -> float:
    """Return the organizations expected to be shared, by the configuration model."""
    return _null(view, "entropy").expected


def chance(view: View) -> float:
    """Return the chance of sharing as many, by the configuration model."""
    return _null(view, "entropy").p


def expected_drawn(view: View) -> Value:
    """Return the organizations expected to be shared, by curveball, within 1.96 errors."""
    found = _null(view, "curveball")
    spread = 1.96 * found.error
    return Value(found.expected, found.expected - spread, found.expected + spread, DRAWS)


def each_sharer(data: Data) -> Iterator[View]:
    """Yield every partner of the page's own state that the table of pairs names too."""
    rows = others.table(data, "shared")
    year = int(others.table(data, "shared_world")["year"].iloc[0])
    named = set(rows["state_a"]) | set(rows["state_b"])
    partners = others.table(data, "shared_partners")
    for row in partners[partners["state"] == data.about.home].itertuples():
        if row.partner in named:
            yield View(
                **declared.names(data),
                state=row.partner,
                year=year,
                shared=row.shared,
                regional=row.shared_regional,
            )


# --- Visits --------------------------------------------------------------------------------------


def _visited(data: Data) -> tuple[pd.DataFrame, pd.Series]:
    """Return the visits of all pages read, and the row of the pair's own."""
    found = others.visit_table(data)
    own = found[found["partner"] == data.about.partner]
    if own.empty or len(found) < 2:
        raise ValueError("ministry_pages: the list of visits of this and of another page is needed")
    return found, own.iloc[0]


def _per_decade(kept: pd.Series, count: int) -> Value:
    decade = 10 * kept
    return Value(decade["pooled"], decade["low"], decade["high"], count)


def each_visited(data: Data) -> Iterator[View]:
    """Yield every page whose list of visits was read whole."""
    found, own = _visited(data)
    longer = others.visit_table(data, others.window(data)["end_latest"])
    longer = longer.set_index("partner")["rate"]
    pooled = pairs.pool(found["visits"], found["years"])
    alone = pairs.leave_one_out(found["visits"], found["years"])
    for place, row in found.iterrows():
        kept = pooled.table.loc[place]
        yield View(
            **declared.names(data),
            state=row["partner"],
            state_name=declared.called(data.states, row["partner"]),
            visits=row["visits"],
            years=row["years"],
            end=row["end"].date().isoformat(),
            rate=Value(row["rate"], row["low"], row["high"], row["visits"]),
            longer=longer[row["partner"]],
            pooled=_per_decade(kept, row["visits"]),
            expected=alone.at[place, "expected"],
            alone="common rate" if alone.at[place, "complete"] else "law",
            ratio=poisson.rate_ratio(row["visits"], row["years"], own["visits"], own["years"]),
        )


def each_rival(data: Data) -> Iterator[View]:
    """Yield every page but the pair's own."""
    for view in each_visited(data):
        if view.state != data.about.partner:
            yield view


def ratio_of_rates(view: View) -> Value:
    """Return the ratio of another page's rate of visits to that of the pair."""
    return Value(view.ratio.ratio, view.ratio.low, view.ratio.high)


def ratio_p(view: View) -> float:
    """Return the p-value of equal rates."""
    return view.ratio.p


def each_pool(data: Data) -> Iterator[View]:
    """Yield the pages together."""
    found, own = _visited(data)
    pooled = pairs.pool(found["visits"], found["years"])
    if pooled.complete:
        raise ValueError("the pages' counts differ no more than by chance: pooling is complete")
    yield View(
        pages=len(found),
        rank=pairs.rank(own["rate"], found["rate"]).rank,
        shape=pooled.shape,
        mean=10 * pooled.mean,
        n=int(found["visits"].sum()),
    )


def each_documents(data: Data) -> Iterator[View]:
    """Yield the pages of the ministry that give a number of documents."""
    pages = others.table(data, "ministry_pages")
    known = pages[pages["extent"] != "press_copy"].dropna(subset="documents")
    own = known[known["partner"] == data.about.partner]
    if own.empty:
        raise ValueError("ministry_pages gives no number of documents for this pair")
    documents = own["documents"].iloc[0]
    yield View(n=len(known), rank=pairs.rank(documents, known["documents"]).rank)


def each_guest(data: Data) -> Iterator[View]:
    """Yield every state whose visits to the United States were counted."""
    rows = others.table(data, "us_visits")
    counts = rows.groupby("state")["to_usa"].sum()
    for state, count in counts.items():
        first, last = rows["year"].min(), rows["year"].max()
        yield View(state=state, count=int(count), first=first, last=last, n=len(counts))


# --- Sessions ------------------------------------------------------------------------------------


def each_series(data: Data) -> Iterator[View]:
    """Yield every commission with two numbered sessions, and the stretches of the pair's own."""
    for row in others.session_table(data).to_dict("records"):
        yield View(
            **{**row, "start": row["start"].date(), "end": row["end"].date()},
            part=row["stretch"] or row["state"],
            value=Value(row["rate"], row["low"], row["high"], row["gaps"]),
        )


def each_peer(data: Data) -> Iterator[View]:
    """Yield every commission whose years overlap those of the pair's recent sessions."""
    found = others.session_table(data)
    own = found[found["stretch"] == "recent"]
    if own.empty:
        raise ValueError("sessions_elsewhere: two numbered sessions of recent years are needed")
    one = own.iloc[0]
    for _, row in found[found["stretch"] == ""].iterrows():
        if row["end"] > one["start"]:
            theirs = row["gaps"] / row["rate"]
            ours = one["gaps"] / one["rate"]
            ratio = poisson.rate_ratio(row["gaps"], theirs, one["gaps"], ours)
            yield View(state=row["state"], ratio=ratio, n=row["gaps"] + one["gaps"])


# --- Claims --------------------------------------------------------------------------------------


def each_claims(data: Data) -> Iterator[View]:
    """Yield the claims together."""
    claims = others.table(data, "claims")
    untested = claims["tested"].eq("no")
    fixed = ~claims["could_differ"].astype(bool)
    yield View(
        n=len(claims),
        untested=int(untested.sum()),
        fixed=int(fixed.sum()),
    )


def each_verdict(data: Data) -> Iterator[View]:
    """Yield every verdict on a claim."""
    claims = others.table(data, "claims")
    for verdict, count in claims["verdict"].value_counts().items():
        yield View(verdict=verdict, count=count, n=len(claims))
