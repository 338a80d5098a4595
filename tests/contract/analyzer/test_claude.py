"""Running a model: the credential's rules, the command line, and every trap of Claude Code in a container."""

import os
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.claude.command import claude_argv, claude_environment, standard_input
from analyzer.claude.credential import Credential, exposure_problem, read_credential
from analyzer.claude.session import Session, session_of
from analyzer.errors import (
    AnalyzerError,
    AuthenticationError,
    CredentialConfigError,
    ModelUnavailableError,
    NoModelEngineError,
    OutputNotWritableError,
    UsageError,
)

TOKEN = "sk-ant-oat01-made-up-for-tests"
OK = '{"type":"result","subtype":"success","is_error":false,"result":"ready"}'
WITHIN_S = 30.0
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o400)
    return file


def fake(folder: Path, *lines: str) -> Path:
    """A program that behaves as Claude Code did in one of its bad hours."""
    program = folder / "claude"
    program.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    program.chmod(0o755)
    return program


def runs(process: int) -> bool:
    """Whether a process is there and not dead already."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_model_gets_no_tools_no_settings_and_no_prompt_in_its_arguments() -> None:
    assert claude_argv(Path("/opt/claude/claude"), "Be brief.") == [
        *("/opt/claude/claude", "--print", "--output-format", "stream-json", "--verbose"),
        *("--tools", "", "--setting-sources", "", "--strict-mcp-config"),
        *("--system-prompt", "Be brief.", "--no-session-persistence"),
        *("--disable-slash-commands", "--disallowedTools", "mcp__*"),
    ]
    assert claude_argv(Path("c"), model="m", effort="low")[-4:] == ["--model", "m", "--effort", "low"]


def test_a_prompt_is_never_a_command_of_claude_code() -> None:
    assert standard_input("/help me") == b"\n/help me"
    assert standard_input("Help me") == b"Help me"


def test_the_child_gets_its_credential_and_nothing_of_our_environment() -> None:
    credential = Credential(variable="ANTHROPIC_API_KEY", value=TOKEN)
    inherited = {"PATH": "/bin", "SECRET": "x", "FONDATION_CLAUDE_TOKEN_FILE": "/f", "FONDATION_PROCESS_MARK": "m"}
    variables = claude_environment(inherited, credential, home=Path("/h"), base_url="http://service")
    assert variables["ANTHROPIC_API_KEY"] == TOKEN
    assert variables["ANTHROPIC_BASE_URL"] == "http://service"
    assert {"SECRET", "FONDATION_CLAUDE_TOKEN_FILE", "CLAUDE_CODE_OAUTH_TOKEN"} & variables.keys() == set()
    assert {variables["PATH"], variables["FONDATION_PROCESS_MARK"], variables["HOME"]} == {"/bin", "m", "/h"}
    assert TOKEN not in repr(credential)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("sk-ant-oat01-cut-off-here#comment", "contains `#`"),
        ("sk-ant-oat01-two words-and-more", "white space"),
        ("sk-ant-oat01-broken-over\ntwo-lines-of-text", "white space"),
        ("sk-ant-oat01", "12 characters"),
        ("s" * 3000, "3000 characters"),
        ("sk-ant-oat01-with-an-accent-é", "no token has"),
        ('{"claudeAiOauth": {"accessToken": "x"}}', "setup-token"),
    ],
)
def test_a_malformed_credential_is_refused_without_being_shown(token: Path, content: str, words: str) -> None:
    token.chmod(0o600)
    token.write_text(content)
    with pytest.raises(CredentialConfigError, match=words) as caught:
        read_credential({"FONDATION_CLAUDE_TOKEN_FILE": str(token)})
    assert str(token) in str(caught.value)
    assert not content.strip() or content.strip() not in str(caught.value) + caught.value.remedy


@pytest.mark.parametrize("mode", [0o444, 0o404, 0o602, 0o620, 0o777])
def test_a_credential_that_others_can_read_or_change_is_refused(token: Path, mode: int) -> None:
    token.chmod(mode)
    with pytest.raises(CredentialConfigError, match=f"has mode {mode:04o}"):
        read_credential({"FONDATION_CLAUDE_TOKEN_FILE": str(token)})


def test_a_volume_that_is_mounted_read_only_was_delivered_to_this_container_alone() -> None:
    read_only = next((path for path in ("/sys", "/proc", "/") if os.statvfs(path).f_flag & os.ST_RDONLY), None)
    status = os.stat_result((stat.S_IFREG | 0o444, *(0,) * 9))
    writable = os.statvfs_result((*os.statvfs("/dev/shm")[:8], 0, 255))
    assert exposure_problem(status, writable) is not None
    delivered = os.statvfs_result((*os.statvfs(read_only or "/dev/shm")[:8], os.ST_RDONLY, 255))
    assert exposure_problem(status, delivered) is None


def test_what_is_missing_or_no_file_is_named(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "Is a directory"),
        (Path("/dev/null"), "regular"),
    ):
        with pytest.raises(CredentialConfigError, match=words):
            read_credential({"FONDATION_CLAUDE_TOKEN_FILE": str(path)})
    with pytest.raises(CredentialConfigError, match="FONDATION_CLAUDE_TOKEN_FILE is not set"):
        read_credential({}, tmp_path / "none")


def test_the_contract_says_where_the_credential_is_and_what_kind(token: Path, tmp_path: Path) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(f'{{"tokenFile": "{token}", "tokenVariable": "ANTHROPIC_API_KEY"}}')
    assert read_credential({}, contract) == Credential(variable="ANTHROPIC_API_KEY", value=TOKEN)
    for broken in ("[]", "{", '"x"'):
        contract.write_text(broken)
        with pytest.raises(CredentialConfigError, match=r"contract\.json cannot be used"):
            read_credential({}, contract)


def test_without_a_contract_the_credential_tells_its_kind(token: Path, tmp_path: Path) -> None:
    environment = {"FONDATION_CLAUDE_TOKEN_FILE": str(token)}
    assert read_credential(environment, tmp_path / "none").variable == "CLAUDE_CODE_OAUTH_TOKEN"
    token.chmod(0o600)
    token.write_text("sk-ant-api03-made-up-for-tests")
    assert read_credential(environment, tmp_path / "none").variable == "ANTHROPIC_API_KEY"


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_a_stray_credential_is_refused_and_not_billed(cli: Run, token: Path, tmp_path: Path, name: str) -> None:
    program = fake(tmp_path, f"echo '{OK}'")
    variables = {"FONDATION_CLAUDE_PROGRAM": str(program), "FONDATION_CLAUDE_TOKEN_FILE": str(token)}
    done = cli("run", "-p", "x", **variables, **{name: "sk-canary"})
    assert done.returncode == 11
    assert f"{name} is set" in done.stderr
    assert "sk-canary" not in done.stderr + done.stdout
    assert cli("run", "-p", "x", **variables).stdout == "ready\n"


TRAPS: dict[str, tuple[list[str], type[AnalyzerError], str]] = {
    "silent hang": (["sleep 60"], ModelUnavailableError, "said nothing within"),
    "a question to a terminal": (["echo 'Trust this folder?'", "sleep 60"], ModelUnavailableError, "said nothing"),
    "hang in the middle": (['echo \'{"type":"system"}\'', "sleep 60"], ModelUnavailableError, "did not answer within"),
    "root refused": (["echo 'cannot be used with root' >&2", "exit 1"], ModelUnavailableError, "last words: cannot be"),
    "ended by a signal": (["kill -TERM $$"], ModelUnavailableError, "without a word"),
    "no result": (['echo \'{"type":"assistant"}\''], ModelUnavailableError, "without a result"),
    "not logged in": (
        ['echo \'{"type":"result","is_error":true,"result":"Not logged in"}\''],
        AuthenticationError,
        "not logged in",
    ),
    "refused for ever": (
        ['while :; do echo \'{"type":"system","subtype":"api_retry","error_status":401}\'; sleep 0.1; done'],
        AuthenticationError,
        "401",
    ),
    "a child that keeps the pipe open": (
        ["sleep 60 &", 'echo \'{"type":"system"}\'', "exit 1"],
        ModelUnavailableError,
        "without a result",
    ),
    "a flood without a line end": (["head -c 40000000 /dev/zero"], ModelUnavailableError, "without a word"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_ends_in_a_named_error_and_never_in_a_hang(trap: str, token: Path, tmp_path: Path) -> None:
    lines, kind, words = TRAPS[trap]
    session = Session(program=fake(tmp_path, *lines), start_s=1.0, deadline_s=1.5)
    began_s = time.monotonic()
    with pytest.raises(kind, match=words) as caught:
        session.ask("hello", {"FONDATION_CLAUDE_TOKEN_FILE": str(token), "PATH": os.environ["PATH"]})
    assert time.monotonic() - began_s < WITHIN_S
    assert caught.value.remedy


def test_no_process_of_a_session_stays(token: Path, tmp_path: Path) -> None:
    program = fake(tmp_path, "sleep 60 & echo $! > " + str(tmp_path / "pid"), f"echo '{OK}'", "sleep 60")
    answer = Session(program=program).ask(
        "hello", {"FONDATION_CLAUDE_TOKEN_FILE": str(token), "PATH": os.environ["PATH"]}
    )
    assert answer.text == "ready"
    # It was killed by then; the kernel may need a moment more to be done with it.
    process, deadline = int((tmp_path / "pid").read_text()), time.monotonic() + WITHIN_S
    while runs(process):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_home_that_cannot_be_made_is_an_error_at_once(cli: Run, token: Path, tmp_path: Path) -> None:
    program = fake(tmp_path, f"echo '{OK}'")
    session = Session(program=program)
    monkey = pytest.MonkeyPatch()
    monkey.setattr("tempfile.tempdir", "/proc")
    try:
        with pytest.raises(OutputNotWritableError, match="no place for Claude Code's home"):
            session.ask("hello", {"FONDATION_CLAUDE_TOKEN_FILE": str(token)})
    finally:
        monkey.undo()
    assert cli("run", "-p", "x", FONDATION_CLAUDE_PROGRAM=str(tmp_path / "none")).returncode == 6


def test_a_program_for_another_machine_is_named(token: Path, tmp_path: Path) -> None:
    program = tmp_path / "claude"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o755)
    with pytest.raises(NoModelEngineError, match="cannot be started: Exec format error"):
        Session(program=program).ask("hello", {"FONDATION_CLAUDE_TOKEN_FILE": str(token)})


def test_the_credential_is_in_no_output_whatever_the_child_says(cli: Run, token: Path, tmp_path: Path) -> None:
    variables = {"FONDATION_CLAUDE_TOKEN_FILE": str(token)}
    for lines in (
        ['echo "{\\"type\\":\\"result\\",\\"result\\":\\"it is $CLAUDE_CODE_OAUTH_TOKEN\\"}"'],
        ['echo "{\\"type\\":\\"result\\",\\"is_error\\":true,\\"result\\":\\"bad $CLAUDE_CODE_OAUTH_TOKEN\\"}"'],
        ['echo "panic: $CLAUDE_CODE_OAUTH_TOKEN" >&2', "exit 1"],
    ):
        done = cli("--json", "run", "-v", "-p", "x", FONDATION_CLAUDE_PROGRAM=str(fake(tmp_path, *lines)), **variables)
        assert TOKEN not in done.stdout + done.stderr
        assert "[redacted]" in done.stdout + done.stderr


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", "1e9"])
def test_a_deadline_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="FONDATION_CLAUDE_DEADLINE_S"):
        session_of({"FONDATION_CLAUDE_DEADLINE_S": text})
