"""What a reader sees of a table or a figure, whatever the data."""

from __future__ import annotations

import base64
import re
import warnings
from hashlib import sha256

import matplotlib as mpl
import pandas as pd
import pytest

from relations_lib import figures
from relations_lib.figures._marks import below_axis, canvas, note, time_axis


def cells(value: object, spec: str | None = None) -> str:
    html = figures.table_html(pd.DataFrame({"first": ["x"], "v": [value]}), "Values", {"v": spec})
    return html.partition("<td")[2].partition(">")[2].partition("</td>")[0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2001.0, "2001"), (2644.5, "2,644.5"), (999.96, "1000"), (0.04567, "0.0457"), (3.0, "3")],
)
def test_a_number_is_short_and_a_year_stays_a_year(value, shown):
    assert cells(value) == shown


def test_a_missing_value_is_a_dash_and_a_tiny_one_no_zero():
    assert [cells(value) for value in (None, float("nan"), pd.NA, pd.NaT)] == ["–"] * 4
    assert cells(6.9e-13) == "6.9e-13"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        (["1998", "2007-09-12/2007-09-13", None], "date"),
        ([pd.Timestamp("1998-01-01")], "date"),
        (["x" * 36, ""], "long"),
        (["in 1998", "2007-09"], None),
        ([True, False], None),
    ],
)
def test_a_column_is_set_by_what_it_holds(values, kind):
    html = figures.table_html(pd.DataFrame({"first": "x", "v": pd.Series(values)}), "Values")
    assert html.count(f'class="{kind}"') == (0 if kind is None else 1 + len(values))


def test_the_names_of_columns_are_words():
    html = figures.table_html(pd.DataFrame({"first_name": ["a_b"]}), "Values")
    assert ">first name<" in html
    assert ">a_b<" in html


def test_a_stated_format_is_kept():
    assert cells(1030.5, ".2f") == "1030.50"


def test_text_of_the_data_is_no_markup():
    assert "&lt;b&gt;" in cells("<b>")


def test_a_table_names_itself_outside_the_box_that_scrolls_and_each_cell_its_column():
    html = figures.table_html(pd.DataFrame({"state": ["A"], "since_when": ["1998"]}), "Members")
    before, _, box = html.partition('<div class="table-scroll"')
    assert ">Members<" in before
    assert '<th scope="row" role="rowheader" data-label="state"' in box
    assert 'data-label="since when"' in box
    assert "tabindex" not in html


def test_codes_and_dates_become_words_and_ids_names():
    frame = pd.DataFrame(
        {
            "state": ["XX", "not_stated"],
            "office": ["chairman_supreme_soviet", "president"],
            "date": ["2013-12-31", "1998"],
        }
    )
    shown = figures.readable(frame, {"XX": "Exland"})
    assert shown.loc[0].tolist() == ["Exland", "chairman of the Supreme Soviet", "31 December 2013"]
    assert shown.loc[1].tolist() == ["not stated", "president", "1998"]


def one_label(text: str = "x", **words: str) -> figures.Figure:
    def drawing(look: figures.Look):
        ax = canvas(look, 60)
        note(ax, text, (0.5, 0.5))
        return ax

    given = {"title": "It says so", "alt": "A label.", "caption": "A caption.", **words}
    return figures.Figure(drawing, **given)


@pytest.mark.parametrize("missing", ["title", "alt", "caption"])
def test_a_figure_without_words_is_refused(missing):
    with pytest.raises(ValueError, match="a title, an alternative text and a caption"):
        one_label(**{missing: " "})


def test_a_figure_is_one_output_with_title_key_picture_caption_and_values():
    whole = figures.Figure(
        one_label().drawing,
        title="A & B",
        alt="The <point>.",
        caption="Below.",
        key=[("dot home", "a visit"), ("ring ink dashed+hatch", "both")],
        values=pd.DataFrame({"a": [1]}),
    )
    html = figures.figure_html(whole)
    order = ["<figure", "A &amp; B", "a visit", "The &lt;point&gt;.", "Below.", "<details"]
    places = [html.index(part) for part in order]
    assert places == sorted(places)
    assert html.count("<svg") == 3
    digest = re.search(r'data-figure="([0-9a-f]{16})"', html).group(1)
    picture = base64.b64decode(re.search(r"base64,([^\"]+)", html).group(1))
    assert sha256(picture).hexdigest().startswith(digest)


