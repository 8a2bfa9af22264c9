"""Plain figures of any table: ranges beside each other, and spells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from relations_lib.figures._marks import (
    block,
    estimates,
    label,
    line,
    sheet,
    time_axis,
)
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import roles, state_names
from relations_lib.figures._tables import short
from relations_lib.figures._texts import figure, nothing
from relations_lib.network import counted_spells
from relations_lib.tables import Data


def _figure(name: str, draw: Any, table: pd.DataFrame, **facts: Any) -> Figure:
    """Return a figure of a table, or one that says that it has no rows."""
    if table.empty:
        return nothing(name)
    return figure(name, draw, table, facts)


def _draw_ranges(look: Look, table: pd.DataFrame, unit: str, log: bool, rule: float | None) -> Axes:
    ax = sheet(look, 2.9 * look.size * len(table) + 60).subplots()
    for mark, shape, role in (("", "D", "ink"), ("wrong", "D", "other"), ("open", ">", "ink")):
        rows = table[table["mark"] == mark]
        estimates(ax, look, rows, role, shape, dashed=mark == "wrong")
        for row in rows.itertuples():
            at = ax.get_yaxis_transform()
            up = 0, 1.15 * look.size
            label(ax, look, _range_words(row), (0, row.Index), up, role, xycoords=at)
    ax.set(yticks=[], xlabel=unit, ylim=(len(table) - 0.6, -0.8))
    if log:
        ax.set_xscale("log")
        ax.xaxis.set(major_locator=LogLocator(subs=(1, 3)), minor_locator=NullLocator())
        ax.xaxis.set_major_formatter("{x:g}")
    if rule is not None:
        ax.axvline(rule, color=look.word("other"), lw=1.3, ls=(0, (4, 3)), zorder=0.9)
    ax.xaxis.grid(True)
    return ax


def _range_words(row: Any) -> str:
    """Return a row's label, value, range and mark."""
    value, low, high = map(short, (row.value, row.low, row.high))
    text = f"{row.label}: {value}"
    if low != high and row.mark != "open":
        text += f" ({low} to {high})"
    if row.mark:
        text += f", {row.mark}"
    return text


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
    drawn = table.assign(mark=table.get("mark", "")).reset_index(drop=True)
    return _figure(
        "ranges",
        partial(_draw_ranges, table=drawn, unit=unit, log=log, rule=rule),
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
    years = gaps[["start", "end"]].astype(int).astype(str)
    table = gaps[["low", "high"]].assign(mark="")
    table.insert(0, "label", years["start"] + " to " + years["end"])
    table.insert(1, "value", gaps["years"])
    if waited is not None:
        table.loc[len(table)] = [f"since {years['end'].iloc[-1]}", waited, 0, waited, "open"]
    least = short(gaps["low"].min())
    most = short(gaps["high"].max())
    title = f"From one to the next it takes {least} to {most} years"
    return ranges(table, title, "years", caption)


def _draw_spells(look: Look, spells: pd.DataFrame, years: tuple[int, int]) -> Axes:
    rows = list(dict.fromkeys(spells["row"]))
    ax = sheet(look, 1.6 * look.size * len(rows) + 40).subplots()
    for spell in spells.itertuples():
        y = rows.index(spell.row)
        color = look.color(spell.role)
        line(ax, [spell.begun, spell.start], [y, y], color, lw=1.4)
        if spell.status == "full":
            line(ax, [spell.start, spell.end], [y, y], color, lw=8)
        else:
            block(ax, (spell.start, spell.end), (y - 0.3, y + 0.3), look, "hatch")
    first, last = years
    time_axis(ax, f"{first}-01-01", f"{last}-12-31", look)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.4, -0.6)
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
    last = pd.Timestamp(years[1], 12, 31)
    spells["end"] = spells["end"].fillna(last).clip(upper=last)
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
