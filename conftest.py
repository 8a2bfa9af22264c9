"""How notebooks are compared: every output, pictures included, by the rule of execute.py."""

from __future__ import annotations

import os
from unittest import mock

import execute
import pytest

# These compute every finding or run every chapter again and again: not before each commit.
THOROUGH = {"test_cli", "test_exercises", "test_findings", "test_prose", "test_sources"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make check` leaves to `make test`."""
    for item in items:
        if item.path.stem in THOROUGH:
            item.add_marker("thorough")


def is_cell(item: pytest.Item) -> bool:
    """Tell whether a test is a notebook cell that nbval runs."""
    return type(item).__name__ == "IPyNbCell"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Compare a cell's outputs by the one rule; nbval's own leaves pictures and order out."""
    if not is_cell(item):
        return
    notebook, explain = item.parent, item.compare_outputs
    notebook.skip_compare = tuple(k for k in notebook.skip_compare if not k.startswith("image/"))

    def compare_outputs(new: list, old: list) -> bool:
        if execute.same_outputs(old, new):
            return True
        if explain(new, old):
            item.comparison_traceback.append("outputs differ in their order, kind or stream")
        return False

    item.compare_outputs = compare_outputs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item):
    """Start a notebook's kernel in the environment of a reader without own settings."""
    if not is_cell(item):
        return (yield)
    with mock.patch.dict(os.environ, execute.kernel_environment(), clear=True):
        return (yield)
