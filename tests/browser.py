"""Debian's Chromium for browser tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

CHROMIUM_ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Return the browser's path; without one the tests fail and say what to type."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no Chromium on PATH: apt-get install -y chromium"
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium and end it.

    While it runs, its event loop counts as the running loop of this thread, so a test that calls `asyncio.run` cannot
    share its life: keep it to one module, never to the session.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
