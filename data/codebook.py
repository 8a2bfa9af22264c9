"""Write the codebook, README.md, from the schema beside it, so that the two cannot differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


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
    groups: dict[str, list[dict[str, Any]]] = {}
    for resource in schema["resources"]:
        groups.setdefault(resource["path"].rpartition("/")[0], []).append(resource)
    lines = [
        "# Codebook",
        "",
        "This file is made from `datapackage.json`; change that and run `make codebook`.",
    ]
    lines += ["", schema["description"], ""]
    for heading, key in (("Coverage", "coverage"), ("Positions and hashes", "normalization")):
        if key in schema:
            lines += [f"## {heading}", "", schema[key], ""]
    declares = schema["customProperties"]["about"].removeprefix("package: ")
    lines += ["## About", "", f"Declared once and used everywhere: {declares}.", ""]
    lines += _table(["declared", "as"], list(_declared(schema["about"])))
    lines += ["## Coding rules", "", *_rules(schema.get("codingRules", []))]
    lines += ["## Missing values", "", "Missing is not zero, and the codes are not numbers.", ""]
    lines += _table(
        ["code", "meaning"],
        [(f"`{c}`" if c else "(empty)", m) for c, m in schema["missingValueCodes"].items()],
    )
    for folder, resources in groups.items():
        lines += [
            f"## Tables in `{folder}/`",
            "",
            *(line for r in resources for line in _resource(r)),
        ]
    lines += ["## Schema properties beyond the standard", ""]
    lines += _table(
        ["property", "meaning"], [(f"`{k}`", m) for k, m in schema["customProperties"].items()]
    )
    licenses = ", ".join(f"[{row['title']}]({row['path']})" for row in schema["licenses"])
    return "\n".join([*lines, "## License", "", licenses + "."]) + "\n"


def _declared(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in about.items():
        if name != "choices":
            yield f"`{name}`", f"`{json.dumps(value)}`"
    for name, value in about["choices"].items():
        yield f"`choices`, `{name}`", f"`{json.dumps(value)}`"


def _rules(rules: list[dict[str, str]]) -> Iterator[str]:
    for rule in rules:
        yield from (f"### {rule['title']}", "", rule["text"], "")


def _table(head: list[str], rows: Sequence[tuple[str, ...]]) -> list[str]:
    cells = [
        head,
        ["---"] * len(head),
        *([text.replace("|", "\\|") for text in row] for row in rows),
    ]
    return [*("| " + " | ".join(row) + " |" for row in cells), ""]


def _allowed(column: dict[str, Any]) -> str:
    """Return what a column may hold, in words."""
    limits = column.get("constraints", {})
    parts = [
        f"`{code}`" + (f" ({column['codes'][code]})" if code in column.get("codes", {}) else "")
        for code in limits.get("enum", [])
    ]
    parts += [f"form `{limits['pattern']}`"] if "pattern" in limits else []
    parts += [
        f"{word} {limits[key]}"
        for word, key in (
            ("from", "minimum"),
            ("to", "maximum"),
            ("at most characters:", "maxLength"),
        )
        if key in limits
    ]
    codes = [code for code in column.get("missingValues", []) if code not in limits.get("enum", [])]
    parts += [f"or `{code}`" if code else "may be empty" for code in codes]
    return "; ".join(parts) or "any"


def _type(column: dict[str, Any]) -> str:
    if column.get("edtf"):
        return "EDTF date"
    if "references" in column:
        return (
            "list of rows"
            if column["references"] == "*"
            else f"list of ids of `{column['references']}`"
        )
    return column["type"]


def _keys(resource: dict[str, Any]) -> Iterator[str]:
    schema = resource["schema"]
    yield f"Primary key: `{schema['primaryKey']}`."
    for key in schema.get("foreignKeys", []):
        target = key["reference"]
        yield f"`{key['fields']}` is a `{target['fields']}` of `{target['resource']}`."
    for rule in resource.get("rules", []):
        by = [rule["by"]] if isinstance(rule.get("by"), str) else rule.get("by", [])
        cells = [" ".join(cell) for cell in rule.get("cells", {}).items()]
        names = [*by, *rule.get("fields", []), *cells, rule.get("field"), rule.get("pattern")]
        among = rule.get("among", [])
        names += ["about.states"] if among == "states" else among
        target = rule.get("reference", {})
        if target:
            names += [f"{target['resource']}.{name}" for name in target["fields"]]
        yield f"Rule {rule['rule']}: " + ", ".join(f"`{name}`" for name in names if name) + "."


def _resource(resource: dict[str, Any]) -> Iterator[str]:
    yield from (f"### `{resource['name']}`: {resource['title']}", "", resource["description"], "")
    yield f"File `{resource['path']}`. " + " ".join(_keys(resource))
    if "coverage" in resource:
        yield f"Speaks for the window `{resource['coverage']}`."
    if "lookedUpUntil" in resource:
        yield f"Looked up until {resource['lookedUpUntil']}. {resource['lookedUpHow']}"
    if "cites" in resource:
        yield f"Rests on the sources `{'`, `'.join(resource['cites'].split())}`."
    yield ""
    for word, key in (("Terms", "terms"), ("How to rebuild it", "rebuild")):
        if key in resource:
            yield from (f"{word}: {resource[key]}", "")
    rows = [
        (f"`{c['name']}`", _type(c), c.get("unit", ""), c["description"], _allowed(c))
        for c in resource["schema"]["fields"]
    ]
    yield from _table(["column", "type", "unit", "meaning", "allowed"], rows)


if __name__ == "__main__":
    folder = Path(__file__).parent
    schema = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "README.md").write_text(codebook(schema), encoding="utf-8")
