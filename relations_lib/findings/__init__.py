"""All published results: each with its definition and the rows it rests on.

A section has a register (``visits.toml``: key, unit, definition, ...) and a module of functions
(``_visits.py``). Every definition is a template that is filled from the data; what the data
cannot give (no visits, one meeting, no body declared) is told with its reason.
"""

from __future__ import annotations

from relations_lib.findings._export import diff, read, to_csv, to_json
from relations_lib.findings._record import COLUMNS, Finding, collect, compute

__all__ = ["COLUMNS", "Finding", "collect", "compute", "diff", "read", "to_csv", "to_json"]
