"""The book as one PDF, tagged and with an outline: chapters and appendices, printed by Chromium.

    python notebooks/site/_pdf.py TARGET

Made of the rendered site (``make`` first). Code, solutions and folds stay closed; links within
the book are left out.
"""

from __future__ import annotations

import re
import shutil
import sys
from base64 import b64encode
from pathlib import Path

import _cite
from bs4 import BeautifulSoup, Tag
from execute import BUILD, ROOT, write

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SITE = ROOT / "site"
LEFT_OUT = ".small-print, .on-dark, source, .headerlink, #evidence, script"
CLOSED = "details.hide, details.solution, .try"
WITHIN = re.compile(r"^(?!\w+://)")  # links
MISSING = (
    "The PDF needs the browser Chromium, and none was found. Install it "
    "(Debian, Ubuntu: apt install chromium), or print pages from your own browser."
)


def text_of(page: Path) -> Tag:
    """Return the text of a page of the site, its figures within it."""
    text = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").article
    for element in text.select(LEFT_OUT):
        element.decompose()
    for picture in text.find_all("img"):
        drawing = (page.parent / picture["src"]).read_bytes()
        picture["src"] = f"data:image/svg+xml;base64,{b64encode(drawing).decode()}"
        del picture["loading"]
    return text


def on_paper(html: str) -> str:
    """Return HTML without code, forms and links within the book."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.select(CLOSED):
        element.decompose()
    for link in soup.find_all("a", href=WITHIN):
        link.unwrap()
    return str(soup)


def whole(site: Path) -> str:
    """Return the pages of the book as one, in reading order."""
    pages = [site / "index.html", site / "timeline.html"]
    pages += sorted(site.glob("0*.html"))
    pages += sorted((site / "appendices").glob("*.html"))
    texts = "\n".join(str(text_of(page)) for page in pages)
    style = (site / "_static/book.css").resolve().as_uri()
    title = _cite.citation()["title"]
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f'<title>{title}</title><link rel="stylesheet" href="{style}"></head>'
        f'<body class="whole"><p class="kicker">{_cite.reference()}</p>{on_paper(texts)}</body>'
        f"</html>"
    )


def browser() -> str:
    """Return where a browser is, or nothing."""
    return next(filter(None, map(shutil.which, BROWSERS)), "")


def print_book(target: Path, site: Path = SITE) -> int:
    """Write the PDF; return 0, or 1 after saying what is missing."""
    if not browser():
        print(MISSING, file=sys.stderr)
        return 1
    book = BUILD / "pdf/book.html"
    write(book, whole(site))
    print_page(book, target)
    return 0


def print_page(source: Path, target: Path) -> None:
    """Print a page to a file as tagged PDF with an outline, in the size that its style says."""
    from playwright.sync_api import sync_playwright

    target.parent.mkdir(parents=True, exist_ok=True)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    looks = {"prefer_css_page_size": True, "print_background": True}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=options)
        page = chromium.new_page()
        page.goto(source.as_uri())
        page.pdf(path=str(target), tagged=True, outline=True, **looks)
        chromium.close()


if __name__ == "__main__":
    sys.exit(print_book(Path(sys.argv[1]).resolve()))
