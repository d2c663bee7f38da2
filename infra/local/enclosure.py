"""Keeps the AWS calls of this process in this process.

moto answers them while its mock is in force. Before and after, and for what it does not know, botocore would turn to
the real AWS; threads that still run when the mock ends would do so too.
"""

from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class NotHere(BotoCoreError):
    """An AWS call that nothing on this machine answers. It is not worth a retry, and botocore makes none."""

    fmt = "Nothing on this machine answers {url}, and nothing is sent to another one."


def enclose() -> None:
    """Let botocore send nothing to any other machine from now on; what moto answers is never sent."""
    send = URLLib3Session.send
    if send.__module__ == __name__:
        return

    def send_here(self: URLLib3Session, request: AWSRequest | AWSPreparedRequest) -> AWSResponse:
        if urlsplit(request.url).hostname not in HERE:
            raise NotHere(url=request.url)
        return send(self, request)

    URLLib3Session.send = send_here  # type: ignore[method-assign] # the enclosure is this very change
