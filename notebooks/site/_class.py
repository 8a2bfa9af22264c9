"""Paper for a class, printed by Chromium: worksheets, solutions, method card, hand-out, slides.

    python notebooks/site/_class.py FOLDER

Made of the rendered site (``make`` first). Each paper is written as a page, too, which any browser
shows and prints.
"""

from __future__ import annotations

import re
import sys
from copy import copy
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin

from _pdf import MISSING, SITE, browser, on_paper, print_page, text_of
from bs4 import Tag
from execute import write

ACTIVITY = "teaching/coding_activity.html"
GUIDE = "teaching/guide.html"
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
ASKED = "<p>Answer first; then turn to the next slide.</p>"
ORDER = ("one", "two", "three", "four", "five")  # what the guide calls exercises
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
summary { font: bold 11pt serif; list-style: none; margin: 11pt 0 3pt; break-after: avoid; }
code { font: 0.85em "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
:is(td, th, li) p { margin: 0; } .visually-hidden { display: none; }
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
figure { position: relative; flex: 1; margin: 0; padding-left: 76%; font-size: 10pt; }
figure > * { margin: 0 0 2mm !important; }
img { position: absolute; inset: 0 auto auto 0; width: 74% !important; height: 100% !important; }
img { object-fit: contain; object-position: left top; }
blockquote, table { font-size: 12pt; line-height: 1.3; } .table-caption { font-weight: bold; }
details { display: none; }
.figure-key li { display: inline-block; margin-right: 10pt; }
"""
)


# --- Parts of the site ---------------------------------------------------------------------------


@cache
def page(address: str) -> Tag:
    """Return the text of a page of the site."""
    return text_of(SITE / address)


def part(address: str) -> Tag:
    """Return a page of the site, or the section that an address with ``#`` names."""
    path, _, name = unquote(address).partition("#")
    if not name:
        return page(path)
    found = page(path).find(id=name)
    if found is None:
        raise ValueError(f"{path} has no heading with the address #{name}")
    return found if found.name == "section" else found.find_parent("section")


def chapters() -> list[str]:
    """Return the addresses of the chapters in order."""
    return sorted(path.name for path in SITE.glob("0*.html"))


def exercises(chapter: str) -> list[Tag]:
    """Return a chapter's exercises."""
    return page(chapter).select("#exercises > section:not(#solutions-explained)")


def solutions(chapter: str) -> Tag:
    """Return a chapter's explained solutions, unfolded, with the answers to closed questions."""
    explained = copy(part(f"{chapter}#solutions-explained"))
    for fold, exercise in zip(explained.find_all("details"), exercises(chapter), strict=True):
        fold["open"] = ""
        if answer := exercise.select_one(".shown"):
            fold.summary.string = f"{fold.summary.text}: {answer.text}"
    return explained


# --- The papers ----------------------------------------------------------------------------------


def sheet(kicker: str, heading: str | Tag, content: str | Tag) -> str:
    """Return a part that begins a page."""
    return f'<section class="sheet"><p class="kicker">{kicker}</p>{heading}{content}</section>'


def communique() -> Tag:
    """Return the invented communiqué of the coding activity."""
    return part(f"{ACTIVITY}#the-communique").blockquote


def coding_sheet() -> str:
    """Return the coding activity with a form to fill in, without what its lecturer knows."""
    steps = part(f"{ACTIVITY}#what-to-do")
    rows = [f"<tr><td>{name}</td>{EMPTY}</tr>" for name in communique().find_all("code")]
    form = FORM + "".join(rows) + "</table>"
    content = f"{NAME}{communique()}{steps}<h2>Your coding</h2>{form}"
    return sheet("Coding activity", "<h1>Turn a text into rows</h1>", content)


def chapter_sheet(chapter: str) -> str:
    """Return a chapter's exercises with room to write."""
    content = NAME + "<p>Have the chapter beside you: the exercises speak of its tables.</p>"
    for exercise in exercises(chapter):
        content += f'<div class="exercise">{exercise}{ROOM}</div>'
    return sheet(f"Exercises to chapter {chapter[1]}", page(chapter).h1, content)


def worksheets() -> str:
    """Return the coding activity and a sheet for each chapter's exercises."""
    return coding_sheet() + "".join(map(chapter_sheet, chapters()))


def answers() -> str:
    """Return the explained solutions of all chapters, and one defensible coding."""
    found = []
    for chapter in chapters():
        kicker = f"Solutions to chapter {chapter[1]}"
        found.append(sheet(kicker, page(chapter).h1, solutions(chapter)))
    traps = part(f"{GUIDE}#the-coding-activity-its-traps")
    return "".join(found) + sheet("For the lecturer", "", traps)


def card() -> str:
    """Return the method card."""
    return str(page("teaching/method_card.html"))


def hand_out() -> str:
    """Return the communiqué and the coding rules."""
    told = f"<p>Invented for this activity.</p>{communique()}"
    first = sheet("Hand-out", "<h1>The communiqué</h1>", told)
    return first + sheet("Hand-out", "", part("codebook.html#coding-rules"))


def named_exercises(chapter: str, what: str) -> list[Tag]:
    """Return the exercises that words name: ``one to four``, or ``one, four and five``."""
    words = re.findall(r"\w+", what)
    numbers = [ORDER.index(word) for word in words if word in ORDER]
    if "to" in words:
        numbers = range(numbers[0], numbers[-1] + 1)
    return [exercises(chapter)[number] for number in numbers]


def target(link: str, what: str) -> str:
    """Return what a link of the guide shows: exercises, its first figure or table, or words."""
    address = urljoin(GUIDE, link)
    if address.endswith("#exercises"):
        return "".join(map(str, named_exercises(address.partition("#")[0], what)))
    found = part(address)
    return str(found.select_one("figure, .relations-table, table, blockquote") or found.p)


def slide(row: Tag) -> str:
    """Return the slide for a lesson of the guide's plan, or for a row: time, what, material.

    A row that asks has two: its question alone stands before what answers it.
    """
    if row.name == "h3":
        return sheet("", f"<h1>{row.text}</h1>", row.find_next("p") or "")
    time, what, material = row.find_all("td")
    kicker = f"{time.text} · {material.text}"
    heading = f"<h2>{what.text}</h2>"
    question = sheet(kicker, heading, ASKED) if "?" in what.text else ""
    return question + sheet(kicker, heading, target(material.a["href"], what.text))


def slides() -> str:
    """Return the slides of the guide's three lessons."""
    plan = part(f"{GUIDE}#plan-a-three-lessons-of-90-minutes")
    return "".join(map(slide, plan.select("h3, tbody tr")))


# --- Printing ------------------------------------------------------------------------------------

PAPERS = {
    "worksheets": ("Worksheets", STYLE, worksheets),
    "solutions": ("Solutions", ANSWERS, answers),
    "method_card": ("Method card", CARD, card),
    "hand_out": ("Communiqué and coding rules", STYLE, hand_out),
    "slides": ("Slides for three lessons", SLIDES, slides),
}


def print_papers(folder: Path) -> int:
    """Write every paper as a page and as PDF; return 0, or 1 after saying what is missing."""
    for name, (heading, style, content) in PAPERS.items():
        paper = folder / f"{name}.html"
        write(paper, PAGE.format(title=heading, style=style, content=on_paper(content())))
        if browser():
            print_page(paper, folder / f"{name}.pdf")
    if browser():
        return 0
    print(MISSING, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(print_papers(Path(sys.argv[1]).resolve()))
