"""Whose a volume is: two labels that name the checkout and the Pulumi state that made it.

Docker's volumes have no id, and the Docker provider adopts one of the same name without a word, so that only a label
tells two stacks of one name apart. A changed label would replace the volume, and lose what is in it: the labels are
given once and never compared again. Containers and networks need none; their ids are in the state.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

CHECKOUT_LABEL: Final = "org.fondation.checkout"
STATE_LABEL: Final = "org.fondation.state"
_STATE_VARIABLE: Final = "PULUMI_BACKEND_URL"
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A Pulumi state and the checkout that it was used from; `state` is a URL without credentials or query."""

    checkout: str
    state: str

    @classmethod
    def of(cls, checkout: Path, state: str | None = None) -> Self:
        """Return the owner that this process acts for.

        Args:
            checkout: The project's root.
            state: URL of Pulumi's state; the one in PULUMI_BACKEND_URL by default, which `bin/pulumi` sets.
        """
        url = state or os.environ.get(_STATE_VARIABLE) or _UNKNOWN
        return cls(checkout=str(checkout), state=_plain(url))

    @classmethod
    def labelled(cls, labels: Mapping[str, str] | None) -> Self | None:
        """Return the owner that a volume's labels name; None where they name none."""
        found = labels or {}
        if CHECKOUT_LABEL not in found or STATE_LABEL not in found:
            return None
        return cls(checkout=found[CHECKOUT_LABEL], state=found[STATE_LABEL])

    def labels(self) -> dict[str, str]:
        """Return the labels that name this owner."""
        return {CHECKOUT_LABEL: self.checkout, STATE_LABEL: self.state}


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
