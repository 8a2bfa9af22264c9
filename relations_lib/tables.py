"""Read, validate and type the tables of a data package.

The schema is the package's own ``datapackage.json`` (Frictionless Data Package with Table
Schema). Beyond the standard it knows a few properties, each explained in the codebook: a field's
``edtf`` and ``references``, a resource's ``dates``, ``coverage``, ``evidence`` and ``rules``.

Source: Frictionless Data, Data Package and Table Schema specifications (version 2, 2024).
"""

from __future__ import annotations

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

from relations_lib import _about
from relations_lib.dates import bounds, day_bounds

_PACKAGE = Path(__file__).resolve().parent
_NUMBER = {
    "integer": (re.compile(r"0|-?[1-9][0-9]{0,17}"), int),
    "number": (re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?"), float),
}
_DTYPES = {"string": "str", "boolean": "boolean", "integer": "Int64", "number": "Float64"}
_BOOLEAN = {"true": True, "false": False}
_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n?|\n|\Z)')
_BREAK = re.compile(r"\r\n?|\n")
_LONGEST = 2000  # characters of a cell
_ALL = ("name", "title", "description", "type", "format")
_PROPERTIES: dict[str, dict[str, Any]] = {  # what a part of a schema may hold, and of which type
    "resource": {
        **dict.fromkeys((*_ALL, "path", "scheme", "mediatype", "encoding"), str),
        **dict.fromkeys(("evidence", "cites", "terms", "rebuild"), str),
        **dict.fromkeys(("coverage", "dates", "lookedUpUntil", "lookedUpHow"), str),
        **{"schema": dict, "rules": list},
    },
    "schema": {"fields": list, "primaryKey": str | list, "foreignKeys": list},
    "field": {
        **dict.fromkeys((*_ALL, "unit", "example", "references"), str),
        **{
            "missingValues": list,
            "codes": dict,
            "constraints": dict,
            "edtf": bool,
            "interval": str,
        },
    },
    "constraints": {
        **dict.fromkeys(("minimum", "maximum", "minLength", "maxLength"), int | float),
        **{"required": bool, "unique": bool, "pattern": str, "enum": list},
    },
}
_ERA = "0001/9999"  # the dates allowed where a schema does not say it
_FORMS = {  # of properties of a resource
    **{"path": r"(?!.*\.\.)\w[\w./ -]*", "format": "csv", "encoding": "utf-8"},
    "evidence": "locators|source|table",
}


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

    @property
    def about(self) -> _about.About:
        """What the package is about: the two states, the body, the main window, the page."""
        return _about.read(self.schema)

    @property
    def looked_up(self) -> dict[str, str]:
        """Until which day or month (EDTF) the sources of a table were looked up, by table."""
        return {
            resource["name"]: resource["lookedUpUntil"]
            for resource in self.schema["resources"]
            if "lookedUpUntil" in resource
        }

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
        return Fault(self.file, self.lines[row], column, _short(found), allowed)


_Tables = Mapping[str, _Raw | None]  # None: a table that could not be read as a whole


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}... ({len(text)} characters)"


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
    dates = {"dates": schema.get("dates", _ERA)}
    raws = {r["name"]: _read(folder, dates | r, faults) for r in schema["resources"]}
    unread = {fault.file for fault in faults}
    whole = {name: None if raw.file in unread else raw for name, raw in raws.items()}
    for raw in raws.values():
        for _, check in _checks(raw, whole):
            faults += check()
    ids = {name: raw and raw.columns.get("id", []) for name, raw in whole.items()}
    for found, allowed in _about.misfits_of_ids(schema, ids):
        faults.append(Fault("datapackage.json", _about_line(folder), "", found, allowed))
    if faults:
        raise DataError(dict.fromkeys(faults))
    tables = {name: _typed(raw) for name, raw in raws.items()}
    return Data(folder, schema, tables)


def _about_line(folder: Path) -> int:
    """Return the line on which the package says what it is about."""
    before, found, _ = _text(folder / "datapackage.json").partition('"about"')
    return before.count("\n") + 1 if found else 1


