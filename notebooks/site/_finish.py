"""From what notebooks and Sphinx give to what a reader gets: answers first, figures, evidence.

What moves is moved in the document; what is only said otherwise is said otherwise in its HTML.
Pages hold no style and no script of their own, so that they work under ``default-src 'self'``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from _rows import evidence, findings, part, rows
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from execute import BUILD

from relations_lib.exercises import QUESTION

NUMBER = re.compile(r"<a\b.*?</a>|(?P<shown>[\w.,−%-]+)<!--(?P<key>[\w.-]+)(?::\w+)?-->", re.S)
PICTURE = re.compile(
    r'(?P<before>data-figure="(?P<name>\w+)".*?)'
    r'<img alt="(?P<alt>[^"]*)" (?P<size>width="\d+" height="\d+")[^>]*>',
    re.S,
)
FOLD = re.compile(r'<summary aria-label="[^"]*">\s*<p [^>]*>(.*?)</p>.*?</summary>', re.S)
STYLE = re.compile(r'(?<=[\w"]) style="[^"]*"')
SMALL_PRINT = "<!--small print-->"
CHECK = {"tag_solution", "tag_remove-output"}
TERMS = {
    "EDTF": "Extended Date/Time Format, dates as precise as their source",
    "COW": "Correlates of War, a research project",
    "SHA-256": "a checksum of a text",
    "NFC": "one of Unicode's normal forms",
}


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
    note = next(child for child in others if isinstance(child, nodes.paragraph))
    hero.parent.remove(hero)
    first, *rest = bullets.children
    answer = box(
        "answer",
        box("first", nodes.bullet_list("", first)),
        box("hero", hero),
        box("rest", nodes.bullet_list("", *rest)),
    )
    small_print = box("small-print", note, *cells, raw(SMALL_PRINT))
    left = [child for child in others if child is not note and child not in cells]
    title["classes"].append("visually-hidden")
    section.children = [title, answer, small_print, *left]


def set_start(section: nodes.section) -> None:
    """Set the start page: what is established right below its first figure, the map after it."""
    known, unknown = list(section.findall(nodes.section))[1:3]
    timeline, sights = [child for child in section if isinstance(child, nodes.raw)]
    place = section.index(timeline)
    for part_of_start in (timeline, sights, known, unknown):
        section.remove(part_of_start)
    section.insert(place, box("start", timeline, known, unknown, sights))


def questions(notebook: Path) -> Iterator[dict]:
    """Yield what the check cells of a notebook gave out for a page, in order."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        tags = set(cell["metadata"].get("tags", []))
        if not tags.issuperset({"solution", "remove-output"}):
            continue
        data = {}
        for output in cell["outputs"]:
            data = output["data"]
        yield data.get(QUESTION, {})


def answer_back(document: nodes.document, notebook: Path) -> None:
    """Put under each exercise a form that checks answers, and folds with hints and solution.

    The notebook's two cells go into one fold.
    """
    cells = parts_of(document, "cell_code")
    checks = [cell for cell in cells if CHECK.issubset(cell["classes"])]
    asked = questions(notebook) if checks else []
    for number, (check, question) in enumerate(zip(checks, asked, strict=True), start=1):
        section = check.parent
        answer = section[section.index(check) - 1]
        if question and answer in cells:
            form = part("question", number, question)
            section.replace(answer, raw(form))
            check["prompt_show"] = f"Exercise {number} in the notebook: its check"
            check[0].insert(0, answer)


def moved(document: nodes.document, notebook: Path, listed: bool) -> None:
    """Move the parts of a page to where a reader looks for them; list its parts where asked."""
    top = document.next_node(nodes.section)
    short = next((s for s in document.findall(nodes.section) if "in-short" in s["ids"]), None)
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
        if key not in findings():
            return match[0]
        used[key] = None
        if (key, shown) in told:
            return shown
        told.add((key, shown))
        return f'<a class="finding" href="#{key}" aria-label="{shown}, evidence">{shown}</a>'

    done = []
    for section in re.split(r"(?=<h2\b)", body):
        told.clear()
        done.append(NUMBER.sub(linked, section))
    return "".join(done), list(used)


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
    table["role"] = "table"
    names = []
    for header in table.select("thead th"):
        header["scope"] = "col"
        header["role"] = "columnheader"
        names.append(header.get_text(" ", strip=True))
    for group in table.select("thead, tbody"):
        group["role"] = "rowgroup"
    for row in table.select("tr"):
        row["role"] = "row"
        for name, cell in zip(names, row.select("td"), strict=False):
            cell["role"] = "cell"
            cell["data-label"] = name


@cache
def known_codes() -> dict[str, str]:
    """Return what codes and acronyms stand for: organizations, states in them, terms."""
    found = {}
    for row in [*rows("organizations"), *rows("shared_elsewhere")]:
        found[row["id"]] = row["name"].split(" (")[0]
    regional = {row["state"] for row in rows("memberships") if row["organization"] != "UN"}
    for row in sorted(rows("states"), key=lambda state: state["id"]):
        if row["id"] in regional:
            found[row["id"]] = row["name"].split(",")[0]
    return found | TERMS


def spell_out(body: str) -> str:
    """Return a page of data with what its codes stand for below its title."""
    text = re.sub(r"<[^>]+>", " ", body)
    words = set(re.findall(r"[\w-]+", text))
    used = {code: name for code, name in known_codes().items() if code in words}
    if not used:
        return body
    note = part("abbreviations", used)
    return body.replace("</h1>", f"</h1>{note}", 1)


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
