"""What is wrong with the set-up on this machine, in plain words."""

from __future__ import annotations

import errno
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_OLDEST = (3, 11)
_ROOM = 500  # MB
_PINNED = re.compile(r"^([\w.-]+)==([\w.]+)", re.M)
_NO_RIGHT = "you may not read or write it: take another place, or ask for the right"
_ADVICE = {
    errno.ENOENT: "give the path of a file that is there",
    errno.EISDIR: "this is a folder: name a file in it",
    errno.ENOTDIR: "give a path whose folders are folders",
    errno.EEXIST: "name a new one",
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: "nothing can be written there: take another place",
    errno.ENOSPC: "make room on the disk and run the command again",
    errno.EDQUOT: "make room in your share of the disk and run the command again",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EMFILE: "raise the limit of open files (ulimit -n 1024) and run the command again",
    errno.ENETDOWN: "bring that up (Linux: ip link set lo up) and run the command again",
}
_NEEDED = ("numpy", "pandas", "scipy", "networkx", "matplotlib", "jupyterlab")


def advice(error: OSError) -> str:
    """Return one line: where, what the system refused, and what helps."""
    place = f"{error.filename}: " if error.filename else ""
    helps = _ADVICE.get(error.errno or 0, "mend this and run the command again")
    return f"{place}{error.strerror}: {helps}."


def find_problems(folder: Path, lock: Path = _ROOT / "requirements.lock") -> list[str]:
    """Return each thing that keeps the library from working, with what to do; empty if none.

    Parameters
    ----------
    folder
        Where somebody wants to work.
    lock
        The pinned versions; without the file none are compared.
    """
    return [*_of_python(), *_of_packages(lock), *_of_fonts(), *_of_folder(folder), *_of_data()]


def _of_python() -> Iterator[str]:
    if sys.version_info < _OLDEST:
        found = sys.version.split()[0]
        oldest = ".".join(map(str, _OLDEST))
        yield f"Python is {found}: install {oldest} or newer and set up again."


def _of_packages(lock: Path) -> Iterator[str]:
    for name in _NEEDED:
        if util.find_spec(name) is None:
            yield f"The package {name} is missing: run `make`, or install the project again."
    if not lock.is_file():
        return
    pinned: dict[str, set[str]] = {}
    for name, version in _PINNED.findall(lock.read_text("utf-8", errors="replace")):
        pinned.setdefault(name, set()).add(version)
    if not pinned:
        yield f"{lock} names no versions: get it anew (git checkout {lock.name})."
    for name, versions in pinned.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if found not in versions:
            locked = " or ".join(sorted(versions))
            yield f"{name} is {found}, where the lock has {locked}: run `make` to have the same."


def _of_fonts() -> Iterator[str]:
    try:
        from matplotlib import font_manager
    except ImportError:
        yield "matplotlib is missing: install the project again."
        return
    except ValueError as error:
        reason, *_ = str(error).split(";")
        yield f"matplotlib refuses a setting (MPLBACKEND or a matplotlibrc): {reason}."
        return
    try:
        font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    except ValueError:
        yield "The font of the figures (DejaVu Sans) is missing: install matplotlib again."


def _of_folder(folder: Path) -> Iterator[str]:
    for name, place in ((folder.resolve(), folder), ("the folder for temporary files", None)):
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"0")
        except OSError as error:
            yield f"Nothing can be written in {name} ({error.strerror}): take another folder."
    room = shutil.disk_usage(folder).free // 10**6
    if room < _ROOM:
        yield f"{room} MB are free in {folder.resolve()}: make room for {_ROOM} MB."


def _of_data() -> Iterator[str]:
    try:
        from relations_lib.tables import DataError, load
    except ImportError as error:
        why = textwrap.shorten(str(error), 200)
        yield f"A package does not work ({why}): run `make`, or install the project again."
        return
    try:
        load()
    except DataError as error:
        yield f"The package's own data have {len(error.faults)} faults: get the project anew."
