"""What figures of the story draw, made from a package's tables: visits, sessions, silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from relations_lib import checks
from relations_lib.dates import bounds, day_bounds
from relations_lib.figures._marks import DAY, middles
from relations_lib.tables import Data

SHORT_NAMES = {
    "Russian Federation": "Russia",
    "United States of America": "United States",
    "United Kingdom of Great Britain and Northern Ireland": "United Kingdom",
}
KINDS = {  # what an occasion is to a reader; all others are visits
    "multilateral": "summit",
    "ceremonial": "summit",
    "multilateral_with_talks": "talks",
    "informal_summit_with_talks": "talks",
}
RANKS = {"visit": 0, "talks": 1, "summit": 2}  # of a trip's occasions the first stands for it


def state_names(data: Data) -> dict[str, str]:
    """Return the name of every state by its id, short where the short one is clear."""
    states = data["states"]
    short = states["name"].str.replace(r"[,(].*", "", regex=True).str.strip()
    short = short.replace(SHORT_NAMES)
    clear = short.where(~short.duplicated(keep=False), states["name"])
    return dict(zip(states["id"], clear, strict=True))


def roles(data: Data) -> dict[str, str]:
    """Return the role of each of the two states, by its id: home and partner."""
    return {data.about.home: "home", data.about.partner: "partner"}


def pair_names(data: Data) -> dict[str, str]:
    """Return the names of the two states by their role."""
    names = state_names(data)
    return {role: names[state] for state, role in roles(data).items()}


def table(data: Data, name: str) -> pd.DataFrame:
    """Return a table of a package, without rows or columns if it has none of this name."""
    return data[name] if name in data else pd.DataFrame()


def full_spells(data: Data) -> pd.DataFrame:
    """Return the spells of full membership."""
    spells = data["memberships"]
    return spells[spells["status"] == "full"]


def visits_told(data: Data) -> pd.DataFrame:
    """Return every trip of one head of state to the other state, by where it is told.

    Returns
    -------
    DataFrame
        One row per trip, by date: ``role`` of the visitor (``home`` or ``partner``), ``date``,
        ``middle``, ``told`` (``page`` or ``elsewhere``), ``kind`` (``visit``, ``summit`` or
        ``talks``: a summit beside which the two talked), ``sure`` (neither only announced nor
        inferred), ``omitted`` (a sure visit in the page's scope that it leaves out) and
        ``name`` (last word of the visitor's; one for a person of several) and ``occasion``.
    """
    listed = data["visits"].assign(told="page", sure=True, in_scope="yes")
    trips = "page " + listed["id"].astype(str)  # unlike any trip told elsewhere
    listed = listed.assign(trip=trips, kind="visit", occasion=listed["outcome"])
    parts = [listed]
    elsewhere = table(data, "visits_elsewhere")
    if len(elsewhere):
        other = checks.not_listed(elsewhere, data["visits"])
        seen = other["evidence"].eq("attended") & other["place_certainty"].eq("stated")
        kind = other["kind"].map(KINDS).fillna("visit")
        parts.append(other.assign(told="elsewhere", sure=seen, kind=kind))
    told = pd.concat(parts, ignore_index=True)
    told["rank"] = told["kind"].map(RANKS)
    told = told.sort_values(["rank", "date"], kind="stable").drop_duplicates("trip")
    told["role"] = told["visitor"].map(roles(data))
    told["middle"] = middles(told["date"])
    names = _newest_names(data) | {"not_stated": ""}
    told["name"] = _last_word(told["person"]).replace(names).fillna("")
    told["sure"] = told["sure"].astype(bool)
    omitted = told["told"].eq("elsewhere") & told["kind"].eq("visit")
    told["omitted"] = omitted & told["sure"] & told["in_scope"].eq("yes")
    return told.sort_values("middle", ignore_index=True)


def _last_word(names: pd.Series) -> pd.Series:
    return names.str.split().str[-1]


def _newest_names(data: Data) -> dict[str, str]:
    """Return under which name each head of state goes here, by the name of some time."""
    offices = table(data, "offices").reindex(columns=["name_used", "person"])
    return dict(zip(offices["name_used"], _last_word(offices["person"]), strict=True))


def body_meetings(data: Data) -> pd.DataFrame:
    """Return the listed meetings of the declared body, with their first and last day."""
    meetings = data["meetings"]
    own = meetings[meetings["institution"].eq(data.about.body)]
    return checks.day_spans(own).sort_values("earliest")


def body_name(data: Data) -> str:
    """Return what to call the declared body in a figure, by its kind: Commission."""
    bodies = data["institutions"].set_index("id")
    return str(bodies["kind"].get(data.about.body, "body")).replace("_", " ").capitalize()


def sessions(data: Data) -> pd.DataFrame:
    """Return sessions told elsewhere, by date: ``number`` (or missing), days, ``certain``."""
    told = table(data, "sessions_elsewhere").reindex(columns=["number", "date", "held"])
    dated = checks.day_spans(told).sort_values("earliest")
    return dated.assign(certain=dated["held"] != "planned")


def unknown_numbers(numbered: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    """Return the numbers between those known, with the days between which they must lie.

    Parameters
    ----------
    numbered
        As ``sessions`` gives it; a planned one has a mark of its own and is not unknown.
    start
        Before which there was none.

    Returns
    -------
    DataFrame
        ``first`` and ``last`` number, ``start`` and ``end``, ``label`` (``11–16``, or ``18``
        alone) and ``kind`` of block (see ``block``): open before the first number known.
    """
    known = numbered.dropna(subset="number").sort_values("number")
    number = known["number"].astype(int)
    gaps = pd.DataFrame(
        {
            "first": number.shift(fill_value=0) + 1,
            "last": number - 1,
            "start": known["earliest"].shift(fill_value=start),
            "end": known["latest"],
        }
    )
    first, last = gaps["first"].astype(str), gaps["last"].astype(str)
    gaps["label"] = first.where(first == last, first + "–" + last)
    gaps["kind"] = gaps["first"].map({1: "open ghost"}).fillna("ghost")
    return gaps[gaps["first"] <= gaps["last"]]


def page_day(data: Data) -> pd.Timestamp:
    """Return the day of the page, or raise a ValueError if the package has none."""
    if data["page"].empty:
        raise ValueError("the table page has no row: write one, with the day printed on the page")
    return pd.Timestamp(bounds(data["page"]["date"].iloc[0])[1])


def untied_agreements(data: Data) -> pd.DataFrame:
    """Return the agreements on the page that have a date and belong to none of its visits."""
    signed = table(data, "agreements").reindex(columns=["date", "title", "visit"])
    return signed[signed["date"].notna() & ~signed["visit"].isin(data["visits"]["id"])]


def page_days(data: Data) -> pd.DataFrame:
    """Return the first and the last day of every dated event on the page."""
    events = ("visits", "meetings", "milestones", "agreements")
    dated = [data[name]["date"] for name in events if name in data]
    return day_bounds(pd.concat(dated, ignore_index=True))


def window(data: Data) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return first and last day of the declared window, or the page's first date and its day."""
    windows = data["windows"].set_index("id")
    if data.about.window in windows.index:
        row = windows.loc[data.about.window]
        return pd.Timestamp(row["start"]), pd.Timestamp(row["end"])
    last = page_day(data)
    return min([last - 365 * DAY, *page_days(data)["earliest"]]), last


def years_of_row(row: Any) -> str:
    """Return the year of a day, or the years of both ends of the time in which it lies."""
    years = dict.fromkeys([row.earliest.year, row.latest.year])
    return "–".join(map(str, years))


def told_until(data: Data) -> pd.Timestamp:
    """Return the day until which the page tells: the end of its window, or its last event's."""
    told = page_days(data)["latest"].dropna()
    return max([window(data)[1], *told])


def silence(data: Data) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Return from when to when the page says nothing: after its window and its last event."""
    start = told_until(data) + DAY
    end = page_day(data)
    return (start, end) if start < end else None


def stacked(starts: Iterable[float], ends: Iterable[float]) -> list[int]:
    """Return the lowest level on which each span, from left to right, meets no earlier one.

    Examples
    --------
    >>> stacked([0, 4, 6, 7], [5, 9, 8, 9])
    [0, 1, 0, 2]
    """
    taken: list[float] = []  # until where on each level
    levels = []
    for start, end in zip(starts, ends, strict=True):
        free = [level for level, until in enumerate(taken) if until <= start]
        level = free[0] if free else len(taken)
        levels.append(level)
        if not free:
            taken.append(end)
        taken[level] = end
    return levels
