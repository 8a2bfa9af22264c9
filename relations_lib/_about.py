"""What a data package is about: declared once in ``datapackage.json``, used everywhere."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NOT_YET = "not_yet"
TABLES = {  # the table in which a declared id must stand
    "states": "states",
    "body": "institutions",
    "window": "windows",
    "page": "page",
}
CHOICES = {  # the same, of choices that are ids
    "meetings_window": "windows",
    "silent_window": "windows",
    "charter_of": "organizations",
    "successors": "organizations",
}
Ids = Mapping[str, Collection[str] | None]  # by table; None for one that could not be read


class NotDeclaredError(ValueError):
    """What was asked for is not declared in ``datapackage.json``."""


@cache
def form() -> dict[str, Any]:
    """Return the JSON Schema of ``datapackage.json``."""
    file = Path(__file__).with_name("schema.json")
    return json.loads(file.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class About:
    """What a data package is about, as its ``datapackage.json`` declares it.

    Attributes
    ----------
    states
        The ids of the two states, that of the page's own state first; None if not yet declared.
    body
        The institution whose meetings are analyzed, or None.
    window
        The main coverage window, or None.
    page
        The page, or None.
    choices
        Further choices that published results rest on, by name.
    """

    states: tuple[str, str] | None = None
    body: str | None = None
    window: str | None = None
    page: str | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)

    @property
    def home(self) -> str:
        """Return the state whose page it is."""
        return self.need("states")[0]

    @property
    def partner(self) -> str:
        """Return the other state."""
        return self.need("states")[1]

    def missing(self) -> list[str]:
        """Return what is still to declare, without the choices, which are free."""
        return [name for name in TABLES if getattr(self, name) is None]

    def need(self, name: str) -> Any:
        """Return what is declared under a name, be it of the record or a choice.

        Raises
        ------
        NotDeclaredError
            If it is not declared; the message says what to write where.

        Examples
        --------
        >>> About(body="i-council").need("body")
        'i-council'
        >>> About().need("window")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        relations_lib._about.NotDeclaredError: window is not declared yet: ...
        """
        found = getattr(self, name) if name in TABLES else self.choices.get(name)
        if found is not None:
            return found
        known, place = form()["$defs"]["about"]["properties"], '"about"'
        if name not in TABLES:
            known, place = known["choices"]["properties"], '"choices" of "about"'
        allowed = known[name]["description"].removesuffix(f', or "{NOT_YET}"')
        raise NotDeclaredError(
            f'{name} is not declared yet: write {allowed} as "{name}" under {place} '
            "in datapackage.json"
        )


def read(schema: Mapping[str, Any]) -> About:
    """Return what a schema of the right form declares."""
    declared = schema["about"]
    known = {name: declared[name] for name in TABLES if declared[name] != NOT_YET}
    if "states" in known:
        known["states"] = tuple(known["states"])
    return About(**known, choices=declared["choices"])


def misfits(about: About, ids: Ids) -> Iterator[tuple[str, str]]:
    """Yield what is declared and does not exist, and what is allowed instead."""
    for name, table in (TABLES | CHOICES).items():
        known = ids.get(table, ())
        for key in _keys(getattr(about, name, None) or about.choices.get(name, [])):
            if known is not None and key not in known:
                some = textwrap.shorten(", ".join(sorted(known)), 200, placeholder=" …")
                some = some or "which has no rows"
                yield f"about, {name}: {key!r}", f'an id of {table} ({some}), or "{NOT_YET}"'
    years = about.choices.get("pace_window", [])
    if years != sorted(years):
        yield f"about, pace_window: {years}", "a first and a last year, in this order"


def _keys(declared: Any) -> list[str]:
    """Return the ids that a declaration holds: one, several, or several by others."""
    if isinstance(declared, str):
        return [declared]
    return [*declared, *declared.values()] if isinstance(declared, dict) else list(declared)
