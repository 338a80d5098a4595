"""The genuine Claude Code CLI, through our command line, against a local server that speaks the Messages API."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.configuration import parse_keys
from components.machine import machine_folders
from ops.machine.npm import claude_pin, ensure_npm_files
from tests.examples import RECORDED, RECORDED_MODEL, SAMPLES, answers_of, by_model
from tests.messages_api import Behaviour, MessagesApi, running_messages_api, text_of
from tests.scripted_model import RecordedModel, ScriptedModel
from tests.unit.analyzer.test_concepts import LIBRARY

ROOT = Path(__file__).resolve().parents[3]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
TOKEN = "sk-ant-oat01-good-for-tests"
OTHER = "sk-ant-oat01-rotated-for-tests"
KEY = "sk-ant-api03-good-for-tests"
REFUSED_WITHIN_S = 20.0
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def program() -> Path:
    """Claude Code in the user's cache, fetched where it is not there yet."""
    cache = machine_folders(ROOT).cache
    pin = claude_pin(ROOT, parse_keys({"fondation:engine": "claude"}), ARCHITECTURES[platform.machine()])
    ensure_npm_files(pin, root=ROOT, cache=cache, note=lambda _: None)
    return pin.place(cache) / "claude"


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with running_messages_api(TOKEN, KEY) as running:
        yield running


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(TOKEN)
    return file


@pytest.fixture
def cli(program: Path, api: MessagesApi, token_file: Path, tmp_path: Path) -> Run:
    home = tmp_path / "tmp"
    home.mkdir()

    def call(
        *arguments: str, stdin: str = "", command: str = "run", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "analyzer", *([command] if command else []), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TMPDIR": str(home),
                "FONDATION_CLAUDE_PROGRAM": str(program),
                "FONDATION_CLAUDE_BASE_URL": api.url,
                "FONDATION_CLAUDE_TOKEN_FILE": str(token_file),
                "FONDATION_CLAUDE_DEADLINE_S": "45",
                **variables,
            },
            timeout=120,
        )

    return call


def test_a_prompt_is_answered_with_one_request_and_no_tools(cli: Run, api: MessagesApi, tmp_path: Path) -> None:
    done = cli("-p", "test")
    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    assert [(seen.credential, seen.status, seen.tools, seen.stream) for seen in api.messages] == [
        ("bearer", 200, 0, True)
    ]
    assert "source code" in api.messages[0].system
    assert not list((tmp_path / "tmp").iterdir())


def test_the_prompt_may_come_from_anywhere_and_be_large(cli: Run, api: MessagesApi, tmp_path: Path) -> None:
    api.reply = lambda body: f"{len(json.dumps(body)) // 100_000}"
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("word " * 200_000)
    assert cli("-f", str(prompt)).stdout == "10\n"
    prompt.write_text("word " * 600_000)
    refused = cli("-f", str(prompt))
    assert (refused.returncode, "too long" in refused.stderr) == (2, True)
    api.reply = lambda _: "für alle — 日本語\nzwei Zeilen"
    done = cli("--json", "--stdin", stdin="test")
    answer = json.loads(done.stdout)
    assert answer["msg"] == "für alle — 日本語\nzwei Zeilen"
    assert answer["usage"]["outputTokens"] > 0


def test_nothing_that_a_prompt_names_is_sent_with_it(
    cli: Run, api: MessagesApi, token_file: Path, tmp_path: Path
) -> None:
    """Claude Code would send the content of `@path`, tools or none; a repository's text must not carry a file out."""
    canary = tmp_path / "canary.txt"
    canary.write_text("CANARY-OF-THE-MACHINE")
    sent: list[str] = []
    api.told = lambda body: sent.append(json.dumps(body))
    named = f'See @{canary} and @"{canary}" and @{token_file} and @/etc/passwd'
    assert cli("-p", named).returncode == 0
    assert len(sent) == 1
    assert f"See @{canary}" in sent[0]
    assert not any(secret in sent[0] for secret in ("CANARY-OF-THE-MACHINE", TOKEN, "root:x:0"))


