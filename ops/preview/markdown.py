"""The report as Markdown for a pull request: what a reader must know first, details below, never too long.

A forge refuses a comment over its limit, so rows are left out, and counted, until the whole fits.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from ops.preview.report import SECRET, UNKNOWN, Cause, Change, FileState, ImageChange, Operation, Report
from ops.preview.text import block, code, prose
from ops.preview.values import bounded

MARKER: Final = "<!-- fondation:preview:{stack} -->"
"""First line of every report: by it the comment of an earlier preview of the same stack is found."""
LIMIT: Final = 65_536
"""GitHub's limit on a comment, in characters; kept in bytes, of which there are never fewer."""
_ROWS: Final = (400, 150, 60, 25, 10, 4, 1, 0)
_CAUSES: Final = 4
_DIGEST: Final = "labels.org.fondation.digest"
_SECRET_LABEL: Final = "labels.org.fondation.secret."  # noqa: S105 - a label's name
_COUNTED: Final = ("create", "update", "replace", "delete", "same")
_TITLES: Final = {
    Operation.REPLACE: "Replaced",
    Operation.DELETE: "Deleted",
    Operation.CREATE: "Created",
    Operation.UPDATE: "Updated in place",
    Operation.OTHER: "Other operations",
}
_SIGNS: Final = {FileState.ADDED: "added", FileState.CHANGED: "", FileState.REMOVED: "removed"}
_Item = TypeVar("_Item")
_PSEUDO_FILES: Final = {":parent": "the image that it starts from", ":source": "`fondation:sourceUrl`"}


def as_markdown(report: Report, *, limit: int = LIMIT) -> str:
    """Return the report as Markdown of at most `limit` bytes, of which it needs some 4000."""
    text = ""
    for rows in _ROWS:
        text = "\n".join(_lines(report, rows)) + "\n"
        if len(text.encode()) <= limit:
            break
    return text


def _lines(report: Report, rows: int) -> Iterator[str]:
    yield MARKER.format(stack=report.stack if report.stack.replace("-", "").isalnum() else "")
    yield f"## Preview of stack {code(report.stack)}"
    yield ""
    if report.failure is not None:
        yield f"**{prose(report.summary)}**"
        yield ""
        yield block(report.failure)
        return
    yield f"**{prose(report.summary)}**"
    yield from _notes(report)
    if report.changed or report.counts:
        yield from _counts(report)
    for operation in (Operation.REPLACE, Operation.DELETE):
        yield from _changes(report, operation, rows)
    yield from _images(report.images, rows)
    yield from _settings(report, rows)
    for operation in (Operation.UPDATE, Operation.CREATE, Operation.OTHER):
        yield from _changes(report, operation, rows)


def _notes(report: Report) -> Iterator[str]:
    for note in report.notes:
        yield ""
        yield f"> {prose(bounded(note, most=500))}"


def _counts(report: Report) -> Iterator[str]:
    others = [name for name in report.counts if name not in _COUNTED]
    names = [*_COUNTED, *others]
    yield ""
    yield f"| {' | '.join('unchanged' if name == 'same' else prose(name) for name in names)} |"
    yield f"|{'---|' * len(names)}"
    yield f"| {' | '.join(str(report.counts.get(name, 0)) for name in names)} |"
    before, after = report.release
    if before != after and after is not None:
        yield ""
        yield f"Release {code(before) if before else 'none'} → {code(after)}"


def _changes(report: Report, operation: Operation, rows: int) -> Iterator[str]:
    every = [change for change in report.changes if change.operation is operation]
    # What interrupts something or holds data comes first, so that it is the last to be left out.
    every.sort(key=lambda change: (not change.runs, not change.data))
    chosen = [change for change in every if not change.component]
    groups = len(every) - len(chosen)
    if not every:
        return
    because = operation not in {Operation.CREATE, Operation.DELETE}
    yield ""
    yield f"### {_TITLES[operation]} ({len(chosen)})"
    yield ""
    yield f"| resource | object | {'because' if because else 'note'} |"
    yield "|---|---|---|"
    yield from _cut(chosen, rows, lambda change: _change_row(change, because=because), columns=3)
    if groups:
        yield ""
        yield f"Components of the program that only group them: {groups}."


