"""Figures of the pair beside others: a column of dots a measure, the same partners in each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relations_lib import others
from relations_lib.figures._marks import estimates, note, sheet
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import pair_names, state_names
from relations_lib.figures._texts import figure
from relations_lib.tables import Data

ROW = 22  # pixels
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
    return votes.assign(brief=votes["value"].map("{:.1f}%".format))


def _organizations(data: Data) -> pd.DataFrame:
    shared = others.table(data, "shared_partners")
    own = shared[shared["state"] == data.about.home]
    brief = own["shared"].astype(str)
    return own.assign(state=own["partner"], value=own["shared"], brief=brief)


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
    recent = table.loc[table["state"] == data.about.partner, "start"].min()
    first, last = table["start"].dt.year, table["end"].dt.year
    years = first.astype(str) + "–" + last.astype(str)
    return table.assign(
        value=table["rate"],
        kind=np.where(table["end"] > recent, "known", "years"),
        brief=table["rate"].map("{:.2f}".format),
        text=table["gaps"].astype(str) + " in " + years,
    )


MAKERS = {
    "votes": _votes,
    "organizations": _organizations,
    "visits": _visits,
    "sessions": _sessions,
}


def _measured(data: Data, measure: str) -> pd.DataFrame:
    """Return a measure by state, for none where its tables have no rows: all are unread then.

    The others stand in the order of the votes, which must be there.
    """
    try:
        return MAKERS[measure](data).set_index("state")
    except ValueError:
        if measure == "votes":
            raise
        return pd.DataFrame(columns=["value"], index=pd.Index([], name="state"), dtype=float)


def beside(data: Data) -> pd.DataFrame:
    """Return the four measures for the pair and the states that stand beside it.

    Returns
    -------
    DataFrame
        One row per measure and state, the pair first, the others by their votes: ``measure``,
        ``state``, ``value``, ``low``, ``high``, ``kind`` (pair, known, floor, years: of other
        years, unread), ``brief`` (the value in words), ``text`` (what it rests on) and ``name``.
    """
    parts = {measure: _measured(data, measure) for measure in MAKERS}
    pages = data["ministry_pages"].query("extent != 'not_found'")
    partner = data.about.partner
    named = {*parts["sessions"].index, *pages["partner"]} - {partner}
    votes = parts["votes"].index
    states = [partner, *votes[votes.isin(named)]]
    index = pd.MultiIndex.from_product([MEASURES, states], names=["measure", "state"])
    columns = ["value", "low", "high", "kind", "brief", "text"]
    whole = pd.concat(parts).reindex(index=index, columns=columns)
    whole = whole.reset_index()
    kind = whole["kind"].fillna("known").mask(whole["state"] == partner, "pair")
    whole["kind"] = kind.where(whole["value"].notna(), "unread")
    whole["brief"] = whole["brief"].fillna("unread")
    whole["text"] = whole["text"].fillna(whole["brief"])
    whole["name"] = whole["state"].map(state_names(data))
    return whole


def _world(data: Data, measure: str) -> pd.Series:
    """Return how many pairs of the world have each value, or nothing where nobody knows."""
    if measure == "votes":
        bins = others.table(data, "votes_world").query("measure == 'identical_share'")
        middle = 50 * (bins["low"] + bins["high"])
        return bins["pairs"].set_axis(middle)
    if measure == "organizations":
        bins = others.table(data, "shared_world").query("organizations == 'all'")
        return bins.set_index("shared")["pairs"].sort_index()
    return pd.Series()


def _draw_column(ax: Axes, look: Look, rows: pd.DataFrame, words: str, ticks: int) -> None:
    """Draw the rows of one measure, with what is said of each at the right."""
    for kind, marker in MARKERS.items():
        role = "pair" if kind == "pair" else "other"
        own = rows[rows["kind"] == kind]
        estimates(ax, look, own, role, marker, filled=kind != "years")
    ax.margins(x=0.1)
    ax.set(ylim=(len(rows) - 0.5, -0.5), yticks=[])
    if rows["low"].notna().any():  # rates, which begin at zero
        ax.set_xlim(left=0)
    ax.locator_params(axis="x", nbins=ticks)
    _write_rows(ax, look, rows[words], "right")


def _draw_world(ax: Axes, look: Look, world: pd.Series) -> None:
    """Draw behind the rows how many pairs of the world have each value."""
    bottom, top = ax.get_ylim()
    heights = bottom + (top - bottom) * world / world.max()
    gray = look.color("other")
    ax.fill_between(
        world.index, bottom, heights, step="mid", color=gray, alpha=0.25, lw=0, zorder=0.5
    )


def _write_rows(ax: Axes, look: Look, texts: pd.Series, side: str) -> None:
    """Write a text beside every row, left or right of the axis; the pair's is bold."""
    across, aside, align = 0, -6, "right"
    if side == "right":
        across, aside, align = 1, 6, "left"
    where = ax.get_yaxis_transform()
    for place, text in enumerate(texts):
        role, weight = ("other", "normal") if place else ("pair", "bold")
        note(
            ax,
            text,
            (across, place),
            (aside, 0),
            ha=align,
            color=look.word(role),
            weight=weight,
            xycoords=where,
        )


def _draw(
    look: Look,
    table: pd.DataFrame,
    measures: Sequence[str],
    world: pd.Series,
    expected: float | None,
) -> Axes:
    words, ticks = ("text", 6) if len(measures) == 1 else ("brief", 2)
    across = min(len(measures), 2 if look.narrow else 4)
    lines = -(-len(measures) // across)
    drawing = sheet(look, lines * (ROW * table["state"].nunique() + 60))
    space = {"wspace": 0.06, "hspace": 0.04}
    columns = drawing.subplots(lines, across, squeeze=False, gridspec_kw=space).ravel()
    for place, (measure, ax) in enumerate(zip(measures, columns, strict=True)):
        own = table[table["measure"] == measure].reset_index(drop=True)
        ax.set_title(MEASURES[measure])
        _draw_column(ax, look, own, words, ticks)
        if place % across == 0:
            _write_rows(ax, look, own["name"], "left")
    first = columns[0]
    if len(world):
        _draw_world(first, look, world)
    if expected is not None:
        color = look.color("pair")
        ends = [expected, own["value"].iloc[0]]
        first.plot(ends, [0, 0], "D--", color=color, mfc=look.color("ground"))
    return first


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
        (on a phone two beside each other); one alone is in the order of its values, several in
        that of the votes. Behind votes or organizations alone stand all pairs of the world.
    expected
        A value that the pair would be expected to have, if one is to be drawn.
    """
    table = beside(data)
    table = table[table["measure"].isin(list(measures))]
    kind = "all"
    if len(measures) == 1:
        (kind,) = measures
        rest = table[1:].sort_values("value", ascending=False)
        table = pd.concat([table[:1], rest])
    own = table[table["state"] == data.about.partner]
    rests_on = " (" + own["text"].where(own["text"] != own["brief"]) + ")"
    told = own["measure"].map(MEASURES) + " " + own["brief"] + rests_on.fillna("")
    facts = {
        **pair_names(data),
        "title": title,
        "caption": caption,
        "told": "; ".join(told),
    }
    world = _world(data, kind)
    draw = partial(_draw, table=table, measures=measures, world=world, expected=expected)
    values = table[["measure", "name", "value", "low", "high", "text"]]
    return figure(f"partners_{kind}", draw, values, facts)
