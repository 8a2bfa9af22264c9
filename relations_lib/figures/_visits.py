"""Figures on visits: a timeline, intervals beside each other, the chance of silence."""

from __future__ import annotations

from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from relations_lib import poisson
from relations_lib.dates import as_date, day_bounds
from relations_lib.figures._old import COLORS, new_axes, styled

DAY = pd.Timedelta(days=1)
FILLS = [COLORS[name] for name in ("blue", "vermilion", "green", "purple")]
RIGHT = {"fc": COLORS["sky"], "ec": COLORS["blue"]}
WRONG = {"fc": "white", "ec": COLORS["vermilion"], "hatch": "////"}


def _number(value: float, least: float) -> str:
    """Return a number as written beside a mark: two decimals, from 100 up one or none."""
    return f"{value:.2f}" if least < 100 else f"{value:,.1f}".removesuffix(".0")


def _with_bounds(row: object, least: float) -> str:
    value, low, high = (_number(getattr(row, name), least) for name in ("value", "low", "high"))
    return (value if low == high else f"{value} ({low} to {high})").replace("-", "−")


def _rows(ax: Axes, rows: list, names: list, unit: str, below: float, margin: float) -> None:
    """Name the rows of a drawing, first on top, and its horizontal axis."""
    names = [str(name).replace("_", " ") for name in names]
    ax.set(yticks=rows, yticklabels=names, xlabel=unit, ylim=(rows[-1] + below, -0.6))
    ax.use_sticky_edges = False
    ax.margins(x=margin)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)


