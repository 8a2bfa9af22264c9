"""What was true when: words of the page on the time in which they held."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from relations_lib import checks
from relations_lib.dates import day_bounds
from relations_lib.figures._marks import (
    DAY,
    block,
    canvas,
    label,
    line,
    middles,
    point,
    rows_axes,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import page_day, table
from relations_lib.figures._texts import figure, nothing
from relations_lib.figures._words import count_word, joined
from relations_lib.tables import Data

LEFT_OUT = "dating_of_text"  # that a list stops early makes none of its words untrue
AMBIGUOUS = "place"
YEAR = 365.25


def _uses(data: Data) -> pd.DataFrame:
    """Return uses of words with days: ``at``, ``begin`` and ``end`` of validity, ``off`` (years).

    ``off`` is how many years before the words became true (negative) or after they ceased.
    """
    uses = checks.word_uses(data)
    uses = uses[uses["subject"].ne(LEFT_OUT)].reset_index(drop=True)
    if uses.empty:
        return uses
    begins, ends = day_bounds(uses["valid_from"]), day_bounds(uses["valid_to"])
    uses = uses.assign(
        at=middles(uses["used"]),
        begin=begins["latest"],
        begin_low=begins["earliest"],
        end=ends["earliest"],
        end_high=ends["latest"],
    )
    early = (uses["begin"] - uses["at"]) / DAY / YEAR
    late = (uses["at"] - uses["end"]) / DAY / YEAR
    untrue = uses["holds"].eq("no") & uses["subject"].ne(AMBIGUOUS)
    off = (-early).where(early.gt(0), late.where(late.gt(0)))
    uses["off"] = off.where(untrue)
    rank = uses["off"].isna().astype(int) + uses["subject"].ne(AMBIGUOUS) * uses["off"].isna()
    first = rank.groupby(uses["id"]).transform("min")
    return uses.assign(rank=first).sort_values("rank", kind="stable").reset_index(drop=True)


def off_words(off: pd.Series) -> str:
    """Return how far the uses of one statement lie from the time in which it is true.

    Examples
    --------
    >>> [off_words(pd.Series(off)) for off in ([-1.83], [-14.1, -11.3], [5.2])]
    ['22 months too early', '14 and 11 years too early', '5.2 years too late']
    """
    side = "too early" if off.iloc[0] < 0 else "too late"
    sizes = off.abs()
    unit, digits = "years", "{:.1f}"
    if sizes.max() < 3:
        unit, digits = "months", "{:.0f}"
        sizes = 12 * sizes
    elif sizes.min() >= 10:
        digits = "{:.0f}"
    return f"{joined(list(sizes.map(digits.format)))} {unit} {side}"


def _draw_row(ax: Axes, look: Look, uses: pd.DataFrame, y: float, edges: tuple) -> None:
    """Draw one statement: the time in which it is true, and the days of which it is used."""
    left, right = edges
    first = uses.iloc[0]
    begin = left if pd.isna(first["begin"]) else max(left, first["begin"])
    end = right if pd.isna(first["end"]) else first["end"]
    line(ax, [begin, end], [y, y], look.color("other"), lw=8, zorder=2)
    for low, high in ((first["begin_low"], begin), (end, first["end_high"])):
        known = pd.notna(low) and pd.notna(high)
        if known and left < low and (high - low).days > 60:
            block(ax, (low, high), (y - 4, y + 4), look, "hatch")
    if end == right:
        point(ax, right, y, look, "other", shape=">", size=15)
    wrong = uses.dropna(subset="off")
    if len(wrong):
        near = end if wrong["off"].iloc[0] > 0 else begin
        ends = [min(near, wrong["at"].min()), max(near, wrong["at"].max())]
        line(ax, ends, [y, y], look.color("ink"), lw=1.4, zorder=2.5)
        late = (ends[1] - left) / (right - left) > 0.75
        side, at = ("right", right) if late else ("left", ends[0])
        label(ax, look, off_words(wrong["off"]), (at, y + 15), ha=side)
    told = uses[~_ambiguous(uses)]
    for row in told.itertuples():
        true = pd.isna(row.off)
        point(ax, row.at, y, look, "ink", fill=true)
        if not true:
            point(ax, row.at, y, look, "ink", shape="X", size=7)


def _ambiguous(uses: pd.DataFrame) -> pd.Series:
    """Return which uses are of words that mean another thing to a later reader."""
    return uses["subject"].eq(AMBIGUOUS) & uses["holds"].eq("no")


def _draw(look: Look, data: Data, uses: pd.DataFrame) -> Axes:
    printed = page_day(data)
    first = pd.Timestamp(uses["at"].min().year - 4, 1, 1)
    last = printed + 6 * 366 * DAY
    tall_line = look.size * 1.25
    texts = uses.groupby("id", sort=False)["page_says"].first()
    texts = texts.map(lambda text: wrapped(text, WIDTHS[look.width] - 20, look.size))
    talls = tall_line * (texts.str.count("\n") + 1) + 40
    ax = canvas(look, talls.sum() + 34, margins=(10, 4, 10, 28))
    rows_axes(ax)
    time_axis(ax, first, last, look)
    ax.xaxis.grid(True)
    ax.axvline(printed, color=look.word("other"), lw=1, ls=(0, (4, 3)), zorder=0.8)
    top = 0.0
    for name, text in texts.items():
        rows = uses[uses["id"] == name]
        label(ax, look, text, (first, top + 2), va="top", linespacing=1.2)
        top += talls[name]
        _draw_row(ax, look, rows, top - 28, (first, last))
        if _ambiguous(rows).any():
            words = f"means another to a reader of {printed.year}"
            label(ax, look, words, (last, top - 28), ha="right")
    return ax


def true_when(data: Data) -> Figure:
    """Return the figure of what was true when: words of the page against the time they held.

    Parameters
    ----------
    data
        A package with checks of the page.
    """
    if table(data, "page_checks").empty or _uses(data).empty:
        return nothing("true_when")
    uses = _uses(data)
    wrong = uses.dropna(subset="off")
    count = wrong["id"].nunique()
    told = [off_words(rows["off"]) for _, rows in wrong.groupby("id", sort=False)]
    facts = {
        "Count": count_word(count).capitalize(),
        "s": "" if count == 1 else "s",
        "one": "s" if count == 1 else "",
        "off": "; ".join(told) or "none is off",
        "first": uses["at"].min().year - 3,
        "last": page_day(data).year + 6,
        "rows": uses["id"].nunique(),
    }
    title = "title" if count else "none"
    values = uses[["page_says", "used", "valid_from", "valid_to", "holds"]]
    draw = partial(_draw, data=data, uses=uses)
    return figure("true_when", draw, values, facts, title=title)
