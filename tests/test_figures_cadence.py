"""The figures on the meetings draw what their tables say, and say what they draw."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from relations_lib import cadence, figures, pace

YEARS = ["1998", "2001", "2004", "2006", "2007"]
WINDOW = (1993, 2010)
BAND = pd.DataFrame({"year": range(1993, 2011), "low": 0, "high": 5})
BAND["met"] = BAND["year"].isin([int(year) for year in YEARS])
BAND["so_far"] = BAND["met"].cumsum()
MISTAKES = pd.DataFrame({"test": ["own"], "first": [1998], "last": [2007], "p": [0.9]})


def drawings():
    gaps = cadence.meeting_gaps(YEARS)
    curve = pd.DataFrame({"growth": [2, 8], "power": [0.1, 0.3]})
    counted = pd.DataFrame({"years": [0.0, 1, 2, 3], "survival": [1, 0.8, 0.4, 0.0]})
    dropped = counted.assign(survival=[1, 0.75, 0.25, 0.0])
    return {
        "meeting_steps": (BAND, 2015),
        "gap_ranges": (gaps, 3),
        "choice_curve": (pace.all_choices(YEARS, [WINDOW]), MISTAKES),
        "power_curve": (curve,),
        "survival_steps": (counted, dropped),
    }


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", drawings())
def test_every_text_stays_within_the_picture(name):
    ax = getattr(figures, name)(*drawings()[name])
    ax.figure.draw_without_rendering()
    box, size = ax.get_tightbbox(), ax.figure.bbox
    assert min(box.x0, box.y0) >= -1
    assert (box.x1 <= size.width + 1, box.y1 <= size.height + 1) == (True, True)
    assert all(text.get_fontsize() >= 9 for text in [*ax.texts, *ax.get_yticklabels()])


@pytest.mark.parametrize("name", drawings())
def test_every_description_names_kind_axes_and_numbers(name):
    text = getattr(figures, f"describe_{name}")(*drawings()[name])
    assert "chart" in text or "curve" in text
    assert "Horizontal" in text or "Vertical" in text
    assert any(character.isdigit() for character in text)


@pytest.mark.parametrize("name", drawings())
def test_axes_given_are_used_and_extras_can_be_left_out(name):
    ax = figures.new_axes(6.0, 4.0)
    assert getattr(figures, name)(drawings()[name][0], ax=ax) is ax
    assert getattr(figures, f"describe_{name}")(drawings()[name][0])


def test_a_meeting_is_drawn_a_year_wide_where_it_stands():
    ax = figures.meeting_steps(*drawings()["meeting_steps"])
    bars = ax.containers[0].patches
    assert [bar.get_x() for bar in bars] == [int(year) for year in YEARS]
    assert {bar.get_width() for bar in bars} == {1}
    assert [bar.get_y() + bar.get_height() / 2 for bar in bars] == pytest.approx([1, 2, 3, 4, 5])


def test_a_gap_is_drawn_as_wide_as_its_dates_allow():
    gaps, waited = drawings()["gap_ranges"]
    ax = figures.gap_ranges(gaps, waited)
    assert [bar.get_y() for bar in ax.patches[:4]] == gaps["low"].tolist()
    assert [bar.get_height() for bar in ax.patches[:4]] == [2, 2, 2, 2]


def test_a_gap_is_named_from_its_first_to_its_last_year():
    ax = figures.gap_ranges(*drawings()["gap_ranges"])
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["1998\n–01", "2001\n–04", "2004\n–06", "2006\n–07", "2007\nopen"]


def test_a_p_of_just_5_percent_is_among_those_that_the_text_counts():
    choices = pd.DataFrame({"p": [0.04, 0.05, 0.051, float("nan")]})
    assert "2 of 3 are at most 0.05" in figures.describe_choice_curve(choices)


def test_every_choice_is_a_point_and_mistakes_are_hollow():
    choices, mistakes = drawings()["choice_curve"]
    ax = figures.choice_curve(choices, mistakes)
    points = [line for line in ax.lines if line.get_marker() == "o"]
    shown = sorted(line.get_xdata()[0] for line in points[:-1])
    assert shown == pytest.approx(sorted(choices["p"]))
    assert points[-1].get_markerfacecolor() == "white"
    assert points[-1].get_xdata()[0] == 0.9
    marks = sum(text.get_text() == "●" for text in ax.texts)
    assert marks == choices[["first_fixed", "last_fixed", "ties", "exact"]].to_numpy().sum()
