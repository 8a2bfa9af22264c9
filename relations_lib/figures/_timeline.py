"""The story in time: the start page's figure, and the page Timeline."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.dates import day_bounds
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import GAP, Row, Times
from relations_lib.figures._marks import DAY, middles
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    body_meetings,
    body_name,
    one_person,
    page_day,
    page_days,
    roles,
    sessions,
    state_names,
    table,
    unknown_numbers,
    visits_told,
    window,
)
from relations_lib.figures._texts import Translate, figure
from relations_lib.figures._visits import (
    row_end,
    silent_rows,
    time_range,
    visit_rows,
    years_of,
)
from relations_lib.figures._words import date_words, words
from relations_lib.network import counted_spells
from relations_lib.tables import Data


def _body_rows(data: Data, times: Times, t: Translate) -> list[Row]:
    """Return the rows of the body: meetings on the page, sessions by number elsewhere."""
    body = t(body_name(data))
    rows = []
    met = body_meetings(data)
    if len(met):
        name = t("{body}: meetings on the page").format(body=body)
        days = met.assign(start=met["earliest"], end=met["latest"] + DAY, label="")
        rows += [_lanes.heading(times, name, "pair"), _lanes.bands(times, days, "pair"), GAP]
    told = sessions(data)
    if len(told):
        name = t("{body}: sessions by number").format(body=body)
        rings = _session_marks(told, t("no number"))
        unknown = unknown_numbers(told, window(data)[0])
        rows += [
            _lanes.heading(times, name, "ink", row_end(data, "sessions_elsewhere", t)),
            _lanes.marks(times, rings, size=9),
            _lanes.bands(times, unknown, "ghost"),
        ]
    return rows


def _session_marks(told: pd.DataFrame, without: str) -> pd.DataFrame:
    """Return sessions as marks: their number above the day, or the span in which it lies."""
    number = told["number"].astype("Int64").astype("string")
    return told.assign(
        start=told["earliest"],
        end=told["latest"],
        role="ink",
        filled=False,
        dashed=~told["certain"] | number.isna(),
        label=number.fillna(without),
        bold=False,
    )


def _facts(data: Data, told: pd.DataFrame, t: Translate) -> dict[str, Any]:
    """Return what the words around the start page's figure are filled with."""
    last = page_days(data)["latest"].max()
    after = window(data)[0] if pd.isna(last) else last
    held = sessions(data)
    later = int((told["sure"] & told["middle"].gt(after)).sum())
    numbered = int((held["certain"] & held["earliest"].gt(after)).sum())
    first, until = time_range(data, told)
    return {
        "year": "" if pd.isna(last) else last.year,
        "more": t("; the meetings go on") if later + numbered else "",
        "first": first.year + 1,
        "last": until.year,
        "listed": years_of(told.loc[told["told"].eq("page"), "date"]),
        "visits_after": later,
        "sessions_after": numbered,
        "printed": date_words(str(page_day(data).date()), t),
        "person": t(one_person(data)),
    }


def _values(data: Data, told: pd.DataFrame) -> pd.DataFrame:
    """Return what a timeline draws of visits, meetings and sessions."""
    visits = told[["date", "told", "kind", "name"]]
    met = body_meetings(data)[["date"]].assign(told="page", kind="meeting", name="")
    held = _session_marks(sessions(data), "no number")
    other = held[["date"]].assign(told="elsewhere", kind="session", name=held["label"])
    return pd.concat([visits, met, other], ignore_index=True).sort_values("date")


def _draw_start(look: Look, data: Data, told: pd.DataFrame, t: Translate) -> Axes:
    times = Times(*time_range(data, told), look, wide=600)
    rows = visit_rows(data, times, told, t) + _body_rows(data, times, t)
    return _lanes.draw_rows(times, rows + silent_rows(data, times, t))


