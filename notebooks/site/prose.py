"""Numbers in prose: each is a finding's, or says that it is fixed; `make refresh` renews them.

Directly after a number (digits, a percentage or a word) stands an invisible comment:
``0.19<!--visits.rate.to_2013-->``, ``0.05<!--visits.rate.to_2013:low-->`` (columns value, low,
high, n), ``34%<!--key-->`` for 100 times a share, ``2<!--fixed-->`` for what no datum can change.
The number must be the finding rounded to the digits shown. Free without a comment: years and
dates, titles, text in backticks, addresses, minutes, section numbers, ordinals, formulas, names
such as SHA-256, and numbers in words that count nothing in a table.

Words that follow from the data carry a comparison of findings or numbers:
``longer than any gap<!--is visits.open_gap_days.to_2013 > visits.gap_days.*-->``; a ``*`` stands
for every finding of that form. Before what the tables count, ``fixed`` is refused
(``two<!--fixed--> visits``), and so is a word from three on with no comment (``ten states``). A
comparison behind the noun will do, and invented cases are free: ``two<!--fixed toy--> visits``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from math import isnan

Known = Mapping[str, Mapping[str, float]]

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
TENS = "thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: number for number, word in enumerate(UNITS.split())}
WORDS |= {word: 10 * number for number, word in enumerate(TENS.split(), 3)}
WORDS |= {"none": 0, "no": 0, "once": 1, "twice": 2, "half": 0.5, "hundred": 100, "thousand": 1000}
NAMES = {number: word for word, number in reversed(WORDS.items())}
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
        r"\$\$[\s\S]*?\$\$|\$[^$\n]+\$",  # formulas
        r"\]\([^)]*\)|<https?://[^>]*>|https?://\S+",  # addresses
        r"</?[a-zA-Z][^>]*>",  # HTML tags
        rf"\b{DAY} {MONTH}(?: {YEAR})?\b|\b{MONTH} {DAY}(?:, {YEAR})?\b",  # dates
        rf"\b{YEAR}-\d\d(?:-\d\d)?\b|(?<![\d.,]){YEAR}s?(?![\d,]*\d|[.]\d|%)",
        r"\b\d+(?:[–-]\d+)? min(?:utes?)?\b",
        r"^# .*$",  # a chapter's question, which its first sentence answers
        r"^#+ \d+(?:\.\d+)*\b|^ *\d+[.)] |\b[Ss]ections? \d+(?:\.\d+)*|§ ?\d+",
        r"\b\d*(?:1st|2nd|3rd|\dth)\b",
        r"\b(?:ISO \d+(?:-\d)?|[A-Za-z]+-\d+|Python 3\.\d+|(?:CC BY|Attribution) 4\.0)\b",
        r"\b\d+\.\d+\.\d+\b|\[\d{1,2} (?=[A-Z])",  # versions, chapters in links
        r"!\[[^\]\n]*|\b\d+ [MG]B\b",  # alternative texts, sizes
        r"\b[Nn]otebooks? \d\d\b|\*[^*\n]+\* \d+\b",  # chapters, volumes of journals
        r"\b(?:[Cc]hapter|[Aa]ppendix) \d\b",
        r"\b[A-Za-z_]+\d\w*",  # names
    )
]
# What tables count: a number before it is a finding's.
THINGS = "visits|meetings|sessions|organizations|states|gaps|sentences|sources|checks|trips"
COUNTED = re.compile(rf"\s+((?:[a-z-]+\s+)?(?:{THINGS})|more)\b")
KEPT = "\u2713"  # stands where a comparison was
FROM_THREE = "|".join(UNITS.split()[3:])
UNSAID = re.compile(rf"\b(?:{FROM_THREE})\s+(?:[a-z-]+\s+)?(?:{THINGS})\b(?!\s*{KEPT})", re.I)
CLAIM = re.compile(r"<!--is (?P<one>\S+) (?P<sign>[<>=]|<=|>=) (?P<other>\S+)-->")
SIGNS = {
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
}
BREAK = re.compile(r"\. |\n")  # between sentences
SENTENCE = re.compile(r".*?(?:\. |\n|$)", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)


def as_shown(value: float, like: str) -> str:
    """Return a value in the form of the number that stands there: a word, or as many digits."""
    if like.lower() in WORDS:
        word = NAMES.get(value, f"{value:g}")
        return word.capitalize() if like[0].isupper() else word
    mantissa, exponent, _ = like.partition("e")
    digits = len(mantissa.partition(".")[2])
    if exponent:
        return f"{value:.{digits}e}".replace("e-0", "e-").replace("e+0", "e")
    comma = "," if "," in like or abs(value) >= 10_000 else ""
    text = f"{value:{comma}.{digits}f}"
    lost = abs(value - float(text.replace(",", "")))
    if lost > abs(value) / 5:  # 0.00, or 1 for 0.6
        text = f"{value:.2g}".replace("e-0", "e-")
    return text.replace("-", "−") if "−" in like else text


def _finding(match: re.Match, known: Known) -> float | None:
    """Return the number that a comment names, in percent where that stands; None without one."""
    key, _, column = match["tag"].strip().partition(":")
    value = known.get(key, {}).get(column or "value")
    if value is None or isnan(value):
        return None
    return 100 * value if match["percent"] else value


def tag_fault(match: re.Match, known: Known) -> str | None:
    """Return what is wrong with a number and its comment, or None."""
    shown, tag = match["shown"], match["tag"].strip()
    if shown[-1].isalpha() and shown.lower() not in WORDS:
        return f"{shown!r} before <!--{tag}--> is no number"
    if tag == "fixed toy":
        return None
    if tag == "fixed":
        counted = None if match["percent"] else COUNTED.match(match.string, match.end())
        return f"{shown} {counted[1]} follows from a table: name its finding" if counted else None
    value = _finding(match, known)
    if value is None:
        return f"<!--{tag}--> names no finding"
    if WORDS.get(shown.lower()) == value or shown == as_shown(value, shown):
        return None
    return f"{shown}{match['percent'] or ''} stands where {tag} is {value:.6g}"


def _values(name: str, known: Known) -> list[float]:
    """Return the number a comparison names: itself, a finding's, or those of every finding."""
    try:
        return [float(name)]
    except ValueError:
        pass
    key, _, column = name.partition(":")
    pattern = re.compile(re.escape(key).replace(r"\*", r"[^.]+"))
    return [found[column or "value"] for k, found in known.items() if pattern.fullmatch(k)]


