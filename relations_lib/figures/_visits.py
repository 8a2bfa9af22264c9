"""Figures of visits: those on the page and elsewhere, and what so few say about a rate."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from relations_lib import poisson
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._marks import estimates, note, strip
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    body_meetings,
    looked_up,
    one_person,
    page_day,
    pair_names,
    sessions,
    silence,
    visits_told,
    window,
)
from relations_lib.figures._tables import short
from relations_lib.figures._texts import Translate, figure
from relations_lib.figures._words import count_word, date_words
from relations_lib.tables import Data

ROOM = 48  # pixels for a row on the axis of rates
BELOW = 52  # and for what stands around it


def visit_labels(told: pd.DataFrame, brief: bool, t: Translate) -> pd.Series:
    """Return the labels of visits: a name where it changes, the year, and what is doubtful."""
    labels = told["date"].str[:4]
    if not brief:
        names = told["name"].map(t)
        labels = (names + " ").where(names.ne(names.shift()), "") + labels
    omitted = labels.map(lambda label: t("{label}: not on the page").format(label=label))
    return labels.mask(~told["sure"], labels + "?").mask(told["omitted"], omitted)


def row_ends(data: Data, name: str, t: Translate) -> list[str]:
    """Return what may stand at a row's end: until when anybody looked, in long and in short."""
    edtf = looked_up(data, name)
    if not edtf:
        return []
    long, short = t("looked up to {date}"), t("to {date}")
    month = date_words(edtf[:7], t)
    return [long.format(date=month), short.format(date=month), short.format(date=edtf[:4])]


def visit_rows(data: Data, times: Times, told: pd.DataFrame, t: Translate) -> list[Row]:
    """Return the rows of both directions: name, visits, and under them the summits."""
    ends = row_ends(data, "visits_elsewhere", t)
    names = {role: t(name) for role, name in pair_names(data).items()}
    drawn = told.assign(
        start=told["middle"],
        end=told["middle"],
        filled=told["told"].eq("page"),
        dashed=~told["sure"],
        bold=told["omitted"],
        label="",
    )
    visit = drawn["kind"].eq("visit")
    rows = []
    for role, other in (("home", "partner"), ("partner", "home")):
        name = t("From {one} to {other}").format(one=names[role], other=names[other])
        own = drawn["role"].eq(role)
        visits = drawn[own & visit]
        visits = visits.assign(label=visit_labels(visits, times.look.narrow, t))
        summits = drawn[own & ~visit]
        color = summits["kind"].map({"talks": role}).fillna("other")
        rows += [_lanes.heading(times, name, role, ends), _lanes.marks(times, visits)]
        if len(summits):
            rows.append(_lanes.marks(times, summits.assign(role=color), "D", 8))
        rows.append(_lanes.GAP)
    return rows


def strip_words(data: Data, t: Translate) -> tuple[str, str]:
    """Return what stands before the hatched strip and after it."""
    day = date_words(str(page_day(data).date()), t)
    return t("the page says nothing"), t("page dated {date}").format(date=day)


