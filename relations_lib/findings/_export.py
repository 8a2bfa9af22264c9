"""Findings as files: written, read back and compared."""

from __future__ import annotations

import csv
import io
import json
from math import isinf
from pathlib import Path
from typing import Any

import pandas as pd

NUMBERS = ["value", "low", "high", "n"]
TEXTS = ["unit", "definition"]


def to_csv(table: pd.DataFrame) -> str:
    """Return findings as CSV; numbers with 12 significant digits, so that every machine agrees."""
    return table.to_csv(index=False, float_format="%.12g", lineterminator="\n")


def to_json(table: pd.DataFrame, missing: pd.DataFrame | None = None) -> str:
    """Return a table as a JSON list of records, numbers as in the CSV, an infinite one as text.

    Parameters
    ----------
    table
        Findings, or what ``diff`` gives.
    missing
        What could not be computed (see ``collect``): records without a value, with a ``reason``.
    """
    records = table.to_dict("records")
    if missing is not None:
        nothing = dict.fromkeys(table.columns)
        records += [nothing | row for row in missing.to_dict("records")]
    plain = [{str(name): _plain(cell) for name, cell in row.items()} for row in records]
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _plain(cell: Any) -> Any:
    """Return a cell as JSON has it: nothing for what is missing, floats rounded."""
    if pd.isna(cell):
        return None
    if not isinstance(cell, float):
        return cell
    return str(cell) if isinf(cell) else _rounded(cell)


def _rounded(number: float) -> float:
    return float(f"{number:.12g}")


def read(file: str | Path) -> pd.DataFrame:
    """Return an earlier export, CSV or JSON by its content, without what it could not compute.

    Raises
    ------
    ValueError
        If the file is no whole export: every key once, a value for it, numbers in the others.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
        rows = _json_rows(text) if text.lstrip().startswith("[") else _csv_rows(text)
        table = pd.DataFrame(rows)[["key", *NUMBERS, *TEXTS]].replace({"": None})
        table = table.astype(dict.fromkeys(NUMBERS, float))
        if table["value"].isna().any() or not table["key"].is_unique:
            raise ValueError
    except (csv.Error, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        allowed = "a whole CSV or JSON file as `findings` writes it, with every key once"
        raise ValueError(f"{file} is no export of findings; allowed: {allowed}") from None
    return table


def _json_rows(text: str) -> list[dict]:
    return [row for row in json.loads(text) if "reason" not in row or row["reason"] is None]


def _csv_rows(text: str) -> list[dict]:
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    if not text.endswith("\n") or any(None in (*row, *row.values()) for row in rows):
        raise ValueError
    return rows


def diff(old: pd.DataFrame, new: pd.DataFrame, tolerance: float = 1e-9) -> pd.DataFrame:
    """Return in what two exports differ: numbers, units and definitions.

    Parameters
    ----------
    old, new
        Findings as read from an export or computed.
    tolerance
        Relative difference below which two numbers count as equal.

    Returns
    -------
    DataFrame
        Columns ``key``, ``change`` (``added``, ``removed``, ``changed``), ``column``, ``old``,
        ``new``; one row per number or text that differs, numbers rounded as in an export.
    """
    before = old.set_index("key")
    after = new.set_index("key")
    rows: list[tuple] = []
    for key in [*after.index, *before.index.difference(after.index, sort=False)]:
        if key not in before.index:
            rows.append((key, "added", "value", None, _rounded(after.at[key, "value"])))
        elif key not in after.index:
            rows.append((key, "removed", "value", _rounded(before.at[key, "value"]), None))
        else:
            rows += _changes(key, before.loc[key], after.loc[key], tolerance)
    return pd.DataFrame(rows, columns=["key", "change", "column", "old", "new"], dtype=object)


def _changes(key: str, old: pd.Series, new: pd.Series, tolerance: float) -> list[tuple]:
    """Return the numbers and texts that differ between two findings of one key."""
    rows: list[tuple] = []
    for name in NUMBERS:
        was = _number(old[name])
        now = _number(new[name])
        if was != now and not _near(was, now, tolerance):
            rows.append((key, "changed", name, was, now))
    for name in TEXTS:
        if old[name] != new[name]:
            rows.append((key, "changed", name, old[name], new[name]))
    return rows


def _number(cell: Any) -> float | None:
    return None if pd.isna(cell) else _rounded(float(cell))


def _near(was: float | None, now: float | None, tolerance: float) -> bool:
    if was is None or now is None:
        return False
    return abs(was - now) <= tolerance * max(abs(was), abs(now))
