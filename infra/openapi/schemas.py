"""JSON schemas of what partners send and get, made from the models that check and show it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from functions.shared.countries import COUNTRIES
from functions.shared.currencies import ISO_4217

Schema = dict[str, Any]

PLACE = "#/components/schemas/"
SENT = "#/sent/"
"""Where schemas of requests lie until it is known whether an answer has another one of the same name."""
OF_THE_WHOLE = {"required", "if", "then", "else"}
"""What holds for a resource, but not for the part of it that a PATCH sends."""
NULL = {"type": "null"}
NAMED_BY_PATTERN = {"^[A-Z]{2}$": "Country", "^[A-Z]{3}$": "Currency"}
"""Patterns of codes that have a list of their own among the components, since it is long."""


class Components:
    """The schemas of a document that have a name."""

    def __init__(self) -> None:
        self._shown: dict[str, Schema] = {}
        self._sent: dict[str, Schema] = {}

    def sent(self, shape: TypeAdapter[Any]) -> Schema:
        """Return the schema of what a POST takes, where ``null`` means absent."""
        schema = shape.json_schema(ref_template=f"{SENT}{{model}}")
        definitions = schema.pop("$defs", {})
        for name, definition in definitions.items():
            self._keep(self._sent, name, _with_nulls(plain(definition)))
        sent: Schema = _with_nulls(plain(schema))
        if sent.get("properties"):
            self._keep(self._sent, schema["title"], sent)
            return {"$ref": SENT + schema["title"]}
        return sent

    def patch(self, name: str, shape: type[BaseModel]) -> Schema:
        """Return the schema of what a PATCH takes: any of the members; ``null`` clears one that is optional.

        Elements of lists are not merged, but sent whole.
        """
        whole = shape.model_json_schema(ref_template=f"{SENT}{{model}}")
        elements = {reference.removeprefix(SENT) for reference in _in_lists(whole)}
        definitions = {**whole.pop("$defs", {}), name.removesuffix("Patch"): whole}
        for each, definition in definitions.items():
            if each in elements:
                self._keep(self._sent, each, _with_nulls(plain(definition)))
            else:
                self._keep(self._sent, f"{each}Patch", _merged(_renamed(definition, definitions.keys() - elements)))
        return {"$ref": f"{SENT}{name}"}

    def name(self, name: str, schema: Schema) -> Schema:
        """Give the schema of an answer a name, and return the reference to it."""
        self._keep(self._shown, name, schema)
        return {"$ref": PLACE + name}

    def members(self, model: type[BaseModel]) -> dict[str, tuple[Schema, bool]]:
        """Return the schemas of all members of a record as answers show them, and whether each is always there."""
        schema = model.model_json_schema(mode="serialization", ref_template=f"{PLACE}{{model}}")
        self._parts = getattr(self, "_parts", {}) | schema.pop("$defs", {})
        return {name: (plain(member), not _nullable(member)) for name, member in schema["properties"].items()}

    def all(self) -> dict[str, Schema]:
        """Return every schema by its name, with the parts of records that they lead to."""
        for schema in self._shown.copy().values():
            self._add_parts(schema)
        names = {name: self._name_of_sent(name) for name in self._sent}
        codes = {"Country": {"type": "string", "enum": sorted(COUNTRIES)}}
        codes |= {"Currency": {"type": "string", "enum": sorted(ISO_4217)}}
        found = self._shown | codes | {names[name]: self.resolved(schema) for name, schema in self._sent.items()}
        return dict(sorted(found.items()))

    def resolved(self, value: Any) -> Any:
        """Return a part of the document in which references to requests' schemas lead to their final names."""
        if isinstance(value, dict):
            named = NAMED_BY_PATTERN.get(value.get("pattern", "")) if isinstance(value.get("pattern"), str) else None
            return {"$ref": PLACE + named} if named else {name: self.resolved(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.resolved(element) for element in value]
        if isinstance(value, str) and value.startswith(SENT):
            return PLACE + self._name_of_sent(value.removeprefix(SENT))
        return value

    def _name_of_sent(self, name: str) -> str:
        """Return its own name, or another one if an answer shows something different by that name."""
        same = name not in self._shown or self._shown[name] == self._sent[name]
        return name if same else f"{name}Input"

    def _add_parts(self, schema: Schema) -> None:
        for reference in references(schema):
            name = reference.removeprefix(PLACE)
            if name not in self._shown:
                self._shown[name] = shown(self._parts[name])
                self._add_parts(self._shown[name])

    @staticmethod
    def _keep(store: dict[str, Schema], name: str, schema: Schema) -> None:
        if store.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are named {name}")


def plain(schema: Any) -> Any:
    """Return the schema without ``null``, and without titles and words that are meant for engineers."""
    if isinstance(schema, list):
        return [plain(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    if _nullable(schema):
        kept = [choice for choice in schema["anyOf"] if choice != NULL]
        rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
        schema = rest | (kept[0] if len(kept) == 1 else {"anyOf": kept})
    dropped = {"title"} | ({"description"} if "properties" in schema else set())
    return {
        name: {member: plain(each) for member, each in value.items()} if name == "properties" else plain(value)
        for name, value in schema.items()
        if name not in dropped or not isinstance(value, str)
    }


def shown(schema: Schema) -> Schema:
    """Return the schema of a part of an answer: what may be absent is what may be ``None``; more may be added."""
    required = [name for name, member in schema["properties"].items() if not _nullable(member)]
    rest = {name: value for name, value in plain(schema).items() if name not in {"additionalProperties", "required"}}
    for member in rest["properties"].values():
        member.pop("default", None)
    return rest | ({"required": required} if required else {})


def references(value: Any) -> Iterator[str]:
    """Yield every reference in a part of the document."""
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for element in value:
            yield from references(element)


def _in_lists(value: Any) -> Iterator[str]:
    """Yield every reference to what lists hold."""
    if isinstance(value, dict):
        yield from references(value.get("items"))
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _in_lists(part)


def _renamed(value: Any, names: Collection[str]) -> Any:
    """Return the schema with references to what has these names led to what a PATCH takes of it."""
    if isinstance(value, dict):
        return {key: _renamed(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [_renamed(element, names) for element in value]
    named = isinstance(value, str) and value.startswith(SENT) and value.removeprefix(SENT) in names
    return f"{value}Patch" if named else value


def _with_nulls(schema: Schema) -> Schema:
    """Return the schema of what a POST takes: ``null`` means that a member is absent."""
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        if name not in required:
            rest = {each: member.pop(each) for each in ("default", "description") if each in member}
            schema["properties"][name] = {"anyOf": [_merged_map(member), NULL], **rest}
    return schema


def _merged(schema: Schema) -> Schema:
    """Return the schema of a merge patch (RFC 7396) of what has this schema; what is write-only is not merged."""
    if schema.get("writeOnly"):
        return dict(plain(schema))
    required = set(schema.get("required", ()))
    merged = plain({name: value for name, value in schema.items() if name not in OF_THE_WHOLE})
    for name, member in merged.get("properties", {}).items():
        member.pop("default", None)
        if name not in required and "const" not in member:
            merged["properties"][name] = {"anyOf": [_merged_map(member), NULL]}
    return dict(merged)


def _merged_map(schema: Schema) -> Schema:
    """Return the schema in whose map ``null`` removes a key."""
    values = schema.get("additionalProperties")
    return schema | {"additionalProperties": {"anyOf": [values, NULL]}} if isinstance(values, dict) else schema


def _nullable(schema: Mapping[str, Any]) -> bool:
    return NULL in schema.get("anyOf", ())
