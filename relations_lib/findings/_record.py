"""What a finding is, and how the registers of the chapters become the findings of some data.

A register (``visits.toml`` and so on) has one record a finding, under its key::

    ["visits.rate.{window}"]
    each = "window"
    compute = "rate"
    unit = "per year"
    text = "visits a year in the window {window}, {start} to {end}"
    rests_on = "visits#* windows#{window}"

``each`` names what a record is made for: the function ``each_window`` of the section's module
yields a ``View`` for every window. Names in braces are attributes of that view, so that every
text is made from the data at hand. ``compute`` names a function of the section's module or, with
a dot, of the library (``pace.rank_sum``), which gives a number or ``Value``. It is called with the
view, or with the attributes of it that ``given`` names, and with ``options``; ``take`` says which
part of its answer is meant. A record without ``compute`` has ``value``, an attribute of the view
(``row.share``: of its row). ``n`` names one that counts observations, unless the value brings its
own. Every view has ``home`` and ``partner``, the ids of the two states, and their names as
``home_name`` and ``partner_name``.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import isnan
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from relations_lib.tables import Data

SECTIONS = ("visits", "cadence", "network", "page", "checks", "others")


class Record(NamedTuple):
    """One entry of a register; see the module."""

    key: str
    notebook: str
    unit: str
    text: str
    each: str = "package"
    compute: str = ""
    given: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    take: str = ""
    value: str = ""
    n: str = ""
    rests_on: str = ""


class Finding(NamedTuple):
    """One published number.

    ``low`` and ``high`` are an interval or exact bounds, as the definition says; ``n`` is the
    number of observations behind the value, missing where nothing is counted; ``rests_on`` names
    rows as ``table#id`` joined by spaces, ``table#*`` for a whole table.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    unit: str
    n: int | None
    definition: str
    rests_on: str
    notebook: str


COLUMNS = list(Finding._fields)


class Value(NamedTuple):
    """A number with its bounds and its number of observations, where it has them."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


class View(SimpleNamespace):
    """What a record is made for, such as one window: names for texts and functions.

    A view with a ``reason`` can't be computed on; the reason is what is told instead.
    """

    def but(self, **names: Any) -> View:
        """Return the view with more names, or other values of those it has."""
        return View(**{**vars(self), **names})


Each = Iterator[View]


def made_once(source: Callable[[Data], Each], data: Data) -> list[View]:
    """Return the views of a source, made once for the copy of the data that ``collect`` takes."""
    made = vars(data).setdefault("made", {})
    if source not in made:
        made[source] = list(source(data))
    return made[source]


def from_each(source: Callable[[Data], Each]) -> Callable:
    """Make a function from a view to others one from data, over the views of a source.

    A view that the function refuses, or that was refused before it, tells the reason.
    """

    def made(change: Callable[[Data, View], Iterable[View]]) -> Callable[[Data], Each]:
        def views(data: Data) -> Each:
            for view in made_once(source, data):
                try:
                    yield from [view] if hasattr(view, "reason") else change(data, view)
                except ValueError as reason:
                    yield view.but(reason=str(reason))

        return views

    return made


class _Names(dict):
    """The names of a view; one that it lacks stands as a star."""

    def __missing__(self, name: str) -> str:
        return "*"


@cache
def register(section: str) -> tuple[Record, ...]:
    """Return the records of a section (``visits``, ``cadence``, ``network``, ...)."""
    file = Path(__file__).with_name(f"{section}.toml")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    notebook = content.pop("notebook")
    return tuple(Record(key, **{"notebook": notebook, **entry}) for key, entry in content.items())


def collect(data: Data, sections: Sequence[str] = SECTIONS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all findings of the data, and what cannot be computed on them.

    Parameters
    ----------
    data
        The tables, as ``load`` gives them.
    sections
        The registers to go through.

    Returns
    -------
    tuple of DataFrame
        The findings, as ``compute`` gives them; and one row per finding that these data cannot
        give: ``key`` (a star stands for what is not known) and ``reason``.

    Raises
    ------
    ValueError
        If two findings share a key.
    """
    data = replace(data)  # what is made of it along the way stays with the copy
    found = []
    missing = []
    for section in sections:
        module = importlib.import_module(f"relations_lib.findings._{section}")
        for record, view in _tasks(module, section, data):
            try:
                found.append(_finding(module, record, view))
            except ValueError as reason:
                key = record.key.format_map(_Names(vars(view)))
                missing.append((key, " ".join(str(reason).split())))
            except (ArithmeticError, AttributeError, LookupError, TypeError) as mistake:
                kind = type(mistake).__name__
                mistake.add_note(f"({kind} in the finding {record.key} of {section}.toml)")
                raise
    table = pd.DataFrame(found, columns=COLUMNS)
    twice = table["key"][table["key"].duplicated()]
    if len(twice):
        raise ValueError(f"findings share a key: {', '.join(twice)}")
    numbers = {"value": float, "low": float, "high": float, "n": "Int64"}
    return table.astype(numbers), pd.DataFrame(missing, columns=["key", "reason"])


