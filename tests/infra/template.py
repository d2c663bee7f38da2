"""Reading a synthesized template."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from aws_cdk import App


class Synthesized(NamedTuple):
    """A stage's app, where the templates of its stacks were written, and what they say together."""

    app: App
    data: "Template"
    system: "Template"
    paths: tuple[Path, ...]
    template: "Template"


def synthesized(app: App) -> Synthesized:
    """Write and read the templates of an app's two stacks."""
    data, system = app.synth().stacks
    templates = Template(data.template), Template(system.template)
    paths = tuple(Path(stack.template_full_path) for stack in (data, system))
    return Synthesized(app, *templates, paths, joined(*templates))


@dataclass(frozen=True)
class Template:
    """A CloudFormation template."""

    content: dict[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        """Logical id → resource."""
        resources: dict[str, Any] = self.content["Resources"]
        return resources

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id → properties of all resources of the kind, such as ``Lambda::Function``."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of the kind."""
        (properties,) = self.of(kind).values()
        return properties

    def functions(self) -> dict[str, dict[str, Any]]:
        """Module → properties of its function."""
        return {
            function["Handler"].removesuffix(".handler"): function for function in self.of("Lambda::Function").values()
        }

    def function_behind(self, name: str) -> dict[str, Any]:
        """The properties of the function that the alias with this logical id leads to."""
        alias = self.of("Lambda::Alias")[name]
        version = self.of("Lambda::Version")[target(alias["FunctionVersion"])]
        assert target(version["FunctionName"]) == target(alias["FunctionName"])
        return self.of("Lambda::Function")[target(alias["FunctionName"])]

    def statements(self, role: str) -> list[dict[str, Any]]:
        """All that the role's policies say."""
        policies = self.resources[role]["Properties"].get("Policies", [])
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def allowed(self, module: str) -> dict[str, list[Any]]:
        """Action → resources that the module's function may use it on."""
        allowed: dict[str, list[Any]] = {}
        for statement in self.statements(target(self.functions()[module]["Role"])):
            for action in as_list(statement["Action"]):
                allowed.setdefault(action, []).extend(as_list(statement["Resource"]))
        return allowed


def joined(data: Template, system: Template) -> Template:
    """Both templates as if they were one: what a stack imports is replaced by what the other exports."""
    assert not data.resources.keys() & system.resources.keys()
    exports = {
        output["Export"]["Name"]: output["Value"] for output in data.content["Outputs"].values() if "Export" in output
    }
    resources = {**data.resources, **_imported(system.resources, exports)}
    return Template({"Resources": resources, "Outputs": {**data.content["Outputs"], **system.content["Outputs"]}})


def _imported(value: Any, exports: dict[str, Any]) -> Any:
    match value:
        case {"Fn::ImportValue": name}:
            return exports[name]
        case dict():
            return {name: _imported(inner, exports) for name, inner in value.items()}
        case list():
            return [_imported(inner, exports) for inner in value]
    return value


def target(reference: dict[str, Any]) -> str:
    """The logical id that a ``Ref`` or ``Fn::GetAtt`` points to."""
    return str(reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0])


def as_list(value: Any) -> list[Any]:
    """CloudFormation writes lists of one without the list."""
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> Iterator[str]:
    """Every text in a part of a template, at any depth."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)
