"""Figures on the page: what its sentences became, and the page beside other sources."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise
from textwrap import fill
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from relations_lib import sources
from relations_lib.dates import day_bounds
from relations_lib.figures._old import COLORS, _emit, new_axes, styled

DAY = pd.Timedelta(days=1)
# what a sentence became, the first that applies: letter, tables
KINDS = {
    "about a dated event or period": (
        "E",
        {"milestones", "visits", "meetings", "agreements", "legal_base"},
    ),
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
    ax = ax or new_axes(5.2, 1.1 + 0.26 * rows)
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
        f"characters, 0 to {longest}; one bar per sentence. The {len(sentences)} sentences by "
        f"kind: {', '.join(counts)}."
    )


OVERTAKEN = {"place", "dating_of_text"}
MARKS = {
    "true": ("o", "●", "black"),
    "not true": ("X", "✖", "vermilion"),
    "no longer clear or current": ("^", "▲", "orange"),
    "not known": ("d", "◆", "gray"),
}


def _judged(uses: pd.DataFrame) -> list[str]:
    """Return which of MARKS each use of words gets: by whether they hold, then by subject."""
    late = uses["subject"].isin(OVERTAKEN).map({True: "no longer clear or current"})
    known = uses["holds"].map({"yes": "true", "no": "not true"}).fillna("not known")
    return late.where(known.eq("not true")).fillna(known).tolist()


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
    ax = ax or new_axes(5.2, 1.4 + 0.58 * len(checks))
    line, used = pd.Timestamp(printed), day_bounds(uses["used"])
    left, right = used["earliest"].min() - 800 * DAY, line + 700 * DAY
    rows = {name: row for row, name in enumerate(checks["id"])}
    for row, check in enumerate(checks.itertuples()):
        first, last = (day_bounds([value]).iloc[0] for value in (check.valid_from, check.valid_to))
        begin, end = first["latest"], last["earliest"]
        begin, end = (left if pd.isna(begin) else begin), (right if pd.isna(end) else end)
        ax.barh(row, end - begin, 0.26, begin, color=COLORS["sky"])
        for span in (first, last):
            width = span["latest"] - span["earliest"]
            if pd.notna(width) and width > 20 * DAY:
                look: dict[str, Any] = {"fc": "white", "ec": COLORS["blue"], "hatch": "////"}
                ax.barh(row, width, 0.26, span["earliest"], **look)
        words = fill(f"{check.id}  {check.page_says}", 66)
        ax.text(left, row - 0.2, words, fontsize=9.5, va="bottom", linespacing=1.05)
    judged = _judged(uses)
    for name, day, how in zip(uses["id"], used["earliest"], judged, strict=True):
        marker, _, color = MARKS[how]
        ax.plot(day, rows[name], marker, ms=10, color=COLORS[color], mec="white", zorder=4)
    ax.axvline(line, color=COLORS["gray"], lw=1.2, ls="--")
    keys = [f"{sign} used, {how}" for how, (_, sign, _) in MARKS.items() if how in judged]
    bar = "bar: the words are true (hatched: when is known roughly)"
    ax.set_title("\n".join([bar, "    ".join(keys[:2]), *keys[2:]]), fontsize=9.5)
    ax.set(yticks=[], xlabel="year (dashed: the date printed on the page)")
    ax.set(xlim=(left, right), ylim=(len(rows) - 0.7, -0.85))
    _years(ax, 5)
    return ax


def describe_validity(uses: pd.DataFrame, printed: object) -> str:
    """Return the alternative text of ``validity``."""
    uses, said = uses.assign(judged=_judged(uses)), []
    for name, rows in uses.groupby("id", sort=False):
        first = rows.iloc[0]
        span = [
            v if isinstance(v, str) else "open" for v in (first["valid_from"], first["valid_to"])
        ]
        dates = ", ".join(f"{row.used} ({row.judged})" for row in rows.itertuples())
        said.append(f"{name} {first['page_says']}: true {span[0]} to {span[1]}; used of {dates}")
    counts = [f"{n} {how}" for how in MARKS if (n := int(uses["judged"].eq(how).sum()))]
    return (
        f"Timeline chart, x axis in years up to the page's date {printed}; one bar per check for "
        f"the time in which the page's words were true, marks where the page uses them. "
        f"{'. '.join(said)}. Of {len(uses)} uses: {', '.join(counts)}."
    )


LANES = ("on the page", "elsewhere only, bilateral", "elsewhere only, several states")


def visit_lanes(listed: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Return visits on the page and elsewhere with ``lane`` (direction and where told)."""
    several = absent["kind"].str.startswith("multilateral")
    kinds = [pd.Series(LANES[0], listed.index), several.map({False: LANES[1], True: LANES[2]})]
    parts = [table.assign(told=kind) for table, kind in zip((listed, absent), kinds, strict=True)]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(direction=table["visitor"] + " to " + table["host"])


