"""``python -m infra.openapi`` writes docs/openapi.yaml, docs/openapi.sandbox.yaml and docs/errors.md anew."""

from infra.local import environment
from infra.openapi.published import SANDBOX, YAML, as_yaml, read

if __name__ == "__main__":
    environment.prepare("https://api.example.com")
    from infra.local.description import added
    from infra.openapi.document import document
    from infra.openapi.errors_page import PAGE, page

    YAML.write_text(as_yaml(document()))
    SANDBOX.write_text(as_yaml(added()))
    PAGE.write_text(page(read()))
