"""Evidence on the relations of Tajikistan with Kazakhstan, and the analyses that rest on it.

``load()`` reads and validates the data package and gives typed pandas tables. The modules
``dates``, ``poisson``, ``visits``, ``cadence``, ``network``, ``sources``, ``findings`` and
``figures`` are imported on first use, as is pandas: ``import relations_lib`` costs nothing, and
the command line is quiet from its first moment on.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relations_lib.tables import About, Data, DataError, Fault, NotDeclaredError, load

__all__ = ["About", "Data", "DataError", "Fault", "NotDeclaredError", "load", "versions"]
_MODULES = [module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"]


def versions() -> str:
    """Return the versions behind the numbers: this library's and those that it computes with."""
    from importlib.metadata import version

    names = ("relations-lib", "numpy", "pandas", "scipy", "networkx", "matplotlib")
    return ", ".join(f"{name} {version(name)}" for name in names)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"relations_lib.{name}")
    if name in __all__:
        return getattr(importlib.import_module("relations_lib.tables"), name)
    raise AttributeError(f"module 'relations_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])
