"""The README: its picture is a notebook's, its links and commands exist."""

import base64
import html
import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "notebooks/site/_static/overview.png"
NOTEBOOK = ROOT / "notebooks/01_visit_frequency.ipynb"
CAPTION = "Visits, milestones and commission meetings; the page dates the meetings by year only."
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
START = ROOT.joinpath("notebooks/site/index.md").read_text(encoding="utf-8")


def figure() -> tuple[str, bytes]:
    """Return alternative text and picture of the notebook's figure with the caption."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    outputs = [out for cell in book.cells for out in cell.get("outputs", [])]
    shown = [out.get("data", {}).get("text/html", "") for out in outputs]
    (found,) = [text for text in shown if f"<figcaption>{html.escape(CAPTION)}<" in text]
    alt, data = re.search(r'<img alt="([^"]*)".*?base64,([^"]+)"', found, re.S).groups()
    return html.unescape(alt), base64.b64decode(data)


def test_the_picture_and_its_text_are_the_notebooks():
    alt, picture = figure()
    assert PICTURE.read_bytes() == picture, "run: python tests/test_readme.py"
    assert f"![{alt}]({PICTURE.relative_to(ROOT).as_posix()})" in README
    assert f"![{alt}](_static/{PICTURE.name})" in START


def test_nothing_is_left_to_be_filled_in():
    assert not re.search(r"@@|TODO|TBD|XXX", README + START)


def test_links_lead_to_files():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_exist():
    makefile = ROOT.joinpath("Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^`?make ([a-z-]+)|\| `make ([a-z-]+)`", README, re.M))
    named = {first or second for first, second in targets}
    assert {"test", "lab", "check"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.M)] == []


if __name__ == "__main__":
    PICTURE.write_bytes(figure()[1])
    print(figure()[0])
