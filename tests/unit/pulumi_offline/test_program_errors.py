"""What the author of a program sees of its errors."""

import asyncio
from pathlib import Path

import pulumi

from pulumi_offline.language_host.program import Origins, own_traceback

SDK = str(Path(pulumi.__file__).parent / "runtime" / "stack.py")


def error_of(source: str, filename: str) -> BaseException:
    """Return the error that code of a file raises."""
    try:
        exec(compile(source, filename, "exec"))  # noqa: S102 - made here, to have frames of that file
    except ValueError as error:
        return error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
    raise AssertionError(f"{source!r} raised nothing")


def test_frames_of_the_sdk_are_left_out() -> None:
    text = own_traceback(error_of("raise ValueError('plain')", "/program/__main__.py"))
    assert '"/program/__main__.py", line 1' in text
    assert text.endswith("ValueError: plain")


def test_an_error_of_the_sdk_itself_shows_where_it_came_from() -> None:
    assert SDK in own_traceback(error_of("raise ValueError('in the SDK')", SDK))


def test_the_line_of_a_task_is_remembered_when_the_sdk_loses_it() -> None:
    origins = Origins()
    failure = error_of("raise ValueError('in apply')", "/program/__main__.py")

    async def fails() -> None:
        raise failure

    async def program() -> None:
        asyncio.get_running_loop().set_task_factory(origins.task)
        await asyncio.wait([asyncio.get_running_loop().create_task(fails())])

    asyncio.run(program())
    lost = failure.with_traceback(error_of("raise ValueError('elsewhere')", SDK).__traceback__)
    assert "/program/__main__.py" not in own_traceback(lost)
    text = own_traceback(origins.restored(lost))
    assert '"/program/__main__.py", line 1' in text
    assert SDK not in text
