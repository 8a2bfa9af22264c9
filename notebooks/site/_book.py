"""What the site makes from the data: table pages, findings, bibliography, downloads, formulas.

A Sphinx extension. Each CSV file of the data package is a page of its own, parsed from the file
where it stands; nothing is written into the source folder. Functions from rows to HTML come
first, what ties them to Sphinx last.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docutils import nodes
from execute import BUILD, digest, every_notebook, write
from sphinx.application import Sphinx
from sphinx.parsers import Parser
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
Row = dict[str, str]
TERMS = {
    "EDTF": "Extended Date/Time Format, dates as precise as their source",
    "NODF": "nestedness metric based on overlap and decreasing fill",
    "CV": "coefficient of variation",
    "COW": "Correlates of War, a research project",
    "EAEU": "Eurasian Economic Union",
    "SHA-256": "a checksum of a text",
    "NFC": "one of Unicode's normal forms",
}
OFFSETS = ("start", "end", "sha256")  # of use to programs: last where a page shows a table
LANGUAGES = {
    "be": "in Belarusian",
    "de": "in German",
    "fr": "in French",
    "it": "in Italian",
    "kk": "in Kazakh",
    "pl": "in Polish",
    "ru": "in Russian",
    "tg": "in Tajik",
}


# --- The data package, as stored -----------------------------------------------------------------


@cache
def schema() -> dict[str, Any]:
    """Return the data package's own description."""
    return json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


@cache
def resources() -> dict[str, dict[str, Any]]:
    """Return the tables' descriptions by name."""
    return {resource["name"]: resource for resource in schema()["resources"]}


@cache
def rows(table: str) -> list[Row]:
    """Return the rows of a table as written."""
    text = (DATA / resources()[table]["path"]).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def locators() -> dict[tuple[str, str], list[Row]]:
    """Return the locators of each row of the page's tables."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows("locators") if "locators" in resources() else []:
        found.setdefault((row["table"], row["row"]), []).append(row)
    return found


def references(resource: dict[str, Any]) -> dict[str, str]:
    """Return which column of a table points to which table (``*``: it names the table too)."""
    keys = resource["schema"].get("foreignKeys", [])
    single = {k["fields"]: k["reference"]["resource"] for k in keys if isinstance(k["fields"], str)}
    single |= {
        k["fields"][0]: k["reference"]["resource"]
        for k in keys
        if isinstance(k["fields"], list) and len(k["fields"]) == 1
    }
    lists = {f["name"]: f["references"] for f in resource["schema"]["fields"] if "references" in f}
    return {name: target or resource["name"] for name, target in (single | lists).items()}


# --- HTML of cells and tables --------------------------------------------------------------------


def link(table: str, row: str = "", text: str = "", folder: str = "") -> str:
    """Return a link to a table's page or to a row on it."""
    anchor = f"#{row}" if row else ""
    return f'<a href="{folder}{table}.html{anchor}">{escape(text or row or table)}</a>'


def entry_link(entry: str, target: str, folder: str = "") -> str:
    """Return the link of one entry of a list of rows (``id``, ``table#id`` or ``table#*``)."""
    table, _, row = entry.rpartition("#")
    if row == "*":
        return link(table, "", f"all of {table}", folder)
    return link(table or target, row, entry if table else row, folder)


def missing_code(cell: str, field: dict[str, Any]) -> bool:
    """Tell whether a cell holds a code for a missing value."""
    return cell in field.get("missingValues", []) and bool(cell)


def cell_html(cell: str, field: dict[str, Any], target: str | None) -> str:
    """Return one cell: codes muted, keys and addresses as links, hashes shortened."""
    if missing_code(cell, field):
        return f'<span class="missing">{cell.replace("_", " ")}</span>'
    if not cell:
        return ""
    if target:
        return " ".join(entry_link(entry, target) for entry in cell.split())
    if field["name"] in ("coded_as", "table"):
        return " ".join(link(t) if t in resources() else escape(t) for t in cell.split())
    if re.fullmatch(r"https?://\S+", cell):
        return f'<a href="{escape(cell)}">{escape(cell.split("/")[2])}</a>'
    if re.fullmatch(r"[0-9a-f]{64}", cell):
        return f'<code title="{cell}">{cell[:10]}…</code>'
    return escape(cell)


