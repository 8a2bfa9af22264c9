"""Checks that answer back, agreement of coders, the exercises of the notebooks, a new package."""

from __future__ import annotations

import ast
import io
import json
import re
import shlex
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa, to_table

from relations_lib import DataError, coding, load, sources
from relations_lib.__main__ import main
from relations_lib.exercises import (
    WORDS,
    Feedback,
    agreement,
    check,
    check_sentence,
    claims,
    says,
)

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
TEACHING = NOTEBOOKS / "teaching"

# --- check ---------------------------------------------------------------------------------------


def told(answer, right, **options):
    return check(answer, right, checked="the number", unchecked="the reason", **options)


@pytest.mark.parametrize("nothing", [..., None, "", "  "])
def test_an_unanswered_exercise_is_left_in_peace_whatever_is_right(nothing):
    def broken(answer):
        raise RuntimeError

    feedback = told(nothing, broken)
    assert feedback.right is None
    assert "Not answered yet" in repr(feedback)


@pytest.mark.parametrize(
    ("answer", "right", "within"),
    [
        (0.19, 0.1906, 0.005),
        (np.float64(4), 4, 0),
        (np.int64(4), np.float64(4), 0),
        ("  Two   visits. ", "two visits", 0),
        (["b", "a"], {"a", "b"}, 0),
        (pd.Series(["b", "a"]), ["a", "b"], 0),
        ({"Date": "2007 "}, {"date": "2007"}, 0),
        (True, np.bool_(True), 0),
        ("four", says("four|4"), 0),
    ],
)
def test_a_right_answer_is_right_in_any_harmless_form(answer, right, within):
    feedback = told(answer, right, within=within)
    assert feedback.right is True
    assert str(feedback) == "Right.\nChecked: the number. Not checked: the reason."


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (0.18, 0.1906),
        (float("nan"), 0.1906),
        (10**400, 0.1906),
        (np.array([]), 0.1906),
        (True, 1),
        (pd.Series([1, 2]), 1),
        (pd.DataFrame({"a": [1]}), "x"),
        (1, "one"),
        ({"date": "2007"}, {"date": "2007", "kind": "official"}),
        (["a", "a"], ["a"]),
        (len, 4),
        (4, says("four")),
    ],
)
def test_a_wrong_answer_of_any_type_is_wrong_and_breaks_nothing(answer, right):
    feedback = told(answer, right, within=0.005)
    assert feedback.right is False
    assert str(feedback).startswith("Not yet. ")


class Unshowable:
    def __repr__(self):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    __hash__ = None


def test_an_answer_that_can_not_even_be_shown_breaks_nothing():
    for right in (4, "x", [1], True, says("x")):
        for answer in (Unshowable(), 10**5000):
            assert told(answer, right).right is False


@pytest.mark.parametrize(
    ("answer", "right", "hint"),
    [
        ("0.19", 0.1906, "its form"),
        ([0.19], 0.1906, "its form"),
        (pd.Series([0.19]), 0.1906, "its form"),
        (np.array(["b"]), "b", "its form"),
        ("True", True, "its form"),
        (19.06, 0.1906, "percent"),
        (0.0019, 0.1906, "a share"),
        (-0.19, 0.1906, "its sign"),
        ("0,19", 0.1906, "its form"),
        ("19 %", 0.1906, "its form"),
        ("four", 4, "its form"),
        ("None.", 0, "its form"),
        ("KGZ, RUS", ["RUS", "KGZ"], "its form"),
        ("kgz and rus", ["RUS", "KGZ"], "its form"),
        (["Kyrgyzstan", "Russia"], ["RUS", "KGZ"], "0 of the 2 asked for"),
        (0.185, 0.1906, "round to the nearest"),
        ("about a fifth", 0.1906, "write one number"),
        ("it does", True, "True or False without"),
        ("Kyrgyzstan", ["Kyrgyzstan", "Russia"], "write a list"),
        (["Russia"], ["Kyrgyzstan", "Russia"], "1 of the 2 asked for"),
        (["Russia", "Russia", "Kyrgyzstan"], ["Kyrgyzstan", "Russia"], "your list of 3"),
    ],
)
def test_a_right_value_in_another_form_is_not_called_another_value(answer, right, hint):
    said = told(answer, right, within=0.005)
    assert said.right is False
    assert hint in said.text
    assert "something else" not in said.text


