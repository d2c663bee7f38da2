"""``python -m infra.openapi`` writes docs/openapi.yaml and docs/errors.md anew."""

from infra.local import environment
from infra.openapi.published import YAML, read

if __name__ == "__main__":
    environment.prepare("https://api.example.com")
    from infra.openapi.document import as_yaml, document
    from infra.openapi.errors_page import PAGE, page

    YAML.write_text(as_yaml(document()))
    PAGE.write_text(page(read()))
