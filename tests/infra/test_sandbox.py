"""What the sandbox alone can do exists on one machine only (contract §9)."""

from functions.routes import ROUTES
from infra.local.routes import SANDBOX, SANDBOX_ROUTES
from tests.infra.gateway import body
from tests.infra.template import Template, texts


def test_nothing_deployed_knows_the_sandbox(template: Template) -> None:
    paths = set(body(template)["paths"])
    assert paths
    assert not [path for path in paths if "sandbox" in path]
    assert SANDBOX not in template.functions()
    assert not [text for text in texts(template.content) if "/sandbox" in text]


def test_the_deployed_routes_are_all_but_the_sandboxs() -> None:
    assert not set(ROUTES) & set(SANDBOX_ROUTES)
    assert all(route.path.startswith("/sandbox") for route in SANDBOX_ROUTES)
    assert not [route for route in ROUTES if route.path.startswith("/sandbox")]
