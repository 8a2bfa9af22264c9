"""The command line, run as a user runs it."""

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest
from frozen import copied

from relations_lib import doctor, findings
from relations_lib.__main__ import main
from relations_lib.tables import default_path


@pytest.fixture
def copy(tmp_path) -> Path:
    return copied(tmp_path / "copy")


def run(capsys, *arguments) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "page/visits.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_validate_counts_rows_and_keeps_the_stated_total_apart(capsys):
    code, out, _ = run(capsys, "validate")
    assert code == 0
    assert "states exactly 75 documents" in out
    assert out.splitlines()[-1].endswith("tables are valid.")


def test_validate_names_the_fault_and_fails(capsys, copy):
    edit(copy, "working", "walking")
    code, out, err = run(capsys, "validate", "--data", copy)
    assert code == 1
    assert "page/visits.csv, line 3, column kind: found 'walking'" in err
    assert not out


@pytest.mark.slow
def test_findings_are_the_same_as_csv_and_as_json(capsys):
    _, text, _ = run(capsys, "findings")
    table = pd.read_csv(io.StringIO(text))
    columns = "key value low high unit n definition rests_on notebook"
    assert table.columns.tolist() == columns.split()
    _, text, _ = run(capsys, "findings", "--format", "json")
    records = json.loads(text)
    assert [list(record) for record in records] == [[*columns.split(), "reason"]] * len(table)
    assert [record["value"] for record in records] == table["value"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "json"])
def test_diff_shows_what_a_changed_row_changes_and_nothing_else(capsys, copy, tmp_path, form):
    _, text, _ = run(capsys, "findings", "--format", form)
    old = tmp_path / f"old.{form}"
    old.write_text(text, encoding="utf-8")
    assert run(capsys, "findings", "--diff", old)[1].splitlines() == ["key,change,column,old,new"]
    edit(copy, "2000-06,", "2001-06,")
    _, out, err = run(capsys, "findings", "--data", copy, "--diff", old)
    changed = pd.read_csv(io.StringIO(out))["key"]
    assert {"visits.gap_days.2", "visits.gap_days.3"} <= set(changed)
    assert not changed.str.startswith(("network", "meetings", "window")).any()
    assert f"{len(changed)} numbers and texts differ" in err


