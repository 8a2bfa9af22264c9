"""The README and the start page: their picture is the book's, links and commands exist."""

import re
from pathlib import Path

import refresh

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
START = ROOT.joinpath("notebooks/site/index.md").read_text(encoding="utf-8")


def test_the_picture_and_its_text_are_the_books():
    alt, picture = refresh.start_figure()
    assert refresh.PICTURE.read_bytes() == picture, "run: make refresh"
    assert f"![{alt}]({refresh.PICTURE.relative_to(ROOT).as_posix()})" in README


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
