"""What ties the book to Sphinx: pages made of tables, directives, the frame, downloads."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import _bundle
import _cite
import _rows
from _finish import Page, finished
from docutils import nodes
from execute import BUILD, ROOT
from sphinx.application import Sphinx
from sphinx.parsers import Parser
from sphinx.util.docutils import SphinxDirective

LONG = 200  # rows: longer tables are left out of the search
CHAPTER = re.compile(r"(\d\d)_\w+")


def raw(html: str) -> nodes.raw:
    """Return HTML as it is."""
    return nodes.raw("", html, format="html")


def section(title: str, identifier: str, content: list[nodes.Node]) -> nodes.section:
    """Return a section with its title."""
    part = nodes.section(ids=[identifier], names=[identifier])
    part += [nodes.title(title, title), *content]
    return part


class TableParser(Parser):
    """Make a page of a table of the data package."""

    supported = ("relations-table",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fill the document with the table, its downloads and its columns."""
        env = document.settings.env
        name = Path(env.current_document.docname).name
        for file in ("datapackage.json", _rows.resources()["locators"]["path"]):
            env.note_dependency(str(_rows.DATA / file))
        keys = [row["id"] for row in _rows.rows(name) if "id" in row]
        anchors = {key: (0, key, key) for key in [*keys, "columns"]}
        meta = env.metadata[env.current_document.docname]
        meta["myst_slugs"] = anchors
        if len(_rows.rows(name)) > LONG:
            meta["nosearch"] = "a long table"
        table, columns = _rows.table_page(name)
        content = [raw(table), section("Columns", "columns", [raw(columns)])]
        document.append(section(_rows.resources()[name]["title"], "the-table", content))


class Made(SphinxDirective):
    """A part of a page: ``tables page/``, ``findings``, ``bibliography``, ``citation``.

    ``figure NOTEBOOK TAG`` shows the output of that notebook's cell with the tag.
    """

    required_arguments = 1
    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the part as HTML."""
        what, folder, tag = [*self.arguments, "", ""][:3]
        for file in sorted(_rows.DATA.rglob("*.*")):
            self.env.note_dependency(str(file))
        if what == "figure":
            return [raw(output_of(Path(self.env.srcdir) / f"{folder}.ipynb", tag))]
        if what == "tables":
            return [raw(_rows.tables_html(folder))]
        if what == "bibliography":
            return [raw(_rows.sources_html())]
        if what == "citation":
            return [nodes.paragraph("", _cite.reference()), code(_cite.bibtex(), "bibtex")]
        for file in sorted((ROOT / "relations_lib").rglob("*.*")):
            self.env.note_dependency(str(file))
        chapters = {d[:2]: d for d in self.env.found_docs if CHAPTER.fullmatch(d)}
        return [raw(_rows.findings_html(chapters))]


def output_of(notebook: Path, tag: str) -> str:
    """Return the HTML that the cell with a tag shows."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if tag in cell["metadata"].get("tags", []):
            return "".join("".join(output["data"]["text/html"]) for output in cell["outputs"])
    raise ValueError(f"{notebook.name}: no cell is tagged {tag!r}; tag the one with the figure")


def code(text: str, language: str) -> nodes.literal_block:
    """Return a block of code."""
    return nodes.literal_block(text, text, language=language)


# --- Formulas ------------------------------------------------------------------------------------


