"""What each view lets a developer see and do."""

import json
import re
from datetime import datetime
from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.console.developer import ZONE, Developer
from tests.support import bodies
from tests.support.http import HttpClient, partner
from tests.support.inbox import Inbox
from tests.support.shop import Shop

GIGABYTE = 1024**3
SOON_MS = 10_000
"""Before it looks by itself."""
MORE_THAN_TEN = 12
"""The events of two activations."""


def test_what_waits_says_until_when(developer: Developer, shop: Shop) -> None:
    page = developer.page
    held = [shop.place(shop.activation(on_hold_condition="porting")) for _ in range(2)]
    developer.open(f"#/orders/{held[0]['id']}")
    expect(developer.card("What happens next")).to_contain_text("Resume it, or it expires")
    expect(developer.card("Steps").locator(".row.wait")).to_contain_text("on hold")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="Activate subscription completed")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The order is completed")
    expect(
        page.get_by_role("img", name="The order: accepted, then on hold, then fulfilling, then completed")
    ).to_be_visible()

    page.evaluate("id => { location.hash = `#/orders/${id}` }", held[1]["id"])
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Cancel the order")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, Cancel the order")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Activate subscription canceled")).to_be_visible()


def test_an_order_that_waits_for_the_end_of_a_cycle_says_when_that_is(developer: Developer, shop: Shop) -> None:
    subscription = shop.subscribe()
    order = shop.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END))
    (plan,) = shop.products(subscription)
    developer.open(f"#/orders/{order['id']}")
    moment = developer.card("What happens next").locator("time")
    expect(moment).to_have_attribute("datetime", plan["billing_cycle_end_at"])
    developer.page.evaluate("id => { location.hash = `#/subscriptions/${id}` }", subscription)
    expect(developer.card("Calendar")).to_contain_text("ends")
    expect(developer.card("Products")).not_to_contain_text("renews")


def test_an_event_is_compared_with_the_one_before_of_another_order(developer: Developer, shop: Shop) -> None:
    order = shop.complete(bodies.cancellation(shop.subscribe()))
    developer.open(f"#/orders/{order['id']}")
    ended = developer.card("Events").get_by_role("listitem").filter(has_text="product.terminated").first
    expect(ended).to_contain_text("status active terminated")
    expect(developer.card("What happens next").get_by_role("listitem")).to_have_text(["The order is done."])


def test_somebody_else_moves_the_time(developer: Developer, shop: Shop) -> None:
    """What happens then comes from the future, so the console looks at the time before it does so by itself."""
    developer.open()
    shop.client.post("/sandbox/clock", {"advance": "P1D"})
    tomorrow = shop.place(shop.activation())["created_at"]
    clock = developer.page.locator(".clock")
    expect(clock).to_have_attribute("title", re.compile(f"^{tomorrow[:10]}"), timeout=SOON_MS)


def test_an_order_is_passed_on(developer: Developer, shop: Shop, tmp_path: Path) -> None:
    """By a link with nothing but its id, by a file with everything, in a time that everybody understands."""
    page = developer.page
    order = shop.complete(shop.activation(reference="private-name"))
    developer.open(f"#/orders/{order['id']}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{developer.url}/console#/orders/{order['id']}"

    expect(developer.card("Events")).to_contain_text("order.completed")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    download.value.save_as(tmp_path / "order.json")
    saved = json.loads((tmp_path / "order.json").read_text())
    assert download.value.suggested_filename == f"{order['id']}.json"
    assert saved["order"] == order
    assert [entry["status"] for entry in saved["history"]] == ["accepted", "fulfilling", "completed"]
    assert {"order.accepted", "order.completed"} <= {event["type"] for event in saved["events"]}

    created = page.locator(f'time[datetime="{order["created_at"]}"]').first
    moment = datetime.fromisoformat(order["created_at"])
    expect(created).to_have_text(f"{moment.astimezone(ZONE):%H:%M:%S}")
    assert created.get_attribute("title") == f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} UTC"


def test_the_network_reports_usage(developer: Developer, shop: Shop) -> None:
    page = developer.page
    subscription = shop.subscribe(plan=shop.plan_with_number)
    developer.open()
    developer.go("Sandbox")
    form = page.get_by_role("form", name="Send the report")
    form.get_by_role("combobox", name="Type", exact=True).select_option("usage")
    form.get_by_label("Subscription ID").select_option(label="another one, by its ID …")
    form.get_by_label("Subscription ID").fill(subscription)
    form.get_by_label("Allowance type").select_option("data")
    form.get_by_label("Amount").fill(str(15 * GIGABYTE))
    form.get_by_role("combobox", name="Country", exact=True).select_option("DE")
    form.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("status")).to_contain_text("was sent")

    developer.go("Subscriptions")
    page.locator(f'a[href="#/subscriptions/{subscription}"]').click()
    data = developer.card("Products").get_by_role("meter", name="Data of Europe 20 GB, monthly")
    expect(data).to_have_attribute("aria-valuetext", "5 GB of 20 GB left")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("heading", name="Subscription suspended")).to_be_visible()
    expect(developer.card("Latest events")).to_contain_text("status active suspended")


