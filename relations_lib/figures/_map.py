"""The map of visits: who went where, on plain land, with the outlines of the two states only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from relations_lib.figures._marks import canvas, note, point, wrapped
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    pair_names,
    roles,
    state_names,
    table,
    visits_told,
    window,
)
from relations_lib.figures._texts import Translate, figure, nothing
from relations_lib.figures._words import date_words, words
from relations_lib.network import on_day
from relations_lib.tables import Data

SHAPES = "map/outlines.geojson"  # beside datapackage.json
SIZES = {False: (382, 300), True: (358, 290)}
RADIUS = 6371.0  # of the Earth, kilometers
STANDARD = np.radians(12)
ARROWS = (  # from left to right: whose, and where told
    ("partner", "page"),
    ("partner", "elsewhere"),
    ("home", "elsewhere"),
    ("home", "page"),
)


def project(places: Any, center: Sequence[float]) -> np.ndarray:
    """Return places (longitude, latitude) as kilometers east and north of a center.

    The projection is the equidistant conic with standard parallels 12 degrees from the center:
    see J. P. Snyder, Map Projections: A Working Manual, 1987, pages 111 to 115.
    """
    longitude, latitude = np.radians(np.asarray(places, dtype=float).reshape(-1, 2)).T
    middle, parallel = np.radians(center)
    low, high = parallel - STANDARD, parallel + STANDARD
    cone = (np.cos(low) - np.cos(high)) / (high - low)
    constant = np.cos(low) / cone + low
    radius = constant - latitude
    turn = cone * (longitude - middle)
    east = radius * np.sin(turn)
    north = constant - parallel - radius * np.cos(turn)
    return RADIUS * np.column_stack([east, north])


def _shapes(data: Data) -> dict[str, Any] | None:
    """Return the shapes that lie beside a package, or None if there are none of its states."""
    path = data.path / SHAPES
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    drawn = {facts["state"] for facts, _ in _features(found, "state")}
    return found if drawn.issuperset(roles(data)) else None


def _features(shapes: Mapping[str, Any], kind: str) -> Iterator[tuple[dict, Any]]:
    """Yield properties and coordinates of the features of a kind."""
    for feature in shapes["features"]:
        if feature["properties"]["kind"] == kind:
            yield feature["properties"], feature["geometry"]["coordinates"]


def _outline(polygons: list, center: Sequence[float]) -> Outline:
    """Return a shape as one path in kilometers."""
    rings = [Outline(project(ring, center), closed=True) for part in polygons for ring in part]
    return Outline.make_compound_path(*rings)


def _counts(data: Data) -> tuple[dict[str, int], int]:
    """Return in how many of the organizations named each state was full member, and of how many."""
    named = set(table(data, "organizations_named").get("organization", []))
    _, day = window(data)
    members = on_day(data["memberships"], day.date())
    own = members[members["organization"].isin(named)]
    counts = own.groupby("state")["organization"].nunique()
    return counts.to_dict(), len(named)


def _arrows(data: Data) -> list[tuple[str, str, list[str]]]:
    """Return whose arrow, where told, and the years of its visits; later ones are left out."""
    told = visits_told(data)
    visits = told[told["told"].eq("page") | told["omitted"]]
    found = []
    for role, source in ARROWS:
        own = visits[visits["role"].eq(role) & visits["told"].eq(source)]
        if len(own):
            found.append((role, source, list(dict.fromkeys(own["date"].str[:4]))))
    return found


def _draw_arrows(ax: Axes, look: Look, data: Data, ends: np.ndarray) -> None:
    """Draw the arrows side by side, each longer than the one before, their years beside them.

    Parameters
    ----------
    ends
        Where arrows begin in the home state and end in the other, in kilometers.
    """
    near, far = ends
    along = (far - near) / np.linalg.norm(far - near)
    across = np.array([along[1], -along[0]]) * np.sign(along[1])
    pixel = np.ptp(ax.get_xlim()) / ax.bbox.width
    arrows = _arrows(data)
    last = len(arrows) - 1
    for place, (role, source, years) in enumerate(arrows):
        aside = across * (place - last / 2) * 11 * pixel
        longer = 0 if place == last else place * look.size * 1.35 * pixel
        low, high = near + aside, far + aside + along * longer
        tail, head = (low, high) if role == "home" else (high, low)
        style = {
            "arrowstyle": "-|>,head_width=0.32,head_length=0.65",
            "mutation_scale": 14,
            "lw": 2.4,
            "color": look.color(role),
            "linestyle": "-" if source == "page" else (0, (3, 1.4)),
            "shrinkA": 0,
            "shrinkB": 0,
        }
        ax.annotate("", head, tail, arrowprops=style, zorder=5)
        side, shift = ("left", (7, 10)) if place == last else ("right", (-7, 4))
        text = {"color": look.word(role), "weight": "bold", "zorder": 6}
        if len(years) > 4:
            years = [f"{years[0]}–{years[-1]}"]
        note(ax, "\n".join(years), high, shift, ha=side, va="top", **text)


def _draw(look: Look, data: Data, shapes: Mapping[str, Any], t: Translate) -> Axes:
    width, height = SIZES[look.narrow]
    ax = canvas(look, height, width, margins=(0, 0, 0, 0))
    view = shapes["view"]
    center = view["center"]
    half = view["kilometers"] / 2
    tall = half * height / width
    ax.set(xlim=(-half, half), ylim=(-tall, tall))
    ax.axis("off")
    for _, polygons in _features(shapes, "land"):
        land = _outline(polygons, center)
        ax.add_patch(PathPatch(land, fc=look.color("tint"), lw=0, zorder=1))
    names = pair_names(data)
    for facts, polygons in _features(shapes, "state"):
        role = roles(data)[facts["state"]]
        color = look.color(role)
        path = _outline(polygons, center)
        ax.add_patch(PathPatch(path, fc=color, alpha=0.28, lw=0, zorder=2))
        ax.add_patch(PathPatch(path, fc="none", ec=color, lw=1.6, zorder=3))
        (at,) = project(facts["label"], center)
        name = wrapped(t(names[role]), width / 3, look.size, "bold")
        note(ax, name, at, ha="center", color=look.word(role), weight="bold")
    _draw_arrows(ax, look, data, project(view["arrows"], center))
    for facts, place in _features(shapes, "capital"):
        (at,) = project(place, center)
        _draw_capital(ax, look, data, facts, at, t)
    return ax


def _draw_capital(
    ax: Axes, look: Look, data: Data, facts: Mapping[str, Any], at: np.ndarray, t: Translate
) -> None:
    """Draw a capital: of the two states a square, of others a point, at the edge a triangle."""
    limits = np.array([ax.get_xlim(), ax.get_ylim()])
    edge = 7 * np.ptp(limits[0]) / ax.bbox.width
    seen = np.clip(at, limits[:, 0] + edge, limits[:, 1] - edge)
    if facts["state"] in roles(data):
        role, mark, pixels = "ink", "s", 7
        text = _city(data, facts, t)
    else:
        role, mark, pixels = "other", "o", 6
        text = _count_words(data, facts, t)
        if (seen != at).any():
            mark, pixels = ("<" if at[0] < 0 else ">"), 8
    point(ax, seen[0], seen[1], look, role, shape=mark, size=pixels)
    right, down, side = facts["label"]
    note(ax, text, seen, (right, -down), ha=side, color=look.word(role), zorder=6)


def _count_words(data: Data, facts: Mapping[str, Any], t: Translate) -> str:
    """Return a state's name and in how many of the organizations it was."""
    counts, total = _counts(data)
    state = facts["state"]
    between = " " if facts["lines"] == 1 else "\n"
    count = t("{count} of {total}").format(count=counts.get(state, 0), total=total)
    return t(facts.get("name", state_names(data)[state])) + between + count


