"""The notebooks as committed: executed in order, clean, and legible to everyone."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import execute
import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))  # the chapters
EVERY = execute.every_notebook()  # the chapters and what stands in folders
TEXTS = [
    *EVERY,
    *(ROOT / name for name in ("requirements.lock", "requirements-test.lock", "environment.yml")),
]
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|root|Users|tmp|usr|var|work|opt|private|mnt|builds?)/[\w.-]+"
    r"|\b[A-Za-z]:\\{1,2}(?:Users|Windows|Temp)"
)
REGISTRIES = re.compile(r"pypi\.|pythonhosted|anaconda\.(?:org|com)|npmjs\.|index-url|find-links")
KINDS = re.compile(
    r"chart|plot|diagram|timeline|heat ?map|matrix|network|graph|histogram|curve"
    r"|rows|rings|steps|dots|lines|bars|strips|squares|table|triangle|\bmap\b"
    r"|хронология|карта|хати замон|харита|уақыт сызығы",
    re.I,
)


# --- What can be wrong --------------------------------------------------------------------------


def order_faults(nb: NotebookNode) -> Iterator[str]:
    """Yield cells that were not executed once, top to bottom."""
    cells = [c for c in nb.cells if c.cell_type == "code" and c.source.strip()]
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        yield f"not executed top to bottom: {counts}"
    for cell in cells:
        shown = [o.execution_count for o in cell.outputs if "execution_count" in o]
        if set(shown) - {cell.execution_count}:
            yield f"not executed top to bottom: an output of {shown} in {cell.execution_count}"
    if not cells:
        yield "no code"


def long_floats(output: NotebookNode) -> list[str]:
    """Return the numbers in an output's text that have more than ten significant digits."""
    text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
    numbers = re.findall(r"(?<![\w.])\d+\.\d+", text)
    return [n for n in numbers if len(n.replace(".", "").strip("0")) > 10]


def output_faults(nb: NotebookNode) -> Iterator[str]:
    """Yield outputs that a reader should not see."""
    for number, cell in enumerate(nb.cells, start=1):
        where = f"cell {number} ({cell.get('id')})"
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{where}: an error: {output.ename}"
            if output.get("name") == "stderr":
                yield f"{where}: something on standard error"
            if execute.has_bare_picture(output):
                yield f"{where}: a bare picture, show_figure allowed"
            for number in long_floats(output):
                yield f"{where}: {number}, round it: machines differ in the last digits"
        tags = set(cell.metadata.get("tags", []))
        if "NBVAL" in cell.source or {t for t in tags if t.startswith(("nbval", "raises"))}:
            yield f"{where}: exempted from comparison; no cell may be"
    settled = copy.deepcopy(nb)
    execute.settle_cells(settled, Path("a.ipynb"))
    for cell, kept in zip(nb.cells, settled.cells, strict=True):
        if (cell.metadata, cell.get("id")) != (kept.metadata, kept.id):
            yield f"cell metadata {dict(cell.metadata)} of {cell.get('id')}"
    if (nb.metadata, nb.nbformat_minor) != (settled.metadata, settled.nbformat_minor):
        yield f"notebook metadata {dict(nb.metadata)}"


def html_outputs(nb: NotebookNode) -> Iterator[tuple[str, BeautifulSoup]]:
    """Yield what cells show, with the cell."""
    for number, cell in enumerate(nb.cells, start=1):
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                html = BeautifulSoup(output.data["text/html"], "html.parser")
                yield f"cell {number} ({cell.get('id')})", html


def _figure_faults(figure: Tag, values: Tag | None) -> Iterator[str]:
    image, caption = figure.find("img"), figure.find("figcaption")
    alt = (image.get("alt") or "").strip() if image else ""
    if len(alt) < 80 or not KINDS.search(alt) or not re.search(r"\d", alt):
        yield f"alternative text without kind, ranges or point: {alt!r}"
    if not caption or not caption.get_text(strip=True):
        yield "a figure without caption"
    elif caption.get_text(strip=True) == alt:
        yield "a caption that only repeats the alternative text"
    if values is None or not values.find("table"):
        yield "a figure without the table of its values"


def _table_faults(table: Tag) -> Iterator[str]:
    if not table.caption or not table.caption.get_text(strip=True):
        yield "a table without caption"
    if not table.find("th", scope="col") or table.find("th", scope=False):
        yield "a table without header scope"


