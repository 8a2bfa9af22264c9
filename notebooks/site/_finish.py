"""From what Sphinx writes to what a reader gets: answers first, figures as files, evidence.

Each step takes the page's HTML as a tree and changes one thing. Pages hold no style and no script
of their own, so that they work under ``default-src 'self'``.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from _rows import evidence, findings, part, resources, rows
from bs4 import BeautifulSoup, Tag
from execute import BUILD, write

from relations_lib.exercises import QUESTION

FIGURES = BUILD / "figures"
NUMBER = re.compile(r"<a\b.*?</a>|(?P<shown>[\w.,−%-]+)<!--(?P<key>[\w.-]+)(?::\w+)?-->", re.S)
EMBEDDED = re.compile(r"data:image/png;base64,(.+)", re.S)
CHECK = ("solution", "remove-output")
REFERENCE = ("findings", "codebook", "bibliography")
TERMS = {
    "EDTF": "Extended Date/Time Format, dates as precise as their source",
    "COW": "Correlates of War, a research project",
    "SHA-256": "a checksum of a text",
    "NFC": "one of Unicode's normal forms",
}


class Page(NamedTuple):
    """What finishing a page needs to know: its name, the site's folder, links of its frame."""

    name: str
    outdir: Path
    toc: str
    notebook: str
    source: Path
    language: str = "en"

    @property
    def up(self) -> str:
        """Return the way from the page to the site's start."""
        return "../" * self.name.count("/")

    @property
    def is_table(self) -> bool:
        """Tell whether the page is one table, as our template makes it."""
        return self.name.startswith("data/") or self.name == "findings"


def tree(html: str) -> BeautifulSoup:
    """Return HTML as a tree."""
    return BeautifulSoup(html, "html.parser")


def replace(old: Tag, html: str) -> None:
    """Put HTML in the place of an element."""
    old.replace_with(*list(tree(html).contents))


# --- Numbers -------------------------------------------------------------------------------------


def link_numbers(body: str) -> tuple[str, list[str]]:
    """Return a page whose numbers lead to their evidence, and the findings it names, in order.

    A number that stands twice in a section leads there once.
    """
    used: dict[str, None] = {}
    told: set[tuple[str, str]] = set()

    def linked(match: re.Match[str]) -> str:
        shown, key = match["shown"], match["key"]
        if key not in findings():
            return match[0]
        used[key] = None
        if (key, shown) in told:
            return shown
        told.add((key, shown))
        return f'<a class="finding" href="#{key}" aria-label="{shown}, evidence">{shown}</a>'

    sections = re.split(r"(?=<h2\b)", body)
    done = []
    for section in sections:
        told.clear()
        done.append(NUMBER.sub(linked, section))
    return "".join(done), list(used)


# --- Figures and tables --------------------------------------------------------------------------


def _pictures(digest: str, image: Tag, page: Page) -> str:
    """Return the pictures of a figure: its drawings as files, or else the one that is embedded."""
    target = page.outdir / "_figures"
    address = f"{page.up}_figures/"
    files = []
    for theme in ("light", "dark"):
        names = [f"{digest}-{width}-{theme}.svg" for width in ("wide", "narrow")]
        if digest and all((FIGURES / name).exists() for name in names):
            for name in names:
                write(target / name, (FIGURES / name).read_bytes())
            files.append((theme, *(address + name for name in names)))
    if not files:
        data = base64.b64decode(EMBEDDED.fullmatch(image["src"])[1])
        name = f"{sha256(data).hexdigest()[:16]}.png"
        write(target / name, data)
        files = [(theme, address + name, "") for theme in ("light", "dark")]
    return part("pictures", files, image["alt"], image["width"], image["height"])


def figures_as_files(soup: BeautifulSoup, page: Page) -> None:
    """Show each figure from files beside the page, by width and theme."""
    for figure in soup.select("figure.relations"):
        image = figure.find("img")
        if image and EMBEDDED.fullmatch(image.get("src", "")):
            replace(image, _pictures(figure.get("data-figure", ""), image, page))


def plain_tables(soup: BeautifulSoup, page: Page) -> None:
    """Give every table a caption, headers a scope, and a box that scrolls where it must."""
    for number, table in enumerate(soup.find_all("table"), start=1):
        for header in table.select("thead th:not([scope])"):
            header["scope"] = "col"
        table["class"] = [*dict.fromkeys([*table.get("class", []), "relations"])]
        if not table.find("caption"):
            heading = table.find_previous(["h1", "h2", "h3", "h4"])
            name = heading.get_text(" ", strip=True).rstrip("# ") if heading else f"Table {number}"
            table.insert(0, tree(f'<caption class="visually-hidden">{name}</caption>'))
        if not table.find_parent(class_="table-scroll"):
            label_cells(table)
            table.wrap(soup.new_tag("div", attrs={"class": "table-scroll"}))


def label_cells(table: Tag) -> None:
    """Give each cell the name of its column and its role, for rows that become cards."""
    names = [header.get_text(" ", strip=True) for header in table.select("thead th")]
    table["role"] = "table"
    for group in table.find_all(["thead", "tbody"]):
        group["role"] = "rowgroup"
    for row in table.find_all("tr"):
        row["role"] = "row"
        for place, cell in enumerate(row.find_all(["th", "td"])):
            cell["role"] = "columnheader" if cell.find_parent("thead") else "cell"
            if cell.name == "td" and place and place < len(names):
                cell["data-label"] = names[place]


def without_styles(soup: BeautifulSoup) -> None:
    """Leave the look to the style sheet."""
    for element in soup.find_all(style=True):
        del element["style"]