def _read_schema(folder: Path) -> dict[str, Any]:
    file = folder / "datapackage.json"
    try:
        text = _text(file)
        schema = json.loads(text)
        faults = list(_schema_faults(schema, text))
    except OSError as error:
        faults = [Fault(str(file), 1, "", error.strerror or "", "a readable file")]
    except json.JSONDecodeError as error:
        faults = [Fault(file.name, error.lineno, "", error.msg, "valid JSON")]
    except Exception as error:  # from _text; or no object, nested too deep, a number too long
        known = isinstance(error, ValueError) and len(error.args) == 3
        unknown = 1, "no usable resources", "an object with a list of resources"
        line, found, allowed = error.args if known else unknown
        faults = [Fault(file.name, line, "", found, allowed)]
    if faults:
        raise DataError(faults)
    return schema


def _schema_faults(schema: Any, text: str) -> Iterator[Fault]:
    """Yield what a schema may not hold, resource by resource."""
    if not isinstance(schema.get("resources"), list):
        raise ValueError(1, "no usable resources", "an object with a list of resources")
    for found, allowed in _about.misfits_of_form(schema):
        yield Fault("datapackage.json", 1, "", found, allowed)
    raws: dict[str, _Raw] = {}
    lines: dict[str, int] = {}  # by path
    for place, resource in enumerate(schema["resources"], start=1):
        try:
            names = [column["name"] for column in resource["schema"]["fields"]]
            own = {"dates": schema.get("dates", _ERA), **resource}
            raw = _Raw(own, {name: [] for name in names}, [])
            raws[resource["name"]] = raw
            at = text.find('"' + raw.file + '"')  # -1 where it is written with escapes
            lines[raw.file] = text.count("\n", 0, max(at, 0)) + 1
            if len(raw.columns) < len(names):
                raise ValueError
        except Exception:
            found, allowed = f"resource {place}: {_short(resource)}", "fields, each name once"
            yield Fault("datapackage.json", 1, "", found, f"name, path, schema with {allowed}")
            return
    if not 0 < len(schema["resources"]) == len(raws) == len(lines):
        found = f"resources {', '.join(raws) or 'none'}"
        yield Fault("datapackage.json", 1, "", found, "at least one, every name and path once")
        return
    for name, raw in raws.items():
        for found, allowed in _misfits(raw, raws):
            found = f"resource {name}, {found}"
            yield Fault("datapackage.json", lines[raw.file], "", found, allowed)


def _misfits(raw: _Raw, raws: dict[str, _Raw]) -> Iterator[tuple[str, str]]:
    """Yield what is unknown or unfit in a resource, and what is allowed."""
    resource, schema = raw.resource, raw.resource["schema"]
    parts = [("resource", "", resource), ("schema", "", schema)]
    for column in schema["fields"]:
        where, limits = f"field {column['name']}, ", column.get("constraints")
        parts += [("field", where, column)]
        parts += [("constraints", where, limits)] if isinstance(limits, dict) else []
    misfits = []
    for kind, where, part in parts:
        for key, value in part.items():
            if not isinstance(value, known := _PROPERTIES[kind].get(key, ())):
                allowed = getattr(known, "__name__", known) or ", ".join(_PROPERTIES[kind])
                misfits.append((f"{where}{key}: {_short(value)}", str(allowed)))
    for key in () if misfits else _FORMS.keys() & resource.keys():
        if not re.fullmatch(_FORMS[key], resource[key]):
            misfits.append((f"{key}: {resource[key]!r}", f"text of the form {_FORMS[key]}"))
    yield from misfits
    for part, check in () if misfits else _checks(raw, raws):  # without rows: can it be made?
        try:
            list(check())
        except Exception:
            yield _short(part), "what the codebook explains, of columns and tables that exist"


