"""A server on a real socket that answers every call alike."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

ANSWER = json.dumps({"status": "success", "value": [1, 2]}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every call alike and keeps what was asked."""

    seen: list[tuple[str, dict[str, str], bytes]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(ANSWER)

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/version" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def handler() -> type[Handler]:
    return type("Own", (Handler,), {"seen": []})


@pytest.fixture
def server(handler: type[Handler]) -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def url_of(server: http.server.ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"
