"""Findings on the pair beside others: votes, organizations, visits, sessions, claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from relations_lib import nulls, others, pairs, poisson
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

# --- Votes ---------------------------------------------------------------------------------------


def each_votes(data: Data) -> Iterator[View]:
    """Yield the votes of the pair in the years of the main window."""
    span = others.period(data)
    partners = others.vote_partners(data)
    own = partners[partners["partner"] == data.about.partner]
    ranked = others.of_pair(data, others.table(data, "votes_by_period")).query("period == @span")
    if own.empty or ranked.empty:
        raise ValueError(f"no votes of the pair in {span}")
    years = others.table(data, "votes_by_year")
    first, last = span.split("-")
    years = years[years["year"].between(int(first), int(last))]
    calls = years["roll_calls"].sum()
    (one,) = own.itertuples()
    (place,) = ranked.itertuples()
    yield View(
        period=span,
        one=one,
        place=place,
        calls=calls,
        abstained=one.joint - one.identical - one.opposite,
        share_of_all=one.identical / calls,
        answered_home=years["home_voted"].sum() / calls,
        answered_partner=years["partner_voted"].sum() / calls,
        closer=place.rank_identical - 1,
        share_closer=(place.rank_identical - 1) / place.pairs_ranked,
        world=_mean(others.table(data, "votes_world").query("measure == 'identical_share'")),
        partners=len(partners),
    )


def _mean(world: pd.DataFrame) -> Value:
    """Return the mean of values counted in bins, between the means of their two ends."""
    many = world["pairs"].sum()
    low = (world["low"].clip(upper=1) * world["pairs"]).sum() / many
    high = (world["high"].clip(upper=1) * world["pairs"]).sum() / many
    return Value((low + high) / 2, low, high, int(many))


def each_voter(data: Data) -> Iterator[View]:
    """Yield every partner of the page's own state that the table of pairs names too."""
    partners = others.vote_partners(data)
    for row in _compared(data, "votes", partners):
        yield View(period=others.period(data), row=row, state=row.partner)


def _compared(data: Data, name: str, partners: pd.DataFrame) -> Iterator[Any]:
    """Yield the partners that a table of pairs names."""
    rows = others.table(data, name)
    named = pd.concat([rows["state_a"], rows["state_b"]])
    yield from partners[partners["partner"].isin(named)].itertuples()


def each_issue(data: Data) -> Iterator[View]:
    """Yield every issue on which the two voted."""
    rows = others.of_pair(data, others.table(data, "votes_by_issue"))
    for row in pairs.agreement(rows).assign(label=rows["issue"]).itertuples():
        yield View(issue=row.label.lower().replace(" ", "_"), row=row)


# --- Organizations -------------------------------------------------------------------------------


def _members_of(data: Data) -> tuple[int, pd.DataFrame]:
    """Return the year of which the margins are known, and what the page's own state shares."""
    year = int(others.table(data, "shared_world")["year"].iloc[0])
    partners = others.table(data, "shared_partners")
    return year, partners[partners["state"] == data.about.home]


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
    spread = others.table(data, "shared_world").query("organizations == 'all'")
    spread = spread.sort_values("shared")
    upper = spread["pairs"].cumsum() >= spread["pairs"].sum() / 2
    yield View(
        year=year,
        row=row,
        pairs=spread["pairs"].sum(),
        median=spread.loc[upper.idxmax(), "shared"],
        partners=len(partners),
        partner_rank=pairs.rank(row.shared, partners["shared"]),
        null=nulls.shared_by_entropy(totals, sizes, tuple(places), row.shared),
    )


def each_sharer(data: Data) -> Iterator[View]:
    """Yield every partner of the page's own state that the table of pairs names too."""
    year, partners = _members_of(data)
    for row in _compared(data, "shared", partners):
        yield View(year=year, row=row, state=row.partner)


# --- Visits --------------------------------------------------------------------------------------


