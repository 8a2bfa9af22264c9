"""What a data package is about: declared once in ``datapackage.json``, used everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from relations_lib.dates import precision

VERSION = "2"
NOT_YET = "not_yet"
_TABLES = {  # the table in which a declared id must stand
    "states": "states",
    "body": "institutions",
    "window": "windows",
    "page": "page",
}
_CHOICES = {  # of what form a further choice is: a table's id, or one of the forms below
    "meetings_window": "windows",
    "silent_window": "windows",
    "charter_of": "organizations",
    "split_after": "a year, such as 2003",
    "pace_window": "a first and a last year, such as [1998, 2012]",
    "telling_dates": 'days, such as ["2013-12-31"]',
    "successors": 'ids of organizations, such as {"CST": "CSTO"}',
}
_UPGRADE = (
    f'"schemaVersion": "{VERSION}" and "about": '
    '{"states": [two ids of states, the own one first], "body": an id of institutions, '
    '"window": an id of windows, "page": "page", "choices": {}}; '
    f'"{NOT_YET}" for what is not known yet'
)

Ids = Mapping[str, Collection[str] | None]  # by table; None for one that could not be read
Misfit = tuple[str, str]  # what was found and what is allowed


class NotDeclaredError(ValueError):
    """What was asked for is not declared in ``datapackage.json``."""


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
        return [name for name in _TABLES if getattr(self, name) is None]

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
        found = getattr(self, name) if name in _TABLES else self.choices.get(name)
        if found is not None:
            return found
        place = '"about"' if name in _TABLES else '"choices" of "about"'
        form = _form(_TABLES.get(name) or _CHOICES[name])
        raise NotDeclaredError(
            f'{name} is not declared yet: write {form} as "{name}" under {place} '
            "in datapackage.json"
        )


def _form(kind: str) -> str:
    """Return in words what is allowed: an id of a table, or a form that is in words already."""
    return kind if " " in kind else f"an id of {kind}"


def read(schema: Mapping[str, Any]) -> About:
    """Return what a schema without misfits declares."""
    declared = schema["about"]
    known = {name: declared[name] for name in _TABLES if declared[name] != NOT_YET}
    if "states" in known:
        known["states"] = tuple(known["states"])
    return About(**known, choices=declared["choices"])


def misfits_of_form(schema: Mapping[str, Any]) -> Iterator[Misfit]:
    """Yield what is wrong with the version and the form of a declaration."""
    version = schema.get("schemaVersion")
    if version is None or "about" not in schema:
        yield "a package of an older schema, which does not say what it is about", _UPGRADE
        return
    if version != VERSION:
        yield f"schemaVersion: {version!r}", f'"{VERSION}", the one that this library reads'
        return
    declared = schema["about"]
    names = [*_TABLES, "choices"]
    if not isinstance(declared, dict) or sorted(declared) != sorted(names):
        found = ", ".join(declared) if isinstance(declared, dict) else repr(declared)
        yield f"about: {found}", f"an object with exactly {', '.join(names)}"
        return
    for name in _TABLES:
        if not _fits(name, declared[name]):
            what = "a list of two different ids" if name == "states" else "an id"
            yield f"about, {name}: {declared[name]!r}", f'{what}, or "{NOT_YET}"'
    if not isinstance(declared["choices"], dict):
        yield f"about, choices: {declared['choices']!r}", "an object, which may be empty"
        return
    for name, value in declared["choices"].items():
        if name not in _CHOICES:
            yield f"about, choices: {name}", ", ".join(_CHOICES)
        elif not _chosen(name, value):
            yield f"about, choices, {name}: {value!r}", _form(_CHOICES[name])


def _fits(name: str, value: Any) -> bool:
    if value == NOT_YET or name != "states":
        return isinstance(value, str)
    return _are_ids(value) and len(set(value)) == len(value) == 2


def _are_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_year(value: object) -> bool:
    return type(value) is int and 1 <= value <= 9999


def _chosen(name: str, value: Any) -> bool:
    """Tell whether a choice has its form."""
    if name == "split_after":
        return _is_year(value)
    if name == "pace_window":
        years = isinstance(value, list) and len(value) == 2 and all(map(_is_year, value))
        return years and value[0] <= value[1]
    if name == "telling_dates":
        return _are_ids(value) and all(map(_is_day, value))
    if name == "successors":
        return isinstance(value, dict) and _are_ids(list(value.values()))
    return isinstance(value, str)


def _is_day(text: str) -> bool:
    try:
        return precision(text) == "day"
    except ValueError:
        return False


def misfits_of_ids(schema: Mapping[str, Any], ids: Ids) -> Iterator[Misfit]:
    """Yield each declared id that does not exist, given the ids of every table by its name."""
    declared = schema["about"]
    for name, table in _TABLES.items():
        if declared[name] != NOT_YET:
            for id in declared[name] if name == "states" else [declared[name]]:
                yield from _unknown(f"about, {name}: {id!r}", id, table, ids)
    for name, value in declared["choices"].items():
        if name == "successors":
            for id in [*value, *value.values()]:
                yield from _unknown(f"about, choices, {name}: {id!r}", id, "organizations", ids)
        elif " " not in _CHOICES[name]:
            yield from _unknown(f"about, choices, {name}: {value!r}", value, _CHOICES[name], ids)


def _unknown(found: str, id: str, table: str, ids: Ids) -> Iterator[Misfit]:
    """Yield an id that its table does not have; a table not wholly read (None) is passed over."""
    known = ids.get(table, ())
    if known is None or id in known:
        return
    some = list(known)[:10]
    listed = ", ".join(some) + (", ..." if len(known) > len(some) else "")
    yield found, f'an id of {table} ({listed or "which has no rows"}), or "{NOT_YET}"'
