"""What has left the queue of webhooks is counted until it is carried out."""

from infra.local.attempts import Tasks


def test_it_rests_when_all_is_carried_out() -> None:
    tasks = Tasks()
    tasks.add(1)
    assert not tasks.idle()
    with tasks.carrying_out():
        assert not tasks.idle()
    assert tasks.idle()


def test_what_was_not_received_is_not_counted() -> None:
    tasks = Tasks()
    with tasks.carrying_out():
        pass
    tasks.add(1)
    assert not tasks.idle()
