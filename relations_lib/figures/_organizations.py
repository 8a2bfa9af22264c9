"""Who belongs to what: a dot table of a day, spells through time, and counts of a null."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import canvas, empty, note, point, text_width, time_axis, wrapped
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import page_day, state_names, table, window
from relations_lib.figures._visits import count_word
from relations_lib.figures._words import date_words, joined
from relations_lib.network import membership_matrix, on_day, shared_memberships
from relations_lib.tables import Data

OTHER_STATUS = (
    "associate",
    "suspended",
    "founder_without_charter",
    "observer",
    "dialogue_partner",
)
SHORT = {
    "dialogue_partner": "partner",
    "founder_without_charter": "founder",
    "suspended": "susp.",
}
TITLE_ALL = "On {day} the two share all {total}, and so do {others}"
TITLE_ALONE = "On {day} the two share {shared} of the {total}, as no other two do"
TITLE_PLAIN = "On {day} the two share {shared} of the {total} organizations"
ALT = (
    "{title}. Table of dots: {states} states by {total} organizations, full members filled; "
    "members among these: {sizes}. Below, the number that the two share at each year's end, "
    "{first} to {last}."
)
CAPTION = (
    "Full members on {day}; rings are another status. Columns in the page's order; below each its "
    "full members among the {states} states. {ended}"
)


def _matrix(data: Data, day: pd.Timestamp) -> pd.DataFrame:
    """Return zeros and ones on a day: the pair first, then who shares most with them, by name."""
    clubs = table(data, "organizations_named").get("organization", pd.Series(dtype=str)).tolist()
    spells = data["memberships"]
    regional = [club for club in clubs if len(_holders(spells, club, day)) < 30]
    in_some = membership_matrix(spells, day.date(), organizations=regional)
    own = list(in_some.index[in_some.sum(axis=1).gt(0)])
    pair = list(data.about.states)
    states = [*pair, *(state for state in own if state not in pair)]
    full = membership_matrix(spells, day.date(), states=states, organizations=clubs)
    names = state_names(data)
    order = pd.DataFrame({"count": -full.sum(axis=1), "name": full.index.map(names)})
    order["later"] = ~order.index.isin(pair)
    order["place"] = range(len(order))
    order.loc[order["later"], "place"] = len(pair)
    return full.loc[order.sort_values(["later", "place", "count", "name"]).index]


def _holders(spells: pd.DataFrame, club: str, day: pd.Timestamp) -> pd.Series:
    return on_day(spells[spells["organization"].eq(club)], day.date())["state"]


def _statuses(data: Data, day: pd.Timestamp) -> dict[tuple[str, str], str]:
    """Return the status of who is not a full member, by state and organization."""
    spells = on_day(data["memberships"], day.date(), statuses=OTHER_STATUS)
    keys = zip(spells["state"], spells["organization"], strict=True)
    return dict(zip(keys, spells["status"], strict=True))


def shared_by_year(data: Data, last: int) -> pd.DataFrame:
    """Return how many of the organizations named the two share at the end of each year."""
    clubs = set(table(data, "organizations_named").get("organization", []))
    spells = data["memberships"]
    own = spells["organization"].isin(clubs) & spells["state"].isin(data.about.states)
    first = window(data)[0].year - 2
    years = range(first, last + 1)
    if not own.any():
        return pd.DataFrame({"year": years, "shared": 0})
    found = shared_memberships(spells[own], years).set_index("year")["shared"]
    return found.reindex(years, fill_value=0).rename_axis("year").reset_index()


def _draw_dots(look: Look, data: Data, matrix: pd.DataFrame, day: pd.Timestamp) -> Axes:
    names = state_names(data)
    left = 92 if look.narrow else 150
    count_room = 24 if look.narrow else 60
    wide = (WIDTHS[look.width] - left - count_room) / max(matrix.shape[1], 1)
    row = 30
    heads = 2.6 * look.size
    height = heads + row * len(matrix) + 1.8 * look.size + 100
    ax = canvas(look, height, margins=(0, 0, 0, 0))
    ax.set(xlim=(0, WIDTHS[look.width]), ylim=(height, 0))
    ax.axis("off")
    xs = {club: left + wide * (place + 0.5) for place, club in enumerate(matrix.columns)}
    crowded = any(text_width(club, look.size, "bold") > wide - 4 for club in xs)
    for place, (club, x) in enumerate(xs.items()):
        level = 0.3 + 0.4 * (place % 2) if crowded else 0.5
        note(ax, club, (x, heads * level), ha="center", weight="bold")
    _draw_band(ax, look, data, matrix, (heads, row))
    statuses = _statuses(data, day)
    roles = {data.about.home: "home", data.about.partner: "partner"}
    for place, (state, clubs) in enumerate(matrix.iterrows()):
        y = heads + row * (place + 0.5)
        role = roles.get(state, "other")
        weight = "bold" if state in roles else "normal"
        name = wrapped(names[state], left - 6, look.size, weight)
        ink = role if state in roles else "ink"
        note(ax, name, (2, y), color=look.word(ink), weight=weight, linespacing=1.0)
        note(ax, clubs.sum(), (WIDTHS[look.width] - 6, y), ha="right", weight=weight)
        for club, member in clubs.items():
            mark = "pair" if state in roles else "other"
            _draw_tie(ax, look, (xs[club], y), mark, member, statuses.get((state, club), ""))
    low = heads + row * len(matrix) + 0.9 * look.size
    note(ax, "full members", (2, low), color=look.word("other"))
    for club, x in xs.items():
        note(ax, matrix[club].sum(), (x, low), ha="center", color=look.word("other"))
    return _with_strip(ax, look, data, height)


def _draw_band(ax: Axes, look: Look, data: Data, matrix: pd.DataFrame, size: tuple) -> None:
    """Draw a tint behind the rows that are equal to the pair's."""
    heads, row = size
    own = matrix.loc[data.about.home]
    equal = matrix.eq(own).all(axis=1)
    if not equal.get(data.about.partner, False):
        return
    for place in [place for place, same in enumerate(equal) if same]:
        top = heads + row * place
        ax.axhspan(top + 1, top + row - 1, color=look.color("tint"), lw=0, zorder=0.5)


