"""``python -m infra.openapi`` writes docs/openapi.yaml anew."""

from infra.local import environment
from infra.openapi.published import YAML

if __name__ == "__main__":
    environment.prepare("https://api.example.com")
    from infra.openapi.document import as_yaml, document

    YAML.write_text(as_yaml(document()))
