"""Links lead somewhere where they stand (JupyterLab, a code host) and on the site."""

import re
from pathlib import Path

import gather
import nbformat
import pytest

ROOT = Path(__file__).parents[1]
KNOWN = gather.addresses()
TEXTS = [file for file in KNOWN if file.suffix in (".md", ".ipynb")]


def markdown(file: Path) -> str:
    """Return the prose of a page or of a notebook."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        return text
    cells = nbformat.reads(text, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def dead_links(file: Path, text: str) -> list[str]:
    """Return the relative links of a text that lead to no file from where it stands."""
    return [link for link in gather.LINK.findall(text) if not (file.parent / link).exists()]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_where_they_stand(file):
    assert dead_links(file, markdown(file)) == []


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_to_the_same_file_on_the_site(file):
    text, addresses = markdown(file), set(KNOWN.values())
    moved = gather.LINK.findall(gather.moved_links(text, file, KNOWN))
    here = Path("/") / Path(KNOWN[file]).parent
    for before, after in zip(gather.LINK.findall(text), moved, strict=True):
        there = (here / after).resolve().relative_to("/").as_posix()
        assert there in addresses, f"{before} became {after}"
        assert KNOWN[(file.parent / before).resolve()] == there


def test_a_link_to_nothing_is_reported():
    assert dead_links(TEXTS[0], "[a](nowhere.md) [b](https://example.org/x.md)") == ["nowhere.md"]


def test_notebooks_stand_at_the_same_address_as_their_files():
    for file, address in KNOWN.items():
        if file.suffix == ".ipynb":
            assert re.fullmatch(r"(\w+/)?\w+\.ipynb", address)
            assert file.relative_to(ROOT / "notebooks").as_posix() == address


def test_what_has_no_source_any_more_goes(tmp_path):
    gather.gather(tmp_path)
    (tmp_path / "left.md").write_text("left", encoding="utf-8")
    before = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*") if f.is_file()}
    gather.gather(tmp_path)
    after = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*") if f.is_file()}
    assert tmp_path / "left.md" not in after
    assert after == {f: t for f, t in before.items() if f.name != "left.md"}
