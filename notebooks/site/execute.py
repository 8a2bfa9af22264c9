"""Execute notebooks in place: in parallel, the same bytes every time, nothing done twice.

    python notebooks/site/execute.py [--force] [NOTEBOOK ...]

By default all notebooks of the folder above and of its folders. Off Linux x86-64 a cell's committed
output is kept where the new one is the same (see ``same_outputs``). A file is written only when it
changed, and a notebook whose own text, library, data and lock are those of its last successful
execution, and whose figures are in ``.build/figures``, is left alone. The first broken cell ends
the run: its notebook keeps the bytes it had, as all do on an interruption.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import errno
import hashlib
import io
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

# nbformat's validator would compile a grammar for addresses (two seconds) that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
KERNELS = 2
SECONDS_PER_CELL = 600
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "nbconvert_exporter": "python"},
}
# Byte identity is promised here; elsewhere texts must be equal and pictures close.
STRICT = (platform.system(), platform.machine()) == ("Linux", "x86_64")
# Pictures are close if they are equally large and at most this share of their pixels differs by
# more than this part of the full range in any channel.
PIXELS_OFF, PIXEL_TOLERANCE = 0.005, 0.15
PICTURE = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")
# A figure names its drawings (two widths, two themes) by a hash of its picture.
FIGURE = re.compile(r'(?<=data-figure=")[0-9a-f]{16}')
DRAWINGS = 4
KINDS = {".py", ".csv", ".json", ".toml", ".po"}  # files that results depend on
# What a reader has set for other work: it must not reach a notebook.
SETTINGS = ("PYTHON", "IPYTHON", "JUPYTER", "MPL", "MATPLOTLIB", "XDG_", "RELATIONS_")
LEAST_DISK = 50_000_000
HELPS = {
    errno.ENETDOWN: "bring that up (Linux: ip link set lo up) and run again",
    errno.ENOSPC: "free some space on this disk and run again",
    errno.EDQUOT: "free some space in your quota and run again",
    errno.EROFS: "copy the project to a folder that can be written",
    errno.EACCES: "copy the project to a folder of your own, or change who may write here",
    errno.EMFILE: "raise the limit of open files (ulimit -n 1024) and run again",
}


class BrokenNotebookError(Exception):
    """A notebook that can't be published as it is; the message says where and why."""


# --- Comparing outputs (the notebook tests use this too) ---------------------------------------


def _comparable(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a reader sees of outputs: types, texts and data; neighboring streams joined."""
    seen: list[dict[str, Any]] = []
    for output in outputs:
        kept = {k: output[k] for k in ("output_type", "name", "text", "data") if k in output}
        kept |= {k: output[k] for k in ("ename", "evalue") if k in output}
        if kept.get("name") and seen and seen[-1].get("name") == kept["name"]:
            seen[-1]["text"] += kept["text"]
        else:
            seen.append(kept)
    return seen


def _without_pictures(value: Any, pictures: list[str]) -> Any:
    """Return the value with each base64 PNG taken out into ``pictures``."""
    if isinstance(value, Mapping):
        for png in [value["image/png"]] if "image/png" in value else []:
            pictures.append(png)
        return {k: _without_pictures(v, pictures) for k, v in value.items() if k != "image/png"}
    if isinstance(value, str):
        pictures += PICTURE.findall(value)
        return FIGURE.sub("", PICTURE.sub("", value))
    return value


def pixel_close(old: str, new: str) -> bool:
    """Tell whether two base64 PNGs decode to pictures that look the same."""
    if old == new:
        return True
    import numpy as np
    from matplotlib.image import imread

    try:
        files = (io.BytesIO(base64.b64decode(png)) for png in (old, new))
        a, b = (imread(file, format="png") for file in files)
    except (ValueError, SyntaxError):  # no picture
        return False
    return a.shape == b.shape and bool(
        np.mean(np.abs(a - b).max(axis=-1) > PIXEL_TOLERANCE) <= PIXELS_OFF
    )


def same_outputs(
    old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]], strict: bool = STRICT
) -> bool:
    """Tell whether a cell's new outputs are its old ones.

    Where byte identity is promised (``strict``, Linux on x86-64) they must be equal; elsewhere
    texts must be equal and pictures close, also those within HTML.
    """
    a, b = _comparable(old), _comparable(new)
    if strict or a == b:
        return a == b
    pictures: tuple[list[str], list[str]] = ([], [])
    plain = [
        [_without_pictures(o, found) for o in x] for x, found in zip((a, b), pictures, strict=True)
    ]
    return (
        plain[0] == plain[1]
        and len(pictures[0]) == len(pictures[1])
        and all(map(pixel_close, *pictures))
    )


def every_notebook() -> list[Path]:
    """Return the notebooks and those in folders beside them, in reading order."""
    found = (ROOT / "notebooks").rglob("*.ipynb")
    return sorted(
        (n for n in found if ".ipynb_checkpoints" not in n.parts), key=lambda n: (len(n.parts), n)
    )


def kernel_environment() -> dict[str, str]:
    """Return the environment of a reader without own settings and without a copy of the page."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return kept | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "OPENBLAS_NUM_THREADS": "1",  # results as on any other number of cores
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(ROOT),
    }


