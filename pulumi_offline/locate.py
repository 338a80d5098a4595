"""Which Pulumi engine runs the stacks: found on PATH, downloaded, or built. The program never knows which."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pulumi_offline import build, toolchain
from pulumi_offline.commands import output_of
from pulumi_offline.versions import ENGINE_VERSION

_CHECKOUT = Path(__file__).parents[1]
_DOWNLOADS = f"https://get.pulumi.com/releases/sdk/pulumi-v{ENGINE_VERSION}-linux-x64.tar.gz"
_REACH_TIMEOUT_S = 5.0
_ASK_TIMEOUT_S = 20.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine that is ready to run. `pulumi` lies in a folder `bin`, with its language host beside it."""

    pulumi: Path
    kind: Literal["path", "official", "built"]
    version: str


class Sources(Protocol):
    """Where engines come from; each answers with None when it has none."""

    def on_path(self) -> Engine | None:
        """One that is installed already."""

    def official(self, cache: Path, progress: Progress) -> Engine | None:
        """The pinned download, cached."""

    def built(self, cache: Path, progress: Progress) -> Engine:
        """One made from source, cached."""

    def cached(self, cache: Path) -> Engine | None:
        """One that was built earlier."""


def ensure(cache: Path, progress: Progress, *, sources: Sources | None = None) -> Engine:
    """An engine, in this order: on PATH, downloaded, built. Quick when one is there already.

    `cache` is the project's cache directory; `progress` gets a line at least every 5 s while something long runs.

    Raises:
        EngineError: none of the three ways works; the message says what to do.
    """
    chosen = sources or MachineSources()
    return chosen.on_path() or chosen.cached(cache) or chosen.official(cache, progress) or chosen.built(cache, progress)


class MachineSources:
    """The real sources of this machine."""

    def on_path(self) -> Engine | None:
        """The first `pulumi` on PATH that is the pinned version or newer (same major) and has a language host."""
        for candidate in _candidates():
            version = version_of(candidate)
            if version and usable(version) and has_language_host(candidate):
                return Engine(pulumi=candidate, kind="path", version=version)
        return None

    def cached(self, cache: Path) -> Engine | None:
        """The engine that was built earlier: where that was needed once, asking the network again only costs time."""
        pulumi = build.existing(cache)
        return None if pulumi is None else Engine(pulumi=pulumi, kind="built", version=ENGINE_VERSION)

    def official(self, cache: Path, progress: Progress) -> Engine | None:
        """The SDK's own installer, if the download site answers within 5 s; its failure only means: build."""
        root = cache / "engine" / f"official-{ENGINE_VERSION}"
        pulumi = root / "bin" / "pulumi"
        if version_of(pulumi) != ENGINE_VERSION and not (reachable() and _installed(root, progress)):
            return None
        return Engine(pulumi=pulumi, kind="official", version=ENGINE_VERSION)

    def built(self, cache: Path, progress: Progress) -> Engine:
        """See `build`."""
        return Engine(pulumi=build.build(cache, progress), kind="built", version=ENGINE_VERSION)


def _candidates() -> Iterator[Path]:
    for folder in os.get_exec_path():
        found = shutil.which("pulumi", path=folder)
        # The project's own bin/pulumi starts the engine that is looked for here.
        if found is not None and Path(found).resolve() != _CHECKOUT / "bin" / "pulumi":
            yield Path(found)


def version_of(pulumi: Path) -> str | None:
    """The version that the executable reports, without the leading `v`; None when it does not run."""
    if not pulumi.exists():
        return None
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    answer = output_of([str(pulumi), "version"], timeout_s=_ASK_TIMEOUT_S, environment=environment)
    return answer.removeprefix("v") if answer else None


def usable(version: str) -> bool:
    """Whether the SDK of this project can be trusted with that engine: same major, and not older."""
    wanted, offered = toolchain.parsed(ENGINE_VERSION), toolchain.parsed(version)
    return offered[0] == wanted[0] and offered >= wanted


def has_language_host(pulumi: Path) -> bool:
    """Whether the Python language host lies beside the executable, where the engine looks for it."""
    return (pulumi.resolve().parent / "pulumi-language-python").exists()


def reachable() -> bool:
    """Whether the download site serves the pinned version."""
    import urllib.request  # noqa: PLC0415  # a sixth of what a command takes to start, and no other path needs it

    request = urllib.request.Request(_DOWNLOADS, method="HEAD")  # a constant https address
    try:
        with urllib.request.urlopen(request, timeout=_REACH_TIMEOUT_S) as answer:  # noqa: S310  # a constant address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (OSError, ValueError):
        return False


def _installed(root: Path, progress: Progress) -> bool:
    from pulumi.automation import PulumiCommand  # noqa: PLC0415  # half a second that only this path needs
    from semver import VersionInfo  # noqa: PLC0415  # same

    progress(f"downloading the Pulumi engine {ENGINE_VERSION}")
    try:
        PulumiCommand.install(root=str(root), version=VersionInfo.parse(ENGINE_VERSION))
    except Exception as error:  # noqa: BLE001  # the SDK raises many kinds; each means the same: build it
        progress(f"the download failed ({error}); building instead")
        return False
    return True
