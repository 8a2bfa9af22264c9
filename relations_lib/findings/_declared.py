"""What findings of several chapters take from the data: the pair, its visits, the windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from relations_lib import visits
from relations_lib.findings._record import Value, View
from relations_lib.poisson import garwood
from relations_lib.tables import Data

MOST_TOLD = 12  # what a definition lists


def windows(data: Data) -> pd.DataFrame:
    """Return the windows by their ends, or raise a ValueError if there is none."""
    if data.windows.empty:
        raise ValueError("windows has no row: add a period that the page can speak for")
    return data.windows.sort_values("end_earliest", kind="stable")


def window(data: Data, choice: str = "window") -> pd.DataFrame:
    """Return the row of the main window, or of that which a further choice names."""
    name = data.about.need(choice)
    found = data.windows[data.windows["id"] == name]
    if found.empty:
        raise ValueError(f"windows has no row {name}, which is declared as {choice}")
    return found


def meetings_window(data: Data) -> pd.DataFrame:
    """Return the row of the window declared for meetings, or else of the main one."""
    declared = "meetings_window" in data.about.choices
    return window(data, "meetings_window" if declared else "window")


def called(table: pd.DataFrame, name: str) -> str:
    """Return the name of what has an id in a table, or else the id."""
    return dict(zip(table["id"], table["name"], strict=True)).get(name, name)


def between(data: Data, table: pd.DataFrame) -> pd.DataFrame:
    """Return the visits of one of the two states to the other."""
    pair = data.about.need("states")
    return table[table["visitor"].isin(pair) & table["host"].isin(pair)]


def directions(table: pd.DataFrame, home: str) -> Any:
    """Return the test of directions on some visits, those from ``home`` first."""
    away = table["visitor"] != home
    ordered = table.loc[away.sort_values(kind="stable").index]
    return next(visits.direction_tests(ordered).itertuples())


def visit_rate(table: pd.DataFrame, frame: pd.DataFrame) -> Value:
    """Return the rate of visits in a window, with its exact 95% interval."""
    (row,) = visits.visit_rate(table, frame).itertuples()
    return Value(row.rate, row.low, row.high, int(row.visits))


def per_year(count: int, years: float) -> Value:
    """Return a rate with its exact 95% interval."""
    low, high = garwood(count, years)
    return Value(count / years, low, high, count)


def counted(view: View, codes: pd.Series) -> Iterator[View]:
    """Yield every code of a column with its count, among all of them."""
    for code, count in codes.value_counts().items():
        yield view.but(code=code, count=count, n=len(codes))


def brief(words: Iterable[str], between: str = " ") -> str:
    """Return the first dozen of some words, and how many more there are."""
    every = list(words)
    told = between.join(every[:MOST_TOLD])
    more = len(every) - MOST_TOLD
    return f"{told} and {more} more" if more > 0 else told


def some_rows(table: pd.DataFrame, every: pd.DataFrame, name: str) -> str:
    """Return the rows of a table that something rests on, all of them as one star."""
    return f"{name}#*" if len(table) == len(every) else each_row(table, name)


def each_row(table: pd.DataFrame, name: str) -> str:
    """Return the rows of a table as a finding names what it rests on."""
    return " ".join(f"{name}#{row}" for row in table["id"])
