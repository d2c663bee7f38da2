"""Who waits for rest sees no gap between a thing and what it causes, and does not wait for what was given up."""

from collections.abc import Callable
from threading import Event, Thread

import pytest

from infra.local.work import Work

SECONDS = 10.0


@pytest.fixture
def work() -> Work:
    return Work()


def waiting(work: Work, others_rest: Callable[[], bool] = lambda: True) -> Event:
    """Wait in another thread, and set the event then."""
    rested = Event()

    def wait() -> None:
        work.await_rest(SECONDS, others_rest)
        rested.set()

    Thread(target=wait, daemon=True).start()
    return rested


def test_there_is_rest_when_all_has_ended(work: Work) -> None:
    first = work.begin("stream")
    rested = waiting(work)
    second = work.begin("queue")
    first()
    assert not rested.wait(0.02)
    second()
    assert rested.wait(SECONDS)
    work.await_rest(0, lambda: True)


def test_it_says_what_it_has_waited_for_in_vain(work: Work) -> None:
    work.begin("stream")
    with pytest.raises(TimeoutError, match="'stream': 1"):
        work.await_rest(0.01, lambda: True)
    with pytest.raises(TimeoutError, match="others are busy"):
        Work().await_rest(0.01, lambda: False)


def test_what_begins_while_others_are_looked_at_is_waited_for(work: Work) -> None:
    looks: list[object] = []

    def others_rest() -> bool:
        if not looks:
            end = work.begin("sent by the others, and handled already")
            end()
        looks.append(len(looks))
        return True

    work.await_rest(SECONDS, others_rest)
    assert len(looks) == 2, "their rest counts only if nothing has begun beside it"


def test_what_is_given_up_is_not_waited_for(work: Work) -> None:
    end = work.begin("stream")
    rested = waiting(work)
    work.give_up()
    assert rested.wait(SECONDS)
    work.restart()
    new = work.begin("stream")
    end()
    with pytest.raises(TimeoutError):
        work.await_rest(0.01, lambda: True)
    new()
    work.await_rest(SECONDS, lambda: True)
