"""A stack's jobs and courses as an archive in the form of `npx convex export`: out of it, and into it.

The embedded backend's data goes through its own container, a deployment's through Convex's official command.
"""

import io
import json
import os
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import docker
from docker.errors import NotFound as NoSuchThing
from docker.models.containers import Container
from docker.types import Mount

from course.identity import USER_ID
from ops.context import Context
from ops.errors import NotFoundError, StackError
from ops.machine import convex_cli
from ops.machine.docker_objects import docker_client
from ops.stack.containers import SERVICE_LABEL, container_of, environment_of
from ops.stack.stack import Stack
from ops.stack.turn import turn

_MODULE: Final = "backend.archive"
_BACKUPS: Final = "backend.backups"
_FOLDER: Final = "backups"
_DATABASE: Final = "FONDATION_DATABASE"
_INCOMING: Final = "incoming.zip"
_TIMEOUT_S: Final = 3_600
_STOP_S: Final = 20
_HEALTHY_S: Final = 60
_CHUNK_BYTES: Final = 1 << 20


def export_data(context: Context, target: Path) -> str:
    """Write an archive of a stack's data, as it is at one moment; return what is in it, in words.

    Args:
        context: Of the stack.
        target: A file that is not there yet; only its owner may read it, since it holds the tokens of jobs.

    Raises:
        StackError: The file is there, or the backend could not write the archive.
        DaemonError: Docker does not answer.
        CommandError: Convex's command failed.
    """
    if target.exists():
        raise StackError(f"{target} is there already: give another name, or move it away")
    stack = Stack(context.folders, context.stack)
    with _partial(target) as (partial, stream):
        if (url := stack.keys.convex_url) is not None:
            partial.unlink()
            _by_convex(context, stack, url, ["export", "--path", str(partial)])
            partial.chmod(0o600)
        else:
            _from_container(context.stack, stream)
        said = _contents(partial)
        partial.rename(target)
    return said


