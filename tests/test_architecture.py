"""The documentation cannot rot: the README names what there is, and every portal folder has its frozen pages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from archive.cli import main
from archive.models import TOPICS
from scraper.platforms import get_platform, platform_names

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = main.list_commands(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    assert f"ansinh {command}" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    found = main.get_command(None, command)  # type: ignore[arg-type]
    assert found is not None
    assert found.help


@pytest.mark.parametrize("name", [*platform_names(), *TOPICS])
def test_the_readme_names_every_platform_and_topic(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", [name for name in platform_names() if name != "text"])
def test_every_platform_has_two_frozen_pages_and_carries_the_name_of_its_file(name: str) -> None:
    assert get_platform(name).name == name
    assert len(list((ROOT / "tests/portals" / name).glob("*.html"))) >= 2


def test_every_path_that_the_readme_names_is_there() -> None:
    named = {
        word.strip("`(),.:;|")
        for word in README.split()
        if word.startswith(("`archive/", "`scraper/", "`tests/", "`webui/"))
    }
    assert named
    assert not [path for path in named if "<" not in path and "*" not in path and not (ROOT / path).exists()]


def test_no_manifest_holds_an_address() -> None:
    for name in ("constraints.txt", "pyproject.toml", "Makefile"):
        assert "://" not in (ROOT / name).read_text("utf-8"), name


def test_every_run_time_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert not [name for name in wanted if name.replace("==", ">=").partition(">=")[0] not in pinned]


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[<>=;\[ ]", wanted)[0].lower().replace("_", "-") for wanted in project["dependencies"]}
    belongs_to = packages_distributions()
    imported = {name for package in ("archive", "scraper", "webui") for name in imports(ROOT / package)}
    used = {dist.lower().replace("_", "-") for name in imported for dist in belongs_to.get(name, ())} - {"ansinh"}
    assert used - declared == set()
    assert declared - used == set()


def imports(folder: Path) -> Iterator[str]:
    """Yield the first part of the name of every module that the files below a folder import."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield str(node.module).partition(".")[0]
