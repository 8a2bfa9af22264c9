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

from execute import BUILD, ROOT, digest, write
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

DATA = ROOT / "data"
THEME = Path(__file__).parent / "_theme"
Row = dict[str, str]
Record = dict[str, Any]
MOST_ROWS = 500  # of a table on its page
OFFSETS = ("start", "end", "sha256")  # of use to programs: last where a page shows a table
LANGUAGES = {
    "be": "in Belarusian",
    "de": "in German",
    "fr": "in French",
    "it": "in Italian",
    "kk": "in Kazakh",
    "pl": "in Polish",
    "ru": "in Russian",
    "tg": "in Tajik",
}


# --- Templates -----------------------------------------------------------------------------------


def with_code(text: str) -> Markup:
    """Return schema text with its backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


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
def schema() -> Record:
    """Return the data package's own description."""
    return json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


@cache
def resources() -> dict[str, Record]:
    """Return the tables' descriptions by name."""
    return {resource["name"]: resource for resource in schema()["resources"]}


@cache
def rows(table: str) -> list[Row]:
    """Return the rows of a table as written."""
    text = (DATA / resources()[table]["path"]).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def locators() -> dict[tuple[str, str], list[Row]]:
    """Return the locators of each row of the page's tables."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows("locators") if "locators" in resources() else []:
        found.setdefault((row["table"], row["row"]), []).append(row)
    return found


def references(resource: Record) -> dict[str, str]:
    """Return which column of a table points to which table."""
    found = {}
    for key in resource["schema"].get("foreignKeys", []):
        fields = [key["fields"]] if isinstance(key["fields"], str) else key["fields"]
        if len(fields) == 1:
            found[fields[0]] = key["reference"]["resource"] or resource["name"]
    for field in resource["schema"]["fields"]:
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


def cell(text: str, field: Record, target: str | None = None) -> Record:
    """Return what a cell shows: a missing value muted, keys and addresses as links."""
    if text and text in field.get("missingValues", []):
        return {"kind": "missing", "text": text.replace("_", " ")}
    if text and target:
        return {"kind": "links", "entries": [entry(one, target) for one in text.split()]}
    if field["name"] in ("coded_as", "table") and text in resources():
        return {"kind": "links", "entries": [{"href": f"{text}.html", "text": text}]}
    if re.fullmatch(r"https?://\S+", text):
        return {"kind": "links", "entries": [{"href": text, "text": text.split("/")[2]}]}
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return {"kind": "hash", "text": text}
    return {"text": text}


def column_class(field: Record, text: str) -> str:
    """Return how a cell is set."""
    if field.get("type") in ("integer", "number"):
        return "number"
    if field.get("edtf"):
        return "date"
    return "long" if len(text) > 60 else ""


def table_html(name: str) -> str:
    """Return a whole table of the data package: one anchor a row, its locators beside its id."""
    resource = resources()[name]
    first, *others = resource["schema"]["fields"]
    if any(field["name"] == "sha256" for field in others):
        order = {"paraphrase": -1} | dict.fromkeys(OFFSETS, 1)
        others.sort(key=lambda field: order.get(field["name"], 0))
    targets = references(resource)
    located = resource.get("evidence") == "locators"
    head = [(first["name"], ""), *((field["name"], column_class(field, "")) for field in others)]
    if located:
        head.insert(1, ("where on the page", ""))
    shown = []
    for row in rows(name)[:MOST_ROWS]:
        cells = [cell(row[first["name"]], first, targets.get(first["name"]))]
        if located:
            spots = locators().get((name, row.get("id", "")), [])
            cells.append({"kind": "spots", "entries": spots})
        for field in others:
            text = row[field["name"]]
            target = targets.get(field["name"])
            if name == "locators" and field["name"] == "row":
                target = row["table"]
            cells.append({**cell(text, field, target), "class": column_class(field, text)})
        shown.append({"id": row.get("id", ""), "cells": cells})
    extent = "all rows" if len(rows(name)) <= MOST_ROWS else f"first {MOST_ROWS} rows"
    return part("table", f"{resource['title']}: {extent}", head, shown)


def field_record(field: Record) -> Record:
    """Return a column's entry in the codebook: type, unit, meaning, codes."""
    limits = field.get("constraints", {})
    facts = ["imprecise date (EDTF)" if field.get("edtf") else field.get("type", "string")]
    if "unit" in field:
        facts.append(f"in {field['unit']}")
    if limits.get("required"):
        facts.append("required")
    meanings = schema().get("missingValueCodes", {})
    gaps = {code: meanings.get(code, "") for code in field.get("missingValues", []) if code}
    return {
        "name": field["name"],
        "facts": ", ".join(facts),
        "text": field.get("description", ""),
        "codes": field.get("codes") or dict.fromkeys(limits.get("enum", []), ""),
        "gaps": gaps,
    }


def table_page(name: str) -> tuple[str, str]:
    """Return the two parts of a table's page: the rows, and what the columns mean."""
    resource = resources()[name]
    intro = part("table_page", resource, len(rows(name)), resource["path"])
    columns = [field_record(field) for field in resource["schema"]["fields"]]
    return intro + table_html(name), part("fields", columns)


