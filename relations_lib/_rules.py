"""The rules of a resource beyond the standard: what its rows may not say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from relations_lib._cells import codes_of, days_of, outside
from relations_lib._faults import Fault
from relations_lib._reader import Raw, Tables

Rule = dict[str, Any]
Span = tuple[date, date]


def rules_of(raw: Raw) -> list[Rule]:
    """Return the rules of a table; that dates lie in the window covered is one of them."""
    rules = list(raw.resource.get("rules", []))
    if "coverage" in raw.resource:
        covered = {
            "rule": "within",
            "by": raw.resource["coverage"],
            "fields": [field["name"] for field in raw.fields if field.get("edtf")],
            "reference": {"resource": "windows", "fields": ["start", "end"]},
        }
        rules.append(covered)
    return rules


def rule_faults(raw: Raw, tables: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield the rows that break one rule."""
    yield from _RULES[rule["rule"]](raw, tables, rule)


def _span(raw: Raw, cell: str) -> Span | None:
    """Return the days of a date cell, or None for a missing or faulty one (reported elsewhere)."""
    spans = days_of(cell, raw.resource["doubt"])
    return (spans[0][0], spans[-1][1]) if spans else None


def _order(raw: Raw, _: Tables, rule: Rule) -> Iterator[Fault]:
    first, second = rule["fields"]
    for row, (start, end) in raw.rows(first, second):
        begun, ended = _span(raw, start), _span(raw, end)
        if begun and ended and ended[1] < begun[0]:
            yield raw.fault(row, second, end, f"a date not before {first} ({start})")


def _differ(raw: Raw, _: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield rows with one code in two columns, or with a code that is not among those named."""
    one, other = rule["fields"]
    codes = codes_of(raw, rule["fields"])
    among = rule.get("among", [])
    if among == "states":
        among = raw.resource["states"]
    for row, (first, second) in raw.rows(one, other):
        if first == second and first not in codes:
            yield raw.fault(row, other, second, f"not the same as {one}")
        for name, cell in ((one, first), (other, second)):
            if among and cell not in {*codes, *among}:
                yield raw.fault(row, name, cell, " or ".join(among))


def _together(raw: Raw, _: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield rows that hold one of two cells that go together, but not the other."""
    (one, first), (other, second) = rule["cells"].items()
    allowed = f"{one} {first} together with {other} {second}, or neither"
    for row, cells in raw.rows(one, other):
        if (cells[0] == first) != (cells[1] == second):
            yield raw.fault(row, one, cells[0], allowed)
            yield raw.fault(row, other, cells[1], allowed)


def _form(raw: Raw, _: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield cells that differ from the part of the key that bears the name of their column."""
    pattern, field = re.compile(rule["pattern"]), rule["field"]
    for row, (key, *cells) in raw.rows(field, *pattern.groupindex):
        match = pattern.fullmatch(key)
        if match is None:
            yield raw.fault(row, field, key, f"text of the form {pattern.pattern}")
            continue
        for name, cell in zip(pattern.groupindex, cells, strict=True):
            if match[name] != cell:
                yield raw.fault(row, name, cell, f"{match[name]}, as in {field} {key}")
                yield raw.fault(row, field, key, f"{cell} in it, as in {name}")


def _within(raw: Raw, tables: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield dates outside the span of a row elsewhere, which a column names, or the rule."""
    by, table = rule["by"], rule["reference"]["resource"]
    other = tables[table]
    if other is None:
        return
    spans: dict[str, Span] = {}
    for _, (key, start, end) in other.rows("id", *rule["reference"]["fields"]):
        begun, ended = _span(other, start), _span(other, end)
        spans[key] = (begun[0] if begun else date.min, ended[1] if ended else date.max)
    if raw.lines and by not in {*raw.columns, *spans}:
        found = f"resource {raw.resource['name']}: {by!r}"
        yield Fault("datapackage.json", 1, "", found, f"an id of {table}: {', '.join(spans)}")
    keys = raw.columns.get(by, [by] * len(raw.lines))
    for name in rule["fields"]:
        for row, (key, cell) in enumerate(zip(keys, raw.columns[name], strict=True)):
            if key in spans and outside(raw, cell, *spans[key]):
                first, last = spans[key]
                yield raw.fault(row, name, cell, f"a date within {first} to {last} ({key})")


def _disjoint(raw: Raw, _: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield spells of one group that surely overlap: one begins before another can have ended."""
    start, end = rule["fields"]
    spells: dict[tuple[str, ...], list[tuple[date, date, int]]] = {}
    for row, (since, until, *group) in raw.rows(start, end, *rule["by"]):
        begun, ended = _span(raw, since), _span(raw, until)
        if begun:
            last = ended[0] if ended else date.max
            spells.setdefault(tuple(group), []).append((begun[1], last, row))
    for members in spells.values():
        for before, after in pairwise(sorted(members)):
            if after[0] < before[1]:
                row = after[2]
                allowed = f"a day after the spell on line {raw.lines[before[2]]} ends"
                yield raw.fault(row, start, raw.columns[start][row], allowed)


_RULES: dict[str, Callable[..., Iterator[Fault]]] = {
    "order": _order,
    "differ": _differ,
    "together": _together,
    "form": _form,
    "within": _within,
    "disjoint": _disjoint,
}
