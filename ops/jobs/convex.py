"""Calls of Convex functions over the HTTP function API, as an operator makes them: one at a time, with clear errors.

Speaks to the embedded backend and to a Convex deployment alike.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import httpx

from ops.errors import BackendError, RefusedError

TIMEOUT_S: Final = 30.0
SHOWN_CHARACTERS: Final = 500


class Convex:
    """The functions of one deployment.

    Args:
        url: Address of the deployment.
        key: Key for writing; reading may do without.
        transport: Replaces the network, for an application that runs in this process.
        ca_bundle: Certificates to trust beside the public ones and this machine's own.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        transport: httpx.BaseTransport | None = None,
        *,
        ca_bundle: Path | None = None,
    ) -> None:
        headers = {"Convex-Client": "fondation-ops"}
        if key:
            headers["Authorization"] = f"Convex {key}"
        self._url = url
        self._http = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=TIMEOUT_S,
            transport=transport,
            verify=_trusting(ca_bundle) if url.startswith("https:") else True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def query(self, path: str, **arguments: object) -> object:
        """Return the value of a query, such as `query("jobs:getById", id=…)`.

        Raises:
            BackendError: The deployment does not answer; a `RefusedError` when the function said no.
        """
        return self._call("query", path, arguments)

    def mutation(self, path: str, **arguments: object) -> object:
        """Return the value of a mutation.

        Raises:
            BackendError: The deployment does not answer; a `RefusedError` when the function said no.
        """
        return self._call("mutation", path, arguments)

    def _call(self, kind: str, path: str, arguments: Mapping[str, object]) -> object:
        body = {"path": path, "args": arguments, "format": "json"}
        try:
            response = self._http.post(f"/api/{kind}", json=body)
        except httpx.HTTPError as error:
            raise BackendError(
                f"the backend at {self._url} does not answer ({error or type(error).__name__}):"
                " is the stack up? `bin/fondation urls` shows its addresses"
            ) from error
        return _value(path, response, self._url)


def _trusting(ca_bundle: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(ca_bundle)
        except OSError as error:  # an SSLError too
            raise BackendError(f"fondation:caBundle is {str(ca_bundle)!r}: it cannot be used ({error})") from error
    return context


def _value(path: str, response: httpx.Response, url: str) -> object:
    if response.status_code in {401, 403}:
        raise BackendError(
            f"the backend at {url} refused {path}: the key is not the one that it was deployed with; in the dev stack"
            " run `make up` again, in others check `bin/pulumi config get fondation:backendKey`"
        )
    try:
        reply = response.json()
    except ValueError:
        reply = None
    if isinstance(reply, dict) and reply.get("status") == "success":
        return reply.get("value")
    if isinstance(reply, dict) and reply.get("status") == "error":
        raise RefusedError(f"the backend refused {path}: {str(reply.get('errorMessage'))[:SHOWN_CHARACTERS]}")
    raise BackendError(
        f"the backend at {url} answered {path} with HTTP {response.status_code}: {response.text[:SHOWN_CHARACTERS]}"
    )


def row(value: object) -> Mapping[str, object]:
    """Return a value that has to be an object."""
    if not isinstance(value, dict):
        raise BackendError(f"the backend answered {type(value).__name__} where an object was due")
    return value


def rows(value: object) -> list[Mapping[str, object]]:
    """Return a value that has to be a list of objects."""
    if not isinstance(value, list):
        raise BackendError(f"the backend answered {type(value).__name__} where a list was due")
    return [row(item) for item in value]
