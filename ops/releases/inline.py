"""Runs a Python function as the program of one `pulumi up`: the engine asks a language server in this process for it.

That is what Pulumi's Automation API does. It is used one layer down, so that the command goes through the same gate,
with the same environment and the same explained errors, as every other; and so that the stack that the operator
selected stays selected.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc  # type: ignore[import-untyped]  # it ships no types
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc

KIND = "auto.inline"
_THREADS = 4
_MESSAGE_MAX_BYTES = 400 << 20
_GRACE_S = 5.0


@contextmanager
def serving(program: Callable[[], None]) -> Iterator[str]:
    """Serve a program on the loopback interface; yield the address for `pulumi up --client`."""
    limits = [(f"grpc.max_{way}_message_length", _MESSAGE_MAX_BYTES) for way in ("send", "receive")]
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=_GRACE_S).wait()
