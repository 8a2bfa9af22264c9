"""Figures of the pair beside others: four measures, the same partners in the same order."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relations_lib import others
from relations_lib.figures._marks import canvas, note, point, rows_axes
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import state_names
from relations_lib.tables import Data

ROW = 22  # pixels
TOP = 74  # of them above the rows, for the world
MEASURES = {
    "votes": "UN votes alike",
    "organizations": "Organizations",
    "visits": "Visits a decade",
    "sessions": "Sessions a year",
}
UNITS = {
    "votes": "percent of the roll calls that both answered",
    "organizations": "organizations shared",
    "visits": "visits a decade, both ways together, with 95% line",
    "sessions": "sessions a year by their numbers, with 95% line",
}
KEY = {
    "pair": ("diamond pair", "{home} with {partner}"),
    "known": ("dot other", "with another state"),
    "line": ("line other", "95% interval"),
    "floor": ("triangle other", "list read in part: at least"),
    "years": ("ring other", "other years: not to be ranked"),
    "world": ("band", "all pairs of the world, line: {rule}"),
    "every": ("tick other", "every other partner"),
    "expected": ("lozenge pair", "expected from the two totals alone"),
}
ALT_ALL = "{title}. Dot plots, a row a state: {ranges}. {name}: {told}."
ALT_ROWS = "{title}. Dot plot with intervals, {unit}, 0 to {most:.1f}: {told}."
ALT_WORLD = (
    "{title}. Histogram of {pairs:,} pairs above a dot plot of {states} states, {unit}, "
    "{low:.0f} to {high:.0f}: {told}."
)
UNREAD = "“unread” is not zero"


def _rows(measure: str, table: pd.DataFrame, text: list[str], kind: Any = "known") -> pd.DataFrame:
    columns = ["state", "value", "low", "high"]
    found = table.reindex(columns=columns).astype({"state": str})
    return found.assign(measure=measure, kind=kind, text=text)


def _visits(data: Data) -> pd.DataFrame:
    """Return the visits a decade of every page, those cut short as lower bounds."""
    read = others.visit_table(data).rename(columns={"partner": "state", "rate": "value"})
    years = read["years"].map("{:.1f}".format)
    counts = read["visits"].astype(str) + " in " + years + " years"
    pages = data["ministry_pages"]
    told = data["ministry_visits"].query("counted")["page"].value_counts()
    cut = pages[pages["visits"] == "read_in_part"]
    cut = cut[cut["id"].isin(told.index)]
    seen = cut["id"].map(told)
    watched = read["end"].iloc[0] - cut["relations_since_latest"]
    decades = watched.dt.days / 3652.5
    floor = pd.DataFrame({"state": cut["partner"], "value": seen / decades})
    known = _rows("visits", read, counts)
    least = _rows("visits", floor, seen.astype(str) + " or more", "floor")
    return pd.concat([known, least])


def _sessions(data: Data) -> pd.DataFrame:
    """Return the sessions a year; those of other years than the pair's recent ones say so."""
    table = others.session_table(data)
    recent = table.loc[table["stretch"] == "recent", "start"].min()
    table["value"] = table["rate"]
    table["kind"] = np.where(table["end"] > recent, "known", "years")
    kept = table[~table["stretch"].isin(["early", "middle"])]
    years = kept["start"].dt.strftime("%Y–") + kept["end"].dt.strftime("%Y")
    text = kept["gaps"].astype(str) + " in " + years
    return _rows("sessions", kept, text, kept["kind"])


