"""Figures through time: lanes one under the other over one axis, nothing hidden by anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import (
    DAY,
    band,
    bracket,
    canvas,
    fitted,
    hatched,
    label,
    line,
    note,
    point,
    rows_axes,
    text_width,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import WIDTHS, Look
from relations_lib.figures._story import number_range, stacked

EDGE = 10  # pixels left and right of the time axis
DAY_WIDE = 45  # days up to which a date is a dot, not a span
LEVELS = 5  # of labels, and of marks, that would touch


@dataclass(frozen=True)
class Row:
    """A row of a drawing: its height in pixels, and what draws it around its middle."""

    height: float
    draw: Callable[[Axes, float], None]


GAP = Row(5, lambda ax, y: None)


@dataclass(frozen=True)
class Times:
    """The time that a drawing shows, and how it becomes pixels."""

    first: pd.Timestamp
    last: pd.Timestamp
    look: Look
    wide: float = WIDTHS["wide"]

    @property
    def width(self) -> float:
        """Return the width of the time axis in pixels."""
        width = WIDTHS["narrow"] if self.look.narrow else self.wide
        return width - 2 * EDGE

    def at(self, day: Any) -> Any:
        """Return how many pixels from the axis' start a day is, or each of a column."""
        return (day - self.first) / (self.last - self.first) * self.width

    def day(self, pixels: Any) -> Any:
        """Return the day at so many pixels from the axis' start, or at each of a column."""
        return self.first + (self.last - self.first) * (pixels / self.width)

    def room(self, texts: Sequence[str], pixels: float) -> str:
        """Return the first of some texts that is not wider than so many pixels, or nothing."""
        fitting = [text for text in texts if text_width(text, self.look.size) <= pixels]
        return fitting[0] if fitting else ""


def draw_rows(
    times: Times,
    rows: Sequence[Row],
    silent: tuple | None,
    words: tuple[str, str],
    below: float = 0,
) -> Axes:
    """Draw rows from top to bottom over one time axis, with the page's silence as a hatched strip.

    Parameters
    ----------
    silent
        First and last day of the silence, or None.
    words
        What to write before the hatched strip and after it.
    below
        Pixels to leave free below the axis.
    """
    look = times.look
    height = sum(row.height for row in rows) + 4
    if silent:
        height += 2.6 * look.size
    margins = EDGE, 2, EDGE, 28 + below
    ax = canvas(look, height + 30 + below, times.wide, margins)
    rows_axes(ax)
    time_axis(ax, times.first, times.last, look)
    ax.xaxis.grid(True)
    top = 0.0
    for row in rows:
        row.draw(ax, top + row.height / 2)
        top += row.height
    if silent:
        hatched(ax, silent, (height - 14, height), look)
        _beside_strip(ax, times, silent, height - 0.75 * look.size, words)
    return ax


def _beside_strip(ax: Axes, times: Times, silent: tuple, y: float, words: tuple[str, str]) -> None:
    """Write what the hatched strip is before it, and its end after it or above."""
    start, end = silent
    before, after = words
    size = times.look.size
    label(ax, times.look, before, (start, y), (-6, 0), "other", ha="right")
    side, shift = "right", (0, 1.55 * size)
    if text_width(after, size) < times.width - times.at(end):
        side, shift = "left", (6, 0)
    label(ax, times.look, after, (end, y), shift, "other", ha=side)


def heading(times: Times, text: str, role: str, ends: Sequence[str] = ()) -> Row:
    """Return a row with the lane's name and, at its right end, until when it was looked up.

    Of the texts for the end, longest first, the first that has room is written.
    """
    look = times.look
    room = times.width + EDGE
    text = wrapped(text, room, look.size, "bold")
    end = times.room(ends, room - text_width(text, look.size, "bold"))
    height = look.size * (1.55 + 1.2 * text.count("\n"))

    def draw(ax: Axes, y: float) -> None:
        label(ax, look, text, (times.first, y), (-4, 0), role, weight="bold")
        label(ax, look, end, (times.last, y), (4, 0), "other", ha="right")

    return Row(height, draw)


