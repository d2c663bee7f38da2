"""The code assets: ours and what it needs, for Lambda's processor, and nothing else."""

import gzip
import importlib.util
import sys
from pathlib import Path

import pytest
from aws_cdk import FileSystem

from infra.asset_contents import CRYPTOGRAPHY, FUNCTIONS, WITH_CRYPTOGRAPHY
from infra.bundling import DOCUMENTS, dependencies
from infra.bytecode import compile_all
from infra.openapi.published import documents, read
from tests.infra.template import Synthesized

MAX_BYTES = {"light": 12 * 1024**2, "whole": 28 * 1024**2}
"""What a function holds, unzipped and without the boto3 of Lambda's runtime (docs/architecture.md, "Budgets")."""
ARM_64 = 183
"""An ELF file says for which machine it was made."""
UNCHECKED = 1
"""The flag of bytecode that is not compared with its source."""


@pytest.fixture
def assets(synthesized: Synthesized) -> dict[str, Path]:
    """The two directories that are uploaded."""
    keys: dict[str, set[str]] = {"light": set(), "whole": set()}
    for module, function in synthesized.template.functions().items():
        keys["whole" if module in WITH_CRYPTOGRAPHY else "light"].add(function["Code"]["S3Key"])
    (light,), (whole,) = keys["light"], keys["whole"]
    directory = synthesized.paths[0].parent
    return {kind: directory / f"asset.{key.removesuffix('.zip')}" for kind, key in (("light", light), ("whole", whole))}


def test_they_hold_every_module_of_ours(assets: dict[str, Path]) -> None:
    ours = {path.relative_to(FUNCTIONS.parent) for path in FUNCTIONS.rglob("*.py")}
    for asset in assets.values():
        assert {path.relative_to(asset) for path in (asset / "functions").rglob("*.py")} == ours


def test_they_hold_what_lambda_lacks_and_not_what_it_has(assets: dict[str, Path]) -> None:
    names = {kind: {path.name for path in asset.iterdir()} for kind, asset in assets.items()}
    for held in names.values():
        assert {"aws_lambda_powertools", "pydantic", "pydantic_core", "segno", "ulid"} <= held
        assert not held & {"boto3", "botocore", "moto", "pytest", "tests", "infra", "requirements.lock"}
    assert {"cryptography", "jwt"} <= names["whole"]
    assert not {"cryptography", "jwt", "cffi"} & names["light"]


def test_they_hold_the_documents_that_the_api_serves(assets: dict[str, Path]) -> None:
    written = {f"{name}.gz": text for name, text in documents(read()).items()}
    for asset in assets.values():
        held = {path.name: gzip.decompress(path.read_bytes()).decode() for path in (asset / DOCUMENTS).iterdir()}
        assert held == written


def test_they_are_small(assets: dict[str, Path]) -> None:
    for kind, asset in assets.items():
        files = [path for path in asset.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in files) <= MAX_BYTES[kind]
        assert not [path for path in files if path.suffix == ".pyi"]


def test_their_binaries_are_for_lambdas_processor(assets: dict[str, Path]) -> None:
    for asset in assets.values():
        binaries = list(asset.rglob("*.so"))
        assert binaries
        for binary in binaries:
            assert int.from_bytes(binary.read_bytes()[18:20], "little") == ARM_64, binary.name


def test_they_are_named_by_all_that_is_in_them(assets: dict[str, Path]) -> None:
    """So a change of how they are built is deployed as any other."""
    for kind, without in (("light", CRYPTOGRAPHY), ("whole", ())):
        assert assets[kind].name == f"asset.{FileSystem.fingerprint(str(assets[kind]), exclude=list(without))}"


def test_dependencies_are_installed_once_for_each_lock() -> None:
    installed = dependencies()
    before = installed.stat().st_mtime_ns
    assert dependencies() == installed
    assert installed.stat().st_mtime_ns == before


def test_bytecode_is_trusted_and_always_the_same(tmp_path: Path) -> None:
    """It is the same wherever it is compiled, and names the files where Lambda has them."""
    compiled = []
    for name in ("here", "there"):
        source = tmp_path / name / "functions" / "routes.py"
        source.parent.mkdir(parents=True)
        source.write_bytes((FUNCTIONS / "routes.py").read_bytes())
        compile_all(sys.executable, source.parent, tmp_path / name)
        compiled.append(Path(importlib.util.cache_from_source(str(source))).read_bytes())
    assert compiled[0] == compiled[1]
    assert b"/var/task/functions/routes.py" in compiled[0]
    assert int.from_bytes(compiled[0][4:8], "little") == UNCHECKED
