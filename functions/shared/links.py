"""The links of responses and events: HAL, with absolute URLs (contract §1, HAL)."""

from functions.shared.settings import Settings


class PublicSettings(Settings):
    """The base URL of every link, without a final slash."""

    public_url: str


def link(path: str) -> dict[str, str]:
    """Return a HAL link to a path of this API."""
    return {"href": PublicSettings.load().public_url + path}
