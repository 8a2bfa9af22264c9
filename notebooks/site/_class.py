"""Paper for a class, printed by Chromium: worksheets, solutions, method card, hand-out, slides.

    python notebooks/site/_class.py FOLDER

Made of the notebooks and the class's texts themselves; links within the book are left out. Each
paper is written as a page, too, which any browser shows and prints.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from itertools import starmap, takewhile
from pathlib import Path
from urllib.parse import unquote

import nbformat
from _pdf import MISSING, browser, print_page
from bs4 import BeautifulSoup, Tag
from execute import ROOT, write
from markdown_it import MarkdownIt

from relations_lib.exercises import QUESTION

NOTEBOOKS = ROOT / "notebooks"
TEACHING = NOTEBOOKS / "teaching"
ACTIVITY = TEACHING / "coding_activity.md"
GUIDE = TEACHING / "guide.md"
LINES = 6  # to write on, below an exercise
ROOM = '<div class="room">' + "<hr>" * LINES + "</div>"
NAME = '<p class="name">Name <span></span> Date <span></span></p>'
FORM = """
<table class="form">
<col style="width:14%"><col style="width:36%"><col style="width:16%"><col>
<thead><tr><th>sentence</th><th>tables, or nothing and why</th><th>date</th>
<th>where no rule decides: your note</th></tr></thead>
"""
EMPTY = "<td></td><td></td><td></td>"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body>{content}</body></html>
"""
STYLE = """
@page { size: A4; margin: 16mm 17mm; }
body { font: 10.5pt/1.4 "DejaVu Serif", Georgia, serif; color: #111; margin: 0; }
h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 6pt; }
h2 { font-size: 13pt; margin: 14pt 0 4pt; break-after: avoid; }
h3 { font-size: 11pt; margin: 11pt 0 3pt; break-after: avoid; }
p, ul, ol { margin: 4pt 0; }
.sheet { break-before: page; }
.sheet:first-child { break-before: auto; }
.kicker, figcaption, .figure-key { color: #444; font-size: 8.5pt; }
.exercise { position: relative; }
.exercise .kicker { position: absolute; right: 0; margin: 0; }
.name span { display: inline-block; border-bottom: 1px solid #555; width: 55mm; margin-right: 8mm; }
.exercise, tr, blockquote { break-inside: avoid; }
.room hr { border: 0; border-bottom: 1px solid #aaa; height: 7.5mm; margin: 0; }
table { border-collapse: collapse; width: calc(100% - 1px) !important; }
th, td { border: 1px solid #999; padding: 2pt 5pt; text-align: left; vertical-align: top; }
.form td { height: 9mm; }
blockquote { border-left: 3px solid #888; margin: 6pt 0; padding: 0 0 0 10pt; }
code { font: 0.85em "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
figure { margin: 4pt 0; } img { max-width: 100%; height: auto; }
"""
CARD = STYLE + "@page { margin: 9mm 12mm; } body { font-size: 9.2pt; line-height: 1.3; }"
ANSWERS = (
    STYLE
    + """
body { font-size: 9.6pt; line-height: 1.35; }
.sheet:nth-child(even) { break-before: auto; margin-top: 16pt; }
"""
)
SLIDES = (
    STYLE
    + """
@page { size: 254mm 143mm; margin: 9mm 13mm; }
body { font: 14pt/1.35 "DejaVu Sans", sans-serif; }
.sheet { display: flex; flex-direction: column; height: 124mm; overflow: hidden; }
.kicker { margin: 0; } h2 { font-size: 16pt; line-height: 1.25; margin: 1mm 0 2mm; }
h1 { font-size: 24pt; margin: 30mm 0 6mm; }
h3 { font-size: 10.5pt; margin: 6pt 0 0; } h3 ~ p { font-size: 10.5pt; line-height: 1.3; }
figure { display: flex; flex-direction: column; flex: 1; min-height: 0; font-size: 10pt; }
figure p { margin: 0; }
img { flex: 1; min-height: 0; width: 100% !important; object-fit: contain; object-position: left; }
blockquote, table { font-size: 12pt; line-height: 1.3; } .table-caption { font-weight: bold; }
.figure-key li { display: inline-block; margin-right: 10pt; }
"""
)


