"""Figures of the pair beside others: a column of dots a measure, the same partners in each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relations_lib import others
from relations_lib.figures._marks import estimates, note, sheet
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import pair_names, state_names
from relations_lib.figures._texts import figure
from relations_lib.tables import Data

ROW = 22  # pixels
HEAD: dict[str, Any] = {"xycoords": "axes fraction", "va": "top"}  # of a column
MEASURES = {
    "votes": "UN votes alike",
    "organizations": "Organizations",
    "visits": "Visits a decade",
    "sessions": "Sessions a year",
}
MARKERS = {"pair": "D", "known": "o", "floor": ">", "years": "o"}


def _votes(data: Data) -> pd.DataFrame:
    votes = others.vote_partners(data).rename(columns={"partner": "state"})
    votes["value"] = 100 * votes["as_vote"]
    return votes.assign(text=votes["value"].map("{:.1f}%".format))


def _organizations(data: Data) -> pd.DataFrame:
    shared = others.table(data, "shared_partners")
    own = shared[shared["state"] == data.about.home]
    values = {"state": own["partner"], "value": own["shared"], "text": own["shared"].astype(str)}
    return pd.DataFrame(values)


def _visits(data: Data) -> pd.DataFrame:
    """Return the visits a decade of every page, those cut short as lower bounds."""
    read = others.visit_table(data).rename(columns={"partner": "state", "rate": "value"})
    read["brief"] = read["value"].map("{:.1f}".format)
    years = read["years"].map("{:.1f}".format)
    read["text"] = read["visits"].astype(str) + " in " + years + " years"
    told = data["ministry_visits"].query("counted")["page"].value_counts()
    pages = data["ministry_pages"].set_index("id")
    cut = pages[pages["visits"] == "read_in_part"].join(told, how="inner")
    watched = read["end"].iloc[0] - cut["relations_since_latest"]
    least = cut["count"] / watched.dt.days * 3652.5
    floor = cut.assign(
        state=cut["partner"],
        value=least,
        kind="floor",
        brief=least.map("{:.1f}+".format),
        text=cut["count"].astype(str) + " or more",
    )
    return pd.concat([read, floor])


def _sessions(data: Data) -> pd.DataFrame:
    """Return the sessions a year; those of other years than the pair's recent ones say so."""
    table = others.session_table(data)
    recent = table.loc[table["stretch"] == "recent", "start"].min()
    kept = table[~table["stretch"].isin(["early", "middle"])]
    years = kept["start"].dt.strftime("%Y–") + kept["end"].dt.strftime("%Y")
    return kept.assign(
        value=kept["rate"],
        kind=np.where(kept["end"] > recent, "known", "years"),
        brief=kept["rate"].map("{:.2f}".format),
        text=kept["gaps"].astype(str) + " in " + years,
    )


def beside(data: Data) -> pd.DataFrame:
    """Return the four measures for the pair and the states that stand beside it.

    Returns
    -------
    DataFrame
        One row per measure and state, the pair first, the others by their votes: ``measure``,
        ``state``, ``name``, ``value``, ``low``, ``high``, ``kind`` (pair, known, floor, years:
        of other years, unread), ``text`` and, as short as fits beside others, ``brief``.
    """
    makers = {
        "votes": _votes,
        "organizations": _organizations,
        "visits": _visits,
        "sessions": _sessions,
    }
    parts = {measure: make(data).set_index("state") for measure, make in makers.items()}
    found = pd.concat(parts)
    pages = data["ministry_pages"].query("extent != 'not_found'")
    partner = data.about.partner
    named = {*parts["visits"].index, *parts["sessions"].index, *pages["partner"]} - {partner}
    order = [state for state in parts["votes"].index if state in named]
    index = pd.MultiIndex.from_product([MEASURES, [partner, *order]], names=["measure", "state"])
    columns = ["value", "low", "high", "kind", "text", "brief"]
    whole = found.reindex(index=index, columns=columns).reset_index()
    own = whole["state"] == partner
    kind = whole["kind"].fillna("known").mask(own, "pair")
    whole["kind"] = kind.where(whole["value"].notna(), "unread")
    whole["text"] = whole["text"].fillna("unread")
    whole["brief"] = whole["brief"].fillna(whole["text"])
    whole.insert(2, "name", whole["state"].map(state_names(data)))
    return whole


class World(NamedTuple):
    """How many pairs of the world have each value, and the value in their middle."""

    edges: np.ndarray
    pairs: pd.Series
    middle: float
    words: str
    every: pd.Series


def worlds(data: Data) -> dict[str, World]:
    """Return the world's pairs by share of votes alike, and by organizations shared."""
    votes = others.table(data, "votes_world").query("measure == 'identical_share'")
    low = 100 * votes["low"]
    high = 100 * votes["high"].clip(upper=1)
    mean = float(np.average((low + high) / 2, weights=votes["pairs"]))
    shared = others.table(data, "shared_world").query("organizations == 'all'")
    shared = shared.sort_values("shared")
    number = shared["shared"]
    half = shared["pairs"].cumsum() >= shared["pairs"].sum() / 2
    median = int(number[half].iloc[0])
    return {
        "votes": World(
            np.append(low, high.iloc[-1]),
            votes["pairs"],
            mean,
            f"mean of the world {mean:.0f}%",
            _votes(data)["value"],
        ),
        "organizations": World(
            np.append(number, number.iloc[-1] + 1) - 0.5,
            shared["pairs"],
            median,
            f"middle pair {median}",
            _organizations(data)["value"],
        ),
    }


