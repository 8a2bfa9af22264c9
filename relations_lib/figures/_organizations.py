"""Who belongs to what: a dot table of a day, and how many the pair shares year by year."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import (
    fitted,
    line,
    note,
    point,
    sheet,
    text_width,
    time_axis,
    wrapped,
)
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import page_day, roles, state_names, table, window
from relations_lib.figures._texts import figure, nothing
from relations_lib.figures._words import count_word, date_words, joined
from relations_lib.network import membership_matrix, on_day, shared_memberships
from relations_lib.tables import Data

STATUSES = {  # other than full: the word beside the ring, in wide and narrow
    "associate": ("associate", "assoc."),
    "suspended": ("suspended", "susp."),
    "founder_without_charter": ("founder", "founder"),
    "observer": ("observer", "observer"),
    "dialogue_partner": ("partner", "partner"),
}
MANY = 30  # an organization with more members says nothing on who is near the pair
ROW = 30  # pixels


def _matrix(data: Data, day: pd.Timestamp) -> pd.DataFrame:
    """Return zeros and ones on a day: the pair first, then the others by count and name."""
    clubs = table(data, "organizations_named")["organization"].tolist()
    full = membership_matrix(data["memberships"], day.date(), organizations=clubs)
    regional = full.loc[:, full.sum() < MANY]
    near = regional.any(axis=1)
    pair = [data.about.home, data.about.partner]
    others = full[near].drop(index=pair, errors="ignore")
    counts = others.sum(axis=1)
    names = state_names(data)
    order = pd.DataFrame({"count": -counts, "name": others.index.map(names)})
    placed = order.sort_values(["count", "name"]).index
    return full.reindex([*pair, *placed], fill_value=0)


def shared_by_year(data: Data, last: int) -> pd.DataFrame:
    """Return how many of the organizations named the two share at the end of each year."""
    named = table(data, "organizations_named")
    clubs = list(named.get("organization", []))
    pair = list(roles(data))
    spells = data["memberships"]
    own = spells[spells["organization"].isin(clubs) & spells["state"].isin(pair)]
    start, _ = window(data)
    years = range(start.year - 2, last + 1)
    if own.empty:
        return pd.DataFrame({"year": years, "shared": 0})
    found = shared_memberships(own, years).set_index("year")["shared"]
    shared = found.reindex(years, fill_value=0)
    return shared.rename_axis("year").reset_index()


def _last_year(data: Data) -> int:
    """Return the year of the last change of membership that is known, or that of the page."""
    known = data["memberships"][["start_latest", "end_latest"]].max().max()
    return max(page_day(data), known).year


def _draw(look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp) -> Axes:
    """Draw the dot table of states and organizations, and under it the strip of years."""
    heads, turn = _heads(look, matrix)
    rows = len(matrix)
    tall = ROW * (rows + 1)
    lines = 0.7 * max(map(len, heads)) if turn else 2.4
    drawing = sheet(look, tall + lines * look.size + 110)
    ax, low = drawing.subplots(2, height_ratios=[tall, 60])
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(heads)), heads, rotation=turn, weight="bold")
    ax.set_yticks(range(rows + 1), [*_names(look, data, matrix), "full members"])
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(rows), matrix.sum(axis=1))
    for side in (ax, right):
        side.tick_params(length=0, labelcolor=look.color("ink"))
        side.spines[:].set_visible(False)
        for role, name in zip(("home", "partner"), side.get_yticklabels(), strict=False):
            name.set(color=look.word(role), weight="bold")
    for place, size in enumerate(matrix.sum()):
        note(ax, size, (place, rows), ha="center", color=look.word("other"))
    equal = matrix.eq(matrix.iloc[0]).all(axis=1)
    if equal.iloc[1]:
        alike = np.flatnonzero(equal)
        ax.barh(alike, len(heads), 0.92, -0.5, color=look.color("tint"), zorder=0.5)
    _draw_ties(ax, look, data, matrix, day)
    ax.set(xlim=(-0.5, len(heads) - 0.5), ylim=(rows + 0.5, -0.5))
    _draw_strip(low, look, data)
    return ax


def _names(look: Look, data: Data, matrix: pd.DataFrame) -> list[str]:
    """Return the states' names in at most two lines, which leave room for the dots."""
    room = 84 if look.narrow else 150
    names = state_names(data)
    fitting = [fitted(names[state], 1.6 * room, look.size) for state in matrix.index]
    return [wrapped(name, room, look.size, "bold") for name in fitting]


