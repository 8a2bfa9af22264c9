"""All published results: each with its definition and the rows it rests on.

A section is a function from the loaded data to findings; a section leaves out what the data
cannot give (no visits, one meeting). Names, units and definitions stand in ``definitions.csv``.
"""

from __future__ import annotations

from relations_lib.findings._record import (
    COLUMNS,
    Finding,
    compute,
    define,
    diff,
    read,
    to_csv,
    to_json,
)

__all__ = ["COLUMNS", "Finding", "compute", "define", "diff", "read", "to_csv", "to_json"]
