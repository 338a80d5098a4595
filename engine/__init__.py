"""Pulumi where only package registries are reachable.

`ensure` finds, downloads or builds an engine; `install_provider` and `record` put it to use in a checkout;
`environment` is what it runs with. The language host and the Docker provider are processes of their own.
"""

from engine.errors import EngineError
from engine.home import environment, install_provider, record
from engine.locate import Engine, ensure

__all__ = ["Engine", "EngineError", "ensure", "environment", "install_provider", "record"]
