"""Execute notebooks in place: in parallel, the same bytes every time, nothing done twice.

    python notebooks/site/execute.py [NOTEBOOK ...]

By default all notebooks of the folder above and of its folders. Off Linux x86-64 a cell's committed
output is kept where the new one is the same (see ``same_outputs``). A file is written only when it
changed, and a notebook whose own text, library, data and lock are those of its last successful
execution is left alone. The first broken cell ends
the run: its notebook keeps the bytes it had, as all do on an interruption.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":  # an early Ctrl-C is quiet
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import base64
import contextlib
import errno
import hashlib
import io
import json
import os
import platform
import random
import re
import shutil
import socket
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from relations_lib.doctor import advice

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
PICTURE = re.compile(r"iVBORw0KGgo[\w+/=]+")  # a PNG in base64
# A figure names its drawings (two widths, two themes) by a hash of its picture.
FIGURE = re.compile(r'data-figure=\\?"([0-9a-f]{16})')
# What a reader sees of an output.
SEEN = ("output_type", "name", "text", "data", "ename", "evalue")
# What a reader has set for other work: it must not reach a notebook.
SETTINGS = (
    "IPYTHON",
    "JUPYTER",
    "MATPLOTLIB",
    "MPL",
    "NETWORKX",
    "NPY",
    "NUMPY",
    "PANDAS",
    "PYTHON",
    "RELATIONS",
    "SCIPY",
    "XDG",
)
# For kernels. Systems give ports from 32,768 or 49,152 on to connections that go out: one of those
# can be taken before its kernel listens there.
PORTS = iter(random.sample(range(10_000, 32_000), 22_000))
UNRELATED = {".pyc", ".md", ".ipynb"}
LEAST_DISK = 50_000_000
Outputs = Iterable[Mapping[str, Any]]


class BrokenNotebookError(Exception):
    """A notebook that can't be published as it is; the message says where and why."""


# --- Comparing outputs (the notebook tests use this too) ---------------------------------------


def seen(outputs: Outputs) -> list[dict[str, Any]]:
    """Return what a reader sees of outputs; neighboring streams joined."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        kept = {key: output[key] for key in SEEN if key in output}
        last = found[-1] if found else {}
        if "name" in kept and kept["name"] == last.get("name"):
            last["text"] += kept["text"]
        else:
            found.append(kept)
    return found


def pixel_close(old: str, new: str) -> bool:
    """Tell whether two base64 PNGs show the same, as far as a reader sees."""
    from matplotlib.image import imread

    files = (io.BytesIO(base64.b64decode(png)) for png in (old, new))
    a, b = (imread(file, format="png") for file in files)
    if a.shape != b.shape:
        return False
    off = abs(a - b).max(axis=-1) > PIXEL_TOLERANCE
    return bool(off.mean() <= PIXELS_OFF)


def same_outputs(old: Outputs, new: Outputs, strict: bool = STRICT) -> bool:
    """Tell whether a cell's new outputs are its old ones.

    Where byte identity is promised (``strict``, Linux on x86-64) they must be equal; elsewhere
    texts must be equal and pictures close, also those within HTML.
    """
    texts = [json.dumps(seen(outputs), sort_keys=True) for outputs in (old, new)]
    before, after = texts
    if strict:
        return before == after
    pictures = map(PICTURE.findall, texts)
    a, b = (FIGURE.sub("", PICTURE.sub("\0", text)) for text in texts)
    return a == b and all(map(pixel_close, *pictures))


def every_notebook() -> list[Path]:
    """Return the notebooks and those in folders beside them, in reading order."""
    folder = ROOT / "notebooks"
    chapters = sorted(folder.glob("*.ipynb"))
    return chapters + sorted(folder.glob("[!.]*/*.ipynb"))


def kernel_environment() -> dict[str, str]:
    """Return the environment of a reader without own settings and without a copy of the page."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        **kept,
        **dict.fromkeys(["HOME", "USERPROFILE", "APPDATA"], str(home)),
        "OPENBLAS_NUM_THREADS": "1",  # results as on any other number of cores
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(ROOT),
    }