def test_the_runner_gets_two_widths_and_two_themes(tmp_path, monkeypatch):
    monkeypatch.setenv("RELATIONS_FIGURES", str(tmp_path))
    html = figures.figure_html(one_label())
    digest = re.search(r'data-figure="([0-9a-f]{16})"', html).group(1)
    looks = [f"{w}-{t}" for w in ("narrow", "wide") for t in ("dark", "light")]
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{digest}-{look}.svg" for look in looks]
    wide = (tmp_path / f"{digest}-wide-light.svg").read_text(encoding="utf-8")
    narrow = (tmp_path / f"{digest}-narrow-dark.svg").read_text(encoding="utf-8")
    assert 'width="590px"' in wide
    assert 'width="358px"' in narrow


def test_a_picture_has_the_same_bytes_whatever_a_users_configuration_says():
    for form in ("svg", "png"):
        plain = figures.picture(one_label(), figures.Look(), form)
        with mpl.rc_context({"font.size": 30, "axes.grid": True, "text.color": "red"}):
            assert figures.picture(one_label(), figures.Look(), form) == plain


def test_signs_of_markup_show_as_themselves():
    label = r"$5m_{x} → \$7 & <b> 5 % ^"
    ax = one_label(label).draw()
    drawn = ax.texts[0]
    assert drawn.get_text().replace("\u200e", "") == label
    assert not drawn.get_parse_math()
    assert "mathjax_ignore" in figures.table_html(pd.DataFrame({"a": ["$x$"]}), "Money")


def test_missing_glyphs_give_one_warning_that_names_the_remedy():
    with pytest.warns(UserWarning, match="install the free font") as caught:
        figures.picture(one_label("北京 → 中国"), figures.Look())
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.picture(one_label("Алматы"), figures.Look())


def test_an_arrow_between_names_written_from_the_right_points_to_the_second():
    ax = one_label("السعودية → مصر").draw()
    assert "\u200e→\u200e" in ax.texts[0].get_text()


def test_words_are_translated_where_there_is_a_catalogue(tmp_path, monkeypatch):
    from relations_lib.figures import _words

    place = tmp_path / "xx" / "LC_MESSAGES"
    place.mkdir(parents=True)
    catalogue = 'msgid ""\nmsgstr ""\n\nmsgid "visit"\nmsgstr "tashrif"\n'
    (place / "figures.po").write_text(catalogue, encoding="utf-8")
    monkeypatch.setattr(_words, "LOCALE", tmp_path)
    translated = figures.Words("xx")
    assert [translated("visit"), translated("session")] == ["tashrif", "session"]


@pytest.mark.parametrize("end", ["2001-06-30", "2001-12-31", "2027-12-31"])
@pytest.mark.parametrize("look", figures.LOOKS[::2], ids=["wide", "narrow"])
def test_labels_of_a_time_axis_have_room_below_it(look, end):
    below = below_axis("2001-06-01", end, look)
    ax = canvas(look, 200, margins=(10, 10, 10, below))
    time_axis(ax, "2001-06-01", end, look)
    ax.figure.draw_without_rendering()
    labels = [label for label in ax.get_xticklabels() if label.get_text()]
    assert min(label.get_window_extent().y0 for label in labels) >= 0


@pytest.mark.parametrize(
    ("first", "last"),
    [("2007-03-02", "2007-03-30"), ("2007-01-01", "2008-06-01"), ("1850-01-01", "2020-12-31")],
)
def test_a_time_axis_has_two_to_eight_ticks(first, last):
    def drawing(look):
        ax = canvas(look, 60)
        time_axis(ax, first, last, look)
        return ax

    for look in figures.LOOKS:
        ax = figures.Figure(drawing, title="t", alt="a", caption="c").draw(look)
        ticks = [t for t in ax.get_xticks() if ax.get_xlim()[0] <= t <= ax.get_xlim()[1]]
        assert 2 <= len(ticks) <= (5 if look.narrow else 8)


def test_yes_and_no_stand_for_truth_of_either_kind_of_column():
    frame = pd.DataFrame({"plain": [True], "nullable": pd.array([False], dtype="boolean")})
    html = figures.table_html(frame, "Answers")
    assert ">yes<" in html
    assert ">no<" in html
