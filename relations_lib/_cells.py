"""What a cell may hold by its column: type, constraints, missing-value codes.

Source: Frictionless Data, Table Schema specification (version 2, 2024).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache
from operator import ge, le
from typing import Any

from relations_lib._faults import Fault
from relations_lib._reader import Raw, Tables
from relations_lib.dates import bounds

NUMBER = {
    "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?"),
}
BOOLEAN = dict.fromkeys(("true", "True", "TRUE", "1"), True)
BOOLEAN |= dict.fromkeys(("false", "False", "FALSE", "0"), False)
_LONGEST = 2000  # characters of a cell
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # no character to see, but a part of spelling


def missing_codes(column: dict[str, Any]) -> list[str]:
    """Return the codes that stand for a missing value; none of them fills a required cell."""
    return column.get("missingValues", [""])


def codes_of(raw: Raw, names: Collection[str]) -> set[str]:
    """Return the codes that stand for a missing value in some columns."""
    fields = [field for field in raw.fields if field["name"] in names]
    return {code for field in fields for code in missing_codes(field)}


def is_required(column: dict[str, Any]) -> bool:
    """Tell whether every cell of a column needs a value."""
    return column.get("constraints", {}).get("required", False)


def listed(value: str | list[str]) -> list[str]:
    """Return one name, or several, as a list."""
    return [value] if isinstance(value, str) else value


# --- Dates ---------------------------------------------------------------------------------------


def date_reason(cell: str, doubt: int | None) -> str | None:
    """Return what is allowed instead of a text that is no date of exact bounds."""
    try:
        bounds(cell, doubt=doubt)
    except ValueError as error:
        reason = str(error).split(" is no date: ", 1)[-1]
        fault, use, forms = reason.partition(": use ")
        return f"{forms}; here: {fault}" if use else reason
    return None


@lru_cache(maxsize=65536)
def days_of(cell: str, doubt: int | None) -> tuple[tuple[date, date], ...]:
    """Return the days of a date, or of each of two joined; none of a text that is no date."""
    if not cell or date_reason(cell, doubt):
        return ()
    return tuple(bounds(part, doubt=doubt) for part in cell.split("/"))


def outside(raw: Raw, cell: str, first: date, last: date) -> bool:
    """Tell whether a date, or one of two joined, lies wholly outside a span."""
    spans = days_of(cell, raw.resource["doubt"])
    return any(latest < first or earliest > last for earliest, latest in spans)


# --- Cells ---------------------------------------------------------------------------------------


def cell_faults(raw: Raw, column: dict[str, Any]) -> Iterator[Fault]:
    """Yield the cells that their column does not allow."""
    name = column["name"]
    limits = column.get("constraints", {})
    re.compile(limits.get("pattern", ""))  # what is no pattern is a fault without rows, too
    allowed = {cell: _allowed(raw, column, cell) for cell in set(raw.columns[name])}
    for row, cell in enumerate(raw.columns[name] if any(allowed.values()) else ()):
        reason = allowed[cell]
        if reason:
            yield raw.fault(row, name, cell, reason)
    if limits.get("unique"):
        yield from repeats(raw, [name], missing_codes(column))


def repeats(raw: Raw, names: list[str], codes: Collection[str] = ()) -> Iterator[Fault]:
    """Yield keys that stand twice, or that differ only by case."""
    first: dict[str, int] = {}
    for row, key in raw.rows(*names):
        if key[0] in codes:
            continue
        same = first.setdefault("\n".join(key).casefold(), row)
        if same != row:
            other = " ".join(raw.columns[name][same] for name in names)
            allowed = f"a value used once; {other!r} stands on line {raw.lines[same]} too"
            yield raw.fault(row, names[-1], " ".join(key), allowed)


def _allowed(raw: Raw, column: dict[str, Any], cell: str) -> str | None:
    """Return what is allowed instead of a cell, or None where it may stand."""
    codes = missing_codes(column)
    limits = column.get("constraints", {})
    if cell in codes:
        return "a value: the column is required" if is_required(column) else None
    allowed = _of_form(cell) or _of_type(raw, column, cell) or _of_limits(limits, cell)
    others = set(codes).difference(limits.get("enum", []), [""])
    if allowed and others:
        return f"{allowed}, or the missing-value code {' or '.join(sorted(others))}"
    return allowed


def _of_form(cell: str) -> str | None:
    if cell != cell.strip() or not cell.translate(_JOINERS).isprintable():
        return "printable characters on one line, no space at the ends"
    return f"{_LONGEST} characters or less" if len(cell) > _LONGEST else None


def _of_type(raw: Raw, column: dict[str, Any], cell: str) -> str | None:
    kind = column.get("type", "string")
    if column.get("edtf"):
        years = raw.resource["dates"]
        late = f"a date within {years}" if outside(raw, cell, *bounds(years)) else None
        return date_reason(cell, raw.resource["doubt"]) or late
    if kind == "boolean":
        return None if cell in BOOLEAN else "true or false"
    if kind == "string" or NUMBER[kind].fullmatch(cell):
        return None
    return f"a plain {kind} of at most 18 digits"


def _of_limits(limits: dict[str, Any], cell: str) -> str | None:
    codes = [str(code) for code in limits.get("enum", [cell])]
    if cell not in codes:
        return f"one of {', '.join(codes)}"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], cell):
        return f"text of the form {limits['pattern']}"
    for name, (fits, measure, words) in _LIMITS.items():
        if name in limits and not fits(measure(cell), limits[name]):
            return words.format(limits[name])
    return None


def _value(cell: str) -> float:
    return int(cell) if cell.lstrip("-").isdigit() else float(cell)


_LIMITS: dict[str, tuple] = {
    "minimum": (ge, _value, "{} or more"),
    "maximum": (le, _value, "{} or less"),
    "minLength": (ge, len, "{} characters or more"),
    "maxLength": (le, len, "{} characters or less"),
}


# --- Keys ----------------------------------------------------------------------------------------


def key_faults(raw: Raw, key: dict[str, Any], tables: Tables) -> Iterator[Fault]:
    """Yield keys that do not exist in the (wholly read) table named."""
    names = listed(key["fields"])
    codes = codes_of(raw, names)
    target = key["reference"]["resource"] or raw.resource["name"]
    other = tables[target]
    if other is None:
        return
    known = {value for _, value in other.rows(*listed(key["reference"]["fields"]))}
    for row, value in raw.rows(*names):
        if value not in known and not codes.intersection(value):
            yield raw.fault(row, names[-1], " ".join(value), f"a key of the table {target}")


def list_faults(raw: Raw, column: dict[str, Any], tables: Tables) -> Iterator[Fault]:
    """Yield entries of a space-separated list that name no row."""
    target = column.get("references")
    if not target:
        return
    ids = ids_of(tables)
    if target != "*":
        ids = {target: ids[target]}
    codes = missing_codes(column)
    for row, cell in enumerate(raw.columns[column["name"]]):
        for entry in [] if cell in codes else cell.split(" "):
            table, _, key = entry.rpartition("#") if target == "*" else (target, "", entry)
            whole = key == "*" and table in ids
            if not whole and is_unknown(ids, table, key):
                right = f"an id of the table {table}" if table in ids else "table#id of a row"
                yield raw.fault(row, column["name"], entry, f"{right}; one space between entries")


def ids_of(tables: Tables) -> dict[str, set[str] | None]:
    """Return the ids of every table; None for one that could not be read as a whole."""
    return {name: raw and set(raw.columns.get("id", ())) for name, raw in tables.items()}


def is_unknown(ids: dict[str, set[str] | None], table: str, key: str) -> bool:
    """Tell whether a key surely names no row of a table."""
    known = ids.get(table, set())
    return known is not None and key not in known
