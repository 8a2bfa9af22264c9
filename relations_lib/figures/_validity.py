"""What was true when: words of the page on the time in which they held, and all its checks."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from relations_lib import checks
from relations_lib.dates import day_bounds
from relations_lib.figures._lanes import ground
from relations_lib.figures._marks import (
    DAY,
    canvas,
    hatched,
    line,
    middles,
    note,
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

VERDICTS = {
    "holds": "hold",
    "other_time": "fit another time, or are overtaken or ambiguous today",
    "in_part": "are incomplete or less precise",
    "against": "are contradicted, told differently or unsupported",
    "no_test": "are about the text only",
}
LEFT_OUT = "dating_of_text"  # that a list stops early makes none of its words untrue
AMBIGUOUS = "place"
YEAR = 365.25
SIDE = 14  # pixels of a square


def tally(data: Data) -> pd.Series:
    """Return how many checks of the page came to each kind of verdict, in words."""
    counts = data["page_checks"]["verdict"].value_counts().reindex(list(VERDICTS)).dropna()
    return counts.astype(int).rename(index=VERDICTS)


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
    if sizes.max() < 3:
        return f"{joined([f'{size * 12:.0f}' for size in sizes])} months {side}"
    digits = ".0f" if sizes.min() >= 10 else ".1f"
    return f"{joined([format(size, digits) for size in sizes])} years {side}"


def _draw_row(ax: Axes, look: Look, uses: pd.DataFrame, y: float, edges: tuple) -> None:
    """Draw one statement: the time in which it is true, and the days of which it is used."""
    left, right = edges
    first = uses.iloc[0]
    begin = left if pd.isna(first["begin"]) or first["begin"] < left else first["begin"]
    end = right if pd.isna(first["end"]) else first["end"]
    line(ax, [begin, end], [y, y], look.color("other"), lw=8, zorder=2)
    for low, high in ((first["begin_low"], begin), (end, first["end_high"])):
        if pd.notna(low) and pd.notna(high) and left < low and (high - low).days > 60:
            hatched(ax, (low, high), (y - 4, y + 4), look)
    if pd.isna(first["end"]):
        point(ax, right, y, look, "other", shape=">", size=15)
    wrong = uses.dropna(subset="off")
    if len(wrong):
        near = end if wrong["off"].iloc[0] > 0 else begin
        ends = [wrong["at"].min(), wrong["at"].max(), near]
        line(ax, [min(ends), max(ends)], [y, y], look.color("ink"), lw=1.4, zorder=2.5)
        words = off_words(wrong["off"])
        middle = min(ends) + (max(ends) - min(ends)) / 2
        _label(ax, look, words, (middle, y + 15), edges)
    for row in uses.itertuples():
        true = pd.isna(row.off)
        if row.subject == AMBIGUOUS and row.holds == "no":
            continue
        point(ax, row.at, y, look, "ink", fill=true, size=13)
        if not true:
            point(ax, row.at, y, look, "ink", shape="X", size=7, zorder=5)


def _label(ax: Axes, look: Look, text: str, at: tuple, edges: tuple) -> None:
    """Write a label centered at a day, but within the drawing."""
    left, right = edges
    share = (at[0] - left) / (right - left)
    side = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    day = left if side == "left" else right if side == "right" else at[0]
    note(ax, text, (day, at[1]), ha=side, bbox=ground(look), zorder=5)


def _draw(look: Look, data: Data, uses: pd.DataFrame, counts: pd.Series) -> Axes:
    printed = page_day(data)
    first = uses["at"].min()
    edges = pd.Timestamp(first.year - 4, 1, 1), printed + 6 * 366 * DAY
    width = WIDTHS[look.width]
    groups = list(uses.groupby("id", sort=False))
    texts = [wrapped(rows["page_says"].iloc[0], width - 20, look.size) for _, rows in groups]
    tall_line = look.size * 1.25
    talls = [tall_line * (text.count("\n") + 1) + 40 for text in texts]
    squares = (SIDE + 8 + (tall_line if look.narrow else 0)) * len(counts) + 20
    height = sum(talls) + squares + 34
    ax = canvas(look, height, margins=(10, 4, 10, squares + 28))
    rows_axes(ax, sum(talls) + 2)
    time_axis(ax, *edges, look)
    ax.xaxis.grid(True)
    ax.axvline(printed, color=look.word("other"), lw=1, ls=(0, (4, 3)), zorder=0.8)
    top = 0.0
    for (_, rows), text, tall in zip(groups, texts, talls, strict=True):
        at = edges[0], top + 2
        note(ax, text, at, va="top", bbox=ground(look), linespacing=1.2)
        _draw_row(ax, look, rows, top + tall - 28, edges)
        ambiguous = rows["subject"].eq(AMBIGUOUS) & rows["holds"].eq("no")
        if ambiguous.any():
            words = f"means another to a reader of {printed.year}"
            note(ax, words, (edges[1], top + tall - 28), ha="right", bbox=ground(look))
        top += tall
    return _with_squares(ax, look, counts, squares / height)


def _with_squares(ax: Axes, look: Look, counts: pd.Series, share: float) -> Axes:
    """Draw below a square for every check, a row a kind of verdict."""
    drawing = ax.figure.get_figure(root=True)
    width, height = drawing.get_size_inches() * 72
    low = drawing.add_axes((0, 0, 1, share))
    low.set(xlim=(0, width), ylim=(share * height, 0))
    low.axis("off")
    step = SIDE + 8 + (look.size * 1.25 if look.narrow else 0)
    for place, (kind, count) in enumerate(counts.items()):
        y = 20 + place * step
        for square in range(count):
            point(low, 14 + square * (SIDE + 3), y, look, "other", shape="s", size=SIDE)
        words = f"{count} {kind}"
        at = (4, y + SIDE + 2) if look.narrow else (20 + counts.max() * (SIDE + 3), y)
        note(low, words, at)
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
    counts = tally(data)
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
        "checks": counts.sum(),
    }
    title = "title" if count else "none"
    values = uses[["page_says", "used", "valid_from", "valid_to", "holds"]]
    draw = partial(_draw, data=data, uses=uses, counts=counts)
    return figure("true_when", draw, values, facts, title=title)