def compute(data: Data) -> pd.DataFrame:
    """Return all findings of the data as a table.

    Returns
    -------
    DataFrame
        One row per finding, columns ``COLUMNS``; ``low`` and ``high`` are missing where a
        finding has no bounds. What the data cannot give is absent: ``collect`` tells why.

    Raises
    ------
    ValueError
        If two findings share a key.
    """
    return collect(data)[0]


def _tasks(module: ModuleType, section: str, data: Data) -> Iterator[tuple[Record, View]]:
    """Yield each record of a section with each of the views that it is made for."""

    @cache
    def views(each: str) -> list[View]:
        return _views(getattr(module, f"each_{each}"), data)

    for record in register(section):
        for view in views(record.each):
            yield record, view


def _views(each: Any, data: Data) -> list[View]:
    """Return the views of one kind, or one that says why there are none."""
    try:
        names = _names(data) if data.about.states else {}
        found = [View(**{**names, **vars(view)}) for view in made_once(each, data)]
        return found or [View(reason="these data have no row of the kind that it tells of")]
    except ValueError as reason:
        return [View(reason=str(reason))]


def _names(data: Data) -> dict[str, str]:
    """Return the ids and names of the two states: the page's own is ``home``."""
    home, partner = data.about.need("states")
    names = data.states.set_index("id")["name"]
    return {
        "home": home,
        "partner": partner,
        "home_name": names.get(home, home),
        "partner_name": names.get(partner, partner),
    }


def _finding(module: ModuleType, record: Record, view: View) -> Finding:
    """Return the finding of a record for a view, or raise a ValueError that says why not."""
    names = vars(view)
    if "reason" in names:
        raise ValueError(view.reason)
    value = _value(_computed(module, record, view))
    if isnan(value.value):
        raise ValueError("these data leave it undefined")
    return Finding(
        key=record.key.format_map(names),
        value=value.value,
        low=value.low,
        high=value.high,
        unit=record.unit,
        n=_part(view, record.n) if value.n is None and record.n else value.n,
        definition=record.text.format_map(names),
        rests_on=record.rests_on.format_map(names).strip(),
        notebook=record.notebook,
    )


def _part(view: View, name: str) -> Any:
    """Return an attribute of a view, or of what it holds."""
    return vars(view)[name] if name in vars(view) else attrgetter(name)(view)


def _computed(module: ModuleType, record: Record, view: View) -> Any:
    """Return what the function of a record gives for a view, or the value that stands there."""
    if not record.compute:
        return _part(view, record.value)
    library, _, function = record.compute.rpartition(".")
    if library:
        module = importlib.import_module(f"relations_lib.{library}")
    given = [_part(view, part) for part in record.given.split()] or [view]
    found = getattr(module, function)(*given, **record.options)
    return getattr(found, record.take) if record.take else found


def _value(found: Any) -> Value:
    """Return an answer as a number with bounds: of a test its p, over all datings."""
    if isinstance(found, Value):
        return found
    if hasattr(found, "bounds"):
        return Value(found.p, *(found.bounds or ()))
    if hasattr(found, "low"):
        return Value(found[0], found.low, found.high)
    if isinstance(found, np.ndarray):
        return Value(*found)
    return Value(found)
