"""Who belongs to what: a dot table of a day, and how many the pair shares year by year."""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import (
    canvas,
    line,
    note,
    point,
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
    width = WIDTHS[look.width]
    left, right = (92, 24) if look.narrow else (150, 60)
    wide = (width - left - right) / matrix.shape[1]
    widest = max(text_width(club, look.size, "bold") for club in matrix.columns)
    turned = widest > 1.9 * wide
    heads = widest + 12 if turned else 2.6 * look.size
    height = heads + ROW * len(matrix) + 1.8 * look.size + 100
    ax = canvas(look, height, margins=(0, 0, 0, 0))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    xs = {}
    for place, club in enumerate(matrix.columns):
        xs[club] = left + wide * (place + 0.5)
    low = heads + ROW * len(matrix) + 0.9 * look.size
    muted = look.word("other")
    note(ax, "full members", (2, low), color=muted)
    sizes = matrix.sum()
    levels = [0.5]
    if widest > wide - 4 and not turned:
        levels = [0.3, 0.7]  # names side by side would touch
    turn = 90 if turned else 0
    for (club, x), level in zip(xs.items(), cycle(levels)):
        at = (x, heads * level)
        note(ax, club, at, ha="center", weight="bold", rotation=turn)
        note(ax, sizes[club], (x, low), ha="center", color=muted)
    for place, state in enumerate(matrix.index):
        _draw_state(ax, look, data, matrix.loc[state], (xs, heads + ROW * (place + 0.5)))
    _draw_alike(ax, look, matrix, heads)
    _draw_ties(ax, look, data, matrix, day, (xs, heads))
    _draw_strip(ax, look, data, height)
    return ax


def _draw_state(ax: Axes, look: Look, data: Data, clubs: pd.Series, place: tuple) -> None:
    """Write a state's name and its count."""
    xs, y = place
    state = clubs.name
    role = roles(data).get(state, "ink")
    weight = "normal" if role == "ink" else "bold"
    room = min(xs.values()) - 25 if look.narrow else 144
    name = wrapped(state_names(data)[state], room, look.size, weight)
    color = look.word(role)
    note(ax, name, (2, y), color=color, weight=weight, linespacing=1.0)
    right = WIDTHS[look.width] - 6
    note(ax, clubs.sum(), (right, y), ha="right", weight=weight)


def _draw_alike(ax: Axes, look: Look, matrix: pd.DataFrame, heads: float) -> None:
    """Draw a tint behind the rows that are equal to the pair's, if its two rows are."""
    equal = matrix.eq(matrix.iloc[0]).all(axis=1)
    if not equal.iloc[1]:
        return
    for place, same in enumerate(equal):
        top = heads + ROW * place
        if same:
            ax.axhspan(top + 1, top + ROW - 1, color=look.color("tint"), lw=0, zorder=0.5)


def _draw_ties(
    ax: Axes, look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp, place: tuple
) -> None:
    """Draw full members as dots, another status as a ring with its word."""
    xs, heads = place
    spells = on_day(data["memberships"], day.date(), statuses=tuple(STATUSES))
    status = spells.set_index(["state", "organization"])["status"].to_dict()
    for row, state in enumerate(matrix.index):
        y = heads + ROW * (row + 0.5)
        role = "pair" if state in roles(data) else "other"
        for club, x in xs.items():
            if matrix.at[state, club]:
                point(ax, x, y, look, role, size=15)
            elif (state, club) in status:
                word = STATUSES[status[state, club]][look.narrow]
                point(ax, x, y - 5, look, role, size=11, fill=False)
                muted = look.word("other")
                note(ax, word, (x, y + 9), ha="center", fontsize=11.5, color=muted)


def _draw_strip(ax: Axes, look: Look, data: Data, height: float) -> None:
    """Draw below how many the two share at each year's end."""
    day = page_day(data)
    last = _last_year(data)
    counts = shared_by_year(data, last)
    width = WIDTHS[look.width]
    drawing = ax.figure.get_figure(root=True)
    place = (10 / width, 26 / height, 1 - 20 / width, 46 / height)
    low = drawing.add_axes(place)
    begins = pd.to_datetime(counts["year"].astype(str))
    end = pd.Timestamp(last, 12, 31)
    time_axis(low, begins.iloc[0], end, look)
    shared = counts["shared"]
    most = max(shared.max(), 1)
    low.set(ylim=(-0.4, most + 1.4), yticks=[])
    steps = [*shared, shared.iloc[-1]]
    color = look.color("pair")
    line(low, [*begins, end], steps, color, lw=2.5, drawstyle="steps-post")
    word = look.word("pair")
    for at, count, step in zip(begins, shared, shared.diff(), strict=True):
        lift = -9 if step < 0 else 8
        if step != 0 and count:
            note(low, count, (at, count), (4, lift), color=word)
    named = len(table(data, "organizations_named"))
    point(low, day, named, look, "ink", fill=False, size=10)
    note(low, f"page of {day.year}: names {named}", (day, named), (-8, 8), ha="right")


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