def locator_html(row: Row) -> str:
    """Return one locator: its sentence, its characters, the few words it starts with."""
    where = f"characters {row['start']}–{row['end']}"
    states = f" ({escape(row['states'])})" if row["states"] else ""
    sentence, place = link("sentences", row["sentence"]), link("locators", row["id"], where)
    return f"{sentence}, {place}: “{escape(row['anchor'])}”{states}"


def locators_html(found: list[Row]) -> str:
    """Return a row's locators as a list."""
    items = "".join(f"<li>{locator_html(row)}</li>" for row in found)
    return f'<ul class="locators">{items}</ul>' if items else ""


def header_html(names: Iterable[str], numbers: Iterable[str] = ()) -> str:
    numeric = set(numbers)
    return "".join(
        f'<th scope="col"{" class=number" if name in numeric else ""}>{escape(name)}</th>'
        for name in names
    )


def region(table: str, caption: str, classes: str = "") -> str:
    """Return a table in a region of its own that scrolls and can be reached by keyboard."""
    return (
        f'<div class="table-scroll wide {classes}" role="region" tabindex="0" '
        f'aria-label="Table: {escape(caption)}"><table class="relations sortable">'
        f"<caption><span>{escape(caption)}</span></caption>{table}</table></div>"
    )


def table_html(name: str) -> str:
    """Return a whole table of the data package: one anchor a row, its locators beside its id."""
    resource, (first_field, *others) = resources()[name], resources()[name]["schema"]["fields"]
    hashed = any(field["name"] == "sha256" for field in others)
    order = {"paraphrase": -1} | dict.fromkeys(OFFSETS, 1) if hashed else {}
    fields = [first_field, *sorted(others, key=lambda field: order.get(field["name"], 0))]
    targets, located = references(resource), resource.get("evidence") == "locators"
    numbers = [f["name"] for f in fields if f.get("type") in ("integer", "number")]
    names = [f["name"] for f in fields]
    head = [names[0], *(["where on the page"] if located else []), *names[1:]]
    body = []
    for row in rows(name):
        key = row.get("id", "")
        cells = [f"<td>{locators_html(locators().get((name, key), []))}</td>"] if located else []
        for field in fields[1:]:
            target = targets.get(field["name"])
            if name == "locators" and field["name"] == "row":
                content = link(row["table"], row["row"])
            else:
                content = cell_html(row[field["name"]], field, target)
            number = "number" if field["name"] in numbers else "date" if field.get("edtf") else ""
            kind = number or ("long" if len(row[field["name"]]) > 60 else "")
            cells.append(f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>")
        first = cell_html(row[names[0]], fields[0], targets.get(names[0]))
        body.append(f'<tr id="{escape(key)}"><th scope="row">{first}</th>{"".join(cells)}</tr>')
    header = f"<thead><tr>{header_html(head, numbers)}</tr></thead>"
    return region(
        header + "<tbody>" + "\n".join(body) + "</tbody>", f"{resource['title']}: all rows"
    )


def field_html(field: dict[str, Any]) -> str:
    """Return a column's entry in the codebook: type, unit, meaning, codes."""
    limits = field.get("constraints", {})
    kind = "imprecise date (EDTF)" if field.get("edtf") else field.get("type", "string")
    facts = [kind, *([f"in {field['unit']}"] if "unit" in field else [])]
    facts += ["required"] if limits.get("required") else []
    codes = field.get("codes") or dict.fromkeys(limits.get("enum", []), "")
    items = "".join(
        f"<li><code>{escape(str(code))}</code>{': ' + escape(text) if text else ''}</li>"
        for code, text in codes.items()
    )
    meanings = schema().get("missingValueCodes", {})
    gaps = "".join(
        f"<li><code>{code}</code>: {escape(meanings.get(code, ''))}</li>"
        for code in field.get("missingValues", [])
        if code
    )
    lists = (f"<ul>{items}</ul>" if items else "") + (
        f"<p>Missing values:</p><ul>{gaps}</ul>" if gaps else ""
    )
    text = inline(field.get("description", ""))
    kind = f'<span class="kind">{escape(", ".join(facts))}</span>'
    return f"<dt><code>{escape(field['name'])}</code> {kind}</dt><dd><p>{text}</p>{lists}</dd>"


def inline(text: str) -> str:
    """Return schema text with its backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


@cache
def known_codes() -> dict[str, str]:
    """Return what codes stand for: organizations, states in regional ones, terms."""
    tables = [rows("organizations"), rows("shared_elsewhere")]
    known = {row["id"]: row["name"].split(" (")[0] for table in tables for row in table}
    names = {row["id"]: row["name"].split(",")[0] for row in rows("states")}
    regional = {row["state"] for row in rows("memberships") if row["organization"] != "UN"}
    return known | {code: names[code] for code in sorted(regional)} | TERMS


def abbreviations(text: str, every: bool = True) -> str:
    """Return one sentence that spells out the codes of a text: every one, or those it does not."""
    used = {c: n for c, n in known_codes().items() if re.search(rf"\b{re.escape(c)}\b", text)}
    left = {c: n for c, n in used.items() if every or n.split()[0].lower() not in text.lower()}
    return "; ".join(f"{code}: {name}" for code, name in left.items())


def spell_out(body: str, every: bool) -> str:
    """Return a page with what its codes stand for below its title (see ``abbreviations``)."""
    plain = re.sub(r"<(script|style|code|pre)\b.*?</\1>|<[^>]+>", " ", body, flags=re.S)
    said = abbreviations(unescape(plain), every)
    note = f'<p class="abbreviations">{escape(said)}.</p>' if said else ""
    if said and (not every or said.count(";") > 5):
        note = f"<details><summary>Abbreviations on this page</summary>{note}</details>"
    return re.sub(r"</h1>", lambda end: end.group() + note, body, count=1)


def card_html(resource: dict[str, Any], folder: str = "data/") -> str:
    """Return a table's line in the list of tables."""
    name, count = resource["name"], len(rows(resource["name"]))
    unit = "row" if count == 1 else "rows"
    return (
        f'<li><a href="{folder}{name}.html"><strong>{escape(resource["title"])}</strong></a> '
        f'<span class="kind">{count} {unit} · <a href="downloads/data/{resource["path"]}" download>'
        f"{name}.csv</a></span><br>{inline(resource['description'])}</li>"
    )


def tables_html(folder: str) -> str:
    """Return the list of the tables of one folder of the data package."""
    chosen = [r for r in resources().values() if r["path"].startswith(folder)]
    return f'<ul class="tables">{"".join(map(card_html, chosen))}</ul>'


# --- Findings and bibliography -------------------------------------------------------------------


@cache
def findings() -> list[dict[str, Any]]:
    """Return all findings as records, computed once for a state of library and data."""
    from relations_lib import findings, load

    store = BUILD / f"findings-{digest()[:16]}.json"
    if not store.exists():
        write(store, findings.to_json(findings.compute(load())))
    return json.loads(store.read_text(encoding="utf-8"))


def number_html(value: float | None) -> str:
    """Return a number cell that sorts by its value."""
    if value is None:
        return '<td class="number" data-value=""></td>'
    shown = f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
    return f'<td class="number" data-value="{value!r}">{shown.replace("-", "−")}</td>'


def rests_on_html(text: str) -> str:
    """Return links to the rows a finding rests on, folded where they are many."""
    entries = text.split()
    links = " ".join(entry_link(entry, "", "data/") for entry in entries)
    if len(entries) <= 6:
        return links
    return f"<details><summary>{len(entries)} rows</summary>{links}</details>"


def definition_html(text: str) -> str:
    """Return a definition: its first clause, the rest folded."""
    first, mark, rest = text.partition("; ")
    if len(first) > 140:
        first, mark, rest = text.partition(", ")
    if not rest:
        return escape(text)
    return f"<details><summary>{escape(first + mark)}</summary>{escape(rest)}</details>"


def finding_html(finding: dict[str, Any], notebooks: dict[str, str]) -> str:
    """Return one finding as a row of the table."""
    key, notebook = finding["key"], str(finding["notebook"])
    page = notebooks.get(notebook, "")
    where = f'<a href="{page}.html">chapter {notebook}</a>' if page else notebook
    numbers = "".join(number_html(finding[name]) for name in ("value", "low", "high"))
    broken = escape(key).replace(".", ".<wbr>").replace("_", "_<wbr>")
    return (
        f'<tr id="{escape(key)}"><th scope="row"><a href="#{escape(key)}">{broken}</a></th>'
        f"{numbers}<td>{escape(finding['unit'])}</td>"
        f"<td>{rests_on_html(finding['rests_on'] or '')}</td>"
        f'<td class="long">{definition_html(finding["definition"])}</td>'
        f"{number_html(finding['n'])}<td>{where}</td></tr>"
    )


def findings_html(notebooks: dict[str, str]) -> str:
    """Return the table of all findings."""
    names = ["finding", "value", "low", "high", "unit", "rests on", "what it is", "n", "where"]
    header = header_html(names, ["value", "low", "high", "n"])
    body = "\n".join(finding_html(finding, notebooks) for finding in findings())
    table = f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody>"
    return region(table, "All findings", "filterable")


def source_html(source: Row) -> str:
    """Return one entry of the bibliography."""
    title, language = escape(source["title"]), LANGUAGES.get(source["language"], "")
    if source["url"].startswith("http"):
        spoken = f' lang="{source["language"]}"' if language and not title.startswith("[") else ""
        title = f'<a href="{escape(source["url"])}"{spoken}>{title}</a>'
    date = source["date"] if source["date"][:1].isdigit() else ""
    dated = f'<span class="date">{escape(date)}</span>' if date else ""
    parts = ", ".join(filter(None, [escape(source["publisher"]), dated, language]))
    note = f' <span class="kind">{inline(source["note"])}</span>' if source["note"] else ""
    return f'<li id="{escape(source["id"])}">{title}. {parts}.{note}</li>'


def bibliography_html() -> str:
    """Return all sources, by publisher, date and title."""
    ordered = sorted(rows("sources"), key=lambda r: (r["publisher"].lower(), r["date"], r["title"]))
    return f'<ul class="sources">{"".join(map(source_html, ordered))}</ul>'


# --- Downloads -----------------------------------------------------------------------------------


def zip_folder(folder: Path, target: Path, without: Iterable[Path] = ()) -> None:
    """Write a folder into an archive: sorted and without dates, so that bytes repeat."""
    left_out = {target, *without}
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for file in sorted(f for f in folder.rglob("*") if f.is_file() and f not in left_out):
            name = f"{target.stem}/{file.relative_to(folder).as_posix()}"
            information = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            information.external_attr = 0o644 << 16
            archive.writestr(information, file.read_bytes(), ZIP_DEFLATED)


def write_downloads(app: Sphinx, error: Exception | None) -> None:
    """Put notebooks, data, findings and the whole site beside the pages."""
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):  # of sources that are gone
        name = page.relative_to(app.outdir).with_suffix("").as_posix()
        if name not in {*app.env.found_docs, "search"} and not name.startswith("_static/"):
            page.unlink()
    folder = Path(app.outdir) / "downloads"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for notebook in every_notebook():
        copy = folder / notebook.relative_to(ROOT / "notebooks")
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(notebook, copy)
    shutil.copytree(DATA, folder / "data")
    zip_folder(folder / "data", folder / "data.zip")
    table = _findings_table()
    (folder / "findings.csv").write_text(table[0], encoding="utf-8", newline="\n")
    (folder / "findings.json").write_text(table[1], encoding="utf-8", newline="\n")
    caches = [Path(app.outdir) / name for name in (".buildinfo", "objects.inv")]
    zip_folder(Path(app.outdir), folder / "site.zip", without=caches)


