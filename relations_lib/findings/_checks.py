"""Findings on the page held against other sources: what they leave of its lists and words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from relations_lib import cadence, checks, pairs, visits
from relations_lib.dates import DAYS_A_YEAR, day_bounds
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View, made_once
from relations_lib.tables import Data

SCOPES = {
    "in_scope": ["yes"],
    "with_perhaps": ["yes", "perhaps"],
    "with_multilateral": ["yes", "perhaps", "no_multilateral"],
}


# --- The list of meetings against the numbers of sessions ----------------------------------------


def each_audit(data: Data) -> Iterator[View]:
    """Yield the declared body's list with what the numbers reported elsewhere allow of it."""
    body = data.about.need("body")
    rows = data.meetings[data.meetings["institution"] == body]
    listed = checks.day_spans(rows)
    numbered = checks.numbered_sessions(data)
    if listed.empty or not numbered["certain"].any():
        raise ValueError("no meeting of the body with a date, or no session numbered elsewhere")
    audit = checks.ordinal_audit(numbered, listed)
    if audit.missing_before is None or audit.without_number is None:
        raise ValueError("the numbers reported elsewhere exclude each other: see ordinal_audit")
    fewest, most = audit.missing_before
    least, greatest = audit.without_number
    met = declared.some_rows(rows, data.meetings, "meetings")
    sessions = declared.each_row(numbered, "sessions_elsewhere")
    yield View(
        body_name=declared.called(data.institutions, body),
        start=declared.windows(data)["start_earliest"].min(),
        numbered=numbered,
        listed=listed,
        n=len(listed),
        missing_before=Value(fewest, fewest, most),
        without_number=Value(least, least, greatest),
        rests=f"{met} {sessions}",
    )


def each_reach(data: Data) -> Iterator[View]:
    """Yield what was met up to the list's last day, as numbered and at most."""
    (audit,) = made_once(each_audit, data)
    window = declared.meetings_window(data)
    ((first, last),) = cadence.whole_years(window).values()
    years = last - first + 1
    told = audit.numbered[audit.numbered["earliest"] <= audit.listed["latest"].max()]
    newest = told[told["certain"]].sort_values("number").tail(1)
    if newest.empty:
        raise ValueError("others number no session within the list's dates")
    sessions = int(newest["number"].iloc[0])
    later = int((audit.listed["earliest"] > newest["latest"].iloc[0]).sum())
    least, most = checks.ordinal_audit(told, audit.listed).without_number or (0, 0)
    allowed = sessions + later + np.array([least, least, most])
    at_most = sessions + audit.n
    yield audit.but(
        window=window["id"].iloc[0],
        first=first,
        last=last,
        sessions=sessions,
        allowed=allowed,
        at_most=at_most,
        rate_sessions=declared.per_year(sessions, years),
        rate_allowed=allowed / years,
        rate_at_most=at_most / years,
    )


def each_stretch(data: Data) -> Iterator[View]:
    """Yield the stretch before the first number and that from it to the last, with both lists."""
    (audit,) = made_once(each_audit, data)
    for row in _pace(audit).itertuples():
        yield audit.but(
            part=row.part,
            stretch="before" if row.part == "before" else "between",
            row=row,
        )


def each_timed(data: Data) -> Iterator[View]:
    """Yield the stretches whose length is known to a tenth of it, with both rates."""
    for view in made_once(each_stretch, data):
        row = view.row
        if row.open > row.years / 10:
            ends = f"the numbered sessions at its ends are dated to within {row.open:.1f} years"
            yield view.but(reason=f"no length is known of the stretch {view.stretch}: {ends}")
            continue
        yield view.but(
            listed_rate=declared.per_year(row.listed, row.years),
            numbered_rate=declared.per_year(row.numbered, row.years),
        )


def each_ratio(data: Data) -> Iterator[View]:
    """Yield the stretch after the first number beside the one before it."""
    (audit,) = made_once(each_audit, data)
    table = _pace(audit)
    if len(table) < 2:
        raise ValueError("others number one session within the list's dates: no pace after it")
    before, after = table.itertuples()
    told = [view.reason for view in made_once(each_timed, data) if hasattr(view, "reason")]
    if told:
        raise ValueError(told[0])
    yield audit.but(before=before, after=after, total=table.sum())


def each_since(data: Data) -> Iterator[View]:
    """Yield the sessions from the last one within the list's dates to the last that is numbered."""
    (ratio,) = made_once(each_ratio, data)
    sure = ratio.numbered[ratio.numbered["certain"]].sort_values("number")
    within = sure["earliest"] <= ratio.listed["latest"].max()
    if within.all():
        raise ValueError("others number no session after the list's last day")
    later = sure[within.sum() - 1 :]
    since = View(**pairs.session_rate(later))
    dates = later["date"]
    yield ratio.but(
        since=since,
        rate=Value(since.rate, since.low, since.high, since.gaps),
        from_date=dates.iloc[0],
        to_date=dates.iloc[-1],
        compared=since.gaps + ratio.after.numbered,
    )


def _pace(audit: View) -> pd.DataFrame:
    return checks.pace(audit.numbered, audit.listed, audit.start)


# --- Visits attested elsewhere -------------------------------------------------------------------