def _checks(raw: _Raw, raws: _Tables) -> Iterator[tuple[object, Callable[[], Iterator[Fault]]]]:
    """Yield the parts of a resource, each with the check that it asks for."""
    schema, name = raw.resource["schema"], raw.resource["name"]
    for column in schema["fields"]:
        yield column, partial(_cell_faults, raw, column)
        yield column, partial(_list_faults, raw, column, raws)
    yield "primaryKey", partial(_repeats, raw, schema.get("primaryKey", []))
    for key in schema.get("foreignKeys", []):
        yield key, partial(_key_faults, raw, key, raws)
    for rule in _rules(raw):
        yield rule, partial(_rule_faults, raw, raws, rule)
    if raw.resource.get("evidence") == "locators":
        yield "evidence", partial(_row_faults, raw, raws)
    if raw.resource.get("evidence") == "table":
        yield "cites", partial(_cite_faults, raw, raws)
    if name in ("locators", "sentences"):
        check = _locator_faults if name == "locators" else _index_faults
        yield "columns of the evidence", partial(check, raw, raws)


def _text(file: Path) -> str:
    """Return the text of a file, or raise a ValueError that carries the line and the fault."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(error.object[: error.start + 1].splitlines())
        found = f"byte {error.object[error.start]:#04x}"
        raise ValueError(line, found, "UTF-8 text") from None


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it starts on; a ValueError carries line and fault."""
    cells: list[str] = []
    line, begun, place, mark = 1, 1, 0, ""
    while place < len(text) or mark == ",":
        match = _CELL.match(text, place)
        if match is None:
            allowed = 'quotation marks around a whole cell, doubled ("") inside it, and closed'
            raise ValueError(begun, f"a stray quotation mark in cell {len(cells) + 1}", allowed)
        quoted, plain, mark = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        line, place = line + len(_BREAK.findall(match[0])), match.end()
        if mark != ",":
            yield begun, [] if cells == [""] else cells
            cells, begun = [], line


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


def _type_reason(column: dict[str, Any], dates: str) -> Callable[[str], str | None]:
    """Return a function from a cell to what is allowed instead, or None."""
    kind, days = column.get("type", "string"), bounds(dates)
    if column.get("edtf"):
        era = f"a date within {dates}"
        return lambda cell: _date_reason(cell) or (era if _outside(cell, *days) else None)
    if kind in _NUMBER:
        allowed = f"a plain {kind} of at most 18 digits"
        return lambda cell: None if _NUMBER[kind][0].fullmatch(cell) else allowed
    if kind == "boolean":
        return lambda cell: None if cell in _BOOLEAN else "true or false"
    return {"string": lambda _: None}[kind]


def _constraint_reason(column: dict[str, Any]) -> Callable[[str], str | None]:
    limits = column.get("constraints", {})
    codes, pattern = limits.get("enum"), re.compile(limits.get("pattern", ".*"), re.S)
    number = len if column.get("edtf") else _NUMBER.get(column.get("type", ""), (None, len))[1]
    checks = [
        (sign, measure, limits[key], f"{limits[key]}{unit} or {more}")
        for sign, key, measure, unit, more in (
            (1, "minimum", number, "", "more"),
            (-1, "maximum", number, "", "less"),
            (1, "minLength", len, " characters", "more"),
            (-1, "maxLength", len, " characters", "less"),
        )
        if key in limits
    ]

    def reason(cell: str) -> str | None:
        if codes is not None and cell not in map(str, codes):
            return "one of " + ", ".join(map(str, codes))
        if not pattern.fullmatch(cell):
            return f"text of the form {pattern.pattern}"
        for sign, measure, limit, allowed in checks:
            if sign * measure(cell) < sign * limit:
                return allowed
        return None

    return reason