def _city(data: Data, facts: Mapping[str, Any], t: Translate) -> str:
    """Return the name of a capital, and until when it was one if it is no more."""
    city = t(facts["city"])
    spells = table(data, "capitals")
    if spells.empty:
        return city
    own = spells[spells["state"].eq(facts["state"]) & spells["city"].eq(facts["city"])]
    ends = own["end"].tolist()
    if not ends or pd.isna(ends[-1]):
        return city
    return t("{city}\n(to {year})").format(city=city, year=ends[-1][:4])


def visit_map(data: Data, language: str = "en") -> Figure:
    """Return the map of visits, with how many of the organizations named each state belonged to.

    Parameters
    ----------
    data
        A package with its states declared. Beside its ``datapackage.json`` may lie
        ``map/outlines.geojson``: ``view`` (``center``, ``kilometers`` across, and between which
        two places the ``arrows`` run: in the home state and in the other) and features of
        ``kind`` land, state (``state``, ``label``: where its name stands) and capital
        (``state``, ``city``, ``name``, ``lines``, ``label``: pixels right and down, and side).
    language
        One with a catalogue (see ``words``).
    """
    t = words(language)
    shapes = _shapes(data)
    if shapes is None:
        return nothing("visit_map", t)
    counts, total = _counts(data)
    names = {role: t(name) for role, name in pair_names(data).items()}
    states = dict.fromkeys(facts["state"] for facts, _ in _features(shapes, "capital"))
    others = [state for state in states if state not in roles(data)]
    values = pd.DataFrame({"state": [t(state_names(data)[state]) for state in others]})
    values["organizations"] = [counts.get(state, 0) for state in others]
    first, last = window(data)
    facts = names | {
        "first": first.year,
        "last": last.year,
        "said": _said(data, names, t),
        "others": len(others),
        "total": total,
        "day": date_words(str(last.date()), t),
    }
    marks = {source: True for _, source, _ in _arrows(data)}
    draw = partial(_draw, data=data, shapes=shapes, t=t)
    return figure("visit_map", draw, values, facts, drawn=marks, translate=t)


def _said(data: Data, names: Mapping[str, str], t: Translate) -> str:
    """Return who went where, as the page tells it."""
    parts = []
    for role, source, years in _arrows(data):
        one, other = ("home", "partner") if role == "home" else ("partner", "home")
        text = t("from {one} to {other} in {years}")
        if source == "page":
            parts.append(text.format(one=names[one], other=names[other], years=", ".join(years)))
    return "; ".join(parts) or t("no visit")
