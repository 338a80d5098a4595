"""A real S3 server on the loopback interface, for as long as a test needs it: moto's, which keeps objects in memory."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from moto.server import ThreadedMotoServer

KEY_ID = "AKIAC4NARYC4NARYC4NA"
SECRET_KEY = "c4nary/c4nary/c4nary/c4nary/c4nary/c4nar"
BUCKET = "state"
# What Pulumi, s3fs and everything else made for S3 find their credentials by.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A server with one bucket; `address` is its host and port."""

    address: str

    def url(self, place: str = BUCKET) -> str:
        """Return the URL by which Pulumi keeps its state in a bucket, or below a prefix of it."""
        # The last parameter keeps Amazon's library from warning that this server checks no sums.
        settings = "disableSSL=true&s3ForcePathStyle=true&region=us-east-1&response_checksum_validation=when_required"
        return f"s3://{place}?endpoint={self.address}&{settings}"

    def put(self, key: str, content: bytes) -> None:
        """Store an object."""
        self._call("PUT", f"{BUCKET}/{key}", content)

    @contextmanager
    def denying(self) -> Iterator[None]:
        """Let nobody in: keys are checked, and none is known."""
        self._call("POST", "moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self._call("POST", "moto-api/reset-auth", b"inf")

    def _call(self, method: str, path: str, content: bytes = b"") -> None:
        url = f"http://{self.address}/{path}"
        httpx.request(method, url, content=content, trust_env=False).raise_for_status()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line per request hides what failed
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        running = S3Server(address=f"{host}:{port}")
        running._call("POST", "moto-api/reset")
        running._call("PUT", BUCKET)
        yield running
    finally:
        server.stop()