def _draw_world(ax: Axes, look: Look, world: World) -> None:
    """Draw how many pairs of the world have each value, a rule at their middle, each partner."""
    edge = look.color("other")
    most = world.pairs.max()
    fill: dict[str, Any] = {
        "fill": True,
        "facecolor": look.color("tint"),
        "edgecolor": edge,
        "lw": 1,
    }
    ax.stairs(world.pairs, world.edges, **fill)
    ax.vlines(world.middle, 0, 1.05 * most, color=look.color("ink"), lw=1.6)
    below = np.full(len(world.every), -most / 8)
    ax.plot(world.every, below, "|", color=edge, ms=8)
    ax.set_ylim(top=1.35 * most)  # room for the column's name


def _draw_column(ax: Axes, look: Look, rows: pd.DataFrame, words: str) -> None:
    """Draw the rows of one measure, with what is said of each at the right."""
    ax.margins(x=0.1)
    for kind, marker in MARKERS.items():
        role = "pair" if kind == "pair" else "other"
        estimates(ax, look, rows[rows["kind"] == kind], role, marker, filled=kind != "years")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    values = rows[["value", "high"]].max()
    if rows["value"].min() < values.max() / 2:
        ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(5 if words == "text" else 2, steps=[1, 2, 5, 10]))
    right = ax.secondary_yaxis("right")
    _name_rows(right, look, rows[words])


def _name_rows(ax: Any, look: Look, names: pd.Series) -> None:
    """Write the rows' names beside an axis, the pair's first and bold."""
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0, labelcolor=look.word("other"))
    ax.spines[:].set_visible(False)
    first, *_ = ax.get_yticklabels()
    first.set(color=look.word("pair"), weight="bold")


def _draw(
    look: Look,
    table: pd.DataFrame,
    measures: Sequence[str],
    world: dict[str, World],
    expected: float | None,
) -> Axes:
    alone = len(measures) == 1
    shown = measures[:2] if look.narrow else measures
    rows = table["state"].nunique()
    above = 80 if set(shown) & set(world) else 16
    drawing = sheet(look, above + ROW * rows + 40)
    grid = drawing.subplots(
        2,
        len(shown),
        squeeze=False,
        sharex="col",
        height_ratios=[above, ROW * rows],
        gridspec_kw={"wspace": 0.06},
    )
    for measure, (top, ax) in zip(shown, grid.T, strict=True):
        own = table[table["measure"] == measure].reset_index(drop=True)
        _draw_column(ax, look, own, "text" if alone else "brief")
        head = note(top, MEASURES[measure], (0, 1), **HEAD)
        head.set_in_layout(False)
        top.axis("off")
        if measure not in world:
            continue
        seen = ax.get_xlim()
        _draw_world(top, look, world[measure])
        ax.set_xlim((world[measure].edges[0], world[measure].edges[-1]) if alone else seen)
    first = grid[1, 0]
    _name_rows(first, look, own["name"])
    first.spines["bottom"].set_visible(True)
    if expected is not None:
        color = look.color("pair")
        first.plot([expected, own["value"].iloc[0]], [0, 0], "--", color=color)
        first.plot(expected, 0, "D", color=color, mfc=look.color("ground"))
    return first


def _told(table: pd.DataFrame, measures: Sequence[str]) -> str:
    """Return what the first rows of every measure say."""
    said = []
    for measure in measures:
        known = table[(table["measure"] == measure) & (table["kind"] != "unread")]
        rows = known.head(6 // len(measures))
        texts = rows["name"] + " " + rows["text"]
        said.append(f"{MEASURES[measure]}: {', '.join(texts)}")
    return "; ".join(said)


def partners(
    data: Data,
    measures: Sequence[str],
    title: str,
    caption: str,
    expected: float | None = None,
) -> Figure:
    """Return measures of the pair beside those of others: a row a state, the pair first.

    Parameters
    ----------
    measures
        One or more of ``votes``, ``organizations``, ``visits`` and ``sessions``, a column each
        (on a phone the first two); one alone is in the order of its values, several in that of
        the votes. Votes and organizations stand below all pairs of the world.
    expected
        A value that the pair would be expected to have, if one is to be drawn.
    """
    table = beside(data)
    table = table[table["measure"].isin(list(measures))]
    if len(measures) == 1:
        table = table.assign(own=table["state"].eq(data.about.partner))
        table = table.sort_values(["own", "value"], ascending=False)
    world = {name: found for name, found in worlds(data).items() if name in measures}
    drawn: dict[str, Any] = dict.fromkeys(table["kind"], True)
    if "unread" in drawn:
        caption += " “unread” is not zero."
    drawn |= {"line": table["low"].notna().any(), "world": world, "expected": expected}
    facts = {
        **pair_names(data),
        "title": title,
        "caption": caption,
        "rule": ", ".join(found.words for found in world.values()),
        "told": _told(table, measures),
    }
    draw = partial(_draw, table=table, measures=measures, world=world, expected=expected)
    values = table[["measure", "name", "value", "low", "high", "text"]]
    return figure("partners", draw, values, facts, drawn=drawn)