def free_port(_: object, ip: str) -> int:
    """Return a port for a kernel on which nobody listens, each once."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as tried:
            tried.bind((ip, port))
            return port
    raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL), ip)


# --- Cells as this project writes them (the notebook tests judge by the same rules) --------------


def _settled_metadata(cell: Any) -> dict[str, Any]:
    """Return a cell's tags and words; solutions are folded, other code is open."""
    kept = {key: cell.metadata[key] for key in ("mystnb", "tags") if key in cell.metadata}
    if {"hide-input", "solution"} <= set(kept.get("tags", [])):
        kept["jupyter"] = {"source_hidden": True}
    return kept


def settle_cells(nb: Any, notebook: Path) -> None:
    """Take out what editors leave in cells; give an id to each cell that has none."""
    for number, cell in enumerate(nb.cells, 1):
        cell.metadata = _settled_metadata(cell)
        cell.setdefault("id", f"{notebook.stem}-{number:02d}")
    nb.metadata = METADATA
    nb.nbformat_minor = 5


# --- What is done already -----------------------------------------------------------------------


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest(folder: Path | None = None) -> str:
    """Return a hash of all that results depend on: library, data, lock, Python, files beside."""
    files = [Path(__file__), ROOT / "requirements.lock"]
    files += (ROOT / "relations_lib").rglob("*.*")
    files += (ROOT / "data").rglob("*.*")
    files += folder.glob("*.*") if folder else []
    parts = [platform.platform(), sys.version]
    for file in sorted(files):
        if file.suffix not in UNRELATED and file.is_file():
            parts += [file.name, _hash(file.read_bytes())]
    return _hash("\n".join(parts).encode())


def _stamp(depends: str, notebook: bytes) -> Path:
    """Return the file that stands where a notebook of these bytes ran on these files."""
    return BUILD / "executed" / _hash(depends.encode() + notebook)


def _is_current(notebook: Path) -> bool:
    return _stamp(digest(notebook.parent), notebook.read_bytes()).exists()


def write(file: Path, content: str | bytes) -> None:
    """Replace a file at once, so that nobody ever reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


# --- What is published --------------------------------------------------------------------------


def has_bare_picture(output: Mapping[str, Any]) -> bool:
    """Tell whether an output has a picture without the figure that gives its alternative text."""
    data = output.get("data", {})
    pictures = any(kind.startswith("image/") for kind in data)
    return pictures and "<figure" not in data.get("text/html", "")


def _unfit(outputs: Outputs) -> str | None:
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
    both = (FIGURE.findall(json.dumps(outputs)) for outputs in (cell.outputs, before.outputs))
    for now, was in zip(*both, strict=True):
        for drawing in (BUILD / "figures").glob(f"{now}-*.svg"):
            drawing.replace(drawing.with_name(drawing.name.replace(now, was)))
    cell.outputs = before.outputs


def _settle(notebook: Path, nb: Any, old: Any) -> str:
    """Return the notebook's text with stable metadata and every output that did not change."""
    import nbformat

    settle_cells(nb, notebook)
    for number, (cell, before) in enumerate(zip(nb.cells, old.cells, strict=True), start=1):
        if cell.cell_type != "code":
            continue
        if why := _unfit(cell.outputs):
            where = f"{notebook.name}, cell {number} of {len(nb.cells)}"
            source = textwrap.indent(cell.source, "    ")
            raise BrokenNotebookError(f"{where}:\n\n{source}\n\n{why}")
        if not STRICT and same_outputs(before.outputs, cell.outputs):
            _keep_outputs(cell, before)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = cell.execution_count
    nbformat.validate(nb)
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


# --- Executing ----------------------------------------------------------------------------------


