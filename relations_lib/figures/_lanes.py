"""Figures through time: lanes one under the other over one axis, nothing hidden by anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import (
    DAY_WIDE,
    below_axis,
    block,
    canvas,
    fitted,
    label,
    note,
    point,
    rows_axes,
    text_width,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import WIDTHS, Look
from relations_lib.figures._story import stacked

EDGE = 10  # pixels left and right of the time axis


@dataclass(frozen=True)
class Row:
    """A row of a drawing: its height in pixels, and what draws it below its upper edge."""

    height: float
    draw: Callable[[Axes, float], None]


@dataclass(frozen=True)
class Times:
    """The time that a drawing shows, and how it becomes pixels."""

    first: pd.Timestamp
    last: pd.Timestamp
    look: Look
    wide: float

    @property
    def width(self) -> float:
        """Return the width of the time axis in pixels."""
        width = WIDTHS["narrow"] if self.look.narrow else self.wide
        return width - 2 * EDGE

    def at(self, day: Any) -> Any:
        """Return how many pixels from the axis' start a day is, or each of a column."""
        return (day - self.first) / (self.last - self.first) * self.width


def draw_rows(times: Times, rows: Sequence[Row]) -> Axes:
    """Draw rows from top to bottom over one time axis."""
    height = sum(row.height for row in rows)
    below = below_axis(times.first, times.last, times.look)
    ax = canvas(times.look, height + 2 + below, times.wide, margins=(EDGE, 2, EDGE, below))
    rows_axes(ax)
    time_axis(ax, times.first, times.last, times.look)
    ax.xaxis.grid(True)
    top = 0.0
    for row in rows:
        row.draw(ax, top)
        top += row.height
    return ax


def heading(times: Times, text: str, role: str, end: str = "", brief: str = "") -> Row:
    """Return a row with the lane's name and, at its right end, a few words more.

    Where they have no room beside the name, the brief words stand there, if there are any.
    """
    look = times.look
    room = times.width + 4 - text_width(end, look.size)
    if brief and text_width(text, look.size, "bold") > room:
        end = brief
        room = times.width + 4 - text_width(end, look.size)
    text = wrapped(text, room, look.size, "bold")
    height = look.size * (2 + 1.2 * text.count("\n"))

    def draw(ax: Axes, top: float) -> None:
        middle = top + height / 2
        left = times.first, middle
        right = times.last, middle
        label(ax, look, text, left, (-4, 0), role, weight="bold")
        label(ax, look, end, right, (4, 0), "other", pad=0.4, ha="right")

    return Row(height, draw)


def marks(times: Times, frame: pd.DataFrame, shape: str = "o", size: float = 13) -> Row:
    """Return a row of marks with their labels beside them, on levels where they would touch.

    Parameters
    ----------
    frame
        One row per mark, by date: ``start`` and ``end`` (days; far apart, the mark is a box between
        them), ``role``, ``told`` (by the ``page``: filled), ``sure`` (else dashed),
        ``label`` (may be empty) and ``omitted`` (by the page: its label is bold).
    shape, size
        Of the marks: as for ``point``.
    """
    look = times.look
    size *= look.size / 13
    left = times.at(frame["start"]) - size / 2 - 1
    right = times.at(frame["end"]) + size / 2 + 1
    texts = shortened(frame["label"], (times.width - right).clip(lower=left), look)
    wide = [text_width(text, look.size, "bold") + 6 if text else 0 for text in texts]
    turned = right + wide > times.width + EDGE  # no room to the right of the mark
    begin = left.mask(turned, left - wide)
    end = right.mask(~turned, right + wide)
    level = stacked(begin, end)
    placed = frame.assign(label=texts, turned=turned, level=level, middle=halfway(frame))
    tall = max(size + 2, look.size * 1.3 * any(texts))
    height = tall * (1 + max(level, default=0)) + 4

    def draw_mark(ax: Axes, row: Any, y: float) -> None:
        ends = row.start, row.end
        if (row.end - row.start).days > DAY_WIDE:
            others_kind = "box" if row.sure else "dashed"
            kind = row.role if row.told == "page" else others_kind
            rows = y - size / 2, y + size / 2
            block(ax, ends, rows, look, kind)
            return
        style = {"fill": row.told == "page", "dashed": not row.sure, "size": size}
        point(ax, row.middle, y, look, row.role, shape=shape, **style)

    def draw(ax: Axes, top: float) -> None:
        for row in placed.itertuples():
            y = top + tall * (row.level + 0.5) + 2
            draw_mark(ax, row, y)
            role, weight = ("ink", "bold") if row.omitted else ("other", "normal")
            day, shift, side = row.end, size / 2 + 4, "left"
            if row.turned:
                day, shift, side = row.start, -shift, "right"
            label(ax, look, row.label, (day, y), (shift, 0), role, ha=side, weight=weight)

    return Row(height, draw)


def halfway(spans: pd.DataFrame) -> pd.Series:
    """Return the middle between ``start`` and ``end``."""
    return spans["start"] + (spans["end"] - spans["start"]) / 2


def shortened(texts: pd.Series, pixels: pd.Series, look: Look) -> list[str]:
    """Return each text, or as much of it as fits into so many pixels."""
    return [fitted(text, room, look.size) for text, room in zip(texts, pixels, strict=True)]


def arrowheads(ax: Axes, times: Times, ends: tuple, y: float, role: str, size: float) -> None:
    """Draw an arrowhead where a bar goes on before or after the time drawn."""
    start, end = ends
    if start <= times.first:
        point(ax, times.first, y, times.look, role, shape="<", size=size)
    if end >= times.last:
        point(ax, times.last, y, times.look, role, shape=">", size=size)


def bands(times: Times, spans: pd.DataFrame) -> Row:
    """Return a row of bands on levels where they would touch, with arrowheads at the frame.

    Parameters
    ----------
    spans
        ``start``, ``end``, ``kind`` (see ``block``) and ``label``, which stands inside as far as
        it fits.
    """
    look = times.look
    left, right = times.at(spans["start"]), times.at(spans["end"])
    texts = shortened(spans["label"], right - left, look)
    level = stacked(left, right)
    placed = spans.assign(label=texts, level=level, middle=halfway(spans))
    tall = look.size * 1.5
    half = 0.4 * tall
    height = tall * (1 + max(level, default=0)) + 4

    def draw(ax: Axes, top: float) -> None:
        for row in placed.itertuples():
            y = top + tall * (row.level + 0.5)
            rows = y - half, y + half
            ends = row.start, row.end
            block(ax, ends, rows, look, row.kind)
            arrowheads(ax, times, ends, y, "pair", 2.3 * half)
            color = "white" if row.kind == "pair" else look.word("other")
            note(ax, row.label, (row.middle, y), ha="center", color=color, zorder=5)

    return Row(height, draw)
