"""Set up ``.venv`` on Linux or macOS: the locked packages by hash, then this project.

    python -ISu notebooks/site/environment.py [--tests] [--this-python]

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
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv"
READY = PLACE / "ready.json"
RUN, TESTS = "requirements.lock", "requirements-test.lock"
THIS_PYTHON = f"{sys.version} in {sys.base_prefix}"
UV_PIN = re.compile(r"(?m)^uv==.*\n(?: .*\n)+")
# What a reader has set for other environments.
ELSEWHERE = ("PYTHON", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "UV_SYSTEM", "UV_PYTHON")
# Megabytes on the disk and from the network, as measured on Linux.
NEEDED = {RUN: (700, 180), TESTS: (350, 100)}


def fail(why: str) -> NoReturn:
    """End with one line that says why and what to do."""
    sys.exit(f"Setting up failed: {why}")


def digest(lock: str) -> str:
    """Return what tells whether the files that an installation follows have changed."""
    names = (lock, "pyproject.toml", "CITATION.cff")  # the last has the version
    content = b"".join((ROOT / name).read_bytes() for name in names)
    return hashlib.sha256(content).hexdigest()


def installed() -> list[str]:
    """Return every file of the environment but those that Python compiles for itself."""
    files = PLACE.rglob("*")
    return [str(file.relative_to(PLACE)) for file in files if file.suffix != ".pyc"]


def state() -> dict:
    """Return what the last complete installation left, or nothing if it can't be relied upon."""
    try:
        left = json.loads(READY.read_text(encoding="utf-8"))
        files = (PLACE / name for name in left["installed"])
        whole = left["root"] == str(ROOT) and all(file.exists() for file in files)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return left if whole else {}


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
    command = [PLACE / "bin/python", "-I", "-m", "pip", "install", "--no-deps", *arguments]
    done = subprocess.run(
        [*command, "--quiet", "--retries=1"],
        cwd=ROOT,
        env=surroundings(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "".join(reasons[-1:]) or "pip gave no reason"


def install(lock: str) -> None:
    """Install a lock's packages with uv, or with pip where uv can't be had."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    part = PLACE / "part.lock"
    part.write_text("".join(UV_PIN.findall(text)), encoding="utf-8")
    pip("--require-hashes", f"--requirement={part}")
    uv = PLACE / "bin/uv"
    command = [uv, "pip", "install", f"--python={PLACE}", "--no-deps", "--require-hashes"]
    command += [f"--requirement={lock}"] if sys.stderr.isatty() else ["--quiet", "-r", lock]
    if uv.exists() and not subprocess.run(command, cwd=ROOT, env=surroundings()).returncode:
        return
    print("Without the fast installer: pip, which takes a few minutes ...")
    part.write_text(UV_PIN.sub("", text), encoding="utf-8")
    if why := pip("--require-hashes", f"--requirement={part}"):
        fail(
            f"the packages could not be installed ({why}). The network is needed for that, once, "
            f"and room on the disk: see to both, then run the same command again."
        )


def make_room(lock: str) -> None:
    """Say what an installation takes; fail where there is too little of it."""
    disk, fetched = NEEDED[lock]
    what = "what the notebooks and the site need" if lock == RUN else "what the tests need"
    print(f"Installing {what} in .venv, once: {disk} MB of disk, about {fetched} MB from the")
    print("network; some seconds with a fast connection, some minutes with a slow one.")
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < disk:
        fail(f"only {free} MB of this disk are free: make room, then run this again.")


def create() -> None:
    """Make an empty environment of this Python."""
    if not PLACE.is_dir():
        PLACE.unlink(missing_ok=True)  # a file, or a link that leads nowhere
    clean = venv.EnvBuilder(clear=True, symlinks=True, with_pip=True)
    clean.create(PLACE)


def install_project() -> None:
    """Install this project itself, so that its files are used where they stand."""
    if why := pip("--no-index", "--no-build-isolation", "--editable=."):
        fail(f"the project itself could not be installed: {why}")
    # Older Pythons read this file in the locale's encoding: only a relative path is in every one.
    for link in PLACE.glob("lib/*/site-packages/*relations_lib.pth"):
        link.write_text(os.path.relpath(ROOT, link.parent))


def set_up(asked: list[str]) -> None:
    """Bring the environment to what is asked; do nothing when it is there."""
    left = before = state()
    another = "--this-python" in asked and left.get("python") != THIS_PYTHON
    if another or left.get(RUN) != digest(RUN):
        make_room(RUN)
        create()
        install(RUN)
        install_project()
        left = {"root": str(ROOT), "python": THIS_PYTHON, RUN: digest(RUN)}
    if "--tests" in asked and left.get(TESTS) != digest(TESTS):
        make_room(TESTS)
        install(TESTS)
        left = left | {TESTS: digest(TESTS)}
    if left != before:
        left = left | {"installed": installed()}
        READY.write_text(json.dumps(left, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Set up, or end with one line that says why not."""
    try:
        set_up(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted: the next run sets up again.")
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        fail(str(error))
    except OSError as error:
        sys.path.append(str(ROOT))
        from relations_lib.doctor import advice

        fail(advice(error))


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    main(sys.argv[1:])
