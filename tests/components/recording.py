from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime import mocks as pulumi_mocks


@dataclass
class Recorder(pulumi_mocks.Mocks):
    """Records what the program registers: (type, name) -> inputs."""

    resources: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.resources[args.typ, args.name] = args.inputs
        outputs = dict(args.inputs)
        if args.typ == "docker:index/image:Image":
            outputs["repoDigest"] = f"sha256:id-of-{args.name}"
        return f"{args.name}-id", outputs

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"unexpected call {args.token}")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the inputs of one kind of resource, such as `Container`, by name."""
        return {name: inputs for (typ, name), inputs in self.resources.items() if typ.endswith(f":{kind}")}
