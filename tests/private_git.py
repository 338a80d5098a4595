"""A host of private repositories over https: git's own backend behind a user and a token.

Answers as GitHub, GitLab and the like do: 401 without a token or with a wrong one, 403 where it lacks the right, 404
where the token may not even know. `seen` are what was asked and how it was answered; no token is kept.
"""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.https_endpoint import https_endpoint

_BLOCKED: Final = 10.0


@dataclass(slots=True, kw_only=True)
class PrivateHost:
    """What the host accepts; every attribute may be changed while it runs.

    Attributes:
        folder: Its repositories.
        accounts: User and token, joined by a colon.
        forbidden: Paths that no account may read: 403.
        hidden: Paths that no account may know of: 404.
        breaks_off: Whether it refuses from the second request on.
        url: Where it is, without the final slash.
        seen: Path and status of each request.
    """

    folder: Path
    accounts: set[str]
    forbidden: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    breaks_off: bool = False
    url: str = ""
    seen: list[tuple[str, int]] = field(default_factory=list)

    def status(self, path: str, authorization: str) -> int:
        """Return how a request is met."""
        kind, _, value = authorization.partition(" ")
        account = base64.b64decode(value).decode() if kind == "Basic" else ""
        repository = "/" + "/".join(path.split("/")[1:3])
        if account not in self.accounts or (self.breaks_off and path.endswith("/git-upload-pack")):
            return 401
        return 403 if repository in self.forbidden else 404 if repository in self.hidden else 200


@contextmanager
def private_host(scratch: Path, folder: Path, *accounts: str, address: str = "127.0.0.1") -> Iterator[PrivateHost]:
    """Serve the repositories of a folder for the length of the block."""
    host = PrivateHost(folder=folder, accounts=set(accounts))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            status = host.status(parts.path, self.headers.get("Authorization", ""))
            host.seen.append((parts.path, status))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if status != 200:
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="private"')
                self.end_headers()
                return
            answer = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                check=True,
                timeout=_BLOCKED,
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(host.folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory",
                    "GIT_CONFIG_VALUE_0": "*",
                    "PATH_INFO": parts.path,
                    "QUERY_STRING": parts.query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                },
            ).stdout
            head, _, content = answer.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                name, _, value = line.partition(": ")
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with https_endpoint(scratch, address=address, target_port=server.server_address[1]) as url:
            host.url = url
            yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=_BLOCKED)
