"""`system:*`: which functions these are, for whoever has to know before relying on them. An extension of ours."""

from backend.registry import Args, Function, QueryContext, query
from course.function_version import NAME, VERSION


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (query("system:version", version),)


def version(_context: QueryContext, _args: Args) -> dict[str, object]:
    """Return name and version of these functions."""
    return {"name": NAME, "version": float(VERSION)}
