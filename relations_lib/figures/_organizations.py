"""Who belongs to what: a dot table of one day, and every spell through the years."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import (
    block,
    fitted,
    note,
    point,
    sheet,
    text_width,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import full_spells, roles, state_names, table, window
from relations_lib.figures._texts import figure, nothing
from relations_lib.figures._words import count_word, date_words, joined
from relations_lib.network import counted_spells, membership_matrix, on_day
from relations_lib.tables import Data

STATUSES = {  # other than full: the word beside the ring, in wide and narrow
    "associate": ("associate", "assoc."),
    "suspended": ("suspended", "susp."),
    "founder_without_charter": ("founder", "founder"),
    "observer": ("observer", "observer"),
    "dialogue_partner": ("partner", "partner"),
    "participating": ("participant", "part."),
}
MANY = 30  # an organization with more members says nothing on who is near the pair
MOST_ROWS = 120
ROW = 30  # pixels


def _matrix(data: Data, day: pd.Timestamp) -> pd.DataFrame:
    """Return zeros and ones on a day, by name: the pair first, then the others by count."""
    clubs = table(data, "organizations_named")["organization"].tolist()
    full = membership_matrix(full_spells(data), day.date(), organizations=clubs)
    regional = full.loc[:, full.sum() < MANY]
    names = state_names(data)
    pair = [data.about.home, data.about.partner]
    both = full.reindex(pair, fill_value=0).rename(index=names)
    near = full[regional.any(axis=1)].drop(index=pair, errors="ignore")
    others = near.rename(index=names).sort_index()
    order = others.sum(axis=1).sort_values(ascending=False, kind="stable")
    return pd.concat([both, others.loc[order.index]]).rename_axis("state")


def _draw(look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp) -> Axes:
    heads, turn = _heads(look, matrix)
    rows, columns = matrix.shape
    tall = 0.7 * max(map(len, heads)) if turn else 2.4
    drawing = sheet(look, ROW * rows + tall * look.size + 20)
    ax = drawing.subplots()
    ax.xaxis.tick_top()
    ax.set_xticks(range(columns), heads, rotation=turn, weight="bold")
    ax.set_yticks(range(rows), _names(look, matrix))
    ax.tick_params(length=0, labelcolor=look.color("ink"))
    ax.spines[:].set_visible(False)
    for role, name in zip(("home", "partner"), ax.get_yticklabels(), strict=False):
        name.set(color=look.word(role), weight="bold")
    equal = matrix.eq(matrix.iloc[0]).all(axis=1)
    _, partner_is_alike, *_ = equal
    if partner_is_alike:
        alike = np.flatnonzero(equal)
        ax.barh(alike, width=columns, height=0.92, left=-0.5, color=look.color("tint"), zorder=0.5)
    _draw_ties(ax, look, data, matrix, day)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    return ax


def _names(look: Look, matrix: pd.DataFrame) -> list[str]:
    """Return the states' names in at most two lines, each with its count."""
    room = 84 if look.narrow else 150
    found = []
    for name, count in matrix.sum(axis=1).items():
        fitting = fitted(name, 1.6 * room, look.size)
        lines = wrapped(fitting, room, look.size, "bold")
        found.append(f"{lines}  {count}")
    return found


def _heads(look: Look, matrix: pd.DataFrame) -> tuple[list[str], int]:
    """Return the organizations with their counts, and how they are turned: upright if crowded."""
    margin = 120 if look.narrow else 190
    room = (WIDTHS[look.width] - margin) / matrix.shape[1]
    widest = max(text_width(club, look.size, "bold") for club in matrix)
    turn, between = 0, "\n"
    if widest > 1.2 * room:
        turn, between = 90, "  "
    counts = matrix.sum()
    heads = [f"{club}{between}{count}" for club, count in counts.items()]
    return heads, turn


def _draw_ties(ax: Axes, look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp) -> None:
    """Draw full members as dots, another status as a ring with its word."""
    spells = on_day(data["memberships"], day.date(), statuses=None)
    spells = spells[spells["status"].isin(STATUSES)]
    spells["state"] = spells["state"].map(state_names(data))
    status = spells.set_index(["state", "organization"])["status"].to_dict()
    for y, state in enumerate(matrix.index):
        role = "pair" if y < 2 else "other"
        for x, club in enumerate(matrix.columns):
            if matrix.at[state, club]:
                point(ax, x, y, look, role, size=15)
            elif (state, club) in status:
                word = STATUSES[status[state, club]][look.narrow]
                point(ax, x, y - 0.17, look, role, size=11, fill=False)
                note(ax, word, (x, y + 0.3), ha="center", color=look.word("other"))


