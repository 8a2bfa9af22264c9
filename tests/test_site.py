"""The site as built: complete, linked, legible without scripts, the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import _cite
import _rows
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))  # the chapters
TABLES = sorted((ROOT / "data").glob("[!r]*/*.csv"))  # not those of releases
SEARCH = "search.html"  # a form that only works with scripts
pytestmark = pytest.mark.slow


def build(target: Path) -> Path:
    """Render the site from nothing; any warning is an error."""
    caches = target.with_name("doctrees-" + target.name)
    command = [sys.executable, str(ROOT / "notebooks/site/gather.py"), str(target), str(caches)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("a site") / "site")


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def pages(site: Path) -> list[Path]:
    return sorted(p for p in site.rglob("*.html") if "_static" not in p.parts)


# --- What can be wrong with a page ---------------------------------------------------------------


def structure_faults(html: BeautifulSoup) -> Iterator[str]:
    """Yield what keeps a page from being read: headings, language, landmarks, tables, pictures."""
    ranks = [int(h.name[1]) for h in html.find_all(re.compile("^h[1-6]$"))]
    if ranks.count(1) != 1:
        yield f"{ranks.count(1)} H1"
    yield from (f"heading rank {b} after {a}" for a, b in pairwise(ranks) if b > a + 1)
    if not html.html or not html.html.get("lang"):
        yield "no language"
    yield from (f"no {name}" for name in ("main", "header", "nav", "title") if not html.find(name))
    for table in html.find_all("table"):
        if not table.caption or not table.caption.get_text(strip=True):
            yield "a table without caption"
        if table.find("th", scope=False):
            yield f"a header without scope in “{table.caption and table.caption.get_text()}”"
        if not table.find_parent(class_="table-scroll"):
            yield "a table outside a region that scrolls"
    for image in html.find_all("img"):
        if not image.get("alt", "").strip():
            yield "a picture without alternative text"
    for anchor in html.find_all("a", href=True):
        text = anchor.get_text(strip=True).lower() or anchor.get("aria-label", "")
        if text in ("", "here", "click here", "link", "more"):
            yield f"a link that does not say where to: {anchor['href']}"
    ids = [tag["id"] for tag in html.find_all(id=True)]
    yield from (f"the id {name} twice" for name in {i for i in ids if ids.count(i) > 1})


def foreign_requests(html: BeautifulSoup) -> Iterator[str]:
    """Yield what a browser would fetch from elsewhere."""
    for tag in html.find_all(["script", "img", "link", "iframe", "source", "video"]):
        address = tag.get("src") or tag.get("href") or ""
        if re.match(r"(https?:)?//", address):
            yield address


def link_faults(page: Path, site: Path) -> Iterator[str]:
    """Yield links to pages, files or anchors of the site that do not exist."""
    for anchor in soup(page).find_all("a", href=True):
        parts = urlsplit(anchor["href"])
        if parts.scheme or parts.netloc or anchor["href"] == "#":
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.is_file() or not target.is_relative_to(site.resolve()):
            yield f"{anchor['href']}: no such file"
        elif target.suffix == ".html" and not soup(target).find(id=unquote(parts.fragment) or True):
            yield f"{anchor['href']}: no such anchor"


@pytest.mark.parametrize(
    ("body", "report"),
    [
        ("<h1>A</h1><h1>B</h1>", "2 H1"),
        ("<h1>A</h1><h3>B</h3>", "heading rank 3 after 1"),
        ("<h1>A</h1><table><tr><th scope=col>x</th></tr></table>", "without caption"),
        ("<h1>A</h1><table><caption>c</caption><tr><th>x</th></tr></table>", "without scope"),
        ("<h1>A</h1><img src=x>", "without alternative text"),
        ("<h1>A</h1><a href=x>here</a>", "does not say where"),
        ("<h1 id=a>A</h1><p id=a>", "twice"),
    ],
)
def test_a_broken_page_is_reported(body, report):
    frame = "<html lang=en><title>t</title><header></header><nav></nav><main>{}</main></html>"
    assert not list(structure_faults(BeautifulSoup(frame.format("<h1>A</h1>"), "html.parser")))
    found = list(structure_faults(BeautifulSoup(frame.format(body), "html.parser")))
    assert [fault for fault in found if report in fault], found


def test_a_foreign_request_is_reported():
    html = BeautifulSoup(
        '<script src="https://example.org/x.js"></script><a href="//x">', "html.parser"
    )
    assert list(foreign_requests(html)) == ["https://example.org/x.js"]


# --- The site has none of it ---------------------------------------------------------------------


def test_every_page_is_well_structured(site):
    found = {p.relative_to(site).as_posix(): list(structure_faults(soup(p))) for p in pages(site)}
    assert {page: faults for page, faults in found.items() if faults and page != SEARCH} == {}


def test_no_page_fetches_anything_from_elsewhere(site):
    assert [a for page in pages(site) for a in foreign_requests(soup(page))] == []
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", text), style.name


def test_every_internal_link_and_anchor_leads_somewhere(site):
    found = {p.relative_to(site).as_posix(): list(link_faults(p, site)) for p in pages(site)}
    assert {page: faults for page, faults in found.items() if faults} == {}


def test_a_missing_anchor_is_reported(tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<p id="b"></p><a href="#b">x</a><a href="#c">x</a><a href="d.html">x</a>')
    assert [f.split(":")[0] for f in link_faults(page, tmp_path)] == ["#c", "d.html"]


def test_every_page_can_be_reached_by_plain_links(site):
    start = (site / "index.html").resolve()
    reached, new = set(), {start}
    while new:
        page = new.pop()
        reached.add(page)
        main = [soup(page).main, soup(page).footer, soup(page).find(id="menu")]
        links = [a["href"] for part in main for a in part.find_all("a", href=True)]
        found = {
            (page.parent / urlsplit(h).path).resolve() for h in links if not urlsplit(h).scheme
        }
        new |= {f for f in found if f.suffix == ".html" and f.is_file()} - reached
    missed = {p.resolve() for p in pages(site)} - reached - {(site / SEARCH).resolve()}
    assert not missed


def test_the_chapters_stand_in_order(site):
    links = [a["href"] for a in soup(site / "index.html").select("#menu a")]
    chapters = [n.with_suffix(".html").name for n in NOTEBOOKS]
    assert [
        link for link in dict.fromkeys(u.split("#")[0] for u in links) if link in chapters
    ] == chapters


@pytest.mark.parametrize("table", TABLES, ids=lambda p: p.stem)
def test_every_table_is_shown_whole_and_can_be_downloaded(site, table):
    page = soup(site / "data" / f"{table.stem}.html")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = page.select("table.relations")[0].tbody.find_all("tr", recursive=False)
    ids = [row.get("id", "") for row in rows]
    assert [row.get("id", "") for row in shown] == ids[: len(shown)]
    assert len(shown) == min(len(rows), _rows.MOST_ROWS), "of a long table the first rows"
    copy = site / "downloads" / table.relative_to(ROOT)
    assert copy.read_bytes() == table.read_bytes()
    assert page.find("a", download=True, href=re.compile(re.escape(table.name)))


def test_a_finding_leads_to_its_rows_and_they_to_the_page(site):
    findings = soup(site / "findings.html")
    links = [a["href"] for a in findings.select("tbody td a") if a["href"].startswith("data/")]
    assert any(re.fullmatch(r"data/visits.html(#v\d{4})?", link) for link in links)
    row = soup(site / "data" / "visits.html").find(id="v2007")
    places = [a["href"] for a in row.select("ul.locators a[href^='locators']")]
    sentences = [a["href"] for a in row.select("ul.locators a[href^='sentences']")]
    assert len(places) == len(sentences) == 2, "the visit that the page tells twice has two places"
    for place in places:
        locator = soup(site / "data" / "locators.html").find(id=place.partition("#")[2])
        sentence = locator.find("a", href=re.compile(r"^sentences\.html#"))["href"]
        assert soup(site / "data" / "sentences.html").find(id=sentence.partition("#")[2])


@pytest.mark.parametrize("name", ["index", *(n.stem for n in NOTEBOOKS)])
def test_a_number_in_prose_leads_to_its_evidence(site, name):
    page = soup(site / f"{name}.html")
    links = page.main.select("a.finding")
    assert len(links) > 5
    entries = {entry["id"]: entry for entry in page.select("ul.evidence > li")}
    all_findings = {row["id"] for row in soup(site / "findings.html").select("tbody tr")}
    for link in links:
        key = link["href"].removeprefix("#")
        further = entries[key].find("a", href=f"findings.html#{key}")
        assert further, f"{key} has no way to the table of all findings"
        assert key in all_findings
        assert link["aria-label"] == f"{link.get_text()}, evidence"
    told = [(link.find_previous("h2"), link["href"], link.get_text()) for link in links]
    assert len({(id(heading), *rest) for heading, *rest in told}) == len(links)


def test_pages_hold_no_style_and_no_script_of_their_own(site):
    for page in pages(site):
        html = soup(page)
        assert not html.find_all(["style"]), page.name
        assert not html.find_all(style=True), page.name
        for script in html.find_all("script"):
            assert script.get("src") or script["type"] == "application/ld+json", page.name


def test_search_finds_the_text_of_every_page(site):
    lacking = [page.name for page in pages(site) if not soup(page).select_one("[role=main] h1")]
    assert lacking == []


def test_pages_are_light(site):
    for notebook in NOTEBOOKS:
        assert (site / f"{notebook.stem}.html").stat().st_size < 400_000


def test_the_findings_on_the_site_are_the_findings(site, published):
    from relations_lib import findings

    table = published.reset_index()
    assert (site / "downloads" / "findings.csv").read_text(encoding="utf-8") == findings.to_csv(
        table
    )
    assert json.loads((site / "downloads" / "findings.json").read_text()) == json.loads(
        findings.to_json(table)
    )
    shown = soup(site / "findings.html").select("tbody tr")
    assert [row["id"] for row in shown] == table["key"].tolist()


def test_every_figure_keeps_its_alternative_text_caption_and_values(site):
    for notebook in NOTEBOOKS:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        outputs = [
            o for c in cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})
        ]
        stored = BeautifulSoup(
            "".join("".join(o["data"]["text/html"]) for o in outputs), "html.parser"
        )
        shown = soup(site / f"{notebook.stem}.html").main
        for theme in ("light", "dark"):
            images = shown.select(f"figure .on-{theme} img")
            assert [i["alt"] for i in images] == [i["alt"] for i in stored.select("figure img")]
        for figure in shown.select("figure"):
            assert figure.figcaption.get_text(strip=True)
            assert all((site / image["src"]).is_file() for image in figure.find_all("img"))


def test_formulas_are_mathml(site):
    for page in pages(site):
        assert not [s["src"] for s in soup(page).find_all("script", src=re.compile("(?i)mathjax"))]
    assert "$$" not in "".join(soup(site / f"{n.stem}.html").main.get_text() for n in NOTEBOOKS)


def test_the_archive_holds_the_whole_site(site):
    with zipfile.ZipFile(site / "downloads" / "site.zip") as archive:
        names = {name.removeprefix("site/") for name in archive.namelist()}
    there = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert names == there - {"downloads/site.zip", ".buildinfo", "objects.inv"}


def test_nothing_is_written_into_the_source_folder(tmp_path):
    def files() -> set[Path]:
        return {p for p in (ROOT / "notebooks").rglob("*") if "__pycache__" not in p.parts}

    before = files()
    build(tmp_path / "site")
    assert files() == before


def test_a_page_whose_source_is_gone_goes_too(site, tmp_path):
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    (copy / "left.html").write_text("left", encoding="utf-8")
    build(copy)
    assert not (copy / "left.html").exists()
    assert (copy / SEARCH).exists()


def test_the_binder_button_needs_the_address(site):
    conf = (ROOT / "notebooks/site/conf.py").read_text(encoding="utf-8")
    shown = re.search(r'(?m)^repository = "(.*)"', conf)[1] != ""
    assert shown is ("mybinder" in "".join(p.read_text(encoding="utf-8") for p in pages(site)))


def test_a_rebuild_gives_the_same_bytes(site, tmp_path):
    def hashes(folder: Path) -> dict[str, str]:
        files = (
            p
            for p in folder.rglob("*")
            if p.is_file() and p.name not in (".buildinfo", "objects.inv")
        )
        return {
            str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
        }

    again = hashes(build(tmp_path / "again"))
    assert hashes(site) == again


# --- The parts made from the data ----------------------------------------------------------------


def test_cells_become_links_and_muted_codes():
    field = {"name": "host", "missingValues": ["not_stated"]}

    def html(text: str, target: str = "") -> str:
        return _rows.part("cell", _rows.cell(text, field, target)).strip()

    assert html("KAZ", "states") == '<a href="states.html#KAZ">KAZ</a>'
    assert html("not_stated", "states") == '<span class="missing">not stated</span>'
    assert html("a < b") == "a &lt; b"
    assert ">example.org<" in html("https://example.org/a?b=1&c")


def test_what_only_a_window_bounds_rests_on_no_sentence():
    window = set(_rows.sentences(["windows#to_page"]))
    visits = set(_rows.sentences(["visits#*"]))
    assert window - visits
    assert set(_rows.sentences(["visits#*", "windows#to_page"])) == visits | window
    assert _rows.sentences(["votes#*", "windows#to_page"]) == []


def test_entries_of_lists_lead_to_rows_or_tables():
    row = {"href": "data/visits.html#v2007", "text": "visits#v2007"}
    assert _rows.entry("visits#v2007", "", "data/") == row
    assert _rows.entry("visits#*") == {"href": "visits.html", "text": "all of visits"}
    assert _rows.entry("v2007", "visits") == {"href": "visits.html#v2007", "text": "v2007"}


# --- What a reader takes along -------------------------------------------------------------------


def test_the_project_can_be_taken_along_whole(site):
    with zipfile.ZipFile(site / "downloads" / "book.zip") as archive:
        names = {name.removeprefix("book/") for name in archive.namelist()}
        stated = archive.read("book/VERSION.txt").decode()
        runnable = archive.getinfo("book/.ci/run").external_attr >> 16
    assert {"Makefile", "README.md", "data/page/visits.csv", "relations_lib/tables.py"} <= names
    assert not [name for name in names if name.startswith((".git/", ".venv/", "site/"))]
    assert re.fullmatch(r"version \d+\.\d+\.\d+\n.+\n", stated)
    assert runnable & 0o111


def test_forms_of_the_citation_agree():
    record = _cite.citation()
    machine = json.loads(_cite.schema_org())
    assert machine["version"] == str(record["version"])
    assert machine["datePublished"][:4] == record["year"]
    assert f"year = {{{record['year']}}}" in _cite.bibtex()
    assert {part["license"] for part in machine["hasPart"]} == {
        "https://creativecommons.org/licenses/by/4.0/",
        "https://spdx.org/licenses/MIT",
    }
