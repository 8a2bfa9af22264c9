"""Read, validate and type the tables of a data package.

The schema is the package's own ``datapackage.json`` (Frictionless Data Package with Table
Schema). Beyond the standard it knows a few properties, each explained in the codebook: what the
package is about, a field's ``edtf`` and ``references``, a resource's ``dates``, ``coverage``,
``evidence``, ``rules`` and until when it was looked up.

Source: Frictionless Data, Data Package and Table Schema specifications (version 2, 2024).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from relations_lib import _about
from relations_lib._about import About, NotDeclaredError
from relations_lib._cells import BOOLEAN, ids_of, is_required, missing_codes
from relations_lib._faults import DataError, Fault
from relations_lib._reader import Raw, read, text_of
from relations_lib._schema import (
    NAME,
    line_of,
    read_schema,
    resources_of,
    slow_patterns,
    table_faults,
)
from relations_lib.dates import Doubtful, day_bounds

__all__ = [
    "About",
    "Data",
    "DataError",
    "Fault",
    "NoTableError",
    "NotDeclaredError",
    "default_path",
    "load",
    "require_codes",
]
_NUMBERS = {"integer": "Int64", "number": "Float64"}


class NoTableError(KeyError, AttributeError, ValueError):
    """A table is asked for that the package has not: as a key, as an attribute, or to compute."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Data(Mapping[str, pd.DataFrame]):
    """The typed tables of a data package, by name: ``data["visits"]`` or ``data.visits``.

    Attributes
    ----------
    path
        The folder of ``datapackage.json``.
    schema
        The content of ``datapackage.json``.
    tables
        One DataFrame per resource. Text stays text, missing-value codes included. An imprecise
        date stays EDTF text, with the days ``<column>_earliest`` and ``<column>_latest`` beside
        it; where the schema says by how many days a qualified date may be off (``doubt``), its
        marks (``?``, ``~``, ``%``) stand in ``<column>_flag``, too, and its text brings the doubt
        along (``dates.Doubtful``). A missing date or number is
        missing, and its code stands in ``<column>_missing``. ``windows`` holds the coverage
        windows.
    """

    path: Path
    schema: dict[str, Any] = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def about(self) -> About:
        """What the package is about: the two states, the body, the main window, the page."""
        return _about.read(self.schema)

    @property
    def looked_up(self) -> dict[str, str]:
        """Until which day or month (EDTF) the sources of a table were looked up, by table."""
        return self._stated("lookedUpUntil")

    @property
    def looked_up_from(self) -> dict[str, str]:
        """From which day, month or year on they were, by table; nobody looked before."""
        return self._stated("lookedUpFrom")

    def _stated(self, name: str) -> dict[str, str]:
        """Return a property of the resources that have it, by table."""
        resources = self.schema["resources"]
        return {part["name"]: part[name] for part in resources if name in part}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            near = get_close_matches(name, self.tables) or "list(data)"
            raise NoTableError(f"this package has no table {name!r}: see {near}")
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name == "tables":  # asked for while a copy is made
            raise AttributeError(name)
        return self[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]


def default_path() -> Path:
    """Return the folder of the package's own data, in a checkout or in an installed wheel."""
    package = Path(__file__).resolve().parent
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


def load(path: str | Path | None = None) -> Data:
    """Read and validate a data package.

    Parameters
    ----------
    path
        A folder with ``datapackage.json``, or that file; by default the data that come with
        ``relations_lib``, wherever the call is made from.

    Returns
    -------
    Data
        Typed tables, the coverage windows (``data.windows``), what the package is about
        (``data.about``) and the schema.

    Raises
    ------
    DataError
        If anything is wrong; it lists every fault with file, line, column, what was found and
        what is allowed.

    Examples
    --------
    >>> load().visits[["date", "visitor", "host"]].iloc[0].tolist()
    ['1993-01', 'TJK', 'KAZ']
    """
    folder = default_path() if path is None else _folder(Path(path))
    own = text_of(default_path() / NAME)
    schema = read_schema(folder, known=own)
    faults: list[Fault] = []
    raws = [read(folder, resource, faults) for resource in resources_of(schema)]
    slow = list(slow_patterns(raws, known=own))
    if slow:
        raise DataError(faults + slow)
    unread = {fault.file for fault in faults}
    tables = {raw.resource["name"]: None if raw.file in unread else raw for raw in raws}
    text = text_of(folder / NAME)
    for raw in raws:
        faults += table_faults(raw, tables, text)
    line = line_of(text, "about")
    for found, allowed in _about.misfits(_about.read(schema), ids_of(tables)):
        faults.append(Fault(NAME, line, "", found, allowed))
    if faults:
        raise DataError(dict.fromkeys(faults))
    return Data(folder, schema, {raw.resource["name"]: _typed(raw) for raw in raws})


