"""Findings on a body's meetings: how often, how evenly, with what trend, when next.

The declared body has the plain keys, every other one its id in them. Windows are those of the
table ``windows`` in the calendar years that ``cadence.whole_years`` gives.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from relations_lib import cadence, checks, pace
from relations_lib.dates import start_bounds
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Each, Value, View, from_each
from relations_lib.tables import Data

GROWTHS = (2, 4, 8, 16)


# --- What records are made for -------------------------------------------------------------------


def each_body(data: Data) -> Each:
    """Yield the declared body, then every other one that the page lists meetings of."""
    body = data.about.body
    try:
        yield _body(data, data.about.need("body"), "")
    except ValueError as reason:
        yield View(of="", reason=str(reason))
    for other in data.meetings["institution"].unique():
        if other != body:
            yield _body(data, other, f"{other}.")


@from_each(each_body)
def each_listed(data: Data, view: View) -> Each:
    """Yield each body that has a meeting with a date."""
    if view.n == 0:
        raise ValueError(f"{view.body_name} has no meeting with a date")
    yield view


@from_each(each_listed)
def each_spaced(data: Data, view: View) -> Each:
    """Yield each body with the gaps between its meetings."""
    if view.n < 2:
        raise ValueError(f"{view.body_name} has one meeting with a date, so no gap")
    first, last = _years(view.table)
    gaps = cadence.meeting_gaps(view.dates)["years"].to_numpy()
    yield view.but(
        gaps=gaps,
        m=len(gaps),
        start=first,
        own=f"{first}_{last}",
        mean=gaps.mean(),
        median=np.median(gaps),
        least=gaps.min(),
        most=gaps.max(),
    )


@from_each(each_spaced)
def each_ordered(data: Data, view: View) -> Each:
    """Yield each body with the test of the order of its gaps."""
    yield view.but(ordered=pace.renewal(view.gaps))


@from_each(each_spaced)
def each_stepped(data: Data, view: View) -> Each:
    """Yield each body with how many gaps and years are between different years with a meeting."""
    different = {*cadence.calendar_years(view.dates)}
    yield view.but(steps=len(different) - 1, between=len(different) - 2)


@from_each(each_listed)
def each_span(data: Data, view: View) -> Each:
    """Yield each body in every window that does not run on into silence, of unlike years."""
    for name, span in _defended(data).items():
        yield _inside(view, name, span)


@from_each(each_listed)
def each_own(data: Data, view: View) -> Each:
    """Yield each body in the years from its first to its last meeting, if no window has them."""
    first, last = span = _years(view.table)
    windows = cadence.whole_years(data.windows)
    if span not in windows.values():
        inside = _inside(view, "", span)
        yield inside.but(own=f"{first}_{last}")


@from_each(each_listed)
def each_main(data: Data, view: View) -> Each:
    """Yield each body in the window declared for meetings."""
    yield _in_window(view, declared.meetings_window(data))


@from_each(each_listed)
def each_silent(data: Data, view: View) -> Each:
    """Yield each body in the window that runs on into silence."""
    yield _in_window(view, declared.window(data, "silent_window"))


@from_each(each_main)
def each_split(data: Data, view: View) -> Each:
    """Yield each body in its window, with the year after which it is split."""
    year = data.about.need("split_after")
    if not view.first <= year < view.last:
        raise ValueError(f"split_after is {year}: no year of {view.years} but its last")
    yield view.but(year=year)


@from_each(each_main)
def each_growth(data: Data, view: View) -> Each:
    """Yield each body in its window, with every growth of the yearly odds."""
    return (view.but(growth=growth) for growth in GROWTHS)


@from_each(each_main)
def each_added(data: Data, view: View) -> Each:
    """Yield the declared body with the meetings that must and can be missing from its list."""
    if view.of:
        return
    numbered = checks.numbered_sessions(data)
    if not numbered["certain"].any():
        raise ValueError("sessions_elsewhere has no session held that has a number and a date")
    audit = checks.ordinal_audit(numbered, checks.day_spans(view.table))
    if audit.missing_before is None or audit.without_number is None:
        raise ValueError("the numbers reported elsewhere exclude each other: see ordinal_audit")
    sure = numbered[numbered["certain"]].sort_values("number")
    within = sure[sure["earliest"].dt.year <= view.last]
    if within.empty:
        raise ValueError(f"others number no session to {view.last}: see sessions_elsewhere")
    ends = within.iloc[[0, -1]]
    year, newest = ends["earliest"].dt.year
    if (ends["latest"].dt.year != ends["earliest"].dt.year).any():
        raise ValueError("the first or the last number in the list's years has no certain year")
    begins = declared.windows(data)["start_earliest"].min()
    stretches = checks.pace(numbered, checks.day_spans(view.table), begins)
    crowd = stretches["inside"] - stretches["room"]
    before, between = [*crowd.clip(lower=0), 0][:2]
    if before:
        raise ValueError(f"{before} meetings listed before {year} are more than the numbers allow")
    least, most = audit.missing_before
    yield view.but(
        fewest=least,
        most=most,
        dropped=between,
        year=year,
        numbered=(year, newest),
        numbered_last=newest,
        rests=f"{view.rests} sessions_elsewhere#*",
    )


def _body(data: Data, body: str, of: str) -> View:
    rows = data.meetings[data.meetings["institution"] == body]
    dated = rows.dropna(subset="date")
    return View(
        of=of,
        body=body,
        body_name=declared.called(data.institutions, body),
        table=_begun(dated),
        dates=dated["date"].tolist(),
        listed=declared.brief(dated.sort_values("date_earliest")["date"]),
        n=len(dated),
        count=len(rows),
        rests=declared.some_rows(rows, data.meetings, "meetings"),
    )


def _begun(dated: pd.DataFrame) -> pd.DataFrame:
    """Return meetings with the days on which they may begin in place of all that they last."""
    lasting = dated["date"].astype(str).str.contains(r"^\d.*/")
    days = start_bounds(dated.loc[lasting, "date"])
    begun = days.set_axis(["date_earliest", "date_latest"], axis=1)
    return dated.assign(**begun.combine_first(dated[[*begun]]))


def _defended(data: Data) -> dict[str, cadence.Window]:
    """Return the windows that do not run on into silence, of unlike years."""
    found: dict[str, cadence.Window] = {}
    for name, span in cadence.whole_years(declared.windows(data)).items():
        if name != data.about.choices.get("silent_window") and span not in found.values():
            found[name] = span
    return found


def _inside(view: View, window: str, span: cadence.Window) -> View:
    """Return a body in some years: only the meetings that lie in them."""
    first, last = span
    early = view.table["date_earliest"].dt.year
    late = view.table["date_latest"].dt.year
    surely = (early >= first) & (late <= last)
    perhaps = (early <= last) & (late >= first) & ~surely
    open_dates = view.table.loc[perhaps, "date"]
    left_out = f"; not counted, because perhaps outside: {', '.join(open_dates)}"
    inside = view.table[surely]
    dates = inside["date"].tolist()
    met = _cells(inside)
    found = view.but(
        window=window,
        span=span,
        first=first,
        last=last,
        years=f"{first}_{last}",
        cells=last - first + 1,
        dates=dates,
        n=len(dates),
        met=met,
        others=met - 1,
        inner=met - 2,
        left_out=left_out if len(open_dates) else "",
        rests=f"{view.rests} windows#{window}" if window else view.rests,
    )
    if last < first:
        return found.but(reason=f"the window {window} has no whole calendar year")
    if not dates:
        return found.but(reason=f"{view.body_name} has no meeting dated in {first} to {last}")
    return found


def _years(table: pd.DataFrame) -> tuple[int, int]:
    """Return the first and the last year in which a meeting may lie."""
    return table["date_earliest"].min().year, table["date_latest"].max().year


def _cells(table: pd.DataFrame) -> int:
    """Return in how many years something is dated; a date of more than one takes one of its own."""
    early = table["date_earliest"].dt.year
    known = early == table["date_latest"].dt.year
    return int(early[known].nunique() + (~known).sum())


def _in_window(view: View, row: pd.DataFrame) -> View:
    (name, span), *_ = cadence.whole_years(row).items()
    return _inside(view, name, span)


# --- What is computed ----------------------------------------------------------------------------


def rate(view: View) -> Value:
    """Return meetings per calendar year."""
    return declared.per_year(view.n, view.cells)


def gap_error(view: View) -> float:
    """Return how far a gap may be from its whole years."""
    table = cadence.meeting_gaps(view.dates)
    off = table[["low", "high"]].sub(table["years"], axis=0)
    return off.abs().max(axis=None)


def gap_cv(view: View) -> Value:
    """Return the coefficient of variation of the gaps."""
    bounds = cadence.cv_bounds(view.dates)
    return Value(cadence.gap_cv(view.gaps), bounds.low, bounds.high)


def burstiness(view: View) -> float:
    """Return the burstiness of the gaps."""
    return cadence.burstiness(cadence.gap_cv(view.gaps))


def distinct_years_p(view: View) -> float:
    """Return the chance that no two meetings fall in one year, where none do."""
    if view.met < view.n:
        raise ValueError(f"{view.n} meetings fall in {view.met} years: several share one")
    return cadence.distinct_years_p(view.n, view.cells)


def bayes_factor(view: View) -> float:
    """Return the Bayes factor of one change."""
    return pace.change_point(view.dates, view.span)[0]


def split_after_looking(view: View) -> float:
    """Return Fisher's p of the years with a meeting before and after a split."""
    from scipy.stats import fisher_exact

    years = np.arange(view.first, view.last + 1)
    met = np.isin(years, cadence.calendar_years(view.dates))
    return float(fisher_exact(pd.crosstab(years <= view.year, met)).pvalue)


def with_most(view: View) -> Value:
    """Return the p with the meetings that can be missing added."""
    found = pace.with_added(view.dates, view.span, view.most, view.year)
    return Value(found.low, found.low, found.high)
