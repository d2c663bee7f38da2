"""The console from an order's form to its last delivery."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.console.developer import Developer
from tests.support import bodies
from tests.support.inbox import Inbox
from tests.support.shop import Shop


def test_an_order_is_placed_by_the_form_and_seen_to_complete(developer: Developer) -> None:
    page = developer.page
    developer.client_id = "globex"
    developer.open()
    page.get_by_role("link", name="Place the first one").click()
    form = page.get_by_role("form", name="Place the order")
    form.get_by_label("Subscriber ID").select_option(index=1)
    form.get_by_label("Product offering ID").select_option(label="Europe 20 GB, monthly")
    form.get_by_label("Reference").fill("first-of-all")
    expect(form.get_by_label("Purchase location")).to_contain_text("DE · Germany")
    expect(form.get_by_label("On hold condition")).to_contain_text("Porting")
    form.get_by_role("button", name="Place the order").click()

    expect(page.get_by_role("heading", name="Activate subscription completed")).to_be_visible()
    expect(developer.card("What happens next")).to_contain_text("Europe 20 GB, monthly renews")
    expect(page.get_by_role("img", name="The order: accepted, then fulfilling, then completed")).to_be_visible()
    expect(page.get_by_role("img", name="Inside “fulfilling”: Prepare, then Provision, then Complete")).to_be_visible()
    expect(developer.card("Steps")).to_contain_text("before it was expected")
    events = developer.card("Events").get_by_role("listitem").filter(has_text="order.completed")
    expect(events.first).to_contain_text("status fulfilling completed")


def test_an_order_that_is_being_fulfilled_shows_where_it_is(developer: Developer, shop: Shop) -> None:
    page = developer.page
    subscription = shop.subscribe()
    developer.open()
    order = shop.place(bodies.topup(subscription, shop.sandbox("network_takes_5s")))
    page.evaluate("id => { location.hash = `#/orders/${id}` }", order["id"])
    expect(page.get_by_role("img", name="Inside “fulfilling”: Prepare, then Provision; now Provision")).to_be_visible()
    expect(developer.card("What happens next")).to_contain_text("The mobile network is asked.")
    expect(developer.card("Steps").locator(".row.part")).to_contain_text(["prepare", "provision"])


def test_a_refused_order_says_what_is_wrong_and_where(developer: Developer, shop: Shop) -> None:
    page = developer.page
    subscription = shop.subscribe()
    developer.open(f"#/new/topup_subscription/{subscription}")
    form = page.get_by_role("form", name="Place the order")
    form.get_by_role("button", name="Only check it").click()
    expect(page.get_by_role("alert")).to_contain_text("constraint_validation_error")
    form.get_by_role("button", name="Add add-on").click()
    form.get_by_label("Product offering ID").select_option(value=shop.data)
    form.get_by_label("Activation mode").select_option("scheduled")
    form.get_by_role("button", name="Place the order").click()
    expect(form.get_by_role("group", name="Add-on", exact=True).locator(".fault")).to_contain_text(
        "This member is required"
    )
    form.get_by_label("Activation mode").select_option("immediate")
    form.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Top up subscription completed")).to_be_visible()


def test_time_moves_and_a_plan_renews(developer: Developer, shop: Shop) -> None:
    page = developer.page
    subscription = shop.subscribe(plan=shop.plan)
    developer.open()
    developer.go("Sandbox")
    page.get_by_role("button", name="+ 1 month").click()
    expect(page.get_by_role("status")).to_contain_text("It is now")

    page.goto(page.url.replace("#/sandbox", f"#/subscriptions/{subscription}"))
    expect(developer.card("Latest events")).to_contain_text("product.renewed")
    expect(developer.card("Calendar")).to_contain_text("renews")
    expect(developer.card("SIM").get_by_role("img")).to_have_js_property("complete", value=True)
    expect(developer.card("Products").get_by_role("meter").first).to_have_attribute("aria-valuenow", "100")


@pytest.mark.parametrize(
    ("condition", "back", "code", "remedy"),
    [
        ("refuses every order", "does what it is asked", "network_rejected", "Resolve the reason, then order again."),
        ("is empty", "is filled", "no_sim_available", "Ask us to refill the stock, then order again."),
    ],
)
def test_what_goes_wrong_is_explained(
    developer: Developer, shop: Shop, condition: str, back: str, code: str, remedy: str
) -> None:
    page = developer.page
    developer.open()
    developer.go("Sandbox")
    page.get_by_label(condition).check()
    expect(page.get_by_label(condition)).to_be_enabled()
    developer.go("Orders")
    order = shop.place(shop.activation())
    row = developer.row(order["id"])
    expect(row).to_contain_text("failed")
    expect(row).to_contain_text(code)
    row.get_by_role("link").click()
    why = developer.card("Why it failed")
    expect(why).to_contain_text(code)
    expect(why).to_contain_text(remedy)
    expect(page.get_by_role("img", name=re.compile("Undo; failed: (Prepare|Provision)"))).to_be_visible()
    developer.go("Sandbox")
    page.get_by_label(back).check()
    expect(page.get_by_label(back)).to_be_enabled()


def test_a_failed_delivery_is_retried(developer: Developer, http: httpx.Client, shop: Shop, inbox: Inbox) -> None:
    page = developer.page
    inbox.behave = lambda _number: "fail"
    webhook = http.post("/webhooks", json={"url": inbox.url, "enabled_events": ["order.completed"]}).json()
    order = shop.complete(shop.activation())
    developer.open(f"#/orders/{order['id']}")
    sent = developer.card("Webhook deliveries")
    attempts = sent.get_by_role("list", name="Attempts of order.completed").get_by_role("listitem")
    expect(attempts.first).to_contain_text("500")
    # Whoever disables an endpoint ends the schedule, so that nothing but the button makes another attempt.
    for status in ("disabled", "enabled"):
        http.patch(f"/webhooks/{webhook['id']}", json={"status": status}).raise_for_status()
    inbox.behave = lambda _number: "accept"
    page.reload()
    developer.open(f"#/orders/{order['id']}")
    expect(sent).to_contain_text("failed")
    sent.get_by_role("button", name="Retry").click()
    expect(sent).to_contain_text("delivered")
    expect(attempts.nth(1)).to_contain_text("204")

    developer.go("Webhooks")
    row = page.get_by_role("row").filter(has_text=inbox.url)
    expect(row).to_contain_text("50 % of 2")
    row.get_by_role("link").click()
    developer.card("Deliveries").get_by_label("Status").select_option("failed")
    expect(developer.card("Deliveries")).to_contain_text("None is failed")
    expect(developer.card("Success and latency")).to_contain_text("50 % of 2 attempts")
    expect(developer.card("Success and latency")).to_contain_text("all deliveries of the last 24 hours")
    developer.card("Deliveries").get_by_label("Status").select_option("")
    page.get_by_role("button", name="Send a test").click()
    expect(developer.card("Deliveries").get_by_role("listitem").filter(has_text="test")).to_contain_text("204")
    page.get_by_role("button", name="Disable it").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("you disabled it")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    assert http.get(f"/webhooks/{webhook['id']}").json()["status"] == "disabled"
