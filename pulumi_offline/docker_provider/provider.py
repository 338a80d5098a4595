"""The provider's gRPC service: translates the engine's requests for the resource modules, and their answers back."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # it ships no types

from pulumi_offline.docker_provider.boundary import bounded
from pulumi_offline.docker_provider.daemon import Daemon
from pulumi_offline.docker_provider.errors import ProviderError
from pulumi_offline.docker_provider.resource import CheckInput, Diff, Operation
from pulumi_offline.docker_provider.values import plain_map, property_map
from pulumi_offline.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi_offline.versions import DOCKER_PROVIDER_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import grpc  # type: ignore[import-untyped]  # it ships no types

    from pulumi_offline.docker_provider.resource import Log, Resource
    from pulumi_offline.docker_provider.schema import Difference
    from pulumi_offline.docker_provider.values import Properties

_CONFIGURATION = frozenset({"host", "version"})
_ELSEWHERE = "is not supported by this project's Docker provider"


class DockerProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the given resource types; `log` makes the log of one resource from its URN."""

    def __init__(self, *, resources: Mapping[str, Resource], log: Callable[[str], Log]) -> None:
        self._resources = resources
        self._log = log
        self._daemon = Daemon()
        self._canceled = threading.Event()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802, D102
        del request, context
        return plugin_pb2.PluginInfo(version=DOCKER_PROVIDER_VERSION)

    @bounded
    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse provider settings that would be ignored."""
        del context
        failures = [
            provider_pb2.CheckFailure(reason=f"docker:{name} {_ELSEWHERE}: remove it")
            for name in sorted(set(plain_map(request.news)) - _CONFIGURATION)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @bounded
    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Another daemon means other objects, but none that this provider could move: never a replacement."""
        del context
        changed = plain_map(request.olds) != plain_map(request.news)
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind)

    @bounded
    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the daemon's address. Secrets are not accepted, so that the engine keeps track of them itself."""
        del context
        host = plain_map(request.args).get("host") or request.variables.get("docker:config:host")
        self._daemon = Daemon(host)
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    @bounded
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:  # noqa: N802
        """Fill in defaults and report every problem."""
        del context
        type_token, name = _type_and_name(request.urn)
        resource = self._resources.get(type_token)
        if resource is None:
            failure = provider_pb2.CheckFailure(reason=f"{type_token} {_ELSEWHERE}: remove it")
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        checked = resource.check(
            CheckInput(name=name, old=plain_map(request.olds), new=plain_map(request.news), seed=request.randomSeed)
        )
        # Without `property`, because the engine would print the property's value: the reason names it.
        failures = [provider_pb2.CheckFailure(reason=item.reason) for item in checked.failures]
        return provider_pb2.CheckResponse(inputs=property_map(checked.inputs), failures=failures)

    @bounded
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare what was recorded and the new inputs, by the resource's table."""
        del context
        inputs = plain_map(request.news)
        known = recorded(plain_map(request.olds), plain_map(request.old_inputs), inputs)
        return diff_response(self._resource(request.urn).diff(known, inputs))

    @bounded
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:  # noqa: N802
        """Create, or say what a create would give."""
        del context
        resource, inputs = self._resource(request.urn), plain_map(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=property_map(resource.planned(inputs, None)))
        resource_id, state = resource.create(self._operation(request.urn), inputs)
        return provider_pb2.CreateResponse(id=resource_id, properties=property_map(state))

    @bounded
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:  # noqa: N802
        """The state as it is now; an empty id tells the engine that the object is gone."""
        del context
        state = plain_map(request.properties)
        if not state:
            _, name = _type_and_name(request.urn)
            raise ProviderError(f"{name}: importing {_ELSEWHERE}: remove the object and let the stack create it")
        live = self._resource(request.urn).read(self._operation(request.urn), request.id, state)
        if live is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=property_map(live), inputs=request.inputs)

    @bounded
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Update in place, or say what an update would give."""
        del context
        resource = self._resource(request.urn)
        state, inputs = plain_map(request.olds), plain_map(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=property_map(resource.planned(inputs, state)))
        live = resource.update(self._operation(request.urn), request.id, state, inputs)
        return provider_pb2.UpdateResponse(properties=property_map(live))

    @bounded
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Delete the object."""
        del context
        resource = self._resource(request.urn)
        resource.delete(self._operation(request.urn), request.id, plain_map(request.properties))
        return Empty()

    @bounded
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:  # noqa: N802
        """Refused: the provider has no functions."""
        del context
        raise ProviderError(f"{request.tok} {_ELSEWHERE}: remove the call")

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Make waiting operations stop."""
        del request, context
        self._canceled.set()
        return Empty()

    def _resource(self, urn: str) -> Resource:
        type_token, _ = _type_and_name(urn)
        resource = self._resources.get(type_token)
        if resource is None:
            raise ProviderError(f"{type_token} {_ELSEWHERE}: remove it")
        return resource

    def _operation(self, urn: str) -> Operation:
        return Operation(
            daemon=self._daemon,
            log=self._log(urn),
            canceled=self._canceled,
            clock=time.monotonic,
            sleep=time.sleep,
        )


def recorded(state: Properties, old_inputs: Properties, inputs: Properties) -> Properties:
    """What new inputs are compared with: the state, without what no program ever asked for.

    Pulumi's own provider puts other things into a state than this one: what the daemon chose by itself (a hostname, an
    address), which is no difference as long as the program leaves it to the daemon, and of an image only what the build
    gave.
    """
    if not old_inputs:
        return state
    wanted = {*old_inputs, *inputs}
    asked = {name: item for name, item in state.items() if name in wanted or name.startswith("__")}
    return {**old_inputs, **asked}


def _type_and_name(urn: str) -> tuple[str, str]:
    """The type token (without its parents') and the name in a URN."""
    _, _, qualified, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return qualified.rpartition("$")[2], name


def diff_response(diff: Diff) -> provider_pb2.DiffResponse:
    """The engine's form of a diff."""
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if diff.differences else response.DIFF_NONE,
        replaces=diff.replaces,
        deleteBeforeReplace=bool(diff.replaces) and diff.delete_before_replace,
        diffs=[item.name for item in diff.differences],
        detailedDiff={
            item.name: provider_pb2.PropertyDiff(kind=_kind(item, diff), inputDiff=True) for item in diff.differences
        },
        hasDetailedDiff=True,
    )


def _kind(item: Difference, diff: Diff) -> provider_pb2.PropertyDiff.Kind.ValueType:
    kinds = provider_pb2.PropertyDiff
    replaces = item.name in diff.replaces
    if item.old is None:
        return kinds.ADD_REPLACE if replaces else kinds.ADD
    if item.new is None:
        return kinds.DELETE_REPLACE if replaces else kinds.DELETE
    return kinds.UPDATE_REPLACE if replaces else kinds.UPDATE
