"""What a change writes and removes, and until when it may be sent."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest

from functions.shared import clock, table
from functions.shared.clock import iso
from functions.shared.dynamodb import Conflict
from functions.shared.records import Key
from functions.shared.transaction import COMMIT_WITHIN, Transaction
from functions.subscribers.subscriber import Subscriber
from tests.support.builders import NOW, PARTNER
from tests.unit.busy_table import Client, cancelled, change

pytestmark = pytest.mark.usefixtures("pauses")


class TestRemoving:
    """A change removes only what it has read, and frees only what is taken."""

    @pytest.mark.usefixtures("kept")
    def test_what_has_changed_since_stays(self) -> None:
        change().commit()
        read, newer = (table.read(Subscriber, PARTNER, "subr_1") for _ in range(2))
        assert read is not None
        assert newer is not None
        update = Transaction()
        update.update(newer)
        update.commit()
        removal = Transaction()
        removal.delete(read)
        with pytest.raises(Conflict):
            removal.commit()
        assert table.read(Subscriber, PARTNER, "subr_1") is not None

    @pytest.mark.usefixtures("kept")
    def test_what_is_free_cannot_be_freed(self) -> None:
        guard = Key("guard", "guard")
        release = Transaction()
        release.release(guard)
        with pytest.raises(Conflict):
            release.commit()

    @pytest.mark.usefixtures("kept")
    def test_what_has_not_expired_stays(self) -> None:
        guard = Key("guard", "guard")
        claim = Transaction()
        claim.claim(guard, {"expires_at": iso(NOW)})
        claim.commit()
        for moment, freed in ((NOW - timedelta(milliseconds=1), False), (NOW, True)):
            release = Transaction()
            release.release_expired(guard, moment)
            with nullcontext() if freed else pytest.raises(Conflict):
                release.commit()
            assert (table.get_item(guard) is None) == freed


@pytest.mark.usefixtures("kept")
def test_a_change_writes_an_item_once() -> None:
    made, one, other = Transaction(), Key("guard", "one"), Key("guard", "other")
    for key in (one, other):
        made.claim(key, {"expires_at": iso(NOW)}, free_from=NOW)
    with pytest.raises(ValueError, match="one change writes"):
        made.claim(one, {})
    made.commit()
    assert table.get_item(one) is not None
    assert table.get_item(other) is not None


@pytest.mark.parametrize("seconds", [0, 1])
def test_its_events_come_in_time_or_not_at_all(
    use: Callable[[Client], Client], monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """After that, a reader of the log may have passed the moment that is in their ids."""
    client = use(Client(cancelled("TransactionConflict"), {}))
    moments = [NOW, NOW, NOW, NOW + COMMIT_WITHIN + timedelta(seconds=seconds)]
    monkeypatch.setattr(clock, "now", lambda: moments.pop(0))
    with pytest.raises(Conflict) if seconds else nullcontext():
        change().commit()
    assert (len(client.asked), moments) == (2 - seconds, [])