# --- Cells as this project writes them (the notebook tests judge by the same rules) --------------


def _settled_metadata(cell: Any) -> dict[str, Any]:
    """Return a cell's tags and words; solutions are folded, other code is open."""
    kept = {key: cell.metadata[key] for key in ("mystnb", "tags") if key in cell.metadata}
    if {"hide-input", "solution"} <= set(kept.get("tags", [])):
        kept["jupyter"] = {"source_hidden": True}
    return kept


def _committed_ids(notebook: Path) -> dict[str, str]:
    """Return the ids of the cells of a notebook's last commit, by their text."""
    command = ["git", "show", f"HEAD:./{notebook.name}"]
    try:
        shown = subprocess.run(command, cwd=notebook.parent, capture_output=True, check=True)
        cells = json.loads(shown.stdout)["cells"]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return {}
    return {"".join(cell["source"]): cell["id"] for cell in cells if "id" in cell}


def settle_cells(nb: Any, notebook: Path) -> None:
    """Take out what editors leave in cells; give an id to each cell that has none of its own."""
    without = [cell for cell in nb.cells if "id" not in cell]
    committed = _committed_ids(notebook) if without else {}
    for number, cell in enumerate(nb.cells, 1):
        cell.metadata = type(nb.metadata)(_settled_metadata(cell))
        known = cell.get("id") or committed.get(cell.source)
        cell.id = known or f"{notebook.stem}-{number:02d}"
    nb.metadata = type(nb.metadata)(METADATA)
    nb.nbformat_minor = 5


# --- Executing ---------------------------------------------------------------------------------


def digest(folder: Path | None = None) -> str:
    """Return a hash of all that results depend on: library, data, lock, Python, files beside."""
    files = [Path(__file__), ROOT / "requirements.lock"]
    for place in ("relations_lib", "data"):
        files += sorted(f for f in (ROOT / place).rglob("*") if f.suffix in KINDS)
    beside = folder.glob("*") if folder else ()
    files += sorted(f for f in beside if f.suffix in {".csv", ".txt"})
    text = hashlib.sha256(f"{platform.platform()} {sys.version}".encode())
    for file in files:
        content = hashlib.sha256(file.read_bytes()).digest()
        text.update(file.name.encode() + b"\0" + content)
    return text.hexdigest()


def _state(depends: str, notebook: bytes) -> str:
    """Return what a stamp holds: a notebook's own bytes and what it depended on when it ran."""
    return hashlib.sha256(depends.encode() + notebook).hexdigest()


def _stamp(notebook: Path) -> Path:
    name = hashlib.sha256(str(notebook).encode()).hexdigest()[:12]
    return BUILD / "executed" / f"{notebook.stem}-{name}"


def figure_names(html: str) -> list[str]:
    """Return the names of the figures in an output or, its quotes escaped, in a notebook."""
    return FIGURE.findall(html.replace('\\"', '"'))


