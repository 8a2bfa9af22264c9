"""What ties the book to Sphinx: directives, formulas, the frame, figures, downloads."""

from __future__ import annotations

import re
import shutil
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import _bundle
import _finish
import _rows
from docutils import nodes
from execute import BUILD, FIGURE, ROOT, every_notebook, write
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.docutils import SphinxDirective

CHAPTER = re.compile(r"(\d\d)_\w+")
SearchEnglish.stem = cache(SearchEnglish.stem)  # type: ignore  # a word stands on many pages


# --- Parts of pages that are made ----------------------------------------------------------------


class Made(SphinxDirective):
    """A part of a page: ``table NAME``, ``tables page/``, ``findings``, ``bibliography``, ...

    ``figure NOTEBOOK TAG`` shows the output of that notebook's cell with the tag.
    """

    required_arguments = 1
    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the part as HTML; it is made again when data or library change."""
        for folder in ("data", "relations_lib"):
            for file in sorted((ROOT / folder).rglob("*.*")):
                self.env.note_dependency(str(file))
        what, *names = self.arguments
        return [_finish.raw(PARTS[what](*names))]


def output_of(name: str, tag: str) -> str:
    """Return the HTML that the cell with a tag shows in a notebook."""
    for cell in _finish.cells_of(ROOT / f"notebooks/{name}.ipynb"):
        if tag in cell["metadata"].get("tags", []):
            (output,) = cell["outputs"]
            return "".join(output["data"]["text/html"])
    raise ValueError(f"{name}: no cell is tagged {tag!r}; tag the one with the figure")


PARTS = {
    "bibliography": _rows.sources_html,
    "citation": _rows.citation_html,
    "figure": output_of,
    "findings": _rows.findings_html,
    "table": _rows.table_page,
    "tables": _rows.tables_html,
}


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula within a line as MathML."""
    self.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def visit_displaymath(self: Any, node: nodes.math_block) -> None:
    """Write a formula of its own as MathML, in a box that scrolls."""
    formula = convert(node.astext(), display="block")
    self.body.append(f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


# --- The frame -----------------------------------------------------------------------------------


def move_parts(app: Sphinx, document: nodes.document) -> None:
    """Move the parts of a page that was read to where a reader looks for them."""
    name = app.env.current_document.docname
    listed = app.env.toc_num_entries[name] > 1
    _finish.moved(document, Path(app.srcdir) / f"{name}.ipynb", listed)


def page_kind(name: str) -> str:
    """Return what kind of page this is, for the style sheet."""
    if CHAPTER.fullmatch(name):
        return "chapter"
    return "data" if name.startswith("data/") or name == "findings" else "page"


@cache
def menu(app: Sphinx) -> list[dict[str, Any]]:
    """Return the parts of the menu, each with its pages by address and name."""
    start = app.config.root_doc
    found = []
    for part in app.env.tocs[start].findall(lambda node: node.tagname == "toctree"):
        names = {}
        for name, page in part["entries"]:
            address = start if page == "self" else page
            names[address] = name or app.env.titles[address].astext()
        found.append({"caption": part["caption"], "pages": names})
    return found


def kicker(name: str, names: dict[str, str]) -> str:
    """Return the line above a chapter's or an appendix's title: its number and short name."""
    if CHAPTER.fullmatch(name):
        return names.get(name, "")
    return "Appendix" if name.startswith("appendices/") else ""


def description(document: nodes.document) -> str:
    """Return a page in one or two sentences: its first bullet or paragraph."""
    kinds = nodes.list_item | nodes.paragraph
    for node in document.findall(lambda node: isinstance(node, kinds)):
        if "kicker" not in node["classes"]:
            text = re.sub(r"<[^>]*>", "", node.astext())
            return " ".join(text.split())[:300]
    return ""


def frame_page(app: Sphinx, name: str, template: str, context: dict, document: Any) -> None:
    """Finish a page's text and give its frame what the templates name."""
    meta = context.get("meta") or {}
    language = meta.get("lang", "en")
    parts = menu(app)
    names = {page: title for part in parts for page, title in part["pages"].items()}
    context["page_kind"] = page_kind(name)
    context["page_language"] = language
    context["kicker"] = kicker(name, names)
    context["menu"] = parts
    context["description"] = ""
    if not document:
        return
    context["description"] = meta.get("description") or description(document)
    up = "../" * name.count("/")
    download = f"{up}downloads/{name}.ipynb" if (ROOT / f"notebooks/{name}.ipynb").exists() else ""
    small_print = _rows.part("small_print", context["toc"], download)
    body = context["body"]
    if context["page_kind"] != "data":
        body = _finish.finished(body, up, small_print, language)
    context["body"] = body


def finish_site(app: Sphinx, error: Exception | None) -> None:
    """Add figures, downloads, what a plain host needs."""
    if error:
        return
    site = Path(app.outdir)
    figures = site / "_figures"
    shutil.rmtree(figures, ignore_errors=True)
    for notebook in every_notebook():
        for name in FIGURE.findall(notebook.read_text(encoding="utf-8")):
            for drawing in (BUILD / "figures").glob(f"{name}-*.svg"):
                write(figures / drawing.name, drawing.read_bytes())
    (site / ".nojekyll").touch()
    _bundle.write_downloads(site)


def skip_field_aliases(app: Sphinx, what: str, name: str, obj: Any, *_: Any) -> bool | None:
    """Leave out the fields of named tuples, which their classes describe."""
    return True if (getattr(obj, "__doc__", "") or "").startswith("Alias for field") else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register theme, directive, formulas and downloads."""
    app.add_html_theme("relations", str(_rows.THEME))
    app.add_directive("made", Made)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("autodoc-skip-member", skip_field_aliases)
    app.connect("doctree-read", move_parts)
    app.connect("html-page-context", frame_page)
    app.connect("build-finished", finish_site, priority=900)
    own = [*Path(__file__).parent.glob("_*.py"), _rows.THEME / "parts.html"]
    state = sha256(b"".join(file.read_bytes() for file in own)).hexdigest()
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"version": "2", "env_version": int(state[:8], 16), **safe}  # a new one reads all again
