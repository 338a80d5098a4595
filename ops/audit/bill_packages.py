"""The parts of an image: Debian packages, Python distributions, npm files and packages of our own.

Everything is read from the image's files: dpkg's records, wheels' metadata, npm pins. A lock file says what should be
there; this says what is.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from enum import StrEnum
from posixpath import basename, dirname
from typing import Final

from ops.audit.file_tree import FileTree

_APP: Final = "/opt/fondation/app/"
_BUNDLE: Final = "/opt/fondation/cli/dist/cli.bundled.pyz"
_LICENCE: Final = "Apache-2.0"
_DEB_LICENCE: Final = re.compile(r"^License:[ \t]*(\S[^\n]*)$", re.MULTILINE)
_RELEASE: Final = re.compile(r'^VERSION_ID="?([^"\n]+)', re.MULTILINE)
_NOT_PYPI: Final = re.compile(r"[-_.]+")
_LINE_MAX: Final = 100


class Source(StrEnum):
    """Where a part comes from; the value is the type of its package URL."""

    DEBIAN = "deb"
    PYPI = "pypi"
    NPM = "npm"
    OWN = "generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part.

    Attributes:
        path: Where it is, for parts that can be in an image twice.
        licences: What the part itself says: SPDX identifiers where it uses them, else its own words.
        hashes: Hex digest by algorithm (`sha256`, `sha512`) of the one file that it is or was fetched as.
        content: Hex SHA-256 over what is installed, for a part of several files: a wheel's RECORD, or our own listing.
        qualifiers: Of the package URL.
    """

    source: Source
    name: str
    version: str
    path: str
    licences: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    content: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)


def parts_of(files: FileTree, version: str) -> list[Part]:
    """Return the parts of an image in a fixed order.

    Args:
        files: The image's files.
        version: The project's version, for packages of our own.
    """
    found = [*_debian(files), *_python(files), *_npm(files), *_own(files, version)]
    return sorted(found, key=lambda part: (part.source, part.name, part.version, part.path))


def _debian(files: FileTree) -> Iterator[Part]:
    release = _RELEASE.search(files.text("/etc/os-release") or files.text("/usr/lib/os-release") or "")
    for paragraph in (files.text("/var/lib/dpkg/status") or "").strip().split("\n\n"):
        fields = HeaderParser().parsestr(paragraph)
        if not fields["Package"]:
            continue
        licences = _DEB_LICENCE.findall(files.text(f"/usr/share/doc/{fields['Package']}/copyright") or "")
        qualifiers = {"arch": str(fields["Architecture"])}
        if release:
            qualifiers["distro"] = f"debian-{release[1]}"
        yield Part(
            source=Source.DEBIAN,
            name=str(fields["Package"]),
            version=str(fields["Version"]),
            path="/var/lib/dpkg/status",
            licences=tuple(sorted({licence.strip() for licence in licences})),
            qualifiers=qualifiers,
        )


def _python(files: FileTree) -> Iterator[Part]:
    for path, _ in files.matching("/opt/*.dist-info/METADATA"):
        fields = HeaderParser().parsestr(files.text(path) or "")
        stated = str(fields["License-Expression"] or fields["License"] or "").strip().partition("\n")[0]
        classified = [
            str(value).rpartition(" :: ")[2]
            for value in fields.get_all("Classifier") or []
            if str(value).startswith("License :: ")
        ]
        record = files.entries.get(f"{dirname(path)}/RECORD")
        yield Part(
            source=Source.PYPI,
            name=_NOT_PYPI.sub("-", str(fields["Name"])).lower(),
            version=str(fields["Version"]),
            path=dirname(dirname(path)),
            licences=(stated,) if 0 < len(stated) <= _LINE_MAX else tuple(sorted(classified)),
            content=record.sha256 if record else "",
        )


def _npm(files: FileTree) -> Iterator[Part]:
    for path, _ in files.matching("/opt/*/npm.json"):
        for name, pin in json.loads(files.text(path) or "{}").items():
            algorithm, _, digest = str(pin["integrity"]).partition("-")
            yield Part(
                source=Source.NPM,
                name=name,
                version=str(pin["version"]),
                path=f"{dirname(path)}/{basename(pin['file'])}",
                hashes={algorithm: base64.b64decode(digest).hex()},
            )
    for path, _ in files.matching("/opt/*/package.json"):
        package = json.loads(files.text(path) or "{}")
        if isinstance(package, dict) and package.get("name") and package.get("version"):
            licence = package.get("license")
            yield Part(
                source=Source.NPM,
                name=str(package["name"]),
                version=str(package["version"]),
                path=dirname(path),
                licences=(licence,) if isinstance(licence, str) else (),
            )


def _own(files: FileTree, version: str) -> Iterator[Part]:
    packages: dict[str, list[str]] = {}
    for path, entry in files.matching(f"{_APP}*"):
        name, _, rest = path.removeprefix(_APP).partition("/")
        if rest and entry.is_regular and "__pycache__" not in rest:
            packages.setdefault(name, []).append(f"{rest} {entry.sha256}")
    for name, lines in packages.items():
        content = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        yield _ours(f"fondation-{name}", version, f"{_APP}{name}", content=content)
    bundle = files.entries.get(_BUNDLE)
    if bundle is not None:
        yield _ours("fondation-cli", version, _BUNDLE, sha256=bundle.sha256)


def _ours(name: str, version: str, path: str, *, sha256: str = "", content: str = "") -> Part:
    return Part(
        source=Source.OWN,
        name=name,
        version=version,
        path=path,
        licences=(_LICENCE,),
        hashes={"sha256": sha256} if sha256 else {},
        content=content,
    )
