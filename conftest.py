"""What tests share: the findings, computed once; the one rule by which outputs are compared."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from unittest import mock

# Before numpy is there: two workers have a core each, more threads wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import execute
import pandas as pd
import pytest
from execute import BUILD
from hypothesis import settings
from jupyter_client import LocalPortCache

from relations_lib import findings, load
from relations_lib.tables import Data

FROZEN = Path(__file__).parent / "tests/frozen"

# Whole files of tests that compute findings, run chapters or make packages again and again: not
# before each commit.
THOROUGH = {
    "test_cli",
    "test_coding",
    "test_exercises",
    "test_figures_beside",
    "test_findings_packages",
    "test_findings_visits",
    "test_packages",
    "test_packages_told",
    "test_sources",
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave whole files unread that `make check` leaves out: reading them takes seconds."""
    leaves_out = "not thorough" in config.option.markexpr
    return True if leaves_out and collection_path.stem in THOROUGH else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make check` leaves to `make test`."""
    for item in items:
        if item.path.stem in THOROUGH:
            item.add_marker("thorough")


def pytest_configure() -> None:
    """Keep a reader's own settings of git out of tests, how busy the machine is, taken ports."""
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    settings.register_profile("any machine", deadline=None)
    settings.load_profile("any machine")
    LocalPortCache.find_available_port = execute.free_port


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


def computed_once(data: Data, state: str) -> pd.DataFrame:
    """Return all findings by key, of the worker that came first; the others wait for it."""
    BUILD.mkdir(exist_ok=True)
    store = BUILD / f"tested-{state[:16]}.pkl"
    with store.with_suffix(".lock").open("w") as lock:
        with contextlib.suppress(ImportError):  # Windows has no such lock: each worker computes
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            made = store.with_suffix(f".{os.getpid()}")
            findings.compute(data).set_index("key").to_pickle(made)
            made.replace(store)
        return pd.read_pickle(store)


@pytest.fixture(scope="session")
def published() -> pd.DataFrame:
    """Return all findings of the data by key; tests must not change them."""
    return computed_once(load(), execute.digest())


@pytest.fixture(scope="session")
def frozen_findings() -> pd.DataFrame:
    """Return all findings of the frozen rows by key; tests must not change them."""
    from frozen import frozen_data

    return computed_once(frozen_data(), execute.digest(FROZEN))
