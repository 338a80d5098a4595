"""The container's health check: `python -IS worker/probe.py` exits 0 when the worker's own process is alive, else 1.

Standard library only, and little of it, so that it starts in a moment.
"""

import os
import socket
import sys

_TIMEOUT_S = 3.0


def main() -> int:
    """Ask `/health/live` on the loopback address."""
    port = os.environ.get("FONDATION_HEALTH_PORT", "").strip() or "8080"
    try:
        with socket.socket() as connection:
            # Not `create_connection`: looking the address up as a name loads half of the standard library.
            connection.settimeout(_TIMEOUT_S)
            connection.connect(("127.0.0.1", int(port)))
            connection.sendall(b"GET /health/live HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            answer = b""
            while data := connection.recv(4096):
                answer += data
    except (OSError, ValueError) as error:
        sys.stdout.write(f"the worker does not answer on port {port}: {error}\n")
        return 1
    status, _, _ = answer.partition(b"\r\n")
    sys.stdout.write(answer.rpartition(b"\r\n\r\n")[2].decode("utf-8", "replace"))
    return 0 if b" 200 " in status else 1


if __name__ == "__main__":
    sys.exit(main())
