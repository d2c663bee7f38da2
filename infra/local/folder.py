"""A folder that keeps what the sandbox notes (``DATA``), in the order in which it was noted.

It is written behind what happens, once a second, by SQLite, which also lets no other process in.
"""

import base64
import json
import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any

log = logging.getLogger(__name__)

FORMAT = "mobile-orders sandbox, format 1\n"
FORMAT_FILE = "format"
STATE_FILE = "state.sqlite"
WRITE_SECONDS = 1.0
BASE64 = "base64"

SETTING = "setting"
"""The kind of what is there once."""
BEGUN = "begun"
EVERY = "*"
"""In place of a key: all that is kept of the kind."""

Note = tuple[str, str, Any]
"""A kind of thing, its key, and its value as JSON (with bytes in it, if need be); ``None`` if it is gone."""

OPEN = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "BEGIN IMMEDIATE",
    "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    "COMMIT",
)


class FolderRefused(Exception):
    """The folder cannot be used; it was not touched."""


class NotSaved(Exception):
    """What was noted last could not be written."""


class Nowhere:
    """Keeps nothing; what is noted is forgotten."""

    keeps = False
    begun = False
    """Whether there is something to go on with."""

    def note(self, *notes: Note) -> None:
        """Keep some things together, all of them or none."""

    def all(self, _kind: str) -> dict[str, Any]:
        """Return what is kept of a kind, by its keys."""
        return {}

    def first(self, _kind: str, _key: str, make: Callable[[], Any]) -> Any:
        """Return what is kept, or what ``make`` returns now."""
        return make()

    def adopt(self, file: Path, _name: str) -> Path:
        """Return where the file can be found as long as what is kept."""
        return file

    @contextmanager
    def held(self) -> Iterator[None]:
        """Write all that is noted meanwhile together at the end."""
        yield

    def start(self, _notes: Callable[[], list[Note]]) -> None:
        """Begin to write; with it, whenever something is written, what is noted then."""

    def stop(self) -> None:
        """Write the rest. Raise :class:`NotSaved` if that fails."""


class Folder(Nowhere):
    """Keeps what is noted in a folder. Raise :class:`FolderRefused` if it is not one that this can be done in."""

    keeps = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._noted: list[tuple[Note, ...]] = []
        self._writing = RLock()
        self._stopping = Event()
        self._also: Callable[[], list[Note]] = list
        self._thread = Thread(target=self._run, name="folder", daemon=True)
        new = _is_new(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if new:
                (path / FORMAT_FILE).write_text(FORMAT)
            self._state = sqlite3.connect(path / STATE_FILE, timeout=0, isolation_level=None, check_same_thread=False)
            for statement in OPEN:
                self._state.execute(statement)
        except (OSError, sqlite3.Error) as error:
            raise FolderRefused(_reason(path, error)) from error
        self.begun = BEGUN in self.all(SETTING)

    def note(self, *notes: Note) -> None:
        """Keep some things together, all of them or none."""
        self._noted.append(notes)

    def all(self, kind: str) -> dict[str, Any]:
        """Return what is kept of a kind, by its keys; what was noted since the last time of writing is not there."""
        with self._writing:
            rows = self._state.execute("SELECT key, value FROM kept WHERE kind = ?", (kind,)).fetchall()
        return {key: json.loads(value, object_hook=_decoded) for key, value in rows}

    def first(self, kind: str, key: str, make: Callable[[], Any]) -> Any:
        """Return what is kept, or what ``make`` returns now, which is kept then."""
        kept = self.all(kind)
        if key not in kept:
            kept[key] = make()
            self.note((kind, key, kept[key]))
        return kept[key]

    def adopt(self, file: Path, name: str) -> Path:
        """Return where the file can be found as long as what is kept: here, under this name."""
        copy = self.path / f"{name}{file.suffix}"
        if not copy.exists() or not file.samefile(copy):
            shutil.copyfile(file, copy)
        return copy

    @contextmanager
    def held(self) -> Iterator[None]:
        """Write all that is noted meanwhile together at the end."""
        with self._writing:
            yield

    def start(self, notes: Callable[[], list[Note]]) -> None:
        """Begin to write; with it, whenever something is written, what is noted then."""
        self._also = notes
        self._thread.start()

    def stop(self) -> None:
        """Write the rest. Raise :class:`NotSaved` if that fails."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self._write()
            self._state.close()
        except sqlite3.Error as error:
            raise NotSaved(f"not everything was saved in {self.path}: {error}") from error

    def _run(self) -> None:
        while not self._stopping.wait(WRITE_SECONDS):
            try:
                self._write()
            except Exception:
                log.exception("%s cannot be written; it is tried again", self.path)

    def _write(self) -> None:
        """Write what has been noted so far: a beginning of all, so what is there has its causes beside it."""
        with self._writing:
            count = len(self._noted)
            emptied, last = _summed_up(chain(*self._noted[:count], self._also()))
            gone = [place for place, value in last.items() if value is None]
            there = [(*place, _encoded(value)) for place, value in last.items() if value is not None]
            with self._state:
                self._state.execute("BEGIN")
                self._state.executemany("DELETE FROM kept WHERE kind = ?", [(kind,) for kind in emptied])
                self._state.executemany("DELETE FROM kept WHERE kind = ? AND key = ?", gone)
                self._state.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", there)
            del self._noted[:count]


def _summed_up(notes: Iterable[Note]) -> tuple[set[str], dict[tuple[str, str], Any]]:
    """Return the kinds of which nothing stays, and the last value at every place."""
    emptied: set[str] = set()
    last: dict[tuple[str, str], Any] = {}
    for kind, key, value in notes:
        if key == EVERY:
            emptied.add(kind)
            last = {place: kept for place, kept in last.items() if place[0] != kind}
        else:
            last[kind, key] = value
    return emptied, last


def _is_new(path: Path) -> bool:
    """Return whether nothing is there yet. Raise :class:`FolderRefused` if something else than ours is."""
    if path.exists() and not path.is_dir():
        raise FolderRefused(f"DATA must be a folder; {path} is none")
    file = path / FORMAT_FILE
    try:
        found = file.read_text() if file.is_file() else ""
        others = [each for each in path.iterdir() if each != file] if path.exists() else []
    except (OSError, ValueError) as error:
        raise FolderRefused(_reason(path, error)) from error
    if others and not found:
        raise FolderRefused(f"DATA must be a new or empty folder, or one of a sandbox; {path} has other files")
    if found not in ("", FORMAT):
        raise FolderRefused(f"{path} has another format, {found.strip()[:80]!r}; this is {FORMAT.strip()!r}")
    return not found


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return f"{path} is in use by another sandbox"
    return f"{path} cannot be used: {error}"


def _encoded(value: Any) -> str:
    return json.dumps(value, default=lambda content: {BASE64: base64.b64encode(content).decode()})


def _decoded(value: Mapping[str, Any]) -> Any:
    content = value.get(BASE64)
    return base64.b64decode(content) if len(value) == 1 and isinstance(content, str) else value