def _findings_table() -> tuple[str, str]:
    import pandas as pd

    from relations_lib import findings as module

    table = pd.DataFrame(findings(), columns=module.COLUMNS).astype({"n": "Int64"})
    table = table.astype({"value": float, "low": float, "high": float})
    return module.to_csv(table), module.to_json(table)


# --- Tied to Sphinx ------------------------------------------------------------------------------


def raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


class TableParser(Parser):
    """Make a page of a CSV file of the data package."""

    supported = ("relations-table",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fill the document with the table, its downloads and its columns."""
        env = document.settings.env
        name = Path(env.current_document.docname).name
        resource = resources()[name]
        env.metadata[env.current_document.docname]["html_theme.sidebar_secondary.remove"] = "true"
        for file in ("datapackage.json", resources()["locators"]["path"]):
            env.note_dependency(str(DATA / file))
        document.append(section(resource["title"], "the-table", self._content(name, resource)))

    def _content(self, name: str, resource: dict[str, Any]) -> list[nodes.Node]:
        table, path = table_html(name), resource["path"]
        intro = (
            f"<p>{inline(resource['description'])}</p>"
            + f'<p class="downloads"><a class="download" href="../downloads/data/{path}" download>'
            f"Download {name}.csv</a> <span>{len(rows(name))} rows. "
            '<a href="#columns">What the columns mean</a></span></p>'
        )
        columns = "".join(map(field_html, resource["schema"]["fields"]))
        return [raw(intro + table), section("Columns", "columns", [raw(f"<dl>{columns}</dl>")])]


def section(title: str, identifier: str, content: list[nodes.Node]) -> nodes.section:
    """Return a section with its title."""
    part = nodes.section(ids=[identifier], names=[identifier])
    part += [nodes.title(title, title), *content]
    return part


class Made(SphinxDirective):
    """A part of a page made from the data: ``tables page/``, ``findings`` or ``bibliography``."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the part as HTML."""
        what, folder = [*self.arguments, ""][:2]
        for file in sorted(DATA.rglob("*.*")):
            self.env.note_dependency(str(file))
        if what == "tables":
            return [raw(tables_html(folder))]
        if what == "bibliography":
            return [raw(bibliography_html())]
        for file in sorted((ROOT / "relations_lib").rglob("*.py")):
            self.env.note_dependency(str(file))
        chapters = {d[:2]: d for d in self.env.found_docs if re.match(r"\d\d_", d)}
        return [raw(findings_html(chapters))]


def prepare(app: Sphinx) -> None:
    """Keep MyST-NB's copies out of the way."""
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=str(BUILD / "myst"))


