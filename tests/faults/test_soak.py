"""A week of nights in which everything goes wrong by turns: nothing acknowledged is lost, and nobody has to help (F40)."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.faults.conftest import FULL, MANY, complaints, held, lost
from tests.faults.fleet import Fleet, page, refusal
from tests.faults.launch import Child, ansinh, wait_for
from tests.hostile.faults import Send, answer, encoded, endless, faults, raw, zlib_bomb

NIGHTS, PORTALS, ARTICLES = (7, 30, 14) if FULL else (3, 6, 11)
SETTINGS = "delay = 0.0\nfree_mb = 0\ndue_hours = 0\nhang_seconds = 60"
BUSY = 75
PHOTO = 150_000  # bytes: what a page of a portal weighs, its images
GROWTH = 0.20
# The process that crawls, with less patience for what hangs, and perhaps a bug.
_WORKER = """
import os, sys
os.environ["ANSINH_DATA"] = sys.argv[1]
import scraper.settings
scraper.settings.DOWNLOAD_TIMEOUT = float(sys.argv[3])
from tests.faults import bugs
getattr(bugs, sys.argv[2] or "none")()
from scraper.commands.worker import main
main()
"""
_WIRE = (
    "hang", "drip", "reset", "closed without a word", "half a status line", "no status line", "status 999", "length is a word",
    "two lengths", "shorter than its length", "chunks break off", "gzip breaks off", "10,000 nested tags",
    "2 MB without spaces", "a redirect to itself", "a redirect off site",
)  # fmt: skip


@dataclass
class Week:
    """The nights of one seed: what was acknowledged in them, and what went wrong."""

    fleet: Fleet
    data: Path
    seed: int
    bug: str = ""
    acknowledged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    patience: float = 2.0 if FULL else 0.5  # seconds for an answer; a night's are 30
    kills: int = 0
    weights: list[tuple[int, int]] = field(default_factory=list)

    def night(self, number: int) -> None:
        """News on some portals, faults on some, a kill or none; then what cron would start until a night is through."""
        chance = random.Random(f"{self.seed}/{number}")
        for name in self.fleet.names:
            self._publish(name, chance)
        self.fleet.misbehave = Trouble(chance, self.fleet)
        for _ in range(chance.choice((0, 1, 1, 2) if FULL else (0, 1))):
            self._killed(chance)
        self._through()

    def calm(self) -> None:
        """A night without trouble."""
        self.patience = 30.0
        self.fleet.misbehave = lambda name, path: None
        code = self._through()
        if code:
            self.wrong.append(f"a calm night ended with {code}")

    def weigh(self) -> None:
        """Note how much there is of evidence, and of everything else."""
        evidence = size(self.data / "captures")
        self.weights.append((evidence, size(self.data) - evidence))

    def _publish(self, name: str, chance: random.Random) -> None:
        articles = self.fleet.articles[name]
        for _ in range(chance.choice((0, 0, 1, 3))):
            articles[max(articles) + 1] = illustrated(name, max(articles) + 1)
        if chance.random() < 0.3:
            edited = chance.choice(sorted(articles))
            articles[edited] = illustrated(name, edited, chance.randrange(10**6))

    def _killed(self, chance: random.Random) -> None:
        """SIGKILL the night, the process that crawls for it, or both, somewhere on their way."""
        child = self._start()
        if chance.random() < 0.7:
            wait_for(lambda: child.process.exitcode is not None or child.acknowledged())
        time.sleep(chance.uniform(0, 2.0))
        workers = children(child.process.pid)
        for pid in chance.choice(([child.process.pid], workers, [child.process.pid, *workers])):
            kill(pid)
        child.end(280)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
        self.kills += 1
        self._note(child)

    def _through(self) -> int:
        child = self._start()
        code = child.end(280)
        if code not in (0, 1) or "Traceback" in child.errors():
            self.wrong.append(f"nightly ended with {code}: {child.errors()[-2000:]}")
        self._note(child)
        return code

    def _start(self) -> Child:
        worker = (sys.executable, "-c", _WORKER, str(self.data), self.bug, str(self.patience))
        return ansinh(self.data, "nightly", "--json", settings={"scraper.night.supervision.COMMAND": worker})

    def _note(self, child: Child) -> None:
        self.acknowledged += child.acknowledged()
        self.wrong += lost(self.data, self.acknowledged)


class Trouble:
    """The faults of one night: some portals have none, some a few, one is out of order altogether."""

    def __init__(self, chance: random.Random, fleet: Fleet) -> None:
        """Deal the faults out; what a path answers is the same each time it is asked for in that night."""
        self._salt, self._fleet = str(chance.random()), fleet
        self._faults = {name: send for name, send in faults(fleet.port).items() if name in _WIRE}
        self._faults |= {
            "503": refusal("503 Service Unavailable"),
            "429": refusal("429 Too Many Requests", "1"),
            "bomb": encoded("gzip", zlib_bomb(31)),
            "endless": endless,
        }
        self._share = {name: chance.choice((0, 0, 0.1, 0.3)) for name in fleet.names}
        self._share[chance.choice(fleet.names)] = 1.0

    def __call__(self, name: str, path: str) -> Send | None:
        """Return tonight's answer of a path when it is a fault; robots.txt and photos are served more often than not."""
        dice = random.Random(sha256(f"{self._salt}{name}{path}".encode()).digest())
        if path.startswith("/uploads/"):
            number = int(path.rpartition("-")[2].removesuffix(".jpg"))
            return raw(answer(photo(name, number), b"Content-Type: image/jpeg\r\n"))
        if dice.random() >= self._share.get(name, 0) * (0.3 if path == "/robots.txt" else 1):
            return None
        return self._faults[dice.choice(sorted(self._faults))]


