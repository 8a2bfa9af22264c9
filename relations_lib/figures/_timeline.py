"""The story in time: the start page's figure, and the page Timeline."""

from __future__ import annotations

from typing import Any

import pandas as pd

from relations_lib.dates import day_bounds
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._marks import DAY, mark_ends, text_width
from relations_lib.figures._show import Figure
from relations_lib.figures._story import (
    body_meetings,
    body_name,
    full_spells,
    page_day,
    page_days,
    sessions,
    state_names,
    table,
    told_until,
    unknown_numbers,
    untied_agreements,
    visits_told,
    window,
    years_of_row,
)
from relations_lib.figures._texts import Translate, figure
from relations_lib.figures._visits import (
    lanes,
    looked_elsewhere,
    row_ends,
    searched,
    silent_rows,
    time_range,
    visit_rows,
    years_of,
)
from relations_lib.figures._words import Words, date_words
from relations_lib.network import counted_spells
from relations_lib.tables import Data

SPELL = ["organization", "start", "end"]


def _body_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the rows of the body: meetings on the page, sessions by number elsewhere."""
    body = t(body_name(data))
    rows = []
    met = body_meetings(data)
    if len(met):
        name = t("{body}: meetings on the page").format(body=body)
        days = met.assign(start=met["earliest"], end=met["latest"] + DAY, kind="pair", label="")
        rows += [_lanes.heading(times, name, "pair"), _lanes.bands(times, days)]
    held = sessions(data)
    if len(held):
        name = t("{body}: sessions by number").format(body=body)
        rings = _session_marks(held, t("no number"))
        unknown = unknown_numbers(held, window(data)[0])
        rows += [
            _lanes.heading(times, name, "ink", *row_ends(data, "sessions_elsewhere", t)),
            _lanes.marks(times, rings, size=9),
            _lanes.bands(times, unknown.assign(label=_ghost_labels(times, unknown, t))),
        ]
    return rows


def _ghost_labels(times: Times, unknown: pd.DataFrame, t: Translate) -> list[str]:
    """Return each band's numbers, and that their dates are unknown where there is room."""
    labels = []
    for gap in unknown.itertuples():
        long = t("{numbers}: dates unknown").format(numbers=gap.label)
        room = times.at(gap.end) - times.at(gap.start)
        fits = text_width(long, times.look.size) <= room
        labels.append(long if fits else gap.label)
    return labels


def _session_marks(told: pd.DataFrame, without: str) -> pd.DataFrame:
    """Return sessions as marks: their number beside the day, or the span in which it lies."""
    number = told["number"].astype("Int64").astype("string")
    return told.assign(
        start=told["earliest"],
        end=told["latest"],
        role="ink",
        told="elsewhere",
        sure=told["certain"] & number.notna(),
        label=number.fillna(without),
        omitted=False,
    )