# --- Sources as HTML -----------------------------------------------------------------------------


def rendered(markdown: str) -> str:
    """Return Markdown as HTML, without comments."""
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    parser = MarkdownIt("commonmark", {"html": True})
    return parser.enable("table").render(text)


def parsed(html: str) -> BeautifulSoup:
    """Return HTML to search in."""
    return BeautifulSoup(html, "html.parser")


def cells(notebook: Path) -> list[nbformat.NotebookNode]:
    """Return the cells of a notebook."""
    return nbformat.read(notebook, as_version=4).cells


def shown(cell: nbformat.NotebookNode, kind: str) -> list:
    """Return what a cell put out in one format, such as ``text/html``."""
    outputs = cell.get("outputs", [])
    data = [output.get("data", {}) for output in outputs]
    return [formats[kind] for formats in data if kind in formats]


@cache
def page(path: Path) -> BeautifulSoup:
    """Return a text, or a notebook with what its cells show, without code."""
    if path.suffix == ".md":
        return parsed(rendered(path.read_text(encoding="utf-8")))
    found = []
    for cell in cells(path):
        if cell.cell_type == "markdown":
            found.append(rendered(cell.source))
        found += shown(cell, "text/html")
    return parsed("".join(found))


def anchor(heading: str) -> str:
    """Return the address of a heading within its page, as MyST makes it.

    >>> anchor("What a gap between two years bounds")
    'what-a-gap-between-two-years-bounds'
    """
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def below(heading: Tag) -> str:
    """Return what stands below a heading, to the next one of its rank or above."""
    ends = {"h1", "h2", heading.name}
    found = takewhile(lambda element: element.name not in ends, heading.find_next_siblings())
    return "".join(map(str, found))


def part(path: Path, name: str) -> BeautifulSoup:
    """Return the part of a page below the heading of an address."""
    for heading in page(path).find_all(["h2", "h3"]):
        if anchor(heading.text) == name:
            return parsed(below(heading))
    raise ValueError(f"{path.name} has no heading with the address #{name}")


def chapters() -> list[Path]:
    """Return the chapters in order."""
    return sorted(NOTEBOOKS.glob("0*.ipynb"))


def exercises(notebook: Path) -> list[str]:
    """Return a chapter's exercises, each with its heading."""
    numbered = re.compile(r"^\d")
    headings = part(notebook, "exercises").find_all("h3", string=numbered)
    return [f"{heading}{below(heading)}" for heading in headings]


def solutions(notebook: Path) -> BeautifulSoup:
    """Return a chapter's explained solutions, each with the answer in its heading."""
    explained = part(notebook, "solutions-explained")
    questions = [question for cell in cells(notebook) for question in shown(cell, QUESTION)]
    for fold, question in zip(explained.find_all("details"), questions, strict=True):
        if question["shown"]:
            fold.summary.append(f": {question['shown']}")
    return explained


# --- The papers ----------------------------------------------------------------------------------


def sheet(kicker: str, heading: str | Tag, content: str | Tag) -> str:
    """Return a part that begins a page."""
    return f'<section class="sheet"><p class="kicker">{kicker}</p>{heading}{content}</section>'


def communique() -> Tag:
    """Return the invented communiqué of the coding activity."""
    return part(ACTIVITY, "the-communiqué").blockquote


def coding_sheet() -> str:
    """Return the coding activity with a form to fill in, without what its lecturer knows."""
    steps = part(ACTIVITY, "what-to-do")
    rows = [f"<tr><td>{name}</td>{EMPTY}</tr>" for name in communique().find_all("code")]
    form = FORM + "".join(rows) + "</table>"
    content = f"{NAME}{communique()}<h2>What to do</h2>{steps}<h2>Your coding</h2>{form}"
    return sheet("Coding activity", "<h1>Turn a text into rows</h1>", content)


