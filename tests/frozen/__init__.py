"""The data as they stood when tests were written that need particular values.

The tables beside this file, which name each other's rows, are laid over those of today, so that
a row added to one of them touches no such test. A test that holds for any rows, or for today's
above all (figures, prose, sources), takes ``load()``.
"""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from relations_lib import load
from relations_lib.tables import Data, default_path

HERE = Path(__file__).parent
LEFT = shutil.ignore_patterns("releases", "map", "*.py", "*.md")


@cache
def frozen_data() -> Data:
    """Return the package with the frozen rows, read once; tests must not change its tables."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(default_path(), Path(folder) / "data", ignore=LEFT))
        for table in HERE.glob("*.csv"):
            (place,) = copy.rglob(table.name)
            shutil.copy(table, place)
        data = load(copy)
    return Data(default_path(), data.schema, data.tables)


def copied(target: Path) -> Path:
    """Copy today's package, the world's tables cut short: they take most of the reading."""
    folder = Path(shutil.copytree(default_path(), target, ignore=LEFT))
    for file in folder.glob("others/*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[:60]), encoding="utf-8")
    return folder