def beside(data: Data) -> pd.DataFrame:
    """Return the four measures for the pair and the states that stand beside it.

    Returns
    -------
    DataFrame
        One row per measure and state, the pair first, the others by their votes: ``measure``,
        ``state``, ``name``, ``value``, ``low``, ``high``, ``kind`` (known, floor, years: of
        other years, unread) and ``text``.
    """
    votes = others.vote_partners(data)
    votes = votes.assign(state=votes["partner"], value=100 * votes["as_vote"])
    shared = others.table(data, "shared_partners").query("state == @data.about.home")
    shared = shared.assign(state=shared["partner"], value=shared["shared"])
    parts = [
        _rows("votes", votes, [f"{value:.1f}%" for value in votes["value"]]),
        _rows("organizations", shared, [str(value) for value in shared["value"]]),
        _visits(data),
        _sessions(data),
    ]
    found = pd.concat(parts, ignore_index=True)
    told = found[found["measure"].isin(["visits", "sessions"])]
    pages = data["ministry_pages"].query("extent != 'not_found'")
    named = {*told["state"], *pages["partner"]} - {data.about.partner}
    order = [state for state in votes["state"] if state in named]
    index = pd.MultiIndex.from_product([MEASURES, [data.about.partner, *order]])
    whole = found.set_index(["measure", "state"]).reindex(index)
    whole["kind"] = whole["kind"].fillna("unread")
    whole["text"] = whole["text"].fillna("unread")
    names = state_names(data)
    whole = whole.rename_axis(["measure", "state"]).reset_index()
    whole.insert(2, "name", whole["state"].map(names))
    return whole


def _mark(ax: Axes, look: Look, row: Any, y: float, own: bool) -> None:
    """Draw one state's mark, on the line of its interval where it has one."""
    role = "pair" if own else "other"
    if row.kind == "unread":
        return
    if pd.notna(row.low):
        ax.plot(
            [row.low, row.high], [y, y], color=look.color(role), lw=2.5 if own else 1.6, zorder=3
        )
    shape = "D" if own else ">" if row.kind == "floor" else "o"
    size = 11 if own else 9
    point(ax, row.value, y, look, role, shape=shape, size=size, fill=row.kind != "years")


def _column(ax: Axes, look: Look, rows: pd.DataFrame, own: str, top: float, text_at: float) -> None:
    """Draw the rows of one measure, its words at the right edge."""
    for place, row in enumerate(rows.itertuples()):
        y = top + ROW * (place + 0.5)
        _mark(ax, look, row, y, row.state == own)
        role = "pair" if row.state == own else "other"
        weight = "bold" if row.state == own else "normal"
        at = ax.get_yaxis_transform()
        color = look.word(role)
        words: dict[str, Any] = {"xycoords": at, "ha": "right", "color": color, "weight": weight}
        note(ax, row.text, (text_at, y), **words)


def _inner(ax: Axes) -> float:
    """Return how many pixels wide the plot is."""
    drawing = ax.figure.get_figure(root=True)
    return ax.get_position().width * drawing.get_size_inches()[0] * 72


def _names(ax: Axes, look: Look, rows: pd.DataFrame, own: str, top: float, left: float) -> None:
    for place, row in enumerate(rows.itertuples()):
        mine = row.state == own
        at = (0, top + ROW * (place + 0.5))
        role, weight = ("pair", "bold") if mine else ("other", "normal")
        words: dict[str, Any] = {"color": look.word(role), "weight": weight}
        words["xycoords"] = ax.get_yaxis_transform()
        note(ax, row.name, at, (left, 0), **words)


