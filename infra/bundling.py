"""The code that runs in Lambda: the package ``functions`` with its locked dependencies, bundled without Docker.

There are two assets, since half of what is needed at all is cryptography, which few functions use.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from fnmatch import fnmatch
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.asset_contents import CRYPTOGRAPHY, FUNCTIONS, LOCK, ROOT, UNUSED, WASTE, WITH_CRYPTOGRAPHY
from infra.bytecode import compile_all, compiler
from infra.openapi.published import publish, read

DOCUMENTS = "documents"
CACHE = ROOT / "build"
RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64
# Lambda's Python 3.13 runs on Amazon Linux 2023 with glibc 2.34: wheels for that or older ones fit.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")


class Code:
    """The assets of the functions, named by what is in them: whatever changes that, changes the functions."""

    def __init__(self) -> None:
        self._light, self._whole = _asset(without=CRYPTOGRAPHY), _asset()

    def of(self, module: str) -> lambda_.Code:
        """Return what a module's function runs."""
        return self._whole if module in WITH_CRYPTOGRAPHY else self._light


def _asset(without: Collection[str] = ()) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(FUNCTIONS),
        asset_hash_type=AssetHashType.OUTPUT,
        exclude=list(without),  # CDK takes bundles of the same folder with the same options for one
        bundling=BundlingOptions(image=RUNTIME.bundling_image, local=_Package(without)),
    )


@jsii.implements(ILocalBundling)
class _Package:
    def __init__(self, without: Collection[str]) -> None:
        self._without = without

    def try_bundle(self, output_dir: str, *, image: object = None, **_options: object) -> bool:
        target = Path(output_dir)
        _copy(dependencies(), target, without=self._without)
        _copy(FUNCTIONS, target / FUNCTIONS.name, without=WASTE)
        publish(target / DOCUMENTS, read())
        if python := compiler(RUNTIME.name):
            compile_all(python, target / FUNCTIONS.name, target)
        return True


def _copy(source: Path, target: Path, *, without: Iterable[str]) -> None:
    """Copy a directory without the paths that match a pattern."""

    def unwanted(directory: str, names: list[str]) -> set[str]:
        paths = {name: str(Path(directory, name).relative_to(source)) for name in names}
        return {name for name, path in paths.items() if any(fnmatch(path, pattern) for pattern in without)}

    shutil.copytree(source, target, dirs_exist_ok=True, ignore=unwanted)


def dependencies() -> Path:
    """Return the directory with the locked wheels for Lambda and their bytecode, made once for what decides on it."""
    python = compiler(RUNTIME.name)
    decisive = [*PLATFORMS, *WASTE, *UNUSED, LOCK.read_text(), RUNTIME.name if python else ""]
    installed = CACHE / f"dependencies-{_digest(decisive)}"
    if not installed.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            _install(Path(scratch, "all"))
            fresh = Path(scratch, "needed")
            _copy(Path(scratch, "all"), fresh, without=[*WASTE, *UNUSED])
            if python:
                compile_all(python, fresh, fresh)
            _publish(fresh, installed)
    return installed


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


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
