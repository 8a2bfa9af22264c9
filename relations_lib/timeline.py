"""Everything dated, from the page and from elsewhere, in one list.

The unit of observation is a dated thing that a source tells: a visit, a meeting, a session, a
document, a step in the relations. What several sources tell of one trip is one entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from relations_lib.dates import day_bounds
from relations_lib.sources import citations
from relations_lib.tables import Data

PAGE = "the page"
SURE = {
    "attended": "",
    "held": "",
    "announced": "announced; whether it was held was not read",
    "departed": "departure read, arrival not",
    "planned": "planned; whether it was held was not read",
    "attended_year_inferred": "the year is inferred",
}


class Entry(NamedTuple):
    """One dated thing: when (EDTF), what in words, who tells it, what is doubtful, its row."""

    date: str
    what: str
    told_by: Any
    doubt: str
    row: str


def _rows(data: Data, name: str) -> Iterator[Any]:
    """Yield the dated rows of a table that the package has, with who tells it; each trip once."""
    if name not in data:
        return
    table = data[name].dropna(subset="date")
    if "source" in table:
        table = table.assign(told_by=citations(table, data.sources))
    if "trip" in table:
        table = table.drop_duplicates("trip")
    yield from table.itertuples()


def _page_entries(data: Data) -> Iterator[Entry]:
    """Yield what the page dates."""
    names = data.states.set_index("id")["name"]
    for row in _rows(data, "milestones"):
        yield Entry(row.date, row.paraphrase, PAGE, "", f"milestones#{row.id}")
    for row in _rows(data, "visits"):
        kind = "" if row.kind == "not_stated" else f"{row.kind} "
        what = f"{row.person}: {kind}visit to {names[row.host]}"
        yield Entry(row.date, what, PAGE, "", f"visits#{row.id}")
    bodies = data.institutions.set_index("id")["name"]
    for row in _rows(data, "meetings"):
        what = f"Meeting: {bodies[row.institution]}"
        yield Entry(row.date, what, PAGE, "", f"meetings#{row.id}")


def _doubt(*parts: str) -> str:
    """Return what is doubtful as one text."""
    told = [part[:1].upper() + part[1:].rstrip(".") + "." for part in parts if part]
    return " ".join(told)


def _elsewhere_entries(data: Data) -> Iterator[Entry]:
    """Yield what only other sources date."""
    for row in _rows(data, "visits_elsewhere"):
        place = "" if row.place == "not_stated" else f" in {row.place}"
        what = f"{row.person}{place}: {row.occasion}"
        doubt = _doubt(SURE.get(row.evidence, row.evidence), row.doubt)
        yield Entry(row.date, what, row.told_by, doubt, row.id)
    for row in _rows(data, "sessions_elsewhere"):
        number = "" if pd.isna(row.number) else f", number {row.number}"
        what = f"Session of the commission{number}"
        doubt = _doubt(SURE.get(row.held, row.held), row.doubt)
        yield Entry(row.date, what, row.told_by, doubt, row.id)
    for row in _rows(data, "documents_elsewhere"):
        yield Entry(row.date, row.title, row.told_by, row.doubt, row.id)


def entries(data: Data) -> pd.DataFrame:
    """Return every dated thing of a package, in order of the last day that its date allows.

    Parameters
    ----------
    data
        A package; tables on other sources may be missing.

    Returns
    -------
    DataFrame
        One row per dated thing: ``date`` (EDTF), ``what``, ``told_by`` (``the page`` or a
        citation), ``doubt`` (empty where there is none), ``row``, and the days ``earliest`` and
        ``latest``.

    Examples
    --------
    >>> from relations_lib import load
    >>> entries(load()).iloc[0][["date", "told_by"]].tolist()
    ['1993-01-07', 'the page']
    """
    told = [*_page_entries(data), *_elsewhere_entries(data)]
    found = pd.DataFrame(told, columns=Entry._fields)
    days = day_bounds(found["date"])
    found = found.assign(earliest=days["earliest"], latest=days["latest"])
    return found.sort_values(["latest", "earliest"], kind="stable", ignore_index=True)
