"""Findings on the pair beside others: votes, organizations, visits, sessions, claims."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from relations_lib import nulls, others, pairs
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

# --- Votes ---------------------------------------------------------------------------------------


def each_votes(data: Data) -> Iterator[View]:
    """Yield the votes of the pair in the years of the main window."""
    first, last = others.period(data)
    period = f"{first}-{last}"
    partners = others.vote_partners(data)
    own = partners[partners["partner"] == data.about.partner]
    ranked = others.of_pair(data, others.table(data, "votes_by_period")).query("period == @period")
    if own.empty or ranked.empty:
        raise ValueError(f"no votes of the pair in {period}")
    answered = others.voting_years(data)[["roll_calls", "home_voted", "partner_voted"]].sum()
    calls = answered["roll_calls"]
    (one,) = own.itertuples()
    (place,) = ranked.itertuples()
    closer = place.rank_identical - 1
    yield View(
        period=period,
        one=one,
        place=place,
        calls=calls,
        abstained=one.joint - one.identical - one.opposite,
        share_of_all=one.identical / calls,
        answered=answered / calls,
        closer=closer,
        share_closer=closer / place.pairs_ranked,
        world=_mean(others.table(data, "votes_world").query("measure == 'identical_share'")),
        partners=len(partners),
    )


def each_issue(data: Data) -> Iterator[View]:
    """Yield every issue on which the two voted."""
    rows = others.of_pair(data, others.table(data, "votes_by_issue"))
    for row in pairs.agreement(rows).assign(label=rows["issue"]).itertuples():
        yield View(issue=row.label.lower().replace(" ", "_"), row=row)


def _mean(world: pd.DataFrame) -> Value:
    """Return the mean of values counted in bins, between the means of their two ends."""
    weights = world["pairs"]
    low = np.average(world["low"], weights=weights)
    high = np.average(world["high"].clip(upper=1), weights=weights)
    return Value((low + high) / 2, low, high, weights.sum())


def each_partner(data: Data) -> Iterator[View]:
    """Yield every partner of the page's own state that the table of votes by pair names too."""
    first, last = others.period(data)
    rows = others.table(data, "votes")
    near = pd.concat([rows["state_a"], rows["state_b"]]).unique()
    year, shared = _members_of(data)
    partners = others.vote_partners(data).merge(shared, on="partner").set_index("partner")
    for row in partners[partners.index.isin(near)].itertuples():
        yield View(period=f"{first}-{last}", year=year, row=row, state=row.Index)


# --- Organizations -------------------------------------------------------------------------------


def _members_of(data: Data) -> tuple[int, pd.DataFrame]:
    """Return the year of which the margins are known, and what the page's own state shares."""
    world = others.table(data, "shared_world")
    partners = others.table(data, "shared_partners")
    own = partners["state"] == data.about.home
    return int(world["year"].iloc[0]), partners[own]


def each_organizations(data: Data) -> Iterator[View]:
    """Yield what the two share at the end of the year of which the margins are known."""
    year, partners = _members_of(data)
    found = others.of_pair(data, others.table(data, "shared")).query("year == @year")
    if found.empty:
        raise ValueError(f"no organizations of the pair in {year}")
    (row,) = found.itertuples()
    totals = others.table(data, "state_totals").set_index("state")["memberships"]
    sizes = others.table(data, "organization_sizes")["members"]
    places = totals.index.get_indexer(data.about.need("states"))
    world = others.table(data, "shared_world").query("organizations == 'all'")
    every = np.sort(world["shared"].repeat(world["pairs"]))
    yield View(
        year=year,
        row=row,
        pairs=len(every),
        median=every[(len(every) - 1) // 2],
        partners=len(partners),
        partner_rank=pairs.rank(row.shared, partners["shared"]),
        null=nulls.shared_by_entropy(totals, sizes, tuple(places), row.shared),
    )


# --- Visits --------------------------------------------------------------------------------------


def each_visited(data: Data) -> Iterator[View]:
    """Yield every page whose list of visits was read whole."""
    found = others.visit_table(data)
    law = pairs.pool(found["visits"], found["years"])
    pooled = 10 * law.table
    for row, drawn in zip(found.itertuples(), pooled.itertuples(), strict=True):
        yield View(
            state=row.partner,
            state_name=declared.called(data.states, row.partner),
            visits=row.visits,
            years=row.years,
            end=row.end.date().isoformat(),
            rate=Value(row.rate, row.low, row.high, row.visits),
            pooled=Value(drawn.pooled, drawn.low, drawn.high, row.visits),
        )


def each_rival(data: Data) -> Iterator[View]:
    """Yield every page but the pair's own, with it."""
    pages = {view.state: view for view in each_visited(data)}
    own = pages.pop(data.about.partner, None)
    if own is None or not pages:
        raise ValueError("ministry_pages: the visits of this and of another page are needed")
    for view in pages.values():
        yield view.but(own=own)


def each_pool(data: Data) -> Iterator[View]:
    """Yield the pages together."""
    found = others.visit_table(data)
    pooled = pairs.pool(found["visits"], found["years"])
    if pooled.complete:
        raise ValueError("the pages' counts differ no more than by chance: pooling is complete")
    mean = 10 * pooled.mean
    yield View(pages=len(found), shape=pooled.shape, mean=mean, n=found["visits"].sum())


# --- Sessions ------------------------------------------------------------------------------------


def each_series(data: Data) -> Iterator[View]:
    """Yield every commission with two numbered sessions, the pair's own by its recent ones."""
    for row in others.session_table(data).itertuples():
        yield View(
            row=row,
            part="recent" if row.state == data.about.partner else row.state,
            start=row.start.date(),
            end=row.end.date(),
            rate=Value(row.rate, row.low, row.high, row.gaps),
        )


def each_peer(data: Data) -> Iterator[View]:
    """Yield every commission whose years overlap those of the pair's recent sessions."""
    series = {view.part: view.row for view in each_series(data)}
    own = series.pop("recent", None)
    if own is None:
        raise ValueError("sessions_elsewhere: two numbered sessions of recent years are needed")
    for row in series.values():
        if row.end > own.start:
            yield View(state=row.state, row=row, own=own, n=row.gaps + own.gaps)


# --- Claims --------------------------------------------------------------------------------------


def each_claims(data: Data) -> Iterator[View]:
    """Yield the claims together."""
    claims = others.table(data, "claims")
    yield View(
        n=len(claims),
        untested=claims["tested"].eq("no").sum(),
        fixed=(~claims["could_differ"].astype(bool)).sum(),
    )


def each_verdict(data: Data) -> Iterator[View]:
    """Yield every verdict on a claim."""
    return declared.counted(View(), others.table(data, "claims")["verdict"])
