import os
import socket
from collections.abc import Iterator

import pytest

from ops.errors import StackError
from ops.machine.ports import Published, is_free, process_on, require_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_busy_port_is_named_with_its_holder_and_the_key_to_change(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    published = Published(port=port, key="fondation:webPort", container="fondation-blue-web")
    with pytest.raises(StackError) as caught:
        require_free([published], stack="blue")
    assert f"port {port} of 127.0.0.1 is taken by process {os.getpid()} (" in str(caught.value)
    assert "`bin/pulumi config set fondation:webPort <port> --stack blue`" in str(caught.value)


def test_every_busy_port_is_reported_at_once(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    both = [
        Published(port=port, key="fondation:webPort", container="x"),
        Published(port=port, key="fondation:backendPort", container="x"),
    ]
    with pytest.raises(StackError) as caught:
        require_free(both, stack="blue")
    assert len(str(caught.value).splitlines()) == 2


def test_a_free_port_has_no_holder(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert not is_free(port)
    listener.close()
    assert is_free(port)
    assert process_on(port) is None
    require_free([Published(port=port, key="k", container="c")], stack="blue")
