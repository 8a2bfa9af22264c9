"""Figures on visits: marks where the data put them, and alternative text from the same data."""

from __future__ import annotations

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from relations_lib import figures, poisson

EVENTS = pd.DataFrame(
    {
        "lane": ["A → B", "A → B", "B → A", "talks"],
        "date": ["1993-01", "1995-11", "2007-09-12/2007-09-13", "1998"],
        "label": ["1993-01", "1995-11", "2007-09-12", ""],
    }
)
WINDOWS = pd.DataFrame({"id": ["w"], "start": ["1993-01-07"], "end": ["2020-03-01"]})
TABLE = pd.DataFrame(
    {
        "label": ["one", "two", "three"],
        "value": [0.2, 0.1, 0.3],
        "low": [0.05, -0.02, 0.3],
        "high": [0.5, 0.2, 0.3],
        "mark": ["", "wrong", "open"],
    }
)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def bars(ax) -> list[Rectangle]:
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def overlaps(ax) -> list[tuple[str, str]]:
    """Return pairs of texts that overlap, and texts that leave the figure."""
    ax.figure.canvas.draw()
    boxes = [(t.get_text(), t.get_window_extent()) for t in ax.texts if t.get_text()]
    boxes += [(t.get_text(), t.get_window_extent()) for t in ax.get_yticklabels()]
    pairs = [
        (a, b)
        for i, (a, first) in enumerate(boxes)
        for b, second in boxes[i + 1 :]
        if first.shrunk(0.9, 0.9).overlaps(second.shrunk(0.9, 0.9))
    ]
    edge = ax.figure.bbox
    return pairs + [(t, "edge") for t, b in boxes if b.x0 < edge.x0 or b.x1 > edge.x1]


def test_a_date_is_drawn_as_wide_as_it_is_precise():
    widths = [bar.get_width() for bar in bars(figures.timeline(EVENTS))]
    assert widths == [31, 30, 2, 365]
    lefts = [
        mdates.num2date(bar.get_x()).date().isoformat() for bar in bars(figures.timeline(EVENTS))
    ]
    assert lefts == ["1993-01-01", "1995-11-01", "2007-09-12", "1998-01-01"]


def test_a_direction_has_its_own_row_named_beside_it():
    ax = figures.timeline(EVENTS, WINDOWS)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["A → B", "B → A", "talks", "window w"]
    rows = [bar.get_y() + bar.get_height() / 2 for bar in bars(ax)]
    assert rows == pytest.approx([0, 0, 1, 2])
    assert overlaps(ax) == []


def test_an_interval_is_a_bar_from_bound_to_bound():
    ax = figures.intervals(TABLE, "per year")
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars(ax)]
    assert np.allclose(drawn, TABLE[["low", "high"]])
    assert [bool(bar.get_hatch()) for bar in bars(ax)] == [False, True, False]
    assert "0.20 (0.05 to 0.50)" in [text.get_text() for text in ax.texts]
    assert "0.30" in [text.get_text() for text in ax.texts]
    assert overlaps(ax) == []


def test_a_length_is_a_line_from_0_and_an_interval_is_none():
    marks = ["length", "", "open"]
    ax = figures.intervals(TABLE.assign(mark=marks), "days", log=True)
    drawn = [list(ends) for line in ax.lines if len(ends := line.get_xdata()) == 2]
    assert drawn == [[0, 0.05], [0, 0.3]]


def test_a_logarithmic_axis_says_its_numbers_plainly():
    ax = figures.intervals(TABLE.iloc[[0]], "per year", log=True)
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert ax.get_xscale() == "log"
    assert {"0.1", "0.3"} <= set(labels)


def test_the_curve_of_silence_is_the_predictive_chance():
    ax = figures.silence(4, 20.0, ahead=6)
    times, chances = ax.lines[0].get_data()
    assert np.allclose(chances, poisson.p_none(4, 20.0, times))
    low, middle, high = ax.lines[1].get_ydata()
    rates = poisson.garwood(4, 20.0)
    assert [low, high] == pytest.approx([np.exp(-rates[1] * 6), np.exp(-rates[0] * 6)])
    assert low < middle < high
    assert overlaps(ax) == []


def test_alternative_text_changes_with_the_data():
    text = figures.describe_timeline(EVENTS, WINDOWS)
    assert "B → A: 2007-09-12/2007-09-13" in text
    assert "1993 to 2020" in text
    assert figures.describe_timeline(EVENTS.assign(date="1994")) != text
    text = figures.describe_intervals(TABLE, "per year")
    assert "two 0.10 (−0.02 to 0.20)" in text
    assert "Not all intervals overlap" in text
    assert "All intervals overlap" in figures.describe_intervals(TABLE.iloc[:2], "per year")
    touching = TABLE.iloc[:2].assign(low=[0.2, 0.1], high=[0.3, 0.2])
    assert "All intervals overlap" in figures.describe_intervals(touching, "per year")
    low, high = np.exp(-6 * np.array(poisson.garwood(4, 20))[::-1])
    assert f"a band from {low:.2f} to {high:.2f} there" in figures.describe_silence(4, 20, 6)
    assert figures.describe_silence(4, 20, 6) != figures.describe_silence(5, 20, 6)


def test_drawing_on_given_axes_makes_no_new_figure():
    ax = figures.new_axes()
    assert figures.timeline(EVENTS, ax=ax) is ax
    assert len(plt.get_fignums()) == 1
