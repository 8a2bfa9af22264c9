"""The list against the numbers: how the page's meetings grow, and the sessions others number."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relations_lib import checks
from relations_lib.figures._marks import (
    DAY,
    DAY_WIDE,
    below_axis,
    block,
    canvas,
    label,
    line,
    middles,
    note,
    point,
    text_width,
    time_axis,
)
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    body_meetings,
    body_name,
    page_day,
    sessions,
    unknown_numbers,
    window,
    years_of_row,
)
from relations_lib.figures._texts import figure, nothing
from relations_lib.tables import Data


def _draw_list(ax: Axes, look: Look, listed: pd.DataFrame) -> None:
    """Draw the list: a block as wide as each date hangs from the line of its count."""
    line(
        ax,
        middles(listed["date"]),
        listed["count"],
        look.color("pair"),
        drawstyle="steps-post",
        zorder=3,
    )
    for row in listed.itertuples():
        ends = row.earliest, row.latest + DAY
        block(ax, ends, (row.count - 0.6, row.count), look, "pair")
    text = "the page's list"
    _, last = ax.get_xlim()
    room = (last - ax.convert_xunits(ends[1])) / np.ptp(ax.get_xlim()) * ax.bbox.width
    at, shift, side = (ends[1], row.count - 0.5), (6, 0), "left"
    if text_width(text, look.size, "bold") + 6 > room:
        at, shift, side = (ends[0], row.count), (0, 10), "right"
    label(ax, look, text, at, shift, "pair", weight="bold", zorder=4, ha=side)


def _draw_numbers(ax: Axes, look: Look, numbered: pd.DataFrame) -> None:
    """Draw sessions on the line of their number: rings at days, boxes over spans."""
    for row in numbered.itertuples():
        number = int(row.number)
        if (row.latest - row.earliest).days > DAY_WIDE:
            end = row.latest + DAY
            kind = "box" if row.certain else "dashed"
            block(ax, (row.earliest, end), (number, number + 0.4), look, kind)
            note(ax, number, (end, number), (4, 7), zorder=4)
        else:
            dashed = not row.certain
            point(ax, row.earliest, number, look, "ink", fill=False, size=9, dashed=dashed)
            label(
                ax, look, number, (row.earliest, number), (-6, 3), ha="right", va="bottom", zorder=3
            )
    days = numbered["latest"] - numbered["earliest"]
    sure = numbered[numbered["certain"] & days.dt.days.le(DAY_WIDE)]
    line(ax, sure["earliest"], sure["number"], look.color("ink"), lw=1.3, ls="--", zorder=2.5)


def _draw_unknown(ax: Axes, look: Look, unknown: pd.DataFrame) -> None:
    """Draw the bands in which the numbers between those known must lie."""
    muted = {"color": look.word("other"), "zorder": 2.7}  # the list lies over it
    three_lines = 4.5 * look.size * np.ptp(ax.get_ylim()) / ax.bbox.height
    for gap in unknown.itertuples():
        top = gap.last + 1
        block(ax, (gap.start, gap.end), (gap.first, top), look, gap.kind)
        if gap.first == gap.last:
            note(ax, gap.label, (gap.end, top - 0.5), (4, 0), **muted)
        else:
            fits = top - gap.first >= three_lines
            text = f"{gap.label}:\ndates\nunknown" if fits else gap.label
            ground = {"boxstyle": "square,pad=0.1", "fc": look.color("tint"), "ec": "none"}
            note(ax, text, (gap.start, top), (6, -5), va="top", bbox=ground, **muted)


def _draw(look: Look, data: Data, listed: pd.DataFrame, numbered: pd.DataFrame) -> Axes:
    first, last = window(data)
    days = [last, page_day(data), *numbered["latest"], *listed["latest"]]
    begin = pd.Timestamp(first.year - 1, 7, 1)
    end = max(days) + 300 * DAY
    below = below_axis(begin, end, look)
    ax = canvas(look, 336 if look.narrow else 500, margins=(30, 26, 12, below))
    ax.set_ylim(0, max([len(listed), *numbered["number"]]) + 2)
    time_axis(ax, begin, end, look)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    ax.spines["left"].set_visible(True)
    ax.yaxis.grid(True)
    upward = "meetings so far, or number of the session"
    note(ax, upward, (0, 1), (-24, 12), xycoords="axes fraction", color=look.word("other"))
    _draw_unknown(ax, look, unknown_numbers(numbered, first))
    _draw_list(ax, look, listed)
    _draw_numbers(ax, look, numbered)
    return ax


def _only_the_list_rises(data: Data, listed: pd.DataFrame, numbered: pd.DataFrame) -> bool:
    """Return whether the list's rate rises at the first number and that of numbers does not.

    A rise that hangs on one meeting is none.
    """
    start = min(window(data)[0], *numbered["earliest"])
    try:
        stretches = checks.pace(numbered, listed, str(start.date()))
    except ValueError:  # the numbers contradict their dates
        return False
    if len(stretches) < 2:
        return False
    before, after = stretches.itertuples()
    longer = after.years / before.years
    list_rises = after.listed - 1 > before.listed * longer
    numbers_rise = after.numbered > before.numbered * longer
    return bool(list_rises and not numbers_rise)


def _missing(numbered: pd.DataFrame, listed: pd.DataFrame) -> str:
    """Return what the first number says of the list: how many earlier sessions it lacks."""
    sure = numbered[numbered["certain"]]
    if sure.empty:
        return ""
    span = checks.ordinal_audit(numbered, listed).missing_before
    if not span or not span[1]:
        return ""
    first = sure.loc[sure["number"].idxmin()]
    words = checks.span_words(span)
    number = int(first["number"])
    return (
        f" If that of {years_of_row(first)} was number {number}, the page lacks {words} before it."
    )


def commission(data: Data) -> Figure:
    """Return the figure of the declared body: the page's list against the numbers of others.

    Parameters
    ----------
    data
        A package with its body declared; sessions told elsewhere where there are any.
    """
    listed = body_meetings(data)
    if listed.empty:
        return nothing("commission")
    listed = listed.assign(count=range(1, len(listed) + 1))
    numbered = sessions(data).dropna(subset="number")
    sure = numbered[numbered["certain"]]
    within = sure["earliest"] <= listed["latest"].max()
    told = [f"{int(row.number)} in {years_of_row(row)}" for row in sure.itertuples()]
    newest = listed.loc[listed["latest"].idxmax()]
    facts = {
        "count": len(listed),
        "until": years_of_row(newest),
        "told": ", ".join(told) or "none",
        "body": body_name(data).lower(),
        "missing": _missing(numbered, listed),
    }
    held = numbered.rename(columns={"number": "count"})
    parts = {"meetings listed so far": listed, "session number": held}
    values = pd.concat(parts, names=["what"]).reset_index("what")
    rises = within.sum() > 1 and _only_the_list_rises(data, listed, numbered)
    return figure(
        "commission",
        partial(_draw, data=data, listed=listed, numbered=numbered),
        values[["what", "date", "count"]],
        facts,
        title="title" if rises else "plain",
    )