def _mathml(tex: str, display: str) -> str:
    from latex2mathml.converter import convert

    return convert(tex, display=display)


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula within a line as MathML."""
    self.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_displaymath(self: Any, node: nodes.math_block) -> None:
    """Write a formula of its own as MathML, in a region that scrolls."""
    self.body.append(f'<div class="formula">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


class CaptionTables(SphinxPostTransform):
    """Give each plain table a caption, the title of its section, and a region that scrolls."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Wrap every table of the document."""
        seen: dict[str, int] = {}
        for number, table in enumerate(list(self.document.findall(nodes.table)), 1):
            table["ids"] = table["ids"] or [f"table-{number}"]
            heading = table.parent
            while heading and not isinstance(heading, nodes.section):
                heading = heading.parent
            caption = heading[0].astext() if heading else "Table"
            seen[caption] = seen.get(caption, 0) + 1
            label = caption if seen[caption] == 1 else f"{caption} ({seen[caption]})"
            if not isinstance(table[0], nodes.title):
                table.insert(0, nodes.title(label, label))
            table["classes"].append("relations")
            start = f'role="region" tabindex="0" aria-label="Table: {escape(label)}"'
            before = raw(f'<div class="table-scroll" {start}>')
            table.parent.replace(table, [before, table, raw("</div>")])