def _change_row(change: Change, *, because: bool) -> str:
    if because:
        text = _because(change)
    elif change.gone:
        text = "it was removed behind Pulumi's back"
    else:
        text = ""
    if change.data and change.operation in {Operation.DELETE, Operation.REPLACE}:
        text = f"**its data is lost** {text}".strip()
    host = code(change.object) if change.object else ""
    return f"| {change.kind} {code(change.name)} | {host} | {text} |"


def _because(change: Change) -> str:
    """The causes in words; of a replacement those that force it come first."""
    paths = {cause.path for cause in change.causes}
    shown = [
        cause
        for cause in change.causes
        # A new image always changes both: its digest, which is known, and its local id, which is not.
        if not (cause.path == "image" and _DIGEST in paths)
        # How it is built says less than its name, which holds the digest; the files have a section of their own.
        and not (cause.path.startswith("build.") and "imageName" in paths)
    ]
    shown.sort(key=lambda cause: (not cause.replaces, cause.path != _DIGEST))
    parts = [_cause(cause) for cause in shown[:_CAUSES]]
    left = len(shown) - _CAUSES
    return "<br>".join(parts) + (f"<br>and {left} more" if left > 0 else "")


def _cause(cause: Cause) -> str:
    if cause.path == _DIGEST:
        return f"new image {_value(_short(cause.before))} → {_value(_short(cause.after))}"
    if cause.path.startswith(_SECRET_LABEL):
        return f"secret {code(cause.path.removeprefix(_SECRET_LABEL))} is delivered anew"
    if cause.before == cause.after == SECRET:
        return f"{code(cause.path)}: a secret changed"
    return f"{code(cause.path)}: {_value(cause.before)} → {_value(cause.after)}"


def _images(images: Sequence[ImageChange], rows: int) -> Iterator[str]:
    if not images:
        return
    yield ""
    yield f"### Images ({len(images)})"
    yield ""
    yield "| image | digest | changed by |"
    yield "|---|---|---|"
    # One long list of files must not crowd out everything else: each image gets its share of the rows.
    yield from _cut(images, rows, lambda image: _image_row(image, max(rows // len(images), 1)), columns=3)


def _image_row(image: ImageChange, most: int) -> str:
    digest = f"{_value(_short(image.before))} → {_value(_short(image.after))}"
    if image.files is None:
        what = "" if image.before is None or image.after is None else "not recorded by the deployed release"
    else:
        parts = [_file(image.role, name, state) for name, state in list(image.files.items())[:most]]
        left = len(image.files) - most
        what = "<br>".join(parts) + (f"<br>and {left} more files" if left > 0 else "")
    return f"| {code(image.role)} | {digest} | {what} |"


def _file(role: str, name: str, state: FileState) -> str:
    if name.startswith(":"):
        return _PSEUDO_FILES.get(name) or code(name[1:])
    path = name.removeprefix("app/") if name.startswith("app/") else f"images/{role}: {name}"
    return f"{code(path)} {_SIGNS[state]}".strip()


def _settings(report: Report, rows: int) -> Iterator[str]:
    if not report.settings:
        return
    yield ""
    yield f"### Configuration ({len(report.settings)})"
    yield ""
    yield "| key | before | after |"
    yield "|---|---|---|"
    yield from _cut(
        report.settings,
        rows,
        lambda item: (
            f"| {code(item.key)} | {_setting(item.before, secret=item.secret)}"
            f" | {_setting(item.after, secret=item.secret)} |"
        ),
        columns=3,
    )


def _setting(value: str | None, *, secret: bool) -> str:
    if value is None:
        return "not set"
    return f"*secret, {value}*" if secret else code(value)


def _value(value: str | None) -> str:
    if value is None:
        return "not set"
    return "*known after the deployment*" if value == UNKNOWN else code(value)


def _short(digest: str | None) -> str | None:
    return digest if digest is None else digest.removeprefix("sha256:")[:12]


def _cut(items: Sequence[_Item], rows: int, row: Callable[[_Item], str], *, columns: int) -> Iterable[str]:
    yield from (row(item) for item in items[:rows])
    left = len(items) - rows
    if left > 0:
        yield f"| *{left} more left out* |{' |' * (columns - 1)}"
