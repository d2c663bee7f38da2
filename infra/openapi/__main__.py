"""``python -m infra.openapi`` writes the description, docs/errors.md and docs/bus-events.schema.json anew."""

from infra.local import environment
from infra.openapi.published import SANDBOX, YAML, as_yaml, read

if __name__ == "__main__":
    environment.prepare("https://api.example.com")
    from infra.local.description import added
    from infra.openapi import bus, errors_page
    from infra.openapi.document import document

    YAML.write_text(as_yaml(document()))
    SANDBOX.write_text(as_yaml(added()))
    errors_page.PAGE.write_text(errors_page.page(read()))
    bus.PAGE.write_text(bus.as_json(bus.bus_schema(read())))
