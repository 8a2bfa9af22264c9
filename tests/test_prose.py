"""Every number in prose is a finding's, or says that it is fixed.

Directly after a number (digits, a percentage or a word) stands an invisible comment:
``0.19<!--visits.rate.to_2013-->``, ``0.05<!--visits.rate.to_2013:low-->`` (columns value, low,
high, n), ``34%<!--key-->`` for 100 times a share, ``2<!--fixed-->`` for what no datum can change.
The number must be the finding rounded to the digits shown. Free without a comment: years and
dates, text in backticks, addresses, minutes, section numbers, ordinals, names such as SHA-256,
whole numbers up to a hundred in formulas, and numbers in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import execute
import nbformat
import pytest

from relations_lib import findings, load

ROOT = Path(__file__).parents[1]
PROSE = [
    ROOT / "README.md",
    *execute.every_notebook(),
    *sorted((ROOT / "notebooks").rglob("*.md")),
]
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
TENS = "thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: number for number, word in enumerate(UNITS.split())}
WORDS |= {word: 10 * number for number, word in enumerate(TENS.split(), 3)}
WORDS |= {"none": 0, "no": 0, "once": 1, "twice": 2, "half": 0.5, "hundred": 100, "thousand": 1000}
MONTHS = "January February March April May June July August September October November December"
MONTH = "(?:" + "|".join(MONTHS.split()) + ")"
YEAR = r"(?:1[89]|20)\d\d"
DAY = r"\d{1,2}(?:[–-]\d{1,2})?"

NUMBER = r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-−]?\d+)?"
TAGGED = re.compile(
    rf"(?P<shown>{NUMBER}|\b[A-Za-z]+)(?P<percent> ?%| percent)?<!--(?P<tag>.*?)-->"
)
FREE = [
    re.compile(pattern, re.M)
    for pattern in (
        r"^(?P<fence>```|~~~)[\s\S]*?^(?P=fence)",  # code
        r"(?P<ticks>`+)[\s\S]*?(?P=ticks)",
        r"\]\([^)]*\)|<https?://[^>]*>|https?://\S+",  # addresses
        r"</?[a-zA-Z][^>]*>",  # HTML tags
        rf"\b{DAY} {MONTH}(?: {YEAR})?\b|\b{MONTH} {DAY}(?:, {YEAR})?\b",  # dates
        rf"\b{YEAR}-\d\d(?:-\d\d)?\b|(?<![\d.,]){YEAR}s?(?![\d,]*\d|[.]\d|%)",
        r"\b\d+(?:[–-]\d+)? min(?:utes?)?\b",
        r"^#+ \d+(?:\.\d+)*\b|^ *\d+[.)] |\b[Ss]ections? \d+(?:\.\d+)*|§ ?\d+",
        r"\b\d*(?:1st|2nd|3rd|\dth)\b",
        r"\b(?:ISO \d+(?:-\d)?|[A-Za-z]+-\d+|Python 3\.\d+|(?:CC BY|Attribution) 4\.0)\b",
        r"\b\d+\.\d+\.\d+\b|\[\d\d (?=[A-Z])",  # versions, chapters in links
        r"\b[Nn]otebooks? \d\d\b|\*[^*\n]+\* \d+\b",  # chapters, volumes of journals
        r"\b[A-Za-z_]+\d\w*",  # names
    )
]
MATH = re.compile(r"\$\$[\s\S]*?\$\$|\$[^$\n]+\$")


def blank(match: re.Match) -> str:
    return " "


def _number(shown: str) -> tuple[float, float]:
    """Return a shown number and half a unit of its last digit."""
    if shown.lower() in WORDS:
        return float(WORDS[shown.lower()]), 0.0
    plain = shown.replace(",", "").replace("−", "-")
    mantissa, _, exponent = plain.partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(plain), 0.5 * 10.0 ** (int(exponent or 0) - digits)


def tag_fault(match: re.Match, known: Mapping[str, Mapping[str, float]]) -> str | None:
    """Return what is wrong with a number and its comment, or None."""
    shown, tag = match["shown"], match["tag"].strip()
    if shown[-1].isalpha() and shown.lower() not in WORDS:
        return f"{shown!r} before <!--{tag}--> is no number"
    if tag == "fixed":
        return None
    key, _, column = tag.partition(":")
    value = known.get(key, {}).get(column or "value")
    if value is None or value != value:
        return f"<!--{tag}--> names no finding"
    number, half = _number(shown)
    scale = 100 if match["percent"] else 1
    if abs(number - scale * value) > half * (1 + 1e-9) + 1e-9:
        return f"{shown}{match['percent'] or ''} stands where {tag} is {scale * value:.6g}"
    return None


def _math_faults(text: str) -> Iterator[str]:
    for formula in MATH.findall(text):
        for number in re.findall(NUMBER, formula):
            if _number(number)[0] > 100 or "." in number:
                yield f"the number {number} in a formula: name it in words, with its comment"


def prose_faults(text: str, known: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return what is wrong with the numbers of a Markdown text."""
    for pattern in FREE[:2]:
        text = pattern.sub(blank, text)
    found = [fault for match in TAGGED.finditer(text) if (fault := tag_fault(match, known))]
    text = TAGGED.sub(blank, text)
    found += [f"{c} follows no number" for c in re.findall(r"<!--.*?-->", text, re.S)]
    found += _math_faults(text)
    for pattern in (MATH, *FREE[2:]):
        text = pattern.sub(blank, text)
    return found + [
        f"the number {m.group()} has no comment: …{text[max(m.start() - 30, 0) : m.end() + 20]}…"
        for m in re.finditer(r"\d[\d.,]*%?", text)
    ]


def markdown(path: Path) -> str:
    """Return the prose of a notebook or of a Markdown file."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, float]]:
    table = findings.compute(load()).set_index("key")[["value", "low", "high", "n"]]
    return table.astype(float).to_dict("index")


@pytest.mark.parametrize("path", PROSE, ids=lambda p: p.name)
def test_the_numbers_in_prose_are_the_findings(path, known):
    assert prose_faults(markdown(path), known) == []


# --- The check finds what is wrong ---------------------------------------------------------------

TOY = {
    "rate": {"value": 0.1906, "low": 0.0519, "high": 0.4881, "n": 4},
    "share": {"value": 0.3351},
    "slope": {"value": -0.25, "low": float("nan")},
    "big": {"value": 93636.2},
    "tiny": {"value": 0.0000214},
    "minutes": {"value": 12},
}


@pytest.mark.parametrize(
    "text",
    [
        "a rate of 0.19<!--rate--> (0.05<!--rate:low--> to 0.49<!--rate:high-->)",
        "0.191<!--rate--> from four<!--rate:n--> visits, and four more",
        "34%<!--share-->, 33.5 %<!--share--> or 33.51 percent<!--share-->",
        "a slope of −0.25<!--slope--> or -0.3<!--slope--> or -0.2<!--slope-->",
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
        ("$x = 0.19$", "in a formula"),
        ("| a | 7 |", "no comment"),
        ("93,637<!--big-->", "stands where"),
    ],
)
def test_stale_or_bare_numbers_are_reported(text, report):
    assert [fault for fault in prose_faults(text, TOY) if report in fault]


def test_a_changed_datum_makes_prose_stale():
    text = "four<!--rate:n--> visits"
    assert not prose_faults(text, TOY)
    assert prose_faults(text, TOY | {"rate": {"n": 5}})
