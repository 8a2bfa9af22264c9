"""Findings on the page held against other sources: what they leave of its lists and words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from relations_lib import checks, visits
from relations_lib.dates import day_bounds, years_between
from relations_lib.findings import _declared as declared
from relations_lib.findings._cadence import whole_years
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

SCOPES = {
    "in_scope": ["yes"],
    "with_perhaps": ["yes", "perhaps"],
    "with_multilateral": ["yes", "perhaps", "no_multilateral"],
}
YEAR = pd.Timedelta(days=365.25)


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
    without = audit.without_number
    if audit.missing_before is None or without is None:
        raise ValueError("the numbers reported elsewhere exclude each other: see ordinal_audit")
    strict = checks.ordinal_audit(_still_to_come(numbered, data), listed).without_number
    sessions = declared.each_row(numbered, "sessions_elsewhere")
    yield View(
        body_name=declared.called(data.institutions, body),
        data=data,
        numbered=numbered,
        listed=listed,
        n=len(listed),
        without=without,
        missing_before=_bounds(audit.missing_before),
        without_number=_bounds(without),
        if_announced=_bounds(strict or without),
        rests=f"meetings#* {sessions}",
    )


def each_reach(data: Data) -> Iterator[View]:
    """Yield what was met up to the list's last year, as numbered and at most."""
    (audit,) = each_audit(data)
    window = declared.meetings_window(data)
    first, last = whole_years(window).popitem()[1]
    sessions = int(_pace(audit)["numbered"].sum())
    least, most = (sessions + count for count in audit.without)
    years = last - first + 1
    yield audit.but(
        window=window["id"].iloc[0],
        first=first,
        last=last,
        sessions=sessions,
        allowed=Value(least, least, most),
        at_most=sessions + audit.n,
        rate_sessions=declared.per_year(sessions, years),
        rate_allowed=Value(least / years, least / years, most / years),
        rate_at_most=(sessions + audit.n) / years,
    )


def each_stretch(data: Data) -> Iterator[View]:
    """Yield the stretches before and between the numbers, with their room and what is listed."""
    (audit,) = each_audit(data)
    for row in _pace(audit).itertuples():
        part = "before" if row.part == "before" else "between"
        yield audit.but(part=part, row=row)


def each_pace(data: Data) -> Iterator[View]:
    """Yield listed meetings and numbered sessions before and after the first number."""
    (audit,) = each_audit(data)
    for row in _pace(audit).itertuples():
        for source in ("listed", "numbered"):
            count = int(getattr(row, source))
            rate = declared.per_year(count, row.years)
            yield audit.but(part=row.part, source=source, rate=rate, years=row.years)


def each_since(data: Data) -> Iterator[View]:
    """Yield the sessions from the last one of the list's years to the last that is numbered."""
    (audit,) = each_audit(data)
    sure = audit.numbered[audit.numbered["certain"]].sort_values("number")
    within = sure[sure["earliest"] <= audit.listed["latest"].max()]
    if within.empty or len(within) == len(sure):
        raise ValueError("others number no session after the list's last year, or none before")
    ends = pd.concat([within.tail(1), sure.tail(1)])
    numbers = ends["number"].astype(int).tolist()
    middles = ends[["earliest", "latest"]].mean(axis=1)
    years = (middles.iloc[1] - middles.iloc[0]) / pd.Timedelta(days=365.25)
    count = numbers[1] - numbers[0]
    yield audit.but(
        from_number=numbers[0],
        to_number=numbers[1],
        from_date=ends["date"].iloc[0],
        to_date=ends["date"].iloc[1],
        sessions=count,
        years=years,
        rate=declared.per_year(count, years),
    )


def each_ratio(data: Data) -> Iterator[View]:
    """Yield the paces that are compared: after and before the first number, and since the last."""
    (audit,) = each_audit(data)
    table = _pace(audit)
    if len(table) < 2:
        raise ValueError("others number one session in the list's years: no pace after it")
    before, after = table.itertuples()
    for source in ("listed", "numbered"):
        words = ("after the first numbered session", "before")
        counts = (getattr(after, source), getattr(before, source))
        yield _against(audit, source, words, counts, (after.years, before.years))
    (since,) = each_since(data)
    words = (
        f"after session no. {since.from_number}",
        "of the sessions from the first number to it",
    )
    counts = (since.sessions, after.numbered)
    yield _against(audit, "since", words, counts, (since.years, after.years))


def _against(audit: View, compared: str, words: tuple, counts: tuple, years: tuple) -> View:
    """Return two paces to compare: each with its words, its sessions and its years."""
    return audit.but(
        compared=compared,
        after=words[0],
        before=words[1],
        count_after=counts[0],
        count_before=counts[1],
        years_after=years[0],
        years_before=years[1],
        n=sum(counts),
    )


def _bounds(pair: tuple[int, int]) -> Value:
    return Value(pair[0], *pair)


def _pace(audit: View) -> pd.DataFrame:
    start = declared.windows(audit.data)["start_earliest"].min()
    return checks.pace(audit.numbered, audit.listed, start)


