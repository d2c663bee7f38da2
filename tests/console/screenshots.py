"""``python -m tests.console.screenshots`` takes the pictures of docs/console.md."""

from playwright.sync_api import Page, ViewportSize, expect

from tests.console.developer import Developer
from tests.support import bodies, server
from tests.support.browser import browsing
from tests.support.http import HttpClient, partner
from tests.support.inbox import Inbox, open_inbox
from tests.support.server import ROOT
from tests.support.shop import Shop

PICTURES = ROOT / "docs" / "console"
DESK = ViewportSize(width=1200, height=860)
TALL = ViewportSize(width=1200, height=1300)
PHONE = ViewportSize(width=390, height=780)
EID_REFUSED = "89049032000000000000000000000001"
GIGABYTE = 1024**3
GET_READY_MS = 1500


def place_orders(shop: Shop) -> dict[str, str]:
    """Let things happen that are worth a picture; return the ids of what is shown."""
    subscription = shop.subscribe(shop.data, plan=shop.plan_with_number, reference="summer-1")
    for amount in (GIGABYTE * 9, GIGABYTE * 3):
        shop.client.post("/sandbox/network-events", usage(subscription, amount))
    shop.client.post("/sandbox/clock", {"advance": "P9D"})
    topup = {"type": "topup_subscription", "subscription_id": subscription, "purchase_location": "DE"}
    shop.complete(topup | {"products": {"addons": bodies.addons(shop.data, mode="first_usage")}})
    shop.place(shop.activation(on_hold_condition="porting", reference="porting-1"))
    failed = shop.final(shop.place(shop.activation(eid=EID_REFUSED, reference="winter-1")))
    cancel = bodies.cancellation(subscription) | {"schedule": {"mode": "end_of_cycle"}}
    shop.place(cancel)
    order = shop.complete(shop.activation(shop.data, plan=shop.plan_with_number, reference="summer-2"))
    return {"order": order["id"], "failed": failed["id"], "subscription": subscription}


def usage(subscription: str, amount: int) -> dict[str, object]:
    """What the network reports of it."""
    about = {"type": "usage", "subscription_id": subscription, "country": "DE"}
    return about | {"allowance_type": "data", "amount": amount}


def picture(page: Page, name: str, view: str, size: ViewportSize = DESK) -> None:
    """Take a picture of a view, in the colors that its name ends with."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="dark" if name.endswith("dark") or name == "orders-phone" else "light")
    page.evaluate("view => { location.hash = `#/${view}` }", view)
    expect(page.get_by_text("Loading …")).to_have_count(0)
    page.wait_for_timeout(GET_READY_MS)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=PICTURES / f"{name}.png")


def take_all(page: Page, shown: dict[str, str]) -> None:
    """Take every picture."""
    order = f"orders/{shown['order']}"
    picture(page, "orders-light", "orders")
    picture(page, "order-light", order, TALL)
    picture(page, "failed-dark", f"orders/{shown['failed']}")
    picture(page, "subscription-light", f"subscriptions/{shown['subscription']}", TALL)
    picture(page, "place-light", f"new/change_subscription_plan/{shown['subscription']}")
    picture(page, "webhooks-dark", "webhooks")
    picture(page, "sandbox-light", "sandbox")
    picture(page, "order-phone", order, PHONE)
    picture(page, "orders-phone", "orders", PHONE)


def main() -> None:
    """Start a sandbox and a browser, and take them."""
    PICTURES.mkdir(exist_ok=True)
    inbox = Inbox(behave=lambda number: "fail" if number % 7 == 0 else "accept")
    with server.running() as running, open_inbox(inbox), partner(running.url, "acme") as http:
        shop = Shop(HttpClient(http))
        http.post("/webhooks", json={"url": inbox.url, "enabled_events": ["*"]}).raise_for_status()
        http.post("/webhooks", json={"url": "http://127.0.0.1:9/gone", "enabled_events": ["*"]}).raise_for_status()
        shown = place_orders(shop)
        with browsing() as browser:
            page = browser.new_page(locale="en-GB", timezone_id="Europe/Berlin", viewport=DESK)
            Developer(page, running.url).open()
            take_all(page, shown)


if __name__ == "__main__":
    main()
