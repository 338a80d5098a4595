"""Calls of Convex functions as an operator makes them: one at a time, with errors that say what to do.

Speaks to the embedded backend and to a Convex deployment alike.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from course import function_api
from course.function_api import Arguments, FunctionClient, Kind
from course.rows import RowError
from ops.errors import BackendError, FunctionsError, RefusedError

TIMEOUT_S: Final = 30.0
_NAME: Final = "fondation-ops"
T = TypeVar("T")


class Convex:
    """The functions of one deployment.

    Args:
        url: Address of the deployment.
        key: Key for writing; reading may do without.
        ca_bundle: Certificates to trust beside the public ones and this machine's own.
    """

    def __init__(self, url: str, key: str | None, *, ca_bundle: Path | None = None) -> None:
        self._url = url
        tls = _trusting(ca_bundle) if url.startswith("https:") else None
        self._functions = FunctionClient(url, key or None, name=_NAME, tls=tls)

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

    def _call(self, kind: Kind, path: str, arguments: Arguments) -> object:
        try:
            return self._functions.call(kind, path, arguments, timeout_s=TIMEOUT_S)
        except function_api.KeyRefusedError as error:
            raise BackendError(
                f"the backend at {self._url} refused {path}: the key is not the one that it was deployed with; in the"
                " dev stack run `make up` again, in others check `bin/pulumi config get fondation:backendKey`"
            ) from error
        except function_api.FunctionMissingError as error:
            raise FunctionsError(
                f"the deployment at {self._url} does not have the function {path}: `bin/fondation convex deploy` brings"
                " the functions that this checkout has"
            ) from error
        except function_api.RefusedError as error:
            raise RefusedError(f"the backend refused {error}") from error
        except function_api.FunctionError as error:
            raise BackendError(
                f"the backend at {self._url} does not answer ({error}): is the stack up? `bin/fondation urls` shows its"
                " addresses"
            ) from error


def read(parse: Callable[[object], T], value: object) -> T:
    """Return what a value that the backend sent means.

    Raises:
        BackendError: It is not what the contract says.
    """
    try:
        return parse(value)
    except RowError as error:
        raise BackendError(str(error)) from error


def _trusting(ca_bundle: Path | None) -> ssl.SSLContext:
    import httpx  # noqa: PLC0415 - only here, for a list of authorities where this machine has none of its own

    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(ca_bundle)
        except OSError as error:  # an SSLError too
            raise BackendError(f"fondation:caBundle is {str(ca_bundle)!r}: it cannot be used ({error})") from error
    return context