HEAD = "key,value,low,high,n\n"
BROKEN = {
    **{"empty": "", "no key": "value\n1\n", "two columns": "key,value\na,1\n", "no rows": HEAD},
    **{
        "cut": f"{HEAD}a,1,,,4\nb,1",
        "cut number": f"{HEAD}a,1,,,4\nb,1,,,1",
        "text": f"{HEAD}a,b,,,\n",
    },
    **{
        "twice": f"{HEAD}a,1,,,\na,2,,,\n",
        "no value": f"{HEAD}a,,,,\n",
        "quote": f'{HEAD}"a,1,,,\n',
    },
    **{"object": "{}", "list": "[]", "null": "null", "numbers": "[1, 2]", "no JSON": '[{"key": 1'},
    **{"a word": '[{"key": "a", "value": "b", "low": null, "high": null, "n": null}]\n'},
    "deep": "[" * 100000,
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_can_not_be_compared_with_is_one_line(capsys, tmp_path, case):
    (tmp_path / "old.csv").write_text(BROKEN[case], encoding="utf-8")
    code, out, err = run(capsys, "findings", "--diff", tmp_path / "old.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"{tmp_path / 'old.csv'} is no export of findings; allowed: a whole CSV or JSON" in err


def test_the_form_of_an_export_is_judged_by_its_content(tmp_path):
    row = ["a.b", 1.5, None, None, "one", 4, "What it is.", "", "01"]
    table = pd.DataFrame([row], columns=findings.COLUMNS).astype({"low": float, "high": float})
    for write, name in ((findings.to_csv, "old.json"), (findings.to_json, "OLD.CSV")):
        (tmp_path / name).write_text(write(table), encoding="utf-8")
        assert findings.diff(findings.read(tmp_path / name), table).empty


def test_no_address_is_fetched(capsys):
    code, _, err = run(capsys, "findings", "--diff", "http://example.org/old.csv")
    assert code == 2
    assert "give the path of a file that is there" in err


def test_data_that_an_analysis_refuses_are_one_line(capsys, monkeypatch):
    for error in (ValueError("no\n such day"), KeyError("date"), TypeError("no date")):
        monkeypatch.setattr(findings, "collect", Mock(side_effect=error))
        code, out, err = run(capsys, "findings")
        assert (code, out, err.count("\n")) == (1, "", 2)
        assert err.splitlines()[1].startswith("These data cannot be analyzed: ")


def test_a_missing_file_says_what_to_give(capsys):
    code, _, err = run(capsys, "verify", "no-such-page.txt")
    assert code == 2
    assert err.splitlines()[1:] == [
        "no-such-page.txt: No such file or directory: give the path of a file that is there."
    ]


def test_verify_fails_on_a_text_that_is_not_the_page(capsys, tmp_path):
    (tmp_path / "page.txt").write_text("Another page.\n", encoding="utf-8")
    code, out, _ = run(capsys, "verify", tmp_path / "page.txt")
    assert code == 1
    assert out.startswith("page: nothing of the page was found")
    assert len(out.splitlines()) == 3


@pytest.mark.parametrize("content", ["", "<html><p>A page.</p></html>", "word " * 1_000_000])
def test_verify_and_index_refuse_in_one_fault_what_is_no_page(capsys, copy, content):
    (copy / "page.txt").write_text(content, encoding="utf-8")
    for command in ("verify", "index"):
        code, out, err = run(capsys, command, copy / "page.txt", "--data", copy)
        assert (code, out) == (1, "")
        assert "1 fault" in err
        assert len(err) < 600


@pytest.fixture
def own(tmp_path, capsys) -> Path:
    """A new package with a page of three sentences, indexed once."""
    folder = tmp_path / "own"
    assert run(capsys, "new", folder)[0] == 0
    (folder / "page.txt").write_text("A title\n01.02.2003\nOne came. Two left.\n", encoding="utf-8")
    code, out, _ = run(capsys, "index", folder / "page.txt", "--data", folder)
    assert code == 0
    assert "4 sentences and 0 places" in out
    return folder


def test_the_lists_to_fill_in_are_written_once_and_never_again(capsys, own):
    work = pd.read_csv(own / "worklist.csv", keep_default_na=False)
    assert work.columns.tolist() == ["id", "text", "coded_as", "reason", "paraphrase"]
    assert work["text"].tolist() == ["A title", "01.02.2003", "One came.", "Two left."]
    work.assign(coded_as="nothing", reason="heading", paraphrase="x").to_csv(
        own / "worklist.csv", index=False
    )
    before = (own / "worklist.csv").read_bytes(), (own / "places.csv").read_bytes()
    assert run(capsys, "index", own / "page.txt", "--data", own)[0] == 0
    assert ((own / "worklist.csv").read_bytes(), (own / "places.csv").read_bytes()) == before
    assert run(capsys, "validate", "--data", own)[0] == 0


def test_an_index_made_by_other_means_is_left_alone(capsys, copy):
    page = copy / "page.txt"
    page.write_text("Another page.\n", encoding="utf-8")
    before = (copy / "page/sentences.csv").read_bytes()
    code, _, err = run(capsys, "index", page, "--data", copy)
    assert code == 2
    assert "nothing was written" in err
    assert (copy / "page/sentences.csv").read_bytes() == before
    assert not (copy / "worklist.csv").exists()


@pytest.mark.parametrize(
    ("file", "text", "report"),
    [
        (
            "places.csv",
            "visits,v1,p02s1,One go,x",
            "places.csv, line 2, column words: found 'One go'",
        ),
        ("places.csv", "visits,v1,p02s1,Two left,x", "the sentence that holds the words: p02s2"),
        ("worklist.csv", "p00s1;A title;;;", "worklist.csv, line 1"),
        ("page.txt", "Another sentence.", "worklist.csv, line 6, column text"),
    ],
)
def test_what_keeps_words_from_being_found_is_named(capsys, own, file, text, report):
    before = (own / "page/locators.csv").read_bytes()
    old = (own / file).read_text(encoding="utf-8")
    old = old.replace(",", ";") if ";" in text else old
    (own / file).write_text(old + text + "\n", encoding="utf-8")
    code, _, err = run(capsys, "index", own / "page.txt", "--data", own)
    assert code == 1
    assert report in err
    assert (own / "page/locators.csv").read_bytes() == before


# --- Which package, and how a command ends -------------------------------------------------------


def test_a_folder_with_a_package_is_the_one_that_is_read(capsys, copy, monkeypatch):
    monkeypatch.chdir(copy)
    edit(copy, "working", "walking")
    code, _, err = run(capsys, "validate")
    assert code == 1
    assert err.startswith(f"Data: {copy.resolve()}\n")
    monkeypatch.chdir(copy.parent)
    code, _, err = run(capsys, "validate")
    assert code == 0
    assert err == f"Data: {default_path()}, this project's own (another: --data FOLDER)\n"


def test_a_package_is_named_by_its_folder_or_its_file(capsys, own):
    page = own / "page.txt"
    for command in (["validate"], ["index", page], ["verify", page], ["copy", "UN"]):
        told = [run(capsys, *command, "--data", path) for path in (own, own / "datapackage.json")]
        assert told[0][2].splitlines()[0] == told[1][2].splitlines()[0] == f"Data: {own.resolve()}"
        assert told[0][0] == told[1][0]


@pytest.mark.parametrize("command", [["index", "page.txt"], ["copy"]])
def test_what_writes_never_takes_the_project_s_own_package_by_default(
    capsys, tmp_path, monkeypatch, command
):
    (tmp_path / "page.txt").write_text("A page.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *command)
    assert (code, out) == (2, "")
    assert err == "no datapackage.json in this folder: name a package with --data FOLDER\n"


def test_without_a_command_the_commands_are_listed(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    for name in ["validate", "findings", "verify", "new", "index", "locate", "copy", "doctor"]:
        assert f"    {name} " in out
    assert run(capsys, "--version")[1].startswith("relations-lib ")


def test_the_doctor_finds_a_sound_set_up_well_and_names_what_is_wrong(
    capsys, tmp_path, monkeypatch
):
    lock = tmp_path / "lock"
    lock.write_text("pandas==0.1\nno-such-package==1\n", encoding="utf-8")
    (problem,) = doctor.find_problems(tmp_path, lock)
    assert problem.startswith("pandas is ")
    assert "the lock has 0.1" in problem
    lock.write_bytes(b"<<<<<<< \xff")
    (problem,) = doctor.find_problems(tmp_path, lock)
    assert "names no versions" in problem
    monkeypatch.setattr(doctor, "_ROOM", 10**9)
    assert "make room" in doctor.find_problems(tmp_path, lock)[-1]
    for problems, code in (([], 0), (["Python is old."], 1)):
        monkeypatch.setattr(doctor, "find_problems", Mock(return_value=problems))
        assert run(capsys, "doctor")[0] == code


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (2, "that is there"),
        (13, "the right"),
        (28, "make room"),
        (30, "another place"),
        (5, "mend"),
    ],
)
def test_each_fault_of_the_system_gets_advice_that_fits(capsys, monkeypatch, number, advice):
    fault = OSError(number, os.strerror(number), "a/b")
    monkeypatch.setattr("relations_lib.__main__.load", Mock(side_effect=fault))
    code, out, err = run(capsys, "validate")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"a/b: {os.strerror(number)}: ")
    assert advice in err


def test_an_interruption_is_one_word(capsys, monkeypatch):
    monkeypatch.setattr("relations_lib.__main__.load", Mock(side_effect=KeyboardInterrupt))
    code, out, err = run(capsys, "validate")
    assert (code, out, err.splitlines()[1:]) == (130, "", ["Stopped."])


def ended(command: str) -> tuple[int, str]:
    """Run a line of the shell; return its code and what it says on standard error."""
    line = command.replace("relations_lib", f"{shlex.quote(sys.executable)} -m relations_lib")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    return done.returncode, "".join(
        text for text in done.stderr.splitlines(keepends=True) if not text.startswith("Data: ")
    )


@pytest.mark.slow
def test_a_closed_pipe_ends_silently_and_a_full_disk_in_one_line():
    assert ended("relations_lib findings 2>/dev/null | head -1; exit ${PIPESTATUS[1]}") == (0, "")
    assert ended("relations_lib validate | true")[1] == ""
    code, said = ended("relations_lib validate > /dev/full")
    assert (code, said.count("\n")) == (2, 1)
    assert "make room on the disk" in said


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["INT", "TERM"])
def test_a_signal_stops_a_command_in_one_line(sign):
    code, said = ended(f"timeout --foreground -s {sign} 2 relations_lib findings > /dev/null")
    assert (code, said) == (124, "Stopped.\n")