def test_a_webhook_is_made_and_its_past_replayed(
    developer: Developer, http: httpx.Client, shop: Shop, inbox: Inbox
) -> None:
    page = developer.page
    order = shop.complete(shop.activation())
    developer.open("#/webhooks")
    form = page.get_by_role("form", name="Make the webhook")
    form.get_by_label("URL").fill(inbox.url)
    form.get_by_role("button", name="Add basic auth").click()
    form.get_by_label("Username").fill("console")
    form.get_by_label("Password").fill("hard to guess")
    expect(form.get_by_label("Password")).to_have_attribute("type", "password")
    expect(form).not_to_contain_text("hard to guess")
    form.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_text("Its signing secret, which is shown only now")).to_be_visible()
    (webhook,) = http.get("/webhooks").json()["_embedded"]["webhooks"]
    assert (webhook["url"], webhook["enabled_events"]) == (inbox.url, ["*"])

    page.get_by_role("link", name=inbox.url).click()
    since = datetime.fromisoformat(order["created_at"]).astimezone(ZONE)
    page.get_by_label("Send all events again since").fill(f"{since:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text(re.compile(r"\d+ deliveries are on their way"))).to_be_visible()
    delivered = developer.card("Deliveries").get_by_role("listitem").filter(has_text="order.completed")
    expect(delivered.first).to_contain_text("204")
    shop.until(order, lambda _: order["id"] in inbox.latest())


def test_what_lies_further_back(developer: Developer, http: httpx.Client, shop: Shop, inbox: Inbox) -> None:
    """Of a list with pages of one item, ten are read at once; the figures say since when they count."""
    page = developer.page
    webhook = http.post("/webhooks", json={"url": inbox.url, "enabled_events": ["*"]}).json()
    for _ in range(2):
        shop.complete(shop.activation())
    shop.until(webhook, lambda _: len(inbox.events) >= MORE_THAN_TEN)
    page.route(
        lambda url: "/deliveries?limit=40" in url,
        lambda route: route.continue_(url=route.request.url.replace("limit=40", "limit=1")),
    )
    developer.open("#/webhooks")
    row = page.get_by_role("row").filter(has_text=inbox.url)
    expect(row).to_contain_text("100 % of 10 since")
    row.get_by_role("link").click()
    deliveries = developer.card("Deliveries").locator(".lanes > li")
    expect(deliveries).to_have_count(10)
    page.get_by_role("button", name="Show older deliveries").click()
    expect(deliveries).to_have_count(len(inbox.events))
    expect(page.get_by_role("button", name="Show older deliveries")).to_be_hidden()


def test_a_webhook_that_rests(developer: Developer, http: httpx.Client, inbox: Inbox) -> None:
    page = developer.page
    webhook = http.post("/webhooks", json={"url": inbox.url, "enabled_events": ["*"]}).json()
    resting = webhook | {"resting": True}
    page.route(lambda url: url.endswith(f"/webhooks/{webhook['id']}"), lambda route: route.fulfill(json=resting))
    developer.open(f"#/webhooks/{webhook['id']}")
    expect(page.get_by_role("heading", level=1, name="Webhook resting")).to_be_visible()
    expect(page.get_by_text("deliveries are tried one at a time until one succeeds")).to_be_visible()


def test_a_client_without_the_events(developer: Developer, http: httpx.Client) -> None:
    """It sees orders appear all the same: the console looks for itself."""
    scopes = ["orders/read", "orders/write", "catalog/read", "subscribers/read"]
    made = http.post("/sandbox/partners", json={"scopes": scopes}).raise_for_status().json()
    developer.client_id = made["client_id"]
    developer.open()
    expect(developer.page.get_by_text("There is no order yet")).to_be_visible()
    with partner(developer.url, developer.client_id) as client:
        shop = Shop(HttpClient(client))
        order = shop.complete(shop.activation())
    row = developer.row(order["id"])
    expect(row).to_contain_text("completed")
    row.get_by_role("link").click()
    expect(developer.card("Webhook deliveries")).to_contain_text("No webhook was told")


def test_a_reset_begins_again(developer: Developer, shop: Shop, http: httpx.Client) -> None:
    page = developer.page
    order = shop.complete(shop.activation())
    developer.open()
    expect(developer.row(order["id"])).to_be_visible()
    developer.go("Sandbox")
    page.get_by_role("button", name="Reset the sandbox").click()
    page.get_by_role("button", name="Yes, Reset the sandbox").click()
    expect(page.get_by_role("status")).to_have_text("The sandbox was reset")
    developer.go("Orders")
    expect(page.get_by_text("There is no order yet")).to_be_visible()
    assert http.get(f"/orders/{order['id']}").status_code == 404