def chapter_sheet(number: int, notebook: Path) -> str:
    """Return a chapter's exercises with room to write."""
    kicker = f"Exercises to chapter {number}"
    content = NAME + "<p>Have the chapter beside you: the exercises speak of its tables.</p>"
    for exercise in exercises(notebook):
        content += f'<div class="exercise"><p class="kicker">{kicker}</p>{exercise}{ROOM}</div>'
    return sheet(kicker, page(notebook).h1, content)


def worksheets() -> str:
    """Return the coding activity and a sheet for each chapter's exercises."""
    found = starmap(chapter_sheet, enumerate(chapters()))
    return coding_sheet() + "".join(found)


def answers() -> str:
    """Return the explained solutions of all chapters, and one defensible coding."""
    found = []
    for number, notebook in enumerate(chapters()):
        kicker = f"Solutions to chapter {number}"
        found.append(sheet(kicker, page(notebook).h1, solutions(notebook)))
    traps = part(GUIDE, "the-coding-activity-its-traps")
    found.append(sheet("For the lecturer", "<h1>The coding activity: its traps</h1>", traps))
    return "".join(found)


def card() -> str:
    """Return the method card."""
    return str(page(TEACHING / "method_card.md"))


def hand_out() -> str:
    """Return the communiqué and the coding rules."""
    told = f"<p>Invented for this activity.</p>{communique()}"
    rules = part(ROOT / "data/README.md", "coding-rules")
    first = sheet("Hand-out", "<h1>The communiqué</h1>", told)
    return first + sheet("Hand-out", "<h1>The coding rules</h1>", rules)


# --- Slides --------------------------------------------------------------------------------------


def target(link: str) -> str:
    """Return what a link of the guide shows: exercises, its first figure or table, or words."""
    path, _, name = unquote(link).partition("#")
    file = TEACHING / path
    if name == "exercises":
        return "".join(exercises(file))
    whole = part(file, name) if name else page(file)
    found = whole.select_one("figure, .relations-table, table, blockquote") or whole.p
    alone = parsed(str(found))
    for values in alone.find_all("details"):
        values.decompose()
    return str(alone)


def slide(row: Tag) -> str:
    """Return the slide for a session of the guide's plan, or for a row: time, what, material."""
    if row.name == "h3":
        return sheet("", f"<h1>{row.text}</h1>", row.find_next("p") or "")
    time, what, material = row.find_all("td")
    kicker = f"{time.text} · {material.text}"
    heading = f"<h2>{what.decode_contents()}</h2>"
    return sheet(kicker, heading, target(material.a["href"]))


def slides() -> str:
    """Return the slides of the guide's three sessions."""
    plan = part(GUIDE, "plan-a-three-sessions-of-90-minutes")
    return "".join(map(slide, plan.select("h3, tbody tr")))


# --- Printing ------------------------------------------------------------------------------------

PAPERS = {
    "worksheets": ("Worksheets", STYLE, worksheets),
    "solutions": ("Solutions", ANSWERS, answers),
    "method_card": ("Method card", CARD, card),
    "hand_out": ("Communiqué and coding rules", STYLE, hand_out),
    "slides": ("Slides for three sessions", SLIDES, slides),
}


def on_paper(html: str) -> str:
    """Return HTML without links within the book, its folds open."""
    soup = parsed(html)
    for link in soup.find_all("a", href=re.compile(r"^(?!\w+://)")):
        link.unwrap()
    for fold in soup.find_all("details"):
        fold.summary.name = "h3"
        fold.unwrap()
    return str(soup)


def print_papers(folder: Path) -> int:
    """Write every paper as a page and as PDF; return 0, or 1 after saying what is missing."""
    program = browser()
    for name, (heading, style, content) in PAPERS.items():
        paper = folder / f"{name}.html"
        write(paper, PAGE.format(title=heading, style=style, content=on_paper(content())))
        if program:
            print_page(paper, folder / f"{name}.pdf", program)
    if program:
        return 0
    print(MISSING, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(print_papers(Path(sys.argv[1]).resolve()))
