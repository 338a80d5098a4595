from pathlib import Path

import pytest

from web.__main__ import main
from web.errors import ConfigurationError
from web.settings import settings_from


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text(" \n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        settings_from(
            {
                "CONVEX_URL": "backend:3210",
                "NODE_ENV": "staging",
                "FONDATION_PORT": "eighty",
                "FONDATION_LOCAL_REPOSITORIES": "repositories",
                "FONDATION_MERMAID": "/nowhere/mermaid.js",
                "FONDATION_TOKEN_FILE": str(empty),
                "FONDATION_BACKEND_KEY_FILE": "/nowhere/key",
            }
        )
    named = {problem.split(" ")[0].rstrip(":") for problem in caught.value.problems}
    assert named == {
        "CONVEX_URL",
        "NODE_ENV",
        "FONDATION_PORT",
        "FONDATION_LOCAL_REPOSITORIES",
        "FONDATION_MERMAID",
        "FONDATION_TOKEN_FILE",
        "FONDATION_BACKEND_KEY_FILE",
    }


def test_production_without_a_token_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {"CONVEX_URL": "http://backend:3210", "NODE_ENV": "production"}) == 78
    assert "FONDATION_TOKEN_FILE" in capsys.readouterr().err


def test_production_is_the_default() -> None:
    with pytest.raises(ConfigurationError, match="FONDATION_TOKEN_FILE"):
        settings_from({"CONVEX_URL": "http://backend:3210"})


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("short", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="at least 16"):
        settings_from({"CONVEX_URL": "http://backend:3210", "FONDATION_TOKEN_FILE": str(file)})


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("correct-horse-battery-staple\n", encoding="utf-8")
    settings = settings_from({"CONVEX_URL": "https://x.convex.cloud/", "FONDATION_TOKEN_FILE": str(file)})
    assert settings.convex_url == "https://x.convex.cloud"
    assert settings.access_token is not None
    assert settings.access_token.value == "correct-horse-battery-staple"
    assert "correct-horse" not in f"{settings!r} {settings.access_token}"


def test_help_names_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"], {})
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for name in ("CONVEX_URL", "NODE_ENV", "FONDATION_TOKEN_FILE", "FONDATION_MERMAID", "FONDATION_PORT"):
        assert name in text