def _heads(look: Look, matrix: pd.DataFrame) -> tuple[list[str], int]:
    """Return what stands above the columns and how it is turned: upright where all would touch."""
    room = WIDTHS[look.width] - (120 if look.narrow else 190)
    wide = room / matrix.shape[1]
    heads = list(matrix)
    widest = max(text_width(club, look.size, "bold") for club in heads)
    if widest > 1.9 * wide:  # even with every second one a line higher they touch
        return heads, 90
    if widest > wide - 4:  # neighbors touch
        heads[1::2] = [f"{club}\n" for club in heads[1::2]]
    return heads, 0


def _draw_ties(ax: Axes, look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp) -> None:
    """Draw full members as dots, another status as a ring with its word."""
    spells = on_day(data["memberships"], day.date(), statuses=tuple(STATUSES))
    status = spells.set_index(["state", "organization"])["status"].to_dict()
    for y, state in enumerate(matrix.index):
        role = "pair" if state in roles(data) else "other"
        for x, club in enumerate(matrix.columns):
            if matrix.at[state, club]:
                point(ax, x, y, look, role, size=15)
            elif (state, club) in status:
                word = STATUSES[status[state, club]][look.narrow]
                muted = look.word("other")
                point(ax, x, y - 0.17, look, role, size=11, fill=False)
                note(ax, word, (x, y + 0.3), ha="center", color=muted)


def _draw_strip(ax: Axes, look: Look, data: Data) -> None:
    """Draw how many the two share at each year's end."""
    day = page_day(data)
    last = _last_year(data)
    counts = shared_by_year(data, last)
    begins = pd.to_datetime(counts["year"].astype(str))
    end = pd.Timestamp(last, 12, 31)
    time_axis(ax, begins.iloc[0], end, look)
    shared = counts["shared"]
    named = len(table(data, "organizations_named"))
    ax.set(ylim=(-0.4, max(named, 1) + 1.4), yticks=[])
    line(
        ax,
        [*begins, end],
        [*shared, shared.iloc[-1]],
        look.color("pair"),
        lw=2.5,
        drawstyle="steps-post",
    )
    steps = counts.assign(at=begins, step=shared.diff().fillna(shared)).query(
        "step != 0 and shared > 0"
    )
    room = (-steps["year"].diff(-1)).fillna(len(counts)) * ax.bbox.width / len(counts)
    for row in steps[room > 0.9 * look.size].itertuples():  # the others would touch the next
        lift = -9 if row.step < 0 else 8
        note(ax, row.shared, (row.at, row.shared), (4, lift), color=look.word("pair"))
    point(ax, day, named, look, "ink", fill=False, size=10)
    note(ax, f"page of {day.year}: names {named}", (end, 1), ha="right")


def _title(data: Data, matrix: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return which title fits: how many the pair shares, and whether others do as well."""
    own = matrix.iloc[0] & matrix.iloc[1]
    shared = matrix.columns[own.eq(1)]
    same = matrix[shared].iloc[2:].all(axis=1)
    names = state_names(data)
    others = [names[state] for state in same.index[same]]
    facts["shared"] = count_word(int(own.sum()))
    facts["others"] = joined(others)
    if not others:
        return "title"
    return "all" if own.all() else "plain"


def _ended(data: Data) -> str:
    """Return which organization named had ended on the day of the page."""
    clubs = table(data, "organizations")
    named = table(data, "organizations_named")["organization"]
    ended = clubs["dissolved_latest"] <= page_day(data)
    told = []
    for club in clubs[ended & clubs["id"].isin(named)].itertuples():
        day = date_words(club.dissolved)
        told.append(f"{club.id} ended on {day}.")
    return " ".join(told)


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
    start, day = window(data)
    matrix = _matrix(data, day)
    facts = {
        "day": date_words(str(day.date())),
        "states": len(matrix),
        "total": count_word(matrix.shape[1]),
        "sizes": ", ".join(f"{club} {count}" for club, count in matrix.sum().items()),
        "first": start.year - 2,
        "last": _last_year(data),
        "ended": _ended(data),
    }
    title = _title(data, matrix, facts)
    values = matrix.rename(index=state_names(data)).rename_axis("state").reset_index()
    draw = partial(_draw, data=data, matrix=matrix, day=day)
    return figure("organizations", draw, values, facts, title=title)
