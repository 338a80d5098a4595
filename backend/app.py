"""The ASGI application: routes are a table, an app is built by a call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random, SystemRandom

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from backend.access_log import AccessLog
from backend.database import open_database
from backend.errors import RequestError, StorageError
from backend.functions import build_registry
from backend.http_api import HttpApi, error_response, storage_response
from backend.service import Service
from backend.settings import Settings
from backend.store import Clock, now_ms
from backend.sync import endpoint


def create_app(settings: Settings, *, clock: Clock = now_ms, random: Random | None = None) -> Starlette:
    """Build the application; the database is opened here, its threads start with the application.

    Raises:
        DatabaseError: The database cannot be used.
    """
    service = Service(
        settings=settings,
        registry=build_registry(),
        database=open_database(settings.database, now=clock()),
        clock=clock,
        random=random or SystemRandom(),
    )
    api = HttpApi(service)

    async def sync(websocket: WebSocket) -> None:
        await endpoint.serve(websocket, service)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = Starlette(
        routes=[
            Route("/api/query", api.query, methods=["POST"]),
            Route("/api/mutation", api.mutation, methods=["POST"]),
            Route("/api/action", api.action, methods=["POST"]),
            Route("/api/run/{module}/{function}", api.run, methods=["POST"]),
            Route("/health", api.health, methods=["GET"]),
            Route("/metrics", api.metrics, methods=["GET"]),
            Route("/version", api.version, methods=["GET"]),
            WebSocketRoute("/api/sync", sync),
            WebSocketRoute("/api/{version}/sync", sync),
        ],
        middleware=[Middleware(AccessLog)],
        exception_handlers={RequestError: _request_error, StorageError: _storage_error, HTTPException: _http_error},
        lifespan=lifespan,
    )
    app.state.service = service
    return app


async def _request_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - registered for this type only
    return error_response(error)


async def _storage_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, StorageError)  # noqa: S101 - registered for this type only
    return storage_response(error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    posted = "/api/query, /api/mutation, /api/run/{module}/{function}"
    known = f"POST {posted}; GET /health, /metrics, /version; WebSocket /api/sync"
    message = f"{request.method} {request.url.path[:200]}: {error.detail}; this backend serves {known}"
    return error_response(RequestError(error.status_code, "NoSuchEndpoint", message))
