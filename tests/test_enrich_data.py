"""What the rules know is data: an edit of a file beside them is applied by `ansinh rebuild --enrich`; a slip is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.enrich import documents, scope, sensitive, tables, topics, years
from archive.models import ArchiveError

ROOT = Path(__file__).parent.parent

LOADERS = {
    "topics.toml": topics.load_topics,
    "scope.toml": scope.load_cues,
    "years.toml": years.load_words,
    "document_kinds.toml": documents.load_kinds,
    "sensitive.toml": sensitive.load_words,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data files that the rules read in place of their own."""
    for file in tables.FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    for loader in LOADERS.values():
        loader.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for loader in LOADERS.values():
        loader.cache_clear()


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_a_slip_in_a_data_file_is_named_by_file_and_line(folder: Path, name: str) -> None:
    lines = (folder / name).read_text("utf-8").count("\n")
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write('\nx = ["y"\n[z')
    with pytest.raises(ArchiveError, match=rf"{name}: .*line {lines + 3}"):
        LOADERS[name]()


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_an_empty_data_file_is_named_with_what_it_lacks(folder: Path, name: str) -> None:
    (folder / name).write_text("", "utf-8")
    with pytest.raises(ArchiveError, match=rf"{name}: '\w+' is missing"):
        LOADERS[name]()


def test_a_data_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "topics.toml").unlink()
    with pytest.raises(ArchiveError, match=r"topics\.toml: No such file"):
        topics.load_topics()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slug = "tre-em"', 'slug = "tre-emm"', "topic 'tre-emm': is none of giam-ngheo"),
        ("\nstrong = [", "\nstrnog = [", "topic 'giam-ngheo': strnog"),
    ],
)
def test_a_mistyped_topic_or_list_is_named(folder: Path, old: str, new: str, said: str) -> None:
    text = (folder / "topics.toml").read_text("utf-8")
    (folder / "topics.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ArchiveError, match=said):
        topics.load_topics()


def ansinh(installed: Path, data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "archive", "--data", str(data), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_edited_data_file_is_applied_by_rebuild_enrich(tmp_path: Path) -> None:
    installed, data = tmp_path / "installed", tmp_path / "data"
    for package in ("archive", "scraper", "webui"):
        shutil.copytree(ROOT / package, installed / package, ignore=shutil.ignore_patterns("__pycache__"))
    text = {"id": "1", "title": "Huyện Gia Viễn trao tặng ghế ngồi xe hơi", "text": "Huyện Gia Viễn trao 120 ghế."}
    (tmp_path / "texts.jsonl").write_text(json.dumps({**text, "published": "2022-05-01"}) + "\n", "utf-8")
    ansinh(installed, data, "import", str(tmp_path / "texts.jsonl"))
    assert json.loads(ansinh(installed, data, "search", "ghế", "--json"))["total"] == 0
    topic = installed / "archive/enrich/topics.toml"
    words = topic.read_text("utf-8").replace("\nstrong = [", '\nstrong = ["ghế ngồi xe hơi", ', 1)
    topic.write_text(words, "utf-8")
    assert ansinh(installed, data, "rebuild", "--enrich").startswith("1 articles changed")
    (hit,) = json.loads(ansinh(installed, data, "search", "ghế", "--json"))["hits"]
    assert hit["topics"] == ["giam-ngheo"]
    assert ansinh(installed, data, "rebuild", "--enrich").startswith("0 articles changed")