def test_the_doctor_names_a_setting_that_matplotlib_refuses():
    code, said = ended("MPLBACKEND=nope relations_lib doctor >&2")
    assert code == 1
    assert "refuses a setting" in said
    assert "font" not in said


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("KeyboardInterrupt", 130, "Stopped."),
        ("ImportError('half')", 1, "A package does not work (half): run `make`"),
    ],
)
def test_a_fault_while_packages_are_imported_is_one_line(tmp_path, fault, code, said):
    (tmp_path / "pandas.py").write_text(f"raise {fault}", encoding="utf-8")
    ending, lines = ended(f"PYTHONPATH={shlex.quote(str(tmp_path))} relations_lib doctor")
    assert ending == code
    told = [line for line in lines.splitlines() if "where the lock has" not in line]
    assert len(told) == 1
    assert told[0].startswith(said)


def test_the_module_runs_from_any_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "relations_lib", "validate"],
        **{"cwd": tmp_path, "capture_output": True, "text": True, "check": False},
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_library_costs_nothing_and_loading_little_more_than_pandas():
    """None of the heavy modules may come with the data."""
    code = (
        "import sys, relations_lib; assert 'pandas' not in sys.modules; relations_lib.load();"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    roots = {name.split(".")[0] for name in done.stdout.split()}
    assert not roots & {"scipy", "matplotlib", "networkx", "IPython"}