def _folder(path: Path) -> Path:
    """Return the folder of a package, given it or its ``datapackage.json``."""
    if path.suffix == ".zip" and path.is_file():
        command = f"python -m zipfile -e {path.name} {path.stem}"
        allowed = f"the folder that it unpacks to: {command}"
        raise DataError([Fault(path.name, 1, "", "a zipped package", allowed)])
    return path.parent if path.name == NAME else path


def _typed(raw: Raw) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in raw.fields:
        name = column["name"]
        kind = "edtf" if column.get("edtf") else column.get("type", "string")
        columns[name] = pd.array(raw.columns[name], dtype="str")
        if kind == "string":
            continue
        cells = pd.Series(columns[name])
        missing = cells.isin([] if is_required(column) else missing_codes(column))
        columns |= _typed_column(name, cells.mask(missing), kind, raw.resource["doubt"])
        if not is_required(column):
            columns[f"{name}_missing"] = cells.where(missing)
    return pd.DataFrame(columns)


def _typed_column(name: str, cells: pd.Series, kind: str, doubt: int | None) -> dict[str, Any]:
    """Return a column of numbers, of truth values, or of dates with their days."""
    if kind == "edtf":
        columns = {name: cells, **day_bounds(cells, doubt=doubt).add_prefix(f"{name}_")}
        if doubt is not None:
            flag = cells.str.replace("[^?~%]", "", regex=True)
            columns[f"{name}_flag"] = flag
            if flag.fillna("").ne("").any():
                columns[name] = cells.astype(object).map(partial(Doubtful, doubt=doubt), "ignore")
        return columns
    if kind == "boolean":
        return {name: cells.map(BOOLEAN).astype("boolean")}
    return {name: cells.astype("string").astype(_NUMBERS[kind])}


def require_codes(codes: pd.Series, allowed: Collection[str] | None = None) -> None:
    """Raise if a code is not among those allowed, or two differ only by case or outer space.

    Parameters
    ----------
    codes
        A column of codes, missing ones passed over; its name stands in the message.
    allowed
        The codes that are known; None where any may stand, such as those of states.

    Raises
    ------
    ValueError
        With the code, its row, and what is allowed.

    Examples
    --------
    >>> require_codes(pd.Series(["full", "Full"], name="status"), ["full", "observer"])
    Traceback (most recent call last):
    ValueError: status 'Full' (row 1) is not known, but 'full': write it so
    >>> require_codes(pd.Series(["A", "B", "A "], name="state"))
    Traceback (most recent call last):
    ValueError: state 'A ' (row 2) differs from 'A' only by case or outer space: write one code
    """
    first: dict[str, str] = {}
    for row, code in codes.dropna().drop_duplicates().items():
        where = f"{codes.name} {code!r} (row {row})"
        if allowed is not None and code not in allowed:
            near = [other for other in allowed if _plain(other) == _plain(code)]
            if near:
                raise ValueError(f"{where} is not known, but {near[0]!r}: write it so")
            raise ValueError(f"{where} is not known; allowed: {', '.join(allowed)}")
        same = first.setdefault(_plain(code), code)
        if same != code:
            raise ValueError(
                f"{where} differs from {same!r} only by case or outer space: write one code"
            )


def _plain(code: object) -> str:
    return str(code).strip().casefold()
