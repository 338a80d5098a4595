"""A Pulumi program that registers recorded resources again, with the inputs, order and options they were recorded with.

Where an input was made from another resource's output, it is made from that resource's output again, so that a
replaced network or courier leaves no stale id behind. It knows nothing of what the resources are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ops.stack.state import STACK_TYPE, Recorded, State, ciphertext_of

_DEFAULTS: Final = "__defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is registered.

    Attributes:
        state: The recorded state.
        inputs: Inputs by URN that take the place of the recorded ones.
        secrets: Configuration key, with its namespace, by ciphertext: the engine decrypts it on its way.
        aliases: Names by URN under which resources are known now.
    """

    state: State
    inputs: Mapping[str, Mapping[str, Any]]
    secrets: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]]

    def __call__(self) -> None:
        """Register everything; runs inside the engine's program."""
        registered: dict[str, pulumi.Resource] = {}
        for item in self.state.resources:
            if item.type == STACK_TYPE:
                for name, value in item.outputs.items():
                    pulumi.export(name, self._plain(value))
            elif not item.is_default_provider:
                registered[item.urn] = self._register(item, registered)

    def _register(self, item: Recorded, registered: Mapping[str, pulumi.Resource]) -> pulumi.Resource:
        options = self._options(item, registered)
        if not item.custom:
            component = pulumi.ComponentResource(item.type, item.name, None, options)
            component.register_outputs({name: self._plain(value) for name, value in item.outputs.items()})
            return component
        inputs = without_defaults(self.inputs.get(item.urn, item.inputs))
        properties = {
            name: self._rewired(value, self._references(item.sources.get(name, ()), registered))
            for name, value in inputs.items()
        }
        # An output is only kept when it is among the properties.
        properties = dict.fromkeys(_public(item.outputs)) | properties
        if item.is_provider:
            return pulumi.ProviderResource(item.type.rpartition(":")[2], item.name, properties, options)
        return pulumi.CustomResource(item.type, item.name, properties, options)

    def _options(self, item: Recorded, registered: Mapping[str, pulumi.Resource]) -> pulumi.ResourceOptions:
        recorded = item.options
        timeouts = recorded.get("customTimeouts") or {}
        provider = registered.get(item.provider.rpartition("::")[0])
        return pulumi.ResourceOptions(
            parent=registered.get(item.parent),
            depends_on=[registered[urn] for urn in item.depends_on if urn in registered],
            provider=provider if isinstance(provider, pulumi.ProviderResource) else None,
            version=self._version(item),
            protect=recorded.get("protect"),
            retain_on_delete=recorded.get("retainOnDelete"),
            ignore_changes=recorded.get("ignoreChanges"),
            replace_on_changes=recorded.get("replaceOnChanges"),
            additional_secret_outputs=recorded.get("additionalSecretOutputs"),
            custom_timeouts=pulumi.CustomTimeouts(**{name: f"{value}s" for name, value in timeouts.items() if value}),
            deleted_with=registered.get(recorded.get("deletedWith", "")),
            aliases=[*self.aliases.get(item.urn, ())],
        )

    def _version(self, item: Recorded) -> str | None:
        provider = item.provider.rpartition("::")[0] if not item.is_provider else item.urn
        found = next((other for other in self.state.resources if other.urn == provider), None)
        return None if found is None else found.inputs.get("version")

    def _references(
        self, sources: Sequence[str], registered: Mapping[str, pulumi.Resource]
    ) -> Mapping[str, pulumi.Output[Any]]:
        """Return live outputs of the sources by the text that each was recorded as; an id wins over an output."""
        found: dict[str, pulumi.Output[Any]] = {}
        recorded = {item.urn: item for item in self.state.resources}
        for urn in sources:
            resource, item = registered.get(urn), recorded.get(urn)
            if item is None or not isinstance(resource, pulumi.CustomResource):
                continue
            for name, value in _public(item.outputs).items():
                if isinstance(value, str) and value:
                    found.setdefault(value, getattr(resource, name))
            found[item.id] = resource.id
        return found

    def _rewired(self, value: Any, references: Mapping[str, pulumi.Output[Any]]) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return references.get(value, value)
        ciphertext = ciphertext_of(value)
        if ciphertext is not None:
            return self._secret(ciphertext, references)
        if isinstance(value, dict):
            return {name: self._rewired(part, references) for name, part in value.items()}
        if isinstance(value, list):
            return [self._rewired(part, references) for part in value]
        return value

    def _plain(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        return self._rewired(value, {})

    def _secret(self, ciphertext: str, references: Mapping[str, pulumi.Output[Any]]) -> pulumi.Output[Any]:
        namespace, _, key = self.secrets[ciphertext].partition(":")
        # What was encrypted is a JSON value; inside it ids may be as stale as outside.
        return (
            pulumi.Config(namespace)
            .require_secret_object(key)
            .apply(lambda recorded: pulumi.Output.from_input(self._rewired(recorded, references)))
        )


def without_defaults(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return inputs as a program gives them: without what a provider or the engine added."""
    if isinstance(value, dict) and ciphertext_of(value) is None:
        added = value.get(_DEFAULTS) or ()
        return {
            name: without_defaults(part)
            for name, part in value.items()
            if name not in added and not name.startswith("__")
        }
    if isinstance(value, list):
        return [without_defaults(part) for part in value]
    return value


def _public(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    # A resource's own attributes must not be shadowed; nothing is made from an output of such a name.
    return {name: value for name, value in outputs.items() if name not in {"id", "urn"} and not name.startswith("_")}
