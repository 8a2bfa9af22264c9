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
_ALL = (date.min, date.max)


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


def _span(raw: Raw, cell: str) -> Span:
    """Return first and last day of a date; of all days where it is missing or no date."""
    spans = days_of(cell, raw.resource["doubt"])
    return (spans[0][0], spans[-1][1]) if spans else _ALL


def _order(raw: Raw, tables: Tables, rule: Rule) -> Iterator[Fault]:
    first, second = rule["fields"]
    for row, (start, end) in raw.rows(first, second):
        earliest, _ = _span(raw, start)
        _, latest = _span(raw, end)
        if latest < earliest:
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
    for row, (here, there) in raw.rows(one, other):
        if (here == first) != (there == second):
            yield raw.fault(row, one, here, allowed)
            yield raw.fault(row, other, there, allowed)


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
        spans[key] = (_span(other, start)[0], _span(other, end)[1])
    if raw.lines and by not in {*raw.columns, *spans}:
        found = f"resource {raw.resource['name']}: {by!r}"
        ids = ", ".join(spans) or "which has no rows"
        yield Fault("datapackage.json", 1, "", found, f"an id of {table}: {ids}")
    keys = raw.columns.get(by, [by] * len(raw.lines))
    for name in rule["fields"]:
        for row, (cell,) in raw.rows(name):
            key = keys[row]
            first, last = spans.get(key, _ALL)
            if outside(raw, cell, first, last):
                yield raw.fault(row, name, cell, f"a date within {first} to {last} ({key})")


def _disjoint(raw: Raw, tables: Tables, rule: Rule) -> Iterator[Fault]:
    """Yield spells of one group that surely overlap: one begins before another can have ended."""
    start, end = rule["fields"]
    spells = []
    for row, (since, until, *group) in raw.rows(start, end, *rule["by"]):
        span = _span(raw, until)
        ended = date.max if span == _ALL else span[0]
        spells.append((group, _span(raw, since)[1], ended, row))
    for (group, _, ended, before), (same, begun, _, row) in pairwise(sorted(spells)):
        if group == same and begun < ended:
            allowed = f"a day after the spell on line {raw.lines[before]} ends"
            yield raw.fault(row, start, raw.columns[start][row], allowed)


_RULES: dict[str, Callable[..., Iterator[Fault]]] = {
    "order": _order,
    "differ": _differ,
    "together": _together,
    "form": _form,
    "within": _within,
    "disjoint": _disjoint,
}