def spoken_folds(soup: BeautifulSoup) -> None:
    """Name every fold by the words that it shows."""
    for summary in soup.select("details > summary"):
        del summary["aria-label"]
        closed = summary.find(class_="collapsed")
        if closed:
            words = closed.get_text(strip=True)
            summary.clear()
            summary.string = words


# --- Exercises -----------------------------------------------------------------------------------


def questions(notebook: Path) -> list[dict]:
    """Return what the check cells of a notebook gave out for a page, in order."""
    if not notebook.exists():
        return []
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    checks = [cell for cell in cells if set(CHECK) <= {*cell["metadata"].get("tags", [])}]
    shown = [[*cell["outputs"], {}][0].get("data", {}) for cell in checks]
    return [data.get(QUESTION, {}) for data in shown]


def answer_back(soup: BeautifulSoup, page: Page) -> None:
    """Put under each exercise a form that checks answers, and folds with hints and solution.

    The notebook's two cells go into one fold.
    """
    checks = soup.select("".join(f".tag_{tag}" for tag in CHECK))
    for number, (check, asked) in enumerate(zip(checks, questions(page.source), strict=True), 1):
        answer = check.find_previous_sibling("div", class_="cell")
        if not asked or not answer:
            continue
        answer.insert_before(tree(part("question", number, asked)))
        check.summary.string = f"Exercise {number} in the notebook: its check"
        check.summary.insert_after(answer.extract())


# --- The answer first ----------------------------------------------------------------------------


def answer_first(soup: BeautifulSoup, page: Page) -> None:
    """Set a chapter's answer: first bullet, figure, other bullets; then one line of small print.

    The section "In short" holds the bullets, then code cells of which the first with a figure is
    the hero, then a paragraph on time and needs.
    """
    section = soup.find("section", id="in-short")
    bullets = section and section.find("ul")
    hero = section and section.find("figure")
    if not bullets or not hero:
        title = soup.find("h1")
        if title and page.toc and page.name != "index":
            print_line = part("small_print", "", page.toc, page.notebook, page.up, [])
            title.insert_after(tree(print_line))
        return
    section.h2["class"] = ["visually-hidden"]
    items = bullets.find_all("li", recursive=False)
    folds = section.select("details.hide")
    answer = tree(
        '<div class="answer"><div class="first"><ul></ul></div><div class="hero"></div>'
        '<div class="rest"><ul></ul></div></div>'
    ).div
    answer.select_one(".first ul").append(items[0].extract())
    answer.select_one(".hero").append(hero.extract())
    answer.select_one(".rest ul").extend([item.extract() for item in items[1:]])
    note = bullets.find_next("p")
    note = note if note and note.find_parent("section") is section else None
    bullets.replace_with(answer)
    words = str(note.extract()) if note else ""
    line = tree(part("small_print", words, page.toc, page.notebook, page.up, [])).div
    answer.insert_after(line)
    for fold in folds:
        cell = fold.find_parent(class_="cell")
        line.append(fold.extract())
        if cell and not cell.get_text(strip=True):
            cell.decompose()


def side_by_side(soup: BeautifulSoup, page: Page) -> None:
    """Set the start page's two figures beside each other, and what is known beside what is not."""
    if page.name != "index":
        return
    pairs = {"start-figures": "figure.relations", "start-columns": "section > section"}
    for name, selector in pairs.items():
        chosen = soup.select(selector)[:2]
        if len(chosen) < 2:
            continue
        box = soup.new_tag("div", attrs={"class": name})
        chosen[0].insert_before(box)
        box.extend([part.extract() for part in chosen])


# --- Words ---------------------------------------------------------------------------------------


@cache
def known_codes() -> dict[str, str]:
    """Return what codes stand for: organizations, states in them, terms."""
    tables = [table for table in ("organizations", "shared_elsewhere") if table in resources()]
    known = {row["id"]: row["name"].split(" (")[0] for table in tables for row in rows(table)}
    names = {row["id"]: row["name"].split(",")[0] for row in rows("states")}
    regional = {row["state"] for row in rows("memberships") if row["organization"] != "UN"}
    return known | {code: names[code] for code in sorted(regional)} | TERMS


def spell_out(body: str) -> str:
    """Return a page of data with what its codes stand for below its title."""
    words = set(re.findall(r"[\w-]+", re.sub(r"<[^>]+>", " ", body)))
    used = [(code, name) for code, name in known_codes().items() if code in words]
    note = part("abbreviations", used) if used else ""
    return body.replace("</h1>", f"</h1>{note}", 1)


def mark_english(soup: BeautifulSoup) -> None:
    """Say of the parts that stay English on a page of another language that they are."""
    for part_of_ours in soup.select(".small-print, #evidence, .headerlink"):
        part_of_ours["lang"] = "en"
    for number in soup.select("a.finding"):
        del number["aria-label"]


def finished(body: str, page: Page) -> str:
    """Return the page as readers get it."""
    if page.name.startswith("data/") or page.name in REFERENCE:
        body = spell_out(body)
    if page.is_table:
        return body
    body, keys = link_numbers(body)
    soup = tree(body)
    figures_as_files(soup, page)
    spoken_folds(soup)
    answer_back(soup, page)
    answer_first(soup, page)
    side_by_side(soup, page)
    plain_tables(soup, page)
    without_styles(soup)
    if keys:
        (soup.find("section") or soup).append(tree(evidence(keys, page.up)))
    if page.language != "en":
        mark_english(soup)
    return str(soup)
