"""The name of the table of everything but whose a client is (functions/identity/clients.py)."""

from functions.shared.settings import Settings


class TableSettings(Settings):
    """Where the orders are kept."""

    table_name: str


def table_name() -> str:
    """Return the name of the one table."""
    return TableSettings.load().table_name
