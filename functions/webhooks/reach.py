"""Where webhooks of this stage may lead to."""

from functions.shared.settings import Settings


class ReachSettings(Settings):
    """Whether they may lead to private addresses, and there without TLS; only in a sandbox."""

    allow_private_webhooks: bool