def _levels(table: pd.DataFrame, days: pd.Series, near: pd.Timedelta) -> pd.Series:
    """Return 0, 1, 2, ... for visits of a lane that follow closely, so that none hides another."""
    levels = pd.Series(0, table.index)
    for _, own in days.sort_values().groupby([table["direction"], table["told"]]):
        for before, place in pairwise(own.index):
            levels[place] = levels[before] + 1 if own[place] - own[before] < near else 0
    return levels


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
    ax, days = ax or new_axes(5.2, 1.3 + 0.62 * len(lanes)), day_bounds(table["date"])
    left, end = days["earliest"].min() - 400 * DAY, days["latest"].max() + 600 * DAY
    ax.axvspan(pd.Timestamp(newest), end, color="#EFEFEF", zorder=0)
    shade = (pd.Timestamp(newest) + 60 * DAY, -0.55)
    ax.text(*shade, "after the page's\nnewest content", fontsize=9.5, va="top")
    looks = {"yes": ("D", "vermilion"), "perhaps": ("D", "orange")}
    levels = _levels(table, days["earliest"], 420 * DAY)
    spans = zip(table.itertuples(), days.to_numpy(), levels % 3, strict=True)
    for row, (low, high), level in spans:
        y = lanes.index((row.direction, row.told)) + (0.04, 0.28, -0.12)[level]
        scope = str(getattr(row, "in_scope", ""))
        marker, color = looks.get(scope, ("s", "blue") if row.told == LANES[0] else ("o", "gray"))
        full = getattr(row, "evidence", None) not in ("announced", "departed")
        fill_color = COLORS[color] if full else "white"
        ax.barh(y, high + DAY - low, 0.16, low, color=COLORS[color])
        ax.plot(low + (high - low) / 2, y, marker, ms=7, mfc=fill_color, mec=COLORS[color], mew=1.4)
        if scope in looks:
            year = f"{row.date[:4]}{'?' if scope == 'perhaps' else ''}"
            note: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9.5}
            ax.annotate(year, (high, y), (0, -5), ha="center", va="top", **note)
    for y, (direction, told) in enumerate(lanes):
        ax.text(left + 60 * DAY, y - 0.28, f"{direction}: {told}", fontsize=9.5, va="bottom")
        ax.axhline(y + 0.42, color=COLORS["light"], lw=0.8)
    ax.set_title(
        "■ on the page    ● elsewhere, not in the page's scope\n"
        "◆ elsewhere, in the page's scope (?: perhaps)\n"
        "○ open: only announced or departed for",
        fontsize=9.5,
    )
    ax.set(yticks=[], xlabel="year", xlim=(left, end), ylim=(len(lanes) - 0.55, -0.65))
    _years(ax, 5)
    return ax


