"""A plain figure of any table: values on their ranges, one under the other."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from relations_lib.figures._marks import estimates, label, sheet
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._tables import short
from relations_lib.figures._texts import figure, nothing


def _draw(look: Look, table: pd.DataFrame, unit: str, log: bool, rule: float | None) -> Axes:
    ax = sheet(look, 2.9 * look.size * len(table) + 60).subplots()
    for role, rows in table.groupby("role"):
        estimates(ax, look, rows, str(role), "D")
        for row in rows.itertuples():
            at = ax.get_yaxis_transform()
            up = 0, 1.15 * look.size
            label(ax, look, row.words, (0, row.Index), up, str(role), xycoords=at)
    ax.set(yticks=[], xlabel=unit, ylim=(len(table) - 0.6, -0.8))
    if log:
        ax.set_xscale("log")
        ax.xaxis.set(major_locator=LogLocator(subs=(1, 3)), minor_locator=NullLocator())
        ax.xaxis.set_major_formatter("{x:g}")
    if rule is not None:
        ax.axvline(rule, color=look.word("other"), lw=1.3, ls="--", zorder=0.9)
    ax.xaxis.grid(True)
    return ax


def _words(row: pd.Series) -> str:
    """Return a row's label, value, range and, where it is one, that it is a mistake."""
    value, low, high = map(short, row[["value", "low", "high"]])
    words = f"{row['label']}: {value}"
    if low != high:
        words += f" ({low} to {high})"
    return f"{words}, {row['mark']}" if row["mark"] else words


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
        (gray, and called so).
    title, caption
        The point as a sentence; what stands below.
    unit
        Label of the axis, with its unit.
    log
        Logarithmic axis: equal distances are equal ratios.
    rule
        A value at which a dashed line stands.
    """
    if table.empty:
        return nothing("ranges")
    drawn = table.assign(mark=table.get("mark", "")).reset_index(drop=True)
    drawn["words"] = drawn.apply(_words, axis=1)
    drawn["role"] = drawn["mark"].map({"wrong": "other"}).fillna("ink")
    facts = {
        "title": title,
        "caption": caption,
        "rows": len(table),
        "unit": unit,
        "told": "; ".join(drawn["label"] + " " + drawn["value"].map(short)),
    }
    draw = partial(_draw, table=drawn, unit=unit, log=log, rule=rule)
    name = "ranges" if table["low"].ne(table["high"]).any() else "values"
    return figure(name, draw, table, facts)
