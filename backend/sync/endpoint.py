"""The WebSocket of a session: one task reads, one writes; a slow reader only delays itself."""

import asyncio
import logging
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.errors import StorageError
from backend.service import Service
from backend.sync import messages
from backend.sync.messages import ProtocolError
from backend.sync.session import Session

PING_S: Final = 15.0
SEND_TIMEOUT_S: Final = 60.0
_INTERNAL_ERROR: Final = 1011
_POLICY_VIOLATION: Final = 1008
log = logging.getLogger(__name__)


async def serve(websocket: WebSocket, service: Service) -> None:
    """Run one session until either side ends it."""
    await websocket.accept()
    session = Session(service)
    tasks = [asyncio.create_task(_read(websocket, session)), asyncio.create_task(_write(websocket, session))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await _say_goodbye(websocket, next(iter(done)).exception())
    finally:
        session.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(websocket: WebSocket, session: Session) -> None:
    while True:
        await session.receive(await websocket.receive_text())


async def _write(websocket: WebSocket, session: Session) -> None:
    while True:
        frames = await session.frames() if await session.ready(PING_S) else [messages.ping()]
        for frame in frames:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await websocket.send_text(frame)
        session.sent()


async def _say_goodbye(websocket: WebSocket, error: BaseException | None) -> None:
    try:
        match error:
            case ProtocolError():
                log.warning("a sync session broke the protocol: %s", error)
                await websocket.send_text(messages.fatal_error(str(error)))
                await websocket.close(_POLICY_VIOLATION, "protocol error")
            case StorageError() | TimeoutError():
                # Plain close: the client comes back by itself, after a pause.
                await websocket.close(_INTERNAL_ERROR, "try again")
            case WebSocketDisconnect() | None:
                pass
            case _:
                log.error("a sync session failed", exc_info=error)
                await websocket.close(_INTERNAL_ERROR, "internal error")
    except (WebSocketDisconnect, RuntimeError):
        log.debug("the client was gone before it could be told why")
