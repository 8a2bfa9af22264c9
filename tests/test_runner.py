"""The runner beside a reader's own editors, settings and machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import execute
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[1]
RUNNER = ROOT / "notebooks/site/execute.py"
GIT = shutil.which("git")

# --- Other people's editors ----------------------------------------------------------------------

# Cell metadata as written on saving, and whether cells lose their ids (format 4.0).
SAVED = {
    "JupyterLab, an output folded": (
        {"collapsed": True, "jupyter": {"outputs_hidden": True}},
        False,
    ),
    "JupyterLab, code folded": ({"jupyter": {"source_hidden": True}}, False),
    "JupyterLab, an output made to scroll": ({"scrolled": True}, False),
    "VS Code, the language chosen": ({"vscode": {"languageId": "python"}}, False),
    "Colab, nothing done": ({"id": "a1", "outputId": "b2", "colab": {"height": 34}}, True),
}


def saved(path: Path, metadata: dict, without_ids: bool) -> None:
    """Save a notebook as an editor would that adds such metadata to every cell."""
    content = json.loads(path.read_bytes())
    for cell in content["cells"]:
        cell["metadata"] |= metadata
        if without_ids:
            cell.pop("id", None)
    content["metadata"]["colab"] = {"provenance": []}
    content["nbformat_minor"] = 0 if without_ids else 5
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def settled(path: Path) -> bytes:
    nb = nbformat.read(path, as_version=4)
    execute.settle_cells(nb, path)
    return (nbformat.writes(nb).rstrip("\n") + "\n").encode()


@pytest.mark.parametrize(("metadata", "without_ids"), SAVED.values(), ids=SAVED)
@pytest.mark.parametrize("name", ["teaching/coding_agreement", "01_visit_frequency"])
def test_what_an_editor_leaves_is_settled(tmp_path, name, metadata, without_ids):
    path = tmp_path / f"{Path(name).name}.ipynb"
    shutil.copyfile(ROOT / f"notebooks/{name}.ipynb", path)
    before = path.read_bytes()
    saved(path, metadata, without_ids)
    assert path.read_bytes() != before
    if without_ids:  # cells without an id are numbered
        number = count(1)
        before = re.sub(
            rb'(?<="id": ")[^"]*', lambda _: f"{path.stem}-{next(number):02d}".encode(), before
        )
    assert settled(path) == before


def test_a_solution_unfolded_by_a_reader_is_folded_again(tmp_path):
    nb = new_notebook(cells=[new_code_cell("1", metadata={"tags": ["hide-input", "solution"]})])
    execute.settle_cells(nb, tmp_path / "book.ipynb")
    assert nb.cells[0].metadata["jupyter"] == {"source_hidden": True}


@pytest.mark.skipif(not (GIT and (ROOT / ".git").exists()), reason="needs a clone")
def test_a_readers_filter_does_not_strip_notebooks():
    command = [GIT, "check-attr", "filter", "--", "notebooks/01_visit_frequency.ipynb"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip().endswith("filter: unset")


# --- Figures that the site needs -----------------------------------------------------------------


def test_an_output_that_is_kept_keeps_its_drawings(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "BUILD", tmp_path)
    was, now = "0" * 16, "f" * 16
    execute.write(tmp_path / f"figures/{now}-wide-light.svg", "<svg/>")
    old, new = (
        new_code_cell(outputs=[nbformat.v4.new_output("display_data", {"text/html": html})])
        for html in (f'<figure data-figure="{was}">', f'<figure data-figure="{now}">')
    )
    assert execute.same_outputs(old.outputs, new.outputs, strict=False)
    execute._keep_outputs(new, old)
    assert new.outputs == old.outputs
    assert (tmp_path / f"figures/{was}-wide-light.svg").exists()


# --- Hostile surroundings ------------------------------------------------------------------------

SHOW = """import os, sys, warnings
import matplotlib
import pandas
print(matplotlib.rcParams["axes.facecolor"], pandas.get_option("display.max_rows"))
print(sys.flags.optimize, sys.warnoptions, "leaked" in globals())
print(sorted(name for name in os.environ if name.startswith("RELATIONS_")))"""
STARTUP = "leaked = 1\nimport pandas\npandas.set_option('display.max_rows', 3)\n"
CONFIGURATION = "c.InteractiveShellApp.exec_lines = ['leaked = 1']\n"


def hostile(home: Path) -> dict[str, str]:
    """Fill a home with settings that would change results; return the environment to match."""
    files = {
        ".config/matplotlib/matplotlibrc": "axes.facecolor: red\nno.such.key: 1\n",
        "matplotlibrc": "axes.facecolor: green\n",
        ".ipython/profile_default/startup/00.py": STARTUP,
        ".ipython/profile_default/ipython_config.py": CONFIGURATION,
        ".jupyter/jupyter_config.py": "c.KernelManager.kernel_cmd = ['false']\n",
        ".local/share/jupyter/kernels/python3/kernel.json": json.dumps(
            {"argv": ["false"], "display_name": "x", "language": "python"}
        ),
        "path/sitecustomize.py": "import builtins\nbuiltins.leaked = 1\n",
        "path/pandas.py": "raise ImportError('another pandas')\n",
        "path/relations_lib.py": "raise ImportError('another library')\n",
    }
    for name, text in files.items():
        execute.write(home / name, text)
    return os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "MATPLOTLIBRC": str(home / "matplotlibrc"),
        "MPLBACKEND": "pdf",
        "MPLCONFIGDIR": str(home / ".config/matplotlib"),
        "IPYTHONDIR": str(home / ".ipython"),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_PATH": str(home / ".local/share/jupyter"),
        "PYTHONWARNINGS": "error",
        "PYTHONOPTIMIZE": "2",
        "PYTHONSTARTUP": str(home / ".ipython/profile_default/startup/00.py"),
        "RELATIONS_PAGE": "somewhere",
    }


def book(folder: Path, *sources: str) -> Path:
    """Return a new notebook with such cells, and the runner's own folder beside it."""
    cells = [new_code_cell(source, id=f"c-{n}") for n, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells), folder / "a.ipynb")
    return folder / "a.ipynb"


