"""Figures on the page: what its sentences became, and the page beside other sources."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from relations_lib import sources
from relations_lib.dates import day_bounds
from relations_lib.figures._show import COLORS, _emit, new_axes, styled

DAY = pd.Timedelta(days=1)
# what a sentence became, the first that applies: letter, tables
KINDS = {
    "events with dates": ("E", {"milestones", "visits", "meetings", "agreements", "legal_base"}),
    "names and lists": ("N", {"institutions", "organizations_named", "sectors", "goods"}),
    "statements only": ("S", {"statements", "areas"}),
    "the page itself": ("P", {"page", "windows"}),
    "nothing": ("-", {"nothing"}),
}
LOOKS: tuple[dict[str, Any], ...] = (
    {"fc": COLORS["blue"], "ec": "white"},
    {"fc": COLORS["orange"], "ec": "white"},
    {"fc": COLORS["light"], "ec": "white"},
    {"fc": "white", "ec": COLORS["gray"]},
    {"fc": "white", "ec": COLORS["gray"], "hatch": "//"},
)


def _years(ax: Axes, step: int) -> None:
    ax.xaxis.set_major_locator(mdates.YearLocator(step))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)


def sentence_kinds(sentences: pd.DataFrame) -> pd.Series:
    """Return what each sentence became: the first of KINDS whose tables rest on it."""

    def kind(coded_as: str) -> str:
        tables = set(coded_as.split())
        return next((name for name, (_, own) in KINDS.items() if own & tables), "nothing")

    return sentences["coded_as"].map(kind)


@styled
def page_map(sentences: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw every sentence as a bar as long as it is, a row a paragraph, by what it became.

    Parameters
    ----------
    sentences
        As ``sources.sentence_coverage`` gives it.
    """
    rows = sentences["paragraph"].nunique()
    ax = ax or new_axes(6.0, 1.1 + 0.26 * rows)
    start = sentences.groupby("paragraph")["length"].cumsum() - sentences["length"]
    kinds = sentence_kinds(sentences)
    for (kind, (letter, _)), look in zip(KINDS.items(), LOOKS, strict=True):
        own = kinds.eq(kind)
        spans = (sentences.loc[own, "paragraph"], sentences.loc[own, "length"], 0.8)
        bars = ax.barh(*spans, left=start[own], lw=1.2, **look)
        dark = "white" if letter == "E" else COLORS["black"]
        ax.bar_label(bars, [letter] * own.sum(), label_type="center", fontsize=9, color=dark)
    names = [f"{letter} = {kind}" for kind, (letter, _) in KINDS.items() if kinds.eq(kind).any()]
    lines = ["    ".join(names[:2]), "    ".join(names[2:])]
    ax.set_title("\n".join(filter(None, lines)), fontsize=9.5)
    ax.set(xlabel="characters from the start of the paragraph", ylabel="paragraph")
    ax.set_yticks(sorted(sentences["paragraph"].unique()))
    ax.invert_yaxis()
    ax.margins(y=0.01)
    return ax


def describe_page_map(sentences: pd.DataFrame) -> str:
    """Return the alternative text of ``page_map``."""
    kinds, longest = sentence_kinds(sentences), sentences.groupby("paragraph")["length"].sum().max()
    counts = [f"{n} {kind}" for kind in KINDS if (n := int(kinds.eq(kind).sum()))]
    first, last = sentences["paragraph"].min(), sentences["paragraph"].max()
    return (
        f"Bar chart as a map of the page: one row per paragraph, {first} to {last}; x axis "
        f"characters, 0 to {longest}; one bar per sentence. Of {len(sentences)} sentences became: "
        f"{', '.join(counts)}."
    )


@styled
def validity(uses: pd.DataFrame, printed: object, ax: Axes | None = None) -> Axes:
    """Draw when words of the page were true, and the dates of which the page uses them.

    Parameters
    ----------
    uses
        As ``sources.word_uses`` gives it.
    printed
        The date printed on the page.
    """
    checks = uses.drop_duplicates("id")
    ax = ax or new_axes(6.0, 1.1 + 0.62 * len(checks))
    line, used = pd.Timestamp(printed), day_bounds(uses["used"])
    left, right = used["earliest"].min() - 800 * DAY, line + 700 * DAY
    rows = {name: row for row, name in enumerate(checks["id"])}
    for row, check in enumerate(checks.itertuples()):
        first, last = (day_bounds([value]).iloc[0] for value in (check.valid_from, check.valid_to))
        begin, end = first["latest"], last["earliest"]
        begin, end = (left if pd.isna(begin) else begin), (right if pd.isna(end) else end)
        ax.barh(row, end - begin, 0.3, begin, color=COLORS["sky"])
        for span in (first, last):
            if pd.notna(span["earliest"]) and span["latest"] - span["earliest"] > 20 * DAY:
                width = span["latest"] - span["earliest"]
                ax.barh(
                    row, width, 0.3, span["earliest"], fc="white", ec=COLORS["blue"], hatch="////"
                )
        ax.text(left, row - 0.24, f"{check.id}  {check.page_says}", fontsize=9.5, va="bottom")
    looks = {"yes": ("o", "black"), "no": ("X", "vermilion")}
    for use, day in zip(uses.itertuples(), used["earliest"], strict=True):
        marker, color = looks.get(use.holds, ("d", "gray"))
        ax.plot(day, rows[use.id], marker, ms=10, color=COLORS[color], mec="white", zorder=4)
    ax.axvline(line, color=COLORS["gray"], lw=1.2, ls="--")
    ax.set_title(
        "bar: the words are true (hatched: boundary not known closely)\n"
        "●: the page uses them, true    ✖: the page uses them, not true",
        fontsize=9.5,
    )
    ax.set(yticks=[], xlabel="year (dashed: the date printed on the page)")
    ax.set(xlim=(left, right), ylim=(len(rows) - 0.6, -0.85))
    _years(ax, 5)
    return ax


