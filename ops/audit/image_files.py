"""What has to hold for the files of an image."""

import base64
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from posixpath import dirname, normpath
from typing import Final

from ops.audit.check import OURS, Check
from ops.audit.facts import ImageFacts, Kind
from ops.audit.file_tree import File
from ops.audit.secrets import secrets_in

_PACKAGE_MANAGERS: Final = frozenset(
    {
        "apt",
        "apt-get",
        "aptitude",
        "dpkg",
        "apk",
        "yum",
        "dnf",
        "rpm",
        "pip",
        "pip3",
        "npm",
        "npx",
        "yarn",
        "gem",
        "cargo",
    }
)
_COMPILERS: Final = frozenset({"gcc", "g++", "cc", "c++", "clang", "ld", "as", "make", "cmake", "go", "rustc", "tcc"})
_NETWORK_TOOLS: Final = frozenset(
    {
        "curl",
        "wget",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "ssh",
        "scp",
        "sftp",
        "sshd",
        "telnet",
        "ftp",
        "rsync",
        "ip",
        "nmap",
    }
)
_PRIVILEGE_TOOLS: Final = frozenset(
    {
        "su",
        "sudo",
        "doas",
        "mount",
        "umount",
        "passwd",
        "chsh",
        "newgrp",
        "login",
        "nsenter",
        "unshare",
        "setpriv",
        "setcap",
    }
)
_INTERPRETERS: Final = frozenset(
    {"perl", "bash", "ruby", "lua", "tclsh", "gdb", "strace", "ltrace", "tcpdump", "vi", "ed"}
)
_LEFTOVERS: Final = ("/build", "/root/.cache", "/tmp/?*", "/var/cache/apt/*", "/var/lib/apt/*", "/var/log/?*")  # noqa: S108 - of the image
_CREDENTIAL_FILES: Final = frozenset(
    {
        ".credentials.json",
        ".env",
        ".git-credentials",
        ".netrc",
        ".npmrc",
        ".pgpass",
        ".pypirc",
        "credentials",
        "id_ed25519",
        "id_rsa",
    }
)
_INSTALLED: Final = re.compile(r"^Status: (.*)$", re.MULTILINE)
_SITES: Final = ("/opt/fondation/venv/lib/python3.11/site-packages/", "/opt/fondation/site/")
_SET_USER: Final = 0o4000
_SET_GROUP: Final = 0o2000
_STICKY: Final = 0o1000
_OTHERS_WRITE: Final = 0o002
_GROUP_OR_OTHERS_WRITE: Final = 0o022
_CERTIFICATES_MIN: Final = 50
_SHOWN: Final = 3


def _without(names: frozenset[str], what: str) -> Callable[[ImageFacts], Iterator[str]]:
    def judge(image: ImageFacts) -> Iterator[str]:
        for path in image.files.named(names):
            entry = image.files.entries[path]
            if "/bin/" in path or "/sbin/" in path or entry.mode & 0o111:
                yield f"{what} {path}"

    return judge


def _packages_are_recorded(image: ImageFacts) -> Iterator[str]:
    states = _INSTALLED.findall(image.files.text("/var/lib/dpkg/status") or "")
    if not states:
        yield "/var/lib/dpkg/status names no package: a scanner would see nothing"
    elif set(states) != {"install ok installed"}:
        yield f"a package is in the state {next(iter(set(states) - {'install ok installed'}))!r}"


def _nothing_is_left_over(image: ImageFacts) -> Iterator[str]:
    for path, entry in image.files.matching(*_LEFTOVERS):
        if not entry.is_folder or path in {"/build", "/root/.cache"}:
            yield f"left behind by a build: {path}"


def _carries(bit: int, what: str) -> Callable[[ImageFacts], Iterator[str]]:
    def judge(image: ImageFacts) -> Iterator[str]:
        for path, entry in sorted(image.files.entries.items()):
            if entry.is_regular and entry.mode & bit:
                yield f"{path} is {what}"

    return judge


def _has_no_file_capability(image: ImageFacts) -> Iterator[str]:
    for path, entry in sorted(image.files.entries.items()):
        if entry.capabilities:
            yield f"{path} gives capabilities to whoever starts it"


def _no_credential_file(image: ImageFacts) -> Iterator[str]:
    for path in image.files.named(_CREDENTIAL_FILES):
        yield f"{path} is a file for credentials"


def _no_secret_in_a_file(image: ImageFacts) -> Iterator[str]:
    for path, entry in sorted(image.files.entries.items()):
        if entry.content is not None:
            yield from (f"{path} holds {found}" for found in _secrets_in(entry.content))


@lru_cache(maxsize=1 << 15)
def _secrets_in(content: bytes) -> Sequence[str]:
    """Look through a content once: the images of a chain share most of their files."""
    return tuple(secrets_in(content.decode("utf-8", "replace")))


