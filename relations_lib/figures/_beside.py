"""Figures of the pair beside others: four measures, the same partners in the same order."""

from __future__ import annotations

from functools import partial
from typing import Any

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
    "expected": ("lozenge pair", "expected from the two totals alone"),
}
UNREAD = "“unread” is not zero"


def _rows(measure: str, table: pd.DataFrame, text: list[str], kind: Any = "known") -> pd.DataFrame:
    columns = ["state", "value", "low", "high"]
    found = table.reindex(columns=columns).astype({"state": str})
    return found.assign(measure=measure, kind=kind, text=text)


def _visits(data: Data) -> pd.DataFrame:
    """Return the visits a decade of every page, those cut short as lower bounds."""
    read = others.visit_table(data).rename(columns={"partner": "state", "rate": "value"})
    counts = [f"{row.visits} in {row.years:.1f} years" for row in read.itertuples()]
    pages = data["ministry_pages"]
    told = data["ministry_visits"].query("counted")["page"].value_counts()
    cut = pages[pages["visits"].eq("read_in_part") & pages["id"].isin(told.index)]
    seen = cut["id"].map(told)
    years = (read["end"].iloc[0] - cut["relations_since_latest"]).dt.days / 365.25
    floor = pd.DataFrame({"state": cut["partner"], "value": 10 * seen / years})
    least = [f"{count} or more" for count in seen]
    return pd.concat([_rows("visits", read, counts), _rows("visits", floor, least, "floor")])