def describe_validity(uses: pd.DataFrame, printed: object) -> str:
    """Return the alternative text of ``validity``."""
    said = []
    for name, rows in uses.groupby("id", sort=False):
        first = rows.iloc[0]
        span = [
            v if isinstance(v, str) else "open" for v in (first["valid_from"], first["valid_to"])
        ]
        dates = ", ".join(f"{row.used} ({row.holds})" for row in rows.itertuples())
        said.append(f"{name} {first['page_says']}: true {span[0]} to {span[1]}; used of {dates}")
    return (
        f"Timeline chart, x axis in years up to the page's date {printed}; one bar per check for "
        f"the time in which the page's words were true, marks where the page uses them. "
        f"{'. '.join(said)}."
    )


LANES = ("on the page", "elsewhere only, bilateral", "elsewhere only, several states")


def visit_lanes(listed: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Return visits on the page and elsewhere with ``lane`` (direction and where told)."""
    several = absent["kind"].str.startswith("multilateral")
    kinds = [pd.Series(LANES[0], listed.index), several.map({False: LANES[1], True: LANES[2]})]
    parts = [table.assign(told=kind) for table, kind in zip((listed, absent), kinds, strict=True)]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(direction=table["visitor"] + " to " + table["host"])


@styled
def visits_beside(table: pd.DataFrame, newest: object, ax: Axes | None = None) -> Axes:
    """Draw visits on the page and elsewhere, a lane per direction and kind.

    Parameters
    ----------
    table
        As ``visit_lanes`` gives it: ``direction``, ``told``, ``date``; ``in_scope`` and
        ``evidence`` where told elsewhere.
    newest
        Last day of the page's newest content; what is later is shaded.
    """
    lanes = [(d, told) for d in table["direction"].unique() for told in LANES]
    ax, days = ax or new_axes(6.0, 1.2 + 0.44 * len(lanes)), day_bounds(table["date"])
    end = days["latest"].max() + 400 * DAY
    ax.axvspan(pd.Timestamp(newest), end, color="#EFEFEF", zorder=0)
    note: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9}
    where, text = (pd.Timestamp(newest), -0.62), "shaded: after the page's newest content"
    ax.annotate(text, where, (-4, 0), ha="right", **note)
    looks = {"yes": ("D", "vermilion"), "perhaps": ("D", "orange")}
    for row, (low, high) in zip(table.itertuples(), days.to_numpy(), strict=True):
        y, scope = lanes.index((row.direction, row.told)), str(getattr(row, "in_scope", ""))
        marker, color = looks.get(scope, ("s", "blue") if row.told == LANES[0] else ("o", "gray"))
        full = getattr(row, "evidence", None) not in ("announced", "departed")
        fill = COLORS[color] if full else "white"
        ax.plot([low, high], [y, y], color=COLORS[color], lw=5, solid_capstyle="butt")
        ax.plot(low, y, marker, ms=8.5, mfc=fill, mec=COLORS[color], mew=1.4)
        if scope in looks:
            text = f"’{row.date[2:4]}{'?' if scope == 'perhaps' else ''}"
            ax.annotate(text, (low, y), (0, 7), ha="center", **note)
    for edge in range(len(LANES), len(lanes), len(LANES)):
        ax.axhline(edge - 0.5, color=COLORS["gray"], lw=0.8)
    ax.set_title(
        "◆ absent though in the page's scope (?: perhaps)\n○ open: announced or departed only",
        fontsize=9.5,
    )
    names = [f"{d}: {told}" if told == LANES[0] else told for d, told in lanes]
    ax.set(yticks=range(len(lanes)), yticklabels=names, xlabel="year")
    ax.set(ylim=(len(lanes) - 0.5, -0.9), xlim=(days["earliest"].min() - 400 * DAY, end))
    ax.tick_params(axis="y", labelsize=9.5)
    _years(ax, 5)
    return ax


def describe_visits_beside(table: pd.DataFrame, newest: object) -> str:
    """Return the alternative text of ``visits_beside``."""
    first, last = (table["date"].str[:4].agg(name) for name in ("min", "max"))
    counts = table.groupby(["direction", "told"], sort=False).size()
    said = ", ".join(f"{d} {told}: {n}" for (d, told), n in counts.items())
    scope = table[table.get("in_scope", pd.Series("", table.index)).isin(["yes", "perhaps"])]
    inside = ", ".join(f"{row.date} ({row.in_scope})" for row in scope.itertuples())
    return (
        f"Timeline chart, x axis in years from {first} to {last}, one lane per direction and place "
        f"where told: {said}. Diamonds: absent though in the page's scope: {inside or 'none'}. "
        f"Shaded: after {newest}, the page's newest content."
    )


@styled
def numbers_beside(numbered: pd.DataFrame, listed: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a list of events under the events that other sources number, and the room between.

    Parameters
    ----------
    numbered, listed
        As for ``sources.ordinal_audit``; ``listed`` with ``date``.
    """
    ax = ax or new_axes(6.0, 2.9)
    shown = numbered[numbered["earliest"] <= listed["latest"].max()]
    for row in shown.itertuples():
        color = COLORS["vermilion"]
        ax.barh(0, row.latest + DAY - row.earliest, 0.16, row.earliest, color=color, alpha=0.45)
        middle = row.earliest + (row.latest - row.earliest) / 2
        ax.plot(middle, 0, "o", ms=9, mfc=color if row.certain else "white", mec=color, mew=1.6)
        name = f"{row.number}th" + ("" if row.certain else "?")
        wide = row.latest - row.earliest > 60 * DAY
        shift, align = ((0, -9), "top") if wide else ((0, 8), "bottom")
        ax.annotate(name, (middle, 0), shift, textcoords="offset points", ha="center", va=align)
    ax.barh(
        2,
        listed["latest"] + DAY - listed["earliest"],
        0.4,
        listed["earliest"],
        color=COLORS["blue"],
        ec="white",
    )
    for row in listed.itertuples():
        middle = row.earliest + (row.latest - row.earliest) / 2
        ax.text(middle, 2.28, row.date[2:], ha="center", va="top", fontsize=9.5)
    left = listed["earliest"].min() - 500 * DAY
    for low, high, room, inside in sources.rooms(numbered, listed):
        begin = left if low is None else low
        ax.annotate("", (begin, 1), (high, 1), arrowprops={"arrowstyle": "<->", "lw": 1.2})
        text = f"the numbers: {room} sessions;\nthe page: {inside} meetings"
        ax.text(begin + (high - begin) / 2, 0.94, text, ha="center", va="bottom", fontsize=9.5)
    ax.set(yticks=[0, 2], yticklabels=["press,\nby number", "page,\nby year"], xlabel="year")
    ax.set(ylim=(2.75, -0.65), xlim=(left, listed["latest"].max() + 200 * DAY))
    _years(ax, 2)
    return ax


def describe_numbers_beside(numbered: pd.DataFrame, listed: pd.DataFrame) -> str:
    """Return the alternative text of ``numbers_beside``."""
    shown = numbered[numbered["earliest"] <= listed["latest"].max()]
    said = [f"{r.number}{'' if r.certain else ' (planned)'} {r.date}" for r in shown.itertuples()]
    rooms = [
        f"room for {room}, listed {inside}"
        for _, _, room, inside in sources.rooms(numbered, listed)
    ]
    first, last = listed["earliest"].min().year, listed["latest"].max().year
    return (
        f"Timeline chart, x axis in years {first} to {last}, two rows. Above, sessions that the "
        f"press numbers: {', '.join(said)}. Below, the page's list, bars a year wide: "
        f"{', '.join(listed['date'])}. Before the first number and from it to the last: "
        f"{'; '.join(rooms)}."
    )


def page_html(located: pd.DataFrame, text: str) -> str:
    """Return a reader's copy of the page as HTML, every coded span marked with its rows.

    Parameters
    ----------
    located
        As ``sources.reanchor`` gives it for this text.
    text
        The copy.
    """
    known, parts, offset = located.dropna(subset="at"), [], 0
    for paragraph in filter(None, map(sources.normalize, text.splitlines())):
        end = offset + len(paragraph)
        cuts = {offset, end, *known["at"], *known["to"]}
        parts.append("<p>")
        for a, b in pairwise(sorted(cut for cut in cuts if offset <= cut <= end)):
            over = known[(known["at"] <= a) & (known["to"] >= b)]
            words = escape(paragraph[a - offset : b - offset])
            names = escape(" ".join(dict.fromkeys(over["table"] + "#" + over["row"])))
            parts.append(f'<mark title="{names}">{words}</mark>' if names else words)
        parts.append("</p>")
        offset = end + 1
    return "".join(parts)


def show_page(data: Mapping[str, pd.DataFrame], text: str) -> None:
    """Show a reader's copy of the page with its coded spans marked."""
    located = sources.reanchor(data, text)
    lost = int(located["at"].isna().sum())
    _emit(
        page_html(located, text), f"The page, {len(located) - lost} of {len(located)} spans marked"
    )
