"""What pages show of the data package and its findings, made ready for the templates.

Functions from rows to plain records; ``parts.html`` of the theme makes HTML of them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import _cite
from babel import Locale
from execute import BUILD, ROOT, digest, write
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from mdit_py_plugins.anchors.index import slugify

from relations_lib.figures._tables import short

DATA = ROOT / "data"
THEME = Path(__file__).parent / "_theme"
Row = dict[str, str]
Record = dict[str, Any]
MOST_ROWS = 500  # of a table on its page


# --- Templates -----------------------------------------------------------------------------------


def with_code(text: str) -> Markup:
    """Return schema text with its backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def breakable(text: str) -> Markup:
    """Return a name that may be broken after its dots and underscores."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(text))))


@cache
def _parts() -> Any:
    environment = Environment(loader=FileSystemLoader(THEME), autoescape=True)
    environment.filters["code"] = with_code
    return environment.get_template("parts.html").module


def part(name: str, *arguments: Any) -> str:
    """Return the HTML of one part of ``parts.html``."""
    macro: Callable[..., Markup] = getattr(_parts(), name)
    return str(macro(*arguments))


# --- The data package, as stored -----------------------------------------------------------------


@cache
def resources() -> dict[str, Record]:
    """Return the tables' descriptions by name."""
    schema = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in schema["resources"]}


@cache
def rows(table: str) -> list[Row]:
    """Return the rows of a table as written."""
    text = (DATA / resources()[table]["path"]).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def spots(table: str, row: str) -> list[Row]:
    """Return the locators of a row, or of all rows of a table (``*``)."""
    return [
        spot for spot in rows("locators") if spot["table"] == table and row in (spot["row"], "*")
    ]


def references(resource: Record) -> dict[str, str]:
    """Return which column of a table points to which table."""
    schema = resource["schema"]
    keys = schema.get("foreignKeys", [])
    found = {key["fields"]: key["reference"]["resource"] for key in keys}
    for field in schema["fields"]:
        if "references" in field:
            found[field["name"]] = field["references"]
    return found


# --- Cells and tables ----------------------------------------------------------------------------


def entry(text: str, target: str = "", folder: str = "") -> Record:
    """Return the link of one entry of a list of rows (``id``, ``table#id`` or ``table#*``)."""
    table, _, row = text.rpartition("#")
    if row == "*":
        return {"href": f"{folder}{table}.html", "text": f"all of {table.replace('_', ' ')}"}
    page = table or target
    return {"href": f"{folder}{page}.html#{row}", "text": text}


def links(text: str, field: Record, target: str) -> list[Record]:
    """Return where the words of a cell lead: to rows, to a table, to an address."""
    if target:
        return [entry(one, target) for one in text.split()]
    if field["name"] in ("coded_as", "table") and text in resources():
        return [{"href": f"{text}.html", "text": text}]
    if text.startswith("http"):
        return [{"href": text, "text": text.split("/")[2]}]
    return []


def column_class(field: Record, text: str) -> str:
    """Return how a cell is set."""
    if field.get("type") in ("integer", "number"):
        return "number"
    if field.get("edtf"):
        return "date"
    return "long" if len(text) > 60 else ""


def cell(text: str, field: Record, target: str = "") -> Record:
    """Return what a cell shows: a missing value muted, keys and addresses as links."""
    look = column_class(field, text)
    if text and text in field.get("missingValues", []):
        return {"text": text.replace("_", " "), "class": look, "missing": True}
    return {"text": text, "class": look, "links": links(text, field, target)}


def for_programs(field: Record) -> bool:
    """Tell whether a column is for programs: positions and hashes, not the dates of a spell."""
    return field["name"] in ("start", "end", "sha256") and not field.get("edtf")


def table_html(name: str) -> str:
    """Return a whole table of the data package: one anchor a row, its locators beside its id."""
    resource = resources()[name]
    fields = [field for field in resource["schema"]["fields"] if not for_programs(field)]
    targets = references(resource)
    head = [(field["name"], column_class(field, "")) for field in fields]
    located = resource.get("evidence") == "locators"
    if located:
        head.insert(1, ("where on the page", ""))
    shown = []
    for row in rows(name)[:MOST_ROWS]:
        if name == "locators":
            targets["row"] = row["table"]
        cells = [cell(row[f["name"]], f, targets.get(f["name"], "")) for f in fields]
        if located:
            cells.insert(1, {"spots": spots(name, row["id"])})
        shown.append({"id": row.get("id", ""), "cells": cells})
    extent = "all rows" if len(shown) == len(rows(name)) else f"first {MOST_ROWS} rows"
    return part("table", f"{resource['title']}: {extent}", head, shown)