def time_range(data: Data, told: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the middle of the year before all that is drawn, and the year's start after it."""
    held = sessions(data)
    days = [*window(data), page_day(data)]
    for dates in (told["middle"], held["earliest"], held["latest"]):
        days.extend(dates)
    first = min(days).year - 1
    last = max(days).year + 1
    return pd.Timestamp(first, 7, 1), pd.Timestamp(last, 1, 1)


def drawn_marks(data: Data, told: pd.DataFrame) -> dict[str, Any]:
    """Return whether the marks that not every figure has are drawn."""
    elsewhere = told["told"].eq("elsewhere")
    held = sessions(data)
    return {
        "elsewhere": (elsewhere & told["kind"].eq("visit")).any(),
        "summit": told["kind"].eq("summit").any(),
        "talks": told["kind"].eq("talks").any(),
        "doubtful": len(held) or not told["sure"].all(),
        "silent": silence(data),
        "sessions": len(held),
        "meetings": len(body_meetings(data)),
    }


def years_of(dates: pd.Series) -> str:
    """Return the years of dates in words, or none."""
    return ", ".join(dates.str[:4]) or "none"


def rate_rows(data: Data, told: pd.DataFrame) -> pd.DataFrame:
    """Return the years between visits in the window: of the page's, and with those it leaves out.

    Returns
    -------
    DataFrame
        ``label``, ``count``, ``years`` (of the window), ``every`` (years a visit), ``low`` and
        ``high`` (exact 95% interval); infinite without a visit.
    """
    start, end = window(data)
    years = ((end - start).days + 1) / 365.25
    listed = int(told["told"].eq("page").sum())
    more = int(told["omitted"].sum())
    counts = {f"{count_word(listed)} on the page": listed}
    if more:
        counts[f"with {count_word(more)} more"] = listed + more
    rows = []
    for label, count in counts.items():
        slow, fast = poisson.garwood(count, years)
        row = {"label": label, "count": count, "years": years, "low": 1 / fast}
        row["every"] = years / count if count else float("inf")
        row["high"] = 1 / slow if slow else float("inf")
        rows.append(row)
    return pd.DataFrame(rows)


def rate_words(rates: pd.DataFrame) -> list[str]:
    """Return every rate in words."""
    said = []
    for row in rates.itertuples():
        low = short(row.low)
        words = f"{row.label}: at most one in {low} years"
        if row.count:
            words = f"{row.label}: one in {short(row.every)} years ({low} to {short(row.high)})"
        said.append(words)
    return said


def _draw_rates(ax: Axes, look: Look, rates: pd.DataFrame) -> None:
    """Draw the years between visits on a thin logarithmic axis of their own."""
    rows = rates.rename(columns={"every": "value"})
    rows["high"] = rows["high"].replace(float("inf"), 4 * rows["low"].max())
    rows["value"] = rows["value"].clip(upper=rows["high"])
    most = max(rows["high"].max(), 40)
    least = min(rows["low"].min(), 1)
    ax.set_xscale("log")
    ax.set(xlim=(least, most), ylim=(len(rows) - 0.7, -0.9), yticks=[])
    ax.xaxis.set(major_locator=LogLocator(subs=(1, 2, 5), numticks=6), minor_locator=NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("years from one visit to the next, at a steady rate")
    estimates(ax, look, rows, "ink")
    for place, words in enumerate(rate_words(rates)):
        note(ax, words, (least, place), (0, 1.2 * look.size))


def _draw(look: Look, data: Data, told: pd.DataFrame, rates: pd.DataFrame) -> Axes:
    first, last = time_range(data, told)
    times = Times(first, last, look)
    rows = visit_rows(data, times, told, str)
    room = ROOM * len(rates)
    ax = _lanes.draw_rows(times, rows, silence(data), strip_words(data, str), room + BELOW)
    _draw_rates(strip(ax, 44, room), look, rates)
    return ax


def visits(data: Data) -> Figure:
    """Return the figure of visits: on the page, elsewhere, and how little they say on a rate.

    Parameters
    ----------
    data
        A package with its two states declared; visits told elsewhere where there are any.
    """
    told = visits_told(data)
    rates = rate_rows(data, told)
    listed = told[told["told"].eq("page")]
    omitted = told[told["omitted"]]
    first, last = time_range(data, told)
    until = looked_up(data, "visits_elsewhere")
    facts = pair_names(data) | {
        "Count": count_word(len(listed), "no").capitalize(),
        "s": "" if len(listed) == 1 else "s",
        "more": f", {count_word(len(omitted))} left out" if len(omitted) else "",
        "first": first.year + 1,
        "last": last.year,
        "listed": years_of(listed["date"]),
        "omitted": years_of(omitted["date"]),
        "rates": "; ".join(rate_words(rates)),
        "until": date_words(until) if until else "the sources read",
        "person": one_person(data),
    }
    draw = partial(_draw, data=data, told=told, rates=rates)
    shown = ["date", "name", "kind", "told", "sure", "occasion"]
    title = "title" if len(listed) < poisson.count_for_ratio(2) else "many"
    marks = drawn_marks(data, told)
    return figure("visits", draw, told[shown], facts, title=title, drawn=marks)
