"""What was true when: words of the page on the time in which they held."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from relations_lib import checks
from relations_lib.dates import day_bounds
from relations_lib.figures._lanes import Row, Times, arrowheads, draw_rows, heading
from relations_lib.figures._marks import DAY, line, middles, point
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import page_day, table
from relations_lib.figures._texts import figure, nothing
from relations_lib.figures._words import count_word, joined
from relations_lib.tables import Data

LEFT_OUT = "dating_of_text"  # that a list stops early makes none of its words untrue
YEAR = 365.25
HEIGHT = 20  # pixels of a line with its marks


def _uses(data: Data) -> pd.DataFrame:
    """Return uses of words with days: ``at``, ``begin`` and ``end`` of validity, ``off`` (years).

    ``off`` is how many years before the words became true (negative) or after they ceased.
    """
    uses = checks.word_uses(data)
    misread = uses["subject"].eq("place") & uses["holds"].eq("no")  # by a later reader
    uses = uses[uses["subject"].ne(LEFT_OUT) & ~misread]
    begins, ends = day_bounds(uses["valid_from"]), day_bounds(uses["valid_to"])
    uses = uses.assign(
        at=middles(uses["used"]),
        begin_low=begins["earliest"],
        begin=begins["latest"],
        end=ends["earliest"],
        end_high=ends["latest"],
    )
    early = (uses["at"] - uses["begin"]) / DAY / YEAR
    late = (uses["at"] - uses["end"]) / DAY / YEAR
    off = early.where(early < 0, late.where(late > 0))
    uses["off"] = off.where(uses["holds"].eq("no"))
    return uses.sort_values("off", key=pd.Series.isna, kind="stable")


def off_words(off: pd.Series) -> str:
    """Return how far the uses of one statement lie from the time in which it is true.

    Examples
    --------
    >>> [off_words(pd.Series(off)) for off in ([-1.83], [-14.1, -11.3], [5.2])]
    ['22 months too early', '14 and 11 years too early', '5.2 years too late']
    >>> off_words(pd.Series([-4.7, 5.3]))
    '4.7 years too early, 5.3 years too late'
    """
    told = []
    for side, own in (("too early", -off[off < 0]), ("too late", off[off > 0])):
        if own.empty:
            continue
        sizes, unit = own, "years"
        if own.max() < 3:
            sizes, unit = 12 * own, "months"
        digits = 0 if sizes.min() > 10 else 1
        shown = [f"{size:.{digits}f}" for size in sizes]
        told.append(f"{joined(shown)} {unit} {side}")
    return ", ".join(told)


def _draw_uses(ax: Axes, top: float, times: Times, uses: pd.DataFrame) -> None:
    """Draw one statement: the time in which it is true, and the days of which it is used."""
    first = uses.iloc[0]
    look = times.look
    gray = look.color("other")
    ink = look.color("ink")
    y = top + HEIGHT / 2
    level = [y, y]
    line(ax, [first["begin_low"], first["end_high"]], level, gray, lw=2.4)
    line(ax, [first["begin"], first["end"]], level, gray, lw=8)
    arrowheads(ax, times, (first["begin"], first["end"]), y, "other", 15)
    for row in uses.itertuples():
        point(ax, row.at, y, look, "ink")
    for row in uses.dropna(subset="off").itertuples():
        near = row.end if row.off > 0 else row.begin
        line(ax, [row.at, near], level, ink, lw=1.6, ls=":", zorder=2.5)
        point(ax, row.at, y, look, "ink", fill=False)
        point(ax, row.at, y, look, "ink", shape="X", size=7)


def _draw(look: Look, data: Data, uses: pd.DataFrame) -> Axes:
    printed = page_day(data)
    first = pd.Timestamp(uses["at"].min().year - 4, 1, 1)
    last = printed + 6 * 366 * DAY
    uses = uses.fillna({"begin_low": first, "begin": first, "end": last, "end_high": last})
    times = Times(first, last, look, WIDTHS["wide"])
    rows = []
    for _, own in uses.groupby("id", sort=False):
        says = own["page_says"].iloc[0]
        rows += [
            heading(times, says, "ink", off_words(own["off"].dropna())),
            Row(HEIGHT, partial(_draw_uses, times=times, uses=own)),
        ]
    ax = draw_rows(times, rows)
    ax.axvline(printed, color=look.word("other"), lw=1, ls=(0, (4, 3)), zorder=0.8)
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
        "off": "; ".join(told) or "none is off",
        "first": uses["at"].min().year - 3,
        "last": page_day(data).year + 6,
        "rows": uses["id"].nunique(),
    }
    open_uses = uses["holds"].isin(["perhaps", "unknown"]).any()
    none = "open" if open_uses else "none"
    title = {0: none, 1: "one"}.get(count, "title")
    values = uses[["page_says", "used", "valid_from", "valid_to", "holds"]]
    draw = partial(_draw, data=data, uses=uses)
    return figure("true_when", draw, values, facts, title=title)