def _cell_reason(column: dict[str, Any], dates: str) -> Callable[[str], str | None]:
    missing, limit = _missing(column), _constraint_reason(column)
    kind = _type_reason(column, dates)
    named = set(missing).difference(column.get("constraints", {}).get("enum", []), [""])
    codes = f", or the missing-value code {' or '.join(sorted(named))}" if named else ""

    def reason(cell: str) -> str | None:
        if cell in missing:
            return None
        if not cell:
            return "a value" + codes
        if cell != cell.strip() or not cell.isprintable():
            return "printable characters on one line, no space at the ends"
        if len(cell) > _LONGEST:
            return f"{_LONGEST} characters or less"
        allowed = kind(cell) or limit(cell)
        return allowed and allowed + codes

    return reason


def _cell_faults(raw: _Raw, column: dict[str, Any]) -> Iterator[Fault]:
    name, reason = column["name"], _cell_reason(column, raw.resource["dates"])
    cells = raw.columns[name]
    bad = {cell: allowed for cell in set(cells) if (allowed := reason(cell))}
    if bad:
        yield from (raw.fault(i, name, c, bad[c]) for i, c in enumerate(cells) if c in bad)
    if column.get("constraints", {}).get("unique"):
        yield from _repeats(raw, [name], _missing(column))


def _rows(raw: _Raw, names: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(raw.columns[name] for name in names), strict=True))


def _repeats(raw: _Raw, names: str | list[str], codes: Iterable[str] = ()) -> Iterator[Fault]:
    first: dict[tuple[str, ...], int] = {}
    for i, key in enumerate(_rows(raw, _listed(names))):
        if key in first and key[0] not in codes:
            allowed = f"a value used once; it stands on line {raw.lines[first[key]]} too"
            yield raw.fault(i, _listed(names)[-1], " ".join(key), allowed)
        first.setdefault(key, i)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _key_faults(raw: _Raw, key: dict[str, Any], raws: _Tables) -> Iterator[Fault]:
    """Yield keys that do not exist in the (wholly read) table named."""
    names, target = _listed(key["fields"]), key["reference"]["resource"] or raw.resource["name"]
    if (other := raws[target]) is None:
        return
    known = set(_rows(other, _listed(key["reference"]["fields"])))
    fields = raw.resource["schema"]["fields"]
    codes = {code for c in fields if c["name"] in names for code in _missing(c)}
    for i, value in enumerate(_rows(raw, names)):
        if value not in known and not codes.intersection(value):
            yield raw.fault(i, names[-1], " ".join(value), f"a key of the table {target}")


def _list_faults(raw: _Raw, column: dict[str, Any], raws: _Tables) -> Iterator[Fault]:
    """Yield entries of a space-separated list that name no row."""
    name, target = column["name"], column.get("references")
    if not target or (target != "*" and not raws[target]):
        return
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
    """Yield rows with one code in two columns, or with a code that is not among those named."""
    one, other = names = rule["fields"]
    fields = [c for c in raw.resource["schema"]["fields"] if c["name"] in names]
    codes = {code for column in fields for code in _missing(column)}
    among = " or ".join(rule.get("among", []))
    for i, cells in enumerate(_rows(raw, names)):
        if cells[0] == cells[1] and cells[0] not in codes:
            yield raw.fault(i, other, cells[1], f"not the same as {one}")
        for name, cell in zip(names, cells, strict=True):
            if among and cell not in codes.union(rule["among"]):
                yield raw.fault(i, name, cell, among)


