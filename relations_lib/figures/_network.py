"""Figures of the organization network; each takes tables of ``relations_lib.network``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relations_lib.figures._old import COLORS, new_axes, styled
from relations_lib.network import counted_spells

# Per status its name, the line of a tie, the hatch and the height of a spell: never color alone.
LOOKS: dict[str, tuple[str, Any, str, float]] = {
    "full": ("full member", "-", "", 0.72),
    "associate": ("associate", (0, (6, 2)), "///", 0.72),
    "suspended": ("suspended", (0, (6, 2, 1, 2)), "xxx", 0.72),
    "founder_without_charter": ("founder without Charter", (0, (3, 1.5)), "\\\\\\", 0.72),
    "observer": ("observer", (0, (1, 1.5)), "", 0.34),
    "dialogue_partner": ("dialogue partner", (0, (1, 3)), "", 0.18),
}
PAIR = {"TJK": COLORS["blue"], "KAZ": COLORS["vermilion"]}
HALF = 0.35  # half the width of an organization's box


def _places(*columns: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Return where each node of the columns stands: evenly from top to bottom."""
    tall = max(map(len, columns))
    return {
        node: (x, -(row + 0.5) * tall / len(column))
        for x, column in enumerate(columns)
        for row, node in enumerate(column)
    }


def _note(ax: Axes, text: str, at: tuple, shift: tuple, **options: Any) -> None:
    """Write text at a point, shifted by points."""
    ax.annotate(text, at, shift, textcoords="offset points", **options)


def _box(ax: Axes, middle: tuple, half: tuple, **look: Any) -> None:
    """Draw a box around a point."""
    corner = middle[0] - half[0], middle[1] - half[1]
    ax.add_patch(plt.Rectangle(corner, 2 * half[0], 2 * half[1], **look))


def _named(status: str) -> str:
    """Return the name of a status, with the letter that stands on its lines."""
    name = LOOKS[status][0]
    return name if status == "full" else f"{name} ({name[0]})"


def _keys(ax: Axes, statuses: set[str]) -> None:
    """Name the line of each status below the drawing, if there is more than one."""
    if len(statuses) > 1:
        lines = [
            plt.Line2D([], [], color=COLORS["black"], ls=look[1], label=_named(status))
            for status, look in LOOKS.items()
            if status in statuses
        ]
        style = {"ncols": 2, "handlelength": 4, "fontsize": 10}
        ax.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, 0), **style)


