"""Figures of visits: those on the page and elsewhere, and what so few say about a rate."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from relations_lib import poisson
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._marks import diamond_line, note
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

ROOM = 96  # pixels for the axis of rates, and what stands around it
BELOW = 52


def visit_labels(told: pd.DataFrame, brief: bool, t: Translate) -> list[str]:
    """Return the labels of visits: a name where it changes, the year, and what is doubtful."""
    years = told["date"].str[:4].tolist()
    names = told["name"].map(t).tolist()
    labels = years if brief else _lanes.short_names(names, years)
    found = []
    for label, omitted, sure in zip(labels, told["omitted"], told["sure"], strict=True):
        doubt = "" if sure else "?"
        template = t("{label}: not on the page") if omitted else "{label}" + doubt
        found.append(template.format(label=label))
    return found


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
    names = pair_names(data)
    rows = []
    for role, other in (("home", "partner"), ("partner", "home")):
        text = t("From {one} to {other}")
        name = text.format(one=t(names[role]), other=t(names[other]))
        own = told[told["role"].eq(role)]
        visits = own[own["kind"].eq("visit")]
        marks = visits.assign(
            filled=visits["told"].eq("page"),
            dashed=~visits["sure"],
            label=visit_labels(visits, times.look.narrow, t),
            bold=visits["omitted"],
        )
        rows += [_lanes.heading(times, name, role, ends), _lanes.dots(times, marks)]
        summits = own[own["kind"].ne("visit")]
        if len(summits):
            color = summits["kind"].map({"talks": role}).fillna("other")
            marks = summits.assign(role=color, dashed=~summits["sure"])
            rows.append(_lanes.diamonds(times, marks))
        rows.append(_lanes.GAP)
    return rows


def strip_words(data: Data, t: Translate) -> tuple[str, str]:
    """Return what stands before the hatched strip and after it."""
    day = date_words(str(page_day(data).date()), t)
    return t("the page says nothing"), t("page dated {date}").format(date=day)


def time_range(data: Data, told: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the middle of the year before all that is drawn, and the year's start after it."""
    held = sessions(data)
    days = [*window(data), page_day(data), *told["middle"], *held["earliest"], *held["latest"]]
    return pd.Timestamp(min(days).year - 1, 7, 1), pd.Timestamp(max(days).year + 1, 1, 1)


def drawn_marks(data: Data, told: pd.DataFrame) -> set[str]:
    """Return which of the marks that not every figure has are drawn."""
    elsewhere = told["told"].eq("elsewhere")
    held = sessions(data)
    found = {
        "elsewhere": (elsewhere & told["kind"].eq("visit")).any(),
        "summit": told["kind"].eq("summit").any(),
        "talks": told["kind"].eq("talks").any(),
        "doubtful": len(held) or not told["sure"].all(),
        "silent": silence(data),
        "sessions": len(held),
        "meetings": len(body_meetings(data)),
    }
    return {name for name, there in found.items() if there}


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
    high = rates["high"].mask(rates["high"].eq(float("inf")), 4 * rates["low"])
    least, most = min(rates["low"].min(), 1), max(high.max(), 40)
    ax.set_xscale("log")
    ax.set(xlim=(least, most), ylim=(2 * len(rates) - 0.4, -0.9), yticks=[])
    ax.xaxis.set(major_locator=LogLocator(subs=(1, 2, 5), numticks=6), minor_locator=NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("years from one visit to the next, at a steady rate")
    bounds = rates[["every", "low", "high"]].clip(upper=most).to_numpy()
    for place, (words, bound) in enumerate(zip(rate_words(rates), bounds, strict=True)):
        diamond_line(ax, tuple(bound), 2 * place + 0.9, look, "ink")
        note(ax, words, (least, 2 * place), color=look.color("ink"))


def _draw(look: Look, data: Data, told: pd.DataFrame, rates: pd.DataFrame) -> Axes:
    times = Times(*time_range(data, told), look)
    rows = visit_rows(data, times, told, str)
    below = ROOM * len(rates) / 2 + BELOW
    ax = _lanes.draw_rows(times, rows, silence(data), strip_words(data, str), below)
    drawing = ax.figure.get_figure(root=True)
    height = drawing.get_size_inches()[1] * 72
    box = ax.get_position()
    low = drawing.add_axes((box.x0, 44 / height, box.width, (below - BELOW) / height))
    _draw_rates(low, look, rates)
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
        "more": f", {count_word(len(omitted))} more elsewhere" if len(omitted) else "",
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
