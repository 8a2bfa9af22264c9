"""Figures of visits: those on the page and elsewhere, and what so few say about a rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from relations_lib import poisson
from relations_lib.figures import _lanes
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._marks import diamond_line, note
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._story import (
    looked_up,
    one_person,
    page_day,
    sessions,
    silence,
    state_names,
    visits_told,
    window,
)
from relations_lib.figures._words import date_words
from relations_lib.tables import Data

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TITLE = "{Count} visit{s} on the page{more}: too few to know the rate"
ALT = (
    "{title}. Timeline, {first} to {last}, a lane a direction. On the page: {listed}. In its time "
    "but only elsewhere: {omitted}. Below, on a log axis: {rates}."
)
CAPTION = (
    "Visits go from one head of state to the other; summits are of several states. Nobody looked "
    "further than {until}. Below: 95% intervals, if visits come at a steady rate. {person}"
)
RATE = "one in {every:.1f} years ({low:.2f} to {high:.1f})"


def count_word(count: int) -> str:
    """Return a small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def more_words(count: int) -> str:
    """Return the words for so many further ones after others."""
    return f"{count_word(count)} more"


def visit_labels(told: pd.DataFrame, brief: bool, t: Callable[[str], str] = str) -> list[str]:
    """Return the labels of visits: a name where it changes, the year, and what is doubtful."""
    years = told["date"].str[:4].tolist()
    names = told["name"].tolist()
    labels = years if brief else _lanes.short_names(names, years)
    found = []
    for label, row in zip(labels, told.itertuples(), strict=True):
        omitted = row.told == "elsewhere" and row.in_scope == "yes"
        doubt = "?" if not row.sure else ""
        text = "{label}: not on the page" if omitted and row.sure else "{label}" + doubt
        found.append(t(text).format(label=label))
    return found


def lane_rows(
    times: Times,
    told: pd.DataFrame,
    name: str,
    role: str,
    ends: Sequence[str],
    t: Callable[[str], str] = str,
) -> list[Row]:
    """Return the rows of one direction: its name, its visits, and the summits under them."""
    own = told[told["role"].eq(role)]
    visits = own[own["kind"].eq("visit")]
    marks = visits.assign(
        filled=visits["told"].eq("page"),
        dashed=~visits["sure"].astype(bool),
        label=visit_labels(visits, times.look.narrow, t),
        bold=visits["told"].eq("elsewhere") & visits["in_scope"].eq("yes"),
    )
    rows = [_lanes.heading(times, name, role, ends), _lanes.dots(times, marks)]
    summits = own[own["kind"].ne("visit")]
    if len(summits):
        color = summits["kind"].map({"talks": role}).fillna("other")
        doubtful = ~summits["sure"].astype(bool)
        rows.append(_lanes.diamonds(times, summits.assign(role=color, dashed=doubtful)))
    return [*rows, Row(8, lambda ax, y: None)]


def directions(data: Data) -> dict[str, str]:
    """Return the names of the two directions by the visitor's role."""
    names = state_names(data)
    home, partner = names[data.about.home], names[data.about.partner]
    return {"home": f"From {home} to {partner}", "partner": f"From {partner} to {home}"}


def row_ends(edtf: str, t: Callable[[str], str] = str) -> list[str]:
    """Return what may stand at a row's end: until when anybody looked, in long and in short."""
    if not edtf:
        return []
    dates = date_words(edtf, t), date_words(edtf, t), edtf[:4]
    texts = t("looked up to {date}"), t("to {date}"), t("to {date}")
    return [text.format(date=date) for text, date in zip(texts, dates, strict=True)]


