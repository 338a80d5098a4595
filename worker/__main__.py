"""Entry point: `python -m worker`. Settings, log, signals, and the one boundary that turns errors into exit codes."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from worker.errors import ConfigurationError, WorkerError
from worker.logs import configure
from worker.settings import Settings, read_settings
from worker.variables import help_text

_CODES: Final = """exit codes:
  0   drained: no job was left behind
  69  the machine refuses something the worker needs (a port, a folder)
  70  internal error
  75  stopped, but a job could not be handed back
  78  settings are missing or wrong
"""

_LOG: Final = logging.getLogger("worker")


def main(arguments: Sequence[str]) -> int:
    """Run the worker until it is told to stop; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Claims jobs, clones their repositories, runs the CLI and publishes the courses.",
        epilog=f"environment:\n{help_text()}\n{_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    try:
        settings = read_settings(os.environ)
    except ConfigurationError as error:
        for problem in error.problems:
            sys.stderr.write(f"worker: {problem}\n")
        return error.exit_code
    configure(settings.mode)
    try:
        with asyncio.Runner() as runner:
            runner.run(_serve(settings))
    except WorkerError as error:
        _LOG.error("%s", error)
        return error.exit_code
    except Exception:  # noqa: BLE001 - the process's one boundary
        _LOG.exception("internal error")
        return WorkerError.exit_code
    return 0


async def _serve(settings: Settings) -> None:
    # Imported here so that a wrong setting and --help answer at once.
    from worker.assembly import assembled  # noqa: PLC0415
    from worker.service import StopSignals  # noqa: PLC0415

    stop = StopSignals()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.ask)
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(assembled(settings, stop))
        await service.run()
    _LOG.info("stopped")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
