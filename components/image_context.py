"""Image contexts: what goes into an image, its digest, and its staged folder.

The digest is computed from names and contents before Pulumi plans, so a preview knows every image's name. The staged
folder is made once per digest, below the checkout, with normalised modes and without symbolic links. Nothing here
talks to Docker or to a network.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pulumi

from components.claude_code import PROGRAM, ClaudeCode
from components.digest import Digest, content_hash, digest_of, short
from components.machine import MachineFolders
from components.npm_files import NpmPinError, read_pins
from components.wheelhouse import wheel_dir

_SUFFIXES: Final = frozenset({".py", ".typed", ".md", ".html", ".css", ".js", ".svg", ".json", ".yaml", ".txt", ".scm"})
PRIVATE: Final = "files/credential/"  # what is below it is readable by the operator alone
_FILE_MODE: Final = 0o644
_PRIVATE_MODE: Final = 0o600
_PROGRAM_MODE: Final = 0o755
_FOLDER_MODE: Final = 0o755


class MissingInputError(pulumi.RunError):
    """Something that an image is made from is not on this machine; the message names it and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The image that another starts from; `name` has the digest in its tag."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRecipe:
    """What an image is made from.

    Attributes:
        role: Name of the folder below `images/`, which holds the Dockerfile.
        repository: The image's repository; its tag is `<role>-<digest>`.
        parent: The image that it starts from.
        source_url: Where the project's source is published; a label, may be empty.
        packages: Packages of the project that go to `app/`.
        lock: Lock file below `requirements/` whose wheels go to `wheels/`; None for an image that installs nothing.
        npm: Whether `images/<role>/npm.json` pins files of npm packages that go to `npm/`.
        claude: Claude Code, which goes to `claude`, executable; None for an image that does not have it itself.
        further: Further files of the operator by their name in the context.
        generated: Further files by their name in the context, whose content the program decides.
        arguments: Further arguments of the build.
        ca_bundle: Certificates to trust beside the public ones; goes to `extra-ca.pem`, which is empty without it.
    """

    role: str
    repository: str
    parent: Parent
    source_url: str = ""
    packages: tuple[str, ...] = ()
    lock: str | None = None
    npm: bool = False
    claude: ClaudeCode | None = None
    further: Mapping[str, Path] = field(default_factory=dict)
    generated: Mapping[str, bytes] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContext:
    """A staged context.

    Attributes:
        image_name: `<repository>:<role>-<short digest>`.
        digest: Digest over everything that the image is made from, its parent included.
        folder: The staged folder relative to the checkout, so that state does not depend on where that lies.
        build_args: Arguments of the build.
        files: Short hash of everything that the digest covers, by its name in the context; a name that begins with a
            colon is not a file: `:parent` is the image that this one starts from, `:source` the source's address,
            others are arguments of the build.
    """

    role: str
    image_name: str
    digest: Digest
    folder: str
    build_args: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def parent_of_next(self) -> Parent:
        """This image as the parent of another."""
        return Parent(name=self.image_name, digest=self.digest)


def stage(recipe: ContextRecipe, folders: MachineFolders) -> ImageContext:
    """Return the recipe's context, staging it first where this digest was not staged yet.

    Raises:
        MissingInputError: A wheel or an npm file was not downloaded, or the Dockerfile is missing.
    """
    sources = dict(_sources(recipe, folders.checkout))
    if "Dockerfile" not in sources:
        raise MissingInputError(
            f"images/{recipe.role}/Dockerfile is missing: restore it with `git checkout -- images/{recipe.role}`"
        )
    entries = {name: path.read_bytes() for name, path in sources.items()}
    entries |= {":parent": recipe.parent.digest.encode(), ":source": recipe.source_url.encode()}
    entries |= {f":{name.lower()}": value.encode() for name, value in recipe.arguments.items()}
    entries |= recipe.generated
    if recipe.claude:
        entries[PROGRAM] = recipe.claude.description
    digest = digest_of(entries)
    name = f"{recipe.role}-{short(digest)}"
    target = folders.build / name
    if not target.is_dir():
        _write(target, {**sources, **dict(_downloads(recipe, folders)), **recipe.generated})
    return ImageContext(
        role=recipe.role,
        image_name=f"{recipe.repository}:{name}",
        digest=digest,
        folder=target.relative_to(folders.checkout).as_posix(),
        build_args={
            "PARENT": recipe.parent.name,
            "PARENT_DIGEST": recipe.parent.digest,
            "DIGEST": digest,
            "SOURCE": recipe.source_url,
            **recipe.arguments,
        },
        files={name: short(content_hash(content)) for name, content in sorted(entries.items())},
    )


def _sources(recipe: ContextRecipe, checkout: Path) -> Iterator[tuple[str, Path]]:
    """Yield the context's files that the checkout or the configuration supplies, by their name in the context."""
    folder = checkout / "images" / recipe.role
    for path in _files(folder):
        yield path.relative_to(folder).as_posix(), path
    for package in recipe.packages:
        for path in _files(checkout / package):
            if path.suffix in _SUFFIXES:
                yield f"app/{path.relative_to(checkout).as_posix()}", path
    if recipe.lock:
        yield "requirements.txt", checkout / "requirements" / recipe.lock
        yield "pip.txt", checkout / "requirements" / "pip.txt"
    if recipe.ca_bundle:
        yield "extra-ca.pem", recipe.ca_bundle
    yield from recipe.further.items()


def _downloads(recipe: ContextRecipe, folders: MachineFolders) -> Iterator[tuple[str, Path]]:
    """Yield the context's downloaded files; lock files, which the digest covers, pin their contents."""
    if recipe.lock:
        for lock in (recipe.lock, "pip.txt"):
            folder = wheel_dir(folders.cache, (folders.checkout / "requirements" / lock).read_text())
            if not folder.is_dir():
                raise MissingInputError(f"the wheels of requirements/{lock} are not in {folder}: run `make prepare`")
            for path in _files(folder):
                yield f"wheels/{path.name}", path
    if recipe.npm:
        yield from _npm_files(recipe.role, folders)
    if recipe.claude:
        program = recipe.claude.place(folders.cache)
        if not program.is_file():
            raise MissingInputError(
                f"Claude Code {recipe.claude.version} is not in {program.parent}: run `bin/fondation prepare npm`"
            )
        yield PROGRAM, program


def _npm_files(role: str, folders: MachineFolders) -> Iterator[tuple[str, Path]]:
    try:
        pins = read_pins(folders.checkout, role)
    except NpmPinError as error:
        raise MissingInputError(str(error)) from error
    for pin in pins:
        if missing := pin.missing(folders.cache):
            raise MissingInputError(f"{missing[0]} was not downloaded: run `make prepare`")
        for name in pin.names:
            yield f"npm/{name}", pin.place(folders.cache) / name


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    )


def _mode(name: str) -> int:
    if name.startswith(PRIVATE):
        return _PRIVATE_MODE
    return _PROGRAM_MODE if name == PROGRAM else _FILE_MODE


def _write(target: Path, sources: Mapping[str, Path | bytes]) -> None:
    """Write the folder under another name and rename it, so that an interrupted staging leaves nothing half made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, source in sources.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                path.write_bytes(source)
            else:
                shutil.copyfile(source, path)
            path.chmod(_mode(name))
        for folder in (scratch, *(path for path in scratch.rglob("*") if path.is_dir())):
            folder.chmod(_FOLDER_MODE)
        scratch.rename(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        # Another run may have staged the same digest meanwhile: its folder is as good.
        if not target.is_dir():
            raise
