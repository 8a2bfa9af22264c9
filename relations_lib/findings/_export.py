"""Findings as files: written, read back and compared."""

from __future__ import annotations

import io
import json
from math import isclose, isinf
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
    records = []
    for row in pd.concat([table, missing]).to_dict("records"):
        records.append({str(name): _plain(cell) for name, cell in row.items()})
    return json.dumps(records, indent=1, ensure_ascii=False) + "\n"


def _plain(cell: Any) -> Any:
    """Return a cell as JSON has it: nothing for what is missing, floats rounded."""
    if pd.isna(cell):
        return None
    if not isinstance(cell, float):
        return cell
    return str(cell) if isinf(cell) else float(f"{cell:.12g}")


def read(file: str | Path) -> pd.DataFrame:
    """Return an earlier export, CSV or JSON by its content, without what it could not compute.

    Raises
    ------
    ValueError
        If the file is no whole export: every key once, a value for it, numbers in the others.
    """
    text = Path(file).read_text(encoding="utf-8-sig")
    is_json = text.lstrip().startswith("[")
    try:
        table = _json_table(text) if is_json else pd.read_csv(io.StringIO(text))
        table = table[["key", *NUMBERS, *TEXTS]].astype(dict.fromkeys(NUMBERS, float))
        filled = table[["key", "value", *TEXTS]].notna().all(axis=None)
        whole = filled and table["key"].is_unique and text.endswith("\n")
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        whole = False
    if not whole:
        allowed = "a whole CSV or JSON file as `findings` writes it, with every key once"
        raise ValueError(f"{file} is no export of findings; allowed: {allowed}")
    return table


def _json_table(text: str) -> pd.DataFrame:
    """Return the records of a JSON export that have a value."""
    table = pd.DataFrame(json.loads(text))
    return table[table["reason"].isna()] if "reason" in table else table


def diff(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return in what two exports differ: numbers (by more than 1e-9 of them), units, definitions.

    Parameters
    ----------
    old, new
        Findings as read from an export or computed.

    Returns
    -------
    DataFrame
        Columns ``key``, ``change`` (``added``, ``removed``, ``changed``), ``column``, ``old``,
        ``new``; one row per number or text that differs, numbers rounded as in an export.
    """
    before = _by_key(old)
    after = _by_key(new)
    rows: list[tuple] = []
    for key in after | before:
        was, now = before.get(key), after.get(key)
        if was is None:
            rows.append((key, "added", "value", None, after[key]["value"]))
        elif now is None:
            rows.append((key, "removed", "value", was["value"], None))
        else:
            differing = [name for name in now if not _same(was[name], now[name])]
            rows += [(key, "changed", name, was[name], now[name]) for name in differing]
    return pd.DataFrame(rows, columns=["key", "change", "column", "old", "new"], dtype=object)


def _by_key(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the numbers and texts of every finding, numbers rounded."""
    cells = table.set_index("key")[[*NUMBERS, *TEXTS]]
    records = cells.astype(dict.fromkeys(NUMBERS, float)).to_dict("index")
    for row in records.values():
        row.update({name: _plain(cell) for name, cell in row.items()})
    return records


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        return isclose(was, now, rel_tol=1e-9)
    return was == now
