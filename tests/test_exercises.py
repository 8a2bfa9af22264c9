"""Checks that answer back, agreement of coders, the exercises of the notebooks, a new package."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa, to_table

from relations_lib import load, sources
from relations_lib.__main__ import main
from relations_lib.exercises import Feedback, agreement, check, says

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
TEACHING = NOTEBOOKS / "teaching"

# --- check ---------------------------------------------------------------------------------------


def told(answer, right, **options):
    return check(answer, right, checked="the number", unchecked="the reason", **options)


@pytest.mark.parametrize("nothing", [..., None])
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
        (19, 0.1906),
        (float("nan"), 0.1906),
        ("0.19", 0.1906),
        ([0.19], 0.1906),
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
    assert f"({type(answer).__name__})" in str(feedback)


def test_a_listed_mistake_gets_its_hint_and_the_first_that_fits_counts():
    wrong = [(says("never"), "Say: recorded."), ("Never.", "later"), (float("nan"), "no")]
    assert "Hint: Say: recorded." in str(told("They never met.", "once", wrong=wrong))
    assert "Hint" not in str(told("They met.", "once", wrong=wrong))
    assert told("once", "once", wrong=[("once", "a hint")]).right is True


# --- agreement -----------------------------------------------------------------------------------

CODES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(deadline=None)
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


# --- A package of one's own ----------------------------------------------------------------------


def run(notebook: Path, folder: Path, monkeypatch, capsys) -> str:
    """Run a notebook's code in a folder; return all it shows."""
    monkeypatch.chdir(folder)
    names: dict = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    return capsys.readouterr().out


@pytest.fixture
def own(tmp_path, capsys) -> Path:
    assert main(["new", str(tmp_path / "my pair")]) == 0
    assert "valid package" in capsys.readouterr().out
    return tmp_path / "my pair"


