"""The story in time: the start page's figure, the page Timeline, and the map of visits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.dates import day_bounds
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    body_meetings,
    body_name,
    looked_up,
    one_person,
    page_day,
    sessions,
    silence,
    state_names,
    table,
    unknown_numbers,
    visits_told,
    window,
)
from relations_lib.figures._visits import lane_rows, row_ends, time_range
from relations_lib.figures._words import date_words, words
from relations_lib.network import counted_spells
from relations_lib.tables import Data

Translate = Callable[[str], str]
GAP = Row(8, lambda ax, y: None)
GHOST = ("{numbers}: dates unknown", "{numbers}: no dates", "{numbers}")
TITLE = "The page's last event is of {last}; the meetings go on"
TITLE_ALONE = "The page's last event is of {last}"
ALT = (
    "{title}. Timeline, {first} to {until}. On the page: visits of {visits}; {met} meetings, "
    "{meetings}. Only elsewhere, later: {visits_after} visits, {sessions_after} sessions. "
    "From {silent} on the page says nothing; it is dated {printed}."
)
CAPTION = (
    "Filled: the page says it. Open: only others do. Each row ends where nobody looked further. "
    "{person}"
)


def _directions(data: Data, t: Translate) -> dict[str, str]:
    names = state_names(data)
    home, partner = t(names[data.about.home]), t(names[data.about.partner])
    text = t("From {one} to {other}")
    return {
        "home": text.format(one=home, other=partner),
        "partner": text.format(one=partner, other=home),
    }


def _body_rows(data: Data, times: Times, t: Translate) -> list[Row]:
    """Return the rows of the commission: meetings on the page, sessions by number elsewhere."""
    body = t(body_name(data))
    rows = []
    met = body_meetings(data)
    if len(met):
        name = t("{body}: meetings on the page").format(body=body)
        rows += [_lanes.heading(times, name, "pair"), _lanes.blocks(times, met), GAP]
    told = sessions(data)
    if len(told):
        name = t("{body}: sessions by number").format(body=body)
        ends = row_ends(looked_up(data, "sessions_elsewhere"), t)
        unknown = unknown_numbers(told, window(data)[0])
        rows += [
            _lanes.heading(times, name, "ink", ends),
            _lanes.numbered(times, told, t("no number")),
            _lanes.ghosts(times, unknown, [t(text) for text in GHOST]),
        ]
    return rows


def _strip_words(data: Data, t: Translate) -> tuple[str, str]:
    day = date_words(str(page_day(data).date()), t)
    return t("the page says nothing"), t("page dated {date}").format(date=day)


def _visit_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    ends = row_ends(looked_up(data, "visits_elsewhere"), t)
    told = told.assign(name=told["name"].map(t))
    rows = []
    for role, name in _directions(data, t).items():
        rows += lane_rows(times, told, name, role, ends, t)
    return rows


def _draw_start(look: Look, data: Data, told: pd.DataFrame, t: Translate) -> Axes:
    first, last = time_range(data, told)
    times = Times(first, last, look, wide=600)
    visits = told[told["kind"].eq("visit")]
    rows = [*_visit_rows(data, times, visits, t), *_body_rows(data, times, t)]
    return _lanes.draw_rows(times, rows, silence(data), _strip_words(data, t))


def last_event(data: Data) -> int | None:
    """Return the year of the last visit, meeting or milestone on the page; None without one."""
    dated = [data[name]["date"] for name in ("visits", "meetings", "milestones")]
    latest = day_bounds(pd.concat(dated, ignore_index=True))["latest"].max()
    return None if pd.isna(latest) else int(latest.year)


def _words_around(data: Data, told: pd.DataFrame, t: Translate) -> dict[str, Any]:
    """Return title, alternative text and caption of a timeline."""
    last = last_event(data)
    met = sessions(data)
    after = pd.Timestamp(last or 1, 12, 31) if last else window(data)[0]
    seen = told[told["kind"].eq("visit") & told["sure"].astype(bool)]
    later = int((seen["middle"] > after).sum())
    held = int((met["certain"] & (met["earliest"] > after)).sum()) if len(met) else 0
    if last is None:
        title = t("The page dates no event yet")
    else:
        title = t(TITLE if later + held else TITLE_ALONE).format(last=last)
    visits = told[told["told"].eq("page")]["date"].str[:4]
    meetings = body_meetings(data)["date"]
    first, until = time_range(data, told)
    silent = silence(data)
    alt = t(ALT).format(
        title=title,
        first=first.year + 1,
        until=until.year,
        visits=", ".join(visits) or "–",
        met=len(meetings),
        meetings=t("{first} to {last}").format(first=meetings.iloc[0], last=meetings.iloc[-1])
        if len(meetings)
        else "–",
        visits_after=later,
        sessions_after=held,
        silent=silent[0].year if silent else "–",
        printed=date_words(str(page_day(data).date()), t),
    )
    return {"title": title, "alt": alt, "caption": t(CAPTION).format(person=t(one_person(data)))}


def _key(data: Data, told: pd.DataFrame, t: Translate) -> list[tuple[str, str]]:
    """Return the key of a timeline, with only the marks that are drawn."""
    met = sessions(data)
    visit = told["kind"].eq("visit")
    open_visit = visit & told["told"].eq("elsewhere")
    doubtful = bool((open_visit & ~told["sure"].astype(bool)).any())
    entries = [
        ("dot other", "visit, on the page", True),
        ("ring other", "visit, only elsewhere", open_visit.any()),
        ("block pair", "meeting on the page, by year", len(body_meetings(data))),
        ("ring ink+bracket ink", "session: day, or span", len(met)),
        ("ring ink dashed", "planned, inferred or without a number", doubtful or len(met)),
        ("band", "must lie here", len(met)),
        ("hatch", "the page says nothing", silence(data)),
    ]
    return [(mark, t(text)) for mark, text, drawn in entries if drawn]


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
    told = told[told["kind"].eq("visit")].reset_index(drop=True)
    return Figure(
        partial(_draw_start, data=data, told=told, t=t),
        key=_key(data, told, t),
        values=_values(data, told),
        **_words_around(data, told, t),
    )


def _values(data: Data, told: pd.DataFrame) -> pd.DataFrame:
    """Return what a timeline draws, one row per dated thing."""
    visits = told[["date", "told", "kind", "name"]]
    met = body_meetings(data)[["date"]].assign(told="page", kind="meeting", name="")
    held = sessions(data)
    numbers = held["number"].map(lambda n: "no number" if pd.isna(n) else f"{n:.0f}")
    other = held[["date"]].assign(told="elsewhere", kind="session", name=numbers)
    return pd.concat([visits, met, other], ignore_index=True).sort_values("date")


# --- The page "Timeline" --------------------------------------------------------------------------


def _milestone_marks(data: Data, t: Translate) -> pd.DataFrame:
    """Return what the page dates beside visits and meetings, as marks."""
    found = data["milestones"]
    names = found["state"].map(state_names(data)).map(t, na_action="ignore")
    what = found["kind"].str.replace("_", " ").map(t)
    marks = found[["date"]].assign(label=(names + ": " + what).fillna(what))
    days = day_bounds(marks["date"])
    middle = days["earliest"] + (days["latest"] - days["earliest"]) / 2
    marks = marks.assign(middle=middle, role="ink", filled=True, dashed=False, bold=False)
    return marks.sort_values("middle")


def _organization_spans(data: Data, times: Times) -> pd.DataFrame:
    """Return since when, and until when, the pair is together in each organization named."""
    named = table(data, "organizations_named")
    spells = table(data, "memberships")
    if named.empty or spells.empty:
        return pd.DataFrame(columns=["label", "start", "end", "goes_on"])
    full = counted_spells(spells, ("full",))
    rows = []
    for club in named["organization"]:
        own = full[full["organization"].eq(club)]
        both = [own[own["state"].eq(state)] for state in data.about.states]
        if min(map(len, both)) == 0:
            continue
        start = max(part["start"].min() for part in both)
        end = min(part["end"].fillna(times.last).max() for part in both)
        shown = max(start, times.first)
        rows.append({"label": club, "start": shown, "end": min(end, times.last)})
    spans = pd.DataFrame(rows, columns=["label", "start", "end"])
    return spans.assign(goes_on=spans["end"].eq(times.last)).sort_values("start")


def _draw_timeline(look: Look, data: Data, told: pd.DataFrame, t: Translate) -> Axes:
    first, last = time_range(data, told)
    times = Times(first, last, look, wide=1008)
    marks = _milestone_marks(data, t)
    spans = _organization_spans(data, times)
    rows = []
    if len(marks):
        rows += [_lanes.heading(times, t("Relations and missions"), "ink")]
        rows += [_lanes.dots(times, marks), GAP]
    rows += [*_visit_rows(data, times, told, t), *_body_rows(data, times, t), GAP]
    if len(spans):
        rows += [_lanes.heading(times, t("Both in the same organizations"), "pair")]
        rows += [_lanes.bars(times, spans)]
    return _lanes.draw_rows(times, rows, silence(data), _strip_words(data, t))


def timeline(data: Data, language: str = "en") -> Figure:
    """Return everything dated, from the page and from elsewhere, in one figure.

    Parameters
    ----------
    data, language
        As for ``start``.
    """
    t = words(language)
    told = visits_told(data)
    key = _key(data, told, t)
    summits = told["kind"]
    if summits.eq("summit").any():
        key.insert(2, ("lozenge other", t("summit of several states")))
    if summits.eq("talks").any():
        key.insert(3, ("lozenge home+lozenge partner", t("where the two also talked")))
    return Figure(
        partial(_draw_timeline, data=data, told=told, t=t),
        key=key,
        values=_values(data, told),
        **_words_around(data, told, t),
    )