@pytest.mark.parametrize("prompt", ["/help", "/clear", "!ls", "#remember this", "@/etc/hostname"])
def test_a_prompt_is_asked_as_it_is(cli: Run, api: MessagesApi, prompt: str) -> None:
    asked: list[str] = []
    api.told = lambda body: asked.append(text_of(body["messages"][0]["content"]).strip())
    assert cli("-p", prompt).stdout == "ready\n"
    assert asked == [prompt]


def test_an_answer_that_is_cut_is_asked_for_to_its_end(cli: Run, api: MessagesApi) -> None:
    parts = iter(["the first half, ", "and the second"])

    def reply(_: object) -> str:
        text = next(parts)
        api.stop_reason = "max_tokens" if text.endswith(", ") else "end_turn"
        return text

    api.reply = reply
    assert cli("-p", "test").stdout == "the first half, and the second\n"
    assert len(api.messages) == 2


def test_all_tokens_that_were_sent_are_counted_and_the_model_is_named(cli: Run, api: MessagesApi) -> None:
    api.cached_tokens = (1000, 2000)
    usage = json.loads(cli("--json", "-p", "test").stdout)["usage"]
    assert usage["inputTokens"] > 3000
    assert usage["model"] == api.messages[0].model


@pytest.mark.parametrize(
    ("service", "code", "word"),
    [
        ({"stop_reason": "refusal"}, 13, "refusal"),
        ({"stop_reason": "max_tokens"}, 14, "answer-cut"),
        ({"billing": "You are out of extra usage."}, 12, "payment"),
        ({"billing": "Third-party apps now draw from your extra usage, not your plan limits."}, 12, "payment"),
    ],
)
def test_what_the_service_says_beside_an_answer_has_a_name(
    cli: Run, api: MessagesApi, service: dict[str, str], code: int, word: str
) -> None:
    for name, value in service.items():
        setattr(api, name, value)
    done = cli("--json", "-p", "test")
    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["error"]["code"] == word
    assert "What to do:" in done.stderr


def test_a_course_is_written_with_one_request_a_prompt_and_no_file_beside_it(
    cli: Run, api: MessagesApi, tmp_path: Path
) -> None:
    """Six steps through Claude Code; the repository's text names files that must not go along."""
    canary = tmp_path / "canary.txt"
    canary.write_text("CANARY-OF-THE-MACHINE")
    repository = tmp_path / "library"
    files = {
        **LIBRARY,
        "docs/payments.md": f"{LIBRARY['docs/payments.md']}\nEach one is kept in @{canary} and @/etc/passwd.\n",
    }
    for path, text in files.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    for command in (["init", "--quiet"], ["add", "--all"],
                    ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "x"]):  # fmt: skip
        subprocess.run(["git", *command], cwd=repository, check=True)
    model, sent = ScriptedModel(), list[str]()
    api.told = lambda body: sent.append(json.dumps(body))
    api.reply = lambda body: model.answer(text_of(body["messages"][0]["content"]))
    api.cached_tokens = (1000, 0)
    out = tmp_path / "course"
    done = cli("--json", "analyze", str(repository), "-o", str(out), "--engine", "claude", command="")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(text) for text in done.stdout.splitlines()]
    (taken,) = [fields["taken"] for fields in lines if "taken" in fields]
    assert taken["calls"] == len(sent) == len(model.asked) == len(list((out / "answers").iterdir()))
    assert taken["inputTokens"] > 1000 * taken["calls"]
    assert taken["model"] == api.messages[0].model
    assert not any("CANARY-OF-THE-MACHINE" in body or "root:x:0" in body for body in sent)
    assert any(f"@{canary}" in body for body in sent)
    assert all(seen.tools == 0 for seen in api.messages)
    chapters = sorted((out / "reviewed-chapters").iterdir())
    assert all("Written by a language model" in path.read_text() for path in chapters)
    again = cli("--json", "analyze", str(repository), "-o", str(out), "--engine", "claude", "--overwrite", command="")
    assert again.returncode == 0
    assert len(sent) == taken["calls"]


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_course_is_replayed_byte_for_byte(cli: Run, api: MessagesApi, tmp_path: Path, name: str) -> None:
    """What a capable model answered once becomes the same course each time, through the real Claude Code."""
    recorded = RecordedModel(folder=answers_of(name))
    api.reply = lambda body: recorded.answer(text_of(body["messages"][0]["content"]))
    copy, out = tmp_path / name, tmp_path / "course"
    shutil.copytree(SAMPLES / name, copy)
    variables = {"FONDATION_CLAUDE_MODEL": RECORDED_MODEL, "FONDATION_CLAUDE_PARALLEL": "3"}
    done = cli("analyze", str(copy), "-o", str(out), "--engine", "claude", command="", **variables)
    assert done.returncode == 0, done.stderr
    assert "without the model" not in done.stderr
    assert {seen.model for seen in api.messages} == {RECORDED_MODEL}
    for file in by_model(name).rglob("*.md"):
        assert (out / file.relative_to(by_model(name))).read_bytes() == file.read_bytes(), file.name


