"""A local server that speaks Anthropic's Messages API well enough for the genuine Claude Code CLI.

Checks the credential, streams answers and misbehaves on demand: refused credentials, rate limits, overload, silence,
cut answers. Keeps counts and short facts about each request, never a whole prompt. Has no model: the answer is given.

`python -m tests.messages_api --token sk-ant-oat01-…` serves until interrupted; `PUT /control` with
`{"tokens": ["…"], "behaviour": "rate-limited"}` changes it while it runs.
"""

import argparse
import json
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEPT_REQUESTS: Final = 1_000
SHOWN_CHARACTERS: Final = 200
ANSWER: Final = "ready"
_START_TIMEOUT_S: Final = 20.0
_REFUSALS: Final = {
    401: ("authentication_error", "invalid credential"),
    403: ("permission_error", "the credential may not do this"),
    429: ("rate_limit_error", "this request would exceed the account's rate limit"),
    500: ("api_error", "internal server error"),
    529: ("overloaded_error", "overloaded"),
}


class Behaviour(StrEnum):
    """How requests with a good credential are met; one without is refused with 401 whatever this says."""

    ANSWER = "answer"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate-limited"
    BROKEN = "broken"
    OVERLOADED = "overloaded"
    HANG = "hang"
    CUT = "cut"


_STATUS: Final = {
    Behaviour.FORBIDDEN: 403,
    Behaviour.RATE_LIMITED: 429,
    Behaviour.BROKEN: 500,
    Behaviour.OVERLOADED: 529,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """An answer that asks for a tool instead of saying something."""

    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """Facts about one request.

    Attributes:
        credential: `bearer`, `api-key` or `none`: how it came, not what it was.
        prompt_start: The first characters of the last message.
    """

    path: str
    credential: str
    status: int
    model: str = ""
    tools: int = 0
    stream: bool = False
    system: str = ""
    prompt_start: str = ""
    prompt_characters: int = 0


@dataclass(slots=True, kw_only=True)
class MessagesApi:
    """The server's state; every attribute may be changed while it runs.

    Attributes:
        tokens: What is accepted, as Bearer token or x-api-key.
        reply: Makes the answer from the request's body: a text, or a tool to use.
        retry_after_s: Sent with 429, as is the time at which the limit ends.
        stop_reason: Why an answer ends: `end_turn`, `max_tokens`, `refusal`.
        cached_tokens: Input tokens that come from the service's cache and that go into it.
        billing: Message of a refusal with 400 about who pays; empty for none.
        told: Called with each request's body, whatever becomes of it.
        url: Where it listens, once it does.
        seen: The latest requests.
        statuses: How often each status was answered since the start.
    """

    tokens: set[str]
    behaviour: Behaviour = Behaviour.ANSWER
    reply: Callable[[Mapping[str, Any]], str | ToolCall] = lambda _: ANSWER
    retry_after_s: int = 30
    stop_reason: str = "end_turn"
    cached_tokens: tuple[int, int] = (0, 0)
    billing: str = ""
    told: Callable[[Mapping[str, Any]], None] = lambda _: None
    url: str = ""
    seen: deque[SeenRequest] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    statuses: Counter[int] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)

    def accept(self, *tokens: str) -> None:
        """Accept these tokens and no other from now on."""
        self.tokens = set(tokens)

    @property
    def messages(self) -> list[SeenRequest]:
        """The requests that asked for a message, oldest first."""
        return [request for request in self.seen if request.path == "/v1/messages"]

    def app(self) -> Starlette:
        """The server as an application."""
        return Starlette(
            routes=[
                Route("/v1/messages", self._messages, methods=["POST"]),
                Route("/v1/messages/count_tokens", self._count_tokens, methods=["POST"]),
                Route("/control", self._control, methods=["PUT"]),
                Route("/{path:path}", self._other, methods=["GET", "HEAD", "POST"]),
            ]
        )

    async def _messages(self, request: Request) -> Response:
        body: dict[str, Any] = json.loads(await request.body())
        status = self._status(request)
        self._note(request, status, body)
        self.told(body)
        if status != 200:
            return self._refusal(status)
        if self.billing:
            error = {"type": "invalid_request_error", "message": self.billing}
            return JSONResponse({"type": "error", "error": error, "request_id": "req_local"}, status_code=400)
        if self.behaviour is Behaviour.HANG:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            return Response(status_code=503)
        answer = self._message(body, self.reply(body))
        if body.get("stream"):
            parts, media_type = [*answer_events(answer)], "text/event-stream"
        else:
            whole = json.dumps(answer).encode()
            parts, media_type = [whole[:100], whole[100:]], "application/json"
        return StreamingResponse(_stream(parts, cut=self.behaviour is Behaviour.CUT), media_type=media_type)

    async def _count_tokens(self, request: Request) -> Response:
        body = await request.body()
        status = self._status(request)
        self._note(request, status, {})
        return JSONResponse({"input_tokens": tokens_of(body.decode())}) if status == 200 else self._refusal(status)

    async def _control(self, request: Request) -> Response:
        change = await request.json()
        if "tokens" in change:
            self.accept(*change["tokens"])
        self.behaviour = Behaviour(change.get("behaviour", self.behaviour))
        self.retry_after_s = int(change.get("retryAfterS", self.retry_after_s))
        return JSONResponse({"behaviour": self.behaviour, "tokens": len(self.tokens), "statuses": self.statuses})

    async def _other(self, request: Request) -> Response:
        """Answer what the CLI asks beside messages: whether anybody is there."""
        known = request.url.path == "/"
        self._note(request, 200 if known else 404, {})
        return Response(status_code=200 if known else 404)

    def _status(self, request: Request) -> int:
        return _STATUS.get(self.behaviour, 200) if credential_of(request)[1] in self.tokens else 401

    def _note(self, request: Request, status: int, body: Mapping[str, Any]) -> None:
        self.statuses[status] += 1
        prompt = text_of((body.get("messages") or [{}])[-1].get("content"))
        self.seen.append(
            SeenRequest(
                path=request.url.path,
                credential=credential_of(request)[0],
                status=status,
                model=str(body.get("model", ""))[:SHOWN_CHARACTERS],
                tools=len(body.get("tools") or ()),
                stream=bool(body.get("stream")),
                system=text_of(body.get("system"))[-SHOWN_CHARACTERS:],
                prompt_start=prompt[:SHOWN_CHARACTERS],
                prompt_characters=len(prompt),
            )
        )

    def _message(self, body: Mapping[str, Any], said: str | ToolCall) -> dict[str, Any]:
        """An answer as one message."""
        read, written = self.cached_tokens
        number = next(self.numbers)
        content: dict[str, Any] = {"type": "text", "text": said}
        stop_reason = self.stop_reason
        if isinstance(said, ToolCall):
            content = {"type": "tool_use", "id": f"toolu_{number}", "name": said.name, "input": dict(said.arguments)}
            stop_reason = "tool_use"
        return {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", "local"),
            "content": [content],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {
                "input_tokens": tokens_of(json.dumps(body)),
                "output_tokens": tokens_of(said if isinstance(said, str) else json.dumps(content["input"])),
                "cache_read_input_tokens": read,
                "cache_creation_input_tokens": written,
            },
        }

    def _refusal(self, status: int) -> Response:
        kind, text = _REFUSALS[status]
        headers = {"request-id": "req_local"}
        if status == 429:
            headers |= {
                "retry-after": str(self.retry_after_s),
                "anthropic-ratelimit-unified-status": "rejected",
                "anthropic-ratelimit-unified-representative-claim": "five_hour",
                "anthropic-ratelimit-unified-reset": str(int(time.time()) + self.retry_after_s),
            }
        error = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_local"}
        return JSONResponse(error, status_code=status, headers=headers)