@styled
def timeline(
    events: pd.DataFrame, windows: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw dated events in lanes, every date as wide as it is precise.

    Parameters
    ----------
    events
        One row per event: ``lane`` (its row in the drawing, in order of appearance), ``date``
        (EDTF) and, if wanted, ``label`` (written above and below the marks in turn).
    windows
        Windows to draw below as lines: ``id``, ``start``, ``end`` (days).
    """
    windows = events[:0].assign(id="") if windows is None else windows
    days, lanes = day_bounds(events["date"]), events["lane"].unique().tolist()
    names = [*lanes, *("window " + windows["id"])]
    rows = [*range(len(lanes)), *(len(lanes) - 0.2 + 0.5 * i for i in range(len(windows)))]
    ax = ax or new_axes(5.2, 0.7 + 0.62 * len(lanes) + 0.31 * len(windows))
    lane, widths = events["lane"].map(lanes.index), days["latest"] + DAY - days["earliest"]
    fill = lane.map(lambda row: FILLS[row % len(FILLS)])
    edges = np.where(widths > 100 * DAY, "white", fill)
    ax.barh(lane, widths, 0.36, days["earliest"], color=fill, ec=edges, lw=0.8)
    below, labels = events.groupby("lane").cumcount() % 2, events.get("label", [""] * len(events))
    for row, low, day, text in zip(lane, below, days["earliest"], labels, strict=True):
        y, align = (row + 0.2, "top") if low else (row - 0.2, "bottom")
        ax.text(day, y, text, ha="left", va=align, fontsize=9.5)
    for row, window in zip(rows[len(lanes) :], windows.itertuples(), strict=True):
        ends: Any = [as_date(window.start), as_date(window.end)]
        ax.plot(ends, [row, row], color=COLORS["gray"], marker="|", markersize=8)
    _rows(ax, rows, names, "year", 0.4, 0.02)
    ax.xaxis.set(major_locator=mdates.YearLocator(5), major_formatter=mdates.DateFormatter("%Y"))
    return ax


def describe_timeline(events: pd.DataFrame, windows: pd.DataFrame | None = None) -> str:
    """Return the alternative text of ``timeline``."""
    days = day_bounds(events["date"])
    first, last, lines = days["earliest"].min().year, days["latest"].max().date(), ""
    years, lanes = [last.year], events.groupby("lane", sort=False)["date"].agg(", ".join)
    if windows is not None:
        years += [as_date(end).year for end in windows["end"]]
        spans = (f"{w.id} ({w.start} to {w.end})" for w in windows.itertuples())
        lines = f" Lines below show the windows {', '.join(spans)}."
    return (
        f"Timeline, x axis in years from {first} to {max(years)}, one row each. "
        f"{'; '.join(lanes.index + ': ' + lanes)}. The last date ends on {last}.{lines}"
    )


@styled
def intervals(table: pd.DataFrame, unit: str, log: bool = False, ax: Axes | None = None) -> Axes:
    """Draw values with their intervals, one row each, the numbers written beside them.

    Parameters
    ----------
    table
        One row per interval: ``label``, ``value``, ``low``, ``high`` and, if wanted, ``mark``
        (``wrong`` is hatched; ``length`` is a line from 0 with its range at the end; ``open`` is
        one that ends in an arrow head because it still grows).
    unit
        Label of the x axis, with its unit.
    log
        Logarithmic axis: equal distances are equal ratios.
    """
    ax, least = ax or new_axes(5.2, 0.8 + 0.34 * len(table)), table["high"].max()
    marks = table.get("mark", pd.Series("", table.index))
    for y, (row, mark) in enumerate(zip(table.itertuples(), marks, strict=True)):
        look: dict[str, Any] = WRONG if mark == "wrong" else RIGHT
        ax.barh(y, row.high - row.low, 0.36, row.low, **look)
        if mark in ("length", "open"):
            ax.plot([0, row.low], [y, y], color=COLORS["blue"], lw=3, solid_capstyle="butt")
        ax.plot(row.value, y, ">" if mark == "open" else "|", color=COLORS["black"], ms=9)
        place = ax.get_yaxis_transform()
        ax.text(1.02, y, _with_bounds(row, least), va="center", fontsize=9.5, transform=place)
    _rows(ax, [*range(len(table))], table["label"].tolist(), unit, 0.6, 0.04)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set(major_locator=LogLocator(subs=(1, 3)), minor_locator=NullLocator())
        ax.xaxis.set_major_formatter("{x:g}")
    else:
        ax.axvline(0, color=COLORS["black"], lw=1)
    return ax


def describe_intervals(table: pd.DataFrame, unit: str, log: bool = False) -> str:
    """Return the alternative text of ``intervals``."""
    least = table["high"].max()
    rows = [f"{row.label} {_with_bounds(row, least)}" for row in table.itertuples()]
    low, high = (_number(bound, least) for bound in (table["low"].min(), least))
    scale = "logarithmic x axis" if log else "x axis"
    shared = table["low"].max() <= table["high"].min()
    point = "All intervals overlap" if shared else "Not all intervals overlap"
    return f"Interval chart, {scale}: {unit}, {low} to {high}. Rows: {'; '.join(rows)}. {point}."


def _chances(count: int, exposure: float, ahead: Any) -> tuple[Any, Any, Any]:
    """Return the chance of no event: rate at its upper bound, uncertain, at its lower bound."""
    low, high = poisson.garwood(count, exposure)
    return np.exp(-high * ahead), poisson.p_none(count, exposure, ahead), np.exp(-low * ahead)


@styled
def silence(
    count: int, exposure: float, ahead: float, years: float = 10, ax: Axes | None = None
) -> Axes:
    """Draw the chance of no event in the years ahead: predictive, and between fixed rates.

    Parameters
    ----------
    count, exposure
        Events seen in so many years; their exact 95% interval gives the fixed rates.
    ahead
        Years ahead at which values are written.
    years
        Length of the x axis.
    """
    ax, times = ax or new_axes(5.2, 3.2), np.linspace(0, years, 200)
    fast, middle, slow = _chances(count, exposure, times)
    ax.fill_between(times, fast, slow, color=COLORS["light"])
    ax.plot(times, middle, color=COLORS["blue"])
    chances = _chances(count, exposure, ahead)
    ax.plot([ahead] * 3, chances, "o", color=COLORS["blue"])
    names = ("rate at its upper bound", "rate uncertain", "rate at its lower bound")
    places = ((-8, 4, "right"), (8, 4, "left"), (0, 9, "center"))
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9.5}
    for chance, name, (right, up, align) in zip(chances, names, places, strict=True):
        ax.annotate(f"{name}: {chance:.2f}", (ahead, chance), (right, up), ha=align, **look)
    ax.set(xlabel="years after the window's end", ylabel="chance of no visit")
    ax.set(xlim=(0, years), ylim=(0, 1.03))
    ax.grid()
    return ax


def describe_silence(count: int, exposure: float, ahead: float, years: float = 10) -> str:
    """Return the alternative text of ``silence``."""
    low, middle, high = _chances(count, exposure, ahead)
    return (
        f"Line chart: years after the window's end, 0 to {years:g}, and the chance of no visit, "
        f"which falls from 1 to {middle:.2f} after {ahead:.1f} years; "
        f"a band from {low:.2f} to {high:.2f} there shows rates fixed at their bounds."
    )
