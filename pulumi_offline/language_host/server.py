"""The language host's gRPC service: which interpreter runs the program, and the few questions the engine has.

The SDK is imported when a program runs, not before: the engine also starts a host just to ask for its version.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_offline.protocol import language_pb2, language_pb2_grpc, plugin_pb2
from pulumi_offline.versions import ENGINE_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    import grpc  # type: ignore[import-untyped]  # it ships no types
    from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # same


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs in this process, or in the interpreter that Pulumi.yaml names when that is another one."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address

    def Handshake(  # noqa: N802, D102  # the protocol's name and meaning
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        del request, context
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802, D102
        del request, context
        return plugin_pb2.PluginInfo(version=ENGINE_VERSION)

    def About(  # noqa: N802, D102
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        del request, context
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def GetRequiredPackages(  # noqa: N802
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Nothing to download: set-up installs the provider."""
        del request, context
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(  # noqa: N802, D102
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        del request, context
        return language_pb2.GetProgramDependenciesResponse()

    def RuntimeOptionsPrompts(  # noqa: N802, D102
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        del request, context
        return language_pb2.RuntimeOptionsResponse()

    def InstallDependencies(  # noqa: N802
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Point at the project's own way: `pulumi install` is not how this environment is made."""
        del request, context
        yield language_pb2.InstallDependenciesResponse(stderr=b"the environment is made by `make prepare`\n")

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802
        """Run the program to its end."""
        del context
        environment = virtual_environment(request)
        if environment is None or environment.resolve() == Path(sys.prefix).resolve():
            from pulumi_offline.language_host import program  # noqa: PLC0415  # see the module docstring

            return _response(succeeded=program.run(request, self._engine_address))
        interpreter = environment / "bin" / "python"
        if not interpreter.exists():
            text = f"runtime.options.virtualenv: {environment} has no bin/python: run `make prepare`"
            return language_pb2.RunResponse(error=text)
        command = [str(interpreter), "-m", "pulumi_offline.language_host.child", self._engine_address]
        done = subprocess.run(command, input=request.SerializeToString(), check=False)
        return _response(succeeded=done.returncode == 0)


def _response(*, succeeded: bool) -> language_pb2.RunResponse:
    """The answer to Run; "bail" means that the user has seen the error already."""
    return language_pb2.RunResponse(bail=not succeeded)


def virtual_environment(request: language_pb2.RunRequest) -> Path | None:
    """`runtime.options.virtualenv` of Pulumi.yaml, relative to that file; None when it is not set."""
    options = request.info.options
    if "virtualenv" not in options or not options["virtualenv"]:
        return None
    return Path(request.info.root_directory) / str(options["virtualenv"])