def display_faults(nb: NotebookNode) -> Iterator[str]:
    """Yield figures without alternative text, caption or values, tables without headers."""
    seen: set[str] = set()
    for where, html in html_outputs(nb):
        for fault in _shown_faults(html, seen):
            yield f"{where}: {fault}"


def _shown_faults(html: BeautifulSoup, seen: set[str]) -> Iterator[str]:
    for figure in html.find_all("figure"):
        yield from _figure_faults(figure, figure.details or figure.find_next_sibling("details"))
        alt = figure.img.get("alt") if figure.img else ""
        if alt in seen:
            yield f"the same alternative text twice: {alt}"
        seen.add(alt)
    for image in html.find_all("img"):
        if not image.find_parent("figure"):
            yield "a picture outside a figure"
    for table in html.find_all("table"):
        yield from _table_faults(table)


def heading_faults(nb: NotebookNode) -> Iterator[str]:
    """Yield headings out of order: one H1, a question, first; no skipped rank."""
    text = "\n".join(
        re.sub(r"(?ms)^(```|~~~).*?^\1", "", c.source) + "\n"
        for c in nb.cells
        if c.cell_type == "markdown"
    )
    headings = re.findall(r"(?m)^(#{1,6}) +(.+?)\s*$", text)
    ranks = [len(marks) for marks, _ in headings]
    if ranks.count(1) != 1 or ranks[0] != 1 or not headings[0][1].endswith("?"):
        yield "no single H1 at the start that is a question"
    for before, after in pairwise(ranks):
        if after > before + 1:
            yield f"heading rank {after} after {before}"


def text_faults(text: str) -> Iterator[str]:
    """Yield paths of a machine and addresses of package registries."""
    text = re.sub(r"(?<=base64,)[A-Za-z0-9+/=]+", "", text)
    yield from (f"the path {m.group()}" for m in MACHINE_PATH.finditer(text))
    yield from (f"the registry {m.group()}" for m in REGISTRIES.finditer(text))
    for variable in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        host = urlsplit(os.environ.get(variable, "")).hostname
        yield from ["the registry of this machine"] if host and host in text else []


FEWEST, MOST = 20, 35  # cells of a chapter beside its exercises
LONGEST = 15  # lines of a code cell


def told(path: Path, faults: Iterable[str]) -> str:
    """Return faults one a line, each with its file."""
    return "\n" + "\n".join(f"{path.relative_to(ROOT).as_posix()}: {fault}" for fault in faults)


CHECKS = (order_faults, output_faults, display_faults, heading_faults)


def faults(nb: NotebookNode) -> list[str]:
    return [fault for check in CHECKS for fault in check(nb)]


# --- The committed notebooks have none of it -----------------------------------------------------


def test_the_book_has_its_chapters():
    assert [n.stem[:2] for n in NOTEBOOKS] == [f"{i:02d}" for i in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) >= 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_is_executed_in_order_clean_and_legible(path):
    found = faults(nbformat.read(path, as_version=4))
    assert not found, told(path, found)


@pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
def test_every_notebook_is_executed_in_order_and_shows_only_what_it_should(path):
    nb = nbformat.read(path, as_version=4)
    found = [*order_faults(nb), *output_faults(nb), *display_faults(nb)]
    assert not found, told(path, found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_shows_a_figure_and_a_table(path):
    shown = [html for _, html in html_outputs(nbformat.read(path, as_version=4))]
    assert any(html.find("figure") for html in shown)
    assert any(html.find("table") and not html.find("figure") for html in shown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_is_short_enough_to_follow(path):
    cells = nbformat.read(path, as_version=4).cells
    start = next(n for n, c in enumerate(cells) if c.source.startswith("## Exercises"))
    end = next(n for n, c in enumerate(cells) if c.source.startswith("### Solutions"))
    faults = []
    story = len(cells) - (end - start + 1)
    if not FEWEST <= story <= MOST:
        todo = "join two" if story > MOST else "too few for a chapter"
        faults.append(f"{story} cells beside the exercises, {FEWEST} to {MOST} allowed: {todo}")
    for number, cell in enumerate(cells, start=1):
        lines = cell.source.count("\n") + 1
        if cell.cell_type == "code" and lines > LONGEST:
            faults.append(f"cell {number} ({cell.id}): {lines} lines, {LONGEST} allowed: cut it")
    assert not faults, told(path, faults)


@pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
def test_a_notebook_is_written_as_execute_writes_it(path):
    nb = nbformat.read(path, as_version=4)
    assert path.read_bytes().decode() == nbformat.writes(nb).rstrip("\n") + "\n"
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.name)
def test_no_path_of_a_machine_and_no_registry(path):
    found = list(text_faults(path.read_text(encoding="utf-8")))
    assert not found, told(path, found)


# --- And each of it is found ---------------------------------------------------------------------


def figure(alt: str = "", caption: str = "Visits by year", table: bool = True) -> str:
    alt = alt or (
        "Timeline of visits, x axis from 1993 to 2013 in years, one row per direction: "
        "two visits each way, the last in 2007."
    )
    values = '<table><caption>V</caption><tr><th scope="col">a</th></tr></table>'
    picture = f'<img alt="{alt}" src="data:image/png;base64,AAAA">'
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    details = f"<details>{values}</details>" if table else ""
    return f"<figure>{picture}{caption}</figure>{details}"


def html_output(html: str) -> NotebookNode:
    return new_output("display_data", {"text/html": html, "text/plain": "x"})


@pytest.fixture
def sound() -> NotebookNode:
    """A small notebook without a fault."""
    first = new_code_cell("1 + 1", execution_count=1)
    first.outputs = [new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    second = new_code_cell("show()", execution_count=2, outputs=[html_output(figure())])
    cells = [new_markdown_cell("# How many?\n\n## In short"), first, second]
    return new_notebook(cells=cells, metadata=copy.deepcopy(execute.METADATA))


def breakages() -> dict[str, tuple]:
    """Return named ways to break the sound notebook, each with what must be reported."""

    def show(html: str):
        return lambda nb: nb.cells[2].outputs.__setitem__(0, html_output(html))

    def update(target, **values):
        return lambda nb: target(nb).update(values)

    return {
        "unexecuted": (update(lambda nb: nb.cells[2], execution_count=None), "top to bottom"),
        "out of order": (update(lambda nb: nb.cells[1], execution_count=3), "top to bottom"),
        "older output": (
            update(lambda nb: nb.cells[1].outputs[0], execution_count=7),
            "top to bottom",
        ),
        "error": (
            lambda nb: nb.cells[1].outputs.append(new_output("error", ename="E", evalue="")),
            "an error",
        ),
        "stderr": (
            lambda nb: nb.cells[1].outputs.append(new_output("stream", name="stderr", text="x")),
            "standard error",
        ),
        "bare picture": (
            lambda nb: nb.cells[2].outputs.append(new_output("display_data", {"image/png": "A"})),
            "bare",
        ),
        "long float": (
            update(lambda nb: nb.cells[1].outputs[0].data, **{"text/plain": "p=0.99999997907"}),
            "round it",
        ),
        "timing": (update(lambda nb: nb.cells[1].metadata, execution={}), "cell metadata"),
        "version": (
            update(lambda nb: nb.metadata.language_info, version="3.11"),
            "notebook metadata",
        ),
        "exempted": (update(lambda nb: nb.cells[1].metadata, tags=["nbval-skip"]), "exempted"),
        "generic alt": (show(figure(alt="A figure")), "alternative text without"),
        "no caption": (show(figure(caption="")), "without caption"),
        "no values": (show(figure(table=False)), "table of its values"),
        "twice the same alt": (show(figure() + figure()), "twice"),
        "picture alone": (show('<img alt="x" src="data:,">'), "outside a figure"),
        "table without caption": (
            show("<table><tr><th scope='col'>a</th></tr></table>"),
            "caption",
        ),
        "table without scope": (
            show("<table><caption>V</caption><tr><th>a</th></tr></table>"),
            "scope",
        ),
        "two H1": (update(lambda nb: nb.cells[0], source="# A?\n\n# B"), "no single H1"),
        "no question": (update(lambda nb: nb.cells[0], source="# A"), "no single H1"),
        "skipped rank": (update(lambda nb: nb.cells[0], source="# A?\n\n### B"), "heading rank"),
    }


def test_a_sound_notebook_has_no_fault(sound):
    assert faults(sound) == []


@pytest.mark.parametrize(("damage", "report"), breakages().values(), ids=breakages())
def test_a_damaged_notebook_is_reported(sound, damage, report):
    damage(sound)
    assert [fault for fault in faults(sound) if report in fault], faults(sound)


@pytest.mark.parametrize(
    "text",
    [
        "see /Users/someone/x.py",
        '"/opt/x"',
        r"C:\\Users\\x",
        "https://pypi.org/simple",
        "--index-url x",
    ],
)
def test_a_path_or_a_registry_is_reported(text):
    assert list(text_faults(text))


def test_addresses_of_sources_are_no_paths_of_a_machine():
    assert not list(text_faults("https://example.org/home/page, and/or /data/page, data/usr"))


# --- Executing -----------------------------------------------------------------------------------


def write(path: Path, *sources: str, **metadata) -> Path:
    cells = [new_code_cell(source, id=f"c-{i}") for i, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def run(path: Path, monkeypatch) -> int:
    monkeypatch.setattr(execute, "BUILD", path.parent / "build")
    return execute.main([str(path)])


@pytest.mark.slow
def test_executing_twice_gives_the_same_bytes_and_works_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RELATIONS_PAGE", "somewhere")
    path = write(
        tmp_path / "a b.ipynb",
        "import os\nprint('RELATIONS_PAGE' in os.environ)",
        "print(1)\nprint(2)",
        language_info={"name": "python", "version": "2.7"},
    )
    assert run(path, monkeypatch) == 0
    nb = nbformat.read(path, as_version=4)
    assert not list(order_faults(nb))
    assert not list(output_faults(nb))
    assert [cell.outputs[0].text for cell in nb.cells] == ["False\n", "1\n2\n"]
    before = path.stat().st_mtime_ns, path.read_bytes()
    assert run(path, monkeypatch) == 0
    assert "unchanged" in capsys.readouterr().out
    shutil.rmtree(tmp_path / "build")
    assert run(path, monkeypatch) == 0
    assert "none changed" in capsys.readouterr().out
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "report"),
    [
        ("x = 1\n1 / 0", "ZeroDivisionError"),
        ("import sys\nprint(1, file=sys.stderr)", "standard error"),
        ("from IPython.display import Image\nImage(b'\\x89PNG', format='png')", "alternative text"),
    ],
)
def test_the_first_broken_cell_is_named_and_nothing_written(
    tmp_path, monkeypatch, capsys, source, report
):
    path = write(tmp_path / "broken.ipynb", "1 + 1", source, "2")
    before = path.read_bytes()
    assert run(path, monkeypatch) == 1
    said = capsys.readouterr().err
    assert "broken.ipynb, cell 2 of 3" in said
    assert report in said
    assert source.splitlines()[-1] in said
    assert path.read_bytes() == before


@pytest.fixture
def workshop(tmp_path, monkeypatch) -> Path:
    """Return a small folder like ours, so that each thing results depend on can be touched."""
    for file in ("relations_lib/a.py", "data/b.csv", "requirements.lock", "notebooks/side.csv"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("1", encoding="utf-8")
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("touched", "due"),
    [
        ("relations_lib/a.py", True),
        ("data/b.csv", True),
        ("requirements.lock", True),
        ("notebooks/side.csv", True),
        ("notebooks/a.ipynb", True),
        ("README.md", False),
    ],
)
def test_a_notebook_is_due_when_what_it_depends_on_changed(
    workshop, monkeypatch, capsys, touched, due
):
    path = write(workshop / "notebooks/a.ipynb", "1")
    assert run(path, monkeypatch) == 0
    with (workshop / touched).open("a", encoding="utf-8") as file:
        file.write("\n ")
    assert run(path, monkeypatch) == 0
    assert ("unchanged" in capsys.readouterr().out) is not due


@pytest.mark.parametrize("name", ["platform", "version"])
def test_another_system_or_python_makes_notebooks_due(monkeypatch, name):
    before = execute.digest()
    if name == "platform":
        monkeypatch.setattr(execute.platform, "platform", lambda: "elsewhere")
    else:
        monkeypatch.setattr(execute.sys, "version", "another")
    assert execute.digest() != before


@pytest.mark.slow
def test_a_change_during_the_run_is_seen_by_the_next(workshop, monkeypatch, capsys):
    change = "from pathlib import Path\nPath('../data/b.csv').write_text('2')"
    path = write(workshop / "notebooks/a.ipynb", change)
    assert run(path, monkeypatch) == 0
    capsys.readouterr()
    assert run(path, monkeypatch) == 0
    assert "unchanged" not in capsys.readouterr().out


@pytest.mark.slow
def test_what_was_saved_during_the_run_is_kept(workshop, monkeypatch, capsys):
    save = "from pathlib import Path\nPath('a.ipynb').write_bytes(b'saved')"
    path = write(workshop / "notebooks/a.ipynb", save)
    assert run(path, monkeypatch) == 1
    assert "saved while it ran" in capsys.readouterr().err
    assert path.read_bytes() == b"saved"


@pytest.mark.slow
def test_bytes_do_not_depend_on_history(tmp_path, monkeypatch):
    path = write(tmp_path / "a.ipynb", "1 + 1")
    assert run(path, monkeypatch) == 0
    nb = nbformat.read(path, as_version=4)
    nb.cells.insert(0, new_code_cell("0", id="new"))
    nbformat.write(nb, path)
    assert run(path, monkeypatch) == 0
    assert not list(order_faults(nbformat.read(path, as_version=4)))


# --- Comparing -----------------------------------------------------------------------------------


def picture(value: float, size: int = 100, changed: int = 0) -> str:
    import base64
    from io import BytesIO

    import numpy as np
    from matplotlib.image import imsave

    pixels = np.full((size, size, 3), value)
    pixels.reshape(-1, 3)[:changed] = 1.0
    buffer = BytesIO()
    imsave(buffer, pixels)
    return base64.b64encode(buffer.getvalue()).decode()


def as_html(png: str, text: str = "x") -> list[NotebookNode]:
    html = f'<figure><img alt="{text}" src="data:image/png;base64,{png}"></figure>'
    return [html_output(html)]


@pytest.mark.parametrize(
    ("new", "strictly", "loosely"),
    [
        (as_html(picture(0.5)), True, True),
        (as_html(picture(0.52)), False, True),
        (as_html(picture(0.5, changed=40)), False, True),
        (as_html(picture(0.5, changed=400)), False, False),
        (as_html(picture(0.8)), False, False),
        (as_html(picture(0.5, size=101)), False, False),
        (as_html(picture(0.5), text="y"), False, False),
        (as_html(picture(0.5, changed=80)), False, False),
        (as_html(picture(0.7)), False, False),
        (as_html("AAAA"), False, False),
        (as_html(picture(0.5)) * 2, False, False),
        ([], False, False),
    ],
    ids=[
        *["same", "shade", "few pixels", "many pixels", "color", "size", "text"],
        *["some pixels", "another shade", "no picture", "two", "none"],
    ],
)
def test_pictures_are_equal_here_and_close_elsewhere(new, strictly, loosely):
    old = as_html(picture(0.5))
    assert execute.same_outputs(old, new, strict=True) is strictly
    assert execute.same_outputs(old, new, strict=False) is loosely


@pytest.mark.parametrize("strict", [True, False])
def test_texts_must_be_equal_everywhere(strict):
    def stream(name, text):
        return new_output("stream", name=name, text=text)

    one = [stream("stdout", "1\n"), stream("stdout", "2\n")]
    assert execute.same_outputs(one, [stream("stdout", "1\n2\n")], strict)
    assert not execute.same_outputs(one, [stream("stderr", "1\n2\n")], strict)
    assert not execute.same_outputs(one, [stream("stdout", "2\n1\n")], strict)
    three, four = (new_output("execute_result", {"text/plain": t}, execution_count=1) for t in "34")
    assert not execute.same_outputs([three], [four], strict)
    assert not execute.same_outputs([one[0], three], [three, one[0]], strict)
    error, other = (new_output("error", ename="E", evalue=value) for value in "ab")
    assert not execute.same_outputs([error], [other], strict)


@pytest.mark.slow
def test_nbval_fails_on_a_replaced_picture(tmp_path, monkeypatch):
    import subprocess
    import sys

    html = "from IPython.display import HTML\nHTML('<img src=\"data:image/png;base64,{}\">')"
    path = write(tmp_path / "a.ipynb", html.format("AAAA"), **execute.METADATA)
    assert run(path, monkeypatch) == 0
    text = path.read_text(encoding="utf-8")
    outcome = []
    for content in (text, json.dumps(_replace_output(json.loads(text)))):
        path.write_text(content, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "--nbval", str(path)]
        command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "conftest"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        environment.pop("PYTEST_XDIST_WORKER", None)
        outcome.append(subprocess.run(command, cwd=tmp_path, env=environment).returncode)
    assert outcome == [0, 1]


def _replace_output(nb: dict) -> dict:
    data = nb["cells"][0]["outputs"][0]["data"]
    data["text/html"] = [line.replace("base64,AAAA", "base64,AAAB") for line in data["text/html"]]
    return nb