def _scale(ax: Axes, rows: pd.DataFrame, room: float = 0, ticks: int = 5) -> None:
    """Set the horizontal axis by the values, with a share of its width left free at the right."""
    values = rows["value"].dropna()
    least = values.min()
    most = rows[["value", "high"]].max().max()
    low = 0 if least < most / 2 else least - 0.15 * (most - least)
    most += 0.04 * (most - low)
    places = MaxNLocator(ticks, steps=[1, 2, 5, 10]).tick_values(low, most)
    ax.set_xlim(low, low + (most - low) / (1 - room))
    inside = [place for place in places if low <= place <= most]
    ax.set_xticks(inside[:: -(-len(inside) // ticks)])
    ax.tick_params(axis="x", length=4)


class World(NamedTuple):
    """How many pairs of the world have each value, and the value in their middle."""

    at: pd.Series
    pairs: pd.Series
    middle: float
    words: str


def worlds(data: Data) -> dict[str, World]:
    """Return the world's pairs by share of votes alike, and by organizations shared."""
    votes = others.table(data, "votes_world").query("measure == 'identical_share'")
    centers = 50 * (votes["low"] + votes["high"].clip(upper=1))
    mean = float(np.average(centers, weights=votes["pairs"]))
    shared = others.table(data, "shared_world").query("organizations == 'all'")
    shared = shared.sort_values("shared")
    half = shared["pairs"].cumsum() >= shared["pairs"].sum() / 2
    median = int(shared.loc[half.idxmax(), "shared"])
    mean_words = f"mean of the world {mean:.0f}%"
    return {
        "votes": World(100 * votes["low"], votes["pairs"], mean, mean_words),
        "organizations": World(shared["shared"], shared["pairs"], median, f"middle pair {median}"),
    }


def _world(ax: Axes, look: Look, world: World, bottom: float) -> None:
    """Draw how many pairs of the world have each value, with a rule at their middle."""
    middle = [world.middle, world.middle]
    ax.plot(middle, [bottom / 4, bottom + 4], color=look.color("ink"), lw=1.6)
    inside = world.at.between(*ax.get_xlim())
    tall = world.pairs[inside] / world.pairs.max() * (bottom - 20)
    edges = np.repeat(world.at[inside], 2)[1:]
    tops = bottom - np.repeat(tall.to_numpy(), 2)[:-1]
    fill: dict[str, Any] = {"facecolor": look.color("tint"), "edgecolor": look.color("other")}
    ax.fill_between(edges, bottom, tops, lw=1, **fill)


def _brief(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return rows with words short enough for a column: a count of visits, a pace."""
    if measure == "visits":
        count = rows["text"].str.replace(r" in .*", "", regex=True)
        return rows.assign(text=count.str.replace(" or more", "+"))
    if measure == "sessions":
        pace = rows["value"].map("{:.2f}".format)
        return rows.assign(text=rows["text"].where(rows["kind"] == "unread", pace))
    return rows


def _draw_all(look: Look, table: pd.DataFrame, own: str, world: dict[str, World]) -> Axes:
    measures = list(MEASURES)[:2] if look.narrow else list(MEASURES)
    names = 84 if look.narrow else 104
    height = TOP + ROW * table["state"].nunique() + 30
    first = canvas(look, height, margins=(0, 0, 0, 30))
    first.axis("off")
    rows_axes(first)
    _names(first, look, table[table["measure"] == "votes"], own, TOP, 0)
    drawing = first.figure.get_figure(root=True)
    width = drawing.get_size_inches()[0] * 72
    wide = (width - names) / len(measures)
    for place, measure in enumerate(measures):
        rows = _brief(table[table["measure"] == measure], measure)
        left, bottom = (names + place * wide) / width, 30 / height
        ax = drawing.add_axes((left, bottom, (wide - 14) / width, 1 - bottom))
        rows_axes(ax)
        _scale(ax, rows, 50 / (wide - 14), 2)
        if measure in world:
            _world(ax, look, world[measure], TOP - 4)
        _column(ax, look, rows, own, TOP, 1.0)
        note(ax, MEASURES[measure], (0, 9), xycoords=ax.get_yaxis_transform(), weight="bold")
    return first


def _draw_rows(look: Look, rows: pd.DataFrame, own: str, unit: str) -> Axes:
    names, words = (86, 106) if look.narrow else (110, 150)
    ax = canvas(look, ROW * len(rows) + 50, margins=(names, 4, words, 46))
    rows_axes(ax)
    _scale(ax, rows)
    _names(ax, look, rows, own, 0, -names)
    inner = _inner(ax)
    _column(ax, look, rows, own, 0, 1 + words / inner)
    brief, _, _ = unit.partition(" by ")
    brief, _, _ = brief.partition(",")
    ax.set_xlabel(brief if look.narrow else unit)
    return ax


def _draw_world(look: Look, rows: pd.DataFrame, own: str, world: World, more: dict) -> Axes:
    names, top = 86 if look.narrow else 110, 120
    ax = canvas(look, top + ROW * len(rows) + 50, margins=(names, 4, 44, 46))
    rows_axes(ax)
    seen = world.pairs > world.pairs.sum() / 5000
    shown = world.at[seen]
    ax.set_xlim(shown.min(), shown.max() + 1)
    _world(ax, look, world, 90)
    note(ax, world.words, (world.middle, 8), (-4, 0), ha="right")
    ticks = pd.Series(104, index=more["every"])
    ax.plot(ticks.index, ticks, "|", color=look.color("other"), ms=9)
    if more["expected"] is not None:
        y = top + ROW / 2
        line = [more["expected"], rows["value"].iloc[0]]
        ax.plot(line, [y, y], ls="--", lw=1.4, color=look.color("pair"))
        point(ax, line[0], y, look, "pair", shape="D", fill=False, size=11)
    _names(ax, look, rows, own, top, -names)
    _column(ax, look, rows, own, top, 1 + 44 / _inner(ax))
    ax.set_xlabel(more["unit"].replace("percent of the", "% of") if look.narrow else more["unit"])
    return ax


def _key(data: Data, kinds: list[str], rule: str = "") -> list[tuple[str, str]]:
    names = state_names(data)
    said = {"home": names[data.about.home], "partner": names[data.about.partner], "rule": rule}
    return [(KEY[kind][0], KEY[kind][1].format(**said)) for kind in kinds]


def _clipped(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:297]}..."


def _by_value(data: Data, measure: str) -> pd.DataFrame:
    """Return the rows of a measure: the pair first, the others by value, unread ones last."""
    table = beside(data)
    rows = table[table["measure"] == measure].sort_values("value", ascending=False)
    own = rows["state"] == data.about.partner
    return pd.concat([rows[own], rows[~own]]).reset_index(drop=True)


def others_all(data: Data, title: str, caption: str) -> Figure:
    """Return the four measures side by side: a row a state, the pair first; two on a phone."""
    table = beside(data)
    world = worlds(data)
    spread = table.groupby("measure")["value"].agg(["min", "max"]).round(1)
    ranges = []
    for name, words in MEASURES.items():
        least, most = spread.loc[name]
        ranges.append(f"{words} {least:g} to {most:g}")
    own = table[table["state"] == data.about.partner]
    alt = ALT_ALL.format(
        title=title,
        ranges="; ".join(ranges),
        name=own["name"].iloc[0],
        told=", ".join(own["text"]),
    )
    kinds = ["pair", "known", "world", "line", "floor", "years"]
    rule = f"{world['votes'].words}, {world['organizations'].words}"
    draw = partial(_draw_all, table=table, own=data.about.partner, world=world)
    key = _key(data, kinds, rule)
    return Figure(draw, title, _clipped(alt), f"{caption} {UNREAD}.", key, table)


def others_rows(data: Data, measure: str, title: str, caption: str) -> Figure:
    """Return visits or sessions of every commission or page, unread ones as empty rows."""
    rows = _by_value(data, measure)
    shown = rows[rows["kind"] != "unread"]
    alt = ALT_ROWS.format(
        title=title,
        unit=UNITS[measure],
        most=rows["high"].max(),
        told="; ".join(shown["name"] + " " + shown["text"]),
    )
    draw = partial(_draw_rows, rows=rows, own=data.about.partner, unit=UNITS[measure])
    marked = [kind for kind in ("floor", "years") if rows["kind"].eq(kind).any()]
    key = _key(data, ["pair", "known", "line", *marked])
    return Figure(draw, title, _clipped(alt), f"{caption} {UNREAD}.", key, rows)


def others_world(
    data: Data, measure: str, title: str, caption: str, expected: float | None = None
) -> Figure:
    """Return votes or organizations: the world's pairs above, the named partners below.

    Parameters
    ----------
    expected
        A value that the pair would be expected to have, if one is to be drawn.
    """
    rows = _by_value(data, measure)
    world = worlds(data)[measure]
    partners = others.table(data, "shared_partners")
    every = partners.loc[partners["state"] == data.about.home, "shared"]
    if measure == "votes":
        every = 100 * others.vote_partners(data)["as_vote"]
    first = rows.head(6)
    alt = ALT_WORLD.format(
        title=title,
        pairs=world.pairs.sum(),
        states=len(rows),
        unit=UNITS[measure],
        low=world.at.min(),
        high=world.at.max(),
        told="; ".join(first["name"] + " " + first["text"]),
    )
    more = {"every": every, "expected": expected, "unit": UNITS[measure]}
    draw = partial(_draw_world, rows=rows, own=data.about.partner, world=world, more=more)
    kinds = ["pair", "known", "world", "every"]
    if expected is not None:
        kinds.append("expected")
    key = _key(data, kinds, world.words)
    return Figure(draw, title, _clipped(alt), caption, key, rows)
