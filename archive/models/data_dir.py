"""The data directory: where everything that one archive holds lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataDir:
    """Where everything lies (design section 3): evidence under captures/, the rest derived or typed by people."""

    path: Path

    @property
    def captures(self) -> Path:
        """Evidence: WARC files by portal and month, and imported files."""
        return self.path / "captures"

    @property
    def imported(self) -> Path:
        """Imported files under the name of their SHA-256, each with its <file>.json beside it."""
        return self.captures / "imported"

    @property
    def database(self) -> Path:
        """The SQLite database, derived from the captures."""
        return self.path / "ansinh.db"

    @property
    def index(self) -> Path:
        """The search indexes, one folder an engine, derived from the database."""
        return self.path / "index"

    @property
    def portals(self) -> Path:
        """The operator's own portals, beside the built-in catalogue."""
        return self.path / "portals"

    @property
    def settings(self) -> Path:
        """The settings file; every setting is optional."""
        return self.path / "ansinh.toml"

    @property
    def corrections(self) -> Path:
        """Facts that people corrected, never derived."""
        return self.path / "corrections.toml"

    @property
    def takedowns(self) -> Path:
        """What people closed, never derived."""
        return self.path / "takedowns.toml"

    @property
    def lock(self) -> Path:
        """The file that the one writing process holds locked."""
        return self.path / "write.lock"
