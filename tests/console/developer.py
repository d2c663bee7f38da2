"""What a partner's developer does in the console."""

from dataclasses import dataclass
from datetime import timedelta, timezone

from playwright.sync_api import Locator, Page, expect

ZONE, ZONE_NAME = timezone(timedelta(hours=2)), "Etc/GMT-2"
"""Where the developer is: two hours east of Greenwich, which POSIX counts the other way round."""


@dataclass
class Developer:
    """Somebody with a browser and a client's id and secret."""

    page: Page
    url: str
    client_id: str = "acme"

    @property
    def secret(self) -> str:
        """The client's secret."""
        return f"{self.client_id}-secret"

    def open(self, view: str = "") -> None:
        """Open the console, as by a link, and sign in."""
        self.page.goto(f"{self.url}/console{view}")
        self.page.get_by_label("Client id").fill(self.client_id)
        self.page.get_by_label("Client secret").fill(self.secret)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("navigation", name="Views")).to_be_visible()

    def go(self, view: str) -> None:
        """Choose a view."""
        self.page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
        expect(self.page.get_by_role("heading", level=1, name=view)).to_be_focused()

    def card(self, name: str) -> Locator:
        """A part of a view."""
        return self.page.get_by_role("region", name=name, exact=True)

    def row(self, order_id: str) -> Locator:
        """An order in the list."""
        return self.page.get_by_role("row").filter(has=self.page.locator(f'a[href="#/orders/{order_id}"]'))
