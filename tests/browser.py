"""This machine's Chromium or Chrome for browser tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from ops.machine.browser import ARGUMENTS, browser


def chromium() -> str:
    """Return the browser's path; without one the tests fail and say what to type."""
    path = browser()
    assert path, "no Chromium on PATH: `bin/fondation prepare tests` installs it"
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium and end it.

    While it runs, its event loop counts as the running loop of this thread, so a test that calls `asyncio.run` cannot
    share its life: keep it to one module, never to the session.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()
