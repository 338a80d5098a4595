"""From facts to Markdown and JSON."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ops.preview.markdown import LIMIT, as_markdown
from ops.preview.report import (
    SECRET,
    Cause,
    Change,
    Effects,
    FileState,
    ImageChange,
    Operation,
    Report,
    SettingChange,
    as_json,
    json_schema,
)
from ops.preview.text import block, code

ROOT = Path(__file__).resolve().parents[4]
HOSTILE = [
    "a|b",
    "`code` and ``more``",
    "</code><script>alert(1)</script>",
    "[x](javascript:alert(1)) ![i](http://evil)",
    "line\nbreak\r\n\n# heading\n| a | b |",
    "@everyone #1 owner/repo@deadbeef https://evil.example www.evil.example",
    "<!-- --> <details> &lt; &#60;",
    "\u202egnp.exe\u2066 zero\u200bwidth \x1b[31m",
    "*b* _i_ ~~s~~ \\| $x$ :tada:",
    "-->",
    "```\n~~~",
    "",
]


class Page(HTMLParser):
    """What a page holds once Markdown is rendered: its elements, and its text."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.text = ""
        self.rows: list[int] = []
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements |= {tag, *(f"{tag}@{name}" for name, _ in attrs)}
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def change(operation: Operation, number: int = 0, **parts: object) -> Change:
    values = {
        "operation": operation,
        "kind": "Container",
        "name": f"worker-{number}",
        "object": f"fondation-dev-worker-{number}",
        "urn": f"urn:pulumi:dev::fondation::docker:index/container:Container::worker-{number}",
        "runs": True,
        **parts,
    }
    return Change(**values)  # type: ignore[arg-type]  # a test's shorthand


def report(**parts: object) -> Report:
    values = {"stack": "dev", "summary": "1 container restarts (worker).", "counts": {"replace": 1}, **parts}
    return Report(**values)  # type: ignore[arg-type]  # as above


def test_the_sentence_comes_before_everything_else() -> None:
    lines = [line for line in as_markdown(report(changes=(change(Operation.REPLACE),))).splitlines() if line]
    assert lines[0] == "<!-- fondation:preview:dev -->"
    assert lines[1] == "## Preview of stack `dev`"
    assert lines[2] == "**1 container restarts (worker).**"
    assert lines[3].startswith("| create | update | replace | delete | unchanged |")


def test_replacements_and_deletions_are_called_out_with_their_causes() -> None:
    cause = Cause(
        path="labels.org.fondation.digest", before=f"sha256:{'a' * 64}", after=f"sha256:{'b' * 64}", replaces=True
    )
    local = Cause(path="image", before="sha256:1", after="(known after the deployment)", replaces=True)
    secret = Cause(path="uploads", before=SECRET, after=SECRET, replaces=True)
    text = as_markdown(
        report(
            changes=(
                change(Operation.CREATE, 3),
                change(Operation.REPLACE, 1, causes=(local, cause)),
                change(Operation.REPLACE, 2, causes=(secret,)),
                change(Operation.DELETE, 4, kind="Volume", data=True),
            )
        )
    )
    assert f"new image `{'a' * 12}` → `{'b' * 12}`" in text
    assert "known after" not in text
    assert "`uploads`: a secret changed" in text
    assert "**its data is lost**" in text
    assert text.index("### Replaced (2)") < text.index("### Deleted (1)") < text.index("### Created (1)")


def test_images_name_the_files_that_changed_them() -> None:
    files = {
        ":parent": FileState.CHANGED,
        "Dockerfile": FileState.CHANGED,
        "app/worker/lease.py": FileState.ADDED,
        "app/worker/old.py": FileState.REMOVED,
    }
    image = ImageChange(role="worker", before=f"sha256:{'1' * 64}", after=f"sha256:{'2' * 64}", files=files)
    unknown = ImageChange(role="cli", before="sha256:1", after="sha256:2", files=None)
    text = as_markdown(report(images=(image, unknown)))
    assert (
        f"| `worker` | `{'1' * 12}` → `{'2' * 12}` | the image that it starts from<br>`images/worker: Dockerfile`"
        "<br>`worker/lease.py` added<br>`worker/old.py` removed |"
    ) in text
    assert "not recorded by the deployed release" in text


