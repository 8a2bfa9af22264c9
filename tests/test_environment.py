"""One set of packages: the project's bounds, the lock, the conda environment, the wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import venv
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import _bundle
import environment
import pytest
import refresh
import yaml
from environment import RUN, TESTS
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {name: (ROOT / name).read_text(encoding="utf-8") for name in (RUN, TESTS)}
LOCK = "".join(LOCKS.values())
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Return the pins of a lock by package; a package may be pinned once per marker."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(r"(?m)^[\w.-]+==[^\\\n]*", lock):
        requirement = Requirement(line.strip())
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def direct(project: dict) -> list[Requirement]:
    """Return every requirement that the project names, extras and the build backend included."""
    groups = [project["project"]["dependencies"], project["build-system"]["requires"]]
    groups += project["project"]["optional-dependencies"].values()
    return [Requirement(text) for group in groups for text in group]


def disagreements(project: dict, lock: str, conda: dict) -> list[str]:
    """Return where the three files do not fit each other."""
    locked, found = pins(lock), []
    for requirement in direct(project):
        versions = [
            str(p.specifier)[2:] for p in locked.get(canonicalize_name(requirement.name), [])
        ]
        if not versions:
            found.append(f"{requirement} is not in the lock")
        found += [
            f"the lock has {v}, not {requirement}"
            for v in versions
            if v not in requirement.specifier
        ]
    named = conda["dependencies"]
    if {"pip": ["-r requirements.lock"]} not in named:
        found.append("environment.yml does not install the lock")
    python = [text.partition("=")[2] for text in named if str(text).startswith("python=")]
    allowed = SpecifierSet(project["project"]["requires-python"])
    found += [
        f"environment.yml has Python {v}" for v in python or ["?"] if v == "?" or v not in allowed
    ]
    if extra := [
        d for d in named if isinstance(d, str) and d != "pip" and not d.startswith("python=")
    ]:
        found.append(f"environment.yml brings packages of its own: {extra}")
    return found


def test_the_three_files_agree():
    assert disagreements(PROJECT, LOCK, ENVIRONMENT) == []


def test_a_disagreement_is_found():
    cases = [
        (PROJECT, LOCK.replace("numpy==", "numby=="), ENVIRONMENT, "not in the lock"),
        (PROJECT, LOCK.replace("numpy==2", "numpy==1"), ENVIRONMENT, "the lock has 1"),
        (PROJECT, LOCK, {"dependencies": ["python=3.12", "pip"]}, "does not install the lock"),
        (PROJECT, LOCK, {"dependencies": ["python=3.10", {"pip": []}]}, "Python 3.10"),
        (PROJECT, LOCK, {"dependencies": [*ENVIRONMENT["dependencies"], "scipy"]}, "of its own"),
    ]
    for *files, report in cases:
        assert [fault for fault in disagreements(*files) if report in fault], report


def test_running_and_rendering_need_only_the_first_lock():
    extras = PROJECT["project"]["optional-dependencies"]
    needed = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    needed = needed + extras["notebooks"] + extras["site"] + extras["setup"]
    names = {canonicalize_name(Requirement(text).name) for text in needed}
    assert names <= pins(LOCKS[RUN]).keys()
    assert not pins(LOCKS[RUN]).keys() & pins(LOCKS[TESTS]).keys()


@pytest.mark.parametrize("name", [RUN, TESTS])
def test_a_lock_has_a_hash_for_every_package_and_no_address(name):
    packages = re.findall(r"(?m)^[\w.-]+==", LOCKS[name])
    hashed = re.findall(r"(?m)^[\w.-]+==.*\\\n    --hash=sha256:[0-9a-f]{64}", LOCKS[name])
    assert len(hashed) == len(packages) > 30
    assert "://" not in LOCKS[name]


def test_direct_dependencies_are_bounded():
    for requirement in direct(PROJECT):
        assert requirement.specifier, requirement


def test_the_installed_packages_are_those_of_the_lock():
    from importlib.metadata import distributions

    here = {canonicalize_name(d.metadata["Name"]): d.version for d in distributions()}
    for name, requirements in pins(LOCK).items():
        if name == "uv":  # an installer: where it can't be had, pip does without
            continue
        for requirement in requirements:
            if requirement.marker is None or requirement.marker.evaluate():
                assert here.get(name) == str(requirement.specifier)[2:], name


def test_the_versions_stated_for_the_project_are_one():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == citation["version"] == version("relations-lib")
    assert package["created"] == f"{citation['date-released']}T00:00:00Z"
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_a_release_keeps_its_findings_and_is_compared_with_the_one_before(tmp_path, monkeypatch):
    for module in (_bundle, refresh):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(_bundle, "DATA", tmp_path / "data")
    monkeypatch.setattr(_bundle, "citation", lambda: {"version": "0.11.0"})
    monkeypatch.setattr(_bundle, "exports", lambda: {"findings.csv": "key,value\n"})
    folder = tmp_path / "data/releases"
    folder.mkdir(parents=True)
    for number in ("0.9.0", "0.10.0", "0.11.0"):
        (folder / f"findings-{number}.csv").write_text("key\n", encoding="utf-8")
    assert refresh.last_release().name == "findings-0.10.0.csv"
    with pytest.raises(SystemExit, match=r"findings > data/releases/findings-0.11.0.csv"):
        _bundle.check_findings()
    _bundle.released().write_text("key,value\n", encoding="utf-8")
    _bundle.check_findings()


@pytest.mark.slow
def test_a_wheel_carries_the_data_and_loads_anywhere(tmp_path):
    """Built and installed without network; no file of this checkout is read."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    build = [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", tmp_path, ROOT]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    tables = {p.relative_to(ROOT).as_posix() for p in (ROOT / "data").rglob("*.csv")}
    names = set(ZipFile(wheel).namelist())
    assert {f"relations_lib/{name}" for name in tables} <= names
    assert [name for name in names if name.endswith(".ipynb")] == ["relations_lib/your_pair.ipynb"]
    assert not [name for name in names if "test" in name]
    target = tmp_path / "else where"
    subprocess.run([*pip, "install", *offline, "--target", target, wheel], check=True)
    code = (
        "import relations_lib; data = relations_lib.load();"
        "print(relations_lib.__file__, len(data.visits), sep='\\n');"
        "from relations_lib.__main__ import main; print(main(['new', 'own']))"
    )
    settings = os.environ | {"PYTHONPATH": str(target), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", code]
    said = subprocess.run(
        command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert Path(said[0]).is_relative_to(target)
    assert int(said[1]) > 0
    assert said[-1] == "0"
    assert (tmp_path / "own/your_pair.ipynb").is_file()


# --- Setting up ----------------------------------------------------------------------------------


def installed(root: Path) -> None:
    """Make what a complete set-up leaves, with one small package."""
    place = root / ".venv"
    for folder in ("bin", "lib/small"):
        (place / folder).mkdir(parents=True)
    (place / "lib/small/code.py").write_text("")
    (place / "lib/small/code.pyc").write_text("")
    (place / "bin/python").symlink_to(sys.executable)
    for name in (RUN, TESTS, "pyproject.toml", "CITATION.cff"):
        (root / name).write_text(name)
    left = {
        "root": str(root),
        "python": environment.THIS_PYTHON,
        RUN: environment.digest(RUN),
        "installed": environment.installed(),
    }
    environment.READY.write_text(json.dumps(left))


@pytest.fixture
def steps(tmp_path, monkeypatch) -> list[str]:
    """A complete environment; the list of the steps that a set-up then takes."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "PLACE", tmp_path / ".venv")
    monkeypatch.setattr(environment, "READY", tmp_path / ".venv/ready.json")
    taken: list[str] = []

    def build(clean: venv.EnvBuilder, place: Path) -> None:
        taken.append("create")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()

    monkeypatch.setattr(venv.EnvBuilder, "create", build)
    monkeypatch.setattr(environment, "install", taken.append)
    monkeypatch.setattr(environment, "install_project", lambda: taken.append("project"))
    installed(tmp_path)
    return taken


ANEW = ["create", RUN, "project"]


def test_a_whole_environment_is_left_alone(steps):
    environment.main([])
    assert steps == []


def test_the_tests_packages_are_added_when_they_are_asked_for(steps):
    environment.main(["--tests"])
    environment.main(["--tests"])
    environment.main([])
    assert steps == [TESTS]


def damages() -> dict[str, tuple]:
    """Return named ways to break an environment, each with the steps that mend it."""

    def unlink(venv: Path) -> None:
        (venv / "bin/python").unlink()

    def remove_from_system(venv: Path) -> None:
        unlink(venv)
        (venv / "bin/python").symlink_to(venv / "none")

    return {
        "a package's file is gone": (lambda v: (v / "lib/small/code.py").unlink(), ANEW),
        "what Python compiles is gone": (lambda v: (v / "lib/small/code.pyc").unlink(), []),
        "a package is gone": (lambda v: shutil.rmtree(v / "lib/small"), ANEW),
        "Python is gone": (unlink, ANEW),
        "Python was removed from the system": (remove_from_system, ANEW),
        "it was interrupted": (lambda _: environment.READY.unlink(), ANEW),
        "its note is half": (lambda _: environment.READY.write_text('{"root'), ANEW),
        "its note is another's": (lambda _: environment.READY.write_text("[]"), ANEW),
        "all is gone": (shutil.rmtree, ANEW),
        "a file is in its place": (lambda v: (shutil.rmtree(v), v.write_text("")), ANEW),
        "the lock changed": (lambda v: (v.parent / RUN).write_text("new"), ANEW),
        "the project changed": (lambda v: (v.parent / "pyproject.toml").write_text("new"), ANEW),
        "its version changed": (lambda v: (v.parent / "CITATION.cff").write_text("new"), ANEW),
    }


@pytest.mark.parametrize(("damage", "mended"), damages().values(), ids=damages())
def test_a_broken_or_outdated_environment_is_made_anew(steps, tmp_path, damage, mended):
    damage(tmp_path / ".venv")
    environment.main([])
    assert steps == mended


def test_a_folder_that_was_moved_is_set_up_again(steps, tmp_path):
    left = json.loads(environment.READY.read_text())
    environment.READY.write_text(json.dumps(left | {"root": "elsewhere"}))
    environment.main([])
    assert steps == ANEW


def test_another_python_is_used_only_when_it_is_named(steps):
    left = json.loads(environment.READY.read_text())
    environment.READY.write_text(json.dumps(left | {"python": "another"}))
    environment.main([])
    assert steps == []
    environment.main(["--this-python"])
    assert steps == ANEW


def test_too_small_a_disk_is_said_before_anything_is_removed(steps, monkeypatch, capsys):
    usage = shutil._ntuple_diskusage(10**9, 9 * 10**8, 10**8)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: usage)
    environment.READY.unlink()
    with pytest.raises(SystemExit, match="only 100 MB"):
        environment.main([])
    assert "700 MB of disk" in capsys.readouterr().out
    assert steps == []


def clone(folder: Path) -> Path:
    """Copy what a set-up needs to a folder of its own."""
    folder.mkdir()
    names = ["Makefile", "pyproject.toml", "CITATION.cff", RUN, TESTS]
    names += ["README.md", "LICENSE", "LICENSE-DATA"]
    for name in [*names, "environment.yml", "postBuild"]:
        shutil.copy(ROOT / name, folder)
    for name in ("relations_lib", "data", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def run(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess:
    own = ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of the make that runs the tests
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(
        command, cwd=folder, env=kept | env, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_a_readers_settings_do_not_reach_what_make_runs():
    settings = {
        "COLUMNS": "20",
        "MPLBACKEND": "pdf",
        "NETWORKX_BACKEND_PRIORITY": "none",
        "PYTEST_ADDOPTS": "-k none",
        "PYTHONWARNINGS": "error",
    }
    said = run(ROOT, "make", "--eval", "shown: ; @env", "shown", **settings).stdout
    names = {line.partition("=")[0] for line in said.splitlines()}
    assert "PATH" in names
    assert not names & settings.keys()


@pytest.mark.install
@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_sets_up_says_what_it_needs_and_mends_what_breaks(tmp_path):
    folder = clone(tmp_path / "ö a 'place'")
    first = run(folder, "make", "ready")
    assert first.returncode == 0, first.stderr
    assert "MB of disk" in first.stdout
    assert len(first.stdout + first.stderr) < 2000
    assert run(folder, "make", "ready").stdout == ""
    python = str(folder / ".venv/bin/python")
    assert run(folder, python, "-m", "relations_lib", "validate", LC_ALL="C").returncode == 0
    shutil.rmtree(next(folder.glob(".venv/lib/*/site-packages/numpy")))
    again = run(folder, "make", "ready")
    assert (again.returncode, "MB of disk" in again.stdout) == (0, True), again.stderr
    assert run(folder, python, "-c", "import numpy").returncode == 0
    assert run(folder, "make", "clean").returncode == 0
    assert not {".venv", ".build", "site"} & {file.name for file in folder.iterdir()}


@pytest.mark.install
def test_without_network_one_line_says_that_it_is_needed(tmp_path):
    folder = clone(tmp_path / "copy")
    nowhere = "http://127.0.0.1:9"
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "", "PIP_FIND_LINKS": ""}
    done = run(
        folder,
        *(sys.executable, "-ISu", "notebooks/site/environment.py"),
        PIP_INDEX_URL=nowhere,
        **settings,
    )
    assert done.returncode == 1
    assert "The network is needed" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (folder / ".venv/ready.json").exists()


@pytest.mark.install
def test_without_the_fast_installer_pip_does_it(tmp_path):
    """A lock of what building needs, and an installer of a version that nobody has."""
    folder = clone(tmp_path / "copy")
    lock = (folder / RUN).read_text(encoding="utf-8")
    needed = "editables|hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers"
    found = re.findall(rf"(?m)^(?:{needed})==.*\n(?: .*\n)+", lock)
    unknown = f"uv==0.0.0 \\\n    --hash=sha256:{'0' * 64}\n"
    (folder / RUN).write_text(unknown + "".join(found), encoding="utf-8")
    done = run(folder, sys.executable, "-ISu", "notebooks/site/environment.py")
    assert done.returncode == 0, done.stderr
    assert "Without the fast installer" in done.stdout
    assert list(folder.glob(".venv/lib/*/site-packages/hatchling"))


@pytest.mark.install
def test_the_steps_of_binder_lead_to_a_library_that_loads(tmp_path):
    """What its builder runs, on this machine's Python: the pip section, then postBuild."""
    folder = clone(tmp_path / "copy")
    (section,) = (d["pip"] for d in ENVIRONMENT["dependencies"] if isinstance(d, dict))
    assert run(folder, sys.executable, "-m", "venv", "env").returncode == 0
    path = f"{folder / 'env/bin'}{os.pathsep}{os.environ['PATH']}"
    arguments = [word for line in section for word in line.split()]
    pip = [str(folder / "env/bin/python"), "-m", "pip", "install", "--quiet"]
    done = run(folder, *pip, *arguments, PATH=path)
    assert done.returncode == 0, done.stderr
    done = run(folder, "./postBuild", PATH=path)
    assert done.returncode == 0, done.stderr
    for command in (["relations-lib", "validate"], ["jupyter", "lab", "--version"]):
        done = run(folder, str(folder / "env/bin" / command[0]), *command[1:], PATH=path)
        assert done.returncode == 0, done.stderr


def docker_commands() -> dict[str, list[str]]:
    """Return the instructions of the Dockerfile by their name, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(rest)
    return found


def test_a_container_is_used_by_no_root_and_reached_from_outside():
    steps = docker_commands()
    (user,) = steps["USER"]
    assert user != "root"
    assert f"useradd --create-home {user}" in steps["RUN"][0]
    assert f"--chown={user}" in steps["COPY"][0]
    start = json.loads(steps["CMD"][0])
    assert "--ip=0.0.0.0" in " ".join(start)
    image = re.fullmatch(r"python:(\d+\.\d+)-slim", steps["FROM"][0])[1]
    assert image in SpecifierSet(PROJECT["project"]["requires-python"])
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert settings["remoteUser"] != "root"
    assert settings["postCreateCommand"] in steps["RUN"]


def answers(address: str, seconds: float) -> bool:
    """Tell whether a server answers within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                return page.status == 200
        except OSError:
            time.sleep(0.5)
    return False


@pytest.mark.install
@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="becomes another user: needs root")
def test_the_lines_of_the_container_lead_to_a_lab_that_answers():
    """Without Docker: as a user without rights and without a home, on a free port."""
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    folder = clone(home / "relations")
    subprocess.run(["chown", "-R", "65534:65534", str(home)], check=True)
    steps = docker_commands()
    python = Path(sys.executable).resolve()
    if not os.access(python.parent, os.X_OK) or str(python).startswith("/root/"):
        python = Path(shutil.which("python3", path="/usr/local/bin:/usr/bin") or "")
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
    settings = {"HOME": os.devnull, "USER": "reader", "PYTHON": str(python)}
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | settings
    reader = {"cwd": folder, "env": env, "user": 65534, "group": 65534, "extra_groups": []}
    subprocess.run(steps["RUN"][-1].split(), check=True, **reader)
    start = json.loads(steps["CMD"][0])
    start[-1] += f" --port={port} --ServerApp.port_retries=0"
    lab = subprocess.Popen(start, start_new_session=True, stderr=subprocess.PIPE, **reader)
    try:
        outside = socket.gethostbyname(socket.gethostname())
        assert answers(f"http://{outside}:{port}/lab", 60)
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(timeout=30)
        shutil.rmtree(home)


@pytest.mark.install
@pytest.mark.skipif(os.name == "nt", reason="signals as Linux and macOS have them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_set_up_that_is_interrupted_says_so_in_a_line_and_the_next_starts_anew(tmp_path, number):
    folder = clone(tmp_path / "copy")
    command = [sys.executable, "-ISu", "notebooks/site/environment.py"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (folder / ".venv").exists():
        time.sleep(0.05)
    process.send_signal(number)
    said, failed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith("Interrupted")
    assert "Traceback" not in failed
    assert not (folder / ".venv/ready.json").exists()
