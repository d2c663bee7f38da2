"""The code asset: ours and what it needs, for Lambda's processor, and nothing else."""

from pathlib import Path

import pytest

from infra.bundling import DOCUMENTS, FUNCTIONS, dependencies
from infra.openapi.published import documents, read
from tests.infra.template import Synthesized

MAX_BYTES = 60 * 1024**2
ARM_64 = 183
"""An ELF file says for which machine it was made."""


@pytest.fixture
def asset(synthesized: Synthesized) -> Path:
    """The directory that is uploaded for all functions."""
    (key,) = {function["Code"]["S3Key"] for function in synthesized.template.functions().values()}
    return synthesized.paths[0].parent / f"asset.{key.removesuffix('.zip')}"


def test_it_holds_every_module_of_ours(asset: Path) -> None:
    ours = {path.relative_to(FUNCTIONS.parent) for path in FUNCTIONS.rglob("*.py")}
    assert {path.relative_to(asset) for path in (asset / "functions").rglob("*.py")} == ours


def test_it_holds_what_lambda_lacks_and_not_what_it_has(asset: Path) -> None:
    names = {path.name for path in asset.iterdir()}
    assert {"aws_lambda_powertools", "cryptography", "jwt", "pydantic", "pydantic_core", "ulid"} <= names
    assert not names & {"boto3", "botocore", "moto", "pytest", "tests", "infra"}


def test_it_holds_the_documents_that_the_api_serves(asset: Path) -> None:
    assert {path.name: path.read_text() for path in (asset / DOCUMENTS).iterdir()} == documents(read())


def test_it_is_small(asset: Path) -> None:
    files = [path for path in asset.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES
    assert not [path for path in files if path.suffix in {".pyc", ".pyi"}]


def test_its_binaries_are_for_lambdas_processor(asset: Path) -> None:
    binaries = list(asset.rglob("*.so"))
    assert binaries
    for binary in binaries:
        assert int.from_bytes(binary.read_bytes()[18:20], "little") == ARM_64, binary.name


def test_dependencies_are_installed_once_for_each_lock() -> None:
    installed = dependencies()
    before = installed.stat().st_mtime_ns
    assert dependencies() == installed
    assert installed.stat().st_mtime_ns == before
