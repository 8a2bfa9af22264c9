"""Set up ``.venv`` on Linux or macOS: the locked packages by hash, then this project.

    python -IS notebooks/site/environment.py [--tests] [--this-python]

A whole environment is left alone. One that is broken, half made, moved, older than the lock or
(with ``--this-python``) of another Python is made anew. Needs nothing but Python itself.
"""

import signal

if __name__ == "__main__":  # an early Ctrl-C is quiet
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv"
READY = PLACE / "ready.json"
RUN, TESTS, PROJECT = "requirements.lock", "requirements-test.lock", "pyproject.toml"
THIS_PYTHON = f"{sys.version} in {sys.base_prefix}"
UV_PIN = re.compile(r"(?m)^uv==.*\n(?: .*\n)+")
# What a reader has set for other environments.
ELSEWHERE = ("PYTHON", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "UV_SYSTEM", "UV_PYTHON")
# Megabytes on the disk and from the network, as measured on Linux.
NEEDED = {RUN: (700, 180), TESTS: (350, 100)}


class SetupError(Exception):
    """An environment that can't be made; the message says why and what to do."""


def digest(file: str) -> str:
    """Return what tells whether a file that an installation follows has changed."""
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def installed() -> list[str]:
    """Return every file of the environment but those that Python compiles for itself."""
    files = [file for file in PLACE.rglob("*") if file.suffix != ".pyc"]
    return [str(file.relative_to(PLACE)) for file in files]


def state() -> dict:
    """Return what the last complete installation left, or nothing if it can't be relied upon."""
    try:
        left = json.loads(READY.read_text(encoding="utf-8"))
        files = (PLACE / name for name in left["installed"])
        whole = left["root"] == str(ROOT) and all(file.exists() for file in files)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return left if whole else {}


def say(text: str) -> None:
    """Tell the reader what goes on, at once."""
    print(text, flush=True)


def surroundings() -> dict[str, str]:
    """Return the environment for installers: this environment's, and pip's address for uv."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ELSEWHERE)}
    kept |= {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept.setdefault("UV_CACHE_DIR", str(ROOT / ".build/uv"))
    if "PIP_INDEX_URL" in kept:
        kept.setdefault("UV_DEFAULT_INDEX", kept["PIP_INDEX_URL"])
    return kept


def pip(*arguments: str) -> str:
    """Run the environment's pip; return why it failed, or nothing."""
    command = [PLACE / "bin/python", "-I", "-m", "pip", "install", "--quiet", "--retries=1"]
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env=surroundings(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return reasons[-1] if reasons else "pip gave no reason."


def install(*locks: str) -> None:
    """Install the locks' packages with uv, or with pip where uv can't be had."""
    text = "".join((ROOT / lock).read_text(encoding="utf-8") for lock in locks)
    lock = PLACE / "uv.lock"
    lock.write_text("".join(UV_PIN.findall(text)), encoding="utf-8")
    if not pip("--no-deps", "--require-hashes", f"--requirement={lock}"):
        lock.write_text(text, encoding="utf-8")
        uv = [PLACE / "bin/uv", "pip", "install", f"--python={PLACE}", "--require-hashes"]
        quiet = [] if sys.stderr.isatty() else ["--quiet"]
        command = [*uv, *quiet, f"--requirement={lock}"]
        if not subprocess.run(command, cwd=ROOT, env=surroundings(), check=False).returncode:
            return
    say("Without the fast installer: pip, which takes a few minutes ...")
    lock.write_text(UV_PIN.sub("", text), encoding="utf-8")
    if why := pip("--require-hashes", f"--requirement={lock}"):
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
    clean = venv.EnvBuilder(clear=True, symlinks=True, with_pip=True)
    clean.create(PLACE)


def install_project() -> None:
    """Install this project itself, so that its files are used where they stand."""
    if why := pip("--no-deps", "--no-index", "--no-build-isolation", "--editable=."):
        raise SetupError(f"the project itself could not be installed: {why}")
    # Older Pythons read this file in the locale's encoding: only a relative path is in every one.
    for link in PLACE.glob("lib/*/site-packages/*relations_lib.pth"):
        link.write_text(os.path.relpath(ROOT, link.parent))


def set_up(tests: bool, this: bool) -> None:
    """Bring the environment to what is asked; do nothing when it is there."""
    wanted = {file: digest(file) for file in (RUN, TESTS, PROJECT)}
    before = left = state()
    another = this and left.get("python") != THIS_PYTHON
    if another or left.get(RUN) != wanted[RUN]:
        make_room(RUN)
        create()
        install(RUN)
        left = {"root": str(ROOT), "python": THIS_PYTHON, RUN: wanted[RUN]}
    if tests and left.get(TESTS) != wanted[TESTS]:
        make_room(TESTS)
        install(RUN, TESTS)
        left = left | {TESTS: wanted[TESTS]}
    if left.get(PROJECT) != wanted[PROJECT]:
        install_project()
        left = left | {PROJECT: wanted[PROJECT]}
    if left != before:
        left["installed"] = installed()
        READY.write_text(json.dumps(left, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Set up; return 0, or 1 with one line that says why not."""
    try:
        set_up("--tests" in arguments, "--this-python" in arguments)
    except KeyboardInterrupt:
        say("\nInterrupted: the next run sets up again.")
        return 130
    except (SetupError, OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"Setting up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
