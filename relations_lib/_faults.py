"""What is wrong with a data package: where, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_SHOWN = 200  # faults in the text of an error; all stand in its list


class Fault(NamedTuple):
    """One thing that is wrong: where it stands, what was found, what is allowed."""

    file: str
    line: int
    column: str
    found: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}"
        if self.column:
            where += f", column {self.column}"
        return f"{where}: found {self.found}; allowed: {self.allowed}"


class DataError(ValueError):
    """All faults of a data package at once, in ``faults``."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        number = len(self.faults)
        lines = [f"{number} fault{'' if number == 1 else 's'} in the data"]
        lines += map(str, self.faults[:_SHOWN])
        if number > _SHOWN:
            lines.append(f"... and {number - _SHOWN} more")
        super().__init__("\n".join(lines))


def short(value: object) -> str:
    """Return how a value is written, cut where it is long."""
    text = repr(value)
    if len(text) <= 120:
        return text
    return f"{text[:100]}... ({len(text)} characters)"
