"""Words in figures: dates, ordinals, directions, and their translation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from relations_lib.dates import bounds, precision

LOCALE = Path(__file__).parents[1] / "locale"
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
LEFT_TO_RIGHT = "\u200e"  # an invisible mark: what follows is ordered from left to right


@lru_cache
def _catalogue(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as lines:
        messages = read_po(lines)
    return {str(message.id): str(message.string) for message in messages if message.string}


def words(language: str) -> Callable[[str], str]:
    """Return what translates a figure's words; what the catalogue lacks stays as it is.

    Parameters
    ----------
    language
        Its catalogue is ``locale/<language>/LC_MESSAGES/figures.po``.

    Examples
    --------
    >>> words("en")("visit, on the page")
    'visit, on the page'
    """
    catalogue = _catalogue(LOCALE / language / "LC_MESSAGES" / "figures.po")
    return lambda text: catalogue.get(text, text)


def _part_words(text: str, translate: Callable[[str], str]) -> str:
    year, *rest = text.split("-")
    if not rest:
        return year
    month = translate(MONTHS[int(rest[0]) - 1])
    day = f"{int(rest[1])} " if rest[1:] else ""
    return f"{day}{month} {year}"


def date_words(edtf: str, translate: Callable[[str], str] = str) -> str:
    """Return a date as one says it, exactly as precise as it is.

    Examples
    --------
    >>> [date_words(text) for text in ("1998", "1995-11", "1993-01-07", "2007-09-12/2007-09-13")]
    ['1998', 'November 1995', '7 January 1993', '12–13 September 2007']
    >>> date_words("2011-11/2012-10")
    'November 2011 to October 2012'
    """
    first, last = bounds(edtf)
    if "/" not in edtf:
        return _part_words(edtf, translate)
    start, end = edtf.split("/")
    same_month = (first.year, first.month) == (last.year, last.month)
    if precision(edtf) == "day":
        return _part_words(start, translate)
    if same_month and len(start) == len(end) == 10:
        return f"{first.day}–{_part_words(end, translate)}"
    return translate("{first} to {last}").format(
        first=_part_words(start, translate),
        last=_part_words(end, translate),
    )


def count_word(count: int, none: str = "none") -> str:
    """Return a small number as a word.

    Examples
    --------
    >>> count_word(0), count_word(4), count_word(12)
    ('none', 'four', '12')
    """
    words = (none, *NUMBERS)
    return words[count] if count < len(words) else str(count)


def ordinal(number: int) -> str:
    """Return a number as an ordinal.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    teen = number // 10 % 10 == 1
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def legible(text: object) -> str:
    """Return a label whose arrow points to what follows it, also between right-to-left names.

    Examples
    --------
    >>> legible("A → B")
    'A → B'
    >>> len(legible("א → ב")) - len("א → ב")
    3
    """
    label = str(text)
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in label)
    if not turned or "→" not in label:
        return label
    return LEFT_TO_RIGHT + label.replace("→", f"{LEFT_TO_RIGHT}→{LEFT_TO_RIGHT}")


def joined(parts: list[str]) -> str:
    """Return a list as one says it: a, b and c.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = parts or ["none"]
    return f"{', '.join(most)} and {last}" if most else last
