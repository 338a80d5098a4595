"""A container's health check: `probe.py PORT PATH` exits 0 when this machine answers 200 there, else 1.

Every service has the same one. Standard library only, and as little of it as possible: a container runs this every few
seconds.
"""

import socket
import sys

_TIMEOUT_S = 3.0


def main(port: str, path: str) -> int:
    """Ask on the loopback address, print what is answered and return the exit code."""
    try:
        with socket.socket() as connection:
            # Not `create_connection`: looking the address up as a name loads half of the standard library.
            connection.settimeout(_TIMEOUT_S)
            connection.connect(("127.0.0.1", int(port)))
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            answer = b""
            while data := connection.recv(4096):
                answer += data
    except (OSError, ValueError) as error:
        sys.stdout.write(f"nobody answers on port {port}: {error}\n")
        return 1
    status = answer.partition(b"\r\n")[0].split()
    sys.stdout.write(answer.rpartition(b"\r\n\r\n")[2].decode("utf-8", "replace"))
    return 0 if len(status) > 1 and status[1] == b"200" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
