"""Figures with their words: templates from ``texts.toml``, filled and translated."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from relations_lib.figures._marks import empty
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._tables import readable
from relations_lib.figures._words import ENGLISH, Words

Translate = Words
LONGEST = 300  # characters of an alternative text


@lru_cache
def texts() -> dict[str, dict[str, Any]]:
    """Return the texts of every figure by its name."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def figure(
    name: str,
    drawing: Callable[[Look], Axes],
    values: pd.DataFrame,
    facts: Mapping[str, Any],
    *,
    title: str = "title",
    translate: Words = ENGLISH,
) -> Figure:
    """Return a figure with the words of its name, filled with facts.

    Parameters
    ----------
    facts
        What the templates' fields become.
    title
        Which of the figure's titles it has.
    """
    own = texts()[name]
    made = dict(facts)
    made["title"] = translate(own[title]).format(**made)
    caption = translate(own["caption"]).format(**made).strip()
    alt = translate(own["alt"]).format(**made)
    alt = textwrap.shorten(alt, LONGEST, placeholder="…")
    key = [(marks, translate(words).format(**made)) for marks, words in own["key"]]
    found = Figure(drawing, made["title"], alt, caption, key, values)
    if translate.language == "en":
        return found
    return replace(
        found,
        values=readable(values, translate=translate).rename(columns=translate),
        fold=translate(found.fold),
        listed=translate(found.listed),
    )


def nothing(name: str, translate: Words = ENGLISH) -> Figure:
    """Return the figure of this name that says why nothing is drawn."""
    words = translate(texts()[name].get("nothing", "There are no rows to draw"))
    return Figure(lambda look: empty(look, words), words, words, words)