def test_a_new_package_is_valid_and_holds_no_row_of_this_pair(own, capsys):
    assert main(["validate", "--data", str(own)]) == 0
    data = load(own)
    assert {name for name, table in data.items() if len(table)} == {"states", "sources"}
    assert set(data.sources["id"]) == set(data.states["source"])
    assert not re.search("tajik|kazakh", "".join(map(str, data.schema.values()))[:500], re.I)
    cells = nbformat.read(own / "your_pair.ipynb", as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_new_refuses_to_write_into_a_folder_that_exists(own, capsys):
    before = {path: path.read_bytes() for path in own.rglob("*.*")}
    assert main(["new", str(own)]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in own.rglob("*.*")} == before


def test_the_notebook_says_of_an_empty_package_what_it_can_not_compute(own, monkeypatch, capsys):
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert said.count("Can't") == 9
    assert "Figure:" not in said


def test_the_notebook_computes_everything_from_the_real_data(tmp_path, monkeypatch, capsys):
    said = run(TEACHING / "your_pair.ipynb", tmp_path, monkeypatch, capsys)
    assert "Can't" not in said
    assert said.count("Figure:") == 4


def test_the_findings_of_an_empty_package_are_counts_of_nothing(own, capsys):
    assert main(["findings", "--data", str(own)]) == 0
    values = pd.read_csv(io.StringIO(capsys.readouterr().out))["value"]
    assert len(values)
    assert (values == 0).all()


def fill(folder: Path) -> None:
    """Follow the tutorial to the letter, with the invented communiqué and coder A's decisions."""
    text = (TEACHING / "your_pair_tutorial.md").read_text(encoding="utf-8")
    first, page, build = re.findall(r"```python\n(.*?)```", text, re.S)
    visits, institutions, meetings, windows, places = re.findall(r"```\n(\w+,.*?)```", text, re.S)
    (folder / "page.txt").write_bytes((TEACHING / "communique.txt").read_bytes())
    names: dict = {}
    exec(first, names)
    tables = {"visits": visits, "institutions": institutions, "meetings": meetings}
    for name, rows in (tables | {"windows": windows}).items():
        header = (folder / f"page/{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert rows.splitlines()[0] == header
        (folder / f"page/{name}.csv").write_text(rows, encoding="utf-8")
    (folder / "places.csv").write_text(places, encoding="utf-8")
    states = (folder / "context/states.csv").read_text(encoding="utf-8")
    source = states.splitlines()[1].split(",")[-1]
    states += f"XBR,Brinland,{source}\nXTE,Tesmar,{source}\n"
    (folder / "context/states.csv").write_text(states, encoding="utf-8")
    work = pd.read_csv(folder / "worklist.csv", dtype=str, keep_default_na=False)
    work["reason"], work["paraphrase"] = "out_of_scope", "A paraphrase."
    work.to_csv(folder / "worklist.csv", index=False)
    normal = sources.normalize(names["text"])
    cells = ["page", "Relations", "A ministry", "en", "2019-05-14", "14.05.2019 09:00"]
    cells += ["https://example.org/page", "not_applicable", str(len(normal))]
    cells += [sources.sha256(normal), str(names["index"]["paragraph"].nunique()), "all", ""]
    with (folder / "page/page.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(cells) + "\n")
    exec(page, names)
    exec(build, names)


def test_the_tutorial_leads_to_a_package_that_is_valid_and_verified(own, monkeypatch, capsys):
    monkeypatch.chdir(own)
    fill(own)
    assert main(["validate", "--data", "."]) == 0
    assert main(["verify", "page.txt", "--data", "."]) == 0
    assert main(["findings", "--data", "."]) == 0
    capsys.readouterr()
    said = run(own / "your_pair.ipynb", own, monkeypatch, capsys)
    assert said.count("Can't") == 2
    assert "they need two visits, found 1" in said
    assert "Can't count shared organizations yet" in said


def test_the_samples_of_the_activity_are_codings_of_the_communique():
    index = sources.sentence_index((TEACHING / "communique.txt").read_text(encoding="utf-8"))
    for coder in "ab":
        coding = pd.read_csv(TEACHING / f"coding_{coder}.csv", dtype=str)
        assert coding.columns.tolist() == load().sentences.columns.tolist()
        assert coding["sha256"].tolist() == index["sha256"].tolist()
        nothing = coding["coded_as"] == "nothing"
        assert (nothing == (coding["reason"] != "not_applicable")).all()


# --- The exercises of the notebooks --------------------------------------------------------------

# For mistakes that are recognized by a test: answers that must meet it, by notebook and number.
MISTAKEN = {
    ("page", 3): [
        {
            "date": "2004-09",
            "visitor": "XTE",
            "host": "XBR",
            "kind": "official",
            "place": "not_stated",
        },
        {
            "date": "2004",
            "visitor": "XBR",
            "host": "XTE",
            "kind": "official",
            "place": "not_stated",
        },
        {"date": "2004", "visitor": "XTE", "host": "XBR", "kind": "official", "place": "capital"},
        {"date": "2004", "visitor": "XTE", "host": "XBR", "place": "not_stated"},
    ],
    ("page", 5): ["Four visits took place.", "The page records visits.", "I count 4 visits."],
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
    ("network", 1): [["BLR", "KGZ", "RUS"], ["KGZ", "RUS", "UZB"]],
    ("network", 5): ["They are not close.", "Five memberships say little."],
    ("check", 3): [["Astana", "unknown"]],
    ("check", 5): [
        "The page is wrong: the numbers contradict it.",
        "The page and the numbers in the press differ somewhat.",
        "Two lists disagree.",
    ],
}


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
        patch.setattr("IPython.display.display", lambda *_, **__: None)
        return Book(request.param)


def test_a_notebook_ends_with_exercises_that_are_unanswered_as_committed(book):
    assert 3 <= len(book.exercises) <= 5
    for key in book.exercises:
        assert book.cells[f"{key}-answer"].source.split("#")[0].strip() == f"answer_{key[-1]} = ..."
        assert "Not answered yet" in book.cells[f"{key}-check"].outputs[0].data["text/plain"]
        assert {"solution", "hide-input"} <= set(book.cells[f"{key}-check"].metadata.tags)


def test_every_solution_passes_its_check(book):
    for key in book.exercises:
        said = book.answer(key, book.names[f"solution_{key[-1]}"])
        assert said.right is True, (key, said)
        assert "Checked: " in said.text
        assert "Not checked: " in said.text


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
        for answer in ("", "five?", -1, 3.5, [], {}, {"date": 1}, pd.Series([1]), len, object()):
            assert book.answer(key, answer).right is False, (key, answer)


def test_the_solutions_are_explained_in_the_same_notebook(book):
    (text,) = [c.source for key, c in book.cells.items() if key.endswith("-ex-solutions")]
    assert text.count("<details>") == len(book.exercises)
