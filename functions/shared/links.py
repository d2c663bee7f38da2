"""The links of answers and events: HAL, absolute (contract §1, HAL)."""

from functions.shared.settings import Settings


class PublicSettings(Settings):
    """The base URL that every link begins with, without a slash at its end."""

    public_url: str


def link(path: str) -> dict[str, str]:
    """Return a HAL link to a path of this API."""
    return {"href": PublicSettings.load().public_url + path}
