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

import pandas as pd
from _book import output_of
from _bundle import released
from _cite import citation
from _rows import findings
from execute import ROOT, every_notebook, write
from execute import main as execute
from prose import renewed

PICTURE = ROOT / "notebooks/site/_static/overview.png"
README = ROOT / "README.md"
CHANGES = ROOT / "CHANGELOG.md"
FALSE = re.compile("no longer true|names no finding")
BEGIN, END = "<!-- numbers: made by make refresh -->\n", "<!-- /numbers -->"
IMAGE = re.compile(r'<img alt="(?P<alt>[^"]*)"[^>]*base64,(?P<data>[^"]+)"')


def texts() -> Iterator[Path]:
    """Yield every file with prose: README, notebooks, pages, texts of a class."""
    yield README
    yield from every_notebook()
    yield from sorted((ROOT / "notebooks").rglob("*.md"))


def renew_notebook(content: str) -> tuple[str, list[str]]:
    """Return a notebook with its prose renewed, and the sentences that changed."""
    notebook = json.loads(content)
    told = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            text, changed = renewed("".join(cell["source"]), findings())
            cell["source"] = text.splitlines(keepends=True)
            told += [f"cell {number}: {sentence}" for sentence in changed]
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", told


def renew(file: Path) -> list[str]:
    """Renew the prose of a file; return the sentences that changed."""
    content = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        text, told = renew_notebook(content)
    else:
        text, told = renewed(content, findings())
    if told:
        write(file, text)
    return told


def start_figure() -> tuple[str, bytes]:
    """Return alternative text and picture of the start page's figure."""
    found = IMAGE.search(output_of("timeline", "start"))
    return html.unescape(found["alt"]), base64.b64decode(found["data"])


def renew_picture() -> list[str]:
    """Renew the start picture, and its alternative text in the README."""
    alt, picture = start_figure()
    told = [] if PICTURE.read_bytes() == picture else ["the start picture"]
    write(PICTURE, picture)
    text = README.read_text(encoding="utf-8")
    new = re.sub(r"!\[[^\]]*\](?=\([^)]*overview\.png\))", lambda _: f"![{alt}]", text)
    if new != text:
        told.append("README.md: the alternative text of the start picture")
        write(README, new)
    return told


def renew_version() -> None:
    """Give the data package the version and date of the citation record."""
    file = ROOT / "data/datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    package["version"] = citation()["version"]
    package["created"] = f"{citation()['date-released']}T00:00:00Z"
    write(file, json.dumps(package, indent=2, ensure_ascii=False) + "\n")


def moved_numbers(release: Path) -> str:
    """Return as Markdown how the findings differ from those of a release."""
    from relations_lib.findings import diff, read

    changes = diff(read(release), pd.DataFrame(findings().values()))
    numbers = changes[~changes["column"].isin(["unit", "definition"])]
    moved = numbers[numbers["change"] == "changed"].drop(columns="change")
    table = moved.to_markdown(index=False, floatfmt=".6g")
    new = numbers[numbers["change"] == "added"]
    gone = numbers[numbers["change"] == "removed"]
    names = ", ".join(f"`{key}`" for key in gone["key"])
    return (
        f"{len(new)} findings are new, {len(gone)} are gone, {moved['key'].nunique()} moved.\n\n"
        f"<details><summary>What moved: {len(moved)} values, bounds and n</summary>\n\n{table}\n\n"
        f"</details>\n\n<details><summary>Gone</summary>\n\n{names}\n\n</details>"
    )


def last_release() -> Path:
    """Return the findings of the newest release before this version."""
    kept = set((ROOT / "data/releases").glob("findings-*.csv"))
    before = kept - {released()}
    return max(before, key=lambda file: [int(part) for part in re.findall(r"\d+", file.name)])


def renew_changes() -> list[str]:
    """Renew the table of the numbers that moved since the last release."""
    release = last_release()
    text = CHANGES.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    new = f"{head}{BEGIN}\n{moved_numbers(release)}\n{END}{rest.partition(END)[2]}"
    write(CHANGES, new)
    return [] if new == text else [f"the numbers that moved since {release.stem}"]


def show(told: dict[Path, list[str]]) -> None:
    """Print what changed in each file, a line each."""
    for file, sentences in told.items():
        for sentence in sentences:
            print(f"{file.relative_to(ROOT)}: {sentence}", flush=True)


def main() -> int:
    """Renew everything; return 0, or 1 if a notebook is broken."""
    subprocess.run([sys.executable, str(ROOT / "data/codebook.py")], check=True)
    renew_version()
    told = {file: renew(file) for file in texts()}
    untrue = {file: [said for said in told[file] if FALSE.search(said)] for file in told}
    show({file: [said for said in told[file] if not FALSE.search(said)] for file in told})
    if broken := execute([]):
        return broken
    made = {PICTURE: renew_picture(), CHANGES: renew_changes()}
    show(made)
    if any(untrue.values()):
        print("What no number can mend, to be written anew:")
        show(untrue)
    count = sum(map(len, told.values()))
    print(f"Sentences to read again: {count}." if count else "No sentence is stale.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
