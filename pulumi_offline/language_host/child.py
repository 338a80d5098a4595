"""`python -m pulumi_offline.language_host.child <engine address>`: runs the request on standard input here."""

from __future__ import annotations

import sys

from pulumi.runtime.proto.language_pb2 import RunRequest

from pulumi_offline.language_host import program


def main() -> int:
    """Exit code 0 when the program succeeded; otherwise the user has seen why."""
    request = RunRequest.FromString(sys.stdin.buffer.read())
    return 0 if program.run(request, sys.argv[1]) else 1


if __name__ == "__main__":
    sys.exit(main())