async def _run_cells(notebook: Path, nb: Any) -> None:
    """Run a notebook's cells in a kernel of their own, until one fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(
        nb,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(notebook.parent)}},
        shutdown_kernel="immediate",
    )
    drawings = BUILD / "figures"
    drawings.mkdir(exist_ok=True)
    environment = kernel_environment() | {"RELATIONS_FIGURES": str(drawings)}
    try:
        await client.async_execute(env=environment)
    except CellExecutionError:
        return  # the outputs tell
    except (CellTimeoutError, DeadKernelError) as error:
        task = asyncio.current_task()
        if task and task.cancelling():  # nbclient takes an interruption for a dead kernel
            raise asyncio.CancelledError from None
        raise BrokenNotebookError(f"{notebook.name}: {error}") from None


async def _execute(notebook: Path) -> bool:
    """Execute one notebook; return whether its file changed."""
    import nbformat

    depends, before = digest(notebook.parent), notebook.read_bytes()
    old = nbformat.reads(before.decode(), as_version=4)
    nb = nbformat.from_dict(old)
    await _run_cells(notebook, nb)
    text = _settle(notebook, nb, old).encode()
    if notebook.read_bytes() != before:
        raise BrokenNotebookError(f"{notebook.name} was saved while it ran: run it again.")
    if text != before:
        write(notebook, text)
    write(_stamp(depends, text), "")
    return text != before


async def _execute_all(notebooks: list[Path]) -> list[str]:
    """Execute notebooks, a few at a time; return the names of those whose files changed."""
    free = asyncio.Semaphore(KERNELS)
    done: dict[str, bool] = {}

    async def one(notebook: Path) -> None:
        async with free:
            done[notebook.name] = await _execute(notebook)
        print(f"{len(done):3} of {len(notebooks)} notebooks: {notebook.name}", flush=True)

    try:
        async with asyncio.TaskGroup() as group:
            for notebook in notebooks:
                group.create_task(one(notebook))
    except* (BrokenNotebookError, OSError) as errors:
        raise errors.exceptions[0] from None
    return [name for name, changed in done.items() if changed]


def check_surroundings() -> None:
    """Fail where no notebook can run: without disk, or without a way to talk to a kernel."""
    write(BUILD / "writable", "")
    if shutil.disk_usage(BUILD).free < LEAST_DISK:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(BUILD))
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError:
        needed = "notebooks talk to their kernels over 127.0.0.1, which does not answer"
        raise OSError(errno.ENETDOWN, needed) from None


def run(notebooks: list[Path]) -> str:
    """Execute notebooks; return what was done."""
    from jupyter_client import LocalPortCache

    check_surroundings()
    # Folders of kernels and fonts are looked up in this process too.
    with (
        mock.patch.dict(os.environ, kernel_environment(), clear=True),
        mock.patch.object(LocalPortCache, "find_available_port", free_port),
        mock.patch.object(  # nbclient would hide an interruption
            asyncio.SelectorEventLoop, "add_signal_handler", side_effect=NotImplementedError
        ),
        asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
    ):
        # Fonts are listed now, so that no first cell has to wait and say so.
        import matplotlib.font_manager  # noqa: F401

        changed = runner.run(_execute_all(notebooks))
    return f"Notebooks executed: {len(notebooks)}; outputs: {', '.join(changed) or 'none changed'}."


def main(arguments: list[str]) -> int:
    """Execute the given notebooks; return 0, or another number with one line that says why."""
    failed = 1
    try:
        notebooks = [Path(name).resolve() for name in arguments] or every_notebook()
        due = [notebook for notebook in notebooks if not _is_current(notebook)]
        done = f"Notebooks: {len(notebooks)}, unchanged since they were last executed."
        print(run(due) if due else done)
        return 0
    except BrokenNotebookError as error:
        why = f"The first broken cell: {error}"
    except OSError as error:
        why = f"Notebooks can't run: {advice(error)}"
    except KeyboardInterrupt:
        why, failed = "Interrupted: what was done is kept, the next run does the rest.", 130
    print(f"\n{why}", file=sys.stderr)
    return failed


def heed_signals() -> None:
    """Let every request to stop end as Ctrl-C does."""

    def stop(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), stop)


if __name__ == "__main__":
    heed_signals()
    sys.exit(main(sys.argv[1:]))
