"""`docker.RemoteImage`: an image the daemon has, or pulls. It builds nothing: that is `docker.Image`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.errors import DaemonError, NotFoundError
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Change, Failure, Kind, Property, Schema
from pulumi_offline.docker_provider.tag import split_reference
from pulumi_offline.docker_provider.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
SCHEMA: Schema = {
    "forceRemove": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    "keepLocally": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    "name": Property(required=True),
    "platform": Property(),
    "pullTriggers": Property(kind=Kind.TEXTS, unordered=True),
    "triggers": Property(kind=Kind.MAPPING),
}


class RemoteImageResource:
    """Finds or pulls an image; the id is the image's id followed by its name."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        inputs = dict(request.new)
        refused: tuple[Failure, ...] = ()
        if inputs.pop("build", None) is not None:
            reason = (
                "property build of RemoteImage is not supported by this project's Docker provider: use docker.Image"
            )
            refused = (Failure(path="build", reason=reason),)
        checked = check_against(SCHEMA, inputs)
        return Checked(inputs=checked.inputs, failures=(*refused, *checked.failures))

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`. Two resources may hold the same image, so the new one comes first."""
        return Diff(differences=diff_against(SCHEMA, state, inputs).differences)

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        found = {"imageId": UNKNOWN, "repoDigest": UNKNOWN} if state is None else state
        return {**inputs, "imageId": found.get("imageId"), "repoDigest": found.get("repoDigest")}

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`. An image that the daemon already has is not pulled again."""
        name = inputs["name"]
        found = self._find(operation, name)
        if found is None:
            repository, tag = split_reference(name)
            operation.log.status(f"pulling {name}")
            with operation.daemon.requests(f"image {name}") as client:
                client.pull(repository, tag=tag, platform=inputs.get("platform"))
            found = self._find(operation, name)
        if found is None:
            raise DaemonError(f"image {name}: the daemon does not have it after pulling it: check the name and its tag")
        return f"{found['imageId']}{name}", {**inputs, **found}

    def _find(self, operation: Operation, name: str) -> Properties | None:
        try:
            with operation.daemon.requests(f"image {name}") as client:
                return _outputs(client, name)
        except NotFoundError:
            return None

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        found = self._find(operation, state.get("name") or resource_id)
        return None if found is None else {**state, **found}

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """See `Resource`. Only how the image is removed can change."""
        del operation, resource_id
        return {**inputs, "imageId": state.get("imageId"), "repoDigest": state.get("repoDigest")}

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`."""
        if state.get("keepLocally"):
            return
        name = state.get("name") or resource_id
        try:
            with operation.daemon.requests(f"image {name}") as client:
                client.remove_image(name, force=bool(state.get("forceRemove")))
        except NotFoundError:
            return


def _outputs(client: Client, name: str) -> Properties:
    image = client.inspect_image(name)
    digests = image.get("RepoDigests") or []
    return {"imageId": image["Id"], "repoDigest": digests[0] if digests else ""}
