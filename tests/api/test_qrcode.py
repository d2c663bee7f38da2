"""``/qrcode/v1/esim/{lpa}`` and the links that lead there (contract §5)."""

import base64
import zlib
from urllib.parse import quote

import pytest
import segno

from functions.sim_profiles import qrcode
from infra.operator.sims import load
from tests.support import bodies
from tests.support.client import Client
from tests.support.shop import Shop
from tests.support.sims import physical_sim

LPA = "LPA:1$smdp.sandbox.example$1A45106B892E529D"
PATH = "/qrcode/v1/esim/"
BASE = "http://127.0.0.1:8080"


def drawn(png: bytes) -> list[list[int]]:
    """The dark (1) and light (0) modules of a picture in one bit a pixel: each is 8 lines of one byte.

    A line is written out (filter 0), or says that it differs in nothing from the one above (filter 2).
    """
    size = int.from_bytes(png[16:20], "big")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[20:24], "big"), png[24:29]) == (size, b"\1\0\0\0\0")
    assert png[37:41] == b"IDAT"
    content = zlib.decompress(png[41 : 41 + int.from_bytes(png[33:37], "big")])
    length = 1 + size // 8
    lines: list[bytes] = []
    for start in range(0, len(content), length):
        line = content[start : start + length]
        lines.append(lines[-1] if line == b"\2".ljust(length, b"\0") else line)
    assert lines == [line for line in lines[::8] for _ in range(8)]
    assert (len(lines), {line[0] for line in lines}) == (size, {0})
    return [[{0x00: 1, 0xFF: 0}[byte] for byte in line[1:]] for line in lines[::8]]


def code(text: str) -> list[list[int]]:
    """The QR code of a text with the margin that scanners need."""
    return [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=4)]


@pytest.mark.parametrize(
    "lpa",
    [
        LPA,
        "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815",
        "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746",
        "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746$1",
        "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$$1",
        "LPA:1$SMDP.GSMA.COM$$1.3.6.1.4.1.31746",
        "LPA:1$SMDP.GSMA.COM$$1.3.6.1.4.1.31746$1",
        "LPA:1$SMDP.GSMA.COM$$$1",
        f"LPA:1$smdp.example.com${'A' * 232}",
    ],
)
def test_it_draws_the_string_of_its_path_for_everybody(anonymous: Client, lpa: str) -> None:
    for path in (lpa, lpa.replace("$", "%24"), quote(lpa, safe="")):
        answer = anonymous.get(PATH + path)
        assert (answer.status, answer.header("Content-Type")) == (200, "image/png")
        assert answer.header("Cache-Control") == "no-store"
        assert drawn(answer.body) == code(lpa)


