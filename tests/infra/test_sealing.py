"""The key of what is sealed: its own, rotated, and kept as long as what it sealed."""

from typing import Any

from tests.infra.template import Template


def test_the_key_rotates(template: Template) -> None:
    _, key = _key(template)
    assert key["Properties"]["EnableKeyRotation"]


def test_production_keeps_it(dev: Template, prod: Template) -> None:
    assert _key(prod)[1]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert _key(dev)[1]["DeletionPolicy"] == "Delete"


def test_its_name_is_an_output_for_the_operator(template: Template) -> None:
    name, _ = _key(template)
    assert template.content["Outputs"]["SealingKeyArn"]["Value"] == {"Fn::GetAtt": [name, "Arn"]}


def _key(template: Template) -> tuple[str, dict[str, Any]]:
    """Its logical id and the resource."""
    (name,) = (name for name, key in template.of("KMS::Key").items() if "PINs" in key.get("Description", ""))
    return name, template.resources[name]
