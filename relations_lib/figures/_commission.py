"""The list against the numbers: how the page's meetings grow, and the sessions others number."""

from __future__ import annotations

from functools import partial

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relations_lib import checks
from relations_lib.figures._lanes import DAY_WIDE
from relations_lib.figures._marks import (
    DAY,
    band,
    bracket,
    canvas,
    hatched,
    label,
    line,
    note,
    point,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    body_meetings,
    body_name,
    number_range,
    page_day,
    sessions,
    silence,
    unknown_numbers,
    window,
)
from relations_lib.figures._texts import figure, nothing
from relations_lib.figures._words import ordinal
from relations_lib.tables import Data


def _edge_numbers(data: Data) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the listed meetings with their count, and the sessions that have a number."""
    listed = body_meetings(data)
    listed = listed.assign(count=range(1, len(listed) + 1))
    told = sessions(data)
    return listed, told[told["number"].notna()]


def _missing(listed: pd.DataFrame, numbered: pd.DataFrame) -> tuple | None:
    """Return first certain number, its day, and least and most earlier ones not on the page."""
    sure = numbered[numbered["certain"]]
    if sure.empty or listed.empty:
        return None
    first = sure.sort_values("number").iloc[0]
    number = int(first["number"])
    before = int((listed["latest"] < first["earliest"]).sum())
    least, most = number - 1 - before, number - 1
    return (number, first["earliest"], least, most) if least > 0 else None


def _draw_steps(ax: Axes, look: Look, listed: pd.DataFrame, until: pd.Timestamp) -> None:
    """Draw the list: a block as wide as each date hangs from the line of its count."""
    color = look.color("pair")
    start = listed["earliest"]
    count = listed["count"]
    last = count.iloc[-1]
    wide = listed["latest"] + DAY - start
    middle = list(start + wide / 2)
    days = [middle[0], *middle, max(until, middle[-1])]
    line(ax, days, [0, *count, last], color, lw=2.5, zorder=3, drawstyle="steps-post")
    _, top = ax.get_ylim()
    ax.bar(start, -top / 36, wide, count, align="edge", color=color, zorder=3)
    label(ax, look, "the page's list", (until, last), (6, -10), "pair", weight="bold", zorder=4)


def _draw_numbers(ax: Axes, look: Look, numbered: pd.DataFrame) -> None:
    """Draw sessions on the line of their number: rings at days, brackets over spans."""
    sure = []
    for row in numbered.itertuples():
        number = int(row.number)
        dashed = not row.certain
        if (row.latest - row.earliest).days > DAY_WIDE:
            end = row.latest + DAY
            bracket(ax, (row.earliest, end), number, look, 0.5, dashed)
            note(ax, number, (end, number), (4, 7), zorder=4)
            continue
        at = number + 0.25
        point(ax, row.earliest, at, look, "ink", fill=False, size=9, dashed=dashed)
        label(ax, look, number, (row.earliest, at), (-8, 4), ha="right", zorder=3)
        if row.certain:
            sure.append((row.earliest, at))
    days = [day for day, _ in sure]
    heights = [height for _, height in sure]
    line(ax, days, heights, look.color("ink"), lw=1.3, ls=(0, (4, 3)), zorder=2)


def _draw_unknown(ax: Axes, look: Look, data: Data, numbered: pd.DataFrame) -> None:
    """Draw the bands in which the numbers between those known must lie."""
    muted = {"color": look.word("other"), "zorder": 4}
    for gap in unknown_numbers(numbered, window(data)[0]):
        first, last = gap["first"], gap["last"]
        start, end = gap["start"], gap["end"]
        band(ax, (start, end), (first, last + 1), look, open_start=not gap["founded"])
        numbers = number_range(first, last)
        if first == last:
            note(ax, numbers, (end, last + 0.5), (4, 0), **muted)
            continue
        left, right = ax.get_xlim()
        share = (mdates.date2num(end) - mdates.date2num(start)) / (right - left)
        text = wrapped(f"{numbers}: dates unknown", 0.6 * share * ax.bbox.width, look.size)
        note(ax, text, (start, last + 1), (6, -5), va="top", linespacing=1.2, **muted)


def _draw_missing(ax: Axes, look: Look, missing: tuple, start: pd.Timestamp) -> None:
    """Draw the hole: from what the page lists to what the first number requires."""
    number, day, least, most = missing
    middle = number - least / 2
    ax.errorbar(day, middle, least / 2, color=look.color("ink"), lw=1.4, capsize=4, zorder=3.5)
    span = number_range(least, most)
    words = f"If this was the {ordinal(number)},\n{span} earlier\nare not on the page"
    note(ax, words, (start, number), (2, 22), va="bottom", zorder=4, linespacing=1.2)


def _draw_silence(ax: Axes, look: Look, silent: tuple) -> None:
    start, end = silent
    tall = 14 * ax.get_ylim()[1] / ax.bbox.height
    hatched(ax, silent, (0, tall), look)
    middle = start + (end - start) / 2
    words = "the page\nsays nothing"
    label(ax, look, words, (middle, tall), (0, 20), "other", ha="center")


def _draw(look: Look, data: Data, listed: pd.DataFrame, numbered: pd.DataFrame) -> Axes:
    ax = canvas(look, 336 if look.narrow else 500, margins=(30, 8, 12, 28))
    first, last = window(data)
    days = [last, page_day(data), *numbered["latest"], *listed["latest"]]
    ax.set_ylim(0, max([listed["count"].max(), *numbered["number"]]) + 2)
    time_axis(ax, pd.Timestamp(first.year - 1, 7, 1), max(days) + 300 * DAY, look)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    ax.spines["left"].set_visible(True)
    ax.yaxis.grid(True)
    _draw_unknown(ax, look, data, numbered)
    _draw_steps(ax, look, listed, last)
    _draw_numbers(ax, look, numbered)
    missing = _missing(listed, numbered)
    if missing:
        _draw_missing(ax, look, missing, first)
    silent = silence(data)
    if silent:
        _draw_silence(ax, look, silent)
    return ax


def pace_rates(data: Data) -> pd.DataFrame:
    """Return how many a year: meetings as listed and sessions as numbered, before and after.

    Returns
    -------
    DataFrame
        As ``checks.pace`` (``part``, ``years``, ``listed``, ``numbered``), with
        ``listed_a_year`` and ``numbered_a_year``; without rows where no number can be compared.
    """
    listed, numbered = _edge_numbers(data)
    sure = numbered[numbered["certain"]]
    if listed.empty or sure.empty or sure["earliest"].min() > listed["latest"].max():
        return pd.DataFrame(columns=["part", "years", "listed", "numbered"])
    pace = checks.pace(numbered, listed, str(window(data)[0].date()))
    return pace.assign(
        listed_a_year=pace["listed"] / pace["years"],
        numbered_a_year=pace["numbered"] / pace["years"],
    )


def commission(data: Data) -> Figure:
    """Return the figure of the declared body: the page's list against the numbers of others.

    Parameters
    ----------
    data
        A package with its body declared; sessions told elsewhere where there are any.
    """
    listed, numbered = _edge_numbers(data)
    if listed.empty:
        return nothing("commission")
    pace = pace_rates(data)
    years = listed["date"].str[:4]
    sure = numbered[numbered["certain"]]
    within = sure[sure["earliest"] <= listed["latest"].max()]
    compared = within["latest"].max() if len(within) else listed["latest"].max()
    told = [f"{ordinal(int(row.number))} {row.date[:4]}" for row in sure.itertuples()]
    facts = {
        "count": len(listed),
        "s": "" if len(listed) == 1 else "s",
        "span": " to ".join(dict.fromkeys([years.iloc[0], years.iloc[-1]])),
        "first": window(data)[0].year,
        "last": max(page_day(data), *numbered["latest"], *listed["latest"]).year,
        "until": listed["latest"].iloc[-1].year,
        "compared": compared.year,
        "told": ", ".join(told) or "none",
        "body": body_name(data).lower(),
    }
    marks = {
        "sessions": len(numbered),
        "planned": len(sure) < len(numbered),
        "missing": _missing(listed, numbered),
        "silent": silence(data),
    }
    held = numbered.rename(columns={"number": "count"})
    parts = {"meetings listed so far": listed, "session number": held}
    values = pd.concat(parts, names=["what"]).reset_index("what")
    return figure(
        "commission",
        partial(_draw, data=data, listed=listed, numbered=numbered),
        values[["what", "date", "count"]],
        facts,
        title="title" if _only_the_list_rises(pace) else "plain",
        drawn=marks,
    )


def _only_the_list_rises(pace: pd.DataFrame) -> bool:
    """Return whether the list's rate rises while that of the numbers does not."""
    if len(pace) < 2:
        return False
    thickens = pace["listed_a_year"].is_monotonic_increasing
    return thickens and not pace["numbered_a_year"].is_monotonic_increasing
