"""The URLs of webhooks (contract §8, URLs)."""

import socket
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks import urls
from functions.webhooks.urls import Target, check_url, parse_url

NAME = "must have the name of a host, like https://example.com/webhooks"
SPELLING = "must have an IPv4 address as four decimal numbers, like 192.0.2.1"
ZONE = "must have an IPv6 address without a zone between the brackets"
CHARACTERS = "must not have spaces, control characters or backslashes"
USER = "must not have a user name or password; send them as basic_auth"
FORM = "must be a URL like https://example.com/webhooks"

GOOD = {
    "https://example.com": Target("https", "example.com", 443, "/"),
    "HTTPS://Example.COM:8443/a/b?c=d&e": Target("https", "example.com", 8443, "/a/b?c=d&e"),
    "https://example.com.?x": Target("https", "example.com", 443, "/?x"),
    "https://example.com:/": Target("https", "example.com", 443, "/"),
    "https://example.com//a/../b%2F%20": Target("https", "example.com", 443, "//a/../b%2F%20"),
    "https://bücher.example/ä?ö": Target("https", "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6"),
    "https://xn--strae-oqa.de/": Target("https", "xn--strae-oqa.de", 443, "/"),
    "https://a_b.example/": Target("https", "a_b.example", 443, "/"),
    "https://8.8.8.8/": Target("https", "8.8.8.8", 443, "/"),
    "https://8.8.8.8./": Target("https", "8.8.8.8", 443, "/"),
    "https://\uff18.\uff18.\uff18.\uff18/": Target("https", "8.8.8.8", 443, "/"),
    "https://[2606:4700::1111]:444/": Target("https", "2606:4700::1111", 444, "/"),
}
BAD = {
    "http://example.com/": "must begin with https://",
    "ftp://example.com/": "must begin with https://",
    "example.com": "must begin with https://",
    "//example.com/": "must begin with https://",
    "javascript:alert(1)": "must begin with https://",
    "": "must begin with https://",
    "https://": NAME,
    "https:///path": NAME,
    "https:example.com": NAME,
    "https://.": NAME,
    "https://a..b/": NAME,
    "https://example.com../": NAME,
    f"https://{'a' * 64}.example/": NAME,
    f"https://{'a.' * 126}aa/": NAME,
    "https://%31%32%37.0.0.1/": NAME,
    "https://exa$mple.com/": NAME,
    "https://example.com:0/": "must not have the port 0",
    "https://example.com:65536/": FORM,
    "https://example.com:x/": FORM,
    "https://[::1": FORM,
    "https://user@example.com/": USER,
    "https://user:password@example.com/": USER,
    "https://@example.com/": USER,
    "https://example.com@127.0.0.1/": USER,
    "https://example.com/#fragment": "must not have a fragment",
    "https://example.com/#": "must not have a fragment",
    "https://example.com\\@127.0.0.1/": CHARACTERS,
    "https://example.com/a b": CHARACTERS,
    "https://exam\tple.com/": CHARACTERS,
    "https://example.com/\r\nHost:x": CHARACTERS,
    "https://example.com/\x00": CHARACTERS,
    " https://example.com/": CHARACTERS,
    "https://2130706433/": SPELLING,
    "https://0x7f000001/": SPELLING,
    "https://0x7f.1/": SPELLING,
    "https://017700000001/": SPELLING,
    "https://0177.0.0.1/": SPELLING,
    "https://127.1/": SPELLING,
    "https://127.0.0.1.1/": SPELLING,
    "https://1.2.3.256/": SPELLING,
    "https://example.1/": SPELLING,
    "https://[fe80::1%25eth0]/": ZONE,
    "https://[fe80::1%eth0]/": ZONE,
    "https://[2606:4700::1%25lo]/": ZONE,
    "https://straße.de/": "must have this host name in its form that begins with xn--",
    "https://example.com/" + "a" * 2_029: "must have at most 2,048 characters",
}
PRIVATE = ["10.0.0.1", "127.0.0.1", "[::1]", "[fd12::1]", "[::ffff:127.0.0.1]", "[64:ff9b::10.0.0.1]", "127.0.0.1."]
FORBIDDEN = ["169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1", "[ff02::1]", "[::]"]
FORBIDDEN.append("0.0.0.0")  # noqa: S104 - nobody listens there


