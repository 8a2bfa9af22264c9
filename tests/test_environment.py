"""One set of packages: the project's bounds, the lock, the conda environment, the wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
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


def disagreements(project: dict, lock: str, environment: dict) -> list[str]:
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
    named = environment["dependencies"]
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
        for requirement in requirements:
            if requirement.marker is None or requirement.marker.evaluate():
                assert here.get(name) == str(requirement.specifier)[2:], name


def test_the_versions_stated_for_the_project_are_one():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["project"]["version"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


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
    environment = os.environ | {"PYTHONPATH": str(target), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", code]
    said = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert Path(said[0]).is_relative_to(target)
    assert int(said[1]) > 0
    assert said[-1] == "0"
    assert (tmp_path / "own/your_pair.ipynb").is_file()
