"""``make check-receiver`` finds each fault of a receiver, and none in a good one."""

import socket

import pytest

from infra.receiver import endpoint
from infra.receiver.check import main
from infra.receiver.checks import CHECKS, another_secret
from infra.receiver.endpoint import Endpoint, order_event
from tests.sending import partners
from tests.sending.partners import Good
from tests.sending.serving import partner
from tests.support.description import check_event
from tests.support.receiver import Receiver, answering, receiving, silent

SECRET = "T/NXPFQ836EaLknjhkoOMQB99TR9yka4EvCKOyyu6Ok="
SECONDS = 1.0
ACCEPTED = {check.what for check in CHECKS if check.wanted == "accept"}
REFUSED = {check.what for check in CHECKS if check.wanted == "refuse"}
OLD, AHEAD = (
    "a timestamp ten minutes ago (a recorded request that somebody sends again)",
    "a timestamp ten minutes ahead",
)
SLOW = "another event while one comes slowly, and one more after that was cut off"
AT_ONCE = "the same event several times at once"
VERSIONS = "a signature beside one of another version"
REPLACED = "a second signature, of a secret that this one replaced"
REPLACES = "a second signature, of a secret that replaced this one"
FORGED = "an event whose id came with a wrong signature before"
CHANGED = [f"{what} that was changed after it was signed" for what in ("a body", "an id", "a timestamp")]
CHARACTERS = "characters outside ASCII"

FAULTS: dict[type[Good], set[str]] = {
    partners.RefusesDuplicates: {"the same event again", AT_ONCE},
    partners.FailsOnRaces: {AT_ONCE},
    partners.WantsOrder: {"the events of one order in the wrong order"},
    partners.RefusesLateEvents: {"an event that happened four days ago"},
    partners.HasNoTolerance: {"a timestamp a minute ago or ahead"},
    partners.ReadsTheFirstSignatureOnly: {REPLACES, VERSIONS},
    partners.ReadsTheLastSignatureOnly: {REPLACED},
    partners.KnowsItsVersionOnly: {VERSIONS},
    partners.RefusesUnknownTypes: {"a type that it does not know"},
    partners.RefusesUnknownMembers: {"members that it does not know"},
    partners.ComparesReencoded: {CHARACTERS},
    partners.RefusesLargeBodies: {"a large event (256 KiB)"},
    partners.ServesOneAtATime: {SLOW},
    partners.NotesTheIdTooEarly: {"the whole of an event that was cut off before", FORGED},
    partners.NotesTheIdOfForgeries: {FORGED},
    partners.VerifiesNothing: REFUSED,
    partners.ComparesBeginnings: {"a signature that was cut short"},
    partners.IgnoresTheVersion: {"a signature of another version only"},
    partners.IgnoresTheTimestamp: {OLD, AHEAD},
    partners.IgnoresTheFuture: {AHEAD},
    partners.ChecksTheFormOnly: {"the signature of another secret", *CHANGED},
    partners.FailsOnWords: {"a timestamp that is not a number"},
    partners.FailsInsteadOfRefusing: {"a request without one of the three headers"},
    partners.FailsOnAnythingWrong: REFUSED,
    partners.Redirects: ACCEPTED,
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "PAUSE_SECONDS", 0)


def check(url: str, seconds: float = SECONDS, **settings: str) -> int:
    return main([url], {"SECRET": SECRET} | settings, seconds)


def test_a_good_receiver_passes(capsys: pytest.CaptureFixture[str]) -> None:
    with partner(Good(SECRET)) as url:
        assert check(url, seconds=10) == 0
    *printed, last = capsys.readouterr().out.splitlines()
    assert printed == [f"ok    {each.wanted} {each.what}" for each in CHECKS]
    assert last == f"{len(CHECKS)} checks, no faults"


@pytest.mark.parametrize("receiver", FAULTS, ids=lambda receiver: receiver.__name__)
def test_each_fault_is_found_and_named(receiver: type[Good], capsys: pytest.CaptureFixture[str]) -> None:
    with partner(receiver(SECRET)) as url:
        assert check(url) == 1
    *printed, last = capsys.readouterr().out.splitlines()
    faults = [line for line in printed if line.startswith("FAULT ")]
    assert {line.split(" ", 2)[2].rpartition(": ")[0] for line in faults} == FAULTS[receiver]
    assert f"{len(CHECKS)} checks, {len(faults)} fault" in "".join([*printed[-1:], last])


def test_every_check_is_needed_by_a_fault_that_few_others_find() -> None:
    narrow = [found for found in FAULTS.values() if len(found) <= 4]
    assert {"an event"}.union(*narrow) == ACCEPTED | REFUSED


def test_another_secret_is_asked_after(capsys: pytest.CaptureFixture[str]) -> None:
    with partner(Good(another_secret())) as url:
        assert check(url) == 1
    printed = capsys.readouterr().out
    assert "FAULT accept an event: answered 401 Unauthorized\n" in printed
    assert printed.endswith("Is SECRET the signing secret that it verifies with?\n")


def test_a_receiver_behind_a_password() -> None:
    with receiving(answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")) as receiver:
        assert check(receiver.url, BASIC_AUTH="name:word") == 1
    assert all(b"Authorization: Basic bmFtZTp3b3Jk\r\n" in request for request in receiver.requests)


@pytest.mark.parametrize(
    ("url", "secret", "printed"),
    [
        ("", SECRET, "URL must begin with https:// or http://"),
        ("http://8.8.8.8/", SECRET, "URL must begin with https://, unless all its addresses are private"),
        ("http://127.0.0.1:1/", "", "SECRET must be the endpoint's signing secret"),
        ("http://127.0.0.1:1/", "whsec_x", "SECRET must be the endpoint's signing secret"),
        ("http://127.0.0.1:1/", SECRET, "nothing listens there"),
    ],
)
def test_what_cannot_be_checked(url: str, secret: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(url, SECRET=secret) == 2
    assert printed in capsys.readouterr().err


def test_a_receiver_that_never_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with receiving(silent) as receiver:
        assert check(receiver.url, seconds=0.1) == 2
    assert "did not answer in time" in capsys.readouterr().err


def test_a_receiver_that_cuts_off_what_comes_slowly_can_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "PAUSE_SECONDS", 0.05)
    cut_off: list[int] = []

    def hasty(_connection: socket.socket, receiver: Receiver) -> None:
        cut_off.append(receiver.port)

    with receiving(hasty) as receiver, Endpoint(receiver.url, SECRET).half_sent(order_event()):
        pass
    assert cut_off


def test_what_is_sent_is_an_event_of_the_description() -> None:
    check_event(order_event())
