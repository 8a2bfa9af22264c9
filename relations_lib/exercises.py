"""Exercises that answer back, and how far two coders agree.

``check`` compares a reader's answer with what the data give at that moment; nothing is stored.
It says what it looked at and what it did not, has a hint for each listed mistake, and leaves an
unanswered exercise in peace, so that a whole notebook always runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SPOKEN = {word: number for number, word in enumerate(WORDS)} | {"none": 0, "half": 0.5}
UNANSWERED = "Not answered yet: put your answer in place of the dots above, run both cells."
QUESTION = "application/vnd.relations.question+json"
FORM = "the value is right, its form is not: "
FORMS = {
    "number": "write one number in digits, without quotes.",
    "choice": "write one text in quotes.",
    "truth": "write True or False without quotes.",
    "list": 'write a list, each item in quotes: ["…", "…"].',
    "open": "write it as the question asks.",
}
# Brackets, quotation marks and points around an answer are no part of it; that of .27 is.
AROUND = re.compile(r"""^(?:[\s([)\]"'“‘]|\.(?!\d))+|[\s.([)\]"'”’]+$""")
SLIPS = (  # factor, and how many times the tolerance counts
    (100, 100, "that is the answer in percent: write it as a share."),
    (0.01, 0.01, "that is the answer as a share: write it in percent."),
    (-1, 1, "right but for its sign."),
    (1, 2, "nearly: round to the nearest, neither always down nor always up."),
)
SLACK = 1 + 1e-6  # a half may be rounded either way, whatever binary fractions add


@dataclass(frozen=True)
class Feedback:
    """What a check says: ``right`` (None while unanswered) and a text, shown as it is.

    ``question`` goes with the notebook's output, for the site's page to check answers, too: the
    ``kind`` of answer (number, choice, list, open), what is ``right`` and ``wrong`` (bounds of
    numbers, or text in plain form) with hints, the solution as it is ``shown``.
    """

    right: bool | None
    text: str
    question: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {QUESTION: self.question}


# --- Answers -------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return a value for comparison: text without case, what stands around it, doubled spaces."""
    if isinstance(value, str):
        return AROUND.sub("", " ".join(value.split())).casefold()
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Series):
        return sorted((_plain(item) for item in value), key=repr)
    return value.item() if isinstance(value, np.generic) else value


def _kind(right: Any) -> str:
    """Return what kind of answer is asked for."""
    value = _plain(right)
    if isinstance(value, str | bool):
        return "choice"
    if isinstance(value, Real):
        return "number"
    return "list" if isinstance(value, list) else "open"


def _meets(answer: Any, wanted: Any, within: float) -> bool:
    """Tell whether an answer is the wanted value (numbers: within so much), or meets a test."""
    try:
        if callable(wanted):
            return bool(wanted(answer))
        one, other = _plain(answer), _plain(wanted)
        if _kind(one) == _kind(other) == "number":
            return abs(float(one) - float(other)) <= within * SLACK
        return type(one) is type(other) and one == other
    except Exception:  # whatever a reader writes, a notebook runs on
        return False


def _spoken(text: str) -> list[float]:
    """Return the numbers that a text may mean: a word, a decimal comma, percent or their share."""
    number = float(SPOKEN.get(text, text.rstrip("% ").replace(",", ".")))
    return [number, number / 100] if "%" in text else [number]


def _meant(answer: Any, right: Any) -> list[Any]:
    """Return what an answer in another form may mean: a quoted number, a list in one text."""
    try:
        kind, value = _kind(right), _plain(answer)
        if isinstance(value, list) and len(value) == 1 and kind != "list":
            value = value[0]
        if isinstance(value, str) and kind == "number":
            return list(_spoken(value))
        if isinstance(value, str) and kind == "list":
            return [re.split(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+", value)]
        return [{"true": True, "false": False}.get(value, value)]
    except Exception:  # it can't be read otherwise
        return []


# --- Mistakes ------------------------------------------------------------------------------------


def _near(value: Any, within: float) -> float:
    """Return how near to a wrong number counts: so that it may be rounded to two digits."""
    if _kind(value) != "number" or isinstance(value, Integral) or not value:
        return within
    size = abs(float(value))
    two_digits = 0.5 * 10 ** (np.floor(np.log10(size)) - 1)
    return max(min(within, size / 4), float(two_digits))


def _mistakes(
    right: Any, wrong: Iterable[tuple[Any, str]], within: float
) -> Iterator[tuple[Any, float, str]]:
    """Yield wrong answers, how near to them counts, and hints: the listed ones, then factors."""
    for value, hint in wrong:
        yield value, _near(value, within), hint
    for factor, times, hint in SLIPS if _kind(right) == "number" and right else ():
        yield factor * right, times * within, hint


def _is_rounded(answer: Any, right: Any) -> bool:
    """Tell whether a number is the right one with too few decimals."""
    decimals = len(str(answer).partition(".")[2])
    return decimals > 0 and abs(answer - right) <= 0.5 * 10**-decimals * SLACK


def _hint(answer: Any, right: Any, wrong: Sequence[tuple[Any, str]], within: float) -> str:
    """Return the hint for the first mistake that fits: a listed one, the form, a slip, the kind."""
    kind = _kind(right)
    form = FORMS["truth" if isinstance(right, bool) else kind]
    meant = sorted(_meant(answer, right), key=lambda one: not _meets(one, right, within))
    for one in [answer, *meant]:
        if not callable(right) and _meets(one, right, within):
            return f" Hint: {FORM}{form}"
        for value, near, hint in _mistakes(right, wrong, within):
            if _meets(one, value, near):
                return f" Hint: {hint}"
    other_kind = _kind(answer) != kind or isinstance(answer, str) != isinstance(right, str)
    if kind != "open" and other_kind:
        return f" Hint: {form}"
    if kind == "number" and _is_rounded(answer, right):
        return " Hint: right so far; give more digits."
    if kind != "list":
        return f" The data give something else than {answer!r:.60} ({type(answer).__name__})."
    given, wanted = _plain(answer), _plain(right)
    found = sum(item in given for item in wanted)
    return f" Hint: {found} of the {len(wanted)} asked for are in your list of {len(given)}."


def _remark(answer: Any, right: Any, wrong: Sequence[tuple[Any, str]], within: float) -> str:
    """Return what to say of a wrong answer, whatever it is."""
    try:
        return _hint(answer, right, wrong, within)
    except Exception:  # such as an integer of thousands of digits
        return " The data give something else than an answer that can't be shown."


# --- Questions, for a page -----------------------------------------------------------------------


def _wanted(value: Any, near: float) -> str | list[float] | None:
    """Return a value as a page compares it: bounds of a number, or text in plain form."""
    plain = _plain(value)
    if callable(value):
        return None
    if _kind(value) == "number":
        reach = near * SLACK
        return [float(f"{bound:.9g}") for bound in (plain - reach, plain + reach)]
    return ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain).casefold()


def _as_words(value: Any) -> str:
    """Return a value as a page shows it."""
    if callable(value):
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    if _kind(value) == "list":
        return ", ".join(map(str, value))
    whole = _kind(value) != "number" or isinstance(value, Integral)
    return str(value) if whole else f"{value:.4g}"


def _question(right: Any, wrong: list[tuple[Any, str]], within: float) -> dict[str, Any]:
    """Return the question with its answers and hints, for a page, whose reader may use words."""
    kind = _kind(right)
    fit = [(value, hint) for value, hint in wrong if callable(value) or _kind(value) == kind]
    answers = [
        {"is": _wanted(value, near), "shown": _as_words(value), "hint": hint}
        for value, near, hint in _mistakes(right, fit, within)
    ]
    return {
        "kind": kind,
        "right": _wanted(right, within),
        "shown": _as_words(right),
        "wrong": answers[: len(fit)],
        "slips": answers[len(fit) :],
    }


# --- Checks --------------------------------------------------------------------------------------


def check(
    answer: Any,
    right: Any,
    checked: str,
    unchecked: str,
    wrong: Iterable[tuple[Any, str]] = (),
    within: float = 1e-9,
) -> Feedback:
    """Return what to tell a reader about an answer.

    It never raises, whatever the answer.

    Parameters
    ----------
    answer
        What the reader wrote; ``...``, None or nothing in quotes is no answer yet.
    right
        The right value, computed from the data, or a function from an answer to true or false.
        Text is compared without case and outer dots; lists and sets without order.
    checked, unchecked
        What this check looks at, and what it can't judge, each as the end of a sentence.
    wrong
        Pairs of a wrong value (or a function) and the hint for it; the first that fits counts,
        and a number fits rounded to two digits, too. A value in the wrong form (a word, quoted,
        in a list or not, as percent, with the other sign) gets a hint of its own.
    within
        Greatest distance at which two numbers count as equal: half a unit of the last digit
        asked for, so that a half may be rounded either way.

    Examples
    --------
    >>> check(4, 5, "the count", "the reason", wrong=[(4, "Count the last one too.")])
    Not yet. Hint: Count the last one too.
    Checked: the count. Not checked: the reason.
    >>> check("Two ", right="two", checked="the word", unchecked="nothing more").right
    True
    """
    limits = f"Checked: {checked}. Not checked: {unchecked}."
    listed = list(wrong)
    question = _question(right, listed, within) | {"limits": limits}
    if isinstance(answer, np.generic):
        answer = answer.item()
    blank = isinstance(answer, str) and not answer.strip()
    if answer is None or answer is ... or blank:
        return Feedback(None, UNANSWERED, question)
    done = _meets(answer, right, within)
    verdict = "Right." if done else f"Not yet.{_remark(answer, right, listed, within)}"
    return Feedback(done, f"{verdict}\n{limits}", question)


def _is_no_sentence(text: Any) -> bool:
    """Tell whether an answer is no text, has too few words, or one word twice in a row."""
    if not isinstance(text, str):
        return True
    words = re.findall(r"[\w']+", text.casefold())
    doubled = any(one == other for one, other in pairwise(words))
    return doubled or len(set(words)) < 4


NO_MARK = (
    "None of the listed mistakes. This is no mark: the check looked for words, it did not read "
    "whether the sentence is true, makes sense or contradicts itself. Compare it with the "
    "explanation below."
)


def check_sentence(
    sentence: Any, wrong: Sequence[tuple[Callable, str]], checked: str, unchecked: str
) -> Feedback:
    """Return what to tell a reader about a sentence: the first listed mistake that it makes.

    A sentence without a listed mistake may still be wrong, so the verdict says that it is no
    mark, and what was not read.

    Parameters
    ----------
    sentence, checked, unchecked
        As for ``check``.
    wrong
        Pairs of a test of the sentence (see ``says`` and ``claims``) and the hint for it.

    Examples
    --------
    >>> wrong = [(says("page", said=False), "Who says so?")]
    >>> check_sentence("They met often.", wrong, "the source", "the rest").right
    False
    """
    listed = [
        *wrong,
        (_is_no_sentence, "Write one whole sentence in quotes, no word twice in a row."),
    ]
    told = check(
        sentence, lambda text: not any(t(text) for t, _ in listed), checked, unchecked, listed
    )
    if not told.right:
        return told
    return Feedback(True, told.text.replace("Right.", NO_MARK, 1), told.question)


def says(pattern: str, said: bool = True) -> Callable[[str], bool]:
    """Return a test of whether a sentence says something, or (``said=False``) lacks it.

    Parameters
    ----------
    pattern
        A regular expression, in upper or lower case alike.

    Examples
    --------
    >>> says("four|4")("The page records four visits."), says("four|4", said=False)("Many.")
    (True, True)
    """
    return lambda sentence: (re.search(pattern, sentence, re.IGNORECASE) is not None) is said


DOUBT = (
    r"\b(who|which|whether|if|cannot|can't|not|\w+n't|nobody|no one|none|never|neither|nothing|nor"
    r"|may|might|perhaps|no (answer|proof|sign|evidence|measure|conclusion)|insufficient"
    r"|un(certain|clear|decided|known|settled)|impossible"
    r"|too (few|short|little|small|low|thin|sparse))\b"
)
# What a sentence says that leaves a question open.
OPEN = (
    r"too (few|short|little|small|low|thin|sparse)|cannot|can't|no one|nobody|nothing|not enough"
    r"|\bno (answer|conclusion|evidence)|insufficient|inconclusive|incomplete|open|impossible"
    r"|\b(not|\w+n't) (tell|show|say|allow|decide|settle|know|prove|sure)|nor\b"
    r"|un(certain|clear|decided|known|settled|answered)"
)


CLAUSES = re.compile(r"[.!?;:]\s|,?\s(?:but|yet|however)\b|,\sso\b", re.IGNORECASE)


def claims(pattern: str) -> Callable[[str], bool]:
    """Return a test of whether a clause claims something: no word of doubt goes before it there.

    Parameters
    ----------
    pattern
        A regular expression, in upper or lower case alike.

    Examples
    --------
    >>> test = claims("more often")
    >>> test("They come more often."), test("Nobody can tell who comes more often.")
    (True, False)
    """
    claimed = re.compile(pattern, re.IGNORECASE)
    doubt = re.compile(DOUBT, re.IGNORECASE)

    def test(sentence: str) -> bool:
        for clause in CLAUSES.split(sentence):
            if any(not doubt.search(clause[: m.start()]) for m in claimed.finditer(clause)):
                return True
        return False

    return test


def in_words(count: int) -> str:
    """Return a small count as a word.

    Examples
    --------
    >>> in_words(4), in_words(40)
    ('four', '40')
    """
    return WORDS[count] if count < len(WORDS) else str(count)


def counts(count: int) -> str:
    """Return the pattern of a count in a sentence, in digits or as a word, for ``says``.

    Examples
    --------
    >>> says(counts(4))("Four visits."), says(counts(4))("four hundred visits")
    (True, False)
    """
    return rf"\b({count}|{in_words(count)})\b(?! (hundred|thousand|million)|[.,]\d)"


class Agreement(NamedTuple):
    """How far two coders agree; see ``agreement``."""

    units: int
    agreed: int
    share: float
    low: float
    high: float
    by_chance: float
    kappa: float
    caution: str


def _in_order(code: Any) -> Any:
    """Return a code of several words with its words in the order of the alphabet."""
    return " ".join(sorted(code.split())) if isinstance(code, str) else code


def agreement(codings_a: pd.Series, codings_b: pd.Series) -> Agreement:
    """Return percent agreement and Cohen's kappa of two coders.

    The unit of observation is one thing that both coded, such as a sentence. Codes for missing
    values are codes like others: two coders who both find no date agree. A code of several words
    is a set of words: ``agreements visits`` and ``visits agreements`` agree.

    Parameters
    ----------
    codings_a, codings_b
        The code of every unit; the index names the unit, in any order.

    Returns
    -------
    Agreement
        ``units``, ``agreed``, ``share`` with its exact 95% (Clopper-Pearson) interval ``low`` to
        ``high``; ``by_chance``, the share expected if each kept the frequencies of their codes
        but dealt them out at random; ``kappa`` = (share - by_chance) / (1 - by_chance), NaN where
        chance agreement is certain; ``caution``, in words.

    Raises
    ------
    ValueError
        If the units are not the same, one is named twice or has no code, or there are none.

    References
    ----------
    Cohen, Educational and Psychological Measurement 20 (1960), 37-46.

    Examples
    --------
    >>> one, other = pd.Series(list("xxyy")), pd.Series(list("xxyx"))
    >>> found = agreement(one, other)
    >>> found.share, found.by_chance, found.kappa
    (0.75, 0.5, 0.5)
    """
    from scipy.stats import binomtest

    alone = codings_a.index.symmetric_difference(codings_b.index)
    unique = codings_a.index.is_unique and codings_b.index.is_unique
    if codings_a.empty or len(alone) or not unique:
        raise ValueError(f"both code the same units, each once; by one alone: {list(alone)[:5]}")
    both = pd.DataFrame({"one": codings_a, "other": codings_b})
    lost = both.index[both.isna().any(axis=1)]
    if len(lost):
        raise ValueError(f"no code for {lost[0]!r}: give one")
    both = both.map(_in_order)
    units = len(both)
    agreed = int((both["one"] == both["other"]).sum())
    share = agreed / units
    frequencies = both.apply(pd.Series.value_counts, normalize=True)
    chance = float(frequencies.prod(axis=1, skipna=False).sum().round(12))
    low, high = binomtest(agreed, units).proportion_ci()
    kappa, step = float("nan"), "any amount"
    if chance < 1:
        kappa = (share - chance) / (1 - chance)
        step = f"about {1 / units / (1 - chance):.2f}"
    caution = (
        f"{units} units: agreement on many more could be anything from {low:.0%} to {high:.0%}; "
        f"one unit more or less moves kappa by {step}."
    )
    return Agreement(units, agreed, share, low, high, chance, kappa, caution)
