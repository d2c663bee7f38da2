"""Records as JSON text, including the members that only other versions of the code know.

While a new version is deployed, older code reads and writes records that newer code has written. A model keeps the
members that it does not know, never shows them (Pydantic dumps only declared members) and writes them back.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from functions.shared.dictionary import COMMON

MAX_PLAIN = 600
"""Characters of a document that stays text: with its keys, its item fits the 1 KB of one write unit. What is longer is
compressed, as most of an order or an event is what all of them have in common (docs/decisions/0012)."""

M = TypeVar("M", bound=BaseModel)
Document = str | bytes
"""A record as it is kept: JSON text or, if that is long, the same text compressed."""


def pack(model: BaseModel, exclude: set[str]) -> Document:
    """Return the document of a model, without some of its members."""
    text = render(model, exclude)
    return text if len(text) <= MAX_PLAIN else _compressed(text.encode())


def unpack(document: Document) -> str:
    """Return the text of a document."""
    return document if isinstance(document, str) else zlib.decompressobj(zdict=COMMON).decompress(document).decode()


def packed_size(text: str, limit: int) -> int:
    """Return at most how many bytes the text takes in a document; it is packed only if it has more than ``limit``."""
    plain = text.encode()
    return len(plain) if len(plain) <= limit else len(_compressed(plain))


def _compressed(plain: bytes) -> bytes:
    packing = zlib.compressobj(zdict=COMMON)
    return packing.compress(plain) + packing.flush()


def parse(model: type[M], document: Document) -> M:
    """Return the model of a document, with the members that it does not know, also within its parts."""
    return model.model_validate_json(unpack(document), extra="allow")


def render(model: BaseModel, exclude: set[str]) -> str:
    """Return a model as JSON text, without some of its members."""
    text = model.model_dump_json(exclude=exclude, exclude_none=True)
    if not any(_unknown(model)):
        return text
    document = json.loads(text)
    _add_unknown(model, document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def carry_over(old: Any, new: Any) -> None:
    """Copy the unknown members of an old value into the models of a new one; lists are replaced as a whole."""
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        new.__pydantic_extra__ = old.model_extra
        for name, member in new.__dict__.items():
            carry_over(getattr(old, name, None), member)


def _unknown(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the unknown members of the models within a value."""
    if isinstance(value, BaseModel) and value.model_extra:
        yield value.model_extra
    for part in value.__dict__.values() if isinstance(value, BaseModel) else value:
        if isinstance(part, BaseModel | list):
            yield from _unknown(part)


def _add_unknown(value: Any, written: Any) -> None:
    """Add the unknown members of the models within a value to its JSON."""
    if isinstance(value, BaseModel):
        for name, member in value.__dict__.items():
            if name in written:
                _add_unknown(member, written[name])
        written |= value.model_extra or {}
    elif isinstance(value, list):
        for element, part in zip(value, written, strict=True):
            _add_unknown(element, part)
