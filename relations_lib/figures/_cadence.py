"""Figures on the commission's meetings; each takes tables of ``relations_lib.cadence``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator

from relations_lib.figures._old import COLORS, new_axes, styled

WHOLE: dict[str, Any] = {"integer": True, "steps": [1, 2, 5, 10]}
CHOSEN = {
    "first_fixed": "first held fixed",
    "last_fixed": "last held fixed",
    "ties": "two a year allowed",
    "exact": "exact p",
}
GRAY = COLORS["gray"]


def _note(ax: Axes, text: str, at: tuple, shift: tuple = (0, 0), **options: Any) -> None:
    """Write small text at a point of the axes, shifted by points."""
    options = {"va": "center", "fontsize": 9, **options}
    ax.annotate(text, at, shift, textcoords="offset points", annotation_clip=False, **options)


def _listed(values: pd.Series) -> str:
    return ", ".join(f"{value:g}" for value in values)


@styled
def meeting_steps(
    band: pd.DataFrame, silent_until: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the meetings one above the other, each a year wide, over the range of a steady pace.

    Parameters
    ----------
    band
        As ``cadence.steady_band`` gives it.
    silent_until
        A later year up to which the page says nothing; that stretch is hatched.
    """
    ax = ax or new_axes(5.2, 3.9)
    met, edges = band[band["met"]], np.append(band["year"], band["year"].iloc[-1] + 1)
    ax.stairs(band["high"], edges, baseline=band["low"], fill=True, color=COLORS["light"])
    ax.stairs(band["so_far"], edges, baseline=None, color=COLORS["blue"], lw=1.2)
    ax.bar(met["year"], 0.34, 1, met["so_far"] - 0.17, align="edge", color=COLORS["blue"])
    for year, count in zip(met["year"], met["so_far"], strict=True):
        _note(ax, str(year), (year, count), (-3, 5), ha="right")
    legend = "gray: where 95 of 100 lists with\na steady pace would be, each year"
    _note(ax, legend, (edges[0], len(met) + 1), (4, 0), color=GRAY)
    if silent_until:
        ax.axvspan(edges[-1], silent_until + 1, fc="none", ec=GRAY, hatch="//", lw=0)
        middle = ((edges[-1] + silent_until + 1) / 2, len(met) / 3)
        _note(ax, "the page\nsays nothing", middle, ha="center", backgroundcolor="white")
    ax.set(xlabel="calendar year", ylabel="meetings listed so far")
    ax.set(xlim=(edges[0], (silent_until or edges[-2]) + 1), ylim=(-0.3, len(met) + 1.8))
    ax.xaxis.set_major_locator(MaxNLocator(**WHOLE))
    ax.yaxis.set_major_locator(MaxNLocator(**WHOLE))
    return ax


def describe_meeting_steps(band: pd.DataFrame, silent_until: int | None = None) -> str:
    """Return the alternative text of ``meeting_steps``."""
    met = band.loc[band["met"], "year"]
    outside = band.loc[~band["so_far"].between(band["low"], band["high"]), "year"]
    where = f"leaves it in {_listed(outside)} only" if len(outside) else "stays within it"
    silent = f" Hatched to {silent_until}: the page says nothing." if silent_until else ""
    return (
        f"Step chart. Horizontal: calendar years {band['year'].min()} to "
        f"{silent_until or band['year'].max()}. Vertical: meetings listed so far, 0 to {len(met)}. "
        f"Bars one year wide stand at {_listed(met)}. A gray band shows where 95 in 100 lists of "
        f"a steady pace would be, year by year: the count {where}.{silent}"
    )


