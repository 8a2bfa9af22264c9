"""Findings on the page held against other sources: what they leave of its lists and words."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from relations_lib import sources, visits
from relations_lib.dates import years_between
from relations_lib.findings import _network
from relations_lib.findings._cadence import whole_year_windows
from relations_lib.findings._record import Finding
from relations_lib.findings._visits import main_window
from relations_lib.poisson import garwood
from relations_lib.tables import Data

SCOPES = {
    "in_scope": ["yes"],
    "with_perhaps": ["yes", "perhaps"],
    "with_multilateral": ["yes", "perhaps", "no_multilateral"],
}


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    yield from _ordinal(data)
    yield from _visits(data)
    yield from _words(data)
    yield from _claims(data)
    yield from _rules(data)


def _ordinal(data: Data) -> Iterator[Finding]:
    numbered, listed = sources.numbered_sessions(data), sources.day_spans(data.meetings)
    if listed.empty or data.windows.empty or not numbered["certain"].any():
        return
    audit = sources.ordinal_audit(numbered, listed)
    rests = "meetings#* " + " ".join(f"sessions_elsewhere#{name}" for name in numbered["id"])
    if audit.missing_before is None or audit.without_number is None:
        return
    strict = sources.ordinal_audit(_still_to_come(numbered, data), listed).without_number
    for key, bounds in [
        ("missing_before_first_numbered", audit.missing_before),
        ("listed_without_number", audit.without_number),
        ("listed_without_number_if_announced", strict or audit.without_number),
    ]:
        yield Finding(f"checks.ordinal.{key}", bounds[0], *bounds, len(listed), rests)
    if not (numbered["certain"] & (numbered["earliest"] <= listed["latest"].max())).any():
        return
    for part, (*_, room, inside) in zip(
        ("before", "between"), sources.rooms(numbered, listed), strict=False
    ):
        yield Finding(f"checks.ordinal.room.{part}", room, n=len(listed), rests_on=rests)
        yield Finding(f"checks.ordinal.inside.{part}", inside, n=len(listed), rests_on=rests)
    pace = sources.pace(numbered, listed, data.windows["start_earliest"].min())
    first = next(iter(whole_year_windows(data).items()))
    yield from _pace(pace, audit.without_number, len(listed), first, rests)


def _still_to_come(numbered: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Return the sessions with plans held between their announcement and the next sure number."""
    dates = data.sources.set_index("id")["date_latest"]
    told = dates.reindex(numbered["source"]).set_axis(numbered.index)
    held = numbered[numbered["certain"]].sort_values("number").reset_index(drop=True)
    after = held["number"].searchsorted(numbered["number"])
    until = held["latest"].reindex(after).set_axis(numbered.index)
    plan = ~numbered["certain"] & told.notna() & until.notna()
    strict = numbered.assign(
        earliest=numbered["earliest"].mask(plan, told),
        latest=numbered["latest"].mask(plan, until),
        certain=numbered["certain"] | plan,
    )
    return strict[strict["certain"]]


def _pace(
    pace: pd.DataFrame, without: tuple[int, int], listed: int, first: tuple, rests: str
) -> Iterator[Finding]:
    """Yield what was met up to the first numbered session and from there to the last in reach."""
    for row in pace.itertuples():
        for source in ("listed", "numbered"):
            count = int(getattr(row, source))
            low, high = (float(bound) for bound in garwood(count, row.years))
            key = f"checks.pace.{source}.{row.part}"
            yield Finding(key, count / row.years, low, high, count, f"{rests} windows#*")
    last = int(pace["numbered"].sum())
    yield Finding("checks.ordinal.sessions", last, n=last, rests_on=rests)
    most = (last + without[0], last + without[1])
    yield Finding("checks.ordinal.meetings_allowed", most[0], *most, n=listed, rests_on=rests)
    window, (begin, end) = first
    years, timed = end - begin + 1, f"{rests} windows#{window}"
    low, high = (float(bound) for bound in garwood(last, years))
    yield Finding("checks.ordinal.rate.sessions", last / years, low, high, last, timed)
    low, high = (count / years for count in most)
    yield Finding("checks.ordinal.rate.allowed", low, low, high, listed, timed)
    every = last + listed
    yield Finding("checks.ordinal.meetings_at_most", every, n=listed, rests_on=rests)
    yield Finding("checks.ordinal.rate.at_most", every / years, n=listed, rests_on=timed)


def _visits(data: Data) -> Iterator[Finding]:
    listed, rests = data.visits.dropna(subset="date"), "visits#* visits_elsewhere#*"
    absent = sources.not_listed(data.visits_elsewhere, listed)
    total = len(data.visits_elsewhere)
    yield Finding("checks.visits.absent", len(absent), n=total, rests_on=rests)
    yield Finding("checks.visits.absent_trips", absent["trip"].nunique(), n=total, rests_on=rests)
    for column in ("in_scope", "evidence"):
        for value, count in absent[column].value_counts().items():
            yield Finding(f"checks.visits.{column}.{value}", count, n=len(absent), rests_on=rests)
    for (visitor, host), count in absent.groupby(["visitor", "host"]).size().items():
        key = f"checks.visits.direction.{visitor}_{host}"
        yield Finding(key, count, n=len(absent), rests_on=rests)
    window = main_window(data.windows)
    for name, codes in SCOPES.items() if len(window) else ():
        added = absent[absent["in_scope"].isin(codes)].drop_duplicates("trip")
        table = visits.visit_rate(pd.concat([listed, added]), window)
        for row in table.itertuples():
            key = f"checks.visits.rate_{name}.{row.window}"
            held = f"{rests} windows#{row.window}"
            yield Finding(key, row.rate, row.low, row.high, row.visits, held)
        if len(table):
            yield from _with_added(name, pd.concat([listed, added]), rests)
    yield from _capture(data, absent)