def describe_visits_beside(table: pd.DataFrame, newest: object) -> str:
    """Return the alternative text of ``visits_beside``."""
    first, last = (table["date"].str[:4].agg(name) for name in ("min", "max"))
    counts = table.groupby(["direction", "told"], sort=False).size()
    said = ", ".join(f"{d} {told}: {n}" for (d, told), n in counts.items())
    codes = table.get("in_scope", pd.Series("", table.index))
    inside = ", ".join(
        row.date + (" (perhaps)" if row.in_scope == "perhaps" else "")
        for row in table[codes.isin(["yes", "perhaps"])].itertuples()
    )
    elsewhere = int(table["told"].ne(LANES[0]).sum())
    return (
        f"Timeline chart, x axis in years from {first} to {last}, one lane per direction and place "
        f"where told: {said}. Shaded: after {newest}, the page's newest content. Of {elsewhere} "
        f"told elsewhere only, these lie in the page's own scope: {inside or 'none'}."
    )


def _ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, ..., 11th, ..., 21st, ..."""
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


@styled
def numbers_beside(
    numbered: pd.DataFrame, listed: pd.DataFrame, start: object, ax: Axes | None = None
) -> Axes:
    """Draw a list of events under the events that other sources number, and the room between.

    Parameters
    ----------
    numbered, listed
        As for ``sources.ordinal_audit``; ``listed`` with ``date``.
    start
        First day of the series' window, where the axis begins.
    """
    ax, left, color = ax or new_axes(5.2, 3.3), pd.Timestamp(start), COLORS["vermilion"]
    shown = numbered[numbered["earliest"] <= listed["latest"].max()].sort_values("number")
    note: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9.5}
    for row in shown.itertuples():
        ax.barh(0, row.latest + DAY - row.earliest, 0.16, row.earliest, color=color, alpha=0.45)
        middle = row.earliest + (row.latest - row.earliest) / 2
        if row.latest - row.earliest <= 60 * DAY:  # else no day is better than another
            ax.plot(middle, 0, "o", ms=8, mfc=color if row.certain else "white", mec=color, mew=1.6)
            shift, ha, va = (0, 7), "center", "bottom"
        else:
            shift, ha, va = (0, -7), "center", "top"
        if row.Index == shown.index[-1]:
            shift, ha, va = (7, 0), "left", "center"
        text = _ordinal(row.number) + ("" if row.certain else "?")
        ax.annotate(text, (middle, 0), shift, ha=ha, va=va, **note)
    width = listed["latest"] + DAY - listed["earliest"]
    ax.barh(2, width, 0.4, listed["earliest"], color=COLORS["blue"], ec="white")
    for middle, date in zip(listed["earliest"] + width / 2, listed["date"], strict=True):
        ax.text(middle, 2.26, date, ha="center", va="top", fontsize=9.5, rotation=90)
    for low, high, room, inside in sources.rooms(numbered, listed):
        begin = left if low is None else low
        ax.annotate("", (begin, 1.1), (high, 1.1), arrowprops={"arrowstyle": "<->", "lw": 1.2})
        text = f"numbers: {room}\npage: {inside}"
        place = (begin + (high - begin) / 2, 1.04)
        ax.text(*place, text, ha="center", va="bottom", fontsize=9.5)
    ax.set(yticks=[0, 2], yticklabels=["press,\nby number", "page,\nby year"])
    ax.set(xlabel=f"year (from {left.year})", ylim=(2.95, -0.55))
    ax.set_xlim(left, listed["latest"].max() + 500 * DAY)
    _years(ax, 5)
    return ax


def describe_numbers_beside(numbered: pd.DataFrame, listed: pd.DataFrame, start: object) -> str:
    """Return the alternative text of ``numbers_beside``."""
    shown = numbered[numbered["earliest"] <= listed["latest"].max()]
    said = [f"{r.number}{'' if r.certain else ' (planned)'} {r.date}" for r in shown.itertuples()]
    rooms = [
        f"{room} numbers and {inside} listed, so at least {abs(room - inside)} "
        f"{'missing from the list' if room > inside else 'left without a number'}"
        for _, _, room, inside in sources.rooms(numbered, listed)
    ]
    first, last = pd.Timestamp(start).year, listed["latest"].max().year
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