def illustrated(name: str, number: int, edition: int = 1) -> bytes:
    """Return an article's page with a photo."""
    image = f'<p><img src="/uploads/anh-{number}.jpg"></p></div>'.encode()
    return page(name, number, edition).replace(b"</p></div>", b"</p>" + image, 1)


def photo(name: str, number: int) -> bytes:
    return b"\xff\xd8\xff" + random.Random(f"{name}{number}").randbytes(PHOTO)


def children(pid: int | None) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill(pid: int | None) -> None:
    try:
        os.kill(pid or 0, signal.SIGKILL)
    except ProcessLookupError:
        return


def size(folder: Path) -> int:
    """Return the bytes of a folder's files, those with several names counted once; the database's log has its own limit."""
    files = [path.stat() for path in folder.rglob("*") if path.is_file() and "ansinh.db-" not in path.name]
    return sum({one.st_ino: one.st_size for one in files}.values())


def soak(folder: Path, seed: int, nights: int = NIGHTS, bug: str = "") -> Week:
    """Live through the nights of a seed and a calm one."""
    names = [f"huyen-{n}" for n in range(PORTALS)]
    with Fleet(names, 1) as fleet:
        for name in names:
            fleet.articles[name] = {n: illustrated(name, n) for n in range(1, ARTICLES + 1)}
        week = Week(fleet, fleet.prepare(folder / "data", SETTINGS), seed, bug)
        for number in range(nights):
            week.night(number)
            week.weigh()
        week.calm()
        week.weigh()
        expected = sum(map(len, fleet.articles.values()))
    if len(held(week.data)) != expected:
        week.wrong.append(f"{len(held(week.data))} articles are held of {expected}")
    week.wrong += complaints(week.data)
    return week


def test_a_week_of_faults_loses_nothing_and_needs_nobody(tmp_path: Path) -> None:
    week = soak(tmp_path, 40)
    assert week.wrong == []
    assert week.kills > 0
    assert set(week.acknowledged) <= held(week.data)  # a kill may fall between a commit and its lines: held, never told
    assert len(set(week.acknowledged)) > 0.25 * len(held(week.data))  # each kill may keep a whole batch from being told
    evidence, rest = week.weights[-1]
    sys.stderr.write(f"soak: {week.kills} kills, {len(held(week.data))} articles, bytes {week.weights}\n")
    assert rest <= GROWTH * evidence


def test_control_a_night_with_late_commits_loses_what_it_acknowledged(tmp_path: Path) -> None:
    assert any(soak(tmp_path / str(seed), seed, 1, "commits_late").wrong for seed in range(MANY))
