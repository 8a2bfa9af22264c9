"""Renew all that follows from the data, and print every sentence that changed: `make refresh`.

The codebook, the numbers in prose, the notebooks' outputs, the start picture with its alternative
text. What is printed wants to be read again: a number may have made its sentence false.
"""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from execute import ROOT, every_notebook, write
from execute import main as execute
from prose import renewed

PICTURE = ROOT / "notebooks/site/_static/overview.png"
SHOWN_IN = ("README.md",)
IMAGE = re.compile(r'<img alt="(?P<alt>[^"]*)"[^>]*base64,(?P<data>[^"]+)"')


def texts() -> Iterator[Path]:
    """Yield every file with prose: README, notebooks, pages, texts of a class."""
    yield ROOT / "README.md"
    yield from every_notebook()
    yield from sorted((ROOT / "notebooks").rglob("*.md"))


def known() -> dict[str, dict[str, float]]:
    """Return the numbers of every finding."""
    from relations_lib import findings, load

    table = findings.compute(load()).set_index("key")[["value", "low", "high", "n"]]
    return table.astype(float).to_dict("index")


def renew_notebook(file: Path, numbers: dict) -> list[str]:
    """Renew a notebook's prose; return the sentences that changed."""
    notebook = json.loads(file.read_text(encoding="utf-8"))
    told = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            text, changed = renewed("".join(cell["source"]), numbers)
            cell["source"] = text.splitlines(keepends=True)
            told += [f"cell {number}: {sentence}" for sentence in changed]
    if told:
        write(file, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return told


def renew(file: Path, numbers: dict) -> list[str]:
    """Renew the prose of a file; return the sentences that changed."""
    if file.suffix == ".ipynb":
        return renew_notebook(file, numbers)
    text, told = renewed(file.read_text(encoding="utf-8"), numbers)
    if told:
        write(file, text)
    return told


def start_figure() -> tuple[str, bytes]:
    """Return alternative text and picture of the start page's figure."""
    notebook = json.loads((ROOT / "notebooks/timeline.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "start" in cell["metadata"].get("tags", []):
            found = IMAGE.search("".join(cell["outputs"][0]["data"]["text/html"]))
            return html.unescape(found["alt"]), base64.b64decode(found["data"])
    raise ValueError("timeline.ipynb: no cell is tagged 'start'; tag the one with the figure")


def renew_picture() -> list[str]:
    """Renew the start picture and its alternative text wherever it is shown."""
    alt, picture = start_figure()
    told = [] if PICTURE.exists() and PICTURE.read_bytes() == picture else ["the start picture"]
    write(PICTURE, picture)
    for name in SHOWN_IN:
        file = ROOT / name
        text = file.read_text(encoding="utf-8")
        new = re.sub(r"!\[[^\]]*\](?=\([^)]*overview\.png\))", lambda _: f"![{alt}]", text)
        if new != text:
            told.append(f"{name}: the alternative text of the start picture")
            write(file, new)
    return told


def main() -> int:
    """Renew everything; return 0, or 1 if a notebook is broken."""
    subprocess.run([sys.executable, str(ROOT / "data/codebook.py")], check=True)
    numbers = known()
    told = {file: renew(file, numbers) for file in texts()}
    if broken := execute([]):
        return broken
    told[PICTURE] = renew_picture()
    for file, sentences in told.items():
        for sentence in sentences:
            print(f"{file.relative_to(ROOT)}: {sentence}")
    count = sum(map(len, told.values()))
    print(f"{count} changes in prose: read each sentence again." if count else "Nothing is stale.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
