"""What a notebook becomes elsewhere: exports keep figures and words, cells run again as before."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path
from unittest import mock

import execute
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
DRAW = """from matplotlib.figure import Figure
from relations_lib import figures

def draw(look):
    ax = Figure(figsize=(8, 3)).add_subplot()
    ax.plot([1, 2])
    return ax

figure = figures.Figure(draw, title="It rises", alt="A line rises from 1 to 2.", caption="A line.")
figures.show_figure(figure)"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def notebook(tmp_path_factory) -> Path:
    """A notebook with one figure, as the runner writes it."""
    folder = tmp_path_factory.mktemp("a book")
    path = folder / "figure.ipynb"
    cells = [new_markdown_cell("# Does it rise?", id="a"), new_code_cell(DRAW, id="b")]
    nbformat.write(new_notebook(cells=cells), path)
    with mock.patch.object(execute, "BUILD", folder / "build"):
        assert execute.main([str(path)]) == 0
    return path


def exported(notebook: Path, form: str, suffix: str) -> str:
    command = [sys.executable, "-m", "nbconvert", "--log-level=ERROR", "--to", form, str(notebook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return notebook.with_suffix(suffix).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("form", "suffix"), [("html", ".html"), ("slides", ".slides.html"), ("markdown", ".md")]
)
def test_a_page_keeps_the_figure_and_its_alternative_text(notebook, form, suffix):
    text = exported(notebook, form, suffix)
    assert 'alt="A line rises from 1 to 2."' in unescape(text)
    assert re.search(r'src="data:image/png;base64,[\w+/=]{1000,}"', text)
    assert text.count("A line.</figcaption>") == 1
    assert "Traceback" not in text


def test_a_script_is_python(notebook):
    compile(exported(notebook, "script", ".py"), "figure.py", "exec")


needs_pandoc = pytest.mark.skipif(not shutil.which("pandoc"), reason="needs pandoc")


@needs_pandoc
def test_latex_gets_the_picture(notebook):
    text = exported(notebook, "latex", ".tex")
    (name,) = re.findall(r"\\adjustimage\{.*\}\{([^{}]+\.png)\}", text)
    assert (notebook.parent / name).read_bytes().startswith(b"\x89PNG")


@needs_pandoc
def test_word_gets_the_picture_and_the_alternative_text(notebook):
    exported(notebook, "html", ".html")
    document = notebook.with_suffix(".docx")
    command = ["pandoc", str(notebook.with_suffix(".html")), "-o", str(document)]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(document) as parts:
        assert [name for name in parts.namelist() if name.startswith("word/media/")]
        assert "A line rises from 1 to 2." in parts.read("word/document.xml").decode()


def test_the_picture_for_latex_is_the_one_that_is_shown(notebook):
    outputs = nbformat.read(notebook, as_version=4).cells[1].outputs
    (data,) = (output.data for output in outputs)
    shown = re.search(r"data:image/png;base64,([^\"]+)", data["text/html"])[1]
    assert base64.b64decode(data["image/png"]) == base64.b64decode(shown)


# --- In any order, from anywhere ----------------------------------------------------------------


def outputs(cell: nbformat.NotebookNode) -> list[dict]:
    return execute.seen(cell.outputs)


def again_in_reverse(path: Path, folder: Path) -> list[str]:
    """Run a notebook in a working folder, then each cell again, last first; name what differs."""
    from nbclient import NotebookClient

    nb = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        nb, kernel_name="python3", resources=resources, allow_errors=True, coalesce_streams=True
    )
    code = [n for n, cell in enumerate(nb.cells) if cell.cell_type == "code"]
    found, first = [], {}
    reader = mock.patch.dict(os.environ, execute.kernel_environment(), clear=True)
    with reader, client.setup_kernel():
        for n in code:
            committed = outputs(nb.cells[n])
            client.execute_cell(nb.cells[n], n)
            first[n] = outputs(nb.cells[n])
            if first[n] != committed:
                found.append(f"{nb.cells[n].id} run in {folder.name}: another output")
        for n in reversed(code):
            client.execute_cell(nb.cells[n], n)
            if outputs(nb.cells[n]) != first[n]:
                found.append(f"{nb.cells[n].id} run again: another output")
    return found


@pytest.mark.parametrize("path", execute.every_notebook(), ids=lambda path: path.stem)
def test_every_cell_runs_again_in_any_order_and_from_any_folder(path, tmp_path):
    assert again_in_reverse(path, tmp_path) == []


def test_a_name_that_is_given_another_meaning_is_found(tmp_path):
    cells = [new_code_cell(text, id=f"c-{n}") for n, text in enumerate(("a = 1", "a", "a = 2"))]
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    assert "c-1 run again: another output" in again_in_reverse(path, tmp_path)
