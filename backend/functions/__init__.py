"""The functions of the job contract, one module of paths per file."""

from backend.functions import deletion, docs, github, jobs, logs, queue, repositories, search, system, users
from backend.registry import Registry


def build_registry() -> Registry:
    """Return the table of every function this backend serves."""
    modules = (users, repositories, github, jobs, logs, queue, docs, search, deletion, system)
    return Registry(function for module in modules for function in module.functions())
