"""A secret value whose text never shows by accident."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Holds a credential; `repr` and `str` are redacted, `reveal` is the one way to its text."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the credential itself."""
        return self._value

    def __str__(self) -> str:
        return "[redacted]"
