from pathlib import Path

import pytest

from worker.errors import ConfigurationError
from worker.settings import read_settings
from worker.variables import help_text

MINIMAL = {"CONVEX_URL": "http://backend:3210"}


def problems(**environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings({**MINIMAL, **environment})
    return caught.value.problems


def test_one_variable_is_enough() -> None:
    settings = read_settings(MINIMAL)
    assert settings.convex_url == "http://backend:3210"
    assert (settings.lease_s, settings.heartbeat_s, settings.poll_s) == (30, 10, 5)
    assert (settings.job_deadline_s, settings.drain_s, settings.concurrency) == (3600, 60, 1)
    assert settings.cli == ("/opt/fondation/venv/bin/python", "/opt/fondation/cli/dist/cli.bundled.pyz")
    assert settings.engine == "static"
    assert settings.local_repositories is None
    assert settings.backend_key is None
    assert settings.mode == "production"


def test_nothing_set_reports_what_is_required() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings({})
    assert caught.value.problems == ("CONVEX_URL: missing; give the backend's address, such as http://backend:3210",)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CONVEX_URL", "ftp://backend", "http or https"),
        ("CONVEX_URL", "http://user:pass@backend", "without user name"),
        ("CONVEX_URL", "https://happy-otter-1.convex.site", ".convex.cloud"),
        ("NODE_ENV", "staging", "production or development"),
        ("FONDATION_WORKER_NAME", "a b", "letters, digits"),
        ("FONDATION_DATA_DIR", "data", "absolute path"),
        ("FONDATION_LEASE_S", "nan", "number of seconds"),
        ("FONDATION_LEASE_S", "-1", "number of seconds"),
        ("FONDATION_LEASE_S", "0", "above 0"),
        ("FONDATION_POLL_S", "inf", "number of seconds"),
        ("FONDATION_CONCURRENCY", "0", "from 1 to 64"),
        ("FONDATION_CONCURRENCY", "1.5", "whole number"),
        ("FONDATION_ENGINE", "magic", "static or claude"),
        ("FONDATION_CLI", "python cli.pyz", "JSON list"),
        ("FONDATION_CLI", "[]", "JSON list"),
        ("FONDATION_CLI", '["cli.pyz"]', "absolute path"),
        ("FONDATION_HEALTH_PORT", "70000", "from 0 to 65535"),
        ("FONDATION_REPOSITORY_MAX_BYTES", "500MB", "whole number"),
        ("FONDATION_BACKEND_KEY_FILE", "/no/such/file", "cannot be read (No such file or directory)"),
        ("FONDATION_HEARTBEAT_S", "20", "at most half of FONDATION_LEASE_S=30"),
        ("FONDATION_LAESE_S", "30", "no such setting"),
    ],
)
def test_a_wrong_value_is_named_with_its_expected_form(name: str, value: str, expected: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(name)
    assert expected in problem


def test_all_problems_come_at_once() -> None:
    assert len(problems(CONVEX_URL="x", FONDATION_DRAIN_S="x", FONDATION_ENGINE="x", FONDATION_X="1")) == 4


def test_a_key_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the-key\n")
    settings = read_settings({**MINIMAL, "FONDATION_BACKEND_KEY_FILE": str(file)})
    assert settings.backend_key is not None
    assert settings.backend_key.reveal() == "the-key"
    assert "the-key" not in repr(settings) + str(settings.backend_key) + f"{settings.backend_key!r}"


def test_an_empty_key_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    (problem,) = problems(FONDATION_BACKEND_KEY_FILE=str(tmp_path / "key"))
    assert "the file is empty" in problem


def test_only_paths_and_certificates_are_passed_on_to_programs() -> None:
    settings = read_settings(
        {**MINIMAL, "PATH": "/bin", "SSL_CERT_FILE": "/ca.pem", "AWS_SECRET_ACCESS_KEY": "x", "HOME": "/"}
    )
    assert settings.child_environment == {"PATH": "/bin", "SSL_CERT_FILE": "/ca.pem"}
    assert settings.model_environment == {}


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_a_stray_credential_is_refused_and_not_shown(name: str) -> None:
    (problem,) = problems(**{name: "sk-ant-canary"})
    assert problem.startswith(f"{name}: set in the worker's environment")
    assert "canary" not in problem


def test_engine_claude_needs_a_credential_file_and_passes_its_path_on() -> None:
    (problem,) = problems(FONDATION_ENGINE="claude")
    assert problem.startswith("FONDATION_CLAUDE_TOKEN_FILE: missing")
    given = {
        "FONDATION_CLAUDE_TOKEN_FILE": "/run/t/value",
        "FONDATION_CLAUDE_BASE_URL": "http://m",
        "FONDATION_CLAUDE_BUDGET_USD": "2.5",
        "FONDATION_CLAUDE_EFFORT": "low",
        "FONDATION_CLAUDE_MODEL": "m",
        "FONDATION_CLAUDE_TOKENS_MAX": "100000",
    }
    settings = read_settings({**MINIMAL, "FONDATION_ENGINE": "claude", **given})
    assert settings.model_environment == given


def test_the_help_text_names_every_setting() -> None:
    class Recorder(dict[str, str]):
        def get(self, key: str, default: object = None) -> str:
            asked.add(key)
            return dict.get(self, key, str(default or ""))

    asked: set[str] = set()
    read_settings(Recorder(MINIMAL))
    named = {line.split()[0] for line in help_text().splitlines() if line.strip()}
    refused = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"}
    assert named == asked - refused - {"PATH", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR"}