def _with_added(name: str, together: pd.DataFrame, rests: str) -> Iterator[Finding]:
    """Yield what the added visits do to the order of the gaps and to the direction."""
    n = len(together)
    gaps = visits.visit_gaps(together)
    rising = gaps["greatest"].to_numpy()[:-1] < gaps["least"].to_numpy()[1:]
    falling = gaps["least"].to_numpy()[:-1] >= gaps["greatest"].to_numpy()[1:]
    share = 1.0 if rising.all() else 0.0 if falling.any() else None
    if share is not None:
        yield Finding(f"checks.visits.gaps_increasing_share.{name}", share, n=n - 1, rests_on=rests)
    for row in visits.direction_tests(together).head(1).itertuples():
        key = f"checks.visits.direction_ratio.{name}"
        yield Finding(key, row.ratio, row.low, row.high, n, rests)


def _capture(data: Data, absent: pd.DataFrame) -> Iterator[Finding]:
    """Yield Lincoln and Petersen's estimate under both readings: the mistake, published as one."""
    checks, known = data.page_checks, len(data.visits)
    confirmed = checks["verdict"].eq("holds") & checks["subject"].eq("date")
    rows = " ".join(checks.loc[confirmed, "page_rows"]).split()
    both = len({row for row in rows if row.startswith("visits#")})
    rests = "visits#* visits_elsewhere#* page_checks#*"
    for name in ("in_scope", "with_perhaps"):
        outside = both + int(absent["in_scope"].isin(SCOPES[name]).sum())
        if both:
            value = known * outside / both
            yield Finding(f"checks.capture.{name}", value, n=known, rests_on=rests)


def _words(data: Data) -> Iterator[Finding]:
    checks, printed = data.page_checks, data.page["date_latest"].max()
    n = len(checks)
    yield Finding("checks.count", n, n=n, rests_on="page_checks#*")
    for verdict, rows in checks.groupby("verdict", sort=False):
        rests = " ".join(f"page_checks#{name}" for name in rows["id"])
        yield Finding(f"checks.verdict.{verdict}", len(rows), n=n, rests_on=rests)
    stale = checks[checks["verdict"].eq("other_time") & checks["subject"].ne("place")]
    gone = stale[sources.holds_at(stale, printed).eq("no")] if len(stale) else stale
    rests = " ".join(f"page_checks#{name}" for name in gone["id"])
    yield Finding("checks.stale.count", len(gone), n=n, rests_on=rests)
    named = data.organizations_named.merge(
        data.organizations, left_on="organization", right_on="id", suffixes=("_named", "")
    )
    ended = named[named["dissolved_latest"] <= printed]
    rests = "organizations_named#* " + " ".join(f"organizations#{name}" for name in ended["id"])
    yield Finding("checks.organizations.ended", len(ended), n=len(named), rests_on=rests)
    if len(ended):
        years = years_between(ended["dissolved_earliest"].min(), printed)
        yield Finding("checks.organizations.years_since_end", years, n=len(ended), rests_on=rests)
    rests = "organizations_named#* shared_elsewhere#*"
    others, left = data.shared_elsewhere, len(named) - len(ended)
    count, alive = len(others), int((~(others["ended_latest"] <= printed)).sum())
    bounds = (left, left, left + alive)
    yield Finding("checks.organizations.shared_at_page", *bounds, n=len(named), rests_on=rests)
    yield Finding("checks.organizations.not_named", count, n=len(named) + count, rests_on=rests)
    key = "checks.organizations.not_named_at_page"
    yield Finding(key, alive, n=count, rests_on="shared_elsewhere#*")


def _claims(data: Data) -> Iterator[Finding]:
    claims, n = data.rival_claims, len(data.rival_claims)
    if claims.empty:
        return
    topics = claims.groupby("topic")["chosen"]
    undecided = int(topics.apply(lambda chosen: chosen.eq("undecided").all()).sum())
    for name, value in [
        ("count", n),
        ("topics", topics.ngroups),
        ("topics_undecided", undecided),
    ]:
        yield Finding(f"checks.claims.{name}", value, n=n, rests_on="rival_claims#*")
    for how, count in data.sources["read"].value_counts().items():
        yield Finding(f"checks.sources.{how}", count, n=len(data.sources), rests_on="sources#*")
    yield Finding("checks.sources", len(data.sources), n=len(data.sources), rests_on="sources#*")


def _rules(data: Data) -> Iterator[Finding]:
    """Yield what other rules for dates and statuses make of two results on the network."""
    every, years = [], []
    if (about := _network.scope(data)) is None:
        return
    for spells, statuses, named in _network.rules(data, about).values():
        table = _network.network_table(spells, about, statuses=statuses, organizations=named)
        counted = spells[spells["organization"].isin(named)]
        shared = _network.pair_shared(counted, about, about.years, statuses)
        every.append(int(table.all(axis=1).sum()))
        years.append(int((shared == len(named)).sum()))
    rests = "memberships#* organizations#* cis_legal_dates#*"
    for name, counts in (("states_in_all", every), ("all_five_years", years)):
        bounds = (counts[0], min(counts), max(counts))
        yield Finding(f"checks.network.{name}", *bounds, n=len(counts), rests_on=rests)
