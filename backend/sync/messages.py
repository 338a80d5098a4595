"""The sync protocol's messages: parsing what clients send, formatting what the server sends.

Shapes follow convex-js 1.48 `src/browser/sync/protocol.ts`. A timestamp is a u64 in base64 of 8 little-endian bytes.
"""

import base64
import binascii
import struct
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.errors import RequestError
from backend.evaluation import Answer
from backend.values import parse_json, to_json

_U32_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Where a session's view stands."""

    query_set: int = 0
    identity: int = 0
    ts: int = 0

    def at(self, **changes: int) -> "Version":
        """Return a later version."""
        return replace(self, **changes)

    def to_wire(self) -> dict[str, object]:
        """Return the JSON object."""
        return {"querySet": self.query_set, "identity": self.identity, "ts": encode_ts(self.ts)}


class ProtocolError(RequestError):
    """The client broke the protocol; it is told in a FatalError and the connection ends."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "BadSyncMessage", message)


@dataclass(frozen=True, slots=True)
class Message:
    """A client's message with typed access to its fields."""

    fields: dict[str, Any]

    @classmethod
    def parse(cls, text: str) -> "Message":
        """Parse a frame, or raise ProtocolError."""
        try:
            fields = parse_json(text)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"the message is not JSON ({error})") from error
        if not isinstance(fields, dict):
            raise ProtocolError("the message is not a JSON object")
        return cls(fields)

    @property
    def type(self) -> str:
        """The message's type."""
        return self.text("type")

    def text(self, name: str) -> str:
        """Return a string field."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise ProtocolError(f"{self.fields.get('type')}: {name}: expected a string")
        return value

    def number(self, name: str) -> int:
        """Return an unsigned 32-bit integer field."""
        value = self.fields.get(name)
        if not isinstance(value, float) or not value.is_integer() or not 0 <= value <= _U32_MAX:
            raise ProtocolError(f"{self.fields.get('type')}: {name}: expected a non-negative integer")
        return int(value)

    def items(self, name: str) -> list["Message"]:
        """Return a field that is an array of objects."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ProtocolError(f"{self.fields.get('type')}: {name}: expected an array of objects")
        return [Message(item) for item in value]


def encode_ts(ts: int) -> str:
    """Return a timestamp as the wire has it."""
    return base64.b64encode(struct.pack("<Q", ts)).decode()


def decode_ts(text: str) -> int:
    """Return a timestamp from the wire, or raise ProtocolError."""
    try:
        ts: int = struct.unpack("<Q", base64.b64decode(text, validate=True))[0]
    except (binascii.Error, struct.error) as error:
        raise ProtocolError(f"timestamp {text[:40]!r}: expected base64 of 8 bytes") from error
    return ts


def ping() -> str:
    """Return the message that keeps a quiet connection alive."""
    return '{"type":"Ping"}'


def fatal_error(message: str) -> str:
    """Return the message that ends a session."""
    return to_json({"type": "FatalError", "error": message})


def mutation_succeeded(request_id: int, result_text: str, ts: int) -> str:
    """Return the answer to a mutation; the client shows it once a Transition reaches `ts`."""
    return (
        f'{{"type":"MutationResponse","requestId":{request_id},"success":true,"result":{result_text},'
        f'"ts":"{encode_ts(ts)}","logLines":[]}}'
    )


def request_failed(kind: str, request_id: int, message: str, data: object) -> str:
    """Return the refusal of a mutation or an action; `kind` is `MutationResponse` or `ActionResponse`."""
    fields = {"type": kind, "requestId": request_id, "success": False, "result": message, "logLines": []}
    return to_json({**fields, "errorData": data})


def query_answered(query_id: int, answer: Answer) -> str:
    """Return the modification that carries a query's answer or error."""
    if answer.error is None:
        return f'{{"type":"QueryUpdated","queryId":{query_id},"value":{answer.text},"logLines":[],"journal":null}}'
    fields = {"type": "QueryFailed", "queryId": query_id, "errorMessage": str(answer.error), "logLines": []}
    return to_json({**fields, "errorData": answer.error.data, "journal": None})


def query_removed(query_id: int) -> str:
    """Return the modification that confirms a removed query."""
    return f'{{"type":"QueryRemoved","queryId":{query_id}}}'


def transition(start: Version, end: Version, modifications: list[str]) -> str:
    """Return the message that brings a client from one version to the next."""
    return (
        f'{{"type":"Transition","startVersion":{to_json(start.to_wire())},"endVersion":{to_json(end.to_wire())},'
        f'"modifications":[{",".join(modifications)}]}}'
    )
