"""Everybody can use the console: with a keyboard, a screen reader, in the dark, on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.console.developer import Developer
from tests.support.inbox import Inbox
from tests.support.server import ROOT
from tests.support.shop import Shop

AXE = (ROOT / "infra/console/node_modules/axe-core/axe.min.js").read_text()
PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)
EID_REFUSED = "89049032000000000000000000000001"
FIRST_PAINT_MS = """new Promise((resolve) =>
  new PerformanceObserver((paints) => {
    for (const { startTime } of paints.getEntriesByName("first-contentful-paint")) resolve(startTime);
  }).observe({ type: "paint", buffered: true }))"""
MAX_FIRST_PAINT_MS = 1000


def violations(page: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """What axe finds, with where it is."""
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [(fault["id"], node["target"][0]) for fault in found for node in fault["nodes"]]


def check(page: Page) -> None:
    """Fail if axe finds anything, in the dark too, or if the page is wider than a phone."""
    page.emulate_media(color_scheme="light")
    assert violations(page, {"resultTypes": ["violations"]}) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)


@pytest.fixture
def page(developer: Developer) -> Page:
    """The page, with axe beside it."""
    developer.page.add_init_script(AXE)
    return developer.page


def test_every_view(developer: Developer, page: Page, shop: Shop, inbox: Inbox) -> None:
    endpoint = {"url": inbox.url, "enabled_events": ["order.failed"]}
    webhook = shop.client.post("/webhooks", endpoint).json()["id"]
    failed = shop.place(shop.activation(eid=EID_REFUSED))["id"]
    subscription = shop.subscribe(shop.data)
    waiting = shop.place(
        {"type": "cancel_subscription", "subscription_id": subscription, "schedule": {"mode": "end_of_cycle"}}
    )["id"]
    shop.final({"id": failed})
    page.goto(f"{developer.url}/console")
    check(page)
    developer.open()
    for view, heading in (
        ("orders", "Orders"),
        (f"orders/{failed}", "Activate subscription failed"),
        (f"orders/{waiting}", "Cancel subscription scheduled"),
        ("subscriptions", "Subscriptions"),
        (f"subscriptions/{subscription}", "Subscription active"),
        ("webhooks", "Webhooks"),
        (f"webhooks/{webhook}", "Webhook enabled"),
        ("sandbox", "Sandbox"),
        ("new/change_subscription_plan", "Place an order"),
    ):
        page.evaluate("view => { location.hash = `#/${view}` }", view)
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_focused()
        expect(page.get_by_text("Loading …")).to_have_count(0)
        check(page)


def test_the_keyboard_alone(developer: Developer, shop: Shop) -> None:
    """From the list to an order and back to another view, without a mouse."""
    order = shop.complete(shop.activation())
    developer.open()
    page = developer.page
    expect(developer.row(order["id"])).to_be_visible()
    while page.evaluate("document.activeElement.hash") != f"#/orders/{order['id']}":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Activate subscription completed")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()


def test_it_is_there_at_once(developer: Developer) -> None:
    paints = []
    for _ in range(3):
        developer.page.goto(f"{developer.url}/console")
        expect(developer.page.get_by_role("heading", name="Console")).to_be_visible()
        paints.append(developer.page.evaluate(FIRST_PAINT_MS))
    assert min(paints) < MAX_FIRST_PAINT_MS


def test_what_appears_is_said(developer: Developer, shop: Shop) -> None:
    earlier = shop.complete(shop.activation())
    developer.open()
    expect(developer.row(earlier["id"])).to_be_visible()
    order = shop.complete(shop.activation())
    expect(developer.row(order["id"])).to_contain_text("completed")
    expect(developer.page.get_by_role("status")).to_have_text("1 new order")
