"""From what notebooks and Sphinx give to what a reader gets: answers first, figures, evidence.

What moves is moved in the document; what is only said otherwise is said otherwise in its HTML.
Pages hold no style and no script of their own, so that they work under ``default-src 'self'``.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from _rows import evidence, findings, part
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from execute import BUILD

from relations_lib.exercises import QUESTION

NUMBER = re.compile(
    r"<h2\b|<a\b.*?</a>|(?P<shown>[\w.,−%-]+)<!--(?P<key>[\w.-]+)(?::\w+)?-->", re.S
)
PICTURE = re.compile(
    r'(?P<before>data-figure="(?P<name>\w+)".*?)'
    r'<img alt="(?P<alt>[^"]*)" (?P<size>width="\d+" height="\d+")[^>]*>',
    re.S,
)
FOLD = re.compile(r'<summary aria-label="[^"]*">\s*<p [^>]*>(.*?)</p>.*?</summary>', re.S)
STYLE = re.compile(r'(?<=[\w"]) style="[^"]*"')
ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "th": "columnheader",
    "td": "cell",
}
SMALL_PRINT = "<!--small print-->"


def raw(html: str) -> nodes.raw:
    """Return HTML as it is."""
    return nodes.raw("", html, format="html")


def box(name: str, *content: nodes.Node) -> nodes.container:
    """Return a box for the style sheet."""
    return nodes.container("", *content, classes=[name])


# --- What moves: the answer, the start page, exercises -------------------------------------------


def parts_of(document: nodes.Element, element: str) -> list[nodes.container]:
    """Return the cells of a notebook (``cell_code``), or their outputs (``cell_code_output``)."""
    found = document.findall(nodes.container)
    return [part for part in found if part.get("nb_element") == element]


def answer_first(section: nodes.section) -> None:
    """Set a chapter's answer: first bullet, figure, other bullets; then one line of small print.

    The section "In short" holds the bullets, then code cells of which the first with a figure is
    the hero, then a paragraph on time and needs.
    """
    title, bullets, *others = section.children
    cells = parts_of(section, "cell_code")
    hero = parts_of(section, "cell_code_output")[0]
    hero.parent.remove(hero)
    note, *left = [child for child in others if child not in cells]
    first = nodes.bullet_list("", bullets.pop(0))
    answer = box("answer", box("first", first), box("hero", hero), box("rest", bullets))
    small_print = box("small-print", note, *cells, raw(SMALL_PRINT))
    title["classes"].append("visually-hidden")
    section.children = [title, answer, small_print, *left]


def set_start(page: nodes.section) -> None:
    """Set the start page: what is established right below its first figure, the map after it."""
    place = page.first_child_matching_class(nodes.raw)
    end = place + 4
    timeline, sights, known, unknown = page[place:end]
    page[place:end] = [box("start", timeline, known, unknown, sights)]


@cache
def cells_of(notebook: Path) -> list[dict]:
    """Return the cells of a notebook as stored."""
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def question_of(cell: dict) -> dict | None:
    """Return what a check gave out for a page; None for other cells."""
    for output in cell["outputs"]:
        return output.get("data", {}).get(QUESTION)
    return None


def answer_back(document: nodes.document, notebook: Path) -> None:
    """Put under each exercise a form that checks answers, and folds with hints and solution.

    The notebook's two cells go into one fold.
    """
    number = 0
    for check in parts_of(document, "cell_code"):
        if question := question_of(cells_of(notebook)[check["cell_index"]]):
            number += 1
            section = check.parent
            answer = section[section.index(check) - 1]
            section.replace(answer, raw(part("question", number, question)))
            check["prompt_show"] = f"Exercise {number} in the notebook: its check"
            check[0].insert(0, answer)


def moved(document: nodes.document, notebook: Path, listed: bool) -> None:
    """Move the parts of a page to where a reader looks for them; list its parts where asked."""
    top = document.next_node(nodes.section)
    short = document.ids.get("in-short")
    answer_back(document, notebook)
    if short and parts_of(short, "cell_code_output"):
        answer_first(short)
    elif notebook.stem == "index":
        set_start(top)
    elif listed:
        top.insert(1, box("small-print", raw(SMALL_PRINT)))


# --- What is said otherwise: figures, folds, numbers ---------------------------------------------


def figures_as_files(body: str, up: str) -> str:
    """Show each figure from files beside the page, by width and theme."""

    def pictures(found: re.Match[str]) -> str:
        name = found["name"]
        if not (BUILD / f"figures/{name}-wide-light.svg").exists():
            return found[0]
        address = f"{up}_figures/{name}"
        shown = part("pictures", address, found["alt"], found["size"])
        return f"{found['before']}{shown}"

    return PICTURE.sub(pictures, body)


def link_numbers(body: str) -> tuple[str, list[str]]:
    """Return a page whose numbers lead to their evidence, and the findings it names, in order.

    A number that stands twice in a section leads there once.
    """
    used: dict[str, None] = {}
    told: set[tuple[str, str]] = set()

    def linked(match: re.Match[str]) -> str:
        shown, key = match["shown"], match["key"]
        if match[0] == "<h2":
            told.clear()
        if key not in findings():
            return match[0]
        used[key] = None
        if (key, shown) in told:
            return shown
        told.add((key, shown))
        return f'<a class="finding" href="#{key}" aria-label="{shown}, evidence">{shown}</a>'

    return NUMBER.sub(linked, body), list(used)


def plain_tables(body: str) -> str:
    """Give tables of Markdown a caption, headers a scope, and a box that scrolls where it must."""
    soup = BeautifulSoup(body, "html.parser")
    for table in soup.select("table.docutils"):
        heading = table.find_previous(["h1", "h2", "h3", "h4"])
        caption = soup.new_tag("caption", attrs={"class": "visually-hidden"})
        caption.string = heading.get_text(" ", strip=True).rstrip("# ")
        table.insert(0, caption)
        table["class"] = [*table["class"], "relations"]
        label_cells(table)
        table.wrap(soup.new_tag("div", attrs={"class": "table-scroll"}))
    return str(soup)


def label_cells(table: Tag) -> None:
    """Give each cell the name of its column and its role, for rows that become cards."""
    for element in [table, *table.find_all(list(ROLES))]:
        element["role"] = ROLES[element.name]
    names = []
    for header in table.find_all("th"):
        header["scope"] = "col"
        names.append(header.get_text(" ", strip=True))
    for row in table.find_all("tr"):
        for name, cell in zip(names, row.find_all("td"), strict=False):
            cell["data-label"] = name


def mark_english(body: str) -> str:
    """Say of the parts that stay English on a page of another language that they are."""
    for name in ('class="small-print', 'id="evidence', 'class="headerlink'):
        body = body.replace(name, f'lang="en" {name}')
    return re.sub(r' aria-label="[^"]*, evidence"', "", body)


def finished(body: str, up: str, small_print: str, language: str) -> str:
    """Return the text of a page as readers get it."""
    body = figures_as_files(body, up)
    body = FOLD.sub(r"<summary>\1</summary>", body)
    body = STYLE.sub("", body)
    body = body.replace(SMALL_PRINT, small_print)
    body, keys = link_numbers(body)
    if '<table class="docutils' in body:
        body = plain_tables(body)
    if keys:
        text, end, rest = body.rpartition("</section>")
        body = text + evidence(keys, up) + end + rest
    return body if language == "en" else mark_english(body)