def _drawings(name: str) -> list[Path]:
    return list((BUILD / "figures").glob(f"{name}-*.svg"))


def _is_current(notebook: Path) -> bool:
    stamp, content = _stamp(notebook), notebook.read_bytes()
    now = _state(digest(notebook.parent), content)
    if not stamp.exists() or stamp.read_text() != now:
        return False
    names = figure_names(content.decode())
    return all(len(_drawings(name)) == DRAWINGS for name in names)


def write(file: Path, content: str | bytes) -> None:
    """Replace a file at once, so that nobody ever reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _refuse(notebook: Path, nb: Any, index: int, why: str) -> BrokenNotebookError:
    cells = len(nb.cells)
    where = f"{notebook.name}, cell {index + 1} of {cells}"
    source = textwrap.indent(nb.cells[index].source, "    ")
    return BrokenNotebookError(f"{where}:\n\n{source}\n\n{why}")


def has_bare_picture(output: Mapping[str, Any]) -> bool:
    """Tell whether an output has a picture without the figure that gives its alternative text."""
    data = output.get("data", {})
    pictures = [kind for kind in data if kind.startswith("image/")]
    return bool(pictures) and "<figure" not in data.get("text/html", "")


def _unfit(outputs: Iterable[Mapping[str, Any]]) -> str | None:
    """Return why outputs may not be published, or None."""
    for output in outputs:
        if output["output_type"] == "error":
            return f"{output['ename']}: {output['evalue']}"
        if output.get("name") == "stderr":
            return f"It wrote to standard error:\n{output['text']}"
        if has_bare_picture(output):
            return "It shows a picture without alternative text: use figures.show_figure."
    return None


def _keep_outputs(cell: Any, before: Any) -> None:
    """Give a cell back its outputs, and its new drawings the names that stand in these."""
    names = (figure_names(json.dumps(outputs)) for outputs in (before.outputs, cell.outputs))
    for was, now in zip(*names, strict=True):
        for drawing in _drawings(now) if was != now else []:
            shutil.copyfile(drawing, drawing.with_name(drawing.name.replace(now, was)))
    cell.outputs = before.outputs


def _settle(notebook: Path, nb: Any, old: Any) -> str:
    """Return the notebook's text with stable metadata and every output that did not change."""
    import nbformat

    settle_cells(nb, notebook)
    for index, (cell, before) in enumerate(zip(nb.cells, old.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        if why := _unfit(cell.outputs):
            raise _refuse(notebook, nb, index, why)
        if not STRICT and same_outputs(before.outputs, cell.outputs):
            _keep_outputs(cell, before)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = cell.execution_count
    nbformat.validate(nb)
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


async def _execute(notebook: Path, advance: Callable[[], object]) -> bool:
    """Execute one notebook; return whether its file changed."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    depends, before = digest(notebook.parent), notebook.read_bytes()
    old = nbformat.reads(before.decode(), as_version=4)
    nb = nbformat.from_dict(old)
    reached = 0

    def start(cell: Any, cell_index: int) -> None:
        nonlocal reached
        reached = cell_index

    client = NotebookClient(
        nb,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(notebook.parent)}},
        shutdown_kernel="immediate",
        on_cell_start=start,
        on_cell_executed=lambda **_: advance(),
    )
    drawings = BUILD / "figures"
    drawings.mkdir(exist_ok=True)
    environment = kernel_environment() | {"RELATIONS_FIGURES": str(drawings)}
    try:
        await client.async_execute(env=environment)
    except CellExecutionError as error:
        raise _refuse(notebook, nb, reached, f"{error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        task = asyncio.current_task()
        if task and task.cancelling():  # nbclient takes an interruption for a dead kernel
            raise asyncio.CancelledError from None
        raise _refuse(notebook, nb, reached, str(error).strip()) from None
    text = _settle(notebook, nb, old)
    if notebook.read_bytes() != before:
        raise BrokenNotebookError(f"{notebook.name} was saved while it ran: run it again.")
    if text.encode() != before:
        write(notebook, text)
    write(_stamp(notebook), _state(depends, text.encode()))
    return text.encode() != before


def _code_cells(notebook: Path) -> int:
    import nbformat

    cells = nbformat.read(notebook, as_version=4).cells
    sources = (cell.source for cell in cells if cell.cell_type == "code")
    return sum(bool(source.strip()) for source in sources)


async def _execute_all(notebooks: list[Path]) -> list[Path]:
    """Execute notebooks, a few at a time; return those whose files changed."""
    from tqdm import tqdm

    free = asyncio.Semaphore(KERNELS)
    cells = sum(map(_code_cells, notebooks))
    pause = 0.1 if sys.stderr.isatty() else 10
    with tqdm(total=cells, unit="cell", desc="Executing", mininterval=pause) as bar:

        async def one(notebook: Path) -> bool:
            async with free:
                return await _execute(notebook, bar.update)

        tasks = [asyncio.ensure_future(one(notebook)) for notebook in notebooks]
        try:
            changed = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return [notebook for notebook, did in zip(notebooks, changed, strict=True) if did]


class _Loop(asyncio.SelectorEventLoop):
    """A loop that leaves signals to this script; nbclient would hide an interruption."""

    def add_signal_handler(self, *_: Any) -> None:
        raise NotImplementedError

    def remove_signal_handler(self, *_: Any) -> bool:
        raise NotImplementedError


def check_surroundings() -> None:
    """Fail where no notebook can run: without disk, or without a way to talk to a kernel."""
    BUILD.mkdir(parents=True, exist_ok=True)
    write(BUILD / "writable", "")
    if shutil.disk_usage(BUILD).free < LEAST_DISK:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(BUILD))
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError:
        needed = "they talk to their kernels over 127.0.0.1, which does not answer"
        raise OSError(errno.ENETDOWN, needed) from None


def advice(error: OSError) -> str:
    """Return one line: what the system refused, where, and what helps."""
    helps = HELPS.get(error.errno or 0, "mend that and run again")
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror}{where}: {helps}"


def list_fonts() -> None:
    """Have matplotlib list the fonts, so that no first cell has to wait and say so."""
    environment = kernel_environment()
    if not list(Path(environment["MPLCONFIGDIR"]).glob("fontlist*.json")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env=environment, capture_output=True, check=False)


def run(notebooks: list[Path]) -> str:
    """Execute notebooks; return what was done."""
    check_surroundings()
    list_fonts()
    # Also here: the folders of kernels are looked up in this process.
    with (
        mock.patch.dict(os.environ, kernel_environment(), clear=True),
        asyncio.Runner(loop_factory=_Loop) as runner,
    ):
        changed = runner.run(_execute_all(notebooks))
    names = ", ".join(notebook.name for notebook in changed) or "none changed"
    return f"Notebooks executed: {len(notebooks)}; outputs: {names}."


def main(arguments: list[str] | None = None) -> int:
    """Execute the given notebooks; return 0, or another number with one line that says why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    parser.add_argument("--force", action="store_true", help="execute unchanged ones too")
    options = parser.parse_args(arguments)
    failed = 1
    try:
        notebooks = [notebook.resolve() for notebook in options.notebooks or every_notebook()]
        due = [notebook for notebook in notebooks if options.force or not _is_current(notebook)]
        if due:
            print(run(due))
        else:
            print(f"Notebooks: {len(notebooks)}, unchanged since they were last executed.")
        return 0
    except BrokenNotebookError as error:
        why = f"The first broken cell: {error}"
    except OSError as error:
        why = f"Notebooks can't run: {advice(error)}."
    except KeyboardInterrupt:
        why, failed = "Interrupted: what was done is kept, the next run does the rest.", 130
    print(f"\n{why}", file=sys.stderr)
    return failed


def heed_signals() -> None:
    """Let every request to stop end as Ctrl-C does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(AttributeError):  # a signal that this system lacks
            signal.signal(getattr(signal, name), lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    heed_signals()
    sys.exit(main())