def _labels(times: Times, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the marks that have a label, with its left end (a day) and its level.

    A label that has no room on any level is left out.
    """
    size = times.look.size
    named = frame[frame["label"] != ""]
    texts = [fitted(text, times.width, size) for text in named["label"]]
    weights = named["bold"].map({True: "bold", False: "normal"})
    labels = zip(texts, weights, strict=True)
    widths = [text_width(text, size, weight) for text, weight in labels]
    wide = pd.Series(widths, index=named.index, dtype=float)
    left = (times.at(named["middle"]) - wide / 2).clip(lower=2 - EDGE)
    left = left.clip(upper=times.width + EDGE - 2 - wide)
    levels = stacked(left, left + wide + 6, LEVELS)
    placed = named.assign(label=texts, weight=weights, left=times.day(left), level=levels)
    return placed[placed["level"] < LEVELS]


def marks(times: Times, frame: pd.DataFrame, shape: str = "o", size: float = 13) -> Row:
    """Return a row of marks with their labels above them, on levels where they would touch.

    Parameters
    ----------
    frame
        One row per mark, by date: ``start`` and ``end`` (days; far apart, the mark is an open
        bracket between them), ``role``, ``filled``, ``dashed``, ``label`` (may be empty), ``bold``.
    shape, size
        Of the marks: as for ``point``.
    """
    look = times.look
    size *= look.size / 13
    tall = look.size * 1.25
    step = size + 2
    frame = frame.assign(middle=frame["start"] + (frame["end"] - frame["start"]) / 2)
    left = times.at(frame["start"]) - size / 2
    right = times.at(frame["end"]) + size / 2 + 1
    frame["depth"] = stacked(left, right, LEVELS)
    named = _labels(times, frame)
    above = tall * (1 + max(named["level"], default=-1))
    height = above + step * (1 + max(frame["depth"], default=0)) + 4

    def draw(ax: Axes, y: float) -> None:
        low = y - height / 2 + above + step / 2 + 2
        for row in named.itertuples():
            top = low - size / 2 - 2 - (row.level + 0.5) * tall
            if row.level:
                line(
                    ax,
                    [row.middle] * 2,
                    [top + tall / 2, low],
                    look.color("grid"),
                    lw=1.4,
                    zorder=0.9,
                )
            role = "ink" if row.bold else "other"
            label(ax, look, row.label, (row.left, top), role=role, weight=row.weight)
        for row in frame.itertuples():
            deep = low + row.depth * step
            if (row.end - row.start).days > DAY_WIDE:
                ends = row.start, row.end
                bracket(ax, ends, deep + size / 2, look, rise=-size, dashed=row.dashed)
                continue
            options = {"fill": row.filled, "dashed": row.dashed, "size": size, "shape": shape}
            point(ax, row.middle, deep, look, row.role, **options)

    return Row(height, draw)


def blocks(times: Times, days: pd.DataFrame) -> Row:
    """Return a row of blocks as wide as the dates are imprecise: ``earliest`` and ``latest``."""
    look = times.look
    style: dict[str, Any] = {
        "color": look.color("pair"),
        "ec": look.color("ground"),
        "lw": 1,
        "zorder": 3,
    }

    def draw(ax: Axes, y: float) -> None:
        wide = days["latest"] + DAY - days["earliest"]
        ax.barh([y] * len(days), wide, 15, days["earliest"], **style)

    return Row(21, draw)


def ghosts(
    times: Times, unknown: Sequence[dict[str, Any]], words: Sequence[str], between: str
) -> Row:
    """Return a row of bands in which the numbers between those known must lie.

    Parameters
    ----------
    unknown
        As ``unknown_numbers`` of the story gives it.
    words
        What to write in a band, longest first: templates with ``{numbers}``.
    between
        What several numbers are said with: a template with ``{first}`` and ``{last}``.
    """
    look = times.look
    half = look.size * 0.75

    def draw(ax: Axes, y: float) -> None:
        rows = y - half, y + half
        for gap in unknown:
            start = gap["start"]
            end = gap["end"]
            band(ax, (start, end), rows, look, open_start=not gap["founded"])
            numbers = number_range(gap["first"], gap["last"], between)
            texts = [text.format(numbers=numbers) for text in words]
            wide = times.at(end) - times.at(start)
            text = times.room(texts, wide - 4)
            middle = start + (end - start) / 2
            note(ax, text, (middle, y), color=look.word("other"), ha="center")

    return Row(2 * half + 10, draw)


def bars(times: Times, spans: pd.DataFrame) -> Row:
    """Return lines of 8 pixels, one under the other: ``label``, ``start``, ``end``, ``goes_on``."""
    look = times.look
    tall = look.size * 1.35
    height = tall * len(spans) + 4

    def draw(ax: Axes, y: float) -> None:
        at = y - height / 2 - tall / 2
        for row in spans.itertuples():
            at += tall
            line(ax, [row.start, row.end], [at, at], look.color("pair"), lw=8, zorder=2)
            if row.goes_on:
                point(ax, row.end, at, look, "pair", shape=">", size=15)
            room = times.at(row.start) > text_width(row.label, look.size) + 8
            if not room and not row.goes_on:
                label(ax, look, row.label, (row.end, at), (6, 0), "pair", ha="left")
                continue
            side, shift = ("right", -5) if room else ("left", -4)
            label(ax, look, row.label, (row.start, at), (shift, 0), "pair", ha=side)

    return Row(height, draw)
