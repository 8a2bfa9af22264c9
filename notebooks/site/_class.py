"""Paper for a class, printed by Chromium: worksheets, solutions, method card, hand-out, slides.

    python notebooks/site/_class.py FOLDER

Made of the notebooks and the class's texts themselves; links within the book are left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from _pdf import MISSING, browser, print_page
from bs4 import BeautifulSoup, Tag
from execute import BUILD, ROOT, write
from markdown_it import MarkdownIt

NOTEBOOKS = ROOT / "notebooks"
TEACHING = NOTEBOOKS / "teaching"
RULES = ROOT / "data/README.md"
LINES = 6  # to write on, below an exercise
ROOM = '<div class="room">' + "<hr>" * LINES + "</div>"
NAME = '<p class="name">Name <span></span> Date <span></span></p>'
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
.name span { display: inline-block; border-bottom: 1px solid #555; width: 55mm; margin-right: 8mm; }
.exercise, tr, blockquote, .rule { break-inside: avoid; }
.room hr { border: 0; border-bottom: 1px solid #aaa; height: 7.5mm; margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: 2pt 5pt; text-align: left; vertical-align: top; }
.form td { height: 9mm; }
blockquote { border-left: 3px solid #888; margin: 6pt 0; padding: 0 0 0 10pt; }
code { font: 0.85em "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
figure { margin: 4pt 0; } img { max-width: 100%; height: auto; }
"""
CARD = STYLE + "@page { margin: 10mm 12mm; } body { font-size: 9.5pt; line-height: 1.3; }"
SLIDES = (
    STYLE
    + """
@page { size: 254mm 143mm; margin: 9mm 13mm; }
body { font: 14pt/1.35 "DejaVu Sans", sans-serif; }
.sheet { height: 124mm; overflow: hidden; }
h1 { font-size: 24pt; margin-top: 34mm; } h2 { font-size: 19pt; margin: 2mm 0 3mm; }
figure { display: flex; flex-direction: column; font-size: 10pt; }
img { height: 76mm !important; max-width: 226mm !important; width: auto; object-fit: contain;
  object-position: left; align-self: flex-start; }
.words { font-size: 10.5pt; line-height: 1.3; } .words h3 { font-size: 10.5pt; margin: 6pt 0 0; }
.figure-key li { display: inline-block; margin-right: 10pt; }
"""
)


class Section(NamedTuple):
    """A part of a notebook: its heading, its prose and the HTML that its cells show."""

    heading: str
    prose: str
    shown: str


# --- Sources as HTML -----------------------------------------------------------------------------


def as_html(markdown: str) -> BeautifulSoup:
    """Return Markdown as HTML, without comments, attributes in braces, and links in the book."""
    text = re.sub(r"<!--.*?-->|^\{[.#][^}]*\}$", "", markdown, flags=re.S | re.M)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    soup = BeautifulSoup(html, "html.parser")
    for link in soup.find_all("a", href=True):
        if "://" not in link["href"]:
            link.unwrap()
    for fold in soup.find_all("details"):
        fold.summary.name = "h3"
        fold.unwrap()
    return soup


def part_of(markdown: str, heading: str) -> str:
    """Return the text below a heading of the second rank, without it; nothing if there is none."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", markdown, re.S | re.M)
    return found[1].strip() if found else ""


def quoted(markdown: str) -> str:
    """Return the invented communiqué of the coding activity."""
    lines = part_of(markdown, "The communiqué").splitlines()
    return "\n".join(line for line in lines if line.startswith(">"))


def cells(notebook: Path) -> list[dict]:
    """Return the cells of a notebook, their source as one text."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def chapters() -> list[Path]:
    """Return the chapters in order."""
    return sorted(NOTEBOOKS.glob("0*.ipynb"))


def title(notebook: Path) -> str:
    """Return a chapter's title."""
    return cells(notebook)[0]["source"].splitlines()[0].lstrip("# ")


def exercises(notebook: Path) -> list[str]:
    """Return a chapter's exercises as Markdown, without what is only for who has solutions."""
    found: list[str] = []
    inside = False
    for cell in cells(notebook):
        if cell["source"].startswith("## "):
            inside = cell["source"].startswith("## Exercises")
        if cell["cell_type"] != "markdown" or "solution" in cell["metadata"].get("tags", []):
            continue
        if inside:
            found += re.findall(r"^### \d.*?(?=^### |\Z)", cell["source"], re.S | re.M)
    return found


