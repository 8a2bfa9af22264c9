"""What a cell may hold by its column: type, constraints, missing-value codes.

Source: Frictionless Data, Table Schema specification (version 2, 2024).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from relations_lib._faults import Fault
from relations_lib._reader import Raw, Tables
from relations_lib.dates import bounds

Check = Callable[[str], str | None]  # from a cell to what is allowed instead, or None
NUMBER: dict[str, tuple[re.Pattern[str], type]] = {
    "integer": (re.compile(r"0|-?[1-9][0-9]{0,17}"), int),
    "number": (re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?"), float),
}
BOOLEAN = dict.fromkeys(("true", "True", "TRUE", "1"), True)
BOOLEAN |= dict.fromkeys(("false", "False", "FALSE", "0"), False)
_LONGEST = 2000  # characters of a cell
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # no character to see, but a part of spelling


def missing_codes(column: dict[str, Any]) -> list[str]:
    """Return the codes that stand for a missing value; none of them fills a required cell."""
    return column.get("missingValues", [""])


def is_required(column: dict[str, Any]) -> bool:
    """Tell whether every cell of a column needs a value."""
    return column.get("constraints", {}).get("required", False)


def rows_of(raw: Raw, names: list[str]) -> list[tuple[str, ...]]:
    """Return the cells of some columns, row by row."""
    return list(zip(*(raw.columns[name] for name in names), strict=True))


def listed(value: str | list[str]) -> list[str]:
    """Return one name, or several, as a list."""
    return [value] if isinstance(value, str) else value


def date_reason(cell: str) -> str | None:
    """Return what is allowed instead of a text that is no date."""
    try:
        bounds(cell)
    except ValueError as error:
        reason = str(error).split(" is no date: ", 1)[-1]
        return reason.removeprefix("not an EDTF date: use ")
    return None


def outside(cell: str, first: date, last: date) -> bool:
    """Tell whether a date, or one of two joined, lies wholly outside a span."""
    if not cell or date_reason(cell):
        return False
    spans = [bounds(part) for part in cell.split("/")]
    return any(latest < first or earliest > last for earliest, latest in spans)


def cell_faults(raw: Raw, column: dict[str, Any]) -> Iterator[Fault]:
    """Yield the cells that their column does not allow."""
    name = column["name"]
    cells = raw.columns[name]
    reason = _reason(column, raw.resource["dates"])
    bad = {}
    for cell in set(cells):
        if allowed := reason(cell):
            bad[cell] = allowed
    for row, cell in enumerate(cells):
        if cell in bad:
            yield raw.fault(row, name, cell, bad[cell])
    if column.get("constraints", {}).get("unique"):
        yield from repeats(raw, [name], missing_codes(column))


def repeats(raw: Raw, names: list[str], codes: Iterable[str] = ()) -> Iterator[Fault]:
    """Yield keys that stand twice, or that differ only by case."""
    first: dict[tuple[str, ...], int] = {}
    for row, key in enumerate(rows_of(raw, names)):
        if key[0] in codes:
            continue
        same = first.setdefault(tuple(cell.casefold() for cell in key), row)
        if same != row:
            other = " ".join(raw.columns[name][same] for name in names)
            allowed = f"a value used once; {other!r} stands on line {raw.lines[same]} too"
            yield raw.fault(row, names[-1], " ".join(key), allowed)


def _reason(column: dict[str, Any], era: str) -> Check:
    missing = missing_codes(column)
    required = is_required(column)
    checks = list(_checks(column, era))
    codes = set(missing).difference(column.get("constraints", {}).get("enum", []), [""])
    instead = f", or the missing-value code {' or '.join(sorted(codes))}" if codes else ""

    def reason(cell: str) -> str | None:
        if cell in missing:
            return "a value: the column is required" if required else None
        for check in checks:
            if allowed := check(cell):
                return allowed + instead
        return None

    return reason


def _checks(column: dict[str, Any], era: str) -> Iterator[Check]:
    yield _printable
    kind = column.get("type", "string")
    limits = column.get("constraints", {})
    if column.get("edtf"):
        yield partial(_dated, era)
    elif kind != "string":
        yield partial(_typed, kind)
    if "enum" in limits:
        yield partial(_among, [str(code) for code in limits["enum"]])
    if "pattern" in limits:
        yield partial(_formed, re.compile(limits["pattern"]))
    measures = [
        ("minimum", 1, _value, "{} or more"),
        ("maximum", -1, _value, "{} or less"),
        ("minLength", 1, len, "{} characters or more"),
        ("maxLength", -1, len, "{} characters or less"),
    ]
    for name, sign, measure, words in measures:
        if name in limits:
            yield partial(_limited, limits[name], sign, measure, words)


def _printable(cell: str) -> str | None:
    if cell != cell.strip() or not cell.translate(_JOINERS).isprintable():
        return "printable characters on one line, no space at the ends"
    if len(cell) > _LONGEST:
        return f"{_LONGEST} characters or less"
    return None


def _dated(era: str, cell: str) -> str | None:
    if reason := date_reason(cell):
        return reason
    return f"a date within {era}" if outside(cell, *bounds(era)) else None


def _typed(kind: str, cell: str) -> str | None:
    if kind == "boolean":
        return None if cell in BOOLEAN else "true or false"
    fits = NUMBER[kind][0].fullmatch(cell)
    return None if fits else f"a plain {kind} of at most 18 digits"


def _among(codes: list[str], cell: str) -> str | None:
    return None if cell in codes else f"one of {', '.join(codes)}"


def _formed(pattern: re.Pattern[str], cell: str) -> str | None:
    return None if pattern.fullmatch(cell) else f"text of the form {pattern.pattern}"


def _value(cell: str) -> float:
    return int(cell) if cell.lstrip("-").isdigit() else float(cell)


def _limited(limit: float, sign: int, measure: Callable, words: str, cell: str) -> str | None:
    return words.format(limit) if sign * measure(cell) < sign * limit else None


def key_faults(raw: Raw, key: dict[str, Any], tables: Tables) -> Iterator[Fault]:
    """Yield keys that do not exist in the (wholly read) table named."""
    names = listed(key["fields"])
    target = key["reference"]["resource"] or raw.resource["name"]
    other = tables[target]
    if other is None:
        return
    known = set(rows_of(other, listed(key["reference"]["fields"])))
    codes = {
        code for field in raw.fields if field["name"] in names for code in missing_codes(field)
    }
    for row, value in enumerate(rows_of(raw, names)):
        if value not in known and not codes.intersection(value):
            yield raw.fault(row, names[-1], " ".join(value), f"a key of the table {target}")


def list_faults(raw: Raw, column: dict[str, Any], tables: Tables) -> Iterator[Fault]:
    """Yield entries of a space-separated list that name no row."""
    target = column.get("references")
    if not target or (target != "*" and tables[target] is None):
        return
    ids = ids_of(tables)
    allowed = "table#id of a row" if target == "*" else f"ids of {target}"
    codes = missing_codes(column)
    for row, cell in enumerate(raw.columns[column["name"]]):
        for entry in [] if cell in codes else cell.split(" "):
            table, _, key = entry.rpartition("#") if target == "*" else (target, "", entry)
            known = ids.get(table, set())
            if known is not None and key not in known and (key != "*" or table not in ids):
                yield raw.fault(row, column["name"], entry, f"{allowed}, one space between")


def ids_of(tables: Tables) -> dict[str, set[str] | None]:
    """Return the ids of every table; None for one that could not be read as a whole."""
    return {name: raw and set(raw.columns.get("id", ())) for name, raw in tables.items()}
