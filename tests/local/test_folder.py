"""A folder keeps what is noted, all of a note or none, and is not touched if it is not ours (contract §9)."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import folder as folders
from infra.local.folder import EVERY, FORMAT, FORMAT_FILE, STATE_FILE, Folder, FolderRefused, NotSaved


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    opened = Folder(tmp_path / "new" / "data")
    yield opened
    opened._state.close()


def again(folder: Folder) -> Folder:
    folder.stop()
    return Folder(folder.path)


def content(path: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.iterdir()}


def test_what_was_noted_last_is_there_again(folder: Folder) -> None:
    folder.note(("item", "a", {"x": 1}), ("item", "b", {"document": {"B": b"\x00\xff"}}))
    folder.note(("item", "a", None), ("item", "c", {"M": {"base64": {"S": "text"}}}))
    folder = again(folder)
    assert folder.all("item") == {"b": {"document": {"B": b"\x00\xff"}}, "c": {"M": {"base64": {"S": "text"}}}}
    assert folder.all("other") == {}
    folder.note(("item", EVERY, None), ("item", "d", 1))
    folder = again(folder)
    assert folder.all("item") == {"d": 1}
    folder.stop()


def test_what_is_made_first_stays(folder: Folder) -> None:
    assert folder.first("secret", "key", lambda: "one") == "one"
    folder = again(folder)
    assert folder.first("secret", "key", lambda: "two") == "one"
    folder.stop()


def test_what_is_held_together_is_written_together(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "WRITE_SECONDS", 0.001)
    folder.start(lambda: [("setting", "now", "then")])
    with folder.held():
        for number in range(200):
            folder.note(("item", str(number), number))
        time.sleep(0.02)
        assert folder.all("item") == {}
    folder.stop()
    folder = Folder(folder.path)
    assert len(folder.all("item")) == 200
    assert folder.all("setting") == {"now": "then"}
    folder.stop()


def test_a_write_that_fails_is_made_again(folder: Folder) -> None:
    folder.note(("item", "a", 1))
    folder._state.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        folder._write()
    folder._state.execute("PRAGMA query_only = OFF")
    folder = again(folder)
    assert folder.all("item") == {"a": 1}
    folder._state.execute("PRAGMA query_only = ON")
    folder.note(("item", "b", 1))
    with pytest.raises(NotSaved, match="not everything was saved in "):
        folder.stop()
    folder._state.close()


def test_a_write_that_is_cut_off_leaves_nothing_of_itself(folder: Folder) -> None:
    folder.note(("item", "a", 1))
    folder._write()
    folder.note(("item", "b", 1), ("item", "c", object()))
    with pytest.raises(TypeError):
        folder._write()
    assert folder.all("item") == {"a": 1}


class TestRefusals:
    """One reason each, and nothing has changed."""

    def refusal(self, path: Path) -> str:
        before = content(path) if path.is_dir() else {}
        with pytest.raises(FolderRefused) as refused:
            Folder(path)
        assert not path.is_dir() or content(path) == before
        assert "\n" not in str(refused.value)
        return str(refused.value)

    def test_another_process(self, folder: Folder) -> None:
        folder.note(("item", "a", 1))
        folder._write()
        assert self.refusal(folder.path) == f"{folder.path} is in use by another sandbox"
        assert folder.all("item") == {"a": 1}

    def test_another_format(self, folder: Folder) -> None:
        folder.stop()
        (folder.path / FORMAT_FILE).write_text("mobile-orders sandbox, format 2\n")
        assert "has another format, 'mobile-orders sandbox, format 2'; this is " in self.refusal(folder.path)

    def test_something_else(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("Dear all")
        assert "has other files" in self.refusal(tmp_path)
        assert "must be a folder" in self.refusal(tmp_path / "letter.txt")

    def test_no_state_of_ours(self, tmp_path: Path) -> None:
        (tmp_path / FORMAT_FILE).write_text(FORMAT)
        (tmp_path / STATE_FILE).write_text("x" * 10_000)
        assert "cannot be used: file is not a database" in self.refusal(tmp_path)
