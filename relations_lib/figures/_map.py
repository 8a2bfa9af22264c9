"""The map of visits: who went where, on plain land, with the outlines of the two states only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from relations_lib.figures._marks import canvas, empty, note, point, text_width
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import state_names, table, visits_told, window
from relations_lib.figures._words import date_words, joined, words
from relations_lib.network import on_day
from relations_lib.tables import Data

Translate = Callable[[str], str]
SHAPES = "map/outlines.geojson"  # beside datapackage.json
SIZES = {False: (382, 300), True: (358, 290)}
RADIUS = 6371.0  # of the Earth, kilometers
ALT = (
    "{who}. Map with the outlines of the two states alone; arrows show the state visited. {others} "
    "other states: in how many of the page's {all} organizations each was on {day}."
)
CAPTION = (
    "Arrows show the state visited, not the route, with the years of the visits. The outlines "
    "(Natural Earth) state no position on any border."
)


class Projection:
    """An equidistant conic projection around a center, in pixels of a drawing."""

    def __init__(self, center: Sequence[float], kilometers: float, size: tuple[int, int]) -> None:
        self.longitude, latitude = center
        low, high = np.radians([latitude - 12, latitude + 12])
        self.cone = (np.cos(low) - np.cos(high)) / (high - low)
        self.constant = np.cos(low) / self.cone + low
        self.middle = self.constant - np.radians(latitude)
        self.scale = size[0] / kilometers * RADIUS
        self.size = size

    def pixels(self, places: Any) -> np.ndarray:
        """Return places (longitude, latitude) as pixels from the left and from the top."""
        points = np.asarray(places, dtype=float).reshape(-1, 2)
        turn = self.cone * np.radians(points[:, 0] - self.longitude)
        radius = self.constant - np.radians(points[:, 1])
        right = self.scale * radius * np.sin(turn)
        up = self.scale * (self.middle - radius * np.cos(turn))
        width, height = self.size
        return np.column_stack([width / 2 + right, height / 2 - up])

    def inside(self, place: np.ndarray, margin: float = 0) -> bool:
        """Return whether a pixel lies in the drawing."""
        width, height = self.size
        across = margin <= place[0] <= width - margin
        return bool(across and margin <= place[1] <= height - margin)


def _shapes(data: Data) -> dict[str, Any] | None:
    """Return the shapes that lie beside a package, or None if there are none of its states."""
    path = data.path / SHAPES
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    drawn = [feature["properties"] for feature in found["features"]]
    states = {facts["state"] for facts in drawn if facts["kind"] == "state"}
    return found if states.issuperset(data.about.states) else None


def _rings(feature: Mapping[str, Any]) -> Iterator[list]:
    for polygon in feature["geometry"]["coordinates"]:
        yield from polygon


def _outline(feature: Mapping[str, Any], onto: Projection) -> Outline:
    """Return a shape as one path in pixels."""
    corners = []
    codes = []
    for ring in _rings(feature):
        corners.append(onto.pixels(ring))
        codes += [Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY]
    return Outline(np.concatenate(corners), codes)


def _shared_counts(data: Data) -> tuple[dict[str, int], int, pd.Timestamp]:
    """Return in how many of the organizations named each state was full member, of how many."""
    day = window(data)[1]
    named = set(table(data, "organizations_named").get("organization", []))
    members = on_day(data["memberships"], day)
    own = members[members["organization"].isin(named)]
    return own.groupby("state")["organization"].nunique().to_dict(), len(named), day


class Labels:
    """Labels beside points, each where it touches no other."""

    def __init__(self, ax: Axes, look: Look, onto: Projection) -> None:
        self.ax, self.look, self.onto = ax, look, onto
        self.taken: list[tuple[float, float, float, float]] = []

    def box(self, left: float, top: float, text: str, weight: str = "normal") -> tuple:
        """Return the room that a text takes: left, top, right and bottom."""
        lines = text.split("\n")
        wide = max(text_width(line, self.look.size, weight) for line in lines)
        return left, top, left + wide, top + len(lines) * self.look.size * 1.2

    def free(self, box: tuple) -> bool:
        """Return whether a box lies in the drawing and touches no other."""
        width, height = self.onto.size
        if box[0] < 2 or box[1] < 2 or box[2] > width - 2 or box[3] > height - 2:
            return False
        apart = (
            box[2] < old[0] or old[2] < box[0] or box[3] < old[1] or old[3] < box[1]
            for old in self.taken
        )
        return all(apart)

    def write(self, box: tuple, text: str, role: str, weight: str = "normal") -> None:
        """Write a text into a box and keep others out of it."""
        self.taken.append(box)
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        color = self.look.word(role)
        note(self.ax, text, middle, ha="center", color=color, weight=weight, zorder=6)

    def beside(self, at: np.ndarray, text: str, role: str) -> None:
        """Write a text beside a point, in one line or in two: the first place that is free."""
        texts = text, text.replace(" ", "\n", 1)
        places = [
            place for far in (0, 14) for lines in texts for place in self.places(at, lines, far)
        ]
        fitting = [place for place in places if self.free(place[0])]
        box, lines = (fitting or places)[0]
        self.write(box, lines, role)

    def places(self, at: np.ndarray, text: str, far: float) -> list[tuple[tuple, str]]:
        """Return boxes right and left of a point (only near it), above and below it."""
        _, _, wide, tall = self.box(0, 0, text)
        across = [] if far else [(7, -tall / 2), (-7 - wide, -tall / 2)]
        starts = [-wide / 2, -6, 6 - wide, -0.75 * wide, -0.25 * wide, 5, -wide - 10]
        over = [(start, -6 - far - tall) for start in starts]
        under = [(start, 6 + far) for start in starts]
        corners = at + np.array([*across, *over, *under])
        return [(self.box(*corner, text), text) for corner in corners]

    def keep_clear(self, at: np.ndarray, half: float = 4) -> None:
        """Keep labels off a mark."""
        self.taken.append((at[0] - half, at[1] - half, at[0] + half, at[1] + half))


def _arrows(data: Data) -> list[dict[str, Any]]:
    """Return the arrows from left to right: a direction and a source each, with their years.

    Visits later than what the page can speak of are left to the timeline.
    """
    told = visits_told(data)
    sure = told["kind"].eq("visit") & told["sure"].astype(bool)
    visits = told[sure & told["in_scope"].eq("yes")]
    visits = visits.assign(year=visits["date"].str[:4])
    order = [("partner", "page"), ("partner", "elsewhere"), ("home", "elsewhere"), ("home", "page")]
    found = []
    for role, source in order:
        own = visits[visits["role"].eq(role) & visits["told"].eq(source)]
        if len(own):
            years = list(dict.fromkeys(own["year"]))
            found.append({"role": role, "dashed": source == "elsewhere", "years": years})
    return found


def _draw_arrows(labels: Labels, arrows: Sequence[dict], ends: np.ndarray) -> None:
    """Draw the arrows side by side, each longer than the one before, their years beside them.

    Parameters
    ----------
    ends
        Where arrows begin in the home state and end in the other, in pixels.
    """
    look = labels.look
    near, far = ends
    along = (far - near) / np.linalg.norm(far - near)
    across = np.array([-along[1], along[0]])
    across = across if across[0] > 0 else -across
    for place, arrow in enumerate(arrows):
        last = place == len(arrows) - 1
        aside = across * (place - (len(arrows) - 1) / 2) * 11
        longer = 0 if last else place * look.size * 1.35
        low = near + aside
        high = far + aside + along * longer
        tail, head = (low, high) if arrow["role"] == "home" else (high, low)
        style = {
            "arrowstyle": "-|>,head_width=0.32,head_length=0.65",
            "mutation_scale": 14,
            "lw": 2.4,
            "color": look.color(arrow["role"]),
            "linestyle": (0, (3, 1.4)) if arrow["dashed"] else "-",
            "shrinkA": 0,
            "shrinkB": 0,
        }
        labels.ax.annotate("", head, tail, arrowprops=style, zorder=5)
        for share in np.linspace(0, 1, 12):
            labels.keep_clear(low + share * (high - low), 5)
        text = "\n".join(arrow["years"])
        _, _, wide, _ = labels.box(0, 0, text, "bold")
        left = high[0] + 7 if last else high[0] - 7 - wide
        top = high[1] - (12 if last else 4)
        labels.write(labels.box(left, top, text, "bold"), text, arrow["role"], "bold")


def _draw(look: Look, data: Data, shapes: Mapping[str, Any], t: Translate) -> Axes:
    size = SIZES[look.narrow]
    view = shapes["view"]
    onto = Projection(view["center"], view["kilometers"], size)
    ax = canvas(look, size[1], size[0], margins=(0, 0, 0, 0))
    ax.set(xlim=(0, size[0]), ylim=(size[1], 0))
    ax.axis("off")
    roles = {data.about.home: "home", data.about.partner: "partner"}
    rings = {}
    for feature in shapes["features"]:
        kind, state = feature["properties"]["kind"], feature["properties"].get("state")
        if kind == "land":
            plain = {"fc": look.color("tint"), "lw": 0, "zorder": 1}
            ax.add_patch(PathPatch(_outline(feature, onto), **plain))
        if kind == "state":
            role = look.color(roles[state])
            path = _outline(feature, onto)
            ax.add_patch(PathPatch(path, fc=role, alpha=0.28, lw=0, zorder=2))
            ax.add_patch(PathPatch(path, fc="none", ec=role, lw=1.6, zorder=3))
            rings[roles[state]] = onto.pixels(max(_rings(feature), key=len))
    labels = Labels(ax, look, onto)
    for feature in shapes["features"]:
        if feature["properties"]["kind"] == "capital":
            labels.keep_clear(onto.pixels(feature["geometry"]["coordinates"])[0])
    _draw_arrows(labels, _arrows(data), onto.pixels(view["arrows"]))
    _draw_names(labels, data, rings, t)
    _draw_places(labels, data, shapes, t)
    return ax


def _draw_names(labels: Labels, data: Data, rings: Mapping[str, np.ndarray], t: Translate) -> None:
    """Write the name of each state above its outline or below, off that of the other."""
    names = state_names(data)
    tops = {role: ring[:, 1].min() for role, ring in rings.items()}
    for role, ring in rings.items():
        name = t(names[getattr(data.about, role)])
        middle = (ring[:, 0].min() + ring[:, 0].max()) / 2
        _, _, wide, tall = labels.box(0, 0, name, "bold")
        above = tops[role] == min(tops.values())
        top = ring[:, 1].min() - tall - 2 if above else ring[:, 1].max() + 14
        box = labels.box(middle - wide / 2, top, name, "bold")
        labels.write(box, name, role, "bold")


def _draw_places(labels: Labels, data: Data, shapes: Mapping[str, Any], t: Translate) -> None:
    """Draw the capitals: of the two states as squares, of others as points with their count."""
    counts, total, _ = _shared_counts(data)
    names = state_names(data)
    own = dict(zip(data.about.states, ("home", "partner"), strict=True))
    for feature in shapes["features"]:
        facts = feature["properties"]
        if facts["kind"] != "capital":
            continue
        at = labels.onto.pixels(feature["geometry"]["coordinates"])[0]
        text = t("{state} {count} of {total}")
        state = facts["state"]
        name = t(facts.get("name", names[state]))
        count = text.format(state=name, count=counts.get(state, 0), total=total)
        if state in own:
            point(labels.ax, *at, labels.look, "ink", shape="s", size=7)
            labels.beside(at, _city(data, facts, t), "ink")
        elif labels.onto.inside(at, 4):
            point(labels.ax, *at, labels.look, "other", size=6)
            labels.beside(at, count, "other")
        else:
            _draw_beyond(labels, at, count)


def _city(data: Data, facts: Mapping[str, str], t: Translate) -> str:
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


def _draw_beyond(labels: Labels, at: np.ndarray, text: str) -> None:
    """Draw a small triangle at the edge that points to a place beyond it."""
    width, height = labels.onto.size
    edge = np.clip(at, [7, 12], [width - 7, height - 12])
    shape = ">" if at[0] > width else "<" if at[0] < 0 else "^" if at[1] < 0 else "v"
    point(labels.ax, *edge, labels.look, "other", shape=shape, size=8)
    labels.beside(edge, text, "other")


def visit_map(data: Data, language: str = "en") -> Figure:
    """Return the map of visits, with how many of the organizations named each state belonged to.

    Parameters
    ----------
    data
        A package with its states declared. Beside its ``datapackage.json`` may lie
        ``map/outlines.geojson``: features of ``kind`` land, state (with ``state``) and capital
        (with ``state`` and ``city``), and ``view`` (``center``, ``kilometers`` across, and
        between which two places the ``arrows`` run: in the home state and in the other).
    language
        One with a catalogue (see ``words``).
    """
    t = words(language)
    first, last = window(data)
    title = t("Who went where, {first} to {last}").format(first=first.year, last=last.year)
    shapes = _shapes(data)
    if shapes is None:
        text = t("No map: no outlines of the two states lie beside this package.")
        return Figure(lambda look: empty(look, text), title, text, text)
    names = {state: t(name) for state, name in state_names(data).items()}
    counts, total, day = _shared_counts(data)
    others = [
        feature["properties"]["state"]
        for feature in shapes["features"]
        if feature["properties"]["kind"] == "capital"
    ]
    others = [state for state in dict.fromkeys(others) if state not in data.about.states]
    values = pd.DataFrame({"state": [names[state] for state in others]})
    values["organizations"] = [counts.get(state, 0) for state in others]
    alt = t(ALT).format(
        who=_who(data, names, t),
        others=len(others),
        all=total,
        day=date_words(str(day.date()), t),
    )
    draw = partial(_draw, data=data, shapes=shapes, t=t)
    return Figure(draw, title, alt, t(CAPTION), _key(data, names, total, day, t), values)


def _who(data: Data, names: Mapping[str, str], t: Translate) -> str:
    """Return who went where, in one sentence."""
    home, partner = (names[state] for state in data.about.states)
    ways = {"home": (home, partner), "partner": (partner, home)}
    parts = []
    for arrow in _arrows(data):
        if not arrow["dashed"]:
            one, other = ways[arrow["role"]]
            text = t("from {one} to {other} in {years}")
            years = joined(arrow["years"])
            parts.append(text.format(one=one, other=other, years=years))
    said = "; ".join(parts) or t("no visit")
    return t("On the page: {said}").format(said=said)


def _key(
    data: Data, names: Mapping[str, str], total: int, day: pd.Timestamp, t: Translate
) -> list[tuple[str, str]]:
    home, partner = (names[state] for state in data.about.states)
    text = t("capital of another state, in how many of the {total} organizations on {day}")
    return [
        ("arrow home", t("visits from {state}").format(state=home)),
        ("arrow partner", t("visits from {state}").format(state=partner)),
        ("arrow other dashed", t("not on the page")),
        ("square ink", t("capital of the two")),
        ("dot other", text.format(total=total, day=date_words(str(day.date()), t))),
        ("triangle other", t("beyond the edge")),
    ]
