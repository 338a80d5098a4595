"""`docker.Image`: builds with the daemon's classic builder. It never pushes, and destroy removes nothing.

A change of anything is an update in place: the id is the image's name. Reading never looks at the daemon, as with the
genuine provider.
"""

from __future__ import annotations

import tempfile
from platform import machine
from typing import Any

from pulumi_offline.docker_provider.build_output import BuildOutput
from pulumi_offline.docker_provider.context import BuildContext, ContextError
from pulumi_offline.docker_provider.errors import CanceledError
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, diff_against
from pulumi_offline.docker_provider.schema import Change, Failure, Kind, Property, Schema, failures
from pulumi_offline.docker_provider.values import UNKNOWN, Properties, Unknown

INPUTS = "__inputs"
"""Output in which Pulumi's own provider keeps the inputs and looks for them; the engine hides it."""
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # as Go, and so Docker, spells them

SCHEMA: Schema = {
    "build": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={
            "addHosts": Property(kind=Kind.TEXTS),
            "args": Property(kind=Kind.MAPPING),
            "builderVersion": Property(allowed=("BuilderV1",)),
            "cacheFrom": Property(kind=Kind.OBJECT, fields={"images": Property(kind=Kind.TEXTS)}),
            "context": Property(),
            "contextDigest": Property(),
            "dockerfile": Property(),
            "network": Property(),
            "platform": Property(),
            "target": Property(),
        },
    ),
    "buildOnPreview": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    "imageName": Property(on_change=Change.UPDATE, required=True),
    "registry": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={"password": Property(), "server": Property(), "username": Property()},
    ),
    "skipPush": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
}


class ImageResource:
    """Builds images; `repoDigest` of an image that is not pushed is its local id."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`. Completes the build as Pulumi's own provider does, so that a state serves both.

        A missing context or Dockerfile fails here, thus in preview.
        """
        given = {"build": {}, "buildOnPreview": False, **request.new}
        problems = [*failures(SCHEMA, given), *_refusals(given)]
        build = given["build"]
        if not problems and isinstance(build, dict):
            try:
                given = {**given, "build": _completed(build)}
            except ContextError as error:
                problems.append(Failure(path="build", reason=str(error)))
        return Checked(inputs=given, failures=tuple(problems))

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`. Registry credentials are no reason to build again."""
        return diff_against(SCHEMA, _without_credentials(state), _without_credentials(inputs))

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`. The digest is unknown until the image is built."""
        platform = UNKNOWN if state is None else state.get("platform")
        return {**_names(inputs), "platform": platform, "repoDigest": UNKNOWN, INPUTS: inputs}

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`."""
        return inputs["imageName"], self._built(operation, inputs)

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        del operation, resource_id
        return state

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """See `Resource`."""
        del resource_id, state
        return self._built(operation, inputs)

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """The image stays: other things may use it."""

    def _built(self, operation: Operation, inputs: Properties) -> Properties:
        build, name = inputs["build"], inputs["imageName"]
        context = BuildContext.open(build["context"], build.get("dockerfile"))
        output = BuildOutput(subject=f"image {name}", status=operation.log.status)
        with tempfile.TemporaryFile() as archive, operation.daemon.requests(f"image {name}") as client:
            operation.log.status("sending the build context")
            context.write_archive(archive)
            archive.seek(0)
            for message in client.build(fileobj=archive, decode=True, **_options(build, name, context)):
                if operation.canceled.is_set():
                    raise CanceledError(f"image {name}: build interrupted; run the update again")
                output.take(message)
            found = client.inspect_image(name)
        operation.log.status(f"built {found['Id'][:19]}")
        platform = f"{found['Os']}/{found['Architecture']}"
        return {**_names(inputs), "platform": platform, "repoDigest": found["Id"], INPUTS: inputs}


def _refusals(inputs: Properties) -> list[Failure]:
    found = []
    if inputs.get("buildOnPreview") is True:
        reason = "buildOnPreview is not supported by this project's Docker provider: leave it out"
        found.append(Failure(path="buildOnPreview", reason=reason))
    if not isinstance(inputs.get("skipPush"), Unknown) and not inputs.get("skipPush"):
        reason = "pushing is not supported by this project's Docker provider: set skip_push=True, and push by hand"
        found.append(Failure(path="skipPush", reason=reason))
    build = inputs.get("build")
    context = build.get("context") if isinstance(build, dict) else None
    if isinstance(context, str) and "://" in context:
        reason = f"build.context {context} is remote: this project's Docker provider builds from local folders only"
        found.append(Failure(path="build.context", reason=reason))
    return found


def _completed(build: Properties) -> Properties:
    """The build with its defaults and the digest of its context, which are known unless their paths are not."""
    platform = build.get("platform") or f"linux/{_ARCHITECTURES.get(machine(), machine())}"
    context, dockerfile = build.get("context") or ".", build.get("dockerfile")
    if isinstance(context, Unknown) or isinstance(dockerfile, Unknown):
        return {**build, "context": context, "platform": platform, "contextDigest": UNKNOWN}
    opened = BuildContext.open(context, dockerfile)
    return {
        **build,
        "context": context,
        "contextDigest": opened.digest(),
        "dockerfile": opened.dockerfile.as_posix(),
        "platform": platform,
    }


def _without_credentials(values: Properties) -> Properties:
    registry = values.get("registry")
    server = registry.get("server") if isinstance(registry, dict) else None
    return {**values, "registry": {"server": server} if server else None}


def _names(inputs: Properties) -> Properties:
    build = inputs["build"] if isinstance(inputs["build"], dict) else {}
    context, dockerfile = build.get("context", UNKNOWN), build.get("dockerfile")
    relative: str | Unknown = UNKNOWN
    if not isinstance(context, Unknown) and not isinstance(dockerfile, Unknown):
        relative = BuildContext.open(context, dockerfile).dockerfile_name
    registry = inputs.get("registry") or {}
    return {
        "baseImageName": inputs["imageName"],
        "imageName": inputs["imageName"],
        "context": context,
        "dockerfile": relative,
        "registryServer": registry.get("server", "") if isinstance(registry, dict) else UNKNOWN,
    }


def _options(build: Properties, name: str, context: BuildContext) -> dict[str, Any]:
    """The daemon's build options; a build has no time limit, since a step may be silent for long."""
    return {
        "tag": name,
        "custom_context": True,
        "dockerfile": context.name_in_archive,
        "buildargs": build.get("args") or {},
        "cache_from": (build.get("cacheFrom") or {}).get("images") or [],
        "extra_hosts": dict(item.split(":", 1) for item in build.get("addHosts") or []) or None,
        "forcerm": True,
        "network_mode": build.get("network"),
        "platform": build.get("platform"),
        "rm": True,
        "target": build.get("target") or "",
        "timeout": None,
    }
