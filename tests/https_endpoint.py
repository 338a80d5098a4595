"""An https address in front of a local http server, as a Convex deployment has one.

Its authority's certificate is fixed, so that images that trust it come from Docker's build cache. So is the key,
which is all zeros: trust it nowhere.
"""

import asyncio
import base64
import queue
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

AUTHORITY: Final = """\
-----BEGIN CERTIFICATE-----
MIIBQDCB86ADAgECAgEBMAUGAytlcDAnMSUwIwYDVQQDDBxGb25kYXRpb24gdGVz
dHMsIG9mIG5vIHdvcnRoMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAw
WjAnMSUwIwYDVQQDDBxGb25kYXRpb24gdGVzdHMsIG9mIG5vIHdvcnRoMCowBQYD
K2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2imjQjBAMA8GA1Ud
EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQWBBSMMMl+f9VGDOO5
YttM11h57s2KvTAFBgMrZXADQQCJXtDAZ9LhodA7+YWH6xXrcH8C6j7Uq1F+sngu
NiNEGTEW/tRXijXWw1UG1JbZhmxUcoXSrGtPAGuRjF4NQ3cL
-----END CERTIFICATE-----
"""
_ED25519_PREFIX: Final = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410, section 7
_CHUNK: Final = 1 << 16
_PATIENCE_S: Final = 20.0


def authority_file(folder: Path) -> Path:
    """Write the authority's certificate, for `fondation:caBundle`."""
    file = folder / "authority.pem"
    file.write_text(AUTHORITY)
    return file


@contextmanager
def https_endpoint(folder: Path, *, address: str, target_port: int) -> Iterator[str]:
    """Forward an https port of an address to a port of 127.0.0.1 for the length of the block; yields its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder, address))
    listening: queue.SimpleQueue[tuple[int, Callable[[], object]]] = queue.SimpleQueue()

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        connections = set[asyncio.Task[None]]()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(loop.create_task(_forward(reader, writer, target_port)))

        async with await asyncio.start_server(accept, address, 0, ssl=context) as server:
            port: int = server.sockets[0].getsockname()[1]
            listening.put((port, lambda: loop.call_soon_threadsafe(stop.set)))
            await stop.wait()

    # Ends with whatever is still connected: `asyncio.run` cancels it.
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, stop = listening.get(timeout=_PATIENCE_S)
    try:
        yield f"https://{address}:{port}"
    finally:
        stop()
        thread.join(timeout=_PATIENCE_S)


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    # A client that hangs up in the middle is no failure of the endpoint.
    with suppress(OSError):
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, target_writer), _copy(target_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _certificate(folder: Path, address: str) -> Path:
    """Make a key and a certificate for an address, signed by the authority; both are in the file."""
    key = folder / "authority.key"
    text = base64.b64encode(_ED25519_PREFIX + bytes(32)).decode()
    key.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    request, own, signed = (folder / f"endpoint.{kind}" for kind in ("csr", "key", "pem"))
    extensions = folder / "endpoint.cnf"
    extensions.write_text(f"subjectAltName=IP:{address}\n")
    for command in (
        ("req", "-new", "-newkey", "ed25519", "-nodes", "-subj", "/CN=endpoint", "-keyout", own, "-out", request),
        (
            *("x509", "-req", "-days", "2", "-in", request, "-extfile", extensions, "-out", signed),
            *("-CA", authority_file(folder), "-CAkey", key, "-set_serial", "2"),
        ),
    ):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    signed.write_text(signed.read_text() + own.read_text())
    return signed