def _visited(data: Data) -> tuple[pd.DataFrame, Any]:
    """Return the visits of all pages read, and the row of the pair's own."""
    found = others.visit_table(data)
    own = found[found["partner"] == data.about.partner]
    if own.empty or len(found) < 2:
        raise ValueError("ministry_pages: the list of visits of this and of another page is needed")
    return found, next(own.itertuples())


def each_visited(data: Data) -> Iterator[View]:
    """Yield every page whose list of visits was read whole."""
    found, own = _visited(data)
    longer = others.visit_table(data, others.window(data)["end_latest"])
    longer = longer.set_index("partner")["rate"]
    pooled = 10 * pairs.pool(found["visits"], found["years"]).table
    for row in found.itertuples():
        kept = pooled.loc[row.Index]
        yield View(
            state=row.partner,
            state_name=declared.called(data.states, row.partner),
            visits=row.visits,
            end=row.end.date().isoformat(),
            rate=Value(row.rate, row.low, row.high, row.visits),
            longer=longer[row.partner],
            pooled=Value(kept["pooled"], kept["low"], kept["high"], row.visits),
            ratio=poisson.rate_ratio(row.visits, row.years, own.visits, own.years),
        )


def each_rival(data: Data) -> Iterator[View]:
    """Yield every page but the pair's own."""
    for view in each_visited(data):
        if view.state != data.about.partner:
            yield view


def ratio_of_rates(view: View) -> Value:
    """Return the ratio of another's rate to that of the pair."""
    return Value(view.ratio.ratio, view.ratio.low, view.ratio.high)


def each_pool(data: Data) -> Iterator[View]:
    """Yield the pages together."""
    found, own = _visited(data)
    pooled = pairs.pool(found["visits"], found["years"])
    if pooled.complete:
        raise ValueError("the pages' counts differ no more than by chance: pooling is complete")
    yield View(
        pages=len(found),
        rank=pairs.rank(own.rate, found["rate"]),
        shape=pooled.shape,
        mean=10 * pooled.mean,
        n=found["visits"].sum(),
    )


def each_documents(data: Data) -> Iterator[View]:
    """Yield the pages of the ministry that give a number of documents."""
    pages = others.table(data, "ministry_pages")
    known = pages[pages["extent"] != "press_copy"].dropna(subset="documents")
    own = known[known["partner"] == data.about.partner]
    if own.empty:
        raise ValueError("ministry_pages gives no number of documents for this pair")
    documents = own["documents"].iloc[0]
    yield View(n=len(known), rank=pairs.rank(documents, known["documents"]))


def each_guest(data: Data) -> Iterator[View]:
    """Yield every state whose visits to the United States were counted."""
    rows = others.table(data, "us_visits")
    years = rows["year"]
    counts = rows.groupby("state")["to_usa"].sum()
    for state, count in counts.items():
        yield View(state=state, count=count, first=years.min(), last=years.max(), n=len(counts))


# --- Sessions ------------------------------------------------------------------------------------


def each_series(data: Data) -> Iterator[View]:
    """Yield every commission with two numbered sessions, and the stretches of the pair's own."""
    for row in others.session_table(data).itertuples():
        yield View(
            row=row,
            part=row.stretch or row.state,
            start=row.start.date(),
            end=row.end.date(),
            rate=Value(row.rate, row.low, row.high, row.gaps),
        )


def each_peer(data: Data) -> Iterator[View]:
    """Yield every commission whose years overlap those of the pair's recent sessions."""
    found = others.session_table(data)
    found["years"] = found["gaps"] / found["rate"]
    own = found[found["stretch"] == "recent"]
    if own.empty:
        raise ValueError("sessions_elsewhere: two numbered sessions of recent years are needed")
    (one,) = own.itertuples()
    peers = found[(found["stretch"] == "") & (found["end"] > one.start)]
    for row in peers.itertuples():
        ratio = poisson.rate_ratio(row.gaps, row.years, one.gaps, one.years)
        yield View(state=row.state, ratio=ratio, n=row.gaps + one.gaps)


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
