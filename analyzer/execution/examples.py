"""Examples of a page as programs: what stood before them is there, and only they have to hold."""

from collections.abc import Sequence
from typing import Final

from sandbox.program import Program

BEFORE_MAX: Final = 40
_SESSION: Final = """\
import doctest
import sys

from page import BEFORE, EXAMPLE, PACKAGES

names = {}
for package in PACKAGES:
    exec(f"import {package}; from {package} import *", names)
for lines in (*BEFORE, EXAMPLE):
    test = doctest.DocTestParser().get_doctest(lines, names, "page", None, 0)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    done = runner.run(test, out=lambda text: None, clear_globs=False)
    names = test.globs
sys.exit(bool(done.failed) or not done.attempted)
"""
_PAGE: Final = """\
import contextlib
import io

from page import BEFORE, EXAMPLE, PACKAGES

names = {"__name__": "example"}
for package in PACKAGES:
    exec(f"import {package}", names)
for code in BEFORE:
    with contextlib.suppress(Exception, SystemExit), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "before.py", "exec"), names)
exec(compile(EXAMPLE, "example.py", "exec"), names)
"""


def session_program(before: Sequence[str], example: str, packages: Sequence[str]) -> Program:
    """An interactive session: it ends with 0 when every line of it prints what stands there.

    Args:
        before: Sessions before it on its page, in order; what they print does not matter.
        example: The session.
        packages: Packages that are imported, with all their names, before anything else.
    """
    return _program(_SESSION, before, example, packages)


def page_program(before: Sequence[str], example: str, packages: Sequence[str]) -> Program:
    """Code: it ends with 0 when it raises nothing, and prints what it prints.

    Args:
        before: Code before it on its page, in order; whether it ends well does not matter.
        example: The code.
        packages: Packages that are imported before anything else.
    """
    return _program(_PAGE, before, example, packages)


def _program(driver: str, before: Sequence[str], example: str, packages: Sequence[str]) -> Program:
    earlier = list(before)[-BEFORE_MAX:]
    page = f"BEFORE = {earlier!r}\nEXAMPLE = {example + chr(10)!r}\nPACKAGES = {list(packages)!r}\n"
    return Program(main="example.py", files={"example.py": driver, "page.py": page})
