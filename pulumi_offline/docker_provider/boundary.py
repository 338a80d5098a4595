"""The error boundary of the provider's calls: errors reach the user as their own text, without Python's noise."""

from __future__ import annotations

import functools
import traceback
from typing import TYPE_CHECKING, Any, TypeVar

import grpc  # type: ignore[import-untyped]  # it ships no types
from google.protobuf.any_pb2 import Any as AnyMessage  # type: ignore[import-untyped]  # same

from pulumi_offline.docker_provider.errors import InitializationError, ProviderError
from pulumi_offline.docker_provider.values import property_map
from pulumi_offline.protocol import provider_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class _Status(grpc.Status):  # type: ignore[misc]  # grpc ships no types
    def __init__(self, text: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = text
        self.trailing_metadata = (("grpc-status-details-bin", details),)


def bounded(
    method: Callable[[Any, Request, grpc.ServicerContext], Answer],
) -> Callable[[Any, Request, grpc.ServicerContext], Answer]:
    """The method with its exceptions turned into gRPC statuses.

    `FAILED_PRECONDITION` tells the engine that nothing was created; anything unforeseen is `UNKNOWN` with a traceback.
    """

    @functools.wraps(method)
    def call(self: Any, request: Request, context: grpc.ServicerContext) -> Answer:  # noqa: ANN401  # any servicer
        try:
            return method(self, request, context)
        except InitializationError as error:
            context.abort_with_status(initialization_status(error))
        except ProviderError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except Exception:  # noqa: BLE001  # the process's boundary: a bug must reach the user as text
            text = f"internal error of this project's Docker provider: {traceback.format_exc()}"
            context.abort(grpc.StatusCode.UNKNOWN, text)
        raise AssertionError("abort raises")

    return call


def initialization_status(error: InitializationError) -> grpc.Status:
    """The status with which the engine keeps a resource in the state although its creation failed."""
    properties = property_map(error.state)
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id, properties=properties, inputs=properties, reasons=[str(error)]
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    return _Status(str(error), status.SerializeToString())
