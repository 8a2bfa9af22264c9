"""The command line, run as a user runs it."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from relations_lib.__main__ import main
from relations_lib.tables import default_path


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(default_path(), tmp_path / "copy"))


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
    assert "states 75 documents" in out
    assert out.splitlines()[-1].endswith("tables are valid.")


def test_validate_names_the_fault_and_fails(capsys, copy):
    edit(copy, "working", "walking")
    code, out, err = run(capsys, "validate", "--data", copy)
    assert code == 1
    assert "page/visits.csv, line 3, column kind: found 'walking'" in err
    assert not out


def test_findings_are_the_same_as_csv_and_as_json(capsys):
    _, text, _ = run(capsys, "findings")
    table = pd.read_csv(io.StringIO(text))
    columns = "key value low high unit n definition rests_on notebook"
    assert table.columns.tolist() == columns.split()
    _, text, _ = run(capsys, "findings", "--format", "json")
    records = json.loads(text)
    assert [list(record) for record in records] == [columns.split()] * len(table)
    assert [record["value"] for record in records] == table["value"].tolist()


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
    assert f"{len(changed)} numbers differ" in err


def test_a_missing_file_says_what_to_give(capsys):
    code, _, err = run(capsys, "verify", "no-such-page.txt")
    assert code == 2
    assert "readable UTF-8 file" in err


def test_verify_fails_on_a_text_that_is_not_the_page(capsys, tmp_path):
    (tmp_path / "page.txt").write_text("Another page.\n", encoding="utf-8")
    code, out, _ = run(capsys, "verify", tmp_path / "page.txt")
    assert code == 1
    assert "p04s2: sentence changed (rests on it: visits#v1993 agreements#a-treaty-1993)" in out


def test_the_module_runs_from_any_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "relations_lib", "validate"],
        **{"cwd": tmp_path, "capture_output": True, "text": True, "check": False},
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_library_costs_little_more_than_pandas():
    """Modules beyond pandas are what costs; none of the heavy ones may come with the import."""
    code = (
        "import sys, pandas; before = set(sys.modules); import relations_lib; "
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    roots = {name.split(".")[0] for name in done.stdout.split()}
    assert not roots & {"scipy", "matplotlib", "networkx", "IPython"}