def test_a_wrong_number_gets_its_hint_in_words_and_rounded_to_two_digits():
    wrong = [(1 / 0.2675, "Turn it over."), (3, "One too few.")]
    for answer in (3.7, 3.74, "3,7", ["3.74"]):
        assert "Turn it over." in told(answer, 0.2675, wrong=wrong, within=0.005).text
    assert "One too few." in told("three", 4, wrong=wrong).text
    assert "One too few." not in told(3.04, 4, wrong=wrong).text


def test_what_goes_with_the_output_for_a_page_says_kind_bounds_and_hints():
    listed = [(0.0312, "One side only."), (says("x"), "No number."), ("few", "Digits.")]
    feedback = told(..., 0.0625, wrong=listed, within=0.0005)
    (asked,) = feedback._repr_mimebundle_().values()
    assert (asked["kind"], asked["shown"]) == ("number", "0.0625")
    assert asked["right"] == pytest.approx([0.062, 0.063])
    assert [one["shown"] for one in asked["wrong"]] == ["0.0312", ""]
    assert asked["wrong"][1]["is"] is None
    assert [one["shown"] for one in asked["slips"]] == ["6.25", "0.000625", "-0.0625", "0.0625"]
    kinds = {"choice": "b", "list": ["RUS", "KGZ"], "open": {"date": "2004"}}
    for kind, right in kinds.items():
        assert told(..., right).question["kind"] == kind
    assert told(..., ["RUS", "KGZ"]).question["right"] == "kgz, rus"
    assert told(..., np.bool_(True)).question["right"] == "true"


def test_the_page_knows_the_same_words_for_numbers_as_the_check():
    script = NOTEBOOKS / "site/_theme/static/book.js"
    assert f'"{" ".join(WORDS)}".split' in script.read_text(encoding="utf-8")


def test_a_sentence_that_is_none_gets_a_hint_and_what_passes_is_no_mark():
    wrong = [(claims("more often"), "Nobody can tell.")]
    for nothing in ("page page page four", "Four visits.", "The page the page says says so"):
        assert "whole sentence" in check_sentence(nothing, wrong, "", "").text
    for clash in (
        "Four visits cannot tell. Tajikistan visits more often.",
        "Four visits cannot tell, but Tajikistan visits more often.",
    ):
        assert "Nobody can tell." in check_sentence(clash, wrong, "", "").text
    passed = check_sentence("Four visits cannot tell us.", wrong, "the doubt", "the rest").text
    assert "no mark" in passed
    assert "did not read" in passed


def test_a_wide_tolerance_does_not_make_every_small_number_a_listed_mistake():
    assert (
        "That is a share" not in told(0, 25.0, wrong=[(0.25, "That is a share.")], within=0.5).text
    )


def test_a_sentence_without_a_listed_mistake_is_not_called_right():
    wrong = [(says("page", said=False), "Who says so?")]
    said = check_sentence("The page says so.", wrong, "the source", "the rest")
    assert said.right is True
    assert "Right" not in said.text
    assert "None of the listed mistakes" in said.text
    assert check_sentence(..., wrong, "", "").right is None
    assert "Who says so?" in check_sentence("They met.", wrong, "", "").text
    assert check_sentence(4, wrong, "", "").right is False


def test_a_claim_after_a_word_of_doubt_is_none():
    test = claims("more often")
    assert test("They come more often.")
    assert not test("Nobody can tell who comes more often.")
    assert not test("It isn't clear whether they come more often.")
    assert test("Four visits cannot tell. They come more often.")
    assert test("Nobody knows; they come more often.")


def test_a_number_halfway_between_two_roundings_may_be_rounded_either_way():
    for answer in (0.062, 0.063):
        assert told(answer, 0.0625, within=0.0005).right is True
    assert told(0.061, 0.0625, within=0.0005).right is False


def test_a_listed_mistake_gets_its_hint_and_the_first_that_fits_counts():
    wrong = [(says("never"), "Say: recorded."), ("Never.", "later"), (float("nan"), "no")]
    assert "Hint: Say: recorded." in str(told("They never met.", "once", wrong=wrong))
    assert "Hint" not in str(told("They met.", "once", wrong=wrong))
    assert told("once", "once", wrong=[("once", "a hint")]).right is True


# --- agreement -----------------------------------------------------------------------------------

