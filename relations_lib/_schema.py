"""Reading ``datapackage.json``: its form by a JSON Schema, its sense by the checks it asks for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from relations_lib import _cells, _evidence, _rules
from relations_lib._about import form
from relations_lib._faults import DataError, Fault, short
from relations_lib._reader import Raw, Tables, UnreadableError, text_of

NAME = "datapackage.json"
_ERA = "0001/9999"  # the dates allowed where a schema does not say it
_SECONDS = 5  # that all patterns of a package may take
_UPGRADE = (
    '"schemaVersion": "2" and "about": {"states": [two ids of states, the own one first], '
    '"body": an id of institutions, "window": an id of windows, "page": "page", '
    '"choices": {}}; "not_yet" for what is not known yet'
)
_TRY = """
import json, re, sys
for pattern, cells in json.load(sys.stdin):
    for cell in cells:
        re.fullmatch(pattern, cell)
    print(flush=True)
"""
Check = Callable[[], Iterator[Fault]]
_EVIDENCE = {
    "evidence: locators": _evidence.row_faults,
    "evidence: table": _evidence.cite_faults,
    "table: locators": _evidence.locator_faults,
    "table: sentences": _evidence.sentence_faults,
}


def read_schema(folder: Path, known: str = "") -> dict[str, Any]:
    """Return the content of ``datapackage.json``; a text that is known is not checked again."""
    try:
        text = text_of(folder / NAME, most=5)
    except OSError as error:
        raise DataError([_absent(folder, error.strerror or "")]) from None
    except UnreadableError as error:
        raise DataError([error.fault(NAME)]) from None
    try:
        schema = json.loads(text)
    except (RecursionError, ValueError) as error:  # nested too deep; no JSON, a number too long
        line = getattr(error, "lineno", 1)
        found = getattr(error, "msg", "nesting or a number beyond all use")
        raise DataError([Fault(NAME, line, "", found, "valid JSON")]) from None
    faults = [] if text == known else list(_schema_faults(schema, text))
    if faults:
        raise DataError(faults)
    return schema


def _absent(folder: Path, reason: str) -> Fault:
    """Return the fault of a package that is not there: where it was looked for, what to write."""
    here = Path.cwd()
    allowed = f"a folder that holds {NAME}"
    if not folder.is_absolute() and (here.parent / folder / NAME).is_file():
        allowed = f'"{(Path("..") / folder).as_posix()}", which holds one'
    found = f"{reason.lower()}: {here / folder / NAME} (the working folder is {here})"
    return Fault(NAME, 1, "", found, allowed)


def line_of(text: str, *names: str) -> int:
    """Return the line on which names stand, each after the one before, as far as they do."""
    return _line(text, [re.escape(f'"{name}"') for name in names])


def _line(text: str, patterns: list[str]) -> int:
    """Return the line on which patterns match, each after the one before, as far as they do."""
    place = 0
    for pattern in patterns:
        found = re.compile(pattern).search(text, place)
        place = found.start() if found else place
    return text.count("\n", 0, place) + 1


def _pattern(step: str | int, part: Any) -> str:
    """Return what finds a part in the text: a resource's path, a column's name, or its key.

    A resource's name may stand elsewhere too, as ``states`` does in ``about``; its path does not.
    """
    if isinstance(step, str) or not isinstance(part, dict):
        return re.escape(f'"{step}"')
    key = "path" if "path" in part else "name"
    value = json.dumps(part.get(key), ensure_ascii=False)
    return rf'"{key}"\s*:\s*{re.escape(value)}'


def _schema_faults(schema: Any, text: str) -> Iterator[Fault]:
    if not isinstance(schema, dict):
        yield Fault(NAME, 1, "", short(schema), "an object with a list of resources")
        return
    if schema.get("schemaVersion") in (None, "1") or "about" not in schema:
        found = "a package of an older schema, which does not say what it is about"
        yield Fault(NAME, 1, "", found, _UPGRADE)
        return
    faults = list(_form_faults(schema, text)) or list(_name_faults(schema))
    yield from faults or _date_faults(schema, text)


def _form_faults(schema: dict[str, Any], text: str) -> Iterator[Fault]:
    """Yield what the JSON Schema does not allow."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(form()).iter_errors(schema):
        steps = []
        patterns = []
        part: Any = schema
        for step in error.absolute_path:
            part = part[step]
            named = isinstance(step, int) and isinstance(part, dict)
            steps.append(str(part.get("name", step) if named else step))
            patterns.append(_pattern(step, part))
        found = f"{', '.join(steps) or 'package'}: {error.message[:200]}"
        allowed = f"{error.validator} {short(error.validator_value)}"
        if error.validator == "additionalProperties":
            allowed = ", ".join(error.schema["properties"])
        allowed = error.schema.get("description", allowed)
        yield Fault(NAME, _line(text, patterns), "", found, allowed)