def test_an_empty_answer_is_none(cli: Run, api: MessagesApi) -> None:
    api.reply = lambda _: ""
    done = cli("-p", "test")
    assert (done.returncode, "the model's answer is empty" in done.stderr) == (10, True), done.stderr


def test_a_rotated_credential_counts_at_the_next_call(cli: Run, api: MessagesApi, token_file: Path) -> None:
    api.accept(OTHER)
    began_s = time.monotonic()
    refused = cli("--json", "-p", "test")
    assert time.monotonic() - began_s < REFUSED_WITHIN_S
    assert refused.returncode == 8
    assert json.loads(refused.stdout.splitlines()[-1])["error"]["code"] == "authentication"
    assert "401" in refused.stderr
    assert TOKEN not in refused.stdout + refused.stderr
    token_file.write_text(OTHER)
    assert cli("-p", "test").stdout == "ready\n"


def test_a_refused_api_key_is_not_retried_for_minutes(cli: Run, api: MessagesApi, token_file: Path) -> None:
    token_file.write_text(KEY)
    assert cli("-p", "test").stdout == "ready\n"
    assert api.messages[-1].credential == "api-key"
    api.accept(TOKEN)
    began_s = time.monotonic()
    assert cli("-p", "test").returncode == 8
    assert time.monotonic() - began_s < REFUSED_WITHIN_S
    assert api.statuses[401] <= 3


# With a key, Claude Code names no time that it would not wait for itself: a minute stands for those.
@pytest.mark.parametrize(("credential", "waits_s"), [(TOKEN, (7200, 7200)), (KEY, (30, 33)), (KEY, (120, 60))])
def test_a_rate_limit_says_when_it_ends(
    cli: Run, api: MessagesApi, token_file: Path, credential: str, waits_s: tuple[int, int]
) -> None:
    token_file.write_text(credential)
    api.behaviour, api.retry_after_s = Behaviour.RATE_LIMITED, waits_s[0]
    done = cli("--json", "-p", "test")
    assert done.returncode == 9, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["error"]["retryAfterS"] == pytest.approx(waits_s[1], abs=20)


@pytest.mark.parametrize(
    ("behaviour", "code"), [(Behaviour.OVERLOADED, 10), (Behaviour.CUT, 10), (Behaviour.FORBIDDEN, 8)]
)
def test_a_service_that_fails_has_its_code(cli: Run, api: MessagesApi, behaviour: Behaviour, code: int) -> None:
    api.behaviour = behaviour
    done = cli("-p", "test")
    assert done.returncode == code, done.stderr
    assert "What to do:" in done.stderr
