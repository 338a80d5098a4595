"""Convex's limits on values, as its documentation states them (August 2026)."""

from typing import Final

DOCUMENT_MAX_BYTES: Final = 1 << 20
ARGS_MAX_BYTES: Final = 16 << 20
RETURN_MAX_BYTES: Final = 16 << 20
ARRAY_MAX_ITEMS: Final = 8192
OBJECT_MAX_FIELDS: Final = 1024
NESTING_MAX: Final = 16