def start(data: Data, language: str = "en") -> Figure:
    """Return the start page's figure: visits and meetings on the page and elsewhere, in time.

    Parameters
    ----------
    data
        A package with its states declared.
    language
        One with a catalogue (see ``words``).
    """
    t = words(language)
    told = visits_told(data)
    visits = told[told["kind"].eq("visit")].reset_index(drop=True)
    draw = partial(_draw_start, data=data, told=visits, t=t)
    facts = _facts(data, visits, t)
    title = "title" if facts["year"] else "none"
    return figure("start", draw, _values(data, visits), facts, title=title, translate=t)


def _milestones(data: Data, t: Translate) -> pd.DataFrame:
    """Return what is dated beside visits and meetings, on the page and elsewhere, as marks."""
    found = data["milestones"]
    names = found["state"].map(state_names(data)).map(t, na_action="ignore")
    what = found["kind"].str.replace("_", " ").map(t)
    labels = names.astype("string") + ": " + what
    parts = [found[["date"]].assign(label=labels.fillna(what), filled=True)]
    documents = table(data, "documents_elsewhere")
    if len(documents):
        other = documents[documents["agreement"].eq("not_applicable")]
        parts.append(other[["date"]].assign(label=other["title"].map(t), filled=False))
    marks = pd.concat(parts, ignore_index=True).assign(role="ink", dashed=False, bold=False)
    marks["start"] = marks["end"] = middles(marks["date"])
    return marks.sort_values("start")


def _shared_spans(data: Data, last: pd.Timestamp) -> pd.DataFrame:
    """Return from when to when both states were full members of each organization named."""
    named = table(data, "organizations_named").get("organization", [])
    full = counted_spells(data["memberships"]).dropna(subset="start")
    own = full[full["organization"].isin(named) & full["state"].isin(roles(data))]
    members = own.fillna({"end": last}).groupby(["organization", "state"], as_index=False)
    each = members.agg(start=("start", "min"), end=("end", "max")).groupby("organization")
    both = each.agg(start=("start", "max"), end=("end", "min"))[each.size() == 2]
    shared = both.reindex([club for club in named if club in both.index])
    return shared.rename_axis("label").reset_index()


def _spans(data: Data, times: Times, t: Translate) -> pd.DataFrame:
    """Return bands: the page's documents, and the pair's time together in each organization."""
    totals = table(data, "legal_base").dropna(subset=["period", "documents"])
    counted = day_bounds(totals["period"]).set_axis(["start", "end"], axis=1)
    counted["label"] = [t("{count} documents").format(count=count) for count in totals["documents"]]
    spans = pd.concat([counted, _shared_spans(data, times.last)], ignore_index=True)
    return spans.assign(start=spans["start"].clip(lower=times.first))


def _draw_timeline(look: Look, data: Data, told: pd.DataFrame, t: Translate) -> Axes:
    times = Times(*time_range(data, told), look, wide=1008)
    marks = _milestones(data, t)
    if look.narrow:
        marks["label"] = marks["date"].str[:4]
    rows = []
    if len(marks):
        name = t("Relations, missions and documents")
        rows += [_lanes.heading(times, name, "ink"), _lanes.marks(times, marks), GAP]
    rows += visit_rows(data, times, told, t)
    rows += [*_body_rows(data, times, t), GAP]
    spans = _spans(data, times, t)
    if len(spans):
        name = t("Documents counted, and organizations shared")
        rows += [_lanes.heading(times, name, "pair"), _lanes.bands(times, spans, "pair")]
    return _lanes.draw_rows(times, rows + silent_rows(data, times, t))


def timeline(data: Data, language: str = "en") -> Figure:
    """Return everything dated, from the page and from elsewhere, in one figure.

    Parameters
    ----------
    data, language
        As for ``start``.
    """
    t = words(language)
    told = visits_told(data)
    visits = told[told["kind"] == "visit"]
    facts = {
        "page": int(visits["told"].eq("page").sum()),
        "all": len(visits),
        "summits": len(told) - len(visits),
        "person": t(one_person(data)),
    }
    draw = partial(_draw_timeline, data=data, told=told, t=t)
    return figure("timeline", draw, _values(data, told), facts, translate=t)
