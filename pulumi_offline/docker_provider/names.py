"""Names for objects that the program leaves unnamed: `<resource name>-<7 hex>`, kept from update to update."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.schema import DEFAULTED

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.resource import CheckInput
    from pulumi_offline.docker_provider.values import Properties

_SUFFIX_LENGTH = 7


def with_name(request: CheckInput, inputs: Properties) -> Properties:
    """The inputs with a generated name where the program gives none.

    The recorded name is kept. The engine checks a replacement without recorded inputs, so it gets a name of its own.
    """
    if request.new.get("name") is not None:
        return inputs
    recorded = request.old.get("name") if "name" in request.old.get(DEFAULTED, []) else None
    name = recorded or f"{request.name}-{_suffix(request.seed)}"
    return {**inputs, "name": name, DEFAULTED: sorted({*inputs.get(DEFAULTED, []), "name"})}


def _suffix(seed: bytes) -> str:
    return hashlib.sha256(seed or secrets.token_bytes(8)).hexdigest()[:_SUFFIX_LENGTH]