# Runs the runner with a folder of its own for what it writes beside notebooks.
ELSEWHERE = (
    "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
    "import execute; execute.BUILD = Path(sys.argv[2]); execute.heed_signals();"
    "sys.exit(execute.main(sys.argv[3:]))"
)


def start(path: Path, env: dict[str, str] | None = None, before: tuple = ()) -> subprocess.Popen:
    """Start the runner on a notebook, whatever it writes beside it in the notebook's folder."""
    command = [*before, sys.executable, "-c", ELSEWHERE]
    command += [str(RUNNER.parent), str(path.parent / "build"), str(path)]
    return subprocess.Popen(
        command,
        env=env,
        cwd=path.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shown(path: Path) -> str:
    outputs = nbformat.read(path, as_version=4).cells[0].outputs
    return "".join(output.text for output in outputs)


@pytest.mark.slow
def test_a_hostile_home_changes_nothing(tmp_path):
    home = tmp_path / "home"
    path = book(tmp_path, SHOW)
    said, failed = start(path, hostile(home)).communicate(timeout=120)
    assert (said + failed).count("executed: 1") == 1, failed
    assert shown(path) == "white 60\n0 [] False\n['RELATIONS_FIGURES']\n"


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/dev/null", "/nonexistent", None])
def test_a_home_that_is_missing_or_cannot_be_written_does_not_matter(tmp_path, home):
    path = book(tmp_path, "import matplotlib.pyplot\nprint(1)")
    env = {name: value for name, value in os.environ.items() if name != "HOME"}
    said, failed = start(path, env | ({"HOME": home} if home else {})).communicate(timeout=120)
    assert "executed: 1" in said, failed
    assert shown(path) == "1\n"


# --- Interruptions -------------------------------------------------------------------------------


def children(process: int) -> list[int]:
    """Return the kernels that a runner has started, as far as this system tells."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [int(text) for text in found.stdout.split()]


def one_line(text: str) -> str:
    """Return what was said: one line, no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    return lines[0]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals as Linux and macOS have them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_is_one_line_and_leaves_no_kernel(tmp_path, number):
    path = book(tmp_path, "open('reached', 'w').close()\nimport time\ntime.sleep(60)")
    before = path.read_bytes()
    process = start(path)
    deadline = time.monotonic() + 60
    while not (tmp_path / "reached").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    kernels = children(process.pid)
    process.send_signal(number)
    said, failed = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    assert one_line(failed).startswith("Interrupted")
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("build/executed/*"))
    assert not [kernel for kernel in kernels if Path(f"/proc/{kernel}").exists()]


