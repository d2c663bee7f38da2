"""The code that runs in Lambda: the package ``functions`` with its locked dependencies, bundled without Docker."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, FileSystem, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.openapi.published import documents, publish, read

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "functions"
LOCK = FUNCTIONS / "requirements.lock"
DOCUMENTS = "documents"
CACHE = ROOT / "build"
RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64
# Lambda's Python 3.13 runs on Amazon Linux 2023 with glibc 2.34: wheels for that or older ones fit.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")
WASTE = ("__pycache__", "*.pyc", "*.pyi", "requirements.lock", "bin")


def code() -> lambda_.Code:
    """Return the asset that all functions share; it changes with the sources, the lock and the documents only."""
    exclude = ["**/__pycache__", "**/*.pyc"]
    published = hashlib.sha256(json.dumps(documents(read())).encode()).hexdigest()
    return lambda_.Code.from_asset(
        str(FUNCTIONS),
        exclude=exclude,
        asset_hash=FileSystem.fingerprint(str(FUNCTIONS), exclude=exclude, extra_hash=published),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(image=RUNTIME.bundling_image, local=_Package()),
    )


@jsii.implements(ILocalBundling)
class _Package:
    def try_bundle(self, output_dir: str, *, image: object = None, **_options: object) -> bool:
        ignore = shutil.ignore_patterns(*WASTE)
        shutil.copytree(dependencies(), output_dir, dirs_exist_ok=True, ignore=ignore)
        shutil.copytree(FUNCTIONS, Path(output_dir, "functions"), ignore=ignore)
        publish(Path(output_dir, DOCUMENTS), read())
        return True


def dependencies() -> Path:
    """Return the directory with the locked wheels for Lambda, installed once per content of the lock."""
    key = hashlib.sha256("\n".join([*PLATFORMS, LOCK.read_text()]).encode()).hexdigest()[:16]
    installed = CACHE / f"dependencies-{key}"
    if not installed.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            fresh = Path(scratch, "dependencies")
            _install(fresh)
            _publish(fresh, installed)
    return installed


def _install(target: Path) -> None:
    platforms = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    version = RUNTIME.name.removeprefix("python")
    wheels = ["--implementation", "cp", "--python-version", version, "--only-binary=:all:", "--require-hashes"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--target", str(target)]
    subprocess.run([*command, *platforms, *wheels, "--requirement", str(LOCK)], check=True)  # noqa: S603 - all ours


def _publish(fresh: Path, installed: Path) -> None:
    """Move the result into place, unless a concurrent synthesis has: its result is the same."""
    try:
        fresh.rename(installed)
    except OSError:
        if not installed.exists():
            raise
