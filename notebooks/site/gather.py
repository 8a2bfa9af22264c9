"""Make the site: gather notebooks, pages and tables, each at its address, and render them.

    python notebooks/site/gather.py [FOLDER [CACHES]]

Notebooks, the class's texts, the pages of this folder and the data package stand in different
places of the project; the site is made from copies of them in ``.build/book``, whose links are
those of the site. Only what changed is written, so that only what changed is rendered again.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path, PurePosixPath

from execute import BUILD, ROOT, write

BOOK = BUILD / "book"
NOTEBOOKS = ROOT / "notebooks"
PAGES = NOTEBOOKS / "site"
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|[/#<])([^)#\s]+)")
OWN = {".py", ".pyc"}  # what makes the site and is no part of it


def addresses() -> dict[Path, str]:
    """Return every file that the site shows or links to, with its address on the site."""
    found = {ROOT / "data/README.md": "codebook.md"}
    for file in sorted(NOTEBOOKS.rglob("*")):
        own = file.is_relative_to(PAGES)
        hidden = any(part.startswith((".", "__")) for part in file.relative_to(NOTEBOOKS).parts)
        if file.is_file() and not hidden and not (own and file.suffix in OWN):
            base = PAGES if own else NOTEBOOKS
            found[file] = file.relative_to(base).as_posix()
    for file in sorted((ROOT / "data").rglob("*.csv")):
        found[file] = f"data/{file.stem}.table"
    return found


def moved_links(text: str, file: Path, known: dict[Path, str]) -> str:
    """Return a text whose links lead, at its address on the site, to where they led before."""
    here = PurePosixPath(known[file]).parent

    def moved(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(file.parent / link[0]))
        if target not in known:
            return link[0]
        return os.path.relpath(known[target], here).replace(os.sep, "/")

    return LINK.sub(moved, text)


def gathered(file: Path, known: dict[Path, str]) -> bytes:
    """Return a file as the site's sources hold it."""
    if file.suffix == ".md":
        return moved_links(file.read_text(encoding="utf-8"), file, known).encode()
    if file.suffix == ".ipynb":
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = moved_links("".join(cell["source"]), file, known)
        return json.dumps(notebook, ensure_ascii=False).encode()
    return file.read_bytes()


def gather(book: Path = BOOK) -> None:
    """Bring the site's sources up to date; what has no source any more goes."""
    known = addresses()
    for file, address in known.items():
        copy, content = book / address, gathered(file, known)
        if not copy.exists() or copy.read_bytes() != content:
            write(copy, content)
    kept = {book / address for address in known.values()}
    for copy in sorted(book.rglob("*")):
        if copy.is_file() and copy not in kept:
            copy.unlink()


def render(target: Path, caches: Path = BUILD / "doctrees") -> int:
    """Gather and render; return 0, or another number after any warning."""
    from sphinx.cmd.build import main as build

    gather()
    strict = ["-q", "-W", "--keep-going", "-d", str(caches), "-c", str(PAGES)]
    return build([*strict, str(BOOK), str(target)])


if __name__ == "__main__":
    places = [Path(argument) for argument in sys.argv[1:]] or [ROOT / "site"]
    sys.exit(render(*places))