def each_absent(data: Data) -> Iterator[View]:
    """Yield the occasions attested elsewhere that no visit on the page can be."""
    elsewhere = declared.between(data, data.visits_elsewhere)
    if data.visits_elsewhere.empty and "visits_elsewhere" not in data.looked_up:
        raise ValueError(
            "nobody has looked for visits elsewhere: visits_elsewhere has no row, and its "
            "lookedUpUntil in datapackage.json does not say that somebody did and found none"
        )
    listed = declared.between(data, data.visits).dropna(subset="date")
    absent = checks.not_listed(elsewhere, listed)
    yield View(listed=listed, absent=absent, n=len(elsewhere), missing=len(absent))


def each_scope(data: Data) -> Iterator[View]:
    """Yield the absent occasions by the code of their scope."""
    (absent,) = made_once(each_absent, data)
    return declared.counted(absent, absent.absent["in_scope"])


def each_added(data: Data) -> Iterator[View]:
    """Yield the page's visits in the main window, with absent ones added scope by scope."""
    (base,) = made_once(each_absent, data)
    frame = declared.window(data)
    (window,) = frame.itertuples()
    for name, codes in SCOPES.items():
        added = base.absent[base.absent["in_scope"].isin(codes)]
        trips = added.drop_duplicates("trip")
        together = pd.concat([base.listed, trips], ignore_index=True)
        may_begin = visits.first_days(together, window.start, window.end).index
        together = together.loc[may_begin]
        view = base.but(
            scope=name,
            codes=", ".join(codes),
            window=window.id,
            start=window.start,
            end=window.end,
            begins=window.start,
            visits=together,
            rate=declared.visit_rate(together, frame),
            inside=len(together),
            gaps=len(together) - 1,
        )
        yield view if len(together) else view.but(reason="no visit in scope is known")


def each_bilateral(data: Data) -> Iterator[View]:
    """Yield the same without the scope that adds summits."""
    return (view for view in made_once(each_added, data) if view.scope != "with_multilateral")


def direction_ratio(view: View) -> Value:
    """Return the visits of one direction over those of the other."""
    row = declared.directions(view.visits.reset_index(drop=True), view.home)
    return Value(row.ratio, row.low, row.high)


# --- Words, organizations, claims and sources ----------------------------------------------------


def each_verdict(data: Data) -> Iterator[View]:
    """Yield every verdict."""
    for verdict, rows in data.page_checks.groupby("verdict", sort=False):
        yield View(
            verdict=verdict,
            count=len(rows),
            n=len(data.page_checks),
            rests=declared.each_row(rows, "page_checks"),
        )


def each_untrue(data: Data) -> Iterator[View]:
    """Yield each use of words at a date at which they are not true, with how far off it is."""
    _printed(data)
    uses = checks.word_uses(data)
    untrue = uses[uses["holds"] == "no"].drop_duplicates(["id", "used"])
    for row in untrue.itertuples():
        days = day_bounds([row.used, row.valid_from, row.valid_to])
        used, start, end = days.itertuples(index=False)
        early = used.latest < start.earliest
        first, second = (used, start) if early else (end, used)
        least = second.earliest - first.latest
        most = second.latest - first.earliest
        years = np.array([(least + most).days / 2, least.days, most.days]) / DAYS_A_YEAR
        yield View(
            check=row.id,
            used=row.used.replace("/", "_"),
            row=row,
            side="too early" if early else "too late",
            years=years,
            months=12 * years,
        )


def _printed(data: Data) -> pd.Timestamp:
    printed = data.page["date_latest"].max()
    if pd.isna(printed):
        raise ValueError("the page has no date: page, date")
    return printed


def each_named(data: Data) -> Iterator[View]:
    """Yield the organizations that the page names, with those that had ended by its date."""
    printed = _printed(data)
    named = data.organizations_named["organization"]
    known = data.organizations[data.organizations["id"].isin(named)]
    ended = known[known["dissolved_latest"] <= printed]
    yield View(
        day=printed,
        printed=printed.date().isoformat(),
        n=len(named),
        ended=len(ended),
        since_end=(printed - ended["dissolved_earliest"].min()).days / DAYS_A_YEAR,
        rests=declared.each_row(ended, "organizations"),
    )


def each_organization(data: Data) -> Iterator[View]:
    """Yield the organizations that the page names and those that it does not."""
    (named,) = made_once(each_named, data)
    others = data.shared_elsewhere
    over = (others["ended_latest"] <= named.day).sum()
    left = named.n - named.ended
    yield named.but(
        absent=len(others),
        all=named.n + len(others),
        shared=Value(left, left, left + len(others) - over),
    )


def each_claims(data: Data) -> Iterator[View]:
    """Yield the rival claims."""
    claims = data.rival_claims
    open_topics = claims["chosen"].eq("undecided").groupby(claims["topic"]).all()
    yield View(n=len(claims), topics=len(open_topics), undecided=open_topics.sum())


def each_sources(data: Data) -> Iterator[View]:
    """Yield the sources together."""
    yield View(n=len(data.sources))


def each_read(data: Data) -> Iterator[View]:
    """Yield the sources by how they were read."""
    return declared.counted(View(), data.sources["read"])
