"""The book as one PDF, tagged and with an outline: chapters and appendices, printed by Chromium.

    python notebooks/site/_pdf.py TARGET

Made of the rendered site (``make`` first). Code, solutions and folds stay closed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import _cite
from bs4 import BeautifulSoup, Tag
from execute import BUILD, ROOT, write

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SITE = ROOT / "site"
LEFT_OUT = ".small-print, .on-dark, .headerlink, details.hide, details.solution, script, form"
MISSING = (
    "The PDF needs the browser Chromium, and none was found. Install it "
    "(Debian, Ubuntu: apt install chromium), or print pages from your own browser."
)


def pages(site: Path) -> list[Path]:
    """Return the pages of the book in reading order."""
    chapters = sorted(site.glob("0*.html"))
    appendices = sorted((site / "appendices").glob("*.html"))
    return [site / "index.html", site / "timeline.html", *chapters, *appendices]


def article(page: Path, site: Path, names: dict[str, str]) -> Tag:
    """Return the text of a page, its ids and links made fit to stand beside the others."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    found = soup.article
    name = names[str(page)]
    for element in found.select(LEFT_OUT):
        element.decompose()
    for element in found.find_all(id=True):
        element["id"] = f"{name}-{element['id']}"
    for link in found.find_all("a", href=True):
        link["href"] = address(link["href"], page, names)
        if not link["href"]:
            link.unwrap()
    for picture in found.find_all(["img", "source"]):
        source = picture.get("src") or picture.get("srcset")
        if picture.name == "source":
            picture.decompose()
            continue
        picture["src"] = (page.parent / source).resolve().as_uri()
        del picture["loading"]
    found["id"] = name
    return found


def address(link: str, page: Path, names: dict[str, str]) -> str:
    """Return where a link leads within the one file; nothing where its page is not in it."""
    if "://" in link:
        return link
    path, _, anchor = link.partition("#")
    target = str((page.parent / path).resolve()) if path else str(page)
    if target not in names:
        return ""
    return f"#{names[target]}-{anchor}" if anchor else f"#{names[target]}"


def whole(site: Path) -> str:
    """Return all pages as one."""
    chosen = [page.resolve() for page in pages(site) if page.exists()]
    names = {str(page): f"page-{number}" for number, page in enumerate(chosen)}
    texts = "\n".join(str(article(page, site, names)) for page in chosen)
    style = (site / "_static/book.css").resolve().as_uri()
    title = _cite.citation()["title"]
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f'<title>{title}</title><link rel="stylesheet" href="{style}"></head>'
        f'<body class="whole"><p class="kicker">{_cite.reference()}</p>{texts}</body></html>'
    )


def browser() -> str:
    """Return where a browser is, or nothing."""
    return next(filter(None, map(shutil.which, BROWSERS)), "")


def print_book(target: Path, site: Path = SITE) -> int:
    """Write the PDF; return 0, or 1 after saying what is missing."""
    program = browser()
    if not program:
        print(MISSING, file=sys.stderr)
        return 1
    book = BUILD / "pdf/book.html"
    write(book, whole(site))
    print_page(book, target, program)
    return 0


def print_page(source: Path, target: Path, program: str) -> None:
    """Print a page to a file as tagged PDF with an outline, in the size that its style says."""
    from playwright.sync_api import sync_playwright

    target.parent.mkdir(parents=True, exist_ok=True)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    looks = {"prefer_css_page_size": True, "print_background": True}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        page = chromium.new_page()
        page.goto(source.as_uri())
        page.pdf(path=str(target), tagged=True, outline=True, **looks)
        chromium.close()


if __name__ == "__main__":
    sys.exit(print_book(Path(sys.argv[1]).resolve()))
