"""The worker's log: one JSON object per line in production, readable lines in development. Redacted and bounded."""

import json
import logging
import sys
import time
from typing import Final, TextIO

from course.redaction import bounded
from worker.variables import Mode

_MESSAGE_MAX: Final = 4000
_EXTRAS: Final = ("job", "run", "outcome", "kept", "seconds", "documents")


class JsonFormatter(logging.Formatter):
    """One object per line: time (UTC, milliseconds), level, logger, message, and the known extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": bounded(_message(record, self), max_characters=_MESSAGE_MAX),
        }
        fields.update({name: record.__dict__[name] for name in _EXTRAS if name in record.__dict__})
        return json.dumps(fields, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """Time, level, message and the known extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        extras = "".join(f" {name}={record.__dict__[name]}" for name in _EXTRAS if name in record.__dict__)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        return f"{clock} {record.levelname:7} {bounded(_message(record, self), max_characters=_MESSAGE_MAX)}{extras}"


def configure(mode: Mode, stream: TextIO = sys.stderr) -> None:
    """Send the process's log to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if mode == "production" else LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _message(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    text = record.getMessage()
    return text if record.exc_info is None else f"{text}\n{formatter.formatException(record.exc_info)}"
