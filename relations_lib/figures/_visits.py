"""The figure of visits, and the rows of visits that other figures through time begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._marks import block, label, mark_ends, text_width
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    page_day,
    pair_names,
    sessions,
    silence,
    table,
    visits_told,
    window,
)
from relations_lib.figures._texts import Translate, figure
from relations_lib.figures._words import ENGLISH, count_word, date_words
from relations_lib.tables import Data

Maker = Callable[[Data, Times, pd.DataFrame, Translate], list[Row]]


def visit_labels(told: pd.DataFrame, brief: bool, t: Translate) -> pd.Series:
    """Return the labels of visits: a name, the year, and what is doubtful.

    One visitor is named at the first visit, several at each, since labels stand on levels.
    """
    labels = told["date"].str[:4]
    if not brief:
        names = told["name"].map(t)
        named = names.ne(names.shift()) | (len(set(names)) > 1)
        labels = (names + " ").where(named, "") + labels
    omitted = labels.map(lambda label: t("{label}: not on the page").format(label=label))
    return labels.mask(~told["sure"], labels + "?").mask(told["omitted"], omitted)


def row_ends(data: Data, name: str, t: Translate) -> list[str]:
    """Return what stands at a row's end, long and brief: for which time anybody looked, if told."""
    until = data.looked_up.get(name)
    if not until:
        return []
    since = data.looked_up_from.get(name)
    if since:
        dates = date_words(f"{since[:7]}/{until[:7]}", t)
        return [t("looked up: {dates}").format(dates=dates), dates]
    date = date_words(until[:7], t)
    return [t("looked up to {date}").format(date=date), t("to {date}").format(date=date)]


def searched(data: Data, t: Translate, *tables: str) -> str:
    """Return what a caption says of the ends of rows of some tables, if anybody looked for them."""
    words = t(" At the right: for which time others were searched.")
    return words if any(name in data.looked_up for name in tables) else ""


def looked_elsewhere(data: Data, *tables: str) -> bool:
    """Tell whether anybody has looked elsewhere for what one of some tables holds."""
    return any(name in data.looked_up or len(table(data, name)) for name in tables)


def visit_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the rows of both directions: name, visits, and under them the summits."""
    ends = row_ends(data, "visits_elsewhere", t)
    names = {role: t(name) for role, name in pair_names(data).items()}
    drawn = told.assign(**mark_ends(told["date"]), label="")
    visit = drawn["kind"].eq("visit")
    rows = []
    for role, other in (("home", "partner"), ("partner", "home")):
        name = t("From {one} to {other}").format(one=names[role], other=names[other])
        own = drawn["role"].eq(role)
        visits = drawn[own & visit]
        visits = visits.assign(label=visit_labels(visits, times.look.narrow, t))
        summits = drawn[own & ~visit]
        color = summits["role"].where(summits["kind"].eq("talks"), "other")
        rows += [_lanes.heading(times, name, role, *ends), _lanes.marks(times, visits)]
        if len(summits):
            rows.append(_lanes.marks(times, summits.assign(role=color), "D", 8))
    return rows


def silent_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the row on the axis with the time before the page's day of which it says nothing."""
    days = silence(data)
    if days is None:
        return []
    start, end = days
    look = times.look
    height = 18 + 1.8 * look.size
    dated = t("page dated {date}").format(date=date_words(str(end.date()), t))
    above = text_width(dated, look.size) > times.width - times.at(end)
    shift, side = ((0, 1.6 * look.size), "right") if above else ((6, 0), "left")

    def draw(ax: Axes, top: float) -> None:
        bottom = top + height - 4
        y = bottom - 7
        block(ax, days, (bottom - 14, bottom), look, "hatch")
        label(ax, look, t("the page says nothing"), (start, y), (-6, 0), "other", ha="right")
        label(ax, look, dated, (end, y), shift, "other", ha=side)

    return [Row(height, draw)]


def time_range(data: Data, told: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the middle of the year before all that is drawn, and the year's start after it."""
    held = sessions(data)
    start, end = window(data)
    marks = mark_ends(told["date"])
    begun = [start, *marks["start"], *held["earliest"]]
    ended = [end, page_day(data), *marks["end"], *held["latest"]]
    first = pd.Timestamp(min(begun).year - 1, 7, 1)
    last = pd.Timestamp(max(ended).year + 1, 1, 1)
    return first, last


def years_of(dates: pd.Series) -> str:
    """Return the years of dates in words, or none."""
    return ", ".join(dates.str[:4]) or "none"


def lanes(
    data: Data, told: pd.DataFrame, t: Translate, wide: float, makers: Sequence[Maker]
) -> Callable[[Look], Axes]:
    """Return what draws the rows of each maker, from top to bottom, over one time."""

    def draw(look: Look) -> Axes:
        times = Times(*time_range(data, told), look, wide)
        rows = [row for maker in makers for row in maker(data, times, told, t)]
        return _lanes.draw_rows(times, rows)

    return draw


def visits(data: Data) -> Figure:
    """Return the figure of visits: on the page, and elsewhere.

    Parameters
    ----------
    data
        A package with its two states declared; visits told elsewhere where there are any.
    """
    told = visits_told(data)
    listed = told[told["told"].eq("page")]
    omitted = told[told["omitted"]]
    first, last = time_range(data, told)
    left_out = f"Left out: {years_of(omitted['date'])}. All others only elsewhere."
    facts = pair_names(data) | {
        "count": count_word(len(listed), "no"),
        "s": "" if len(listed) == 1 else "s",
        "more": f" and leaves out {count_word(len(omitted))}" if len(omitted) else "",
        "first": first.year + 1,
        "last": last.year,
        "listed": years_of(listed["date"]),
        "elsewhere": left_out
        if looked_elsewhere(data, "visits_elsewhere")
        else "Nobody has looked elsewhere.",
        "searched": searched(data, ENGLISH, "visits_elsewhere"),
    }
    draw = lanes(data, told, ENGLISH, 590, [visit_rows, silent_rows])
    shown = ["date", "name", "kind", "told", "sure", "occasion"]
    return figure("visits", draw, told[shown], facts)
