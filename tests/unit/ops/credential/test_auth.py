"""The credential's commands as far as they need no engine; `tests/e2e/test_credentials.py` has the rest."""

import datetime as dt
import io
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from components.credential import AuthMode
from components.machine import MachineFolders
from ops.credential import record, store
from ops.credential.delivery import accepted_s
from ops.credential.service import Keeper
from ops.credential.setup import setup_argv
from ops.credential.token import mode_of, read_token, require_form
from ops.credential.verification import Question, failure, token_archive
from ops.doctor.credential_checks import check_credential
from ops.doctor.finding import Level
from ops.errors import (
    CredentialExpiredError,
    CredentialExpiringError,
    CredentialMalformedError,
    CredentialMissingError,
    CredentialRefusedError,
    ModelBusyError,
    ModelError,
    OpsError,
    StackError,
)
from ops.stack.stack import Stack
from tests.unit.ops.surroundings import silent

ROOT = Path(__file__).resolve().parents[4]
TOKEN = "sk-ant-oat01-canary-0123456789"
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.fixture
def said() -> list[str]:
    """What a command says."""
    return []


@pytest.fixture
def keeper(tmp_path: Path, said: list[str]) -> Keeper:
    folders = MachineFolders(checkout=tmp_path, home=tmp_path / "home", cache=tmp_path / "cache")
    context = silent(folders, stack="trial", say=said.append)
    return Keeper(context=context, stack=Stack(folders, "trial"), now=lambda: NOW)


def configure(keeper: Keeper, **values: str) -> None:
    lines = [f"  fondation:{key}: {value}" for key, value in values.items()]
    keeper.stack.file.write_text("\n".join(["config:", *lines]) + "\n")


def stored(keeper: Keeper, expires: str) -> None:
    configure(
        keeper,
        engine="claude",
        authMode="runtime",
        claudeToken="{secure: v1:x}",
        claudeTokenSince='"2026-01-02"',
        claudeTokenExpires=expires,
    )


def secret_file(folder: Path, content: bytes = TOKEN.encode() + b"\n", mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_bytes(content)
    file.chmod(mode)
    return file


def test_a_file_that_only_its_user_reads_gives_the_token(tmp_path: Path) -> None:
    for mode in (0o600, 0o400):
        assert read_token(secret_file(tmp_path, mode=mode), from_stdin=False) == TOKEN


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o700])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CredentialMalformedError, match=rf"mode {mode:04o}.*chmod 600") as caught:
        read_token(secret_file(tmp_path, mode=mode), from_stdin=False)
    assert "canary" not in str(caught.value)


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    if os.geteuid() == 0:
        os.chown(file, 10001, 10001)
    else:
        file = Path("/etc/passwd")
    with pytest.raises(CredentialMalformedError, match="belongs to another user"):
        read_token(file, from_stdin=False)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(secret_file(tmp_path))
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path, reason in (
        (tmp_path / "nowhere", "No such file"),
        (link, "cannot be read"),
        (tmp_path / "pipe", "not a regular file"),
        (secret_file(tmp_path, b"\xff" * 40), "not ASCII"),
    ):
        with pytest.raises(CredentialMalformedError, match=reason):
            read_token(path, from_stdin=False)


@pytest.mark.parametrize(
    ("token", "asked", "configured", "mode"),
    [
        (TOKEN, None, AuthMode.NONE, AuthMode.RUNTIME),
        ("sk-ant-api03-x", None, AuthMode.NONE, AuthMode.API_KEY),
        (TOKEN, None, AuthMode.BAKED, AuthMode.BAKED),
        (TOKEN, "runtime", AuthMode.BAKED, AuthMode.RUNTIME),
    ],
)
def test_the_mode_is_asked_for_configured_or_told_by_the_token(
    token: str, asked: str | None, configured: AuthMode, mode: AuthMode
) -> None:
    assert mode_of(token, asked, configured) is mode


def test_a_malformed_token_is_refused_and_not_shown() -> None:
    with pytest.raises(CredentialMalformedError, match="it contains `#`") as caught:
        require_form(f"{TOKEN}#x", AuthMode.RUNTIME)
    assert "canary" not in str(caught.value)


def test_a_token_of_the_cli_is_good_for_a_year_and_an_api_key_has_no_end() -> None:
    today = NOW.date()
    assert store.described(AuthMode.RUNTIME, today, None).expires == dt.date(2027, 11, 24)
    assert store.described(AuthMode.API_KEY, today, None).expires is None
    assert store.described(AuthMode.API_KEY, today, dt.date(2027, 1, 1)).expires == dt.date(2027, 1, 1)


@pytest.mark.parametrize(
    ("expires", "error", "code"),
    [
        ('"2026-11-24"', CredentialExpiredError, 34),
        ("2026-01-01", CredentialExpiredError, 34),
        ('"2026-11-25"', CredentialExpiringError, 35),
        ('"2026-12-08"', CredentialExpiringError, 35),
        ('"2026-12-09"', None, 0),
    ],
)
def test_status_says_when_the_credential_ends_and_warns_14_days_before(
    keeper: Keeper, said: list[str], expires: str, error: type[OpsError] | None, code: int
) -> None:
    stored(keeper, expires)
    if error is None:
        keeper.status()
    else:
        assert error.exit_code == code
        with pytest.raises(error):
            keeper.status()
    assert said[0] == "mode      runtime"
    assert said[1] == "since     2026-01-02"
    assert said[2].startswith(f"expires   {expires.strip(chr(34))} (")
    assert said[3].startswith("mounted   /run/fondation/claude-token/value in the worker, read-only (")
    assert said[4] == "verified  not by this machine"


