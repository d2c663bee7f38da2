"""Which addresses webhooks are sent to: each form in which an address of the inside can be written."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks.addresses import is_allowed, judge, unwrapped

PUBLIC = [
    "8.8.8.8", "93.184.215.14", "1.0.0.1", "172.15.255.255", "172.32.0.0", "169.253.255.255", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001::200e", "2000::", "3ffe:ffff::1",
    "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1",
]  # fmt: skip
PRIVATE = [
    "10.0.0.1", "10.255.255.255", "127.0.0.1", "127.255.255.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "::1", "fc00::1", "fd12:3456::1", "fdff:ffff::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a00:1::",
    "::127.0.0.1", "::192.168.0.1",
]  # fmt: skip
FORBIDDEN = [
    "0.0.0.0", "0.1.2.3",  # noqa: S104 - nobody listens there
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16",
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "fc00::1%1", "2606:4700::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:20::1",
    "2001:db8::1", "3fff::1", "3fff:fff::1", "5f00::1", "100::1", "64:ff9b:1::7f00:1", "4000::1", "::ffff:0:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "64:ff9b::169.254.169.254",
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "64:ff9b::192.0.0.170",
]  # fmt: skip

CARRIERS = {"::ffff:0:0": 0, "::": 0, "64:ff9b::": 0, "2002::": 80}
"""Prefixes before an IPv4 address (RFC 4291, RFC 6052, RFC 3056) → the bits behind it."""
SPECIAL = [
    "0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fe80::/10", "ff00::/8",
]  # fmt: skip
"""What IANA's registries of special-purpose addresses have, private networks and loopback apart (RFC 6890)."""


@pytest.mark.parametrize("literal", PUBLIC)
def test_a_public_address_is_reached_by_https_only(literal: str) -> None:
    address = ip_address(literal)
    for allow_private in (False, True):
        assert is_allowed(address, secure=True, allow_private=allow_private)
        assert not is_allowed(address, secure=False, allow_private=allow_private)


@pytest.mark.parametrize("literal", PRIVATE)
def test_a_private_address_is_reached_only_where_these_are_allowed(literal: str) -> None:
    address = ip_address(literal)
    for secure in (False, True):
        assert is_allowed(address, secure=secure, allow_private=True)
        assert not is_allowed(address, secure=secure, allow_private=False)


@pytest.mark.parametrize("literal", FORBIDDEN)
def test_link_local_metadata_multicast_and_reserved_addresses_are_never_reached(literal: str) -> None:
    address = ip_address(literal)
    assert not any(
        is_allowed(address, secure=secure, allow_private=allow_private)
        for secure in (False, True)
        for allow_private in (False, True)
    )


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_judged_like_itself(address: IPv4Address) -> None:
    for prefix, shift in CARRIERS.items():
        carrier = IPv6Address(int(IPv6Address(prefix)) | int(address) << shift)
        assert unwrapped(carrier) in (address, IPv6Address("::1"))
        if carrier != IPv6Address("::1"):
            for private in (False, True):
                assert is_allowed(carrier, secure=True, allow_private=private) == is_allowed(
                    address, secure=True, allow_private=private
                )


@given(st.ip_addresses(), st.booleans())
def test_what_is_public_here_is_global_for_python_too(address: IPv4Address | IPv6Address, secure: bool) -> None:
    if is_allowed(address, secure=secure, allow_private=False):
        assert secure
        assert unwrapped(address).is_global
        assert not unwrapped(address).is_multicast


@given(
    st.sampled_from(SPECIAL).flatmap(lambda network: st.ip_addresses(network=ip_network(network))),
    st.booleans(),
    st.booleans(),
)
def test_the_whole_of_a_forbidden_network_is_forbidden(
    address: IPv4Address | IPv6Address, secure: bool, private: bool
) -> None:
    assert not is_allowed(address, secure=secure, allow_private=private)


@pytest.mark.parametrize("bad", ["127.0.0.1", "169.254.169.254", "fd00:ec2::254", "::ffff:10.0.0.1", "fe80::1%eth0"])
def test_one_bad_address_refuses_all(bad: str) -> None:
    good = ["8.8.8.8", "2606:4700:4700::1111"]
    assert judge(good, secure=True, allow_private=False) == [ip_address(literal) for literal in good]
    assert not judge([*good, bad], secure=True, allow_private=False)
    assert not judge([bad, *good], secure=True, allow_private=False)


def test_one_public_address_refuses_http() -> None:
    assert judge(["127.0.0.1", "::1"], secure=False, allow_private=True)
    assert not judge(["127.0.0.1", "8.8.8.8"], secure=False, allow_private=True)