def mounted(folder: Path, options: str):
    """Return whether a small disk could be mounted, for what a full one does."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A small disk, where one can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not (shutil.which("mount") and mounted(folder, "size=64m")):
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_the_rerun_heals(disk):
    path = book(disk, "print(1)")
    before = path.read_bytes()
    (disk / "filler").write_bytes(b"0" * 60_000_000)
    process = start(path)
    said, failed = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert "make room" in one_line(failed)
    assert path.read_bytes() == before
    (disk / "filler").unlink()
    process = start(path)
    said, failed = process.communicate(timeout=120)
    assert process.returncode == 0, failed


@pytest.mark.slow
def test_a_disk_that_fills_up_during_the_run_is_one_line(disk):
    fill = "with open('filler', 'wb') as file:\n    file.write(b'0' * 60_000_000)\nprint(1)"
    path = book(disk, f"{fill}\nopen('more', 'wb').write(b'0' * 60_000_000)")
    before = path.read_bytes()
    process = start(path)
    _, failed = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in failed
    assert path.read_bytes() == before


@pytest.mark.slow
def test_a_tree_that_cannot_be_written_is_one_line(disk):
    path = book(disk, "print(1)")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    process = start(path)
    said, failed = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert "another place" in one_line(failed)


@pytest.mark.slow
def test_without_loopback_the_reason_is_one_line(tmp_path):
    apart = ("unshare", "--net", "--map-root-user")
    if not shutil.which("unshare") or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no network of its own can be made here")
    process = start(book(tmp_path, "print(1)"), before=apart)
    said, failed = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert "127.0.0.1" in one_line(failed)


# --- Making the site is as quiet ----------------------------------------------------------------

GATHER = ROOT / "notebooks/site/gather.py"


def make_site(folder: Path) -> subprocess.Popen:
    command = [sys.executable, str(GATHER), str(folder / "site"), str(folder / "caches")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals as Linux and macOS have them")
def test_an_interrupted_site_is_as_it_was_and_the_next_is_made_anew(tmp_path):
    execute.write(tmp_path / "site/index.html", "as before")
    process = make_site(tmp_path)
    while process.poll() is None and not list(tmp_path.glob("caches/*.doctree")):
        time.sleep(0.05)
    process.terminate()
    said, failed = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    assert one_line(failed).startswith("Interrupted")
    assert (tmp_path / "site/index.html").read_text() == "as before"
    assert (tmp_path / "caches/unfinished").exists()
    process = make_site(tmp_path)
    assert process.wait(timeout=300) == 0
    assert (tmp_path / "site/01_visit_frequency.html").exists()
    assert not (tmp_path / "caches/unfinished").exists()


@pytest.mark.slow
def test_a_site_that_does_not_fit_on_the_disk_is_one_line(disk):
    execute.write(disk / "site/index.html", "as before")
    (disk / "filler").write_bytes(b"0" * 62_000_000)
    process = make_site(disk)
    said, failed = process.communicate(timeout=120)
    assert (process.returncode, said) == (1, "")
    assert "make room" in one_line(failed)
    assert (disk / "site/index.html").read_text() == "as before"


# --- Ports ---------------------------------------------------------------------------------------


def test_a_kernel_gets_no_port_that_is_taken_or_that_a_connection_may_be_given(monkeypatch):
    given = [execute.free_port(None, "127.0.0.1") for _ in range(5)]
    assert max(given) < 32_768
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(execute, "PORTS", iter([taken, given[0]]))
        assert execute.free_port(None, "127.0.0.1") == given[0]
