"""Plain figures of any table: ranges beside each other, counts, a curve, spells, shared pairs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from relations_lib.figures._marks import (
    diamond_line,
    hatched,
    line,
    new_axes,
    note,
    on_ground,
    time_axis,
)
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import roles, state_names
from relations_lib.figures._tables import short
from relations_lib.figures._texts import figure, nothing
from relations_lib.network import counted_spells, pair_table
from relations_lib.tables import Data


def _figure(name: str, draw: Any, table: pd.DataFrame, **facts: Any) -> Figure:
    """Return a figure of a table, or one that says that it has no rows."""
    if table.empty:
        return nothing(name)
    return figure(name, draw, table, facts)


def _draw_ranges(look: Look, table: pd.DataFrame, unit: str, log: bool, rule: float | None) -> Axes:
    row = 2.9 * look.size
    ax = new_axes(look, row * len(table) + 60)
    for place, one in enumerate(table.itertuples()):
        mark = getattr(one, "mark", "")
        role = "other" if mark == "wrong" else "ink"
        shape = ">" if mark == "open" else "D"
        bounds = one.value, one.low, one.high
        diamond_line(ax, bounds, place, look, role, dashed=mark == "wrong", shape=shape)
        text = f"{one.label}: {short(one.value)}"
        if one.low != one.high and mark != "open":
            text += f" ({short(one.low)} to {short(one.high)})"
        if mark:
            text += f", {mark}"
        edge = (0, place)
        place_of = {"xycoords": ax.get_yaxis_transform(), "color": look.word(role)}
        note(ax, text, edge, (0, 1.15 * look.size), **place_of, **on_ground(look))
    ax.set(yticks=[], xlabel=unit, ylim=(len(table) - 0.6, -0.8))
    if log:
        ax.set_xscale("log")
        ax.xaxis.set(major_locator=LogLocator(subs=(1, 3)), minor_locator=NullLocator())
        ax.xaxis.set_major_formatter("{x:g}")
    if rule is not None:
        ax.axvline(rule, color=look.word("other"), lw=1.3, ls=(0, (4, 3)), zorder=0.9)
    ax.xaxis.grid(True)
    return ax


def ranges(
    table: pd.DataFrame,
    title: str,
    unit: str,
    caption: str,
    *,
    log: bool = False,
    rule: float | None = None,
) -> Figure:
    """Return values on their ranges, one row each, the numbers written above the lines.

    Parameters
    ----------
    table
        One row each: ``label``, ``value``, ``low``, ``high`` and, if wanted, ``mark``: ``wrong``
        (gray, dashed, called so) or ``open`` (it still grows).
    title, caption
        The point as a sentence; what stands below.
    unit
        Label of the axis, with its unit.
    log
        Logarithmic axis: equal distances are equal ratios.
    rule
        A value at which a dashed line stands.
    """
    told = [f"{row.label} {short(row.value)}" for row in table.itertuples()]
    return _figure(
        "ranges",
        partial(_draw_ranges, table=table, unit=unit, log=log, rule=rule),
        table,
        title=title,
        caption=caption,
        rows=len(table),
        unit=unit,
        low=short(table["low"].min()),
        high=short(table["high"].max()),
        told="; ".join(told),
    )


def gap_ranges(gaps: pd.DataFrame, caption: str, waited: float | None = None) -> Figure:
    """Return each gap between dates as the range that the dates allow.

    Parameters
    ----------
    gaps
        As ``cadence.meeting_gaps`` gives it.
    waited
        Years of the gap still open, if it is to be drawn.
    """
    starts = gaps["start"].astype(int).astype(str)
    ends = gaps["end"].astype(int).astype(str)
    table = pd.DataFrame(
        {
            "label": starts + " to " + ends,
            "value": gaps["years"],
            "low": gaps["low"],
            "high": gaps["high"],
            "mark": "",
        }
    )
    if waited is not None:
        table.loc[len(table)] = [f"since {ends.iloc[-1]}", waited, 0, waited, "open"]
    least = short(gaps["low"].min())
    most = short(gaps["high"].max())
    title = f"From one to the next it takes {least} to {most} years"
    return ranges(table, title, "years", caption)


def _draw_counts(look: Look, table: pd.DataFrame, unit: str, what: str) -> Axes:
    ax = new_axes(look, 230)
    at = table["value"].astype(float)
    step = at.diff().min()
    wide = 0.8 * step if step > 0 else 0.8
    for place, count, observed in zip(at, table["count"], table["observed"], strict=True):
        role = "pair" if observed else "other"
        ax.bar(place, count, wide, color=look.color(role))
        text = short(float(count))
        if observed:
            text += "\nobserved"
        note(ax, text, (place, count), (0, 5), ha="center", va="bottom")
    most = table["count"].max()
    ax.set(xlabel=unit, ylabel=what, ylim=(0, 1.25 * most))
    if len(at) > 8:
        ax.xaxis.set_major_locator(MaxNLocator(5))
    else:
        ax.set_xticks(at)
    return ax


def counts(
    spread: dict[Any, float], observed: Any, title: str, unit: str, what: str, caption: str
) -> Figure:
    """Return how often each value of a statistic comes, with the observed one marked.

    Parameters
    ----------
    spread
        Value -> how many tables, or what chance (``null_same_margins(...).spread``).
    observed
        The observed value.
    unit, what
        Labels of the axes: the statistic; what is counted.
    """
    table = pd.DataFrame({"value": list(spread), "count": list(spread.values())})
    table = table.assign(observed=table["value"].eq(observed)).sort_values("value")
    hits = sum(number for value, number in spread.items() if value >= observed)
    return _figure(
        "counts",
        partial(_draw_counts, table=table, unit=unit, what=what),
        table,
        title=title,
        caption=caption,
        unit=unit,
        low=short(float(min(spread))),
        high=short(float(max(spread))),
        total=short(float(sum(spread.values()))),
        hits=short(float(hits)),
        observed=short(float(observed)),
    )


def _draw_curve(look: Look, table: pd.DataFrame, log: bool) -> Axes:
    x, y = table.columns[:2]
    ax = new_axes(look, 260)
    if table.shape[1] > 3:
        low, high = table.columns[2:4]
        ax.fill_between(table[x], table[low], table[high], color=look.color("tint"), lw=0)
    ax.plot(table[x], table[y], "o-", color=look.color("pair"), ms=6)
    look_of = on_ground(look)
    for at, value in zip(table[x], table[y], strict=True):
        note(ax, f"{value:.2f}", (at, value), (0, 12), ha="center", **look_of)
    most = table[y].max()
    ax.set(xlabel=x, ylabel=y, ylim=(0, 1.15 * most))
    if log:
        ax.set_xscale("log")
        ax.set_xticks(table[x], table[x].map("{:g}".format))
        ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.grid(True)
    return ax


def curve(table: pd.DataFrame, title: str, caption: str, log: bool = False) -> Figure:
    """Return a curve through few points, the values written at them.

    Parameters
    ----------
    table
        First column across, second upward; a third and fourth, if any, are a band.
    log
        Logarithmic axis across.
    """
    x, y = table.columns[:2]
    values = list(table[y].map(short))
    places = list(table[x])
    return _figure(
        "curve",
        partial(_draw_curve, table=table, log=log),
        table,
        title=title,
        caption=caption,
        x=x,
        y=y,
        first=f"{values[0]} at {places[0]:g}",
        last=f"{values[-1]} at {places[-1]:g}",
    )


def _draw_spells(look: Look, spells: pd.DataFrame, years: tuple[int, int]) -> Axes:
    rows = list(dict.fromkeys(spells["row"]))
    ax = new_axes(look, 1.6 * look.size * len(rows) + 40)
    first, last = pd.Timestamp(years[0], 1, 1), pd.Timestamp(years[1], 12, 31)
    for spell in spells.itertuples():
        y = rows.index(spell.row)
        color = look.color(spell.role)
        end = min(spell.end, last)
        if spell.status == "full":
            line(ax, [spell.start, end], [y, y], color, lw=8)
        else:
            hatched(ax, (spell.start, end), (y - 0.3, y + 0.3), look)
        line(ax, [spell.begun, spell.start], [y, y], color, lw=1.4)
    time_axis(ax, first, last, look)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.grid(True)
    return ax


def membership_spells(
    data: Data, organizations: Sequence[str], title: str, caption: str, years: tuple[int, int]
) -> Figure:
    """Return every spell in some organizations as a line through time, the pair on top.

    Parameters
    ----------
    data
        A package with memberships. A full membership is filled, any other status hatched; an
        imprecise start is a thin line as long as what it leaves open.
    years
        First and last year shown.
    """
    own = data["memberships"][data["memberships"]["organization"].isin(list(organizations))]
    spells = counted_spells(own, None)
    spells["begun"] = counted_spells(own, None, "earliest")["start"]
    spells["end"] = spells["end"].fillna(pd.Timestamp(years[1], 12, 31))
    spells["role"] = spells["state"].map(roles(data)).fillna("other")
    spells["row"] = spells["state"].map(state_names(data)).fillna(spells["state"])
    spells["place"] = spells["role"].map(["home", "partner", "other"].index)
    spells = spells.sort_values(["place", "row", "start"], kind="stable")
    return _figure(
        "membership_spells",
        partial(_draw_spells, spells=spells, years=years),
        spells[["row", "organization", "status", "start", "end"]],
        title=title,
        caption=caption,
        rows=len(spells),
        states=spells["state"].nunique(),
        first=years[0],
        last=years[1],
    )


def _draw_grid(look: Look, shared: pd.DataFrame) -> Axes:
    size = len(shared)
    height = 358 if look.narrow else 430
    ax = new_axes(look, height)
    color = look.color("pair")
    most = max(shared.to_numpy().max(), 1)
    rows, columns = np.tril_indices(size, -1)
    for row, column in zip(rows, columns, strict=True):
        number = shared.iloc[row, column]
        strong = 0.55 * number / most
        cell = (column - 0.46, row - 0.46)
        ax.add_patch(Rectangle(cell, 0.92, 0.92, color=color, alpha=strong, lw=0))
        note(ax, number, (column, row), ha="center")
    names = list(shared.index)
    ax.set(xlim=(-0.6, size - 1.4), ylim=(size - 0.4, 0.4))
    ax.set_yticks(range(1, size), names[1:])
    ax.set_xticks(range(size - 1), names[:-1], rotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def shared_pairs(matrix: pd.DataFrame, title: str, caption: str) -> Figure:
    """Return how many organizations each pair of states shares, as a triangle of numbers.

    Parameters
    ----------
    matrix
        Zeros and ones, states (as they are to be called, in their order) by organizations.
    """
    shared = matrix @ matrix.T
    facts = {"title": title, "caption": caption, "states": len(shared)}
    facts["most"] = shared.to_numpy().max(initial=0)
    values = pair_table(matrix)[["state_a", "state_b", "shared"]]
    values.columns = ["state", "other state", "shared"]
    return _figure("shared_pairs", partial(_draw_grid, shared=shared), values, **facts)