def claim_fault(match: re.Match, known: Known) -> str | None:
    """Return what is wrong with words that follow from a comparison, or None."""
    ones = _values(match["one"], known)
    others = _values(match["other"], known)
    if not ones or not others:
        return f"{match[0]} names no finding"
    if all(SIGNS[match["sign"]](one, other) for one in ones for other in others):
        return None
    return f"no longer true: {_around(match)} {match[0]}, where {ones} and {others} stand"


def prose_faults(text: str, known: Known) -> list[str]:
    """Return what is wrong with the numbers of a Markdown text."""
    for pattern in FREE[:2]:
        text = pattern.sub(" ", text)
    claims = [claim_fault(match, known) for match in CLAIM.finditer(text)]
    text = CLAIM.sub(KEPT, text)
    tags = [tag_fault(match, known) for match in TAGGED.finditer(text)]
    found = [fault for fault in [*claims, *tags] if fault]
    text = TAGGED.sub(" ", text)
    found += [f"{c} follows no number" for c in COMMENT.findall(text)]
    for pattern in FREE[2:]:
        text = pattern.sub(" ", text)
    bares = [*re.finditer(r"\d[\d.,]*%?", text), *UNSAID.finditer(text)]
    for bare in bares:
        near = text[max(bare.start() - 30, 0) : bare.end() + 20]
        found.append(f"the number {bare[0]} has no comment: …{near}…")
    return found


# --- Renewing ------------------------------------------------------------------------------------


def renewed(text: str, known: Known) -> tuple[str, list[str]]:
    """Return a text with every stale number renewed, and the sentences that changed.

    Each is told as it stands now, behind its numbers as they were and are. Comparisons that are
    no longer true are among them: their words are the author's.
    """
    told: list[str] = []
    sentences = [_renewed_sentence(match[0], known, told) for match in SENTENCE.finditer(text)]
    return "".join(sentences), told


def _renewed_sentence(sentence: str, known: Known, told: list[str]) -> str:
    """Return a sentence with its numbers renewed; add what changed to what is told."""
    moved = []

    def renew(match: re.Match) -> str:
        fault, value = tag_fault(match, known), _finding(match, known)
        if fault is None or match["tag"].startswith(("fixed", "is ")):
            return match[0]
        if value is None:
            moved.append(fault)
            return match[0]
        percent = match["percent"] or ""
        new = as_shown(value, match["shown"]) + percent
        moved.append(f"{match['shown']}{percent} \u2192 {new}")
        return f"{new}<!--{match['tag']}-->"

    new = TAGGED.sub(renew, sentence)
    if moved:
        told.append(f"{', '.join(moved)}: {_bare(new)}")
    claims = [claim_fault(match, known) for match in CLAIM.finditer(new)]
    told += [fault for fault in claims if fault]
    return new


def _around(match: re.Match) -> str:
    """Return the sentence around a comment, without comments."""
    text, at = match.string, match.start()
    before = BREAK.split(text[:at])[-1]
    after = BREAK.split(text[at:])[0]
    return _bare(before + after)


def _bare(sentence: str) -> str:
    return " ".join(COMMENT.sub("", sentence).split())