def credential_of(request: Request) -> tuple[str, str]:
    """Return how a credential came (`bearer`, `api-key`, `none`) and the credential."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return "bearer", token
    key = request.headers.get("x-api-key", "")
    return ("api-key", key) if key else ("none", "")


def text_of(content: object) -> str:
    """Return the text of a message's or system prompt's content, which is a string or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(str(block.get("text", "")) for block in blocks if isinstance(block, dict))


def tokens_of(text: str) -> int:
    """Return a rough count of tokens, at least 1."""
    return max(1, len(text) // 4)


def answer_events(answer: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield an answer as the server-sent events of a stream."""
    usage, content = answer["usage"], answer["content"][0]
    empty: dict[str, object]
    if content["type"] == "text":
        empty, text, kind, field_name = {"text": ""}, content["text"], "text_delta", "text"
    else:
        empty, text, kind, field_name = {"input": {}}, json.dumps(content["input"]), "input_json_delta", "partial_json"
    begun = {**answer, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    half = len(text) // 2
    yield event("message_start", message=begun)
    yield event("content_block_start", index=0, content_block={**content, **empty})
    yield event("ping")
    for part in (text[:half], text[half:]):
        yield event("content_block_delta", index=0, delta={"type": kind, field_name: part})
    yield event("content_block_stop", index=0)
    yield event(
        "message_delta",
        delta={"stop_reason": answer["stop_reason"], "stop_sequence": None},
        usage={"output_tokens": usage["output_tokens"]},
    )
    yield event("message_stop")


def event(kind: str, **fields: object) -> bytes:
    """Return one server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


async def _stream(parts: list[bytes], *, cut: bool) -> AsyncIterator[bytes]:
    for part in parts[: len(parts) // 2] if cut else parts:
        yield part
    if cut:
        # The chunked body has no end now: the client sees the connection break in the middle of an answer.
        raise ConnectionAbortedError("cut on purpose")


@contextmanager
def running_messages_api(*tokens: str, host: str = "127.0.0.1", port: int = 0) -> Iterator[MessagesApi]:
    """Serve for the length of the block, in a thread of this process.

    Args:
        tokens: What is accepted.
        host: Address to listen on: the loopback one, or a Docker network's gateway for containers to reach it.
        port: Port to listen on; 0 takes a free one.
    """
    api = MessagesApi(tokens=set(tokens))
    with socket.create_server((host, port)) as listener:
        api.url = f"http://{host}:{listener.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(api.app(), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + _START_TIMEOUT_S
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise RuntimeError(f"the Messages API did not start on {api.url}")
                time.sleep(0.01)
            yield api
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A local server that speaks Anthropic's Messages API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", action="append", required=True, help="accepted credential; may be repeated")
    arguments = parser.parse_args()
    with running_messages_api(*arguments.token, host=arguments.host, port=arguments.port) as api:
        print(f"listening on {api.url}", flush=True)  # noqa: T201 - what this command says
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
