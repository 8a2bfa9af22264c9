"""The blocks of CONTRIBUTING.md do, on a copy of the project, what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
TEXT = ROOT.joinpath("CONTRIBUTING.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
pytestmark = pytest.mark.slow


def section(name: str) -> str:
    """Return what stands under a heading."""
    return TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def blocks(name: str) -> list[tuple[str, str]]:
    """Return each block under a heading with the last file that is named before it."""
    text = section(name)
    found = []
    for match in FENCE.finditer(text):
        before = FENCE.sub("", text[: match.start()])
        names = re.findall(r"`([\w./-]+/[\w.-]+\.\w+)`(?=[^`]*:\s*\Z)", before)
        found.append((names[-1] if names else "", match[2]))
    return found


def generated(folder: str, names: list[str]) -> set[str]:
    """Return what a build has left in a folder."""
    if Path(folder) == ROOT:
        return {".git", ".venv", ".build", "site", "dist"} & set(names)
    return {"__pycache__"} & set(names)


@pytest.fixture
def copy(tmp_path) -> Path:
    """Return a copy of the project, without what is generated."""
    shutil.copytree(ROOT, tmp_path, ignore=generated, dirs_exist_ok=True)
    return tmp_path


def add(file: Path, line: str) -> None:
    """Add a line at the end of a file."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(line)


def follow(copy: Path, name: str) -> None:
    """Add each block under a heading to its file."""
    for path, content in blocks(name):
        file = copy / path
        if file.suffix == ".json":
            package = json.loads(file.read_text(encoding="utf-8"))
            package["resources"].append(json.loads(content))
            file.write_text(json.dumps(package), encoding="utf-8")
        elif path:
            file.parent.mkdir(parents=True, exist_ok=True)
            add(file, content)


def run(copy: Path, *arguments: str) -> tuple[int, str]:
    """Run Python in the copy; return its code and what it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def cover(copy: Path, table: str, window: str) -> None:
    """Let a table speak for the time of a window."""
    file = copy / "data/datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    next(r for r in package["resources"] if r["name"] == table)["coverage"] = window
    file.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def add_a_later_meeting(copy: Path) -> None:
    """Add a meeting after the end of the first window, told by the words of the last one."""
    add(copy / "data/page/meetings.csv", "m2013,2013,i-commission,\n")
    locators = copy / "data/page/locators.csv"
    words = re.search(r",m2012,(.*),date 2012\n", locators.read_text(encoding="utf-8"))[1]
    add(locators, f"L901,meetings,m2013,{words},date 2013\n")
    cover(copy, "meetings", "to_2013")


def test_a_row_is_refused_until_its_table_covers_its_date(copy):
    follow(copy, "A row")
    code, said = run(copy, "-m", "relations_lib", "validate")
    assert code
    assert "visits.csv, line 6, column date: found '2015-09'" in said
    cover(copy, "visits", "to_page")
    code, said = run(copy, "-m", "relations_lib", "validate")
    assert code == 0, said


# The rooms that read today's rows, or the texts, figures and keys that follow from them. All others
# run on frozen or invented rows, or spoil old rows one by one (as do test_tables and what is left
# out below), which a new one at the end leaves where they are, or look at the colors of a theme.
# What is `thorough` takes too long for here.
ROOMS = ["data", "figures", "findings", "languages", "notebooks", "prose", "readme", "timeline"]
LEFT_OUT = "not refuse_the_same_fault and not colors_of_their_theme"


def test_a_visit_and_a_later_meeting_leave_nothing_to_mend_but_counts_and_false_sentences(copy):
    follow(copy, "A row")
    add_a_later_meeting(copy)
    cover(copy, "visits", "to_page")
    code, said = run(copy, "notebooks/site/refresh.py")
    assert code == 0, said
    assert "README.md: four → five: " in said
    assert "no longer true" in said
    rooms = [f"tests/test_{room}.py" for room in ROOMS]
    quick = ["-q", "-n", "2", "--dist", "loadfile", "-k", LEFT_OUT]
    _, said = run(copy, "-m", "pytest", *quick, *rooms)
    failed = set(re.findall(r"^FAILED (\S+?::\w+)", said, re.M))
    assert failed == {
        "tests/test_data.py::test_a_row_that_speaks_of_a_whole_list_names_all_its_rows",
        "tests/test_data.py::test_every_table_has_the_rows_it_is_known_to_have",
        "tests/test_findings.py::test_every_key_that_was_promised_is_published",
        "tests/test_prose.py::test_the_numbers_in_prose_are_the_findings",
    }, said
    assert "stands where" not in said


def test_a_table_is_loaded_with_the_bounds_of_its_dates(copy):
    follow(copy, "A table")
    code, said = run(copy, "-c", "import relations_lib as r; print(*r.load().embassies.columns)")
    assert code == 0, said
    assert "opened_earliest opened_latest" in said


def test_a_finding_is_published_with_what_it_rests_on(copy):
    follow(copy, "A finding")
    code, said = run(
        copy,
        "-c",
        "from relations_lib import findings, load\n"
        "table = findings.collect(load(), ['visits'])[0].set_index('key')\n"
        "print(table.loc['visits.last_year'].to_dict())",
    )
    assert code == 0, said
    assert "'value': 2007.0" in said
    assert "'rests_on': 'visits#*'" in said


def test_a_figure_is_drawn_in_every_look(copy):
    follow(copy, "A figure")
    code, said = run(
        copy,
        "-c",
        "from relations_lib import figures, load\n"
        "from relations_lib.figures._years import visit_years\n"
        "figure = visit_years(load())\n"
        "print([len(figures.picture(figure, look, 'svg')) > 0 for look in figures.LOOKS])\n"
        "print(figure.alt)",
    )
    assert code == 0, said
    assert "[True, True, True, True]" in said
    assert "12–13 September 2007" in said


def test_a_chapter_with_its_exercise_is_executed(copy):
    (_, shown), (_, check) = blocks("A chapter")[0], blocks("An exercise")[0]
    cells = [
        new_markdown_cell("# How many?"),
        new_code_cell(shown.replace("figures, load", "exercises, figures, load")),
        new_code_cell("answer_9 = ..."),
        new_code_cell(check),
        new_code_cell(check.replace("answer_9", "solution_9")),
    ]
    path = copy / "notebooks/06_a_try.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    code, said = run(copy, "notebooks/site/execute.py", str(path))
    assert code == 0, said
    done = nbformat.read(path, as_version=4).cells
    assert "<figure" in str(done[1].outputs)
    assert "Not answered yet" in str(done[3].outputs)
    assert "Right" in str(done[4].outputs)


def test_a_language_translates_the_words_of_figures(copy):
    follow(copy, "A language")
    code, said = run(
        copy,
        "-c",
        "from relations_lib.figures import Words, date_words\n"
        "print(date_words('1993-01-07', Words('de')))",
    )
    assert code == 0, said
    assert "7. Januar 1993" in said