def import_data(context: Context, source: Path, *, replace: bool) -> str:
    """Bring an archive into a stack; return what was in it, in words. Nothing changes unless all of it fits.

    The embedded backend stands still meanwhile; workers and pages wait for it. Its data from before is kept in its
    volume, beside the new file.

    Args:
        context: Of the stack.
        source: An archive of `export_data`, or of `npx convex export`.
        replace: Whether data that is there gives way.

    Raises:
        NotFoundError: There is no such file, or it is no archive.
        StackError: The data does not fit, there is some already, or the backend did not come back.
        BusyError: Another command is at work on the stack.
        DaemonError: Docker does not answer.
        CommandError: Convex's command failed.
    """
    said = _contents(source)
    stack = Stack(context.folders, context.stack)
    with turn(context):
        if (url := stack.keys.convex_url) is not None:
            _by_convex(context, stack, url, ["import", "--yes", *(["--replace"] if replace else []), str(source)])
        else:
            flags = ["--remove", *(["--replace"] if replace else [])]
            _into_container(context.stack, _INCOMING, flags, delivered=source)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that the embedded backend made; `completed_s` is in seconds since 1970."""

    name: str
    size_bytes: int
    completed_s: float


def backups_of(context: Context) -> list[Backup]:
    """Return the backups in the volume of a stack's embedded backend, the newest first.

    Raises:
        StackError: The stack has a Convex deployment, or its backend cannot list them.
        DaemonError: Docker does not answer.
    """
    if Stack(context.folders, context.stack).keys.convex_url is not None:
        raise StackError(f"stack {context.stack} has a Convex deployment, which makes backups of its own")
    with docker_client(f"while the backups of {context.stack} were listed") as client:
        container = container_of(client, context.stack, "backend")
        listed = io.BytesIO()
        code, said = _run_inside(client, container, [_BACKUPS], listed)
    if code != 0:
        raise StackError(f"the backend of {context.stack} cannot list its backups: {said}")
    lines = (json.loads(line) for line in listed.getvalue().splitlines())
    return [Backup(name=line["name"], size_bytes=line["bytes"], completed_s=line["completedAt"]) for line in lines]


def restore(context: Context, name: str) -> None:
    """Bring a backup of a stack's embedded backend in the place of its data; nothing changes unless all of it fits.

    The backend stands still meanwhile. Its data from before is kept in its volume, beside the new file.

    Raises:
        NotFoundError: There is no such backup.
        StackError: It does not fit, or the backend did not come back.
        BusyError: Another command is at work on the stack.
        DaemonError: Docker does not answer.
    """
    with turn(context):
        if name not in {backup.name for backup in backups_of(context)}:
            raise NotFoundError(f"there is no backup {name!r}: `bin/fondation backend backups` lists them")
        _into_container(context.stack, f"{_FOLDER}/{name}", ["--replace"])


def _by_convex(context: Context, stack: Stack, url: str, arguments: Sequence[str]) -> None:
    folders = context.folders
    key = stack.secret("backendKey") or ""
    convex_cli.run_command(url, key, arguments, root=folders.checkout, cache=folders.cache, note=context.say)


@contextmanager
def _partial(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside the target that only its owner may read; gone afterwards if it is still there."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".zip", dir=target.parent)
    except OSError as error:
        raise StackError(f"{target}: its folder cannot be written ({error.strerror})") from error
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield partial, stream
    finally:
        partial.unlink(missing_ok=True)


def _contents(archive: Path) -> str:
    """How many documents of each table an archive has."""
    if not archive.is_file():
        raise NotFoundError(f"{archive} is no file: give an archive of `bin/fondation backend export`")
    try:
        with zipfile.ZipFile(archive) as source:
            tables = [name for name in source.namelist() if name.endswith("/documents.jsonl")]
            counts = {name.split("/")[-2]: _line_count(source, name) for name in tables}
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise NotFoundError(f"{archive} is no archive, or is cut ({error}): export it again") from error
    return (
        ", ".join(f"{count} {name}" for name, count in counts.items() if count and not name.startswith("_"))
        or "nothing"
    )


def _line_count(source: zipfile.ZipFile, name: str) -> int:
    with source.open(name) as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""))


def _from_container(stack: str, target: IO[bytes]) -> None:
    with docker_client(f"while the data of {stack} was exported", timeout_s=_TIMEOUT_S) as client:
        container = container_of(client, stack, "backend")
        code, said = _run_inside(client, container, [_MODULE, "export", "-"], target)
    if code != 0:
        raise StackError(f"the backend of {stack} could not export its data: {said}")


def _run_inside(
    client: docker.DockerClient, container: Container, arguments: Sequence[str], target: IO[bytes]
) -> tuple[int, str]:
    """Run a module of the backend inside its container; return its exit code and what it said beside its output."""
    command = [*container.attrs["Config"]["Entrypoint"], *arguments]
    made = client.api.exec_create(container.id, command, user=str(USER_ID))
    said = b""
    for out, err in client.api.exec_start(made["Id"], stream=True, demux=True):
        target.write(out or b"")
        said += err or b""
    target.flush()
    code: int = client.api.exec_inspect(made["Id"])["ExitCode"]
    return code, said.decode(errors="replace").strip()


def _into_container(stack: str, archive: str, flags: Sequence[str], *, delivered: Path | None = None) -> None:
    """Import an archive of the backend's volume, named from the database's folder, or one that is delivered there."""
    with docker_client(f"while data was imported into {stack}", timeout_s=_TIMEOUT_S) as client:
        container = container_of(client, stack, "backend")
        if SERVICE_LABEL in container.labels:
            raise StackError(f"the backend of {stack} runs on a swarm: an import wants a stack on one machine")
        helper = _helper(client, container, [str(_database(container).parent / archive), *flags])
        try:
            if delivered is not None:
                _deliver(helper, delivered)
            container.stop(timeout=_STOP_S)
            try:
                helper.start()
                code = helper.wait(timeout=_TIMEOUT_S)["StatusCode"]
                said = helper.logs().decode(errors="replace").strip()
            finally:
                container.start()
            _require_healthy(container)
        finally:
            helper.remove(force=True)
    if code != 0:
        raise StackError(f"nothing was imported into {stack}: {said}")


def _helper(client: docker.DockerClient, container: Container, arguments: Sequence[str]) -> Container:
    """A container like the backend's, on its volume and without a network, that does not run yet."""
    name = f"{container.name}-import"
    with suppress(NoSuchThing):
        client.containers.get(name).remove(force=True)  # of an import that was killed
    attributes: dict[str, Any] = container.attrs
    database = _database(container)
    volume = next(mount["Name"] for mount in attributes["Mounts"] if mount["Destination"] == str(database.parent))
    return client.containers.create(
        attributes["Image"],
        [_MODULE, "import", *arguments],
        name=name,
        environment={_DATABASE: str(database)},
        mounts=[Mount(str(database.parent), volume)],
        user=attributes["Config"]["User"],
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=64m"},  # noqa: S108 - the container's own
    )


def _deliver(helper: Container, source: Path) -> None:
    """Put the archive into the volume, readable by the backend's user alone."""
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar, source.open("rb") as stream:
            member = tarfile.TarInfo(_INCOMING)
            member.size, member.mode = source.stat().st_size, 0o600
            member.uid = member.gid = USER_ID
            tar.addfile(member, stream)
        packed.seek(0)
        helper.put_archive(str(_database(helper).parent), packed)


def _database(container: Container) -> PurePosixPath:
    """The file of the database inside a container, as its environment names it."""
    return PurePosixPath(environment_of(container)[_DATABASE])


def _require_healthy(container: Container) -> None:
    deadline = time.monotonic() + _HEALTHY_S
    while time.monotonic() < deadline:
        container.reload()
        if container.attrs["State"].get("Health", {}).get("Status") == "healthy":
            return
        time.sleep(0.5)
    raise StackError(
        f"{container.name} is not healthy after the import: `docker logs --tail 20 {container.name}` shows why;"
        f" its data from before is {_database(container)}.before-import in its volume"
    )
