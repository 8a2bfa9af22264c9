"""Marks, labels and axes that all figures share; every measure is in pixels.

Color is who (home, partner, pair, other, ink); fill is the source: filled = the page says it,
open = only others say it, dashed = announced, inferred or without a number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from relations_lib.dates import day_bounds
from relations_lib.figures._show import WIDTHS, Look
from relations_lib.figures._words import legible

DAY_WIDE = 45  # days up to which a date is a dot, not a span
DAY = pd.Timedelta(days=1)
LEAST_WIDE = 5  # pixels of a block


def sheet(
    look: Look, height: float, wide: float = WIDTHS["wide"], layout: Any = "constrained"
) -> Drawing:
    """Return a drawing of so many pixels that makes room for its labels by itself."""
    width = WIDTHS["narrow"] if look.narrow else wide
    return Drawing(figsize=(width / 72, height / 72), dpi=72, layout=layout)


def canvas(
    look: Look,
    height: float,
    wide: float = WIDTHS["wide"],
    margins: tuple[float, float, float, float] = (8, 8, 8, 28),
) -> Axes:
    """Return Axes on a drawing of so many pixels, with margins left, top, right and bottom."""
    drawing = sheet(look, height, wide, layout=None)
    left, top, right, bottom = margins
    width = drawing.bbox.width
    inner = (width - left - right) / width, (height - top - bottom) / height
    return drawing.add_axes((left / width, bottom / height, *inner))


def rows_axes(ax: Axes) -> None:
    """Count the vertical axis in pixels from the top, without ticks."""
    ax.set_ylim(ax.bbox.height, 0)
    ax.set_yticks([])


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return how many pixels wide a text is."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Return a text in lines of at most so many pixels; a longer word stays whole."""
    lines = [""]
    for word in str(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def fitted(text: str, width: float, size: float) -> str:
    """Return a text, or as much of it as fits into so many pixels with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def note(ax: Axes, text: object, at: tuple, shift: tuple = (0, 0), **options: Any) -> Any:
    """Write a label at a point, shifted by pixels (up is positive); vertically centered."""
    options = {"va": "center", "annotation_clip": False, **options}
    return ax.annotate(
        legible(text), at, shift, textcoords="offset points", parse_math=False, **options
    )


def label(
    ax: Axes,
    look: Look,
    text: object,
    at: tuple,
    shift: tuple = (0, 0),
    role: str = "ink",
    pad: float = 0.08,
    **options: Any,
) -> None:
    """Write a label (see ``note``) with the ground behind it, so that no line runs through it.

    The ground reaches ``pad`` of the text's size beyond the text.
    """
    box = {"boxstyle": f"square,pad={pad}", "ec": "none", "fc": look.color("ground")}
    note(ax, text, at, shift, color=look.word(role), bbox=box, **options)


def point(
    ax: Axes,
    x: Any,
    y: Any,
    look: Look,
    role: str,
    *,
    shape: str = "o",
    size: float = 13,
    fill: bool = True,
    dashed: bool = False,
) -> None:
    """Draw a mark, so many pixels wide.

    Parameters
    ----------
    role
        Whose it is: home, partner, pair, other or ink.
    shape
        As matplotlib calls it: ``o``, ``D``, ``s``, ``>``.
    fill, dashed
        Not filled or dashed: a ring, the ground inside.
    """
    color = look.color(role)
    filled = fill and not dashed
    edge = 0 if filled else min(2.2, size / 4)
    ax.scatter(
        x,
        y,
        (size - edge) ** 2,
        marker=shape,
        facecolor=color if filled else look.color("ground"),
        edgecolor=color,
        linewidth=edge,
        linestyle=(0, (1.2, 0.9)) if dashed else "-",
        zorder=4,
        clip_on=False,
    )


def estimates(
    ax: Axes,
    look: Look,
    rows: pd.DataFrame,
    role: str,
    shape: str = "D",
    *,
    filled: bool = True,
) -> None:
    """Draw values on the lines of their intervals, upward at the rows' index.

    Parameters
    ----------
    rows
        ``value``, ``low`` and ``high``; missing bounds are no line.
    """
    if rows.empty:
        return  # an empty line would ask for room
    color = look.color(role)
    numbers = rows[["value", "low", "high"]].astype(float)
    ax.errorbar(
        numbers["value"],
        rows.index,
        xerr=[numbers["value"] - numbers["low"], numbers["high"] - numbers["value"]],
        fmt=shape,
        color=color,
        markerfacecolor=color if filled else look.color("ground"),
        markersize=0.7 * look.size,
        clip_on=False,
    )


def line(ax: Axes, xs: Any, ys: Any, color: str, **style: Any) -> None:
    """Draw a line; ``lw`` in pixels, and what else matplotlib knows."""
    ax.plot(xs, ys, color=color, **{"solid_capstyle": "butt", **style})


def block(ax: Axes, ends: tuple, rows: tuple, look: Look, kind: str) -> None:
    """Draw a rectangle between two days and two heights.

    Parameters
    ----------
    kind
        A role, such as ``pair``: filled, as the page tells it; ``open pair``: as others do;
        ``box``: open, on some day in this time; ``dashed``: a box that is only announced;
        ``ghost``: something must have been then; ``open ghost``: or before; ``hatch``: a source
        says nothing of this time.
    """
    ground = look.color("ground")
    box: dict[str, Any] = {"fc": ground, "ec": look.color("ink"), "lw": 1.8}
    ghost = {"fc": look.color("tint"), "ec": look.color("other")}
    paints = {
        "open pair": {**box, "ec": look.color("pair")},
        "box": box,
        "dashed": {**box, "ls": (0, (1.6, 1))},
        "ghost": ghost,
        "open ghost": {**ghost, "lw": 0},
        "hatch": {"fc": ground, "ec": look.word("other"), "hatch": "////"},
    }
    paint = paints.get(kind) or {"fc": look.color(kind), "ec": ground}
    style: dict[str, Any] = {"lw": 1, "zorder": 2, **paint}
    start, end = map(ax.convert_xunits, ends)
    pixel = np.ptp(ax.get_xlim()) / ax.bbox.width
    lacking = max(LEAST_WIDE * pixel - (end - start), 0)
    ends = start - lacking / 2, end + lacking / 2
    ax.fill_between(ends, *rows, clip_on=False, **style)
    if kind == "open ghost":
        start, end = ends
        low, high = rows
        line(ax, [start, end, end, start], [low, low, high, high], ghost["ec"], lw=1, zorder=2)


def middles(dates: pd.Series) -> pd.Series:
    """Return the middle of every date, where a mark stands."""
    days = day_bounds(dates)
    return days["earliest"] + (days["latest"] + DAY - days["earliest"]) / 2


def mark_ends(dates: pd.Series) -> pd.DataFrame:
    """Return where the mark of every date begins and ends: at its middle, or far apart if wide."""
    days = day_bounds(dates)
    wide = (days["latest"] - days["earliest"]).dt.days > DAY_WIDE
    at = middles(dates)
    start = at.mask(wide, days["earliest"])
    end = at.mask(wide, days["latest"] + DAY)
    return pd.DataFrame({"start": start, "end": end})


def time_labels(first: Any, last: Any) -> str:
    """Return the form of a time axis' labels: years, or months or days above their years."""
    days = (pd.Timestamp(last) - pd.Timestamp(first)).days
    if days > 365 * 2.5:
        return "%Y"
    return "%b\n%Y" if days > 70 else "%d %b\n%Y"


def below_axis(first: Any, last: Any, look: Look) -> float:
    """Return how many pixels the labels below a time axis take."""
    lines = time_labels(first, last).count("\n")
    return 28 + 1.4 * look.size * lines


def time_axis(ax: Axes, first: Any, last: Any, look: Look) -> None:
    """Set a horizontal time axis from day to day, with as many ticks as fit: at most five or eight.

    The ticks are days, months or round years, by the length of the time.
    """
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    most = 5 if look.narrow else 8
    locator = mdates.AutoDateLocator(minticks=2, maxticks=most)
    ax.set_xlim(start, end)
    low, high = ax.get_xlim()
    edge = 0.04 * (high - low)  # a label there would be cut
    ticks = locator.tick_values(start, end)
    ax.set_xticks([tick for tick in ticks if low + edge <= tick <= high - edge])
    ax.xaxis.set_major_formatter(mdates.DateFormatter(time_labels(start, end)))


def empty(look: Look, words: str) -> Axes:
    """Return Axes that say why nothing is drawn."""
    ax = canvas(look, 80)
    ax.axis("off")
    width = WIDTHS[look.width] - 32
    note(ax, wrapped(words, width, look.size), (0.5, 0.5), ha="center", color=look.word("other"))
    return ax
