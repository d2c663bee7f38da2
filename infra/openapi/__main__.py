"""``python -m infra.openapi`` writes docs/openapi.yaml anew."""

from pathlib import Path

from infra.local import environment

YAML = Path(__file__).parents[2] / "docs" / "openapi.yaml"

if __name__ == "__main__":
    environment.prepare("https://api.example.com")
    from infra.openapi.document import as_yaml, document

    YAML.write_text(as_yaml(document()))