@styled
def gap_ranges(gaps: pd.DataFrame, waited: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw each gap as the range that year-precise dates allow, with the whole-year difference.

    Parameters
    ----------
    gaps
        As ``cadence.meeting_gaps`` gives it.
    waited
        Whole years of the gap still open, drawn as an arrow without end.
    """
    ax, n, top = ax or new_axes(5.2, 3.0), len(gaps), gaps["high"].max() + 0.5
    ax.bar(range(n), gaps["high"] - gaps["low"], 0.55, gaps["low"], color=COLORS["sky"], alpha=0.45)
    ax.plot(range(n), gaps["years"], "o", color=COLORS["blue"], ms=7)
    first, last = gaps["start"].astype(int), gaps["end"].astype(int)
    names = [f"{a}\n–{b % 100:02}" for a, b in zip(first, last, strict=True)]
    if waited is not None:
        arrow = {"arrowstyle": "->", "color": COLORS["vermilion"], "lw": 2, "linestyle": "--"}
        ax.annotate("", (n, max(top, waited + 1)), (n, waited), arrowprops=arrow)
        ax.plot(n, waited, "o", mfc="white", color=COLORS["vermilion"], ms=7)
        names.append(f"{last.iloc[-1]}\nopen")
    ax.set(xlabel="gap between meeting years", ylabel="length, years")
    ax.set_ylim(0, max(top, (waited or 0) + 1) + 0.1)
    ax.set_xticks(range(len(names)), names)
    ax.yaxis.set_major_locator(MaxNLocator(**WHOLE))
    return ax


def describe_gap_ranges(gaps: pd.DataFrame, waited: float | None = None) -> str:
    """Return the alternative text of ``gap_ranges``."""
    off = gaps["high"].sub(gaps["years"]).max()
    still = "" if waited is None else f" An arrow: a gap still open, {waited:g} in whole years."
    return (
        f"Bar chart with dots, {len(gaps)} gaps in time order. Vertical: length, 0 to "
        f"{gaps['high'].max():g} years. Dots, the differences of the years: "
        f"{_listed(gaps['years'])}. Each bar shows the range that the dates allow; "
        f"greatest error either way, in years: {off:g}.{still}"
    )


@styled
def choice_curve(
    choices: pd.DataFrame, mistakes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the p-value of every choice, sorted, with what each choice assumes beside it.

    Parameters
    ----------
    choices
        As ``cadence.all_choices`` gives it; rows that could not be run are left out.
    mistakes
        Further rows, drawn hollow below: ``test``, ``first``, ``last``, ``p``.
    """
    good = choices.dropna(subset="p").sort_values("p", kind="stable")
    bad = good[:0] if mistakes is None else mistakes.sort_values("p", kind="stable")
    rows = pd.concat([good, bad], ignore_index=True)
    rows["at"] = [*range(len(good)), *range(len(good) + 1, len(rows) + 1)]
    ax = ax or new_axes(5.5, 1.3 + 0.235 * len(rows))
    side = ax.get_yaxis_transform()
    for place, name in enumerate(CHOSEN.values()):
        heading = {"rotation": 90, "ha": "center", "va": "bottom", "xycoords": side}
        _note(ax, name, (1, -1), (95 + 17 * place, 0), **heading)
    for row, item in enumerate(rows.itertuples()):
        fill, color = (COLORS["blue"],) * 2 if row < len(good) else ("white", COLORS["vermilion"])
        ax.plot(item.p, item.at, "o", mfc=fill, color=color, ms=6)
        shift, ha = ((-7, 0), "right") if item.p < 0.05 or item.p > 0.3 else ((7, 0), "left")
        _note(ax, f"{item.p:.3f}", (item.p, item.at), shift, ha=ha)
        _note(ax, f"{item.first}–{item.last}", (1, item.at), (15, 0), xycoords=side)
        for place, name in enumerate(CHOSEN if row < len(good) else ()):
            mark = "●" if getattr(item, name) else "·"
            _note(ax, mark, (1, item.at), (95 + 17 * place, 0), xycoords=side, ha="center")
    if len(bad):
        _note(ax, "mistakes:", (0, len(good)), (-8, 0), xycoords=side, ha="right", style="italic")
    ax.axvline(0.05, color=GRAY, ls="--", lw=1)
    ax.set(xscale="log", xlabel="two-sided p (logarithmic)", ylim=(rows["at"].max() + 0.7, -0.7))
    ax.set_xlim(min(0.0015, rows["p"].min() / 8), 1.3)
    ax.set_xticks([0.01, 0.05, 0.2, 1], ["0.01", "0.05", "0.2", "1"])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(rows["at"], rows["test"], fontsize=9)
    return ax


def describe_choice_curve(choices: pd.DataFrame, mistakes: pd.DataFrame | None = None) -> str:
    """Return the alternative text of ``choice_curve``."""
    p, wrong = choices["p"].dropna(), ""
    if mistakes is not None and len(mistakes):
        ends = f"from p = {mistakes['p'].min():.3f} to {mistakes['p'].max():.3f}"
        wrong = f" {len(mistakes)} mistakes are drawn hollow below, {ends}."
    return (
        f"Dot chart of {len(p)} trend tests sorted by p. Horizontal: two-sided p, logarithmic, "
        f"with a line at 0.05. The p-values run from {p.min():.3f} to {p.max():.3f}; "
        f"{(p <= 0.05).sum()} of {len(p)} are at most 0.05. Beside each dot: the years used, and "
        "whether first or last meeting is held fixed, two meetings a year are allowed, the p is "
        f"exact.{wrong}"
    )


@styled
def power_curve(curve: pd.DataFrame, wanted: float = 0.8, ax: Axes | None = None) -> Axes:
    """Draw how often the exact rank-sum test finds a growth of the yearly odds.

    Parameters
    ----------
    curve
        Columns ``growth`` (factor from first to last year) and ``power``, by growth.
    wanted
        Power at which a dashed line stands.
    """
    ax, growth = ax or new_axes(5.2, 3.5), curve["growth"]
    ax.plot(growth, curve["power"], "o-", color=COLORS["blue"], ms=5)
    for point in zip(growth, curve["power"], strict=True):
        _note(ax, f"{point[1]:.0%}", point, (-6, 8), ha="right")
    ax.axhline(wanted, color=GRAY, ls="--", lw=1)
    _note(ax, f"{wanted:.0%}, a common target", (growth.min(), wanted), (0, 8), color=GRAY)
    ax.set(xscale="log", xlim=(growth.min() / 1.6, growth.max() * 1.3), ylim=(0, 1.05))
    ax.set_xlabel("true growth of the yearly odds over the window, times")
    ax.set_ylabel("chance that the test finds it (power)")
    ax.set_xticks(growth, [f"{factor:g}" for factor in growth])
    ax.xaxis.set_minor_locator(NullLocator())
    return ax


def describe_power_curve(curve: pd.DataFrame, wanted: float = 0.8) -> str:
    """Return the alternative text of ``power_curve``."""
    points = zip(curve["growth"], curve["power"], strict=True)
    pairs = ", ".join(f"{growth:g}-fold {power:.0%}" for growth, power in points)
    return (
        "Rising curve. Horizontal: true growth of the yearly odds from first to last year, "
        f"logarithmic, {curve['growth'].min():g} to {curve['growth'].max():g} times. Vertical: "
        f"chance that the test finds it, 0 to 1: {pairs}. A dashed line at {wanted:.0%}."
    )


@styled
def survival_steps(
    right: pd.DataFrame, wrong: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how long gaps last, with the open gap counted and, dashed, with it dropped.

    Parameters
    ----------
    right, wrong
        As ``cadence.survival`` gives them.
    """
    ax, end = ax or new_axes(5.2, 3.0), right["years"].max() + 0.6
    lines = [(right, "blue", "-", "open gap counted", 8), (wrong, "vermilion", "--", "dropped", -8)]
    for table, color, line, name, up in lines:
        if table is not None:
            shares = [*table["survival"], table["survival"].iloc[-1]]
            style: dict[str, Any] = {"color": COLORS[color], "ls": line, "where": "post"}
            ax.step([*table["years"], end], shares, **style)
            _note(ax, name, (table["years"][1], shares[1]), (5, up), color=COLORS[color])
    ax.axhline(0.5, color=GRAY, lw=1, ls=":")
    _note(ax, "one half", (end, 0.5), (-3, 7), ha="right", color=GRAY)
    ax.set(xlabel="length of a gap, whole years", ylabel="share of gaps lasting longer")
    ax.set(xlim=(0, end), ylim=(-0.03, 1.05))
    ax.xaxis.set_major_locator(MaxNLocator(**WHOLE))
    return ax


def describe_survival_steps(right: pd.DataFrame, wrong: pd.DataFrame | None = None) -> str:
    """Return the alternative text of ``survival_steps``."""
    texts = []
    for table in (right, wrong if wrong is not None else right):
        points = zip(table["years"], table["survival"], strict=True)
        texts.append(", ".join(f"{share:.2f} after {years:g}" for years, share in points))
    other = "" if wrong is None else f" Dashed, with the open gap dropped: {texts[1]}."
    return (
        f"Step chart, falling. Horizontal: length of a gap, 0 to {right['years'].max():g} years. "
        f"Vertical: share of gaps lasting longer, 0 to 1. With the open gap counted: {texts[0]}."
        f"{other} A dotted line at one half."
    )