def _still_to_come(numbered: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Return the sessions with plans held between their announcement and the next sure number."""
    reported = data.sources.set_index("id")["date_latest"]
    held = numbered.loc[numbered["certain"], ["number", "latest"]].sort_values("number")
    ordered = numbered.sort_values("number")
    found = pd.merge_asof(ordered, held, "number", direction="forward", suffixes=("", "_after"))
    told = reported.reindex(found["source"]).set_axis(found.index)
    until = found["latest_after"]
    plan = ~found["certain"] & told.notna() & until.notna()
    found["earliest"] = found["earliest"].mask(plan, told)
    found["latest"] = found["latest"].mask(plan, until)
    return found[found["certain"] | plan].assign(certain=True)


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
    (absent,) = each_absent(data)
    return declared.counted(absent, absent.absent["in_scope"])


def each_added(data: Data) -> Iterator[View]:
    """Yield the page's visits in the main window, with absent ones added scope by scope."""
    (absent,) = each_absent(data)
    frame = declared.window(data)
    start, end = frame[["start", "end"]].iloc[0]
    held = visits.first_days(absent.listed, start, end)
    listed = absent.listed.loc[held.index]
    for name, codes in SCOPES.items():
        added = absent.absent[absent.absent["in_scope"].isin(codes)]
        together = pd.concat([listed, added.drop_duplicates("trip")])
        view = absent.but(
            scope=name,
            codes=", ".join(codes),
            window=frame["id"].iloc[0],
            start=start,
            end=end,
            frame=frame,
            together=together,
            known=listed,
            outside=len(added),
            n=len(together),
            gaps=len(together) - 1,
            checks=data.page_checks,
        )
        yield view if len(together) else view.but(reason="no visit in scope is known")


def years_per_visit(view: View) -> Value:
    """Return the years per visit."""
    (row,) = visits.visit_rate(view.together, view.frame).itertuples()
    return Value(1 / row.rate, 1 / row.high, 1 / row.low, row.visits)


def increasing_share(view: View) -> float:
    """Return 1 where every gap is longer than the one before on all dates, 0 where on none."""
    gaps = visits.visit_gaps(view.together)
    least = gaps["least"].to_numpy()
    greatest = gaps["greatest"].to_numpy()
    if len(gaps) < 2:
        raise ValueError("fewer than three visits have no two gaps to compare")
    if (greatest[:-1] < least[1:]).all():
        return 1.0
    if (least[:-1] >= greatest[1:]).any():
        return 0.0
    raise ValueError("the dates leave it open, so that it is neither 0 nor 1")


def direction_ratio(view: View) -> Value:
    """Return the visits of one direction over those of the other."""
    row = declared.directions(view.together.reset_index(drop=True), view.home)
    return Value(row.ratio, row.low, row.high)


def capture(view: View) -> Value:
    """Return Lincoln and Petersen's estimate: the mistake, published as one."""
    confirmed = view.checks.query("verdict == 'holds' and subject == 'date'")
    rows = set(" ".join(confirmed["page_rows"]).split())
    both = len(rows & set("visits#" + view.known["id"]))
    if not both:
        raise ValueError("no visit of the page in this window is confirmed elsewhere")
    known = len(view.known)
    return Value(known * (both + view.outside) / both, n=known)


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
    for row in uses[uses["holds"] == "no"].itertuples():
        days = day_bounds([row.used, row.valid_from, row.valid_to])
        used, start, end = days.itertuples(index=False)
        early = used.latest < start.earliest
        least, most = used.earliest - end.latest, used.latest - end.earliest
        if early:
            least, most = start.earliest - used.latest, start.latest - used.earliest
        years = np.array([(least + most) / 2, least, most]) / YEAR
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


def each_organization(data: Data) -> Iterator[View]:
    """Yield the organizations that the page names and those that it does not."""
    printed = _printed(data)
    if "shared_elsewhere" not in data:
        raise ValueError("the package has no table shared_elsewhere")
    named = data.organizations_named["organization"]
    ended = data.organizations.set_index("id", drop=False).reindex(named)
    ended = ended[ended["dissolved_latest"] <= printed]
    others = data.shared_elsewhere
    over = int((others["ended_latest"] <= printed).sum())
    left = len(named) - len(ended)
    yield View(
        printed=printed.date().isoformat(),
        n=len(named),
        ended=len(ended),
        first=ended["dissolved_earliest"].min(),
        absent=len(others),
        all=len(named) + len(others),
        shared=Value(left, left, left + len(others) - over),
        rests=declared.each_row(ended, "organizations"),
    )


def years_since_end(view: View) -> float:
    """Return the years from the first of the ends to the page's date."""
    if not view.ended:
        raise ValueError("no organization that the page names had ended on its date")
    return years_between(view.first, view.printed)


def each_claims(data: Data) -> Iterator[View]:
    """Yield the rival claims."""
    claims = data.rival_claims
    decided = claims.loc[claims["chosen"] != "undecided", "topic"]
    topics = claims["topic"].nunique()
    yield View(n=len(claims), topics=topics, undecided=topics - decided.nunique())


def each_sources(data: Data) -> Iterator[View]:
    """Yield the sources together."""
    yield View(n=len(data.sources))


def each_read(data: Data) -> Iterator[View]:
    """Yield the sources by how they were read."""
    return declared.counted(View(), data.sources["read"])