def _name_faults(schema: dict[str, Any]) -> Iterator[Fault]:
    """Yield names and paths that stand twice."""
    names = []
    for resource in schema["resources"]:
        place = f"resource {resource['name']!r}"
        names += [place, f"path {resource['path']!r}"]
        names += [f"{place}, field {field['name']!r}" for field in resource["schema"]["fields"]]
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(NAME, 1, "", f"{name} twice", "every one once")


def _date_faults(schema: dict[str, Any], text: str) -> Iterator[Fault]:
    """Yield years, of the package or of resources, that allow no date."""
    for years in {resource["dates"]: None for resource in resources_of(schema)}:
        reason = _cells.date_reason(years, None)
        if reason:
            yield Fault(NAME, line_of(text, years), "", f"dates {years!r}", reason)


def resources_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every resource with what it takes from the package: dates, doubt, the two states."""
    states = schema["about"]["states"]
    given = {
        "dates": schema.get("dates", _ERA),
        "doubt": schema.get("doubt"),
        "states": states if isinstance(states, list) else [],
    }
    for resource in schema["resources"]:
        yield given | resource


def table_faults(raw: Raw, tables: Tables, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a table, and the parts of its schema that nothing can be held to."""
    for part, check in _checks(raw, tables):
        try:
            yield from check()
        except Exception:
            found = f"resource {raw.resource['name']}, {short(part)}"
            allowed = "what the codebook explains, of columns and tables that exist"
            yield Fault(NAME, line_of(text, raw.file), "", found, allowed)


def _checks(raw: Raw, tables: Tables) -> Iterator[tuple[object, Check]]:
    """Yield the parts of a resource, each with the check that it asks for."""
    schema, name = raw.resource["schema"], raw.resource["name"]
    for field in raw.fields:
        yield field, partial(_cells.cell_faults, raw, field)
        yield field, partial(_cells.list_faults, raw, field, tables)
    yield "primaryKey", partial(_cells.repeats, raw, _cells.listed(schema.get("primaryKey", [])))
    for key in schema.get("foreignKeys", []):
        yield key, partial(_cells.key_faults, raw, key, tables)
    for rule in _rules.rules_of(raw):
        yield rule, partial(_rules.rule_faults, raw, tables, rule)
    for said in (f"evidence: {raw.resource.get('evidence')}", f"table: {name}"):
        if said in _EVIDENCE:
            yield said, partial(_EVIDENCE[said], raw, tables)


def slow_patterns(raws: list[Raw], known: str) -> Iterator[Fault]:
    """Yield the pattern that does not come to an end on the cells of its column.

    No expression can be stopped inside a process, so those that are not in the text of the known
    schema are tried in another one first.
    """
    jobs = []
    for raw in raws:
        place = f"resource {raw.resource['name']}"
        for name, pattern in _patterns(raw):
            cells = sorted(set(raw.columns.get(name, ())))
            if json.dumps(pattern) not in known:
                jobs.append((f"{place}, field {name}", pattern, cells))
    if not jobs:
        return
    given = json.dumps([(pattern, cells) for _, pattern, cells in jobs])
    command = [sys.executable, "-I", "-c", _TRY]
    try:
        subprocess.run(command, input=given.encode(), capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        place, pattern, _ = jobs[len((error.stdout or b"").splitlines())]
        found = f"{place}, pattern {short(pattern)}, which takes more than {_SECONDS} seconds"
        yield Fault(NAME, 1, "", found, "a pattern that repeats nothing which repeats")


def _patterns(raw: Raw) -> Iterator[tuple[str, str]]:
    """Yield every pattern of a resource, with the column that it is for."""
    for field in raw.fields:
        yield field["name"], field.get("constraints", {}).get("pattern", "")
    for rule in raw.resource.get("rules", []):
        yield rule.get("field", ""), rule.get("pattern", "")
