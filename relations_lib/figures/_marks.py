"""Marks, labels and axes that all figures share; every measure is in pixels.

Color is who (home, partner, pair, other, ink); fill is the source: filled = the page says it,
open = only others say it, dashed = announced, inferred or without a number.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import FuncFormatter

from relations_lib.dates import day_bounds
from relations_lib.figures._show import WIDTHS, Look
from relations_lib.figures._words import MONTHS, legible

DAY = pd.Timedelta(days=1)
TIGHT = {"boxstyle": "square,pad=0.08", "ec": "none"}


def canvas(
    look: Look,
    height: float,
    wide: float | None = None,
    margins: tuple[float, float, float, float] = (8, 8, 8, 28),
) -> Axes:
    """Return Axes on a drawing of so many pixels, with margins left, top, right and bottom."""
    width = wide if wide and not look.narrow else WIDTHS[look.width]
    left, top, right, bottom = margins
    drawing = Drawing(figsize=(width / 72, height / 72), dpi=72)
    inner = (width - left - right) / width, (height - top - bottom) / height
    return drawing.add_axes((left / width, bottom / height, *inner))


def new_axes(look: Look, height: float, wide: float | None = None) -> Axes:
    """Return Axes on a drawing of so many pixels that makes room for its own labels."""
    width = wide if wide and not look.narrow else WIDTHS[look.width]
    drawing = Drawing(figsize=(width / 72, height / 72), dpi=72, layout="constrained")
    return drawing.add_subplot()


def rows_axes(ax: Axes, height: float | None = None) -> None:
    """Count the vertical axis in pixels from the top, without ticks."""
    drawing = ax.figure.get_figure(root=True)
    pixels = ax.get_position().height * drawing.get_size_inches()[1] * 72
    ax.set_ylim(height or pixels, 0)
    ax.set_yticks([])


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return how many pixels wide a text is."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
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


def on_ground(look: Look) -> dict[str, Any]:
    """Return what puts the ground's color behind a label, so that no line runs through it."""
    return {"bbox": {**TIGHT, "fc": look.color("ground")}}


def point(ax: Axes, x: Any, y: Any, look: Look, role: str, **options: Any) -> None:
    """Draw one mark.

    Parameters
    ----------
    role
        Whose it is: home, partner, pair, other or ink.
    options
        ``shape`` (``o``, or ``D``, ``s``, ``X`` as in matplotlib), ``size`` in pixels, ``fill``
        (False: a ring, the ground inside) and ``dashed``.
    """
    size = options.get("size", 11 if look.narrow else 13)
    filled = options.get("fill", True) and not options.get("dashed")
    color = look.color(role)
    edge = 0 if filled else min(2.2, size / 4)
    drawn = ax.scatter(
        [x],
        [y],
        s=(size - edge) ** 2,
        marker=options.get("shape", "o"),
        facecolor=color if filled else look.color("ground"),
        edgecolor=color,
        linewidth=edge,
        zorder=options.get("zorder", 4),
        clip_on=False,
    )
    if options.get("dashed"):
        drawn.set_linestyle((0, (1.2, 0.9)))


def line(ax: Axes, xs: Any, ys: Any, color: str, **style: Any) -> None:
    """Draw a line; ``lw`` in pixels, and what else matplotlib knows."""
    ax.plot(xs, ys, color=color, **{"solid_capstyle": "butt", **style})


def bracket(ax: Axes, ends: tuple, y: float, look: Look, **options: Any) -> None:
    """Draw an open bracket as wide as a date is unknown; its feet rise by so many units."""
    rise = options.get("rise", -5)
    dashes = "--" if options.get("dashed") else "-"
    color = look.color(options.get("role", "ink"))
    first, last = ends
    xs = [first, first, last, last]
    ys = [y + rise, y, y, y + rise]
    line(ax, xs, ys, color, lw=1.8, ls=dashes, zorder=3, solid_joinstyle="miter")


def band(ax: Axes, ends: tuple, rows: tuple, look: Look, open_start: bool = False) -> None:
    """Draw a ghost: the time in which something must have been, without an edge where open."""
    first, last = ends
    low, high = rows
    ax.fill_between([first, last], low, high, color=look.color("tint"), lw=0, zorder=1)
    xs = [first, last, last, first]
    ys = [low, low, high, high]
    if not open_start:
        xs.append(first)
        ys.append(low)
    line(ax, xs, ys, look.color("other"), lw=1, zorder=1.5)


def hatched(ax: Axes, ends: tuple, rows: tuple, look: Look) -> None:
    """Draw a hatched strip: in this time a source says nothing."""
    first, last = ends
    low, high = rows
    ax.fill_between(
        [first, last],
        low,
        high,
        facecolor=look.color("ground"),
        edgecolor=look.word("other"),
        hatch="////",
        lw=1,
        zorder=2,
    )


def diamond_line(ax: Axes, bounds: tuple, y: float, look: Look, role: str, **options: Any) -> None:
    """Draw an estimate: a large diamond on the line of its interval, dashed where inferred."""
    value, low, high = bounds
    dashes = "--" if options.get("dashed") else "-"
    line(ax, [low, high], [y, y], look.color(role), lw=3, ls=dashes)
    point(ax, value, y, look, role, shape=options.get("shape", "D"), size=10)


def middles(dates: pd.Series) -> pd.Series:
    """Return the middle of every date, where a mark stands."""
    days = day_bounds(dates)
    return days["earliest"] + (days["latest"] + DAY - days["earliest"]) / 2


def _date_label(value: float, step: str) -> str:
    day = mdates.num2date(value)
    month = MONTHS[day.month - 1][:3]
    if step == "day":
        return f"{day.day} {month}\n{day.year}"
    return f"{month}\n{day.year}" if step == "month" else str(day.year)


def time_axis(ax: Axes, first: Any, last: Any, look: Look) -> None:
    """Set a horizontal time axis from day to day, with as many ticks as fit: at most five or eight.

    The ticks are days, months or round years, by the length of the time.
    """
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    days = max((end - start).days, 1)
    most = 5 if look.narrow else 8
    locator = mdates.AutoDateLocator(minticks=2, maxticks=most)
    locator.intervald[mdates.YEARLY] = [1, 2, 5, 10, 20, 50, 100, 200, 500]
    step = "year" if days > 365 * 2.5 else "month" if days > 70 else "day"
    ax.set_xlim(start, end)
    edge = (end - start) * (0.045 if look.narrow else 0.025)
    first, last = mdates.date2num([start + edge, end - edge])
    ticks = locator.tick_values(start, end)
    ax.set_xticks([tick for tick in ticks if first <= tick <= last])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _date_label(value, step)))
    ax.tick_params(axis="x", length=4)


def empty(look: Look, words: str) -> Axes:
    """Return Axes that say why nothing is drawn."""
    ax = canvas(look, 80)
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    width = WIDTHS[look.width] - 32
    note(ax, wrapped(words, width, look.size), (0.5, 0.5), ha="center", color=look.word("other"))
    return ax
