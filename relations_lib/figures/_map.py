"""The map of visits: who went where, on plain land, with the outlines of the two states only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from relations_lib.figures._marks import canvas, note, point
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
ARROWS = (  # from left to right: whose, and where told
    ("partner", "page"),
    ("partner", "elsewhere"),
    ("home", "elsewhere"),
    ("home", "page"),
)


@dataclass(frozen=True)
class Projection:
    """An equidistant conic projection around a center, in pixels of a drawing."""

    center: tuple[float, float]
    kilometers: float
    size: tuple[int, int]

    def pixels(self, places: Any) -> np.ndarray:
        """Return places (longitude, latitude) as pixels from the left and from the top."""
        longitude, latitude = self.center
        low, high = np.radians([latitude - 12, latitude + 12])
        cone = (np.cos(low) - np.cos(high)) / (high - low)
        constant = np.cos(low) / cone + low
        points = np.asarray(places, dtype=float).reshape(-1, 2)
        turn = cone * np.radians(points[:, 0] - longitude)
        radius = constant - np.radians(points[:, 1])
        scale = self.size[0] / self.kilometers * RADIUS
        right = scale * radius * np.sin(turn)
        up = scale * (constant - np.radians(latitude) - radius * np.cos(turn))
        return np.column_stack([self.size[0] / 2 + right, self.size[1] / 2 - up])


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


def _outline(polygons: list, onto: Projection) -> Outline:
    """Return a shape as one path in pixels."""
    rings = [ring for polygon in polygons for ring in polygon]
    corners = [onto.pixels(ring) for ring in rings]
    codes = [
        code
        for ring in rings
        for code in (Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY)
    ]
    return Outline(np.concatenate(corners), codes)


def _counts(data: Data) -> tuple[dict[str, int], int]:
    """Return in how many of the organizations named each state was full member, and of how many."""
    named = set(table(data, "organizations_named").get("organization", []))
    members = on_day(data["memberships"], window(data)[1].date())
    own = members[members["organization"].isin(named)]
    return own.groupby("state")["organization"].nunique().to_dict(), len(named)


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
        Where arrows begin in the home state and end in the other, in pixels.
    """
    near, far = ends
    along = (far - near) / np.linalg.norm(far - near)
    across = np.array([-along[1], along[0]]) * np.sign(-along[1])
    arrows = _arrows(data)
    for place, (role, source, years) in enumerate(arrows):
        last = place == len(arrows) - 1
        aside = across * (place - (len(arrows) - 1) / 2) * 11
        longer = 0 if last else place * look.size * 1.35
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
        side, shift = ("left", (7, 10)) if last else ("right", (-7, 4))
        text = {"color": look.word(role), "weight": "bold", "zorder": 6}
        note(ax, "\n".join(years), high, shift, ha=side, va="top", **text)


def _draw(look: Look, data: Data, shapes: Mapping[str, Any], t: Translate) -> Axes:
    width, height = SIZES[look.narrow]
    view = shapes["view"]
    onto = Projection(view["center"], view["kilometers"], (width, height))
    ax = canvas(look, height, width, margins=(0, 0, 0, 0))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    for _, polygons in _features(shapes, "land"):
        land = _outline(polygons, onto)
        ax.add_patch(PathPatch(land, fc=look.color("tint"), lw=0, zorder=1))
    names = pair_names(data)
    for facts, polygons in _features(shapes, "state"):
        role = roles(data)[facts["state"]]
        color = look.color(role)
        path = _outline(polygons, onto)
        ax.add_patch(PathPatch(path, fc=color, alpha=0.28, lw=0, zorder=2))
        ax.add_patch(PathPatch(path, fc="none", ec=color, lw=1.6, zorder=3))
        at = tuple(onto.pixels(facts["label"])[0])
        note(ax, t(names[role]), at, ha="center", color=look.word(role), weight="bold")
    _draw_arrows(ax, look, data, onto.pixels(view["arrows"]))
    for facts, place in _features(shapes, "capital"):
        _draw_capital(ax, look, data, facts, (onto.pixels(place)[0], onto.size), t)
    return ax


def _draw_capital(
    ax: Axes, look: Look, data: Data, facts: Mapping[str, Any], place: tuple, t: Translate
) -> None:
    """Draw a capital: of the two states a square, of others a point, at the edge a triangle."""
    at, size = place
    edge = np.clip(at, 7, np.array(size) - 7)
    role, mark, pixels = "other", "o", 6
    text = _count_words(data, facts, t)
    if facts["state"] in roles(data):
        role, mark, pixels = "ink", "s", 7
        text = _city(data, facts, t)
    elif (edge != at).any():
        mark, pixels = ("<" if at[0] < 0 else ">"), 8
    point(ax, edge[0], edge[1], look, role, shape=mark, size=pixels)
    right, down, side = facts["label"]
    note(ax, text, tuple(edge), (right, -down), ha=side, color=look.word(role), zorder=6)


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
    marks = {source for _, source, _ in _arrows(data)}
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
