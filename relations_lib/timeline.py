"""Everything dated, from the page and from elsewhere, in one list.

The unit of observation is a dated thing that a source tells: a visit, a meeting, a session, a
document, a step in the relations. What several sources tell of one trip is one entry, and
what was signed on a visit of the page belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from relations_lib.dates import day_bounds
from relations_lib.sources import citations
from relations_lib.tables import Data

PAGE = "the page"
TABLES = (
    "milestones",
    "visits",
    "meetings",
    "agreements",
    "visits_elsewhere",
    "sessions_elsewhere",
    "documents_elsewhere",
)
DOUBTS = {
    "attended": "",
    "held": "",
    "announced": "announced; whether it was held was not read",
    "departed": "departure read, arrival not",
    "planned": "planned; whether it was held was not read",
    "attended_year_inferred": "the year is inferred",
}


def _dated(data: Data, name: str) -> pd.DataFrame:
    """Return the dated rows of a table, with who tells it; trips once, with all signed on them."""
    table = data[name].dropna(subset="date")
    if name == "agreements":
        table = table[~table["visit"].isin(data.visits["id"])]
    if "trip" in table:
        table = table.drop_duplicates("trip")
    told_by = citations(table, data.sources) if "source" in table else PAGE
    return table.assign(told_by=told_by, row=name + "#" + table["id"])


def _what(name: str, row: Any, names: Mapping[str, str], body: str) -> str:
    """Return in words what a row of a table tells; sessions are those of the declared body."""
    unsaid = "not_stated"
    if name == "milestones":
        return row.paraphrase
    if name == "visits":
        kind = "" if row.kind == unsaid else f"{row.kind} "
        visitor = names[row.visitor] if row.person == unsaid else row.person
        return f"{visitor}: {kind}visit to {names[row.host]}"
    if name == "meetings":
        return f"Meeting: {names[row.institution]}"
    if name == "visits_elsewhere":
        place = "" if row.place == unsaid else f" in {row.place}"
        return f"{row.person}{place}: {row.occasion}"
    if name == "sessions_elsewhere":
        number = "" if pd.isna(row.number) else f", number {row.number}"
        return f"Session: {body}{number}"
    return row.title


def _doubt(row: Any) -> str:
    """Return what is doubtful about a row, a sentence each."""
    seen = getattr(row, "evidence", getattr(row, "held", "held"))
    told = []
    for part in (DOUBTS.get(seen, seen), getattr(row, "doubt", "")):
        if part:
            words = part.rstrip(".")
            told.append(f"{words[0].upper()}{words[1:]}.")
    return " ".join(told)


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
        citation), ``doubt`` (empty where there is none), ``row`` (``visits#v1993``), and
        the days ``earliest`` and ``latest``.

    Examples
    --------
    >>> from relations_lib import load
    >>> entries(load()).iloc[0][["date", "told_by"]].tolist()
    ['1993-01-07', 'the page']
    """
    names = dict(pd.concat([data.states, data.institutions]).set_index("id")["name"])
    body = names.get(data.about.body, "the joint body")
    told = []
    present = [name for name in TABLES if name in data]
    for name in present:
        for row in _dated(data, name).itertuples():
            what = _what(name, row, names, body)
            told.append((row.date, what, row.told_by, _doubt(row), row.row))
    found = pd.DataFrame(told, columns=["date", "what", "told_by", "doubt", "row"])
    days = day_bounds(found["date"])
    found = found.assign(earliest=days["earliest"], latest=days["latest"])
    return found.sort_values(["latest", "earliest"], kind="stable", ignore_index=True)