def time_range(data: Data, told: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first of January before all that is drawn, and that after it."""
    start, end = window(data)
    held = sessions(data)
    days = [start, end, page_day(data), *told["middle"], *held["earliest"], *held["latest"]]
    earliest, latest = min(days), max(days)
    return pd.Timestamp(earliest.year - 1, 7, 1), pd.Timestamp(latest.year + 1, 1, 1)


def rate_rows(data: Data, told: pd.DataFrame) -> pd.DataFrame:
    """Return the years between visits in the window: of the page's, and with those it leaves out.

    Returns
    -------
    DataFrame
        ``label``, ``count``, ``years`` (of the window), ``every`` (years a visit), ``low`` and
        ``high`` (exact 95% interval); infinite without a visit.
    """
    start, end = window(data)
    years = ((end - start).days + 1) / 365.25
    visits = told[told["kind"].eq("visit")]
    listed = int(visits["told"].eq("page").sum())
    omitted = visits["told"].eq("elsewhere") & visits["in_scope"].eq("yes")
    more = int((omitted & visits["sure"].astype(bool)).sum())
    counts = {f"{count_word(listed) if listed else 'none'} on the page": listed}
    if more:
        counts[f"with {more_words(more)}"] = listed + more
    rows = []
    for label, count in counts.items():
        slow, fast = poisson.garwood(count, years)
        row = {"label": label, "count": count, "years": years}
        row["every"] = years / count if count else float("inf")
        row["low"] = 1 / fast
        row["high"] = 1 / slow if slow else float("inf")
        rows.append(row)
    return pd.DataFrame(rows)


def _draw_rates(ax: Axes, look: Look, rates: pd.DataFrame) -> None:
    """Draw the years between visits on a thin logarithmic axis of their own."""
    ax.set_xscale("log")
    ax.set(xlim=(1, 40), ylim=(2 * len(rates) - 0.4, -0.9), yticks=[])
    ticks = [1, 2, 5, 10, 20, 40]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    words = "years from one visit to the next, at a steady rate"
    ax.set_xlabel(words)
    for place, row in enumerate(rates.itertuples()):
        y = 2 * place + 0.9
        bounds = min(row.every, 40), row.low, min(row.high, 40)
        diamond_line(ax, bounds, y, look, "ink")
        text = f"{row.label}: " + _rate_words(row)
        note(ax, text, (1, y - 0.9), color=look.color("ink"))


def _rate_words(row: Any) -> str:
    if not row.count:
        return f"at most one in {row.low:.1f} years"
    return RATE.format(**row._asdict())


def _draw(look: Look, data: Data, told: pd.DataFrame, rates: pd.DataFrame) -> Axes:
    first, last = time_range(data, told)
    times = Times(first, last, look)
    ends = row_ends(looked_up(data, "visits_elsewhere"))
    rows = []
    for role, name in directions(data).items():
        rows += lane_rows(times, told, name, role, ends)
    below = 96 if len(rates) > 1 else 66
    words = "the page says nothing", f"page dated {date_words(str(page_day(data).date()))}"
    ax = _lanes.draw_rows(times, rows, silence(data), words)
    return _with_rates(ax, look, rates, below)


def _with_rates(ax: Axes, look: Look, rates: pd.DataFrame, below: float) -> Axes:
    """Make room below a drawing and draw the rates there."""
    drawing = ax.figure.get_figure(root=True)
    width, height = drawing.get_size_inches() * 72
    extra = below + 52
    box = ax.get_position()
    whole = height + extra
    drawing.set_size_inches(width / 72, whole / 72)
    bottom = (box.y0 * height + extra) / whole
    ax.set_position((box.x0, bottom, box.width, box.height * height / whole))
    low = drawing.add_axes((box.x0, 44 / whole, box.width, below / whole))
    _draw_rates(low, look, rates)
    return ax


def visits(data: Data) -> Figure:
    """Return the figure of visits: on the page, elsewhere, and how little they say on a rate.

    Parameters
    ----------
    data
        A package with its two states declared; visits told elsewhere where there are any.
    """
    told = visits_told(data)
    rates = rate_rows(data, told)
    listed = told[told["told"].eq("page")]
    seen = told["kind"].eq("visit") & told["told"].eq("elsewhere") & told["sure"].astype(bool)
    omitted = told[seen & told["in_scope"].eq("yes")]
    count = len(listed)
    title = TITLE.format(
        Count=count_word(count).capitalize(),
        s="" if count == 1 else "s",
        more=f", {more_words(len(omitted))} elsewhere" if len(omitted) else "",
    )
    first, last = time_range(data, told)
    alt = ALT.format(
        title=title,
        first=first.year + 1,
        last=last.year,
        listed=", ".join(listed["date"].str[:4]) or "none",
        omitted=", ".join(omitted["date"].str[:4]) or "none",
        rates="; ".join(
            f"{row.every:.1f} ({row.low:.2f} to {row.high:.1f})" for row in rates.itertuples()
        ),
    )
    until = looked_up(data, "visits_elsewhere")
    caption = CAPTION.format(
        until=date_words(until) if until else "the sources read",
        person=one_person(data),
    )
    values = told.drop(columns=["middle", "source"])
    return Figure(
        lambda look: _draw(look, data, told, rates), title, alt, caption, _key(data, told), values
    )


def _key(data: Data, told: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the key, with only the marks that are drawn."""
    names = state_names(data)
    elsewhere = told["told"].eq("elsewhere")
    visit = told["kind"].eq("visit")
    sure = told["sure"].astype(bool)
    key = [
        ("dot home", f"visit from {names[data.about.home]}"),
        ("dot partner", f"visit from {names[data.about.partner]}"),
    ]
    further = {
        ("ring ink", "only elsewhere"): elsewhere & visit & sure,
        ("ring ink dashed", "announced or inferred"): elsewhere & visit & ~sure,
        ("lozenge other", "summit of several states"): told["kind"].eq("summit"),
        ("lozenge home+lozenge partner", "where the two also talked"): told["kind"].eq("talks"),
    }
    key += [entry for entry, drawn in further.items() if drawn.any()]
    if silence(data):
        key.append(("hatch", "the page says nothing"))
    return [*key, ("diamond ink", "estimate on its 95% interval")]
