"""`python -m sandbox`: take requests until told to stop. `python -m sandbox probe`: whether they are being taken."""

import sys
import time
from pathlib import Path
from typing import Final

from sandbox.exchange import ALIVE, Exchange, read_bounded

FOLDER: Final = Path("/srv/sandbox")
_SILENT_S: Final = 40


def main(arguments: list[str]) -> int:
    """Serve, or look whether somebody does."""
    exchange = Exchange.below(FOLDER)
    if arguments == ["probe"]:
        seen = read_bounded(exchange.outbox / ALIVE, most=64)
        return 0 if seen is not None and time.time() - float(seen) < _SILENT_S else 1
    from sandbox.server import serve  # noqa: PLC0415 - the probe runs every few seconds

    return serve(exchange)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