CODES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(CODES)
def test_kappa_is_that_of_another_library_and_of_all_pairings(pairs):
    one, other = (pd.Series(codes) for codes in zip(*pairs, strict=True))
    found = agreement(one, other.sample(frac=1, random_state=1))
    chance = np.mean([[a == b for b in other] for a in one])
    assert found.by_chance == pytest.approx(chance)
    assert found.share == np.mean([a == b for a, b in pairs])
    if chance == 1:
        assert np.isnan(found.kappa)
    else:
        table, _ = to_table(np.array(pairs), bins=None)
        assert found.kappa == pytest.approx(cohens_kappa(table).kappa, abs=1e-9)


def test_the_interval_is_the_exact_one():
    """All of n agree: the bound solves share ** n = 2.5% (two-sided 95%)."""
    codes = pd.Series(list("abcabc"))
    found = agreement(codes, codes)
    assert (found.units, found.agreed, found.kappa, found.high) == (6, 6, 1, 1)
    assert found.low == pytest.approx(0.025 ** (1 / 6))
    assert "6 units" in found.caution


@pytest.mark.parametrize(
    ("one", "other", "report"),
    [
        ({}, {}, "same units"),
        ({"s1": "a"}, {"s2": "a"}, "s1"),
        ({"s1": "a", "s2": None}, {"s1": "a", "s2": "b"}, "no code for 's2'"),
    ],
)
def test_codings_that_can_not_be_compared_are_refused(one, other, report):
    with pytest.raises(ValueError, match=report):
        agreement(pd.Series(one, dtype=object), pd.Series(other, dtype=object))


def test_a_unit_coded_twice_is_refused():
    twice = pd.Series(["a", "b"], index=["s1", "s1"])
    with pytest.raises(ValueError, match="each once"):
        agreement(twice, pd.Series(["a"], index=["s1"]))


def test_the_words_of_a_code_may_stand_in_any_order():
    one, other = pd.Series(["agreements visits", "page"]), pd.Series(["visits  agreements", "page"])
    assert agreement(one, other).agreed == 2
    assert agreement(pd.Series([True, False]), pd.Series([True, True])).agreed == 1


# --- A package of one's own ----------------------------------------------------------------------


def run(notebook: Path, place: Path, monkeypatch, capsys, **parameters: str) -> str:
    """Run a notebook's code in a folder, as papermill does with parameters; return all it shows."""
    monkeypatch.chdir(place)
    names: dict = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            exec("\n".join(f"{name} = {value}" for name, value in parameters.items()), names)
    return capsys.readouterr().out


@pytest.fixture
def own(tmp_path, capsys) -> Path:
    """A new package for the invented pair of the tutorial, its states not yet in their table."""
    title = "Relations of Brinland with Tesmar"
    folder = tmp_path / "my pair"
    assert main(["new", str(folder), "--pair", "XBR", "XTE", "--title", title]) == 0
    said = capsys.readouterr().out
    assert "valid package" in said
    assert "give XBR and XTE a row in context/states.csv" in said
    states = folder / "context/states.csv"
    states.write_text(
        states.read_text(encoding="utf-8") + blocks()["context/states.csv"], encoding="utf-8"
    )
    return folder