def _together(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    """Yield rows that hold one of two cells that go together, but not the other."""
    (one, a), (other, b) = rule["cells"].items()
    for i, cells in enumerate(_rows(raw, [one, other])):
        if (cells[0] == a) != (cells[1] == b):
            for name, cell in zip((one, other), cells, strict=True):
                allowed = f"{one} {a} together with {other} {b}, or neither"
                yield raw.fault(i, name, cell, allowed)


def _form(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    """Yield cells that differ from the part of the key that bears the name of their column."""
    pattern = re.compile(rule["pattern"])
    names = list(pattern.groupindex)
    for i, (key, *cells) in enumerate(_rows(raw, [rule["field"], *names])):
        match = pattern.fullmatch(key)
        if not match:
            yield raw.fault(i, rule["field"], key, f"text of the form {pattern.pattern}")
        for name, cell in zip(names, cells, strict=True):
            if match and match[name] != cell:
                yield raw.fault(i, name, cell, f"{match[name]}, as in {rule['field']} {key}")
                yield raw.fault(i, rule["field"], key, f"{cell} in it, as in {name}")


def _outside(cell: str, first: date, last: date) -> bool:
    """Tell whether a date, or one of two joined, lies wholly outside a span."""
    parts = map(bounds, cell.split("/")) if _span(cell) else ()
    return any(b < first or a > last for a, b in parts)


def _within(raw: _Raw, raws: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    """Yield dates outside the span of a row elsewhere, which a column names, or the rule."""
    by, table, spans = rule["by"], rule["reference"]["resource"], {}
    start, end = rule["reference"]["fields"]
    if (other := raws[table]) is None:
        return
    for key, *cells in _rows(other, ["id", start, end]):
        a, b = map(_span, cells)
        spans[key] = (a[0] if a else date.min, b[1] if b else date.max)
    if raw.lines and by not in {*raw.columns, *spans}:
        found, known = f"resource {raw.resource['name']}: {by!r}", ", ".join(spans)
        yield Fault("datapackage.json", 1, "", found, f"an id of {table}: {known}")
    keys = raw.columns.get(by, [by] * len(raw.lines))
    for name in rule["fields"]:
        for i, (key, cell) in enumerate(zip(keys, raw.columns[name], strict=True)):
            if key in spans and _outside(cell, *spans[key]):
                first, last = spans[key]
                yield raw.fault(i, name, cell, f"a date within {first} to {last} ({key})")


def _disjoint(raw: _Raw, _: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    """Yield spells of one group that surely overlap: one begins before another can have ended."""
    start, end = rule["fields"]
    spells: dict[tuple[str, ...], list[tuple[date, date, int]]] = {}
    for i, (*group, since, until) in enumerate(_rows(raw, [*rule["by"], start, end])):
        a, b = _span(since), _span(until)
        if a:
            spells.setdefault(tuple(group), []).append((a[1], b[0] if b else date.max, i))
    for members in spells.values():
        for (__, last, i), (first, __, j) in pairwise(sorted(members)):
            if first < last:
                allowed = f"a day after the spell on line {raw.lines[i]} ends"
                yield raw.fault(j, start, raw.columns[start][j], allowed)


_RULES: dict[str, Callable[..., Iterator[Fault]]] = {
    **{"order": _order, "differ": _differ, "disjoint": _disjoint},
    **{"together": _together, "form": _form, "within": _within},
}


def _rules(raw: _Raw) -> list[dict[str, Any]]:
    """Return the rules of a table; that dates lie in the window covered is one of them."""
    dates = [column["name"] for column in raw.resource["schema"]["fields"] if column.get("edtf")]
    windows = {"resource": "windows", "fields": ["start", "end"]}
    covered = {"rule": "within", "fields": dates, "reference": windows}
    names = [raw.resource["coverage"]] if "coverage" in raw.resource else []
    return [*raw.resource.get("rules", []), *(covered | {"by": name} for name in names)]


def _rule_faults(raw: _Raw, raws: _Tables, rule: dict[str, Any]) -> Iterator[Fault]:
    yield from _RULES[rule["rule"]](raw, raws, rule)


def _row_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    """Yield rows without a locator."""
    if locators := raws["locators"]:
        located = set(_rows(locators, ["table", "row"]))
        for i, key in enumerate(raw.columns["id"]):
            if (raw.resource["name"], key) not in located:
                yield raw.fault(i, "id", key, "a row with a locator in locators.csv")


def _cite_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    """Yield sources that a table as a whole rests on and that do not exist."""
    if (sources := raws["sources"]) is None:
        return
    cited = raw.resource["cites"].split()
    for name in cited:
        if raw.lines and name not in sources.columns["id"]:
            yield Fault(raw.file, 1, "", f"cites {name!r}", "ids of the table sources")


def _whole(raw: _Raw | None, names: list[str]) -> bool:
    """Tell whether a table was read, with whole numbers in these columns."""
    pattern = _NUMBER["integer"][0]
    return raw is not None and all(pattern.fullmatch(c) for n in names for c in raw.columns[n])


def _locator_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    """Yield locators of no row, outside their sentence, or with a hash that another contradicts."""
    ids = {name: other and set(other.columns.get("id", ())) for name, other in raws.items()}
    sentences, lengths, hashes, sizes = raws["sentences"], {}, {}, {}
    if sentences and _whole(raw, ["start", "end"]) and _whole(sentences, ["start", "end"]):
        for key, a, b, digest in _rows(sentences, ["id", "start", "end", "sha256"]):
            lengths[key] = int(b) - int(a)
            sizes[digest] = lengths[key]
            hashes[key, "0", str(lengths[key])] = digest, "in sentences.csv"
    columns = ["table", "row", "sentence", "start", "end", "sha256"]
    for i, (table, row, key, start, end, digest) in enumerate(_rows(raw, columns)):
        if (known := ids.get(table, set())) is not None and row not in known:
            yield raw.fault(i, "row", row, f"an id of the table {table}")
        if key in lengths:
            if not 0 <= int(start) < int(end) <= lengths[key]:
                allowed = f"a span within the {lengths[key]} characters of {key}"
                yield raw.fault(i, "end", f"{start}-{end}", allowed)
            here, size = (digest, f"on line {raw.lines[i]}"), int(end) - int(start)
            same, where = hashes.setdefault((key, start, end), here)
            if digest != same:
                yield raw.fault(i, "sha256", digest, f"{same}, as {where} for this span")
            if size != sizes.setdefault(digest, size):
                allowed = f"a span of {sizes[digest]} characters, as for this hash elsewhere"
                yield raw.fault(i, "end", end, allowed)


def _index_faults(raw: _Raw, raws: _Tables) -> Iterator[Fault]:
    """Yield sentences with gaps or overlaps, or whose coding does not match the locators."""
    locators, page = raws["locators"], raws.get("page")
    numbers = ["paragraph", "sentence", "start", "end"]
    if not locators or not raws["sentences"] or not _whole(raw, numbers):
        return
    coded: dict[str, set[str]] = {}
    for table, key in _rows(locators, ["table", "sentence"]):
        coded.setdefault(key, set()).add(table)
    paragraph, place, last = -1, 0, -1
    for i, (p, s, start, end, key, said, reason) in enumerate(
        _rows(raw, [*numbers, "id", "coded_as", "reason"])
    ):
        if (int(p), int(s)) not in ((paragraph, place + 1), (paragraph + 1, 1)):
            allowed = "the next of its paragraph, or the first of the next paragraph"
            yield raw.fault(i, "sentence", f"{p}, {s}", allowed)
        joined = int(start) == last and int(s) > 1  # no space between sentences in Chinese
        if not (joined or int(start) == last + 1) or int(end) <= int(start):
            yield raw.fault(i, "start", start, f"{last + 1}, then a larger end")
            yield raw.fault(max(i - 1, 0), "end", str(last), f"{int(start) - 1}, before the next")
        paragraph, place, last = int(p), int(s), int(end)
        if set(said.split()) - {"nothing"} != coded.get(key, set()):
            found = " ".join(sorted(coded.get(key, ()))) or "nothing"
            yield raw.fault(i, "coded_as", said, f"what the locators say: {found}")
        if (said == "nothing") == (reason == "not_applicable"):
            allowed = "a reason where nothing is coded, and only there"
            yield raw.fault(i, "reason", reason, allowed)
    stated = (("length", "end", last), ("paragraphs", "paragraph", paragraph + 1))
    for name, column, number in stated:
        for i, cell in enumerate(page.columns.get(name, ()) if page else ()):
            if page and cell != str(number):
                yield page.fault(i, name, cell, f"{number}, as in sentences.csv")
                yield from [raw.fault(-1, column, number, f"{cell} {name}")] if raw.lines else []


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
