"""Evidence on the relations of Tajikistan with Kazakhstan, and the analyses that rest on it.

``load()`` reads and validates the data package and gives typed pandas tables. The modules
``dates``, ``poisson``, ``visits``, ``cadence``, ``network``, ``sources``, ``findings`` and
``figures`` are imported on first use, so that ``import relations_lib`` costs little more than
pandas.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from relations_lib._about import About, NotDeclaredError
from relations_lib.tables import Data, DataError, Fault, load

__all__ = ["About", "Data", "DataError", "Fault", "NotDeclaredError", "load", "versions"]
_MODULES = (
    "cadence",
    "checks",
    "coding",
    "dates",
    "doctor",
    "exercises",
    "figures",
    "findings",
    "network",
    "nulls",
    "others",
    "pace",
    "pairs",
    "poisson",
    "sources",
    "timeline",
    "visits",
)


def versions() -> str:
    """Return the versions behind the numbers: this library's and those that it computes with."""
    from importlib.metadata import version

    names = ("relations-lib", "numpy", "pandas", "scipy", "networkx", "matplotlib")
    return ", ".join(f"{name} {version(name)}" for name in names)


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return importlib.import_module(f"relations_lib.{name}")
    raise AttributeError(f"module 'relations_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])