def _shared(matrix: pd.DataFrame) -> str:
    """Return in words how many the pair shares and, if all, which others belong to all."""
    pair, others = matrix.iloc[:2], matrix.iloc[2:]
    both = pair.all()
    every = {1: "the one organization", 2: "both organizations"}
    words = every.get(len(both), f"all {count_word(len(both))} organizations")
    if not both.all():
        shared = count_word(int(both.sum()), "none")
        return f"{shared} of {words.replace('all ', 'the ')}"
    alike = list(others.index[others.all(axis=1)])
    verb = "does" if len(alike) == 1 else "do"
    return f"{words}, and so {verb} {joined(alike)}" if alike else words


def organizations(data: Data) -> Figure:
    """Return the dot table of who belongs to which organization that the page names.

    Parameters
    ----------
    data
        A package with its states declared, memberships and the organizations named on the page.
        The day is the last of its main window.
    """
    if table(data, "organizations_named").empty or table(data, "memberships").empty:
        return nothing("organizations")
    _, day = window(data)
    matrix = _matrix(data, day)
    facts = {
        "day": date_words(str(day.date())),
        "shared": _shared(matrix),
        "states": len(matrix),
        "total": count_word(matrix.shape[1]),
    }
    draw = partial(_draw, data=data, matrix=matrix, day=day)
    return figure("organizations", draw, matrix.reset_index(), facts)


def _draw_spells(
    look: Look, spells: pd.DataFrame, rows: list[tuple[str, str]], years: tuple[int, int]
) -> Axes:
    """Draw spells as bars in the row of their organization and state, a heading a row as well."""
    ax = sheet(look, 1.5 * look.size * len(rows) + 40).subplots()
    for spell in spells.itertuples():
        y = rows.index((spell.organization, spell.state))
        block(ax, (spell.start, spell.end), (y - 0.36, y + 0.36), look, spell.kind)
    first, last = years
    time_axis(ax, f"{first}-01-01", f"{last}-12-31", look)
    room = 90 if look.narrow else 180
    names = [fitted(state or club, room, look.size) for club, state in rows]
    ax.set_yticks(range(len(rows)), names)
    for (_, state), name in zip(rows, ax.get_yticklabels(), strict=True):
        name.set_fontweight("normal" if state else "bold")
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labeltop=True)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.xaxis.grid(True)
    return ax


def membership_spells(
    data: Data, organizations: Sequence[str], title: str, years: tuple[int, int]
) -> Figure:
    """Return every spell in some organizations as a bar through time.

    Parameters
    ----------
    data
        A package with memberships. Each organization has a row for every state that was ever in
        it, the pair first, the others by name; an imprecise date counts from its last day.
    years
        First and last year shown.

    Raises
    ------
    ValueError
        If there are more than 120 rows.
    """
    own = data["memberships"][data["memberships"]["organization"].isin([*organizations])]
    if own.empty:
        return nothing("membership_spells")
    last = pd.Timestamp(years[1], 12, 31)
    spells = counted_spells(own, None).dropna(subset="start")
    spells["end"] = spells["end"].fillna(last).clip(upper=last)
    pair = spells["state"].isin(roles(data))
    order = {state: place for place, state in enumerate(roles(data))}
    spells["first"] = spells["state"].map(order).fillna(len(order))
    full = spells["status"].eq("full")
    spells["kind"] = np.select([~full, pair], ["hatch", "pair"], "ghost")
    spells["state"] = spells["state"].map(state_names(data)).fillna(spells["state"])
    spells["place"] = spells["organization"].map([*organizations].index)
    spells = spells.sort_values(["place", "first", "state", "start"])
    rows = []
    for club, members in spells.groupby("organization", sort=False):
        rows += [(club, ""), *((club, state) for state in members["state"].unique())]
    if len(rows) > MOST_ROWS:
        raise ValueError(f"{len(rows)} rows are too many for a figure: name fewer organizations")
    facts = {
        "title": title,
        "spells": len(spells),
        "states": spells["state"].nunique(),
        "organizations": joined(list(spells["organization"].unique())),
        "first": years[0],
        "last": years[1],
    }
    draw = partial(_draw_spells, spells=spells, rows=rows, years=years)
    values = spells[["organization", "state", "status", "start", "end"]]
    return figure("membership_spells", draw, values, facts)