def solutions(notebook: Path) -> str:
    """Return a chapter's explained solutions as Markdown."""
    texts = [cell["source"] for cell in cells(notebook) if cell["source"].startswith("### Sol")]
    return "\n\n".join(re.sub(r"^### Sol.*", "", text) for text in texts)


def anchor(heading: str) -> str:
    """Return the address of a heading within its page, as MyST makes it.

    >>> anchor("What a gap between two years bounds")
    'what-a-gap-between-two-years-bounds'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def sections(notebook: Path) -> dict[str, Section]:
    """Return the parts of a notebook by their address."""
    found = {"": Section(title(notebook), "", "")}
    here = ""
    for cell in cells(notebook):
        heading = re.match(r"#{2,3} (.+)", cell["source"])
        if cell["cell_type"] == "markdown" and heading:
            here = anchor(heading[1])
            prose = cell["source"].partition("\n")[2].strip().split("\n\n")[0]
            found[here] = Section(heading[1], prose, "")
        html = ["".join(o.get("data", {}).get("text/html", "")) for o in cell.get("outputs", [])]
        found[here] = found[here]._replace(shown=found[here].shown + "".join(html))
    return found


# --- The papers ----------------------------------------------------------------------------------


def sheet(kicker: str, heading: str, content: str) -> str:
    """Return a part that begins a page."""
    head = f'<p class="kicker">{kicker}</p><h1>{heading}</h1>'
    return f'<section class="sheet">{head}{content}</section>'


def coding_sheet() -> str:
    """Return the coding activity with a form to fill in, without what its lecturer knows."""
    text = (TEACHING / "coding_activity.md").read_text(encoding="utf-8")
    told, steps = quoted(text), part_of(text, "What to do")
    ids = dict.fromkeys(re.findall(r"`(p\d+s\d+)`", told))
    rows = "".join(f"<tr><td>{name}</td><td></td><td></td><td></td></tr>" for name in ids)
    names = ("sentence", "tables, or nothing and why", "date", "where no rule decides: your note")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    widths = '<col style="width:14%"><col style="width:36%"><col style="width:16%"><col>'
    form = f'<table class="form">{widths}<thead><tr>{head}</tr></thead>{rows}</table>'
    content = f"{NAME}{as_html(told)}<h2>What to do</h2>{as_html(steps)}<h2>Your coding</h2>{form}"
    return sheet("Coding activity", "Turn a text into rows", content)


def worksheets() -> str:
    """Return the coding activity and a sheet for each chapter's exercises, with room to write."""
    found = [coding_sheet()]
    for number, notebook in enumerate(chapters()):
        tasks = [f'<div class="exercise">{as_html(x)}{ROOM}</div>' for x in exercises(notebook)]
        intro = "<p>Have the chapter beside you: the exercises speak of its tables.</p>"
        kicker = f"Exercises to chapter {number}"
        found.append(sheet(kicker, title(notebook), NAME + intro + "".join(tasks)))
    return "".join(found)


def answers() -> str:
    """Return the explained solutions of all chapters, and one defensible coding."""
    found = [
        sheet(f"Solutions to chapter {n}", title(notebook), str(as_html(solutions(notebook))))
        for n, notebook in enumerate(chapters())
    ]
    for name in ("coding_activity.md", "guide.md"):
        text = (TEACHING / name).read_text(encoding="utf-8")
        for heading in re.findall(r"^#+ (.*\btraps\b.*)$", text, re.M):
            found.append(sheet("For the lecturer", heading, str(as_html(part_of(text, heading)))))
    return "".join(found)


def card() -> str:
    """Return the method card."""
    return str(as_html((TEACHING / "method_card.md").read_text(encoding="utf-8")))


