"""Set up ``.venv``: the locked packages by hash, then this project.

    python notebooks/site/environment.py [--tests] [--this-python]

A whole environment is left alone. One that is broken, half made, moved, older than the lock or
(with ``--this-python``) of another Python is made anew. Needs nothing but Python itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv"
READY = PLACE / "ready.json"
RUN, TESTS, PROJECT = "requirements.lock", "requirements-test.lock", "pyproject.toml"
LEAST = (3, 11)
UV_PIN = re.compile(r"(?m)^uv==.*\n(?: .*\n)+")
# Megabytes on the disk and from the network, as measured on Linux.
NEEDED = {RUN: (700, 180), TESTS: (350, 100)}


class SetupError(Exception):
    """An environment that can't be made; the message says why and what to do."""


def interpreter() -> Path:
    """Return the environment's Python."""
    windows = os.name == "nt"
    return PLACE / ("Scripts/python.exe" if windows else "bin/python")


def this_python() -> str:
    """Return what tells one Python from another."""
    return f"{sys.version} in {sys.base_prefix}"


def digest(file: str) -> str:
    """Return what tells whether a file that an installation follows has changed."""
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def records() -> list[Path]:
    """Return the lists of installed files, one a package."""
    return sorted(PLACE.glob("[lL]ib/**/site-packages/*.dist-info/RECORD"))


def lost_files(record: Path) -> bool:
    """Tell whether a package lacks a file that was installed with it."""
    place = record.parents[1]
    listed = record.read_text(encoding="utf-8").splitlines()
    names = (line.split(",")[0].strip('"') for line in listed)
    kept = (place / name for name in names if not name.endswith(".pyc"))
    return not all(file.exists() for file in kept)


def state() -> dict:
    """Return what the last complete installation left, or nothing if it can't be relied upon."""
    try:
        left = json.loads(READY.read_text(encoding="utf-8"))
        here = records()
        whole = (
            left["root"] == str(ROOT)
            and interpreter().exists()
            and set(left["packages"]) <= {record.parent.name for record in here}
            and not any(map(lost_files, here))
        )
    except (OSError, ValueError, KeyError):
        return {}
    return left if whole else {}


# --- Making it ---------------------------------------------------------------------------------


def say(text: str) -> None:
    """Tell the reader what goes on, at once."""
    print(text, flush=True)


def surroundings() -> dict[str, str]:
    """Return the environment for installers: this environment's, and pip's address for uv."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    kept |= {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept.setdefault("UV_CACHE_DIR", str(ROOT / ".build/uv"))
    if "PIP_INDEX_URL" in kept:
        kept.setdefault("UV_DEFAULT_INDEX", kept["PIP_INDEX_URL"])
    return kept


def pip(*arguments: str) -> str:
    """Run the environment's pip; return why it failed, or nothing."""
    options = ["--quiet", "--retries", "1"]
    command = [str(interpreter()), "-I", "-m", "pip", "install", *options, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings(), stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return reasons[-1] if reasons else "pip gave no reason."


def fetch_uv() -> bool:
    """Install the fast installer, by the lock's hash; return whether that succeeded."""
    pin = UV_PIN.search((ROOT / RUN).read_text(encoding="utf-8"))
    file = PLACE / "uv.lock"
    file.write_text(pin[0] if pin else "", encoding="utf-8")
    return not pip("--no-deps", "--require-hashes", "--requirement", str(file))


def install(*locks: str) -> None:
    """Install the locks' packages with uv, or with pip where uv can't be had."""
    wanted = ["--require-hashes", *(f"--requirement={lock}" for lock in locks)]
    uv = interpreter().with_name("uv.exe" if os.name == "nt" else "uv")
    command = [str(uv), "pip", "install", "--python", str(interpreter())]
    command += wanted if sys.stderr.isatty() else [*wanted, "--quiet"]
    fast = uv.exists() or fetch_uv()
    if fast and not subprocess.run(command, cwd=ROOT, env=surroundings(), check=False).returncode:
        return
    say("Without the fast installer: pip, which takes a few minutes ...")
    locked = "".join((ROOT / lock).read_text(encoding="utf-8") for lock in locks)
    file = PLACE / "without_uv.lock"
    file.write_text(UV_PIN.sub("", locked), encoding="utf-8")
    if why := pip("--require-hashes", f"--requirement={file}"):
        raise SetupError(
            f"the packages could not be installed ({why}). The network is needed for that, once, "
            f"and room on the disk: see to both, then run the same command again."
        )


def make_room(lock: str) -> None:
    """Say what an installation takes; fail where there is too little of it."""
    disk, fetched = NEEDED[lock]
    what = "what the notebooks and the site need" if lock == RUN else "what the tests need"
    say(f"Installing {what} in .venv, once: {disk} MB of disk, about {fetched} MB from the")
    say("network; some seconds with a fast connection, some minutes with a slow one.")
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < disk:
        raise SetupError(f"Only {free} MB of this disk are free: make room, then run this again.")


def create() -> None:
    """Make an empty environment of this Python."""
    READY.unlink(missing_ok=True)
    clean = venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=True)
    clean.create(PLACE)


def install_project() -> None:
    """Install this project itself, so that its files are used where they stand."""
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--editable"]
    if why := pip(*offline, "."):
        raise SetupError(f"the project itself could not be installed: {why}")


def set_up(tests: bool, this: bool) -> None:
    """Bring the environment to what is asked; do nothing when it is there."""
    left = state()
    files = [RUN, TESTS, PROJECT] if tests else [RUN, PROJECT]
    wanted = {file: digest(file) for file in files}
    another = this and left.get("python") != this_python()
    if another or left.get("files", {}).get(RUN) != wanted[RUN]:
        left = {"files": {}, "python": this_python()}
    due = [file for file in files if left["files"].get(file) != wanted[file]]
    for file in due:
        if file == PROJECT:
            install_project()
            continue
        make_room(file)
        if file == RUN:
            create()
            install(RUN)
        else:
            install(RUN, TESTS)
    if due:
        left["root"] = str(ROOT)
        left["files"] |= wanted
        left["packages"] = [record.parent.name for record in records()]
        READY.write_text(json.dumps(left, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Set up; return 0, or 1 with one line that says why not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--tests", action="store_true", help="and what the tests need")
    parser.add_argument("--this-python", action="store_true", help="not an environment of another")
    options = parser.parse_args(arguments)
    try:
        if sys.version_info < LEAST:
            raise SetupError("Python 3.11 or newer is needed: make PYTHON=python3.12, for example.")
        set_up(options.tests, options.this_python)
    except KeyboardInterrupt:
        say("\nInterrupted: the next run sets up again.")
        return 130
    except (SetupError, OSError, subprocess.CalledProcessError) as error:
        print(f"Setting up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