def _distributions(image: ImageFacts) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the record of every installed Python distribution: its path, and hash (base64) by absolute path."""
    for path, entry in image.files.matching(*(f"{site}*.dist-info/RECORD" for site in _SITES)):
        site = dirname(dirname(path))
        rows = csv.reader((entry.content or b"").decode().splitlines())
        yield path, {normpath(f"{site}/{row[0]}"): row[1].removeprefix("sha256=") for row in rows if row}


def _packages_are_as_recorded(image: ImageFacts) -> Iterator[str]:
    present = image.files.entries
    for record, files in _distributions(image):
        changed = [
            path for path, digest in files.items() if digest and path in present and _base64_of(present[path]) != digest
        ]
        if changed:
            yield f"{', '.join(changed[:_SHOWN])} is not what {record} says"


def _base64_of(entry: File) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(entry.sha256)).decode().rstrip("=")


def _every_module_has_a_record(image: ImageFacts) -> Iterator[str]:
    recorded = {path for _, files in _distributions(image) for path in files}
    for path, entry in image.files.matching(*(f"{site}*.py" for site in _SITES), *(f"{site}*.so" for site in _SITES)):
        if entry.is_regular and path not in recorded:
            yield f"{path} belongs to no installed package"


def _others_write_nowhere(image: ImageFacts) -> Iterator[str]:
    for path, entry in sorted(image.files.entries.items()):
        shared = entry.is_folder and entry.mode & _STICKY
        if entry.mode & _OTHERS_WRITE and not entry.is_link and not shared:
            yield f"anyone may write {path}"


def _programs_belong_to_root(image: ImageFacts) -> Iterator[str]:
    for path, entry in image.files.matching("/opt/*", "/usr/*", "/etc/*"):
        if entry.uid != 0 or (entry.mode & _GROUP_OR_OTHERS_WRITE and not entry.is_link and entry.gid != 0):
            yield f"{path} belongs to {entry.uid}:{entry.gid}, mode {entry.mode:o}"


def _only_files_and_folders(image: ImageFacts) -> Iterator[str]:
    for path, entry in sorted(image.files.entries.items()):
        if not (entry.is_regular or entry.is_folder or entry.is_link):
            yield f"{path} is a device, a pipe or a socket"


def _no_repository(image: ImageFacts) -> Iterator[str]:
    for path, _ in image.files.matching("*/.git", "*/.git/HEAD"):
        yield f"{path} belongs to a repository"


def _trusts_public_certificates(image: ImageFacts) -> Iterator[str]:
    bundle = image.files.text("/etc/ssl/certs/ca-certificates.crt") or ""
    if bundle.count("BEGIN CERTIFICATE") < _CERTIFICATES_MIN:
        yield "/etc/ssl/certs/ca-certificates.crt has few certificates or none"


def _licences_are_kept(image: ImageFacts) -> Iterator[str]:
    if not any(True for _ in image.files.matching("/usr/share/doc/*/copyright")):
        yield "no licence of a Debian package is left in /usr/share/doc"


def _accounts_have_no_password(image: ImageFacts) -> Iterator[str]:
    for path in ("/etc/passwd", "/etc/shadow"):
        for line in (image.files.text(path) or "").splitlines():
            fields = line.split(":")
            if len(fields) > 1 and (fields[1] == "" or fields[1].startswith("$")):
                yield f"{path}: {fields[0]} has a password, or needs none"


def _one_account_is_root(image: ImageFacts) -> Iterator[str]:
    for line in (image.files.text("/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if fields[2] == "0" and fields[0] != "root":
            yield f"{fields[0]} is root under another name"


_EVERY: Final = frozenset({Kind.BASE, Kind.IMAGE})
_BUILT: Final = frozenset({Kind.IMAGE})
_TABLE: Final[Sequence[tuple[str, str, frozenset[Kind], Callable[[ImageFacts], Iterator[str]]]]] = (
    ("package-manager", "4.3", _EVERY, _without(_PACKAGE_MANAGERS, "a package manager:")),
    ("compiler", "4.3", _EVERY, _without(_COMPILERS, "a compiler or linker:")),
    ("network-tool", "4.3", _EVERY, _without(_NETWORK_TOOLS, "a network tool:")),
    ("privilege-tool", "4.3", _EVERY, _without(_PRIVILEGE_TOOLS, "a tool that changes identity:")),
    ("interpreter", "4.3", _EVERY, _without(_INTERPRETERS, "an interpreter or debugger:")),
    ("leftovers", "4.3", _EVERY, _nothing_is_left_over),
    ("package-records", "4.4", _EVERY, _packages_are_recorded),
    ("setuid", "4.8", _EVERY, _carries(_SET_USER, "setuid")),
    ("setgid", "4.8", _EVERY, _carries(_SET_GROUP, "setgid")),
    ("file-capability", "4.8", _EVERY, _has_no_file_capability),
    ("credential-file", "4.10", _EVERY, _no_credential_file),
    ("secret-in-file", "4.10", _EVERY, _no_secret_in_a_file),
    ("package-content", "4.11", _BUILT, _packages_are_as_recorded),
    ("unrecorded-module", "4.11", _BUILT, _every_module_has_a_record),
    ("others-write", OURS, _EVERY, _others_write_nowhere),
    ("owner", OURS, _EVERY, _programs_belong_to_root),
    ("special-file", OURS, _EVERY, _only_files_and_folders),
    ("repository", OURS, _EVERY, _no_repository),
    ("certificates", OURS, _EVERY, _trusts_public_certificates),
    ("licences", OURS, _EVERY, _licences_are_kept),
    ("password", OURS, _EVERY, _accounts_have_no_password),
    ("second-root", OURS, _EVERY, _one_account_is_root),
)

CHECKS: Final[Sequence[Check[ImageFacts]]] = [
    Check(name=name, item=item, kinds=kinds, judge=judge) for name, item, kinds, judge in _TABLE
]
