"""Make the site: gather notebooks, pages and tables, each at its address, and render them.

    python notebooks/site/gather.py [FOLDER [CACHES]]

Notebooks, the class's texts, the pages of this folder and the data package stand in different
places of the project; the site is made from copies of them in ``.build/book``, whose links are
those of the site. Only what changed is written, so that only what changed is rendered again.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":  # an early Ctrl-C is quiet
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import json
import os
import re
import shutil
import sys
from pathlib import Path, PurePosixPath
from string import Template
from tempfile import TemporaryDirectory

import _rows
from execute import BUILD, ROOT, heed_signals, write

from relations_lib.doctor import advice

BOOK = BUILD / "book"
NOTEBOOKS = ROOT / "notebooks"
PAGES = NOTEBOOKS / "site"
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|[/#<])([^)#\s]+)")
SHOWN = {".md", ".ipynb", ".csv", ".txt"}
SEARCHED = 200  # rows: longer tables are left out of the search
PAGE = Template("""---
description: $description
$search---

# $title

```{made} table $name
```
""")


def addresses() -> dict[Path, str]:
    """Return every file that the site shows or links to, with its address on the site."""
    found = {
        ROOT / "data/README.md": "codebook.md",
        ROOT / "CHANGELOG.md": "changes.md",
        ROOT / "CONTRIBUTING.md": "contributing.md",
    }
    for file in sorted(NOTEBOOKS.rglob("*.*")):
        if file.suffix in SHOWN and ".ipynb_checkpoints" not in file.parts:
            base = PAGES if file.is_relative_to(PAGES) else NOTEBOOKS
            found[file] = file.relative_to(base).as_posix()
    for file in sorted((ROOT / "data").glob("[!r]*/*.csv")):  # not those of releases
        found[file] = f"data/{file.stem}.md"
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
    if file.suffix in (".md", ".ipynb"):
        return moved_links(file.read_text(encoding="utf-8"), file, known).encode()
    if known[file].startswith("data/"):
        return table_page(file.stem).encode()
    return file.read_bytes()


def table_page(name: str) -> str:
    """Return the page of a table of the data package; a long one is left out of the search."""
    resource = _rows.resources()[name]
    description = json.dumps(resource["description"])
    search = "nosearch: true\n" if len(_rows.rows(name)) > SEARCHED else ""
    return PAGE.substitute(resource, description=description, search=search)


def gather(book: Path = BOOK) -> bool:
    """Bring the site's sources up to date; return whether some have gone."""
    known = addresses()
    for file, address in known.items():
        copy, content = book / address, gathered(file, known)
        if not copy.exists() or copy.read_bytes() != content:
            write(copy, content)
    kept = {book / address for address in known.values()}
    gone = [copy for copy in book.rglob("*.*") if copy not in kept]
    for copy in gone:
        copy.unlink()
    return bool(gone)


def put(draft: Path, target: Path) -> None:
    """Put a copy of a finished folder in the place of the one before, at once."""
    with TemporaryDirectory(dir=target.parent, prefix=".site-") as place:
        new = Path(place, "new")
        shutil.copytree(draft, new)
        if target.exists():
            target.rename(Path(place, "old"))
        new.rename(target)


def render(target: Path, caches: Path = BUILD / "doctrees") -> int:
    """Gather and render aside, then put the site in its place; return 0, or 1 after a warning."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    unfinished, draft = caches / "unfinished", caches / "site"
    if gather() or unfinished.exists():  # a page whose source is gone; half a page
        shutil.rmtree(caches, ignore_errors=True)
    write(unfinished, "")
    with patch_docutils(PAGES), docutils_namespace():
        app = Sphinx(BOOK, PAGES, draft, caches, "html", status=None, warningiserror=True)
        app.build()
    if app.statuscode == 0:
        put(draft, target)
        unfinished.unlink()
    return app.statuscode


def main(places: list[Path]) -> int:
    """Render; return 0, or another number with one line that says why."""
    from sphinx.errors import SphinxError

    failed = 1
    try:
        return render(*places)
    except KeyboardInterrupt:
        why, failed = "Interrupted: the site is as it was, the next run makes it anew.", 130
    except (OSError, SphinxError) as error:
        cause = getattr(error, "orig_exc", None) or error
        reason = advice(cause) if isinstance(cause, OSError) else f"{error}."
        why = f"The site can't be made: {reason}"
    print(why, file=sys.stderr)
    return failed


if __name__ == "__main__":
    heed_signals()
    given = [Path(argument) for argument in sys.argv[1:]]
    sys.exit(main(given or [ROOT / "site"]))
