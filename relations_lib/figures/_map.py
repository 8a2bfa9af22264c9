"""The map of visits: who went where, on plain land, with the outlines of the two states only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from relations_lib.dates import day_bounds
from relations_lib.figures._marks import canvas, note, point
from relations_lib.figures._show import WIDTHS, Figure, Look
from relations_lib.figures._story import (
    full_spells,
    pair_names,
    roles,
    state_names,
    table,
    visits_told,
    window,
)
from relations_lib.figures._texts import Translate, figure, nothing
from relations_lib.figures._words import Words, date_words
from relations_lib.network import membership_matrix
from relations_lib.tables import Data

SHAPES = "map/outlines.geojson"  # beside datapackage.json
WIDE = 382  # pixels
OUTWARD = 1.4  # degrees of longitude from an arrow to that of what the page leaves out


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


def _fill(ax: Axes, polygons: list, **style: Any) -> None:
    """Fill a shape, with its holes left open."""
    rings = [Outline(ring, closed=True) for part in polygons for ring in part]
    ax.add_patch(PathPatch(Outline.make_compound_path(*rings), **style))


def _counts(data: Data) -> tuple[dict[str, int], int]:
    """Return in how many of the organizations named each state was full member, and of how many."""
    named = list(table(data, "organizations_named").get("organization", []))
    _, day = window(data)
    members = membership_matrix(full_spells(data), day.date(), organizations=named)
    return members.sum(axis=1).to_dict(), len(named)


def _years(data: Data) -> dict[tuple[str, bool], list[str]]:
    """Return the years of visits by the visitor's role and whether the page leaves them out."""
    told = visits_told(data)
    page = told["told"].eq("page")
    drawn = told[page | told["omitted"]]
    found = {}
    for (role, omitted), own in drawn.groupby(["role", "omitted"]):
        found[role, omitted] = list(dict.fromkeys(own["date"].str[:4]))
    return found


def _brief(years: list[str]) -> list[str]:
    """Return years, or the first and the last if there are more than three."""
    return years if len(years) < 4 else [f"{years[0]}–{years[-1]}"]


def _draw_arrows(ax: Axes, look: Look, data: Data, places: Mapping[str, Any]) -> None:
    """Draw the arrows, the years of their visits beside their northern ends.

    Dashed, beside the arrow of what the page tells and as much shorter as its years are high,
    stands the arrow of what the page leaves out.
    """
    years = {arrow: _brief(own) for arrow, own in _years(data).items()}
    pixel = np.ptp(ax.get_ylim()) / ax.bbox.height  # in degrees of latitude
    for (role, omitted), own in years.items():
        south, north = np.array(places[role], dtype=float)
        side, outward = ("right", -1) if role == "home" else ("left", 1)
        if omitted:
            higher = len(years.get((role, False), []))
            south[0] += outward * OUTWARD
            north[0] += outward * OUTWARD
            north[1] -= higher * 1.3 * look.size * pixel
        style = {
            "arrowstyle": "-|>,head_width=0.32,head_length=0.65",
            "mutation_scale": 14,
            "lw": 2.4,
            "color": look.color(role),
            "linestyle": (0, (3, 1.4)) if omitted else "-",
        }
        tail, head = (south, north) if role == "home" else (north, south)
        ax.annotate("", head, tail, arrowprops=style, zorder=5)
        text = {"color": look.word(role), "weight": "bold", "zorder": 6}
        shift = 8 * outward, 0
        note(ax, "\n".join(own), north, shift, ha=side, va="top", **text)


def _draw(look: Look, data: Data, shapes: Mapping[str, Any], t: Translate) -> Axes:
    west, east, south, north = shapes["extent"]
    width = WIDTHS["narrow"] if look.narrow else WIDE
    scale = width / (east - west)  # pixels a degree of longitude; of latitude there are more
    middle = np.radians((north + south) / 2)
    height = scale * (north - south) / np.cos(middle)
    ax = canvas(look, height, width, margins=(0, 0, 0, 0))
    ax.set(xlim=(west, east), ylim=(south, north))
    ax.axis("off")
    for _, polygons in _features(shapes, "land"):
        _fill(ax, polygons, fc=look.color("tint"), lw=0, zorder=1)
    names = state_names(data)
    for facts, polygons in _features(shapes, "state"):
        state = facts["state"]
        role = roles(data)[state]
        color = look.color(role)
        _fill(ax, polygons, fc=(color, 0.28), ec=color, lw=1.6, zorder=2)
        name = t(names[state])
        note(ax, name, facts["label"], ha="center", color=look.word(role), weight="bold")
    _draw_arrows(ax, look, data, shapes["arrows"])
    for facts, at in _features(shapes, "capital"):
        _draw_place(ax, look, at, "ink", "s", facts, t(facts["city"]))
    counts, total = _counts(data)
    for facts, at in _features(shapes, "other"):
        state = facts["state"]
        count = t("{count} of {total}").format(count=counts.get(state, 0), total=total)
        beyond = " →" if at[0] > east else ""
        text = f"{t(names[state])}\n{count}{beyond}"
        _draw_place(ax, look, at, "other", "o", facts, text)
    return ax


def _draw_place(
    ax: Axes, look: Look, at: Any, role: str, shape: str, facts: Mapping[str, Any], text: str
) -> None:
    """Draw a capital, with words beside it."""
    longitude, latitude = at
    point(ax, longitude, latitude, look, role, shape=shape, size=7)
    note(ax, text, facts["label"], ha=facts["side"], color=look.word(role), zorder=6)


def visit_map(data: Data, language: str = "en") -> Figure:
    """Return the map of visits, with how many of the organizations named each state belonged to.

    Parameters
    ----------
    data
        A package with its states declared. Beside its ``datapackage.json`` may lie
        ``map/outlines.geojson``: its ``extent`` (west, east, south, north), between which two
        places, south and north, the ``arrows`` of ``home`` and ``partner`` run, and features of
        ``kind`` land, state (``state``, ``label``: where its name stands), capital of these
        (``city``, ``label`` and its ``side`` that stands there) and other: the capital of another
        state (``state``, ``label``, ``side``). Of one beyond the eastern edge only the label is
        seen, with an arrow.
    language
        One with a catalogue (see ``Words``).
    """
    t = Words(language)
    shapes = _shapes(data)
    if shapes is None:
        return nothing("visit_map", t)
    counts, total = _counts(data)
    names = {role: t(name) for role, name in pair_names(data).items()}
    others = [facts["state"] for facts, _ in _features(shapes, "other")]
    values = pd.DataFrame(
        {
            "state": [t(state_names(data)[state]) for state in others],
            "organizations": [counts.get(state, 0) for state in others],
        }
    )
    first, last = window(data)
    told = visits_told(data)
    days = day_bounds(told.loc[told["told"].eq("page") | told["omitted"], "date"])
    facts = names | {
        "first": min([first, *days["earliest"]]).year,
        "last": max([last, *days["latest"]]).year,
        "said": _said(data, names, t),
        "others": len(others),
        "total": total,
        "day": date_words(str(last.date()), t),
    }
    draw = partial(_draw, data=data, shapes=shapes, t=t)
    return figure("visit_map", draw, values, facts, translate=t)


def _said(data: Data, names: Mapping[str, str], t: Translate) -> str:
    """Return who went where, as the page tells it."""
    parts = []
    text = t("from {one} to {other} in {years}")
    for (role, omitted), years in _years(data).items():
        other = names["partner" if role == "home" else "home"]
        if not omitted:
            parts.append(text.format(one=names[role], other=other, years=", ".join(years)))
    return "; ".join(parts) or t("no visit")
