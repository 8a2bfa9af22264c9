"""Write the codebook, README.md, from the schema beside it, so that the two cannot differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

HERE = Path(__file__).parent
LIMITS = {
    "pattern": "form `{}`",
    "minimum": "from {}",
    "maximum": "to {}",
    "maxLength": "at most characters: {}",
}
RULES = {
    "order": "`{fields[1]}` is not before `{fields[0]}`",
    "differ": "`{fields[0]}` and `{fields[1]}` differ{among}",
    "disjoint": "spells from `{fields[0]}` to `{fields[1]}` of the same {by} do not overlap",
    "together": "{cells} go together, or neither is there",
    "form": "the parts of `{field}` named in `{pattern}` are what the columns of these names say",
    "within": "`{fields[0]}` and `{fields[1]}` lie within the row of `{reference[resource]}` "
    "that {by} names, from `{reference[fields][0]}` to `{reference[fields][1]}`",
}


def codebook(schema: dict[str, Any]) -> str:
    """Return the codebook of a data package as Markdown.

    Parameters
    ----------
    schema
        The content of ``datapackage.json``.

    Returns
    -------
    str
        Title, coverage, what it is about, coding rules, missing-value codes, then every table
        with its columns, units, codes, keys and rules.
    """
    templates = Environment(loader=FileSystemLoader(HERE), keep_trailing_newline=True)
    folders = groupby(schema["resources"], key=lambda resource: resource["path"].split("/")[0])
    return templates.get_template("codebook.jinja").render(
        schema=schema,
        folders=[(folder, list(resources)) for folder, resources in folders],
        words=_words,
        keys=_keys,
        kind=_kind,
        allowed=_allowed,
    )


def _kind(column: dict[str, Any]) -> str:
    target = column.get("references")
    if column.get("edtf"):
        return "EDTF date"
    if target == "*":
        return "list of rows"
    return f"list of ids of `{target}`" if target else column["type"]


def _allowed(column: dict[str, Any]) -> str:
    """Return what a column may hold, in words."""
    limits = column.get("constraints", {})
    codes = limits.get("enum", [])
    meanings = column.get("codes", {})
    parts = []
    for code in codes:
        meaning = f" ({meanings[code]})" if code in meanings else ""
        parts.append(f"`{code}`{meaning}")
    for name, words in LIMITS.items():
        if name in limits:
            parts.append(words.format(limits[name]))
    for code in column.get("missingValues", []):
        if code not in codes:
            parts.append(f"or `{code}`" if code else "may be empty")
    return "; ".join(parts) or "any"


def _keys(resource: dict[str, Any]) -> Iterator[str]:
    schema = resource["schema"]
    yield f"Primary key: `{schema['primaryKey']}`."
    for key in schema.get("foreignKeys", []):
        target = key["reference"]
        yield f"`{key['fields']}` is a `{target['fields']}` of `{target['resource']}`."
    for rule in resource.get("rules", []):
        yield f"Rule: {_rule(rule)}."


def _rule(rule: dict[str, Any]) -> str:
    """Return a rule of a table in words."""
    among = rule.get("among")
    codes = "the two states declared" if among == "states" else _words(among)
    cells = [f"`{name}` `{code}`" for name, code in rule.get("cells", {}).items()]
    named = {
        "among": f", and are among {codes}" if among else "",
        "by": _words(rule.get("by", "")),
        "cells": " and ".join(cells),
    }
    return RULES[rule["rule"]].format(**rule | named)


def _words(value: Any) -> str:
    """Return a value as code: the parts of a list by commas, those of a pair by an arrow."""
    if isinstance(value, dict):
        return ", ".join(f"`{name}` → `{other}`" for name, other in value.items())
    parts = value if isinstance(value, list) else [value]
    return ", ".join(f"`{part}`" for part in parts)


if __name__ == "__main__":
    schema = json.loads((HERE / "datapackage.json").read_text(encoding="utf-8"))
    (HERE / "README.md").write_text(codebook(schema), encoding="utf-8")
