"""The strict reader of CSV files: what can't be read is named by file and line.

The standard library's reader takes a quotation mark within a cell for a part of the text, in its
strict form too; so cells that hold one are looked for as they should have been written.

Source: RFC 4180, Common Format and MIME Type for Comma-Separated Values (CSV) Files (2005).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from relations_lib._faults import Fault, short

_QUOTED = 'quotation marks around a whole cell, doubled ("") inside it, and closed'
_LARGEST = 50  # million bytes of a file
csv.field_size_limit(_LARGEST * 1_000_000)  # a cell that is too long gets a fault of its own
_SEPARATORS = {";": "semicolons", "\t": "tabs"}
_SAVE = 'commas between the cells (in a spreadsheet, save as "CSV UTF-8", separator comma)'


class Raw(NamedTuple):
    """A table as written: its resource, cells by column, the line each row starts on."""

    resource: dict[str, Any]
    columns: dict[str, Sequence[str]]
    lines: list[int]

    @property
    def file(self) -> str:
        """Return the path of the file inside the package."""
        return self.resource["path"]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Return what the schema says of every column."""
        return self.resource["schema"]["fields"]

    def rows(self, *names: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Return the number of every row, with its cells in some columns."""
        return enumerate(zip(*map(self.columns.__getitem__, names), strict=True))

    def fault(self, row: int, column: str, found: object, allowed: str) -> Fault:
        """Return a fault of one cell."""
        return Fault(self.file, self.lines[row], column, short(found), allowed)


Tables = Mapping[str, Raw | None]  # None: a table that could not be read as a whole


class UnreadableError(ValueError):
    """A file can't be read; the arguments are the line, what was found, what is allowed."""

    def fault(self, file: str) -> Fault:
        """Return what is wrong as a fault of a file."""
        line, found, allowed = self.args
        return Fault(file, line, "", found, allowed)


def text_of(file: Path, most: int = _LARGEST) -> str:
    """Return the text of a plain file in UTF-8 of at most so many million bytes."""
    if file.exists() and not file.is_file():
        raise UnreadableError(1, "a folder, a pipe or a device", "a plain file")
    with file.open("rb") as opened:
        content = opened.read(most * 1_000_000 + 1)
    if len(content) > most * 1_000_000:
        raise UnreadableError(1, f"more than {most} million bytes", "a smaller file")
    allowed = 'UTF-8 text (save it as plain text in UTF-8; in a spreadsheet as "CSV UTF-8")'
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(content[: error.start + 1].splitlines())
        found = f"byte {content[error.start]:#04x}"
        raise UnreadableError(line, found, allowed) from None
    if 4 * text[:100].count("\0") > len(text[:100]):
        raise UnreadableError(1, "bytes of zero, as UTF-16 has them", allowed)
    return text


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it starts on."""
    lines = StringIO(text, newline="").readlines()
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for cells in reader:
            written = "".join(lines[line - 1 : reader.line_num])
            if '"' in written and any(_is_stray(cell, written) for cell in cells):
                raise UnreadableError(line, "a stray quotation mark", _QUOTED)
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(line, str(error), _QUOTED) from None


def _is_stray(cell: str, written: str) -> bool:
    """Tell whether a cell has quotation marks, and its record does not hold it as it should."""
    doubled = cell.replace('"', '""')
    return doubled != cell and f'"{doubled}"' not in written


def read(folder: Path, resource: dict[str, Any], faults: list[Fault]) -> Raw:
    """Return the cells of one file; what can't be read goes to faults."""
    names = [field["name"] for field in resource["schema"]["fields"]]
    raw = Raw(resource, {name: [] for name in names}, [])
    try:
        text = text_of(folder / raw.file)
        _refuse_separators(text, names)
        rows = records(text)
        _, header = next(rows, (1, []))
        wrong = list(_header_faults(raw.file, header, names))
        faults += wrong or _fill(raw, header, rows)
    except OSError as error:
        faults.append(Fault(raw.file, 1, "", error.strerror or "", "a readable CSV file"))
    except UnreadableError as error:
        faults.append(error.fault(raw.file))
    return raw


def _refuse_separators(text: str, names: list[str]) -> None:
    """Raise where there is no first line, or it shows that cells are not separated by commas."""
    if not text.strip():
        allowed = f"a first line with the names of the columns: {','.join(names)}"
        raise UnreadableError(1, "an empty file", allowed)
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if first.lower().startswith("sep="):
        raise UnreadableError(1, f"a first line {first!r}", f"no such line, and {_SAVE}")
    for mark, word in _SEPARATORS.items():
        if mark in first and len(names) > 1 and "," not in first:
            raise UnreadableError(1, f"{word} between the cells", _SAVE)


def _header_faults(file: str, header: list[str], names: list[str]) -> Iterator[Fault]:
    allowed = f"the columns {', '.join(names)}"
    for name in names:
        if name not in header:
            yield Fault(file, 1, name, "no such column", allowed)
    for name, count in Counter(header).items():
        if name not in names:
            yield Fault(file, 1, name, f"column {name!r}", allowed)
        elif count > 1:
            yield Fault(file, 1, name, f"column {name!r} twice", "each column once")


def _fill(raw: Raw, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> list[Fault]:
    """Add every record to the columns; return what is wrong with the shape of some."""
    kept: dict[int, list[str]] = {}
    faults, blank = [], []
    for line, cells in rows:
        if not any(cells):
            blank.append(line)
        elif len(cells) == len(header):
            kept[line] = cells
        else:
            column = header[min(len(cells), len(header) - 1)]
            allowed = f"{len(header)} cells a record; a cell with a comma in quotation marks"
            faults.append(Fault(raw.file, line, column, f"{len(cells)} cells", allowed))
    raw.lines.extend(kept)
    raw.columns.update(zip(header, zip(*kept.values(), strict=True), strict=False))
    if blank:
        found = f"{len(blank)} blank rows, from here to line {blank[-1]}"
        if len(blank) == 1:
            found = "a blank row"
        faults.append(Fault(raw.file, blank[0], "", found, "rows with content only: delete it"))
    return faults
