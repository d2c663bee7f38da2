"""The ways between the functions, botocore and moto, without what makes no difference within one process.

Every call still passes through botocore, with its retries, errors and events, and through moto's own operation. Left
out is what HTTP needs: the signature, the search for the service that a URL belongs to, a request of a web framework.
Measured with an order from its acceptance to its last event, this and ``once`` halve the processor time.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.signers import RequestSigner
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.events.responses import EventsHandler
from moto.stepfunctions.responses import StepFunctionResponse

from infra.local import environment
from infra.local.patches import all_replaced

HANDLERS: dict[str, type[BaseResponse]] = {
    f"{service}.{environment.REGION}.amazonaws.com": handler
    for service, handler in (
        ("dynamodb", DynamoHandler),
        ("events", EventsHandler),
        ("states", StepFunctionResponse),
    )
}
"""The services that are called for every order. All of them have one path, and take and answer JSON."""


def shortcuts() -> AbstractContextManager[None]:
    """Take them."""
    return all_replaced((BotocoreStubber, "process_request", _direct), (RequestSigner, "sign", _only_elsewhere))


class _Request(NamedTuple):
    """What moto parses the parameters of."""

    method: str
    headers: Any
    data: bytes
    path: str = "/"
    values: Any = None

    @property
    def content_type(self) -> str:
        return str(self.headers["Content-Type"])


def _direct(process: Callable[..., Any]) -> Callable[..., Any]:
    def process_request(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        handler = HANDLERS.get(urlsplit(request.url).netloc)
        return process(stubber, request) if handler is None else _answer(handler, request)

    return process_request


def _answer(make: type[BaseResponse], request: AWSPreparedRequest) -> Any:
    """Let moto answer as its ``setup_class`` and ``_dispatch`` do."""
    handler: Any = make()
    body = _text(request.body or "")
    handler.body = handler.raw_body = body
    handler.querystring = handler.data = handler.form_data = handler.uri_match = {}
    handler.uri, handler.path, handler.raw_path, handler.method = request.url, "/", "/", request.method
    handler.region, handler.partition = environment.REGION, "aws"
    handler.headers = HeadersDict({name: _text(value) for name, value in request.headers.items()})
    handler.response_headers = {"server": "amazon.com"}
    handler.access_key, handler.current_account = "local", environment.ACCOUNT
    handler.is_werkzeug_request = False
    if handler.automated_parameter_parsing:
        handler.parse_parameters(_Request(request.method, handler.headers, body.encode()))
    return handler.call_action()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _only_elsewhere(sign: Callable[..., None]) -> Callable[..., None]:
    def sign_request(signer: RequestSigner, operation_name: str, request: Any, *args: Any, **options: Any) -> None:
        if urlsplit(request.url).netloc not in HANDLERS:
            sign(signer, operation_name, request, *args, **options)

    return sign_request
