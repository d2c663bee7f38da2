"""Which addresses webhooks may be sent to (contract §8, URLs).

The lists are our own: what Python's ``is_global`` says differs between its patch releases, and it lets through forms
that carry an IPv4 address within, multicast, and networks that are reserved.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

LOOPBACK = IPv6Address("::1")
CARRIERS = {
    IPv6Network("::ffff:0:0/96"): 0,
    IPv6Network("::/96"): 0,
    IPv6Network("64:ff9b::/96"): 0,
    IPv6Network("2002::/16"): 80,
}
"""IPv6 networks whose addresses carry an IPv4 address → the bits after it: mapped, compatible, NAT64, 6to4."""
PRIVATE = [
    ip_network(network)
    for network in ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
]
"""Loopback and private networks."""
NEVER = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "100.64.0.0/10",  # shared by carriers
        "168.63.129.16",  # Azure's services for its hosts
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them, which carries an IPv4 address, too
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "fd00:ec2::/32",  # AWS's services for its hosts, metadata among them
        "fd20:ce::/32",  # Google's metadata
    )
]
"""Networks in which nothing of a partner's can be, not even in the sandbox."""
UNICAST = IPv6Network("2000::/3")
"""All IPv6 addresses outside it are reserved, local or multicast."""


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries, or the address itself."""
    if isinstance(address, IPv6Address) and address != LOOPBACK:
        for network, shift in CARRIERS.items():
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


def is_allowed(address: Address, *, secure: bool, allow_private: bool) -> bool:
    """Whether a webhook may be sent there: to a public address by https only, to a private one if these are allowed."""
    inner = unwrapped(address)
    if "%" in str(address) or _within(inner, NEVER):
        return False
    if _within(inner, PRIVATE):
        return allow_private
    return secure and (isinstance(inner, IPv4Address) or inner in UNICAST)


def judge(literals: Iterable[str], *, secure: bool, allow_private: bool) -> list[Address]:
    """Return the addresses of a host if all of them are allowed, otherwise none: one bad address refuses all."""
    addresses = [ip_address(literal) for literal in literals]
    allowed = all(is_allowed(address, secure=secure, allow_private=allow_private) for address in addresses)
    return addresses if allowed else []


def _within(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)