def _mathml(tex: str, display: str) -> str:
    from latex2mathml.converter import convert

    return convert(tex, display=display)


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula within a line as MathML."""
    self.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_displaymath(self: Any, node: nodes.math_block) -> None:
    """Write a formula of its own as MathML, in a box that scrolls."""
    self.body.append(f'<div class="formula">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


# --- The frame -----------------------------------------------------------------------------------


def page_kind(pagename: str) -> str:
    """Return what kind of page this is, for the style sheet."""
    if CHAPTER.fullmatch(pagename):
        return "chapter"
    if pagename.startswith("data/") or pagename == "findings":
        return "data"
    return "page"


def kicker(pagename: str, names: dict[str, str]) -> dict[str, str]:
    """Return the line above a chapter's or an appendix's title: its number and short name."""
    found = re.match(r"(?:appendices/)?(\d\d)_", pagename)
    if not found:
        return {}
    name = names.get(pagename, "")
    if pagename.startswith("appendices/"):
        chapter = any(page.startswith(f"{found[1]}_") for page in names)
        text = f"Appendix to chapter {int(found[1])}" if chapter else "Appendix"
        return {"number": "", "text": text}
    return {"number": str(int(found[1])), "text": re.sub(r"^\d+ ", "", name)}


FIRST = (
    re.compile(r'id="in-short".*?<li>(.*?)</li>', re.S),
    re.compile(r'<p class="standfirst">(.*?)</p>', re.S),
    re.compile(r"<p>(.*?)</p>", re.S),
)


def description(body: str) -> str:
    """Return a page in one or two sentences: its first bullet or paragraph."""
    found = next(filter(None, (pattern.search(body) for pattern in FIRST)), None)
    text = re.sub(r"<[^>]+>|\s+", " ", found[1]) if found else ""
    return unescape(" ".join(text.split()))[:300]


def short_names(app: Sphinx) -> dict[str, str]:
    """Return what the menu calls each page."""
    found: dict[str, str] = {}
    for tocs in app.env.tocs.values():
        for toctree in tocs.findall(lambda node: node.tagname == "toctree"):
            found |= {page: name for name, page in toctree["entries"] if name}
    return found


def frame_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Finish a page's text and give its frame what the templates name."""
    meta = context.get("meta") or {}
    notebook = f"{pagename}.ipynb"
    context["page_kind"] = page_kind(pagename)
    context["page_language"] = meta.get("lang", "en")
    context["kicker"] = kicker(pagename, short_names(app))
    context["stated"] = _bundle.stated()
    context["version"] = _bundle.version()
    context["description"] = ""
    context["citation_tags"] = []
    if "body" not in context:
        return
    source = Path(app.srcdir) / notebook
    toc = context["toc"] if context.get("display_toc") and context["page_kind"] != "data" else ""
    download = notebook if source.exists() else ""
    language = context["page_language"]
    page = Page(pagename, Path(app.outdir), toc, download, source, language)
    context["description"] = meta.get("description") or description(context["body"])
    context["citation_json"] = _cite.schema_org(context["description"])
    if context["page_kind"] == "chapter":
        context["citation_tags"] = _cite.meta_tags(context["title"])
    context["body"] = finished(context["body"], page)


def finish_site(app: Sphinx, error: Exception | None) -> None:
    """Remove pages of sources that are gone; add downloads and what a plain host needs."""
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for page in site.rglob("*.html"):
        name = page.relative_to(site).with_suffix("").as_posix()
        if name not in {*app.env.found_docs, "search"} and not name.startswith("_static/"):
            page.unlink()
    shown = "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    for picture in (site / "_figures").glob("*"):
        if picture.name not in shown:
            picture.unlink()
    (site / ".nojekyll").write_text("", encoding="utf-8")
    _bundle.write_downloads(site)


def keep_apart(app: Sphinx) -> None:
    """Keep MyST-NB's copies out of the way."""
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=str(BUILD / "myst"))


def skip_field_aliases(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> Any:
    """Leave out the fields of named tuples, which their classes describe."""
    return True if (getattr(obj, "__doc__", "") or "").startswith("Alias for field") else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register theme, parser, directive, formulas and downloads."""
    app.add_html_theme("relations", str(_rows.THEME))
    app.add_source_suffix(".table", "relations-table")
    app.add_source_parser(TableParser)
    app.add_directive("made", Made)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("builder-inited", keep_apart, priority=900)
    app.connect("autodoc-skip-member", skip_field_aliases)
    app.connect("html-page-context", frame_page)
    app.connect("build-finished", finish_site, priority=900)
    own = [Path(__file__).with_name(name) for name in ("_book.py", "_rows.py", "_finish.py")]
    state = sha256(b"".join(file.read_bytes() for file in own)).hexdigest()
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"version": "2", "env_version": int(state[:8], 16), **safe}  # a new one reads all again