@styled
def two_mode(
    graph: nx.Graph,
    left: Sequence[str],
    organizations: Sequence[str],
    right: Sequence[str],
    names: Mapping[str, str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw who belongs to what: states at both sides, organizations between, in fixed places.

    Parameters
    ----------
    graph
        A two-mode network (``network.membership_graph``); the ``status`` of a tie is told by the
        style of its line and, other than full, by its first letter.
    left, organizations, right
        The nodes of each column from top to bottom; one without a tie stays in its place, pale
        and hollow. Ties to other nodes are not drawn.
    names
        What to call the nodes; by default their ids.
    title
        What stands above, such as the day.
    """
    places, names = _places(left, organizations, right), names or {}
    tall = max(len(left), len(organizations), len(right))
    ax, statuses = ax or new_axes(5.2, 0.31 * max(tall, 7) + 0.8), set()
    for state, club in ((state, club) for club in organizations for state in places):
        if graph.has_edge(state, club):
            statuses.add(status := graph.edges[state, club].get("status", "full"))
            (x, y), width = places[state], 2.4 if state in PAIR else 1.2
            ends = [x, 1 + HALF * (x - 1)], [y, places[club][1]]
            color = PAIR.get(state, COLORS["gray" if status == "full" else "black"])
            ax.plot(*ends, lw=width, zorder=width, color=color, ls=LOOKS[status][1])
            if status != "full":  # its letter on a disk, near the state
                disk = {"boxstyle": "circle,pad=0.12", "lw": 0.8, "fc": "white", "ec": color}
                letter, (at, row) = LOOKS[status][0][0], np.dot(ends, (0.72, 0.28))
                style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9, "zorder": 4}
                ax.text(at, row, letter, bbox=disk, **style)
    for node, (x, y) in places.items():
        tied = node in graph and graph.degree(node)
        color = COLORS["black"] if tied else "#767676"
        if x == 1:
            _box(ax, (x, y), (HALF, 0.38), ec=color, fc="white", linestyle="-" if tied else ":")
        else:
            dot = PAIR.get(node, color)
            ax.plot(x, y, "o", ms=5, color=dot, mfc=dot if tied else "white", zorder=3)
        side, weight = ("right", "center", "left")[x], "bold" if node in PAIR else "normal"
        style = {"va": "center", "fontsize": 10, "color": color, "weight": weight}
        _note(ax, names.get(node, node), (x, y), ((x - 1) * 8, 0), ha=side, **style)
    _keys(ax, statuses)
    margin = 0.3 + 0.06 * max(len(names.get(node, node)) for node in (*left, *right))
    ax.set(xlim=(-margin, 2 + margin), ylim=(-tall, 0))
    ax.set_title(title, loc="center")
    ax.axis("off")
    return ax


def describe_two_mode(graph: nx.Graph, title: str) -> str:
    """Return alternative text for ``two_mode``."""
    clubs, ties = (
        {
            node: graph.degree(node)
            for node, found in sorted(graph.nodes(data="kind"))
            if found == kind
        }
        for kind in ("organization", "state")
    )
    most = " ".join(state for state, count in ties.items() if count == max(ties.values()))
    sizes = ", ".join(f"{club} {count}" for club, count in clubs.items())
    others: dict[tuple[str, str], list[str]] = {}
    for state in ties:
        for club, tie in graph[state].items():
            others.setdefault((tie.get("status", "full"), club), []).append(state)
    told = [
        f"{look[0]} in {club} {' '.join(others[status, club])}"
        for status, look in LOOKS.items()
        for club in clubs
        if status != "full" and (status, club) in others
    ]
    return (
        f"Two-mode network, {title}: {len(ties)} states and {graph.number_of_edges()} ties to "
        f"{len(clubs)} organization{'s'[: len(clubs) != 1]} ({sizes}). Most ties: {most}."
        + (f" Not full members: {'; '.join(told)}." if told else "")
    )


@styled
def two_mode_series(
    graphs: Mapping[str, nx.Graph],
    left: Sequence[str],
    organizations: Sequence[str],
    right: Sequence[str],
) -> Axes:
    """Draw networks of several days (title -> network) side by side, as ``two_mode`` does."""
    rows, tall = -(-len(graphs) // 2), max(len(left), len(right))
    _, axes = plt.subplots(rows, 2, figsize=(5.2, rows * (0.24 * tall + 0.5)), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for (title, graph), ax in zip(graphs.items(), axes.flat, strict=False):
        two_mode(graph, left, organizations, right, title=title, ax=ax)
    return axes.flat[0]


def describe_two_mode_series(graphs: Mapping[str, nx.Graph]) -> str:
    """Return alternative text for ``two_mode_series``."""
    return " ".join(["Small multiples.", *(describe_two_mode(g, day) for day, g in graphs.items())])


@styled
def membership_spells(
    memberships: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    names: Mapping[str, str] | None = None,
    years: tuple[int, int] = (1991, 2024),
    ax: Axes | None = None,
) -> Axes:
    """Draw every spell as a bar through time, one line per state and block of organizations.

    Parameters
    ----------
    memberships
        One row per spell. A full membership is filled, any other status hatched or thin and
        named; an imprecise start is a thin line as long as what it leaves open.
    blocks
        Title -> organizations, the last of which is meant: spells of the others (predecessors)
        are hollow and named.
    names
        What to call the states; by default their ids.
    years
        First and last year shown; an open spell runs to the end.
    """
    edge, names = pd.Timestamp(years[1] + 1, 1, 1), names or {}
    labels, rows = list[str](), dict[tuple[str, str], int]()
    spells = counted_spells(memberships, None)
    spells["begun"] = counted_spells(memberships, None, "earliest")["start"]
    spells["end"] = spells["end"].fillna(edge).clip(upper=edge)
    for title, clubs in blocks.items():
        labels.append(title)
        for state in spells.loc[spells["organization"].isin(clubs), "state"].unique():
            rows |= {(club, state): len(labels) for club in clubs}
            labels.append(names.get(state, state))
    ax = ax or new_axes(5.2, 0.21 * len(labels) + 0.5)
    shown = spells[spells["organization"].isin([club for club, _ in rows])]
    last = shown.groupby(["organization", "state"])["start"].transform("max")
    for spell in shown.assign(later=last > shown["start"]).itertuples():
        row, color = rows[spell.organization, spell.state], PAIR.get(spell.state, COLORS["gray"])
        label, _, hatch, height = LOOKS[spell.status]
        if spell.organization not in {clubs[-1] for clubs in blocks.values()}:
            label = spell.organization
        elif spell.status == "full":
            label = ""
        long, fill = max(spell.end - spell.start, pd.Timedelta(0)), "white" if label else color
        ax.barh(row, long, height, spell.start, fc=fill, hatch=hatch, ec=color, lw=0.8)
        ax.plot([spell.begun, spell.start], [row, row], color=color, lw=1)
        side, at = "center", spell.start + long / 2
        box = {"fc": "white", "ec": "none", "pad": 0.6} if hatch or height < 0.5 else {"alpha": 0}
        if long.days < 365 * (1.2 + 0.61 * len(label)):  # too long for its bar: before or after it
            before = spell.end == edge or spell.later
            side, at = ("right", spell.begun) if before else ("left", spell.end)
            label, box = f" {label} ", {"alpha": 0}
        if label.strip():
            ax.text(at, row, label, ha=side, va="center", fontsize=9, bbox=box)
    ax.set(xlim=(pd.Timestamp(years[0], 1, 1), edge), ylim=(len(labels) - 0.4, -0.7), xlabel="year")
    ax.set_yticks(range(len(labels)), labels, fontsize=9)
    plain = {row for (_, state), row in rows.items() if state not in PAIR}
    for row, tick in enumerate(ax.get_yticklabels()):
        tick.set_fontweight("normal" if row in plain else "bold")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    return ax


def describe_membership_spells(
    memberships: pd.DataFrame, blocks: Mapping[str, Sequence[str]]
) -> str:
    """Return alternative text for ``membership_spells``."""
    told, shown = [], 0
    for title, clubs in blocks.items():
        block = memberships[memberships["organization"].isin(clubs)]
        full = block[block["status"].eq("full")]["state"].nunique()
        told.append(f"{title}: {block['state'].nunique()} states, {full} of them ever full members")
        shown += len(block)
    return (
        f"Time chart of {shown} membership spells by year, one line per state, with their status. "
        f"{'; '.join(told)}."
    )


@styled
def shared_pairs(tables: Mapping[str, pd.DataFrame]) -> Axes:
    """Draw how many organizations each pair of states shares, one triangle per title.

    Parameters
    ----------
    tables
        Title -> zeros and ones, states (in the order to draw) by organizations.
    """
    _, axes = plt.subplots(1, len(tables), figsize=(5.2, 3.5), squeeze=False)
    most = max(table.shape[1] for table in tables.values())
    for (title, table), ax in zip(tables.items(), axes.flat, strict=True):
        shared, states = (table @ table.T).to_numpy(), list(table.index)
        for row, column in zip(*np.tril_indices(len(states), -1), strict=True):
            count, pair = shared[row, column], {states[row], states[column]} == set(PAIR)
            face = plt.get_cmap("Blues")(0.9 * count / most) if count else "white"
            edge, color = "black" if pair else "none", "white" if count > 0.7 * most else "black"
            _box(ax, (column, row), (0.46, 0.46), fc=face, ec=edge, lw=2)
            style = {"weight": "normal" if count else "bold", "color": color, "fontsize": 9}
            _note(ax, count, (column, row), (0, 0), ha="center", va="center", **style)
        ax.set(xlim=(-0.6, len(states) - 1.4), ylim=(len(states) - 0.4, 0.4), aspect="equal")
        ax.set_yticks(range(1, len(states)), states[1:], fontsize=9)
        ax.set_xticks(range(len(states) - 1), states[:-1], rotation=90, fontsize=9)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_title(title)
    return axes.flat[0]


def describe_shared_pairs(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return alternative text for ``shared_pairs``."""
    told = []
    for title, table in tables.items():
        counts = (table @ table.T).to_numpy()[np.tril_indices(len(table), -1)]
        none, most = int((counts == 0).sum()), int((counts == counts.max()).sum())
        top = f"{most} share {counts.max()}, the most"
        told.append(f"{title}, {none} of {len(counts)} pairs share none and {top}")
    return f"Heat maps of the organizations each pair of {len(table)} states shares: " + (
        "; ".join(told) + "."
    )


@styled
def shared_years(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many organizations a pair shares, year by year, under each rule.

    Parameters
    ----------
    counts
        One row per year, one column per rule. The first is drawn whole, another only where it
        differs from the first.
    """
    ax = ax or new_axes(5.2, 3.2)
    base, *others = counts.columns
    ax.plot(counts.index, counts[base], "o", color=COLORS["blue"], ms=6)
    end = counts.index[-1], counts[base].iloc[-1]
    _note(ax, base, end, (0, 9), ha="right", color=COLORS["blue"])
    for rule, marker, color in zip(others, "^sD", ("vermilion", "green", "purple"), strict=False):
        other = counts[rule][counts[rule] != counts[base]]
        ax.plot(other.index, other, marker, mfc="white", color=COLORS[color], ms=7, ls="none")
        if len(other):
            above = other.iloc[0] > counts.at[other.index[0], base]
            at, shift = (0, (-4, 8)) if above else (-1, (8, -4))
            _note(ax, rule, (other.index[at], other.iloc[at]), shift, color=COLORS[color])
    ax.set(ylim=(-0.3, counts.to_numpy().max() + 0.9), xlabel="year (31 December)")
    ax.set_ylabel("organizations shared")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    return ax


def describe_shared_years(counts: pd.DataFrame) -> str:
    """Return alternative text for ``shared_years``."""
    base, *others = counts.columns
    steps = counts[base][counts[base].diff().ne(0)]
    told = [", ".join(f"{count} from {year}" for year, count in steps.items())]
    told += [f"{rule} differs in {(counts[rule] != counts[base]).sum()} years" for rule in others]
    span = f"{counts.index[0]} to {counts.index[-1]}"
    return f"Dot chart: organizations shared each year, {span}, {base}: {'; '.join(told)}."


@styled
def null_chances(
    chances: Mapping[str, Sequence[float]], observed: int, ax: Axes | None = None
) -> Axes:
    """Draw the chance of sharing 0, 1, 2, ... organizations under one or two nulls.

    Parameters
    ----------
    chances
        Name of the null -> chance of sharing exactly k, for k from 0 on.
    observed
        The number shared, marked.
    """
    ax, width = ax or new_axes(5.2, 3.0), 0.8 / len(chances)
    for place, (name, chance) in enumerate(chances.items()):
        at = np.arange(len(chance)) + (place - (len(chances) - 1) / 2) * width
        face, hatch = (COLORS["sky"], "white")[place], ("", "///")[place]
        bars = ax.bar(at, chance, width, ec=COLORS["blue"], label=name, fc=face, hatch=hatch)
        ax.bar_label(bars, [f"{value:.2g}" if value else "" for value in chance], fontsize=9)
    ax.legend(loc="upper left")
    ticks = [f"{k}\n(observed)" if k == observed else str(k) for k in range(len(chance))]
    ax.set_xticks(range(len(chance)), ticks)
    ax.set(ylim=(0, 1.12), xlabel="organizations shared by the pair", ylabel="probability")
    return ax


def describe_null_chances(chances: Mapping[str, Sequence[float]], observed: int) -> str:
    """Return alternative text for ``null_chances``."""
    told = "; ".join(f"{name} {chance[observed]:.2g}" for name, chance in chances.items())
    most = len(next(iter(chances.values()))) - 1
    return (
        f"Bar chart: probability of sharing 0 to {most} organizations. "
        f"Of the observed {observed}: {told}."
    )


@styled
def null_spread(
    spread: Mapping[Any, int], observed: Any, name: str, ax: Axes | None = None
) -> Axes:
    """Draw how many tables of a null give each value of a statistic; as large as observed dark.

    Parameters
    ----------
    spread
        Value of the statistic -> number of tables (``null_same_margins(...).spread``).
    observed
        The observed value.
    name
        The statistic, with its unit.
    """
    ax, values, counts = ax or new_axes(5.2, 2.8), [float(v) for v in spread], list(spread.values())
    face = [COLORS["blue"] if value >= observed else COLORS["light"] for value in spread]
    bars = ax.bar(values, counts, (max(values) - min(values) or 1) / 40, color=face, ec="black")
    ax.bar_label(bars, fontsize=9)
    at = float(observed), spread.get(observed, 0) + 0.1 * max(counts)
    _note(ax, "observed", at, (0, 24), ha="center", arrowprops={"arrowstyle": "->"})
    ax.set(xlabel=name, ylabel=f"tables (of {sum(counts)})", ylim=(0, 1.4 * max(counts)))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def describe_null_spread(spread: Mapping[Any, int], observed: Any, name: str) -> str:
    """Return alternative text for ``null_spread``."""
    total, hits = sum(spread.values()), sum(n for value, n in spread.items() if value >= observed)
    low, high = float(min(spread)), float(max(spread))
    return (
        f"Bar chart: {total} tables by {name}, from {low:.1f} to {high:.1f}; {hits} are at least "
        f"as large as the observed {float(observed):.1f}."
    )
