"""Read, validate and type the tables of a data package.

The schema is the package's own ``datapackage.json`` (Frictionless Data Package with Table
Schema). Beyond the standard it knows a few properties, each explained in the codebook: a field's
``edtf`` and ``references``, a resource's ``evidence`` and ``rules``.

Source: Frictionless Data, Data Package and Table Schema specifications (version 2, 2024).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from relations_lib.dates import bounds, day_bounds

_PACKAGE = Path(__file__).resolve().parent
_NUMBER = {
    "integer": (re.compile(r"[+-]?\d+"), int),
    "number": (re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.I), float),
}
_DTYPES = {"string": "str", "boolean": "boolean", "integer": "Int64", "number": "Float64"}
_BOOLEAN = {"true": True, "false": False}


class Fault(NamedTuple):
    """One thing that is wrong: where it stands, what was found, what is allowed."""

    file: str
    line: int
    column: str
    found: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" + (
            f", column {self.column}" if self.column else ""
        )
        return f"{where}: found {self.found}; allowed: {self.allowed}"


class DataError(ValueError):
    """All faults of a data package at once, in ``faults``."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} in the data"
        super().__init__("\n".join([count, *map(str, self.faults)]))


@dataclass(frozen=True)
class Data(Mapping[str, pd.DataFrame]):
    """The typed tables of a data package, by name: ``data["visits"]`` or ``data.visits``.

    Attributes
    ----------
    path
        The folder of ``datapackage.json``.
    schema
        The content of ``datapackage.json``.
    tables
        One DataFrame per resource. Text stays text, missing-value codes included. An imprecise
        date stays EDTF text, with the days ``<column>_earliest`` and ``<column>_latest`` beside
        it. A missing date or number is missing, and its code stands in ``<column>_missing``.
        ``windows`` holds the coverage windows.
    """

    path: Path
    schema: dict[str, Any] = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]
        raise AttributeError(f"no table {name!r}; there are: {', '.join(tables)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]


class _Raw(NamedTuple):
    """A table as written: its resource, cells by column, the line each row starts on."""

    resource: dict[str, Any]
    columns: dict[str, list[str]]
    lines: list[int]

    @property
    def file(self) -> str:
        return self.resource["path"]

    def fault(self, row: int, column: str, found: object, allowed: str) -> Fault:
        return Fault(self.file, self.lines[row], column, repr(found), allowed)


_Tables = dict[str, _Raw | None]  # None: a table that could not be read as a whole


def default_path() -> Path:
    """Return the folder of the package's own data, in a checkout or in an installed wheel."""
    installed = _PACKAGE / "data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


def load(path: str | Path | None = None) -> Data:
    """Read and validate a data package.

    Parameters
    ----------
    path
        A folder with ``datapackage.json``, or that file; by default the data that come with
        ``relations_lib``, wherever the call is made from.

    Returns
    -------
    Data
        Typed tables, the coverage windows (``data.windows``) and the schema.

    Raises
    ------
    DataError
        If anything is wrong; it lists every fault with file, line, column, what was found and
        what is allowed.

    Examples
    --------
    >>> load().visits[["date", "visitor", "host"]].iloc[0].tolist()
    ['1993-01', 'TJK', 'KAZ']
    """
    folder = default_path() if path is None else Path(path)
    folder = folder.parent if folder.name == "datapackage.json" else folder
    schema = _read_schema(folder)
    faults: list[Fault] = []
    raws = {r["name"]: _read(folder, r, faults) for r in schema["resources"]}
    unread = {fault.file for fault in faults}
    whole = {name: None if raw.file in unread else raw for name, raw in raws.items()}
    for name, raw in raws.items():
        for check in (_cell_faults, _key_faults, _rule_faults):
            faults += _sound(name, partial(check, raw, whole))
    if not faults:
        faults += _sound("locators", partial(_evidence_faults, raws))
    if faults:
        raise DataError(dict.fromkeys(faults))
    return Data(folder, schema, {name: _typed(raw) for name, raw in raws.items()})


def _sound(name: str, check: Callable[[], Iterator[Fault]]) -> list[Fault]:
    """Return the faults that a check finds; a schema that can't be used is itself a fault."""
    try:
        return list(check())
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        found = f"{type(error).__name__} ({error}) in the schema of {name}"
        return [Fault("datapackage.json", 1, "", found, "a schema as the codebook explains it")]


def _read_schema(folder: Path) -> dict[str, Any]:
    file = folder / "datapackage.json"
    try:
        text = file.read_text(encoding="utf-8")
        schema = json.loads(text)
        faults = list(_schema_faults(schema["resources"], text))
    except OSError as error:
        faults = [Fault(str(file), 1, "", error.strerror or "", "a readable file")]
    except json.JSONDecodeError as error:
        faults = [Fault(file.name, error.lineno, "", error.msg, "valid JSON")]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        allowed = "resources, each with name, path and schema.fields, in UTF-8"
        faults = [Fault(file.name, 1, "", f"no usable {error}", allowed)]
    if faults:
        raise DataError(faults)
    return schema


def _schema_faults(resources: list[dict[str, Any]], text: str) -> Iterator[Fault]:
    """Yield what a schema names that does not exist: columns of tables, types, rules."""
    columns = {(r["name"], c["name"]) for r in resources for c in r["schema"]["fields"]}
    for resource in resources:
        line = text[: text.index(f'"{resource["path"]}"')].count("\n") + 1
        kinds = [column.get("type", "string") for column in resource["schema"]["fields"]]
        rules = [rule["rule"] for rule in resource.get("rules", ())]
        for table, name in _columns_named(resource):
            if (table, name) not in columns:
                allowed = "a column of a table of the package"
                yield Fault("datapackage.json", line, "", f"{table}.{name}", allowed)
        for words, known in ((kinds, list(_DTYPES)), (rules, list(_RULES))):
            for word in set(words).difference(known):
                yield Fault("datapackage.json", line, "", repr(word), ", ".join(known))


def _columns_named(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield table and name of every column that keys, lists and rules of a resource name."""
    own, schema = resource["name"], resource["schema"]
    keys, rules = schema.get("foreignKeys", []), resource.get("rules", [])
    groups = [(own, schema.get("primaryKey", [])), *((own, key["fields"]) for key in keys)]
    for key in keys:
        groups.append((key["reference"]["resource"] or own, key["reference"]["fields"]))
    groups += [(own, rule.get(part, [])) for rule in rules for part in ("fields", "by", "field")]
    groups += [("windows", ["id", "start", "end"]) for rule in rules if "window" in rule]
    lists = {column.get("references", "*") for column in schema["fields"]}
    groups += [(table, "id") for table in lists - {"*"}]
    yield from ((table, name) for table, names in groups for name in _listed(names))


def _text(file: Path) -> str:
    """Return the text of a file, or raise a ValueError that carries the line and the fault."""
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(line, f"byte {data[error.start]:#04x}", "UTF-8 text") from None


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it starts on; a ValueError carries line and fault."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(line, str(error), "closed quotation marks, commas between") from None


def _read(folder: Path, resource: dict[str, Any], faults: list[Fault]) -> _Raw:
    """Return the cells of one file; what can't be read goes to faults."""
    names = [column["name"] for column in resource["schema"]["fields"]]
    raw = _Raw(resource, {name: [] for name in names}, [])
    try:
        records = _records(_text(folder / raw.file))
        _, header = next(records, (1, []))
        faults += _header_faults(raw.file, header, names)
        if sorted(header) == sorted(names):
            for line, cells in records:
                _append(raw, header, line, cells, faults)
    except OSError as error:
        faults.append(Fault(raw.file, 1, "", error.strerror or "", "a readable CSV file"))
    except ValueError as error:
        line, found, allowed = error.args
        faults.append(Fault(raw.file, line, "", found, allowed))
    return raw


def _header_faults(file: str, header: list[str], names: list[str]) -> Iterator[Fault]:
    for name in names:
        if name not in header:
            yield Fault(file, 1, name, "no such column", f"the columns {', '.join(names)}")
    for place, name in enumerate(header):
        if name not in names:
            yield Fault(file, 1, name, f"column {name!r}", f"the columns {', '.join(names)}")
        elif name in header[:place]:
            yield Fault(file, 1, name, f"column {name!r} twice", "each column once")


def _append(raw: _Raw, header: list[str], line: int, cells: list[str], faults: list[Fault]) -> None:
    if len(cells) != len(header):
        column = header[min(len(cells), len(header) - 1)]
        found = f"{len(cells)} cells" if cells else "an empty line"
        faults.append(Fault(raw.file, line, column, found, f"{len(header)} cells a record"))
        return
    raw.lines.append(line)
    for name, cell in zip(header, cells, strict=True):
        raw.columns[name].append(cell)


def _missing(column: dict[str, Any]) -> list[str]:
    return column.get("missingValues", [])


def _date_reason(cell: str) -> str | None:
    try:
        bounds(cell)
    except ValueError as error:
        return str(error).split(" is no date: ", 1)[-1]
    return None


def _type_reason(column: dict[str, Any]) -> Callable[[str], str | None]:
    """Return a function from a cell to what is allowed instead, or None."""
    kind = column.get("type", "string")
    if column.get("edtf"):
        return _date_reason
    if kind in _NUMBER:
        return lambda cell: None if _NUMBER[kind][0].fullmatch(cell) else f"a plain {kind}"
    if kind == "boolean":
        return lambda cell: None if cell in _BOOLEAN else "true or false"
    return lambda cell: None


def _constraint_reason(column: dict[str, Any]) -> Callable[[str], str | None]:
    limits = column.get("constraints", {})
    codes, pattern = limits.get("enum"), re.compile(limits.get("pattern", ".*"), re.S)
    convert = _NUMBER.get(column.get("type", ""), (None, len))[1]
    low = limits.get("minimum", limits.get("minLength"))
    high = limits.get("maximum", limits.get("maxLength"))

    def reason(cell: str) -> str | None:
        if codes is not None and cell not in map(str, codes):
            return "one of " + ", ".join(map(str, codes))
        if not pattern.fullmatch(cell):
            return f"text of the form {pattern.pattern}"
        if low is not None and convert(cell) < low:
            return f"{low} or more"
        if high is not None and convert(cell) > high:
            return f"{high} or less"
        return None

    return reason


def _cell_reason(column: dict[str, Any]) -> Callable[[str], str | None]:
    missing, kind, limit = _missing(column), _type_reason(column), _constraint_reason(column)
    codes = (
        f", or the missing-value code {' or '.join(filter(None, missing))}" if any(missing) else ""
    )

    def reason(cell: str) -> str | None:
        if cell in missing:
            return None
        if not cell:
            return "a value" + codes
        if cell != cell.strip() or not cell.isprintable():
            return "printable characters on one line, no space at the ends"
        allowed = kind(cell) or limit(cell)
        return allowed and allowed + codes

    return reason


def _cell_faults(raw: _Raw, _: _Tables) -> Iterator[Fault]:
    for column in raw.resource["schema"]["fields"]:
        name, reason = column["name"], _cell_reason(column)
        cells = raw.columns[name]
        bad = {cell: allowed for cell in set(cells) if (allowed := reason(cell))}
        if bad:
            yield from (raw.fault(i, name, c, bad[c]) for i, c in enumerate(cells) if c in bad)
        if column.get("constraints", {}).get("unique"):
            yield from _repeats(raw, [name], _missing(column))


def _rows(raw: _Raw, names: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(raw.columns[name] for name in names), strict=True))


def _repeats(raw: _Raw, names: list[str], codes: Iterable[str] = ()) -> Iterator[Fault]:
    first: dict[tuple[str, ...], int] = {}
    for i, key in enumerate(_rows(raw, names)):
        if key in first and key[0] not in codes:
            allowed = f"a value used once; it stands on line {raw.lines[first[key]]} too"
            yield raw.fault(i, names[-1], " ".join(key), allowed)
        first.setdefault(key, i)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _key_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    """Yield repeated primary keys, and keys that do not exist in the (wholly read) table named."""
    schema = raw.resource["schema"]
    if "primaryKey" in schema:
        yield from _repeats(raw, _listed(schema["primaryKey"]))
    for key in schema.get("foreignKeys", []):
        names, target = _listed(key["fields"]), key["reference"]["resource"] or raw.resource["name"]
        if (other := raws[target]) is None:
            continue
        known = set(_rows(other, _listed(key["reference"]["fields"])))
        codes = {code for c in schema["fields"] if c["name"] in names for code in _missing(c)}
        for i, value in enumerate(_rows(raw, names)):
            if value not in known and not codes.intersection(value):
                yield raw.fault(i, names[-1], " ".join(value), f"a key of the table {target}")
    for column in schema["fields"]:
        if "references" in column:
            yield from _list_faults(raw, column, raws)


def _list_faults(raw: _Raw, column: dict[str, Any], raws: _Tables) -> Iterator[Fault]:
    """Yield entries of a space-separated list that name no row."""
    name, target = column["name"], column["references"]
    known = {table: other and {*other.columns.get("id", ()), "*"} for table, other in raws.items()}
    allowed = "table#id of a row" if target == "*" else f"ids of {target}"
    for i, cell in enumerate(raw.columns[name]):
        for entry in [] if cell in _missing(column) else cell.split(" "):
            table, _, key = entry.rpartition("#") if target == "*" else (target, "", entry)
            ids = known.get(table, set())
            if ids is not None and key not in ids:
                yield raw.fault(i, name, entry, allowed + ", one space between")


def _span(cell: str) -> tuple[date, date] | None:
    """Return the days of a date cell, or None for a missing or faulty one (reported elsewhere)."""
    return None if not cell or _date_reason(cell) else bounds(cell)


def _order(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    first, second = rule["fields"]
    for i, (start, end) in enumerate(_rows(raw, [first, second])):
        a, b = _span(start), _span(end)
        if a and b and b[1] < a[0]:
            yield raw.fault(i, second, end, f"a date not before {first} ({start})")


def _differ(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    fields = [c for c in raw.resource["schema"]["fields"] if c["name"] in rule["fields"]]
    codes = {code for column in fields for code in _missing(column)}
    for i, cells in enumerate(_rows(raw, rule["fields"])):
        if len(set(cells)) < len(cells) and not codes.intersection(cells):
            yield raw.fault(
                i, rule["fields"][-1], cells[-1], f"not the same as {rule['fields'][0]}"
            )


def _within(raw: _Raw, raws: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    windows = raws["windows"]
    rows = _rows(windows, ["id", "start", "end"]) if windows else []
    spans = {key: (start, end) for key, start, end in rows}
    window = [_span(cell) for cell in spans.get(rule["window"], ())]
    if len(window) < 2 or None in window:
        return
    (start, _), (_, end) = window  # type: ignore[misc]
    for i, cell in enumerate(raw.columns[rule["field"]]):
        span = _span(cell)
        if span and (span[1] < start or span[0] > end):
            yield raw.fault(
                i, rule["field"], cell, f"a date within {start} to {end} ({rule['window']})"
            )


def _disjoint(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    """Yield spells of one group that surely overlap: one begins before another can have ended."""
    start, end = rule["fields"]
    spells: dict[tuple[str, ...], list[tuple[date, date, int]]] = {}
    for i, group in enumerate(_rows(raw, rule["by"])):
        a, b = _span(raw.columns[start][i]), _span(raw.columns[end][i])
        if a:
            spells.setdefault(group, []).append((a[1], b[0] if b else date.max, i))
    for members in spells.values():
        for (__, last, i), (first, __, j) in pairwise(sorted(members)):
            if first < last:
                allowed = f"a day after the spell on line {raw.lines[i]} ends"
                yield raw.fault(j, start, raw.columns[start][j], allowed)


_RULES = {"order": _order, "differ": _differ, "within": _within, "disjoint": _disjoint}


def _rule_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    for rule in raw.resource.get("rules", []):
        yield from _RULES[rule["rule"]](raw, raws, rule)


def _evidence_faults(raws: dict[str, _Raw]) -> Iterator[Fault]:
    """Yield rows without a locator, locators without a row, and an index that does not fit."""
    if "locators" not in raws or "sentences" not in raws:
        return
    locators, sentences = raws["locators"], raws["sentences"]
    ids = {name: set(raw.columns.get("id", ())) for name, raw in raws.items()}
    located: set[tuple[str, ...]] = set()
    coded: dict[str, set[str]] = {key: set() for key in ids["sentences"]}
    spans = {key: int(b) - int(a) for key, a, b in _rows(sentences, ["id", "start", "end"])}
    for i, (table, row, sentence, start, end) in enumerate(
        _rows(locators, ["table", "row", "sentence", "start", "end"])
    ):
        located.add((table, row))
        coded[sentence].add(table)
        if row not in ids.get(table, ()):
            yield locators.fault(i, "row", row, f"an id of the table {table}")
        if not int(start) < int(end) <= spans[sentence]:
            allowed = f"a span within the {spans[sentence]} characters of {sentence}"
            yield locators.fault(i, "end", f"{start}-{end}", allowed)
    for name, raw in raws.items():
        if raw.resource.get("evidence") == "locators":
            for i, key in enumerate(raw.columns["id"]):
                if (name, key) not in located:
                    yield raw.fault(i, "id", key, "a row with a locator in locators.csv")
    yield from _index_faults(sentences, coded)


def _index_faults(sentences: _Raw, coded: dict[str, set[str]]) -> Iterator[Fault]:
    """Yield sentences out of order or overlapping, or whose coding does not match the locators."""
    last_end = -1
    columns = ["id", "start", "end", "coded_as", "reason"]
    for i, (key, start, end, said, reason) in enumerate(_rows(sentences, columns)):
        if int(start) <= last_end or int(end) <= int(start):
            yield sentences.fault(i, "start", start, f"after the sentence before ({last_end})")
        last_end = int(end)
        if set(said.split()) - {"nothing"} != coded[key]:
            found = " ".join(sorted(coded[key])) or "nothing"
            yield sentences.fault(i, "coded_as", said, f"what the locators say: {found}")
        if (said == "nothing") == (reason == "not_applicable"):
            yield sentences.fault(
                i, "reason", reason, "a reason where nothing is coded, and only there"
            )


def _typed(raw: _Raw) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in raw.resource["schema"]["fields"]:
        name, cells = column["name"], raw.columns[column["name"]]
        codes, kind = set(_missing(column)), column.get("type", "string")
        if kind == "string" and not column.get("edtf"):
            columns[name] = pd.array(cells, dtype="str")
            continue
        columns |= _typed_column(name, cells, codes, "edtf" if column.get("edtf") else kind)
    return pd.DataFrame(columns)


def _typed_column(name: str, cells: list[str], codes: set[str], kind: str) -> dict[str, Any]:
    """Return a date, number or truth value column, with its days and its missing-value codes."""
    known = [None if cell in codes else cell for cell in cells]
    columns: dict[str, Any] = {}
    if kind == "edtf":
        columns[name] = pd.array(known, dtype="str")
        columns |= {f"{name}_{k}": v for k, v in day_bounds(pd.Series(known, dtype=object)).items()}
    else:
        convert = _BOOLEAN.__getitem__ if kind == "boolean" else _NUMBER[kind][1]
        values = [cell if cell is None else convert(cell) for cell in known]
        columns[name] = pd.array(values, dtype=_DTYPES[kind])
    if codes:
        found = [cell if cell in codes else None for cell in cells]
        columns[f"{name}_missing"] = pd.array(found, dtype="str")
    return columns
