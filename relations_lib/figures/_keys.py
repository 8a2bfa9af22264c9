"""The key of a figure as HTML: every mark drawn small before its word."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# Who a mark stands for has the same color in both themes; the words about it do not.
COLORS = {
    "home": "#2193E0",
    "partner": "#CA6F0C",
    "pair": "#8E57A6",
    "other": "#7C868D",
}
# In a key, ink follows the page's text; the site may set --tint for its themes.
PAINTS = {**COLORS, "ink": "currentColor", "tint": "var(--tint,#E9EBEC)"}
DASHED = ' stroke-dasharray="3 2"'
FILLED = 'fill="{paint}" stroke="{paint}"'
OPEN = 'fill="none" stroke="{paint}" stroke-width="2"{dash}'
SHAPES = {
    "dot": '<circle cx="9" cy="7" r="5" ' + FILLED + "/>",
    "ring": '<circle cx="9" cy="7" r="5" ' + OPEN + "/>",
    "diamond": '<path d="M9 2L14 7L9 12L4 7Z" ' + FILLED + "/>",
    "lozenge": '<path d="M9 2.5L13.5 7L9 11.5L4.5 7Z" ' + OPEN + "/>",
    "block": '<path d="M3 3H15V11H3Z" ' + FILLED + "/>",
    "square": '<path d="M6 4H12V10H6Z" ' + FILLED + "/>",
    "band": '<path d="M1 3H17V11H1Z" fill="var(--tint,#E9EBEC)" stroke="#7C868D"/>',
    "hatch": (
        '<path d="M1 3H17V11H1Z" fill="none" stroke="#7C868D"/>'
        '<path d="M2 11L9 3M8 11L15 3" stroke="#7C868D"/>'
    ),
    "box": '<path d="M3 3H15V11H3Z" ' + OPEN + "/>",
    "line": '<path d="M1 7H17" ' + OPEN + "/>",
    "crossed": '<circle cx="9" cy="7" r="5.5" fill="none" stroke="{paint}" stroke-width="2"/>'
    '<path d="M6.5 4.5L11.5 9.5M11.5 4.5L6.5 9.5" stroke="{paint}"/>',
    "arrow": '<path d="M1 7H11" ' + OPEN + '/><path d="M10 2.5L17 7L10 11.5Z" ' + FILLED + "/>",
    "triangle": '<path d="M5 2L14 7L5 12Z" ' + FILLED + "/>",
}


def mark_svg(mark: str) -> str:
    """Return a mark as a small picture without a name of its own, for a screen reader to skip.

    Parameters
    ----------
    mark
        A shape, a role and, if wanted, ``dashed``: ``"dot home"``, ``"ring ink dashed"``; shapes
        without a role (``"band"``, ``"hatch"``) have their own color.

    Raises
    ------
    KeyError
        If there is no such shape or role.
    """
    shape, *rest = mark.split()
    paint = PAINTS[rest[0]] if rest else "currentColor"
    dash = DASHED if "dashed" in rest else ""
    drawn = SHAPES[shape].format(paint=paint, dash=dash)
    return f'<svg width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">{drawn}</svg>'


def key_html(key: Sequence[tuple[str, str]]) -> str:
    """Return the key of a figure: marks (see ``mark_svg``; several joined by ``+``) and words."""
    if not key:
        return ""
    entries = []
    for marks, words in key:
        drawn = "".join(mark_svg(mark) for mark in marks.split("+") if mark.strip())
        entries.append(
            '<li style="display:inline-block;margin:0 0.9em 0 0">'
            f'{drawn} <span class="key-words">{escape(words)}</span></li>'
        )
    lines = "\n".join(entries)
    return f'<ul class="figure-key" style="list-style:none;padding:0;margin:0">{lines}</ul>'
