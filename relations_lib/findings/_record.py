"""What a finding is, how findings are collected, compared and written."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from relations_lib.tables import Data

COLUMNS = ["key", "value", "low", "high", "unit", "n", "definition", "rests_on", "notebook"]
NUMBERS = ["value", "low", "high", "n"]
SECTIONS = ("_visits", "_cadence", "_network", "_page", "_checks")


class Finding(NamedTuple):
    """One published number.

    ``low`` and ``high`` are an interval or exact bounds, as the definition says; ``n`` is the
    number of observations behind the value, missing where nothing is counted; ``rests_on`` names
    rows as ``table#id`` joined by spaces, ``table#*`` for a whole table.
    """

    key: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    rests_on: str = ""


@lru_cache(maxsize=1)
def _definitions() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    """Return the definitions, each with the pattern of its keys (``*`` is one part of a key)."""
    with (Path(__file__).parent / "definitions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(re.compile(re.escape(row["key"]).replace(r"\*", "([^.]+)")), row) for row in rows]


def define(key: str) -> dict[str, str]:
    """Return unit, definition and notebook of a key; ``{0}`` stands for the part ``*`` matched.

    Raises
    ------
    KeyError
        If no definition has this key.
    """
    for pattern, row in _definitions():
        if match := pattern.fullmatch(key):
            text = row["definition"]
            for place, part in enumerate(match.groups()):
                text = text.replace(f"{{{place}}}", part)
            return {"unit": row["unit"], "definition": text, "notebook": row["notebook"]}
    raise KeyError(f"{key}: no such key in definitions.csv; add a row that says what it is")


def compute(data: Data) -> pd.DataFrame:
    """Return all findings of the data as a table.

    Returns
    -------
    DataFrame
        One row per finding, columns ``COLUMNS``; ``low`` and ``high`` are missing where a
        finding has no bounds.

    Raises
    ------
    ValueError
        If two findings share a key.
    """
    modules = (importlib.import_module(f"relations_lib.findings.{name}") for name in SECTIONS)
    found = [finding for module in modules for finding in module.findings(data)]
    table = pd.DataFrame([finding._asdict() | define(finding.key) for finding in found])
    table = table.reindex(columns=COLUMNS)
    if table["key"].duplicated().any():
        twice = ", ".join(table["key"][table["key"].duplicated()])
        raise ValueError(f"findings share a key: {twice}")
    table["n"] = table["n"].astype("Int64")
    return table.astype({"value": float, "low": float, "high": float})


def to_csv(table: pd.DataFrame) -> str:
    """Return findings as CSV; numbers with 12 significant digits, so that every machine agrees."""
    return table.to_csv(index=False, float_format="%.12g", lineterminator="\n")


def to_json(table: pd.DataFrame) -> str:
    """Return findings as a JSON list of records with the columns of the CSV."""
    rounded = table.apply(lambda c: c.map("{:.12g}".format, "ignore") if c.dtype == float else c)
    records: Iterable[dict] = rounded.to_dict("records")
    rows = [{name: _plain(name, value) for name, value in row.items()} for row in records]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def read(file: str | Path) -> pd.DataFrame:
    """Return an earlier export, CSV or JSON by its content.

    Raises
    ------
    ValueError
        If the file is no whole export: every key once, a value for it, numbers in the others.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = list(csv.DictReader(io.StringIO(text), strict=True))
            if not text.endswith("\n") or any(None in (*row, *row.values()) for row in rows):
                raise ValueError
        table = pd.DataFrame(rows)[["key", *NUMBERS]].replace({"": None})
        table = table.astype(dict.fromkeys(NUMBERS, float))
        if not (table["value"].abs() < inf).all() or not table["key"].is_unique:
            raise ValueError
    except (csv.Error, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        allowed = "a whole CSV or JSON file as `findings` writes it, with every key once"
        raise ValueError(f"{file} is no export of findings; allowed: {allowed}") from None
    return table


def _plain(name: str, value: object) -> object:
    if pd.isna(value):
        return None
    return float(value) if name in ("value", "low", "high") else value  # type: ignore[arg-type]


def diff(old: pd.DataFrame, new: pd.DataFrame, tolerance: float = 1e-9) -> pd.DataFrame:
    """Return which findings differ between two exports.

    Parameters
    ----------
    old, new
        Findings as read from CSV or computed.
    tolerance
        Relative difference below which two numbers count as equal.

    Returns
    -------
    DataFrame
        Columns ``key``, ``change`` (``added``, ``removed``, ``changed``), ``column``, ``old``,
        ``new``; one row per number that differs.
    """
    old, new = (table.set_index("key")[NUMBERS].astype(float) for table in (old, new))
    rows: list[tuple] = []
    for key in [*new.index, *old.index.difference(new.index, sort=False)]:
        if key not in old.index:
            rows.append((key, "added", "value", None, new.at[key, "value"]))
        elif key not in new.index:
            rows.append((key, "removed", "value", old.at[key, "value"], None))
        else:
            rows += [
                (key, "changed", name, was, now)
                for name, was, now in zip(NUMBERS, old.loc[key], new.loc[key], strict=True)
                if not (was == now or abs(was - now) <= tolerance * max(abs(was), abs(now)))
                and not (pd.isna(was) and pd.isna(now))
            ]
    return pd.DataFrame(rows, columns=["key", "change", "column", "old", "new"])
