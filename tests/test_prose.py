"""Every number in prose is a finding's, or says that it is fixed (see notebooks/site/prose.py)."""

from __future__ import annotations

from pathlib import Path

import execute
import nbformat
import pytest
from prose import prose_faults, renewed

ROOT = Path(__file__).parents[1]
PROSE = [
    ROOT / "README.md",
    *execute.every_notebook(),
    *sorted((ROOT / "notebooks").rglob("*.md")),
]


@pytest.fixture(scope="module")
def known(published) -> dict[str, dict[str, float]]:
    return published[["value", "low", "high", "n"]].astype(float).to_dict("index")


def cells(path: Path) -> dict[str, str]:
    """Return the prose of a file by the place where it stands: a cell, or the whole."""
    name = path.relative_to(ROOT).as_posix()
    if path.suffix != ".ipynb":
        return {name: path.read_text(encoding="utf-8")}
    notebook = nbformat.read(path, as_version=4)
    return {
        f"{name}, cell {number} ({cell.id})": cell.source
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "markdown"
    }


def all_faults(paths: list[Path], known: dict) -> list[str]:
    """Return what is wrong in files, one a line: file, cell, what stands where what is."""
    return [
        f"{place}: {fault}"
        for path in paths
        for place, text in cells(path).items()
        for fault in prose_faults(text, known)
    ]


def test_the_numbers_in_prose_are_the_findings(known):
    faults = all_faults(PROSE, known)
    assert not faults, f"{len(faults)} faults (make refresh renews numbers):\n" + "\n".join(faults)


# --- The check finds what is wrong ---------------------------------------------------------------

TOY = {
    "rate": {"value": 0.1906, "low": 0.0519, "high": 0.4881, "n": 4},
    "share": {"value": 0.3351},
    "slope": {"value": -0.25, "low": float("nan")},
    "big": {"value": 93636.2},
    "tiny": {"value": 0.0000214},
    "minutes": {"value": 12},
    "even": {"value": 0.625},
}


@pytest.mark.parametrize(
    "text",
    [
        "a rate of 0.19<!--rate--> (0.05<!--rate:low--> to 0.49<!--rate:high-->)",
        "0.191<!--rate--> from four<!--rate:n--> visits, and four more of one visit or two",
        "34%<!--share-->, 33.5 %<!--share--> or 33.51 percent<!--share-->",
        "a slope of −0.25<!--slope--> or -0.2<!--slope-->",
        "93,636<!--big--> ways, p = 2.1e-5<!--tiny-->",
        "between 1993 and 2013, 1993–2013, the 1990s, in 1998, 2007, and 2013.",
        "on 7 January 1993, January 7, 1993, 12–13 September 2007, 1993-01-07, in June 2000",
        "takes 15 minutes; see `f(0.5)` and [this](04_checking.ipynb#5); the 5th session",
        "```\n0.5\n```\nText.\n\n1. one\n2. two\n\n## 3. Title\n\nSee section 4.2.",
        "SHA-256, ISO 8601, Python 3.11, CC BY 4.0, the row `v2007` or v2007",
        "$T = 2 + \\frac{1}{n}$ with 3<!--fixed--> draws",
        "<details><summary>More</summary>\n\nText.</details>",
    ],
)
def test_sound_prose_has_no_fault(text):
    assert prose_faults(text, TOY) == []


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("a rate of 0.20<!--rate-->", "0.20 stands where rate is 0.1906"),
        ("a rate of 0.19", "no comment"),
        ("0.06<!--rate:low-->", "stands where"),
        ("five<!--rate:n--> visits", "five stands where rate:n is 4"),
        ("35%<!--share-->", "stands where share is 33.51"),
        ("0.34%<!--share-->", "stands where"),
        ("0.25<!--slope-->", "stands where slope is -0.25"),
        ("1<!--slope:low-->", "names no finding"),
        ("1<!--rates-->", "names no finding"),
        ("visits<!--rate:n-->", "is no number"),
        ("four visits <!--rate:n-->", "follows no number"),
        ("12 visits", "no comment"),
        ("1,998 of 3", "no comment"),
        ("19.93 or 2013.5", "no comment"),
        ("by 2012%", "no comment"),
        ("| a | 7 |", "no comment"),
        ("93,637<!--big-->", "stands where"),
        ("0.0<!--tiny-->", "0.0 stands where tiny is 2.14e-05"),
        ("the ten states", "the number ten states has no comment"),
        ("Three listed meetings", "has no comment"),
    ],
)
def test_stale_or_bare_numbers_are_reported(text, report):
    assert [fault for fault in prose_faults(text, TOY) if report in fault]


def test_a_changed_datum_makes_prose_stale():
    text = "four<!--rate:n--> visits"
    assert not prose_faults(text, TOY)
    assert prose_faults(text, TOY | {"rate": {"n": 5}})


# --- Words that follow from the data, and renewing ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("longer than any<!--is rate < share-->", ""),
        ("longer than any<!--is rate > share-->", "no longer true"),
        ("more than all<!--is share > r*-->", ""),
        ("as many<!--is rate:n = 4-->", ""),
        ("as many<!--is rate:n = 5-->", "no longer true"),
        ("more<!--is nothing > 1-->", "names no finding"),
        ("two<!--fixed--> visits each way", "follows from a table"),
        ("two<!--fixed toy--> visits each way", ""),
        ("two<!--fixed--> equal halves", ""),
        ("four visits, and two<!--fixed--> more", "two more follows from a table"),
        ("four visits<!--is rate:n = 4-->", ""),
        ("four visits, as many<!--is rate:n = 4-->", "the number four visits has no comment"),
    ],
)
def test_words_that_follow_from_the_data_are_guarded(text, report):
    found = prose_faults(text, TOY)
    assert [fault for fault in found if report in fault] if report else found == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a rate of 0.23<!--rate--> a year", "a rate of 0.19<!--rate--> a year"),
        ("Five<!--rate:n--> visits", "Four<!--rate:n--> visits"),
        ("31%<!--share-->", "34%<!--share-->"),
        ("92,000<!--big-->", "93,636<!--big-->"),
        ("−0.31<!--slope-->", "−0.25<!--slope-->"),
        ("p = 1.9e-5<!--tiny-->", "p = 2.1e-5<!--tiny-->"),
        ("p = 1<!--even-->", "p = 0.62<!--even-->"),
    ],
)
def test_a_stale_number_is_renewed_and_its_sentence_told(old, new):
    text, changed = renewed(old, TOY)
    assert text == new
    assert len(changed) == 1
    assert prose_faults(text, TOY) == []
    assert renewed(text, TOY) == (text, [])


def test_a_sentence_is_told_once_as_it_stands_now():
    old = "Old. Five<!--rate:n--> visits, 31%<!--share--> of\nall, 0.23<!--rate--> a year. Fine."
    _, told = renewed(old, TOY)
    assert told == [
        "Five → Four, 31% → 34%: Four visits, 34% of",
        "0.23 → 0.19: all, 0.19 a year.",
    ]


def test_what_is_fixed_or_unknown_is_left_and_told():
    text, changed = renewed("2<!--fixed--> and 3<!--unknown-->", TOY)
    assert text == "2<!--fixed--> and 3<!--unknown-->"
    assert len(changed) == 1
