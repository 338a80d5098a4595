"""`python -IS backend/probe.py`: exits 0 when the backend on this machine answers its health check, else 1.

Standard library only, and as little of it as possible: a container runs this every few seconds.
"""

import os
import socket
import sys

_TIMEOUT_S = 3.0


def healthy(port: int) -> bool:
    """Ask the backend on 127.0.0.1."""
    try:
        with socket.socket() as connection:
            # Not `create_connection`: looking the address up as a name loads half of the standard library.
            connection.settimeout(_TIMEOUT_S)
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status = connection.makefile("rb").readline().split()
    except OSError:
        return False
    return len(status) > 1 and status[1] == b"200"


if __name__ == "__main__":
    sys.exit(0 if healthy(int(os.environ.get("FONDATION_PORT") or 3210)) else 1)
