"""Which keys of the stack's configuration differ from those of its last deployment. Secrets never leave here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ops.preview.report import SettingChange
from ops.preview.values import bounded

SET: Final = "set"
CHANGED: Final = "changed"
_SHORTEST: Final = 8
_MASK: Final = "[secret]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A configured value; a secret's is not part of its repr."""

    value: str = field(repr=False)
    secret: bool


Settings = Mapping[str, Setting]


def settings_of(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Setting]:
    """Return the settings of `pulumi config --json` or of one entry of `pulumi stack history --json`."""
    return {
        key: Setting(value=str(entry.get("value", "")), secret=bool(entry.get("secret")))
        for key, entry in values.items()
    }


def last_deployed(history: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the newest update that succeeded since the stack was last destroyed; history comes newest first."""
    for entry in history:
        if entry.get("result") != "succeeded":
            continue
        if entry.get("kind") == "destroy":
            return None
        if entry.get("kind") == "update":
            return entry
    return None


def setting_changes(before: Settings, after: Settings) -> list[SettingChange]:
    """Return the keys whose value differs, by name; of a secret only that it is set, changed or removed."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        secret = bool((old and old.secret) or (new and new.secret))
        if secret:
            shown = SET if old is None else CHANGED
            one, other = (None if old is None else SET), (None if new is None else shown)
        else:
            one, other = (None if old is None else bounded(old.value)), (None if new is None else bounded(new.value))
        found.append(SettingChange(key=key, before=one, after=other, secret=secret))
    return found


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Takes the values of known secrets out of anything that is about to be shown.

    The last line of defence: the engine masks what it knows to be secret, but a secret may also stand in a message.
    """

    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, values: Iterable[str]) -> "Scrubber":
        """Return one for these values; those under 8 characters would only take words out of sentences."""
        return cls(tuple(sorted({value for value in values if len(value) >= _SHORTEST}, key=len, reverse=True)))

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
        """Return a text, or anything that JSON can hold, without the secrets."""
        match value:
            case str():
                for secret in self.secrets:
                    value = value.replace(secret, _MASK)
                return value
            case dict():
                return {self.clean(key): self.clean(item) for key, item in value.items()}
            case list():
                return [self.clean(item) for item in value]
            case _:
                return value