def test_a_secret_setting_has_no_value() -> None:
    settings = (
        SettingChange(key="fondation:webToken", before="set", after="changed", secret=True),
        SettingChange(key="fondation:leaseSeconds", before="30", after=None, secret=False),
    )
    text = as_markdown(report(settings=settings))
    assert "| `fondation:webToken` | *secret, set* | *secret, changed* |" in text
    assert "| `fondation:leaseSeconds` | `30` | not set |" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    cause = Cause(path=text, before=text, after=None, replaces=True)
    files = {text: FileState.ADDED, ":" + text: FileState.CHANGED}
    everywhere = report(
        summary=f"1 container restarts ({text}).",
        counts={"replace": 1, text: 2},
        notes=(text,),
        release=(text, "x" + text),
        changes=(
            change(
                Operation.REPLACE,
                name=text,
                object=text,
                causes=(cause,),
            ),
            change(Operation.DELETE, name=text, object=text),
        ),
        images=(ImageChange(role=text, before=text, after=None, files=files),),
        settings=(SettingChange(key=text, before=text, after=text, secret=False),),
    )
    page = Page(as_markdown(everywhere))
    assert page.elements <= {
        "h2", "h3", "p", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "br", "blockquote"
    }  # fmt: skip
    assert len(set(page.rows)) <= 2  # five or six columns of counts, three of everything else
    assert set(page.rows) <= {3, 6}
    assert not re.search("[\u200b\u202e\u2066\x1b]", page.text)


@pytest.mark.parametrize("text", [item for item in HOSTILE if item.isprintable() and item])
def test_code_shows_a_text_as_it_is(text: str) -> None:
    assert Page(code(text)).text.strip() == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_ends_where_it_should(text: str) -> None:
    page = Page(f"{block(text)}\n\nafter\n")
    assert page.elements <= {"pre", "code", "p"}
    assert page.text.endswith("after\n")


def test_a_failure_is_shown_with_its_message_alone() -> None:
    text = as_markdown(report(failure="fondation:webPrt is not a known key", summary="There is no preview."))
    assert "**There is no preview.**" in text
    assert "fondation:webPrt is not a known key" in text
    assert "| create |" not in text


@pytest.mark.parametrize("number", [10, 300, 3000])
def test_a_report_is_never_longer_than_a_comment_may_be_and_counts_what_it_leaves_out(number: int) -> None:
    causes = tuple(Cause(path=f"envs.{'é' * 150}", before="|" * 150, after="ü" * 150, replaces=True) for _ in range(9))
    files = {f"app/{'|' * 100}{index}": FileState.CHANGED for index in range(number)}
    long = report(
        changes=tuple(change(Operation.REPLACE, index, causes=causes) for index in range(number)),
        images=tuple(ImageChange(role=f"r{index}", before="1", after="2", files=files) for index in range(5)),
        settings=tuple(SettingChange(key=f"k{index}", before="a", after="b", secret=False) for index in range(number)),
    )
    text = as_markdown(long)
    assert len(text.encode()) <= LIMIT
    assert f"### Replaced ({number})" in text
    rows = text.partition("### Replaced")[2].partition("###")[0].count("| Container ")
    left = re.search(r"\*(\d+) more left out\*", text)
    assert rows + int(left.group(1) if left else 0) == number


def test_the_limit_holds_in_bytes() -> None:
    long = report(changes=tuple(change(Operation.REPLACE, index, name="é" * 20, causes=()) for index in range(60)))
    long = replace(
        long, settings=tuple(SettingChange(key=f"k{n}", before=None, after="…", secret=True) for n in range(60))
    )
    whole = as_markdown(long)
    assert len(whole) < len(whole.encode())
    assert len(as_markdown(long, limit=len(whole)).encode()) <= len(whole)


def test_the_json_form_is_what_its_schema_says() -> None:
    schema = ROOT / "docs" / "operations" / "preview.schema.json"
    assert json.loads(schema.read_text()) == json_schema(), (
        "put the output of `python -m ops.preview.report` into docs/operations/preview.schema.json"
    )
    full = json.loads(as_json(report(changes=(change(Operation.REPLACE),), effects=Effects(restarts=("a",)))))
    assert set(full) == set(json_schema()["properties"])  # type: ignore[call-overload]  # JSON
    assert full["changes"][0]["operation"] == "replace"
    assert full["effects"]["restarts"] == ["a"]