def test_a_new_package_is_valid_and_holds_no_row_of_this_pair(own, capsys):
    assert main(["validate", "--data", str(own)]) == 0
    assert capsys.readouterr().out.endswith("under about: body, window, page.\n")
    data = load(own)
    assert data.about.states == ("XBR", "XTE")
    assert data.schema["title"] == "Relations of Brinland with Tesmar"
    assert {name for name, table in data.items() if len(table)} == {"states", "sources"}
    assert set(data.sources["id"]) == set(data.states["source"]) - {"not_applicable"}
    words = (own / "datapackage.json").read_text(encoding="utf-8")
    assert not re.search("tajik|kazakh|dushanbe|astana|tjk|kaz_|co_chair|[a-z]_\\d{4}", words, re.I)
    assert not any("ownPair" in part for part in data.schema["resources"])
    cells = nbformat.read(own / "your_pair.ipynb", as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    links = re.findall(r"\]\((?!https?:)", "".join(cell["source"] for cell in cells))
    assert not links, "links to pages that are not in the new folder"


def test_a_real_pair_is_valid_at_once_and_called_by_its_names(tmp_path, capsys):
    assert main(["new", str(tmp_path / "ours"), "--pair", "AZE", "TJK"]) == 0
    assert load(tmp_path / "ours").schema["title"] == "Relations of Azerbaijan with Tajikistan"


@pytest.mark.parametrize("pair", [("AZE", "AZE"), ("Azerbaijan", "Tajikistan"), ("aze", "tjk")])
def test_what_is_no_pair_of_codes_is_refused_and_nothing_is_written(tmp_path, capsys, pair):
    assert main(["new", str(tmp_path / "x"), "--pair", *pair]) == 2
    assert "AZE and TJK" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing_of_a_new_package(tmp_path, capsys, monkeypatch):
    written = []

    def write(file: Path, text: str) -> None:
        if len(written) == 9:
            raise OSError(28, "No space left on device")
        written.append(file)
        real(file, text)

    real = coding._write
    monkeypatch.setattr(coding, "_write", write)
    assert main(["new", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "No space left on device: make room on the disk and run the command again."
    )
    assert not list(tmp_path.iterdir())


def test_new_refuses_to_write_into_a_folder_that_exists(own, capsys):
    before = {path: path.read_bytes() for path in own.rglob("*.*")}
    assert main(["new", str(own)]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in own.rglob("*.*")} == before


def test_the_notebook_says_of_an_empty_package_what_it_can_not_compute(own, monkeypatch, capsys):
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert said.count("Can't") == 9
    assert "of: Relations of Brinland with Tesmar." in said.splitlines()[0]
    assert "Still to declare in datapackage.json, under about: body, window, page." in said
    assert "Figure:" not in said


def test_the_notebook_computes_everything_from_the_real_data(tmp_path, monkeypatch, capsys):
    said = run(TEACHING / "your_pair.ipynb", tmp_path, monkeypatch, capsys)
    assert load().schema["title"] in said.splitlines()[0]
    assert said.splitlines()[1] == "This is the project's own package."
    assert "Can't" not in said
    assert said.count("Figure:") == 3


def test_the_notebook_of_a_package_shows_no_other_where_there_is_none(own, monkeypatch, capsys):
    with pytest.raises(DataError, match=r"datapackage\.json"):
        run(own / "your_pair.ipynb", own.parent, monkeypatch, capsys)
    assert capsys.readouterr().out == ""


def test_the_findings_of_an_empty_package_are_counts_of_nothing(own, capsys):
    assert main(["findings", "--data", str(own)]) == 0
    said = capsys.readouterr()
    found = pd.read_csv(io.StringIO(said.out)).set_index("key")["value"]
    counted = found.drop("visits.events_for_twofold_interval")  # known without any data
    assert len(counted)
    assert (counted[~counted.index.str.startswith("checks.sources")] == 0).all()
    assert "Not computed: " in said.err


def blocks() -> dict[str, str]:
    """Return what the tutorial writes into each file, by the path named before each block."""
    text = (TEACHING / "your_pair_tutorial.md").read_text(encoding="utf-8")
    files = {}
    for before, block in re.findall(r"(?s)\n\n((?:(?!\n\n).)*)\n\n```\n([\w-]+,.*?)```", text):
        files[re.findall(r"`([\w/]+\.csv)`", before)[0]] = block
    return files


def fill(folder: Path) -> None:
    """Follow the tutorial to the letter: its example holds every row."""
    (folder / "page.txt").write_bytes((TEACHING / "communique.txt").read_bytes())
    assert main(["index", str(folder / "page.txt"), "--data", str(folder)]) == 0
    for name, block in blocks().items():
        if name != "context/states.csv":
            before = (folder / name).read_text(encoding="utf-8")
            whole = block.splitlines()[0] == before.splitlines()[0]
            assert whole or name.startswith("context/"), name
            (folder / name).write_text(block if whole else before + block, encoding="utf-8")
    assert main(["index", str(folder / "page.txt"), "--data", str(folder)]) == 0
    declare(folder)


def declare(folder: Path) -> None:
    """Write into the package what the tutorial declares."""
    text = (TEACHING / "your_pair_tutorial.md").read_text(encoding="utf-8")
    told = json.loads("{" + re.search(r'(?s)```\n( "about": .*?),\n```', text)[1] + "}")
    file = folder / "datapackage.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    assert schema["about"].keys() == told["about"].keys()
    file.write_text(json.dumps(schema | told, indent=1), encoding="utf-8")


def test_the_tutorial_leads_to_a_package_that_is_valid_and_verified(own, monkeypatch, capsys):
    monkeypatch.chdir(own)
    fill(own)
    assert main(["validate"]) == 0
    said = capsys.readouterr()
    assert "Still to declare" not in said.out
    assert f"Data: {own.resolve()}\n" in said.err
    assert main(["verify", "page.txt"]) == 0
    assert main(["findings"]) == 0
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert said.count("Can't") == 2
    assert "they need two visits, found 1" in said
    assert "Can't count shared organizations yet" in said
    assert "Missing" not in said


def test_the_row_that_the_tutorial_adds_changes_the_findings_and_deleted_leaves_none_changed(
    own, monkeypatch, capsys
):
    text = (TEACHING / "your_pair_tutorial.md").read_text(encoding="utf-8")
    monkeypatch.chdir(own)
    fill(own)
    files = ["page/visits.csv", "places.csv", "worklist.csv"]
    before = {name: (own / name).read_bytes() for name in files}
    capsys.readouterr()
    assert main(["findings"]) == 0
    Path("findings.csv").write_text(capsys.readouterr().out, encoding="utf-8")
    row = re.search(r"`(v2006,.*?)`", text)[1]
    (own / files[0]).write_bytes(before[files[0]] + f"{row}\n".encode())
    assert main(["validate"]) == 1
    command = re.search(r"relations_lib (locate .*)", text)[1]
    assert main(shlex.split(command)) == 0
    assert main(["validate"]) == 0
    capsys.readouterr()
    assert main(["findings", "--diff", "findings.csv"]) == 0
    assert "visits.count" in capsys.readouterr().out
    for name, content in before.items():
        (own / name).write_bytes(content)
    assert main(["index", "page.txt"]) == 0
    assert main(["findings", "--diff", "findings.csv"]) == 0
    assert "0 numbers and texts differ" in capsys.readouterr().err


def test_rows_that_the_tutorial_shows_in_passing_lack_nothing_but_their_place(own, capsys):
    text = (TEACHING / "your_pair_tutorial.md").read_text(encoding="utf-8")
    fill(own)
    assert main(["copy", "UN", "--pair-only", "--data", str(own)]) == 0
    passing = re.search(r"(?m)^The example names no goods.*$", text)[0]
    rows = re.findall(r"`(page/\w+\.csv)` `([^`]+)`", passing)
    assert len(rows) == 4
    for name, row in rows:
        with (own / name).open("a", encoding="utf-8") as file:
            file.write(f"{row}\n")
    with pytest.raises(DataError) as error:
        load(own)
    assert {fault.allowed for fault in error.value.faults} == {
        "a row with a locator in locators.csv"
    }
    assert len(error.value.faults) == len(rows)


def test_the_worklist_of_the_tutorial_is_what_coder_a_decides():
    work = pd.read_csv(io.StringIO(blocks()["worklist.csv"]), keep_default_na=False)
    coding = pd.read_csv(TEACHING / "coding_a.csv")
    columns = ["id", "coded_as", "reason", "paraphrase"]
    work["reason"] = work["reason"].replace("", "not_applicable")
    pd.testing.assert_frame_equal(work[columns], coding[columns])


def test_the_communique_of_the_activity_is_its_plain_text_word_for_word():
    shown = (TEACHING / "coding_activity.md").read_text(encoding="utf-8")
    quoted = "\n".join(re.findall(r"(?m)^>(.*)$", shown))
    plain = re.sub(r"`p\d+s\d`|<!--.*?-->|\*\*", "", quoted)
    text = (TEACHING / "communique.txt").read_text(encoding="utf-8")
    one, other = (sources.sentence_index(copy) for copy in (plain, text))
    assert one["text"].tolist() == other["text"].tolist()
    assert re.findall(r"`(p\d+s\d)`", quoted) == other["id"].tolist()


def test_the_notebook_names_the_faults_of_a_package_half_done(own, monkeypatch, capsys):
    fill(own)
    places = (own / "places.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in places if not line.startswith("visits,")]
    (own / "places.csv").write_text("".join(kept), encoding="utf-8")
    assert main(["index", str(own / "page.txt"), "--data", str(own)]) == 0
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert "page/visits.csv, line 2, column id: found 'v2001'" in said
    assert "Mend these" in said
    assert "Missing" not in said
    assert "Figure:" not in said


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_the_notebook_says_that_one_meeting_is_too_few_to_test(own, monkeypatch, capsys):
    fill(own)
    for name in ("page/meetings.csv", "places.csv"):
        lines = (own / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not re.search("m200[56]", line)]
        (own / name).write_text("".join(kept), encoding="utf-8")
    assert main(["index", str(own / "page.txt"), "--data", str(own)]) == 0
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert "it needs two meetings of i-commission, found 1" in said


def test_the_notebook_names_the_window_that_dates_are_held_against(own, monkeypatch, capsys):
    assert "Missing: the row `to_page`" in run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    fill(own)
    for name in ("page/windows.csv", "places.csv"):
        change(own, name, "to_page,", "to_print,")
    assert main(["index", str(own / "page.txt"), "--data", str(own)]) == 0
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert "found resource visits: 'to_page'; allowed: an id of windows: to_print, to_2006" in said


def test_the_notebook_bears_a_page_without_its_row(tmp_path, monkeypatch, capsys):
    """Visits and memberships are filled in, page.csv is not."""
    folder = Path(shutil.copytree(load().path, tmp_path / "data"))
    for name in ("page/page.csv", "page/locators.csv"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [
            line for line in lines if ",page,page," not in line and not line.startswith("page,")
        ]
        (folder / name).write_text("".join(kept), encoding="utf-8")
    checks = folder / "context/page_checks.csv"  # some of them are of the page's row
    checks.write_text(checks.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    change(folder, "datapackage.json", '"page": "page"', '"page": "not_yet"')
    change(folder, "page/sentences.csv", ",page windows,", ",windows,")
    change(folder, "page/sentences.csv", ",page,not_applicable", ",nothing,heading")
    said = run(TEACHING / "your_pair.ipynb", folder, monkeypatch, capsys, folder='"."')
    assert "No fault found" in said
    assert "Still to declare in datapackage.json, under about: page." in said
    assert said.count("Can't") == 2  # no figure in time, none of organizations


def test_the_samples_of_the_activity_are_codings_of_the_communique():
    index = sources.sentence_index((TEACHING / "communique.txt").read_text(encoding="utf-8"))
    for coder in "ab":
        coding = pd.read_csv(TEACHING / f"coding_{coder}.csv", dtype=str)
        assert coding.columns.tolist() == load().sentences.columns.tolist()
        assert coding["sha256"].tolist() == index["sha256"].tolist()
        nothing = coding["coded_as"] == "nothing"
        assert (nothing == (coding["reason"] != "not_applicable")).all()


# --- The exercises of the notebooks --------------------------------------------------------------

AUTUMN = {
    "date": "2004",
    "visitor": "XTE",
    "host": "XBR",
    "kind": "official",
    "place": "not_stated",
}
# For mistakes that are recognized by a test: answers that must meet it, by notebook and number.
MISTAKEN = {
    ("page", 1): ["four"],
    ("page", 3): [
        {"date": "2004"},
        AUTUMN | {"date": "autumn 2004"},
        AUTUMN | {"date": "2004-23"},
        AUTUMN | {"date": "2004-09"},
        AUTUMN | {"date": 2004},
        AUTUMN | {"visitor": "XBR", "host": "XTE"},
        AUTUMN | {"visitor": "Tesmar", "host": "Brinland"},
        AUTUMN | {"place": "capital"},
        AUTUMN | {"kind": "official visit"},
    ],
    ("page", 5): [
        "Four visits took place.",
        "The page records visits.",
        "The page lists four visits a year.",
        "The page records four talks.",
        "I count 4 visits.",
        "Page, page: four visits.",
    ],
    ("visits", 5): [
        "Four visits show no difference.",
        "Four visits, two each way.",
        "Nothing can be told: too much is missing.",
    ],
    ("cadence", 5): [
        "They meet every year now.",
        "Nine meetings can't tell.",
        "The list of nine years is denser later.",
    ],
    ("network", 1): [
        "KGZ, RUS",
        ["Kyrgyzstan", "Russia"],
        ["KGZ", "RUS", "UZB"],
        ["BLR", "KGZ", "RUS"],
    ],
    ("network", 2): ["four"],
    ("network", 3): ["thirty-eight"],
    ("network", 5): ["They are not close.", "Five memberships say little."],
    ("check", 1): ["one"],
    ("check", 2): ["none"],
    ("check", 3): ["Astana or Nur-Sultan", ["Astana", "unknown"]],
    ("others", 1): [["Turkmenistan", "Belarus"], ["TKM", "KGZ", "AZE"]],
    ("others", 5): ["Our positions are the same in nine of ten votes.", "We cooperate well."],
    ("check", 5): [
        "The page is wrong: the numbers contradict it.",
        "The page has nine meetings, the press has numbers.",
        "Two lists disagree.",
    ],
}


# What other tests draw and compare.
SHOWN = ("relations_lib.figures.show_figure", "relations_lib.figures.show_table")


class Book:
    """A notebook, run once: its exercises and a way to answer each again and again."""

    def __init__(self, path: Path) -> None:
        self.cells = {c.id: c for c in nbformat.read(path, as_version=4).cells}
        self.names: dict = {}
        for cell in self.cells.values():
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), self.names)
        self.exercises = [
            key.removesuffix("-check") for key in self.cells if key.endswith("-check")
        ]

    def answer(self, key: str, answer: object) -> Feedback:
        """Return what the check of an exercise says to an answer."""
        number = key[-1]
        *before, last = ast.parse(self.cells[f"{key}-check"].source).body
        self.names[f"answer_{number}"] = answer
        exec(compile(ast.Module(before, []), key, "exec"), self.names)
        return eval(compile(ast.Expression(last.value), key, "eval"), self.names)


@pytest.fixture(scope="module", params=sorted(NOTEBOOKS.glob("0*.ipynb")), ids=lambda p: p.stem)
def book(request, tmp_path_factory) -> Book:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RELATIONS_PAGE", raising=False)
        patch.chdir(tmp_path_factory.mktemp("book"))
        patch.setattr("relations_lib.load", lambda *at: load(*at) if at else frozen_data())
        for shown in ("IPython.display.display", *SHOWN):
            patch.setattr(shown, lambda *_, **__: None)
        return Book(request.param)


def test_a_notebook_ends_with_exercises_that_are_unanswered_as_committed(book):
    assert 3 <= len(book.exercises) <= 5
    for key in book.exercises:
        assert book.cells[f"{key}-answer"].source.split("#")[0].strip() == f"answer_{key[-1]} = ..."
        assert "Not answered yet" in book.cells[f"{key}-check"].outputs[0].data["text/plain"]
        assert {"solution", "hide-input"} <= set(book.cells[f"{key}-check"].metadata.tags)
        assert book.cells[f"{key}-check"].metadata.jupyter.source_hidden


def test_every_solution_passes_its_check(book):
    for key in book.exercises:
        said = book.answer(key, book.names[f"solution_{key[-1]}"])
        assert said.right is True, (key, said)
        assert "Checked: " in said.text
        assert "Not checked: " in said.text


DECIMALS = {"one decimal": 1, "two decimals": 2, "three decimals": 3, "four decimals": 4}


def test_every_correct_rounding_of_the_precision_asked_for_passes(book):
    for key in book.exercises:
        asked = book.cells[f"{key}-answer"].source.partition("# ")[2]
        if asked not in DECIMALS:
            continue
        unit = 10.0 ** -DECIMALS[asked]
        right = book.names[f"solution_{key[-1]}"]
        below = np.floor(right / unit) * unit
        for rounded in (below, below + unit):
            if abs(rounded - right) <= unit / 2 + 1e-12:
                assert book.answer(key, round(rounded, 9)).right is True, (key, rounded)
        for far in (below - unit, below + 2 * unit):
            assert book.answer(key, round(far, 9)).right is False, (key, far)


def test_every_exercise_tells_a_page_what_is_right_and_each_hint(book):
    for key in book.exercises:
        asked = book.answer(key, ...).question
        right = book.names[f"solution_{key[-1]}"]
        told = [one["hint"] for one in asked["wrong"]]
        for value, hint in book.names[f"wrong_{key[-1]}"]:
            in_words = isinstance(value, str) and asked["kind"] in ("number", "list")
            assert (hint in told) is not in_words, (key, hint)
        if asked["kind"] == "number":
            low, high = asked["right"]
            assert low <= right <= high
            inside = (high - low) / 1000
            for answer in (low + inside, high - inside):
                assert book.answer(key, answer).right is True, (key, answer)
        elif asked["kind"] != "open":
            assert book.answer(key, asked["right"].split(", ")).right is not None
            assert asked["shown"]
        assert json.loads(json.dumps(asked)) == asked


def test_every_listed_mistake_fails_with_its_own_hint(book):
    for key in book.exercises:
        prefix, number = key.split("-ex")
        mistakes = book.names[f"wrong_{number}"]
        given = iter(MISTAKEN.get((prefix, int(number)), []))
        for value, hint in mistakes:
            said = book.answer(key, next(given) if callable(value) else value)
            assert said.right is False, (key, value)
            assert f"Hint: {hint}" in said.text, (key, value, said)
        assert not list(given), key


def test_an_answer_of_any_other_kind_fails_and_breaks_nothing(book):
    for key in book.exercises:
        for answer in ("five?", -1, 3.5, [], {}, {"date": 1}, pd.Series([1]), len, object()):
            assert book.answer(key, answer).right is False, (key, answer)


# Sentences that careful readers wrote: honest ones, and false ones that name the right words.
HONEST = {
    "page": [
        "The page records four visits; whether more took place it does not say.",
        "The page records four trips of heads of state.",
        "On its page the ministry writes of 4 visits.",
        "Four visits are recorded on the page, which is no proof that no others took place.",
    ],
    "visits": [
        "Four recorded visits cannot tell whether there is no preference or a strong one.",
        "With four visits nobody can tell.",
        "Four visits allow no answer to who visits whom more often.",
        "Who visits whom more often remains unclear after four visits.",
        "Which side visits more often cannot be told from four visits.",
        "The four visits provide insufficient evidence about who visits whom more often.",
        "It is uncertain which president visits more often, since the page has just four visits.",
    ],
    "cadence": [
        "The page's list cannot tell whether the meetings accelerated.",
        "The listed dates do not settle whether the pace increased.",
        "From the list, whether the commission itself sped up remains uncertain.",
        "It may be meeting more often, but the list on the page is too thin to be sure.",
    ],
    "network": [
        "Two more states have exactly these memberships, so they say nothing of this pair.",
        "The list was selected by what you share.",
        "It says little, because two other countries share the same five.",
        "You may be close, but four states shared these five organizations.",
    ],
    "others": [
        "They vote near each other, but so do others.",
        "In most roll calls the two voted alike, not in all.",
        "In a tenth of the votes they differed.",
    ],
    "check": [
        "The list and the numbers contradict each other, and we can't say which is false.",
        "Page and press differ, and nothing decides between them.",
        "The press counts more sessions than the page lists, and neither can be shown wrong.",
        "Page and press: both cannot be complete, and we cannot tell which errs.",
        "If the press's numbers are right, the page's list is incomplete.",
    ],
}
FALSE = {
    "page": [
        "The page proves that the presidents visited only four times.",
        "The page records four hundred visits.",
        "The ministry lists four visits a year.",
        "The page lists all four visits that heads of state ever made.",
        "page page page four",
    ],
    "visits": [
        "Four visits show that Tajikistan goes there more often; nothing else is open.",
        "Four visits cannot tell. Tajikistan visits more often.",
        "Nothing could be clearer: with four visits, Tajikistan travels more.",
        "Kazakhstan's president visits most, as the few visits cannot hide.",
        "The four visits are evenly split, so there can't be any imbalance.",
    ],
    "cadence": [
        "The page shows that the commission clearly meets more and more often; it is open to see.",
        "The list shows the pace rose, an impossible thing to doubt.",
        "The list proves that the commission is speeding up, which nobody can deny.",
    ],
    "network": [
        "We are very close, as the organizations that Russia named prove.",
        "The two are the closest pair, others do not come near.",
        "Yes, it demonstrates closeness, and Russia agrees.",
    ],
    "others": [
        "Our positions are identical, since we vote alike in most roll calls.",
        "The two always vote alike.",
        "They vote alike in every single vote, most of all in the Assembly.",
    ],
    "check": [
        "The press shows that the ministry's list is wrong and they disagree.",
        "The press numbers disagree, since the ministry invented meetings.",
        "The page and the press disagree, and of course the ministry is right.",
        "The press is mistaken, since its numbers differ from the page.",
    ],
}


def test_honest_sentences_pass_and_false_ones_get_a_hint(book):
    (key,) = [key for key in book.exercises if key.endswith("5")]
    chapter = key.partition("-")[0]
    for sentence in HONEST[chapter]:
        assert book.answer(key, sentence).right is True, sentence
    for sentence in FALSE[chapter]:
        assert "Hint" in book.answer(key, sentence).text, sentence


def test_the_solutions_are_explained_in_the_same_notebook(book):
    (text,) = [c.source for key, c in book.cells.items() if key.endswith("-ex-solutions")]
    assert text.count("<details>") == len(book.exercises)


def test_a_right_number_with_too_few_digits_is_told_so_and_a_whole_one_is_not():
    assert "more digits" in check(0.13, 0.1333, "p", "why", within=0.0005).text
    for whole in (0, 1):
        assert "more digits" not in check(whole, 0.27, "p", "why", within=0.005).text