NUMBER = re.compile(r"<a\b.*?</a>|(?P<shown>[\w.,−%-]+)<!--(?P<key>[\w.]+)(?::\w+)?-->", re.S)


def link_numbers(body: str, pagename: str) -> str:
    """Return a page in which each number of the text leads to its finding (see test_prose)."""
    keys, up = {finding["key"] for finding in findings()}, "../" * pagename.count("/")

    def linked(match: re.Match) -> str:
        shown, key = match["shown"], match["key"]
        if key not in keys:
            return match.group()
        label = f'aria-label="{shown} (finding {key})"'
        return f'<a class="finding" href="{up}findings.html#{key}" {label}>{shown}</a>'

    return NUMBER.sub(linked, body)


def finish_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Tell the template of a notebook to download; give headers scope, spell out codes."""
    notebook = f"{pagename}.ipynb"
    context["notebook"] = notebook if (Path(app.srcdir) / notebook).exists() else ""
    chapters = sorted(name for name in app.env.found_docs if re.match(r"\d\d_", name))
    context["chapters"] = [(c, c[3:].replace("_", " ").capitalize()) for c in chapters]
    if "body" in context:
        body = context["body"].replace('<th class="head', '<th scope="col" class="head')
        reference = pagename.startswith("data/") or pagename in ("findings", "codebook")
        context["body"] = link_numbers(spell_out(body, reference), pagename)


def skip_field_aliases(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> Any:
    """Leave out the fields of named tuples, which their classes describe."""
    return True if (getattr(obj, "__doc__", "") or "").startswith("Alias for field") else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register parser, directive, formulas and downloads."""
    app.add_source_suffix(".table", "relations-table")
    app.add_source_parser(TableParser)
    app.add_directive("made", Made)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("builder-inited", prepare, priority=900)
    app.add_post_transform(CaptionTables)
    app.connect("autodoc-skip-member", skip_field_aliases)
    app.connect("html-page-context", finish_page)
    app.connect("build-finished", write_downloads, priority=900)
    own = int(sha256(Path(__file__).read_bytes()).hexdigest()[:8], 16)  # a new one reads all again
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"version": "1", "env_version": own, **safe}
