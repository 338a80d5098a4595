"""Decides whether a host's addresses may be connected to, and resolves them.

The address that was checked is the one git gets (`worker.git` pins it), so a second answer of the name server cannot
lead elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Final, Protocol

from worker.errors import PermanentError, TryAgainError

_RESOLVE_TIMEOUT_S: Final = 10.0
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Resolver(Protocol):
    """Looks up the addresses of a host."""

    async def __call__(self, host: str) -> Sequence[str]:
        """Return the addresses, best first; raise socket.gaierror when there are none."""


async def system_resolver(host: str) -> Sequence[str]:
    """Ask the system's name service."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def addresses_of(host: str, resolve: Resolver, *, public: bool = True) -> tuple[str, ...]:
    """Return the addresses of a host.

    Args:
        host: Its name.
        resolve: Looks names up.
        public: Whether all of them have to be public.

    Raises:
        PermanentError: The host does not exist, or one of its addresses is not public.
        TryAgainError: The name service did not answer.
    """
    try:
        addresses = await asyncio.wait_for(resolve(host), _RESOLVE_TIMEOUT_S)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise PermanentError(f"the host {host} does not exist; check the repository's address") from error
        raise TryAgainError(f"the name of host {host} could not be resolved ({error.strerror})") from error
    except (TimeoutError, OSError) as error:
        raise TryAgainError(
            f"the name of host {host} could not be resolved ({error or 'no answer in time'})"
        ) from error
    refused = [address for address in addresses if public and not is_public(address)]
    if refused or not addresses:
        raise PermanentError(
            f"the host {host} leads to {', '.join(refused) or 'no address'}, which is not a public address; "
            "only repositories on public hosts are cloned"
        )
    return tuple(addresses)


def is_public(text: str) -> bool:
    """Return whether an address is reachable on the public Internet, also through the address it embeds."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    embedded = _embedded(address) if isinstance(address, ipaddress.IPv6Address) else None
    if embedded is not None:
        address = embedded
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
