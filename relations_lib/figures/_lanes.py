"""Figures through time: lanes one under the other over one axis, nothing hidden by anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    wide: float = 590

    @property
    def width(self) -> float:
        """Return the width of the drawing in pixels."""
        return WIDTHS["narrow"] if self.look.narrow else self.wide

    def at(self, day: Any) -> float:
        """Return how many pixels from the axis' start a day is."""
        share = (pd.Timestamp(day) - self.first) / (self.last - self.first)
        return share * (self.width - 2 * EDGE)

    def day(self, pixels: float) -> pd.Timestamp:
        """Return the day at so many pixels from the axis' start."""
        return self.first + (self.last - self.first) * (pixels / (self.width - 2 * EDGE))


def draw_rows(
    times: Times,
    rows: Sequence[Row],
    silent: tuple | None,
    words: Sequence[str],
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
    strip = 2.6 * look.size if silent else 0
    height = sum(row.height for row in rows) + strip + 4
    ax = canvas(look, height + 30 + below, times.wide, margins=(EDGE, 2, EDGE, 28 + below))
    rows_axes(ax, height)
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


def _beside_strip(ax: Axes, times: Times, silent: tuple, y: float, words: Sequence[str]) -> None:
    look = times.look
    muted = {"color": look.word("other"), "bbox": ground(look), "zorder": 2.4}
    before, after = words
    note(ax, before, (silent[0], y), (-6, 0), ha="right", **muted)
    room = times.width - 2 * EDGE - times.at(silent[1])
    if text_width(after, look.size) < room:
        note(ax, after, (silent[1], y), (6, 0), ha="left", **muted)
    else:
        note(ax, after, (silent[1], y), (0, 1.55 * look.size), ha="right", **muted)


def ground(look: Look) -> dict[str, Any]:
    """Return the box that keeps lines from running through a label."""
    return {"boxstyle": "square,pad=0.1", "fc": look.color("ground"), "ec": "none"}


def heading(times: Times, text: str, role: str, ends: Sequence[str] = ()) -> Row:
    """Return a row with the lane's name and, at its right end, until when it was looked up.

    Of the texts for the end, longest first, the first that has room is written.
    """
    look = times.look
    text = wrapped(text, times.width - EDGE, look.size, "bold")
    room = times.width - EDGE - text_width(text, look.size, "bold")
    fitting = [words for words in ends if text_width(words, look.size) <= room]
    end = fitting[0] if fitting else ""

    def draw(ax: Axes, y: float) -> None:
        box = ground(look)
        left = times.first
        note(ax, text, (left, y), (-4, 0), color=look.word(role), weight="bold", bbox=box)
        note(ax, end, (times.last, y), (4, 0), ha="right", color=look.word("other"), bbox=box)

    return Row(look.size * (1.55 + 1.2 * text.count("\n")), draw)


def _spread(
    times: Times, labels: Sequence[str], days: Sequence[Any], weights: Sequence[str]
) -> list:
    """Return where labels above marks stand: left end in pixels, and level."""
    look = times.look
    limit = times.width - 2 * EDGE
    spans = []
    for label, day, weight in zip(labels, days, weights, strict=True):
        wide = text_width(label, look.size, weight)
        left = min(max(times.at(day) - wide / 2, -EDGE + 2), limit + EDGE - 2 - wide)
        spans.append((left, left + wide + 6))
    return list(zip([left for left, _ in spans], stacked(spans), strict=True))


def dots(times: Times, marks: pd.DataFrame) -> Row:
    """Return a row of dots and rings with labels above them, on levels where they would touch.

    Parameters
    ----------
    marks
        One row per mark, by date: ``middle``, ``role``, ``filled``, ``dashed``, ``label`` (may be
        empty) and ``bold``.
    """
    look = times.look
    size = 11 if look.narrow else 13
    tall = look.size * 1.25
    named = marks[marks["label"].ne("")]
    widest = times.width - 2 * EDGE
    named = named.assign(label=[fitted(text, widest, look.size) for text in named["label"]])
    weights = named["bold"].map({True: "bold", False: "normal"}).tolist()
    places = _spread(times, named["label"].tolist(), named["middle"].tolist(), weights)
    levels = 1 + max((level for _, level in places), default=-1)
    sides = [(times.at(day) - size / 2, times.at(day) + size / 2 + 2) for day in marks["middle"]]
    depths = stacked(sides)
    deep = max(depths, default=0) * (size + 2)
    height = size + 6 + levels * tall + deep

    def draw(ax: Axes, y: float) -> None:
        low = y + height / 2 - size / 2 - 3 - deep
        for row, (left, level), weight in zip(named.itertuples(), places, weights, strict=True):
            top = low - size / 2 - 2 - (level + 0.5) * tall
            color = look.word("ink" if row.bold else "other")
            if level:
                ends = [top + tall / 2, low]
                line(ax, [row.middle] * 2, ends, look.color("grid"), lw=1.4, zorder=0.9)
            box = ground(look)
            note(ax, row.label, (times.day(left), top), color=color, weight=weight, bbox=box)
        for row, depth in zip(marks.itertuples(), depths, strict=True):
            options = {"fill": row.filled, "dashed": row.dashed, "size": size}
            point(ax, row.middle, low + depth * (size + 2), look, row.role, **options)

    return Row(height, draw)


def diamonds(times: Times, marks: pd.DataFrame) -> Row:
    """Return a row of small diamonds, on levels where they would touch (columns as for dots)."""
    look = times.look
    size = 6 if look.narrow else 7
    spans = [(times.at(day) - size / 2, times.at(day) + size / 2 + 1) for day in marks["middle"]]
    levels = stacked(spans, most=4)
    step = size + 2
    height = 5 + step * (1 + max(levels, default=0))

    def draw(ax: Axes, y: float) -> None:
        top = y - height / 2 + step / 2 + 1
        for row, level in zip(marks.itertuples(), levels, strict=True):
            options = {"fill": False, "dashed": row.dashed, "size": size + 1.4, "shape": "D"}
            point(ax, row.middle, top + level * step, look, row.role, **options)

    return Row(height, draw)


def blocks(times: Times, days: pd.DataFrame, role: str = "pair") -> Row:
    """Return a row of blocks as wide as the dates are imprecise: ``earliest`` and ``latest``."""
    look = times.look

    def draw(ax: Axes, y: float) -> None:
        wide = days["latest"] + DAY - days["earliest"]
        color = look.color(role)
        edge = look.color("ground")
        ax.barh([y] * len(days), wide, 15, days["earliest"], color=color, ec=edge, lw=1, zorder=3)

    return Row(21, draw)


def numbered(times: Times, sessions: pd.DataFrame, without: str) -> Row:
    """Return a row of sessions by number: rings at days, brackets over spans, dashed if uncertain.

    Parameters
    ----------
    sessions
        As ``sessions`` of the story gives it.
    without
        What to write at one that has no number.
    """
    look = times.look
    tall = look.size * 1.2
    labels = [
        without if pd.isna(row.number) else str(int(row.number)) for row in sessions.itertuples()
    ]
    middle = sessions["earliest"] + (sessions["latest"] - sessions["earliest"]) / 2
    places = _spread(times, labels, middle.tolist(), ["normal"] * len(labels))
    levels = 1 + max((level for _, level in places), default=-1)
    size = 12
    height = size + levels * tall + 4

    def draw(ax: Axes, y: float) -> None:
        low = y + height / 2 - size / 2 - 1
        for row, label, (left, level) in zip(sessions.itertuples(), labels, places, strict=True):
            dashed = not row.certain or pd.isna(row.number)
            top = low - size / 2 - (level + 0.5) * tall
            if (row.latest - row.earliest).days > DAY_WIDE:
                span = row.earliest, row.latest + DAY
                bracket(ax, span, low + 4, look, dashed=dashed, rise=-8)
            else:
                point(ax, row.earliest, low, look, "ink", fill=False, dashed=dashed, size=9)
            if level:
                at = row.earliest + (row.latest - row.earliest) / 2
                ends = [top + tall / 2, low - 6]
                line(ax, [at, at], ends, look.word("other"), lw=1, zorder=1)
            note(ax, label, (times.day(left), top), color=look.color("ink"), bbox=ground(look))

    return Row(height, draw)


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

    def draw(ax: Axes, y: float) -> None:
        for gap in unknown:
            ends = gap["start"], gap["end"]
            half = look.size * 0.75
            band(ax, ends, (y - half, y + half), look, open_start=not gap["founded"])
            numbers = number_range(gap["first"], gap["last"], between)
            room = times.at(ends[1]) - times.at(ends[0]) - 4
            texts = [text.format(numbers=numbers) for text in words]
            fitting = [text for text in texts if text_width(text, look.size) <= room]
            middle = ends[0] + (ends[1] - ends[0]) / 2
            text = (fitting or [""])[0]
            note(ax, text, (middle, y), color=look.word("other"), ha="center")

    return Row(look.size * 1.5 + 10, draw)


def bars(times: Times, spans: pd.DataFrame) -> Row:
    """Return lines of 8 pixels, one under the other: ``label``, ``start``, ``end``, ``goes_on``."""
    look = times.look
    tall = look.size * 1.35
    height = tall * len(spans) + 4

    def draw(ax: Axes, y: float) -> None:
        top = y - height / 2 + tall / 2
        for place, row in enumerate(spans.itertuples()):
            at = top + place * tall
            inside = times.at(row.start) < text_width(row.label, look.size) + 8
            side, shift = ("left", 6) if inside else ("right", -5)
            line(ax, [row.start, row.end], [at, at], look.color("pair"), lw=8, zorder=2)
            if row.goes_on:
                point(ax, row.end, at, look, "pair", shape=">", size=15)
            color = look.word("pair")
            box = ground(look)
            note(ax, row.label, (row.start, at), (shift, 0), ha=side, color=color, bbox=box)

    return Row(height, draw)


def short_names(names: Sequence[str], years: Sequence[str]) -> list[str]:
    """Return labels with a name only where another person's begins.

    Examples
    --------
    >>> short_names(["A", "A", "B"], ["1993", "1995", "2000"])
    ['A 1993', '1995', 'B 2000']
    """
    new = [True, *(one != other for one, other in pairwise(names))]
    pairs = zip(names, years, new[: len(names)], strict=True)
    return [f"{name} {year}" if fresh else year for name, year, fresh in pairs]
