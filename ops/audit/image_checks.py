"""What has to hold for an image: section 4 of the benchmark, and rules of our own about its configuration."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ops.audit import image_files
from ops.audit.check import OURS, Check
from ops.audit.facts import ImageFacts, Kind
from ops.audit.secrets import assignments_in, secrets_in

_ROOT_USERS: Final = frozenset({"", "0", "root"})
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_UPDATE: Final = re.compile(r"\b(?:apt-get|apt|apk|yum|dnf)\s+(?:-\S+\s+)*update\b")
_INSTALL: Final = re.compile(r"\b(?:install|add)\b")
_ADD: Final = re.compile(r"^(?:/bin/sh -c #\(nop\)\s+)?ADD\s", re.IGNORECASE)
_PRIVILEGED_PORTS: Final = 1024
_LABELS: Final = ("title", "description", "version", "licenses", "revision", "base.digest")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_INJECTING: Final = ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONSTARTUP", "PYTHONINSPECT", "GIT_SSH_COMMAND")


def _has_a_user(image: ImageFacts) -> Iterator[str]:
    user = str(image.config.get("User") or "")
    if user.partition(":")[0] in _ROOT_USERS:
        yield f"it runs as root (USER is {user!r})"


def _user_is_numeric(image: ImageFacts) -> Iterator[str]:
    user = str(image.config.get("User") or "")
    if user and not re.fullmatch(r"\d+:\d+", user):
        yield f"USER is {user!r}: numbers of user and group prove that it is not root without reading the image"


def _user_cannot_log_in(image: ImageFacts) -> Iterator[str]:
    number = str(image.config.get("User") or "").partition(":")[0]
    for line in (image.files.text("/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if number in {fields[0], fields[2]} and not fields[-1].endswith(("/nologin", "/false")):
            yield f"{fields[0]} has the login shell {fields[-1]}"


def _names_its_parent(image: ImageFacts) -> Iterator[str]:
    parent = image.labels.get("org.opencontainers.image.base.digest", "")
    if not _DIGEST.fullmatch(parent):
        yield f"label org.opencontainers.image.base.digest is {parent!r}: it does not say what it was built on"
    elif parent == image.labels.get("org.fondation.digest"):
        yield "it names itself as its parent"


def _names_its_content(image: ImageFacts) -> Iterator[str]:
    digest = image.labels.get("org.fondation.digest", "")
    short = digest.partition(":")[2][:12]
    if not _DIGEST.fullmatch(digest):
        yield f"label org.fondation.digest is {digest!r}"
    elif not any(tag.endswith(short) for tag in image.inspect.get("RepoTags") or []):
        yield f"no tag of it ends with its digest {short}"


def _has_a_probe(image: ImageFacts) -> Iterator[str]:
    test = (image.config.get("Healthcheck") or {}).get("Test") or []
    if not test or test[0] == "NONE":
        yield "it has no HEALTHCHECK"


def _probe_is_argument_list(image: ImageFacts) -> Iterator[str]:
    test = (image.config.get("Healthcheck") or {}).get("Test") or []
    if test[:1] == ["CMD-SHELL"]:
        yield "its HEALTHCHECK goes through a shell"


def _installs_what_it_updates(image: ImageFacts) -> Iterator[str]:
    for line in image.history:
        if _UPDATE.search(line) and not _INSTALL.search(line):
            yield f"a layer only updates package lists: {line[:80]}"


def _copies(image: ImageFacts) -> Iterator[str]:
    for line in image.history:
        if _ADD.match(line):
            yield f"a layer is made by ADD: {line[:80]}"


def _no_secret_in_history(image: ImageFacts) -> Iterator[str]:
    for line in image.history:
        if " LABEL " not in line and " ENV " not in line:
            yield from (f"a layer's instruction: {found}" for found in (*secrets_in(line), *assignments_in(line)))


def _no_secret_in_environment(image: ImageFacts) -> Iterator[str]:
    for variable in image.config.get("Env") or []:
        yield from (f"an ENV: {found}" for found in (*secrets_in(variable), *assignments_in(variable)))


def _no_secret_in_labels(image: ImageFacts) -> Iterator[str]:
    for label, value in image.labels.items():
        yield from (f"label {label}: {found}" for found in secrets_in(value))


def _exposes_high_ports(image: ImageFacts) -> Iterator[str]:
    for port in image.config.get("ExposedPorts") or {}:
        if int(port.partition("/")[0]) < _PRIVILEGED_PORTS:
            yield f"it exposes the privileged port {port}"


def _declares_no_volume(image: ImageFacts) -> Iterator[str]:
    for path in image.config.get("Volumes") or {}:
        yield f"VOLUME {path} would be an anonymous, writable volume"


def _has_no_trigger(image: ImageFacts) -> Iterator[str]:
    if image.config.get("OnBuild"):
        yield "it has ONBUILD instructions, which run in other people's builds"


def _starts_a_program(image: ImageFacts) -> Iterator[str]:
    entrypoint = image.config.get("Entrypoint") or []
    if entrypoint and (not entrypoint[0].startswith("/") or "-c" in entrypoint):
        yield f"its entry point is {entrypoint}: expected the absolute path of a program or script, not a shell's words"


def _is_labelled(image: ImageFacts) -> Iterator[str]:
    for label in _LABELS:
        if not image.labels.get(f"org.opencontainers.image.{label}"):
            yield f"label org.opencontainers.image.{label} is missing"


def _searches_system_folders(image: ImageFacts) -> Iterator[str]:
    path = next((entry[5:] for entry in image.config.get("Env") or [] if entry.startswith("PATH=")), _PATH)
    for folder in path.split(":"):
        if folder not in _PATH.split(":"):
            yield f"PATH has {folder!r}"


def _loads_nothing_else(image: ImageFacts) -> Iterator[str]:
    for variable in image.config.get("Env") or []:
        if variable.partition("=")[0] in _INJECTING:
            yield f"ENV {variable.partition('=')[0]} changes what every program loads"


_EVERY: Final = frozenset({Kind.BASE, Kind.IMAGE})
_BUILT: Final = frozenset({Kind.IMAGE})
_Judge = Callable[[ImageFacts], Iterator[str]]
_CONFIGURATION: Final[Sequence[tuple[str, str, frozenset[Kind], _Judge]]] = (
    ("user", "4.1", _EVERY, _has_a_user),
    ("user-number", "4.1", _EVERY, _user_is_numeric),
    ("user-shell", "4.1", _EVERY, _user_cannot_log_in),
    ("parent", "4.2", _BUILT, _names_its_parent),
    ("content-name", "4.5", _BUILT, _names_its_content),
    ("healthcheck", "4.6", _BUILT, _has_a_probe),
    ("healthcheck-form", "4.6", _BUILT, _probe_is_argument_list),
    ("update-alone", "4.7", _EVERY, _installs_what_it_updates),
    ("copy-not-add", "4.9", _EVERY, _copies),
    ("secret-in-history", "4.10", _EVERY, _no_secret_in_history),
    ("secret-in-env", "4.10", _EVERY, _no_secret_in_environment),
    ("secret-in-label", "4.10", _EVERY, _no_secret_in_labels),
    ("exposed-port", "5.8", _EVERY, _exposes_high_ports),
    ("volume", OURS, _EVERY, _declares_no_volume),
    ("onbuild", OURS, _EVERY, _has_no_trigger),
    ("entrypoint", OURS, _BUILT, _starts_a_program),
    ("labels", OURS, _BUILT, _is_labelled),
    ("search-path", OURS, _EVERY, _searches_system_folders),
    ("injection", OURS, _EVERY, _loads_nothing_else),
)

IMAGE_CHECKS: Final[Sequence[Check[ImageFacts]]] = (
    *(Check(name=name, item=item, kinds=kinds, judge=judge) for name, item, kinds, judge in _CONFIGURATION),
    *image_files.CHECKS,
)
