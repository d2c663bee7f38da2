"""What the console must not do with a client's secret, and what a link may say."""

from playwright.sync_api import expect

from tests.console.developer import Developer
from tests.support.shop import Shop

KEPT = "({local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, entered: history.state})"


def test_the_secret_stays_in_memory(developer: Developer, shop: Shop) -> None:
    page = developer.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data}"))
    order = shop.complete(shop.activation())
    developer.open(f"#/orders/{order['id']}")
    expect(page.get_by_role("heading", name="Activate subscription completed")).to_be_visible()
    assert [line.split()[1] for line in sent if developer.secret in line] == [f"{developer.url}/oauth2/token"]
    assert page.evaluate(KEPT) == {"local": {}, "session": {}, "cookies": "", "entered": None}
    assert page.context.cookies() == []
    assert page.evaluate("indexedDB.databases()") == []
    assert developer.secret not in page.content()
    assert page.url == f"{developer.url}/console#/orders/{order['id']}"

    page.reload()
    expect(page.get_by_label("Client secret")).to_have_value("")


def test_a_wrong_secret(developer: Developer) -> None:
    page = developer.page
    page.goto(f"{developer.url}/console")
    page.get_by_label("Client id").fill(developer.client_id)
    page.get_by_label("Client secret").fill("guessed")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("The client id is not known, or the secret is wrong.")


def test_what_was_asked_for_stays_out_of_the_address(developer: Developer, shop: Shop) -> None:
    """A filter may be personal data, and an address gets around."""
    orders = [shop.complete(shop.activation(reference=f"ref-{number}")) for number in range(2)]
    iccid = orders[0]["_embedded"]["subscription"]["_embedded"]["sim_profile"]["iccid"]
    developer.open()
    page = developer.page
    first, second = (developer.row(order["id"]) for order in orders)
    for name, value in (("ICCID", iccid), ("Reference", "ref-0")):
        page.get_by_label(name).fill(value)
        expect(second).to_be_hidden()
        expect(first).to_be_visible()
        page.get_by_role("button", name="Clear filters").click()
        expect(second).to_be_visible()
    page.get_by_label("ICCID").fill("8949")
    expect(page.get_by_text("once it has 19 digits")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    none = page.get_by_text("No order is like this")
    for name, value in (("Subscriber", "nobody@example.com"), ("From", "2099-01-01T00:00"), ("To", "2020-01-01T00:00")):
        page.get_by_label(name, exact=True).fill(value)
        expect(none).to_be_visible()
        page.get_by_role("button", name="Clear filters").click()
        expect(second).to_be_visible()
    page.get_by_label("Status").select_option("expired")
    expect(none).to_be_visible()
    assert page.url == f"{developer.url}/console"