def hand_out() -> str:
    """Return the communiqué and the coding rules."""
    activity = (TEACHING / "coding_activity.md").read_text(encoding="utf-8")
    told = as_html(quoted(activity))
    rules = as_html(part_of(RULES.read_text(encoding="utf-8"), "Coding rules"))
    return sheet("Hand-out", "The communiqué", f"<p>Invented for this activity.</p>{told}") + sheet(
        "Hand-out", "The coding rules", str(rules)
    )


# --- Slides --------------------------------------------------------------------------------------


def slide(row: Tag, known: Callable[[str], Section | None]) -> str:
    """Return the slide for a row of the guide's plan: time, what, and the figure that it shows."""
    time, what, material = row.find_all("td")
    links = [link["href"] for cell in (what, material) for link in cell.find_all("a", href=True)]
    shown = [section for link in links if (section := known(link))]
    for link in (*what.find_all("a"), *material.find_all("a")):
        link.unwrap()
    figure = next(filter(None, (first_figure(section.shown) for section in shown)), "")
    words = next(filter(None, (section.prose.strip() for section in shown)), "")
    content = figure or f'<div class="words">{as_html(words)}</div>'
    kicker = f"{time.get_text()} · {material.decode_contents()}".strip(" ·")
    head = f'<p class="kicker">{kicker}</p><h2>{what.decode_contents()}</h2>'
    return f'<section class="sheet">{head}{content}</section>'


def first_figure(html: str) -> str:
    """Return the first figure of a page, without the table of its values."""
    figure = BeautifulSoup(html, "html.parser").find("figure")
    if figure is None:
        return ""
    for part in figure.find_all("details"):
        part.decompose()
    return str(figure)


def target(link: str) -> Section | None:
    """Return what a link of the guide shows to a class: a part of a notebook, or None."""
    path, _, name = link.partition("#")
    notebook = (TEACHING / path).resolve()
    if notebook.name == "coding_activity.md":
        return Section("", quoted(notebook.read_text(encoding="utf-8")), "")
    if notebook.suffix != ".ipynb" or not notebook.exists():
        return None
    if name == "exercises":
        return Section("", "\n\n".join(exercises(notebook)), "")
    found = sections(notebook)
    hero = next((section for section in found.values() if first_figure(section.shown)), None)
    return found.get(name) if name else hero


def slides() -> str:
    """Return a slide for each step of the guide's three sessions."""
    guide = (TEACHING / "guide.md").read_text(encoding="utf-8")
    return "".join(planned(part_of(guide, "Plan A: three sessions of 90 minutes")))


def planned(plan: str) -> Iterator[str]:
    """Yield the slides of a plan: a title for each session, then its rows."""
    text = re.sub(r"<!--.*?-->", "", plan, flags=re.S)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    for part in BeautifulSoup(html, "html.parser").find_all(["h3", "tr"]):
        if part.name == "h3":
            yield f'<section class="sheet"><h1>{part.decode_contents()}</h1></section>'
        elif part.find("td"):
            yield slide(part, target)


# --- Printing ------------------------------------------------------------------------------------

PAPERS = {
    "worksheets": ("Worksheets", STYLE, worksheets),
    "solutions": ("Solutions", STYLE, answers),
    "method_card": ("Method card", CARD, card),
    "hand_out": ("Communiqué and coding rules", STYLE, hand_out),
    "slides": ("Slides for three sessions", SLIDES, slides),
}
ONE_PAGE = {"method_card"}


def page_count(pdf: Path) -> int:
    """Return how many pages a PDF of Chromium has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf.read_bytes()))


def print_papers(folder: Path) -> int:
    """Write every paper as PDF; return 0, or 1 after saying what is missing."""
    program = browser()
    if not program:
        print(MISSING, file=sys.stderr)
        return 1
    for name, (heading, style, content) in PAPERS.items():
        page = BUILD / f"class/{name}.html"
        head = f'<meta charset="utf-8"><title>{heading}</title><style>{style}</style>'
        write(page, f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{content()}</body>')
        scale = 1.0
        print_page(page, folder / f"{name}.pdf", program)
        while name in ONE_PAGE and page_count(folder / f"{name}.pdf") > 1 and scale > 0.6:
            scale -= 0.05
            print_page(page, folder / f"{name}.pdf", program, scale)
    return 0


if __name__ == "__main__":
    sys.exit(print_papers(Path(sys.argv[1]).resolve()))
