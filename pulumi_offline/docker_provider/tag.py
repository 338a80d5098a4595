"""`docker.Tag`: a second name for an image. Destroy leaves both names, as with the genuine provider."""

from __future__ import annotations

from pulumi_offline.docker_provider.errors import NotFoundError
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Kind, Property, Schema
from pulumi_offline.docker_provider.values import UNKNOWN, Properties

SCHEMA: Schema = {
    "sourceImage": Property(required=True),
    "tagTriggers": Property(kind=Kind.TEXTS),
    "targetImage": Property(required=True),
}


class TagResource:
    """Tags images; the id is `<source>.<target>`."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        return check_against(SCHEMA, request.new)

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`."""
        return diff_against(SCHEMA, state, inputs)

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        return {**inputs, "sourceImageId": UNKNOWN if state is None else state.get("sourceImageId")}

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`."""
        source, target = inputs["sourceImage"], inputs["targetImage"]
        repository, tag = split_reference(target)
        with operation.daemon.requests(f"tag {target}") as client:
            client.tag(source, repository, tag, force=True)
            image_id = client.inspect_image(target)["Id"]
        return f"{source}.{target}", {**inputs, "sourceImageId": image_id}

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        target = state.get("targetImage") or resource_id
        try:
            with operation.daemon.requests(f"tag {target}") as client:
                return {**state, "sourceImageId": client.inspect_image(target)["Id"]}
        except NotFoundError:
            return None

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Nothing of a tag changes in place; reached only after an interrupted creation."""
        del operation, resource_id
        return {**inputs, "sourceImageId": state.get("sourceImageId")}

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """Both names stay: other things may use them."""


def split_reference(name: str) -> tuple[str, str]:
    """Repository and tag of an image name; the tag is `latest` where none is given.

    >>> split_reference("localhost:5000/a/b")
    ('localhost:5000/a/b', 'latest')
    """
    repository, separator, tag = name.rpartition(":")
    return (repository, tag) if separator and "/" not in tag else (name, "latest")
