"""A headless browser, which `make test` unpacks; another Chromium with the variable CHROMIUM."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support.server import ROOT

UNPACKED = ROOT / "build" / "chromium"
FLAGS = """
--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
--disable-sync --no-zygote
""".split()


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser, until it is no longer needed."""
    program = os.environ.get("CHROMIUM", str(UNPACKED / "chromium"))
    own = {"LD_LIBRARY_PATH": str(UNPACKED / "al2023" / "lib"), "FONTCONFIG_PATH": str(UNPACKED / "fonts")}
    with sync_playwright() as playwright:
        environment: dict[str, str | float | bool] = {**os.environ, **(own if "CHROMIUM" not in os.environ else {})}
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, env=environment)
        try:
            yield browser
        finally:
            browser.close()