@pytest.mark.parametrize("lpa", [LPA, LPA.replace("$", "%24"), quote(LPA, safe="")])
def test_its_path_is_decoded_once(lpa: str) -> None:
    event = {"httpMethod": "GET", "resource": PATH + "{lpa}", "pathParameters": {"lpa": lpa}, "requestContext": {}}
    answer = qrcode.handler(event, None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert drawn(base64.b64decode(answer["body"])) == code(LPA)


@pytest.mark.parametrize(
    "path",
    [
        "hello",
        "https:%2F%2Fexample.com",
        "lpa:1$smdp.example.com$A",
        "LPA:2$smdp.example.com$A",
        "1$smdp.example.com$A",
        "LPA:1$smdp.example.com",
        "LPA:1$smdp.example.com$",
        "LPA:1$$A",
        "LPA:1$smdp$A",
        "LPA:1$-smdp.example.com$A",
        "LPA:1$smdp..com$A",
        "LPA:1$smdp.example.com:8443$A",
        f"LPA:1${'a' * 64}.example.com$A",
        "LPA:1$smdp.example.com$abc",
        "LPA:1$smdp.example.com$A+B",
        "LPA:1$smdp.example.com$A%20B",
        "LPA:1$smdp.example.com$A%2FB",
        "LPA:1$smdp.example.com$A%252DB",
        "LPA:1$smdp.example.com$A%0A",
        "LPA:1$smdp.example.com$A%0D%0ASet-Cookie:x",
        "LPA:1$smdp.example.com$%D9%A1",
        "LPA:1$smdp.example.com$%FF",
        "LPA:1$smdp.example.com$A$oid",
        "LPA:1$smdp.example.com$$",
        "LPA:1$smdp.example.com$$oid",
        "LPA:1$smdp.example.com$$1.3$2",
        "LPA:1$smdp.example.com$A$1.3$2",
        "LPA:1$smdp.example.com$A$1.3$1$1",
        f"LPA:1$smdp.example.com${'A' * 233}",
        "A" * 5000,
    ],
)
def test_it_refuses_what_is_not_an_lpa_string(anonymous: Client, path: str) -> None:
    answer = anonymous.get(PATH + path)
    assert (answer.status, answer.header("Content-Type")) == (400, "application/problem+json")
    assert answer.header("Cache-Control") == "no-store"
    (error,) = answer.json()["errors"]
    assert error.keys() == {"code", "detail"}
    assert error["code"] == "constraint_validation_error"
    assert "path parameter 'lpa'" in error["detail"]


def test_other_paths_and_parameters_are_none_of_its(anonymous: Client, acme: Client) -> None:
    assert anonymous.get(f"{PATH}{LPA}?size=9").status == 400
    assert anonymous.get(f"{PATH}{LPA}/more").status == 401
    assert acme.get(f"{PATH}{LPA}/more").status == 404
    assert acme.get(PATH).status == 404
    assert acme.post(PATH + LPA).status == 405


def test_everybody_together_has_one_limit(anonymous: Client, acme: Client) -> None:
    answers = [anonymous.get(f"{PATH}no") for _ in range(600)]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(answers) - len(refused) >= 200
    assert refused[0].json()["errors"][0]["code"] == "rate_limit_exceeded"
    assert anonymous.get("/health").status == 200
    assert acme.get("/orders").status == 200


def test_an_esims_subscription_leads_to_its_code_until_it_ends(acme: Client, anonymous: Client) -> None:
    shop = Shop(acme)
    order = shop.complete(shop.activation())
    subscription = order["_embedded"]["subscription"]
    sim = subscription["_embedded"]["sim_profile"]
    lpa = f"LPA:1${sim['smdp_address']}${sim['matching_id']}"
    assert subscription["_links"]["qrcode"] == {"href": f"{BASE}{PATH}{lpa}"}
    assert drawn(anonymous.get(f"{PATH}{lpa}").body) == code(lpa)
    for name, host in (("install-ios", "esimsetup.apple.com"), ("install-android", "esimsetup.android.com")):
        address = f"https://{host}/esim_qrcode_provisioning?carddata={lpa}"
        assert subscription["_links"][name] == {"href": address}
    itself = f"/subscriptions/{subscription['id']}"
    assert acme.get(itself).json()["_links"]["qrcode"] == subscription["_links"]["qrcode"]
    shop.complete(bodies.swap(subscription["id"]))
    links = acme.get(itself).json()["_links"]
    swapped = links["qrcode"]
    assert swapped != subscription["_links"]["qrcode"]
    assert links["install-ios"]["href"].endswith(swapped["href"].removeprefix(f"{BASE}{PATH}"))
    acme.post(f"{itself}/suspend")
    assert acme.get(itself).json()["_links"]["qrcode"] == swapped
    shop.complete(bodies.cancellation(subscription["id"]))
    assert not {"qrcode", "install-ios", "install-android"} & acme.get(itself).json()["_links"].keys()
    ended = acme.get(f"/orders/{order['id']}").json()["_embedded"]["subscription"]
    assert ended["_links"].keys() == {"self"}


def test_a_card_has_no_code_to_scan(acme: Client) -> None:
    shop = Shop(acme)
    (profile,) = load("acme", [physical_sim()])
    reserved = acme.post("/sim-profiles/reserve", {"activation_code": profile.activation_code}).json()
    subscription_id = shop.subscribe(sim_profile={"sim_type": "psim", "reservation_id": reserved["reservation_id"]})
    links = acme.get(f"/subscriptions/{subscription_id}").json()["_links"]
    assert not {"qrcode", "install-ios", "install-android"} & links.keys()