def _later(told: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the certain visits told elsewhere that surely begin after a day."""
    begun = day_bounds(told["date"])["earliest"]
    return told[told["told"].eq("elsewhere") & told["sure"] & begun.gt(day)]


def _facts(data: Data, told: pd.DataFrame, t: Translate) -> dict[str, Any]:
    """Return what the words around the start page's figure are filled with."""
    days = page_days(data).dropna()
    after = window(data)[0]
    year = ""
    if len(days):
        newest = days.loc[days["latest"].idxmax()]
        after, year = newest["latest"], years_of_row(newest)
    held = sessions(data)
    later = len(_later(told, after))
    numbered = int((held["certain"] & held["earliest"].gt(after)).sum())
    first, until = time_range(data, told)
    elsewhere = t("Only elsewhere, later: visits {visits_after}, sessions {sessions_after}.")
    if not looked_elsewhere(data, "visits_elsewhere", "sessions_elsewhere"):
        elsewhere = t("Nobody has looked elsewhere.")
    return {
        "year": year,
        "more": t("; the meetings go on") if later + numbered else "",
        "first": first.year + 1,
        "last": until.year,
        "listed": years_of(told.loc[told["told"].eq("page"), "date"]),
        "elsewhere": elsewhere.format(visits_after=later, sessions_after=numbered),
        "searched": searched(data, t, "visits_elsewhere", "sessions_elsewhere"),
        "printed": date_words(str(page_day(data).date()), t),
    }


def _values(data: Data, told: pd.DataFrame) -> pd.DataFrame:
    """Return what a timeline draws of visits, meetings and sessions."""
    visits = told[["date", "told", "kind", "name"]]
    met = body_meetings(data)[["date"]].assign(told="page", kind="meeting", name="")
    held = _session_marks(sessions(data), "no number")
    other = held[["date"]].assign(told="elsewhere", kind="session", name=held["label"])
    return pd.concat([visits, met, other], ignore_index=True).sort_values("date")


def start(data: Data, language: str = "en") -> Figure:
    """Return the start page's figure: visits and meetings on the page and elsewhere, in time.

    Parameters
    ----------
    data
        A package with its states declared.
    language
        One with a catalogue (see ``Words``).
    """
    t = Words(language)
    told = visits_told(data)
    visits = told[told["kind"].eq("visit")].reset_index(drop=True)
    makers = [visit_rows, _body_rows, silent_rows]
    draw = lanes(data, visits, t, 600, makers)
    facts = _facts(data, visits, t)
    title = "title" if facts["year"] else "none"
    return figure("start", draw, _values(data, visits), facts, title=title, translate=t)


def _milestones(data: Data, t: Translate) -> pd.DataFrame:
    """Return what is dated beside visits and meetings, on the page and elsewhere, as marks."""
    found = data["milestones"]
    names = found["state"].map(state_names(data)).map(t, na_action="ignore")
    what = found["kind"].str.replace("_", " ").map(t)
    labels = names.astype("string") + ": " + what
    parts = [found[["date"]].assign(label=labels.fillna(what), told="page")]
    signed = untied_agreements(data)
    parts.append(signed[["date"]].assign(label=signed["title"].map(t), told="page"))
    documents = table(data, "documents_elsewhere")
    if len(documents):
        other = documents[documents["agreement"].eq("not_applicable")]
        titles = other["title"].map(t)
        parts.append(other[["date"]].assign(label=titles, told="elsewhere"))
    marks = pd.concat(parts, ignore_index=True).assign(role="ink", sure=True, omitted=False)
    return marks.assign(**mark_ends(marks["date"])).sort_values("start")


def _shared_spans(data: Data, last: pd.Timestamp) -> pd.DataFrame:
    """Return from when to when both states were full members of each organization named."""
    named = table(data, "organizations_named").reindex(columns=["organization"])
    full = counted_spells(full_spells(data)).dropna(subset="start").fillna({"end": last})
    own = full[full["state"] == data.about.home]
    other = full[full["state"] == data.about.partner]
    told = named.drop_duplicates().merge(own[SPELL], on="organization")
    both = told.merge(other[SPELL], on="organization", suffixes=("", "_other"))
    start = both[["start", "start_other"]].max(axis=1)
    end = both[["end", "end_other"]].min(axis=1)
    shared = pd.DataFrame({"label": both["organization"], "start": start, "end": end})
    return shared[start < end]


def _spans(data: Data, times: Times, t: Translate) -> pd.DataFrame:
    """Return bands: the page's documents, and the pair's time together in each organization."""
    totals = table(data, "legal_base").dropna(subset=["period", "documents"])
    days = day_bounds(totals["period"])
    counted = days.set_axis(["start", "end"], axis=1)
    label = t("documents: {count}")
    counted["label"] = [label.format(count=count) for count in totals["documents"]]
    shared = _shared_spans(data, times.last)
    kinds = [counted.assign(kind="pair"), shared.assign(kind="open pair")]
    spans = pd.concat(kinds, ignore_index=True)
    spans["start"] = spans["start"].clip(lower=times.first)
    return spans


def _milestone_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the rows of what is dated beside visits and meetings."""
    marks = _milestones(data, t)
    if times.look.narrow:
        marks["label"] = marks["date"].str[:4]
    name = t("Relations, missions and documents")
    rows = [_lanes.heading(times, name, "ink"), _lanes.marks(times, marks)]
    return rows if len(marks) else []


def _span_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the rows of what lasted."""
    spans = _spans(data, times, t)
    name = t("Documents counted, and organizations shared")
    heading = _lanes.heading(times, name, "pair", *row_ends(data, "memberships", t))
    return [heading, _lanes.bands(times, spans)] if len(spans) else []


def timeline(data: Data, language: str = "en") -> Figure:
    """Return everything dated, from the page and from elsewhere, in one figure.

    Parameters
    ----------
    data, language
        As for ``start``.
    """
    t = Words(language)
    told = visits_told(data)
    visits = told[told["kind"] == "visit"]
    sure = visits[visits["sure"]]
    elsewhere = sure[sure["told"] == "elsewhere"]
    last = told_until(data)
    later = len(_later(elsewhere, last))
    doubtful = len(visits) - len(sure)
    facts = {
        "year": last.year,
        "page": len(sure) - len(elsewhere),
        "before": len(elsewhere) - later,
        "later": later,
        "more": t(" ({count} more in doubt)").format(count=doubtful) if doubtful else "",
        "searched": searched(data, t, "visits_elsewhere", "sessions_elsewhere", "memberships"),
    }
    others = _milestones(data, t).rename(columns={"label": "name"}).assign(kind="other")
    values = pd.concat([_values(data, told), others[["date", "told", "kind", "name"]]])
    makers = [_milestone_rows, visit_rows, _body_rows, _span_rows, silent_rows]
    draw = lanes(data, told, t, 1008, makers)
    title = "title" if told["told"].eq("elsewhere").any() else "plain"
    return figure("timeline", draw, values.sort_values("date"), facts, title=title, translate=t)
