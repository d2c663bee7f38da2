"""The log of the sandbox: a line for each request, each step of an order, each message and event.

Lines contain our ids, types, codes and correlation ids only: what people send may be personal data.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TextIO, cast

from functions.shared import clock
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.observability import logger
from functions.webhooks.delivery import Attempt
from functions.webhooks.webhook import Webhook
from infra.local.gateway_calls import Call
from infra.local.messages import HttpResponse

log = logging.getLogger("sandbox")
OUR_ID = re.compile(r"[a-z]+_[0-9A-HJKMNP-TV-Z]{26}")
QUIET = logging.CRITICAL + 1
SUBJECTS = ("order_id", "subscription_id", "sim_profile_id")
"""What a message of the bus is about, the first that it names."""


class _ForPeople(logging.Formatter):
    """Formats a record as its time and its text."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]


class _AsJson(logging.Formatter):
    """Formats a record as one JSON object per line, like those of the functions."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "level": record.levelname,
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "service": record.name,
        } | getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def show(how: str, stream: TextIO) -> None:
    """Set up the log: for people (``info``), for programs (``json``), or none (``off``)."""
    if how == "off":
        logging.disable(QUIET)
        return
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_AsJson() if how == "json" else _ForPeople("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)
    # The functions write JSON by themselves; for people, the one handler writes what they have to warn of.
    logging.getLogger(logger.name).propagate = how == "info"
    logger.setLevel(logging.INFO if how == "json" else logging.WARNING)
    own = cast("logging.StreamHandler[TextIO]", logger.registered_handler)
    own.stream = stream
    own.setLevel(logging.NOTSET if how == "json" else QUIET)


def log_request(call: Call, answer: HttpResponse, partner: str, seconds: float) -> None:
    """Log an answered request: the path is that of its route, in which only our ids are filled in.

    A page that looks at something again and again, as the console does, is passed over.
    """
    if not log.isEnabledFor(logging.INFO) or _looks(call, answer):
        return
    fields = {
        "method": call.request.method,
        "path": _shown_path(call),
        "status": answer.status,
        "partner": partner,
        "correlation_id": answer.header("Correlation-Id") or "",
        "errors": _codes(answer),
        "made": (answer.header("Location") or "").rpartition("/")[2],
    }
    about = [str(fields[name]) for name in ("errors", "made", "partner", "correlation_id") if fields[name]]
    _write(
        f"{fields['method']} {fields['path']} {answer.status} in {seconds * 1000:.0f} ms: {', '.join(about)}",
        fields | {"milliseconds": round(seconds * 1000)},
    )


def _looks(call: Call, answer: HttpResponse) -> bool:
    """Return whether the script of a page has only looked at something: browsers say so by this header."""
    return call.request.method == "GET" and answer.status == 200 and call.request.header("sec-fetch-dest") == "empty"


def log_token(answer: HttpResponse) -> None:
    """Log an answered request for a token."""
    _write(f"POST /oauth2/token {answer.status}", {"path": "/oauth2/token", "status": answer.status})


def log_step(event: Mapping[str, Any], error: str = "") -> None:
    """Log a step that the state machine let an order take, and the error that ended it, if any."""
    fields = {name: event.get(name, "") for name in ("partner", "order_id", "step")}
    outcome = f"ended by {error}" if error else "done"
    _write(f"  {fields['order_id']} step {fields['step']} {outcome}", fields | {"error": error})


def log_message(event: Mapping[str, Any]) -> None:
    """Log a message to or from the mobile network."""
    kind, detail = event["detail-type"], event["detail"]
    subject = next((str(detail[name]) for name in SUBJECTS if detail.get(name)), "")
    _write(f"  {_shown(subject)} {kind}", {"type": kind, "subject": _shown(subject), "partner": detail.get("partner")})


def log_attempt(event: Event, webhook: Webhook, attempt: Attempt) -> None:
    """Log an attempt to deliver an event; where the webhook leads to is the partner's own business."""
    outcome = attempt.error or attempt.status_code
    fields = {"type": event.type, "partner": event.partner, "event_id": event.id, "webhook_id": webhook.id}
    text = f"  {webhook.id} attempt {attempt.number} of {event.type} {event.id}: {outcome} in {attempt.duration_ms} ms"
    _write(text, fields | {"attempt": attempt.number, "status": attempt.status_code, "error": attempt.error})


def log_event(record: Mapping[str, Any]) -> None:
    """Log the event that a record of the stream brings, if any; with a failure, its reason."""
    image = record["dynamodb"].get("NewImage", {})
    if not log.isEnabledFor(logging.INFO) or image.get("kind") != {"S": Event.KIND}:
        return
    try:
        event = Event.from_item(unmarshal(image))
    except (LookupError, ValueError):
        return  # the stream's function sets it aside, and says so
    subject = str(event.data.get(event.type.partition(".")[0], {}).get("id", ""))
    failure = event.data.get("order", {}).get("failure", {})
    reason = f": {failure['code']}. {failure['detail']}" if failure else ""
    fields = {"type": event.type, "subject": subject, "partner": event.partner, "event_id": event.id}
    _write(f"  {subject} {event.type}{reason}", fields | ({"failure": failure} if failure else {}))


def log_move(now: datetime, target: datetime) -> None:
    """Log the progress of a move of the time."""
    times = {"now": clock.iso(now), "moving_to": clock.iso(target)}
    _write(f"it is {times['now']}, on the way to {times['moving_to']}", times)


def _write(text: str, fields: Mapping[str, Any]) -> None:
    log.info(text, extra={"fields": {name: value for name, value in fields.items() if value}})


def _shown_path(call: Call) -> str:
    if call.route is None:
        return "(no such path or method)"
    return call.resource.format_map({name: _shown(value, name) for name, value in call.parameters.items()})


def _shown(value: str, name: str = "") -> str:
    """Return one of our ids unchanged, and only the name of anything else."""
    return value if OUR_ID.fullmatch(value) else f"{{{name}}}"


def _codes(answer: HttpResponse) -> str:
    if answer.status < 400:
        return ""
    errors = answer.json().get("errors", []) if answer.body else []
    return " ".join(dict.fromkeys(error["code"] for error in errors))