def _draw_tie(ax: Axes, look: Look, at: tuple, role: str, member: int, status: str) -> None:
    """Draw a full member as a dot, another status as a ring with its word."""
    if member:
        point(ax, *at, look, role, size=15)
    elif status:
        point(ax, at[0], at[1] - 5, look, role, size=11, fill=False)
        word = SHORT.get(status, status) if look.narrow or "_" in status else status
        note(ax, word, (at[0], at[1] + 9), ha="center", fontsize=11.5, color=look.word("other"))


def _with_strip(ax: Axes, look: Look, data: Data, height: float) -> Axes:
    """Draw below how many the two share at each year's end."""
    day = page_day(data)
    counts = shared_by_year(data, max(day.year, window(data)[1].year) + 4)
    drawing = ax.figure.get_figure(root=True)
    width = WIDTHS[look.width]
    low = drawing.add_axes((10 / width, 26 / height, (width - 20) / width, 46 / height))
    first, last = counts["year"].iloc[0], counts["year"].iloc[-1]
    time_axis(low, pd.Timestamp(first, 1, 1), pd.Timestamp(last, 12, 31), look)
    most = max(counts["shared"].max(), 1)
    low.set(ylim=(-0.4, most + 1.4), yticks=[])
    begins = [pd.Timestamp(year, 1, 1) for year in counts["year"]]
    ends = [*begins, pd.Timestamp(last, 12, 31)]
    shared = [*counts["shared"], counts["shared"].iloc[-1]]
    low.step(ends, shared, where="post", color=look.color("pair"), lw=2.5)
    steps = counts[counts["shared"].diff().ne(0) & counts["shared"].gt(0)]
    for row, falls in zip(steps.itertuples(), steps["shared"].diff().lt(0), strict=True):
        at = (pd.Timestamp(row.year, 1, 1), row.shared)
        note(low, row.shared, at, (4, -9 if falls else 8), color=look.word("pair"))
    named = len(table(data, "organizations_named"))
    point(low, day, named, look, "ink", fill=False, size=10)
    words = f"page of {day.year}: names {named}"
    note(low, words, (day, named), (-8, 8), ha="right", zorder=5)
    return ax


def _same_as_pair(data: Data, matrix: pd.DataFrame) -> list[str]:
    """Return the names of other states that belong to all that the pair does."""
    names = state_names(data)
    own = matrix.loc[data.about.home] & matrix.loc[data.about.partner]
    others = matrix.drop(index=list(data.about.states))
    held = others.loc[:, own.astype(bool)].all(axis=1)
    return [names[state] for state in others.index[held]]


def _title(data: Data, matrix: pd.DataFrame, day: str) -> str:
    own = matrix.loc[data.about.home] & matrix.loc[data.about.partner]
    others = _same_as_pair(data, matrix)
    facts = {
        "day": day,
        "shared": count_word(int(own.sum())),
        "total": count_word(matrix.shape[1]),
        "others": joined(others),
    }
    if own.all() and others:
        return TITLE_ALL.format(**facts)
    return (TITLE_PLAIN if others else TITLE_ALONE).format(**facts)


def organizations(data: Data) -> Figure:
    """Return the dot table of who belongs to which organization that the page names.

    Parameters
    ----------
    data
        A package with its states declared, memberships and the organizations named on the page.
        The day is the last of its main window.
    """
    day = window(data)[1]
    words = "The page names no organization whose members are known."
    if table(data, "organizations_named").empty or table(data, "memberships").empty:
        return Figure(lambda look: empty(look, words), words, words, words)
    matrix = _matrix(data, day)
    said = date_words(str(day.date()))
    title = _title(data, matrix, said)
    sizes = ", ".join(f"{club} {count}" for club, count in matrix.sum().items())
    facts = {"title": title, "states": len(matrix), "total": matrix.shape[1], "sizes": sizes}
    last = max(page_day(data).year, day.year) + 4
    alt = ALT.format(first=window(data)[0].year - 2, last=last, **facts)
    caption = CAPTION.format(day=said, states=len(matrix), ended=_ended(data))
    key = [
        ("dot pair", "full member, of the two"),
        ("dot other", "full member"),
        ("ring other", "another status"),
        ("band", "rows alike"),
    ]
    values = matrix.rename(index=state_names(data)).rename_axis("state").reset_index()
    return Figure(
        partial(_draw_dots, data=data, matrix=matrix, day=day),
        title,
        alt,
        caption.strip(),
        key,
        values,
    )


def _ended(data: Data) -> str:
    """Return which organization named had ended on the day of the page."""
    clubs = table(data, "organizations")
    named = table(data, "organizations_named")["organization"]
    over = clubs[clubs["id"].isin(named) & clubs["dissolved_latest"].le(page_day(data))]
    told = [f"{row.id} ended on {date_words(row.dissolved)}" for row in over.itertuples()]
    return f"{joined(told)}." if told else ""