def _sessions(data: Data) -> pd.DataFrame:
    """Return the sessions a year; those of other years than the pair's recent ones say so."""
    table = others.session_table(data)
    recent = table.loc[table["stretch"] == "recent", "start"].min()
    table["value"] = table["rate"]
    table["kind"] = np.where(table["end"] > recent, "known", "years")
    kept = table[~table["stretch"].isin(["early", "middle"])]
    text = [f"{row.gaps} in {row.start.year}–{row.end.year}" for row in kept.itertuples()]
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
    named = set(found.loc[found["measure"].isin(["visits", "sessions"]), "state"])
    pages = data["ministry_pages"]
    named |= set(pages.loc[pages["extent"] != "not_found", "partner"])
    order = [state for state in votes["state"] if state in named and state != data.about.partner]
    index = pd.MultiIndex.from_product([MEASURES, [data.about.partner, *order]])
    whole = found.set_index(["measure", "state"]).reindex(index)
    whole["kind"] = whole["kind"].fillna("unread")
    whole["text"] = whole["text"].fillna("unread")
    names = state_names(data)
    whole.insert(0, "name", [names.get(state, state) for _, state in whole.index])
    return whole.rename_axis(["measure", "state"]).reset_index()


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
    least, most = values.min(), max(values.max(), rows["high"].fillna(0).max())
    low = 0 if least < most / 2 else least - 0.15 * (most - least)
    most += 0.04 * (most - low)
    places = MaxNLocator(ticks, steps=[1, 2, 5, 10]).tick_values(low, most)
    ax.set_xlim(low, low + (most - low) / (1 - room))
    inside = [place for place in places if low <= place <= most]
    ax.set_xticks(inside[:: -(-len(inside) // ticks)])
    ax.tick_params(axis="x", length=4)


def _world(ax: Axes, look: Look, world: pd.DataFrame, bottom: float, rule: float) -> None:
    """Draw how many pairs of the world have each value, with a rule at their middle."""
    ax.plot([rule, rule], [bottom / 4, bottom + 4], color=look.color("ink"), lw=1.6)
    inside = world[world["at"].between(*ax.get_xlim())]
    tall = inside["pairs"] / world["pairs"].max() * (bottom - 20)
    ax.fill_between(
        np.repeat(inside["at"], 2)[1:],
        bottom,
        bottom - np.repeat(tall.to_numpy(), 2)[:-1],
        facecolor=look.color("tint"),
        edgecolor=look.color("other"),
        lw=1,
    )


def worlds(data: Data) -> dict[str, pd.DataFrame]:
    """Return how many pairs of the world have each share of votes alike, each number shared."""
    votes = others.table(data, "votes_world").query("measure == 'identical_share'")
    shared = others.table(data, "shared_world").query("organizations == 'all'")
    return {
        "votes": pd.DataFrame({"at": 100 * votes["low"], "pairs": votes["pairs"]}),
        "organizations": pd.DataFrame({"at": shared["shared"], "pairs": shared["pairs"]}),
    }


def _draw_all(look: Look, table: pd.DataFrame, own: str, world: dict, rules: dict) -> Axes:
    measures = list(MEASURES)[:2] if look.narrow else list(MEASURES)
    names = 84 if look.narrow else 104
    count = table["state"].nunique()
    height = 74 + ROW * count + 30
    first = canvas(look, height, margins=(0, 0, 0, 30))
    drawing = first.figure.get_figure(root=True)
    width = drawing.get_size_inches()[0] * 72
    wide = (width - names) / len(measures)
    first.axis("off")
    rows_axes(first)
    _names(first, look, table[table["measure"] == "votes"], own, 74, 0)
    for place, measure in enumerate(measures):
        rows = table[table["measure"] == measure]
        box = ((names + place * wide) / width, 30 / height, (wide - 14) / width, 1 - 30 / height)
        ax = drawing.add_axes(box)
        rows_axes(ax)
        _scale(ax, rows, 50 / (wide - 14), 2)
        if measure in world:
            _world(ax, look, world[measure], 70, rules[measure])
        elif measure == "visits":
            rows = rows.assign(text=rows["text"].str.replace(r" in .*| or more", "", regex=True))
            rows["text"] = np.where(rows["kind"] == "floor", rows["text"] + "+", rows["text"])
        else:
            rate = rows["value"].map("{:.2f}".format)
            rows = rows.assign(text=rows["text"].where(rows["kind"] == "unread", rate))
        _column(ax, look, rows, own, 74, 1.0)
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
    ax.set_xlabel(unit if not look.narrow else unit.split(",")[0].split(" by ")[0])
    return ax


def _draw_world(
    look: Look,
    rows: pd.DataFrame,
    own: str,
    world: pd.DataFrame,
    unit: str,
    marks: dict[str, Any],
) -> Axes:
    names = 86 if look.narrow else 110
    top = 120
    ax = canvas(look, top + ROW * len(rows) + 50, margins=(names, 4, 44, 46))
    rows_axes(ax)
    at = world.loc[world["pairs"].cumsum() > world["pairs"].sum() / 1000, "at"]
    ax.set_xlim(at.min(), max(world["at"].where(world["pairs"] > 3).max(), rows["value"].max() + 3))
    rule, words = marks["rule"]
    _world(ax, look, world, 90, rule)
    note(ax, words, (rule, 8), (-4, 0), ha="right")
    ax.plot(marks["all"], np.full(len(marks["all"]), 104), "|", color=look.color("other"), ms=9)
    if "expected" in marks:
        y = top + ROW / 2
        value = rows["value"].iloc[0]
        ax.plot([marks["expected"], value], [y, y], ls="--", lw=1.4, color=look.color("pair"))
        point(ax, marks["expected"], y, look, "pair", shape="D", fill=False, size=11)
    _names(ax, look, rows, own, top, -names)
    inner = _inner(ax)
    _column(ax, look, rows, own, top, 1 + 44 / inner)
    ax.set_xlabel(unit if not look.narrow else unit.replace("percent of the ", "% of "))
    return ax


def _key(data: Data, kinds: list[str], rule: str = "") -> list[tuple[str, str]]:
    names = state_names(data)
    said = {"home": names[data.about.home], "partner": names[data.about.partner], "rule": rule}
    return [(KEY[kind][0], KEY[kind][1].format(**said)) for kind in kinds]


def _clipped(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:297]}..."


def others_all(data: Data, title: str, caption: str, rules: dict[str, float]) -> Figure:
    """Return the four measures side by side: a row a state, the pair first; two on a phone.

    Parameters
    ----------
    rules
        By measure (votes, organizations) the value at which a line through the world stands.
    """
    table = beside(data)
    own = data.about.partner
    first = table[table["state"] == own].set_index("measure")["text"]
    spread = table.groupby("measure")["value"].agg(["min", "max"]).round(1)
    ranges = "; ".join(
        f"{MEASURES[name]} {spread.at[name, 'min']:g} to {spread.at[name, 'max']:g}"
        for name in MEASURES
    )
    alt = (
        f"{title}. Dot plots, a row a state: {ranges}. {table['name'].iloc[0]}: {first['votes']}, "
        f"{first['organizations']}, {first['visits']}, {first['sessions']}."
    )
    kinds = ["pair", "known", "world", "line", "floor", "years"]
    draw = partial(_draw_all, table=table, own=own, world=worlds(data), rules=rules)
    told = f"mean {rules['votes']:.0f}%, middle {rules['organizations']:.0f}"
    return Figure(
        draw, title, _clipped(alt), f"{caption} {UNREAD}.", _key(data, kinds, told), table
    )


def others_rows(data: Data, measure: str, title: str, caption: str) -> Figure:
    """Return visits or sessions of every commission or page, unread ones as empty rows."""
    table = beside(data)
    rows = table[table["measure"] == measure]
    own = rows["state"] == data.about.partner
    rows = pd.concat([rows[own], rows[~own].sort_values("value", ascending=False)])
    shown = rows[rows["kind"] != "unread"]
    told = "; ".join(f"{row.name} {row.text}" for row in shown.itertuples())
    most = rows["high"].max()
    alt = f"{title}. Dot plot with intervals, {UNITS[measure]}, 0 to {most:.1f}: {told}."
    draw = partial(_draw_rows, rows=rows, own=data.about.partner, unit=UNITS[measure])
    kinds = ["pair", "known", "line"]
    kinds += [kind for kind in ("floor", "years") if rows["kind"].eq(kind).any()]
    key = _key(data, kinds)
    return Figure(draw, title, _clipped(alt), f"{caption} {UNREAD}.", key, rows)


def others_world(data: Data, measure: str, title: str, caption: str, **marks: Any) -> Figure:
    """Return votes or organizations: the world's pairs above, the named partners below.

    Parameters
    ----------
    marks
        ``rule``: a value and its words, for a line through the world; ``expected``: a value for
        the pair.
    """
    table = beside(data)
    rows = table[table["measure"] == measure].sort_values("value", ascending=False)
    own = rows["state"] == data.about.partner
    rows = pd.concat([rows[own], rows[~own]]).reset_index(drop=True)
    if measure == "votes":
        marks["all"] = 100 * others.vote_partners(data)["as_vote"]
    else:
        shared = others.table(data, "shared_partners")
        marks["all"] = shared.loc[shared["state"] == data.about.home, "shared"]
    world = worlds(data)[measure]
    told = "; ".join(f"{row.name} {row.text}" for row in rows.head(6).itertuples())
    alt = (
        f"{title}. Histogram of {world['pairs'].sum():,} pairs above a dot plot of {len(rows)} "
        f"states, {UNITS[measure]}, {world['at'].min():.0f} to {world['at'].max():.0f}: {told}."
    )
    draw = partial(
        _draw_world,
        rows=rows,
        own=data.about.partner,
        world=world,
        unit=UNITS[measure],
        marks=marks,
    )
    kinds = ["pair", "known", "world"] + ["expected"] * ("expected" in marks)
    key = [*_key(data, kinds, marks["rule"][1]), ("tick other", "every other partner")]
    return Figure(draw, title, _clipped(alt), caption, key, rows)