def table_page(name: str) -> str:
    """Return a table's page: what its rows are, where to get them, and they themselves."""
    resource = resources()[name]
    columns = slugify(f"{name} {resource['title']}")
    head = part("table_page", resource, len(rows(name)), columns)
    return head + table_html(name)


def tables_html(folder: str) -> str:
    """Return the list of the tables of one folder of the data package."""
    chosen = [r for r in resources().values() if r["path"].startswith(folder)]
    return part("cards", [(resource, len(rows(resource["name"]))) for resource in chosen])


# --- Findings and sources ------------------------------------------------------------------------


@cache
def exports() -> dict[str, str]:
    """Return all findings as files, by name; computed once for a state of library and data."""
    place = BUILD / f"findings-{digest()[:16]}"
    stores = [place / "findings.csv", place / "findings.json"]
    if not all(store.exists() for store in stores):
        from relations_lib import findings, load

        table = findings.compute(load())
        write(stores[0], findings.to_csv(table))
        write(stores[1], findings.to_json(table))
    return {store.name: store.read_text(encoding="utf-8") for store in stores}


@cache
def findings() -> dict[str, Record]:
    """Return all findings as records by key."""
    records = json.loads(exports()["findings.json"])
    return {record["key"]: record for record in records}


def shown(finding: Record) -> str:
    """Return a finding in words: value, unit, bounds, number of observations."""
    text = f"{short(finding['value'])} {finding['unit']}"
    if finding["low"] is not None:
        text += f", from {short(finding['low'])} to {short(finding['high'])}"
    if finding["n"] is not None:
        text += f" (n = {short(finding['n'])})"
    return text


def sentences(rests: Iterable[str]) -> list[str]:
    """Return the sentences of the page that rows (``table#id``, ``table#*``) rest on.

    What lies in a window of the page need not be the page's: of rows of which only the window has a
    place there, none is told.
    """
    found: dict[str, set[str]] = {}
    for text in rests:
        table, _, row = text.partition("#")
        found.setdefault(table, set()).update(spot["sentence"] for spot in spots(table, row))
    windows = found.pop("windows", set())
    told = set().union(*found.values())
    return sorted(told | windows) if told or not found else []


def sentence_name(identifier: str) -> str:
    """Return a sentence's place on the page in words."""
    paragraph, sentence = map(int, re.findall(r"\d+", identifier))
    return f"paragraph {paragraph}, sentence {sentence}"


def evidence(keys: Iterable[str], up: str) -> str:
    """Return what the findings of one page are and rest on."""
    page = f"{up}data/sentences.html"
    records = []
    for key in keys:
        finding = findings()[key]
        rests = (finding["rests_on"] or "").split()
        told = [{"href": f"{page}#{s}", "text": sentence_name(s)} for s in sentences(rests)]
        records.append(
            {
                "key": key,
                "shown": shown(finding),
                "definition": finding["definition"],
                "rows": [entry(text, folder=f"{up}data/") for text in rests],
                "sentences": told,
            }
        )
    return part("evidence", records, up)


def number_cell(value: float | None, unit: str = "") -> Record:
    """Return a number's cell: four figures, from 1,000 up one decimal."""
    if value is None:
        return {"text": "", "class": "number"}
    comma = "" if unit == "year" else ","
    text = f"{value:.4g}" if abs(value) < 1000 else f"{value:{comma}.1f}".removesuffix(".0")
    return {"text": text, "class": "number"}


def findings_html() -> str:
    """Return the table of all findings."""
    names = ("finding", "value", "low", "high", "unit", "what it is", "rests on", "n", "chapter")
    head = [(name, "number" if name in ("value", "low", "high", "n") else "") for name in names]
    shown = []
    for key, finding in findings().items():
        rests = (finding["rests_on"] or "").split()
        unit = finding["unit"]
        cells = [
            {"links": [{"href": f"#{key}", "text": breakable(key)}]},
            number_cell(finding["value"], unit),
            number_cell(finding["low"], unit),
            number_cell(finding["high"], unit),
            {"text": unit},
            {"text": finding["definition"], "class": "long"},
            {"links": [entry(text, folder="data/") for text in rests]},
            number_cell(finding["n"]),
            {"text": finding["notebook"]},
        ]
        shown.append({"id": key, "cells": cells})
    return part("table", "All findings", head, shown, "filterable")


def sources_html() -> str:
    """Return all sources, by publisher, date and title."""
    ordered = sorted(rows("sources"), key=lambda r: (r["publisher"].lower(), r["date"], r["title"]))
    records = []
    for row in ordered:
        code = row["language"]
        foreign = code not in ("en", "not_stated")
        spoken = f"in {Locale.parse(code).english_name}" if foreign else ""
        records.append({**row, "spoken": spoken})
    return part("sources", records)


def citation_html() -> str:
    """Return how to cite the book, in words and for BibTeX."""
    return part("citation", _cite.reference(), _cite.bibtex())
