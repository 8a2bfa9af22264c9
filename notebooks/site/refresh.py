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

from _book import output_of
from _cite import citation
from execute import ROOT, every_notebook, write
from execute import main as execute
from prose import renewed

PICTURE = ROOT / "notebooks/site/_static/overview.png"
README = ROOT / "README.md"
CHANGES = ROOT / "CHANGELOG.md"
MOVED = re.compile(r"(<!-- numbers: .*? -->\n).*?(<!-- /numbers -->)", re.S)
IMAGE = re.compile(r'<img alt="(?P<alt>[^"]*)"[^>]*base64,(?P<data>[^"]+)"')


def texts() -> Iterator[Path]:
    """Yield every file with prose: README, notebooks, pages, texts of a class."""
    yield README
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
    found = IMAGE.search(output_of(ROOT / "notebooks/timeline.ipynb", "start"))
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


def short(value: float | None) -> str:
    """Return a number with six significant digits, a dash for none."""
    return "–" if value is None else f"{float(value):.6g}"


def renew_version() -> list[str]:
    """Give the data package the version and date of the citation record."""
    file = ROOT / "data/datapackage.json"
    record = citation()
    text = file.read_text(encoding="utf-8")
    new = re.sub(r'(?<="version": )"[^"]*"', f'"{record["version"]}"', text, count=1)
    new = re.sub(r'(?<="created": )"[^"]*"', f'"{record["date-released"]}T00:00:00Z"', new, count=1)
    if new == text:
        return []
    write(file, new)
    return ["version and date of the data package"]


def moved_numbers(release: Path) -> str:
    """Return as Markdown how the findings differ from those of a release."""
    from relations_lib import findings, load

    changes = findings.diff(findings.read(release), findings.compute(load()))
    numbers = changes[changes["column"].isin(["value", "low", "high", "n"])]
    moved = numbers[numbers["change"] == "changed"]
    gone = numbers[numbers["change"] == "removed"]["key"].drop_duplicates()
    new = numbers[numbers["change"] == "added"]["key"].drop_duplicates()
    lines = [
        f"{len(new)} findings are new, {len(gone)} are gone, {moved['key'].nunique()} moved.",
        "",
        f"<details><summary>The {len(moved)} values that moved</summary>",
        "",
        "| finding | part | before | now |",
        "|---|---|---|---|",
    ]
    for row in moved.itertuples():
        lines.append(f"| `{row.key}` | {row.column} | {short(row.old)} | {short(row.new)} |")
    names = ", ".join(f"`{key}`" for key in gone)
    lines += ["", "</details>", "", f"<details><summary>Gone</summary>\n\n{names}\n\n</details>"]
    return "\n".join(lines)


def renew_changes() -> list[str]:
    """Renew the table of the numbers that moved since the last release."""
    release = sorted((ROOT / "data/releases").glob("findings-*.csv"))[-1]
    text = CHANGES.read_text(encoding="utf-8")
    table = moved_numbers(release).replace("\\", "\\\\")
    new = MOVED.sub(rf"\g<1>\n{table}\n\g<2>", text, count=1)
    if new == text:
        return []
    write(CHANGES, new)
    return [f"the numbers that moved since {release.stem}"]


def show(told: dict[Path, list[str]]) -> None:
    """Print what changed in each file, a line each."""
    for file, sentences in told.items():
        for sentence in sentences:
            print(f"{file.relative_to(ROOT)}: {sentence}", flush=True)


def main() -> int:
    """Renew everything; return 0, or 1 if a notebook is broken."""
    subprocess.run([sys.executable, str(ROOT / "data/codebook.py")], check=True)
    renew_version()
    numbers = known()
    told = {file: renew(file, numbers) for file in texts()}
    show(told)
    if broken := execute([]):
        return broken
    made = {PICTURE: renew_picture(), CHANGES: renew_changes()}
    show(made)
    count = sum(map(len, [*told.values(), *made.values()]))
    print(f"{count} changes in prose: read each sentence again." if count else "Nothing is stale.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