def test_status_shows_the_last_verification(keeper: Keeper, said: list[str]) -> None:
    stored(keeper, '"2027-01-01"')
    record.note(keeper.context.folders, "trial", record.Verification(at=NOW, outcome="accepted", image="cli:auth-1"))
    keeper.status()
    assert said[4] == "verified  2026-11-24 12:00 UTC: accepted, by cli:auth-1"


def test_a_stack_without_a_credential_says_how_to_get_one(keeper: Keeper) -> None:
    for values in ({}, {"engine": "static"}, {"engine": "claude", "authMode": "runtime"}):
        configure(keeper, **values)
        with pytest.raises(CredentialMissingError, match="auth login"):
            keeper.status()


def test_a_bad_mode_or_date_is_named(keeper: Keeper) -> None:
    configure(keeper, authMode="magic", claudeToken="x")
    with pytest.raises(StackError, match=r'authMode is "magic": Input should be .none., .runtime.'):
        keeper.status()
    stored(keeper, '"next year"')
    with pytest.raises(StackError, match='claudeTokenExpires is "next year"'):
        keeper.status()


def test_a_failed_change_leaves_the_configuration_as_it_was(keeper: Keeper) -> None:
    stored(keeper, '"2027-01-01"')
    before = keeper.stack.file.read_bytes()

    def change() -> None:
        with store.restored_on_failure(keeper.stack):
            keeper.stack.file.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change()
    assert keeper.stack.file.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "kind"), [(8, CredentialRefusedError), (11, CredentialRefusedError), (9, ModelBusyError), (10, ModelError)]
)
def test_each_end_of_a_verification_has_its_own_error(code: int, kind: type[OpsError]) -> None:
    error = failure(code, "Error: no\nWhat to do: mend it", Question(stack="s", image="i", base_url="http://m"))
    assert type(error) is kind
    assert "http://m" in str(error)
    assert "  | What to do: mend it" in str(error)


def test_the_credential_goes_in_as_a_file_of_the_images_user_alone() -> None:
    with tarfile.open(fileobj=io.BytesIO(token_archive(TOKEN))) as tar:
        member = tar.getmember("run/fondation/claude-token/value")
        assert (member.uid, stat.S_IMODE(member.mode)) == (10001, 0o400)
        content = tar.extractfile(member)
        assert content is not None
        assert content.read() == TOKEN.encode()


def test_the_containers_environment_has_paths_only() -> None:
    question = Question(stack="s", image="i", base_url="http://m")
    assert question.environment(mounted=True) == {
        "FONDATION_CLAUDE_BASE_URL": "http://m",
        "FONDATION_CLAUDE_TOKEN_FILE": "/run/fondation/claude-token/value",
    }
    assert Question(stack="s", image="i", base_url=None).environment(mounted=False) == {}


def test_setup_runs_on_the_terminal_and_keeps_nothing() -> None:
    assert " ".join(setup_argv("docker", "cli:auth-1")) == (
        "docker run --rm --interactive --tty --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp:mode=1777 "
        "--entrypoint /opt/claude/claude cli:auth-1 setup-token"
    )


def test_the_workers_metrics_say_when_it_last_accepted_a_credential() -> None:
    name = "fondation_claude_credential_accepted_timestamp_seconds"
    assert accepted_s(f"# HELP {name} x\n{name} 1.7955e+09\n".encode()) == 1_795_500_000
    assert accepted_s(b"") == 0


@pytest.mark.parametrize("arguments", [("login",), ("rotate",)])
def test_a_malformed_credential_on_standard_input_is_one_message_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ops", "auth", *arguments, "--stdin", "--stack", "no-such-stack"],
        cwd=tmp_path,
        env={**os.environ, "FONDATION_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        input=f"{TOKEN} and more",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == {"login": 32, "rotate": 31}[arguments[0]]
    assert done.stderr.startswith("fondation: ")
    assert "canary" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("expires", "level", "text"),
    [
        ('"2026-11-24"', Level.FAILURE, "expired on 2026-11-24"),
        ('"2026-12-08"', Level.WARNING, "(14 days left)"),
        ('"2026-12-09"', Level.OK, "(15 days left)"),
    ],
)
def test_the_doctor_judges_the_credential_by_its_dates(keeper: Keeper, expires: str, level: Level, text: str) -> None:
    stored(keeper, expires)
    (finding,) = check_credential(keeper.context.folders, keeper.stack, NOW)
    assert (finding.level, text in finding.fact) == (level, True)


def test_the_doctor_says_when_there_is_no_credential_or_the_last_verification_failed(keeper: Keeper) -> None:
    assert list(check_credential(keeper.context.folders, keeper.stack, NOW)) == []
    configure(keeper, engine="claude")
    (missing,) = check_credential(keeper.context.folders, keeper.stack, NOW)
    assert missing.level is Level.FAILURE
    assert "auth login" in missing.remedy
    stored(keeper, '"2027-11-24"')
    record.note(
        keeper.context.folders, "trial", record.Verification(at=NOW, outcome="failed with exit code 33", image="i")
    )
    _, verified = check_credential(keeper.context.folders, keeper.stack, NOW)
    assert verified.level is Level.WARNING