def tables_html(folder: str) -> str:
    """Return the list of the tables of one folder of the data package."""
    chosen = [r for r in resources().values() if r["path"].startswith(folder)]
    return part("cards", [(resource, len(rows(resource["name"]))) for resource in chosen])


# --- Findings and sources ------------------------------------------------------------------------


@cache
def exports() -> dict[str, str]:
    """Return all findings as files, by name; computed once for a state of library and data."""
    state = digest()[:16]
    stores = {form: BUILD / f"findings-{state}.{form}" for form in ("csv", "json")}
    if not all(store.exists() for store in stores.values()):
        from relations_lib import findings, load

        table = findings.compute(load())
        write(stores["json"], findings.to_json(table))
        write(stores["csv"], findings.to_csv(table))
    texts = {form: store.read_text(encoding="utf-8") for form, store in stores.items()}
    return {f"findings.{form}": text for form, text in texts.items()}


@cache
def findings() -> dict[str, Record]:
    """Return all findings as records by key."""
    found = json.loads(exports()["findings.json"])
    records = found["findings"] if isinstance(found, dict) else found
    return {record["key"]: record for record in records}


def short(value: float, beside: Iterable[float] = ()) -> str:
    """Return a number with four significant digits, never fewer than its whole part has.

    Numbers shown beside each other get as many decimals as the finest of them.
    """
    if value == int(value) and abs(value) < 1e15:
        return f"{value:,.0f}".replace("-", "−")
    if abs(value) >= 100:
        return f"{value:,.1f}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def sentence_name(identifier: str) -> str:
    """Return a sentence's place on the page in words."""
    found = re.fullmatch(r"p0*(\d+)s0*(\d+)", identifier)
    return f"paragraph {found[1]}, sentence {found[2]}" if found else identifier


def shown(finding: Record) -> str:
    """Return a finding in words: value, unit, bounds, number of observations."""
    text = f"{short(finding['value'])} {finding['unit']}"
    if finding["low"] is not None:
        text += f", from {short(finding['low'])} to {short(finding['high'])}"
    if finding["n"] is not None:
        text += f" (n = {short(finding['n'])})"
    return text


def sentences(found: Iterable[str]) -> list[str]:
    """Return the sentences of the page that rows (``table#id``, ``table#*``) rest on."""
    kept: dict[str, None] = {}
    for text in found:
        table, _, row = text.partition("#")
        for (name, id), spots in locators().items():
            if name == table and row in (id, "*"):
                kept.update(dict.fromkeys(spot["sentence"] for spot in spots))
    return sorted(kept)


def evidence(keys: Iterable[str], up: str) -> str:
    """Return what the findings of one page are and rest on."""
    records = []
    for key in keys:
        finding = findings()[key]
        rests = (finding["rests_on"] or "").split()
        spots = [
            {"href": f"{up}data/sentences.html#{spot}", "text": sentence_name(spot)}
            for spot in sentences(rests)
        ]
        records.append(
            {
                "key": key,
                "shown": shown(finding),
                "definition": finding["definition"],
                "rows": [entry(text, folder=f"{up}data/") for text in rests],
                "sentences": spots,
            }
        )
    return part("evidence", records, up)


def number_cell(value: float | None) -> Record:
    """Return a number's cell, which sorts by its value."""
    if value is None:
        return {"text": "", "value": "", "class": "number"}
    return {"text": short(value), "value": repr(value), "class": "number"}


def findings_html(chapters: dict[str, str]) -> str:
    """Return the table of all findings."""
    numbers = ("value", "low", "high")
    head = [("finding", ""), *((name, "number") for name in numbers)]
    head += [(name, "") for name in ("unit", "what it is", "rests on")]
    head += [("n", "number"), ("where", "")]
    shown = []
    for key, finding in findings().items():
        page = chapters.get(str(finding["notebook"]), "")
        rests = (finding["rests_on"] or "").split()
        place = {"href": f"{page}.html", "text": f"chapter {finding['notebook']}"}
        cells = [
            {"kind": "links", "entries": [{"href": f"#{key}", "text": key}]},
            *(number_cell(finding[name]) for name in numbers),
            {"text": finding["unit"]},
            {"text": finding["definition"], "class": "long"},
            {"kind": "links", "entries": [entry(text, folder="data/") for text in rests]},
            number_cell(finding["n"]),
            {"kind": "links", "entries": [place]} if page else {"text": finding["notebook"]},
        ]
        shown.append({"id": key, "cells": cells})
    return part("table", "All findings", head, shown, "filterable")


def source_record(row: Row) -> Record:
    """Return one entry of the bibliography."""
    spoken = LANGUAGES.get(row["language"], "")
    own_title = spoken and not row["title"].startswith("[")
    return {
        **row,
        "href": row["url"] if row["url"].startswith("http") else "",
        "lang": row["language"] if own_title else "",
        "spoken": spoken,
        "date": row["date"] if row["date"][:1].isdigit() else "",
    }


def sources_html() -> str:
    """Return all sources, by publisher, date and title."""
    ordered = sorted(rows("sources"), key=lambda r: (r["publisher"].lower(), r["date"], r["title"]))
    return part("sources", [source_record(row) for row in ordered])