@pytest.mark.parametrize("url", GOOD)
def test_where_a_url_leads(url: str) -> None:
    assert parse_url(url, allow_private=False) == GOOD[url]


@pytest.mark.parametrize("url", BAD)
def test_a_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^must ") as refused:
        parse_url(url, allow_private=False)
    assert str(refused.value) == BAD[url]


@pytest.mark.parametrize("url", ["https://[::1]x/", "https://x[::1]/", "https://[v1.x]/", "https://[::1]]/"])
def test_brackets_hold_an_address_and_nothing_stands_beside_them(url: str) -> None:
    with pytest.raises(ValueError, match=r"must have an IPv6 address|must be a URL"):
        parse_url(url, allow_private=False)


def test_a_url_has_at_most_2048_characters() -> None:
    assert parse_url("https://example.com/" + "a" * 2_028, allow_private=False)


def sent_for(url: str) -> str:
    """What a request's first line and Host header have of the URL, or why it is refused."""
    try:
        target = parse_url(url, allow_private=True)
    except ValueError as refused:
        return str(refused)
    return f"POST {target.path} {target.authority}"


@given(st.text())
def test_any_other_text_is_refused_in_words_or_leads_to_what_can_be_sent(text: str) -> None:
    sent = sent_for(f"https://{text}")
    assert sent.startswith(("must ", "POST /"))
    assert sent.isascii()
    assert sent.isprintable()


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://example.com:443/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("http://example.com:80/", "example.com"),
        ("http://[::1]:443/", "[::1]:443"),
    ],
)
def test_the_host_header_has_the_port_where_it_is_another(url: str, authority: str) -> None:
    assert parse_url(url, allow_private=True).authority == authority


def resolved(*addresses: str) -> urls.Resolve:
    return lambda _name: addresses


@pytest.mark.parametrize("host", PRIVATE)
def test_only_the_sandbox_takes_private_addresses(host: str) -> None:
    with pytest.raises(ValueError, match=r"^must lead to public addresses only$"):
        check_url(f"https://{host}/", allow_private=False)
    check_url(f"https://{host}/", allow_private=True)
    check_url(f"http://{host}/", allow_private=True)
    literal = host.strip("[]").removesuffix(".")
    with pytest.raises(ValueError, match=r"^must lead to public addresses only$"):
        check_url("https://example.com/", allow_private=False, resolve=resolved("8.8.8.8", literal))


@pytest.mark.parametrize("host", FORBIDDEN)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_takes_the_others(host: str, scheme: str) -> None:
    refusal = pytest.raises(ValueError, match=r"^must lead to public, private or loopback addresses only$")
    with refusal:
        check_url(f"{scheme}://{host}/", allow_private=True)
    with refusal:
        check_url(f"{scheme}://example.com/", allow_private=True, resolve=resolved("127.0.0.1", host.strip("[]")))


def test_http_to_a_public_address_is_refused_in_the_sandbox_too() -> None:
    check_url("https://example.com/", allow_private=True, resolve=resolved("8.8.8.8"))
    for addresses in (["8.8.8.8"], ["127.0.0.1", "8.8.8.8"]):
        with pytest.raises(ValueError, match=r"^must begin with https://, unless all its addresses are private"):
            check_url("http://example.com/", allow_private=True, resolve=resolved(*addresses))


def test_a_name_that_does_not_resolve_yet_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_name: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    check_url("https://example.com/", allow_private=False, resolve=unknown)
    answered = Event()
    monkeypatch.setattr(urls, "CHECK_SECONDS", 0.01)

    def slow(_name: str) -> list[str]:
        answered.wait()
        return ["127.0.0.1"]

    check_url("https://example.com/", allow_private=False, resolve=slow)
    answered.set()


def test_the_machine_s_own_names_are_resolved() -> None:
    assert set(urls.resolve_name("localhost")) & {"127.0.0.1", "::1"}
    with pytest.raises(ValueError, match="public addresses"):
        check_url("https://localhost/", allow_private=False)
