import datetime as dt
from pathlib import Path

import pytest

from components.configuration import ConfigurationError, Environment, parse_configuration

KEY = "k" * 20
PRODUCTION = {
    "fondation:environment": "production",
    "fondation:convexUrl": "https://happy-otter-1.convex.cloud",
    "fondation:backendKey": KEY,
    "fondation:webToken": "t" * 20,
}


def problems(values: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(values)
    return str(caught.value).splitlines()[1:]


def test_a_development_stack_needs_only_its_environment() -> None:
    configuration = parse_configuration({"fondation:environment": "development", "aws:region": "x"})
    assert configuration.environment is Environment.DEVELOPMENT
    assert (configuration.lease_seconds, configuration.heartbeat_seconds, configuration.drain_seconds) == (30, 10, 60)
    assert configuration.convex_url is None


def test_values_are_parsed_from_text() -> None:
    configuration = parse_configuration(
        {
            "fondation:environment": "development",
            "fondation:webPort": "9000",
            "fondation:localRepositories": "true",
            "fondation:workerCpus": "1.5",
        },
    )
    assert (configuration.web_port, configuration.local_repositories, configuration.worker_cpus) == (9000, True, 1.5)


def test_every_problem_is_reported_at_once() -> None:
    found = problems(
        {
            "fondation:webPrt": "1",
            "fondation:webPort": "eighty",
            "fondation:backendPort": "70000",
            "fondation:engine": "magic",
            "fondation:convexUrl": "ftp://x",
        },
    )
    text = "\n".join(found)
    assert len(found) == 6
    assert "fondation:environment is missing: set it with" in text
    assert "fondation:webPrt is not a known key" in text
    assert 'fondation:webPort is "eighty"' in text
    assert 'fondation:backendPort is "70000"' in text
    assert 'fondation:engine is "magic"' in text
    assert "expected an http(s) URL" in text


def test_production_names_what_is_missing() -> None:
    text = "\n".join(problems({"fondation:environment": "production", "fondation:localRepositories": "true"}))
    for key in ("convexUrl", "backendKey", "webToken"):
        assert f"fondation:{key} is missing" in text
    assert "localRepositories is true" in text


def test_production_with_its_secrets_is_accepted_and_refuses_plain_http() -> None:
    assert parse_configuration(PRODUCTION).is_production
    assert problems({**PRODUCTION, "fondation:convexUrl": "http://h"}) == [
        "  fondation:convexUrl is 'http://h': production needs https",
    ]


def test_a_bad_secret_is_not_shown() -> None:
    text = "\n".join(problems({**PRODUCTION, "fondation:webToken": "hunter2"}))
    assert "fondation:webToken is set: expected at least 16 characters" in text
    assert "hunter2" not in text
    assert KEY not in repr(parse_configuration(PRODUCTION))


def test_relations_between_keys_are_checked(tmp_path: Path) -> None:
    text = "\n".join(
        problems(
            {
                "fondation:environment": "development",
                "fondation:leaseSeconds": "10",
                "fondation:backendPort": "8420",
                "fondation:caBundle": str(tmp_path / "ca.pem"),
            },
        ),
    )
    assert "at most half of fondation:leaseSeconds (10)" in text
    assert "that is fondation:webPort" in text
    assert "ca.pem': there is no such file" in text


TOKEN = "sk-ant-oat01-canary-0123456789"
CLAUDE = {"fondation:environment": "development", "fondation:engine": "claude"}


@pytest.mark.parametrize(
    ("mode", "token"), [("runtime", TOKEN), ("baked", TOKEN), ("api-key", "sk-gateway-0123456789")]
)
def test_engine_claude_takes_a_credential_in_three_modes(mode: str, token: str) -> None:
    configuration = parse_configuration(
        {
            **CLAUDE,
            "fondation:authMode": mode,
            "fondation:claudeToken": token,
            "fondation:claudeTokenExpires": "2027-11-24",
        }
    )
    assert configuration.auth_mode == mode
    assert configuration.claude_token_expires == dt.date(2027, 11, 24)
    assert token not in repr(configuration)


def test_engine_and_mode_have_to_fit_each_other() -> None:
    assert "engine claude needs a credential: set it with `bin/fondation auth login`" in problems(CLAUDE)[0]
    (wrong,) = problems(
        {"fondation:environment": "development", "fondation:authMode": "runtime", "fondation:claudeToken": TOKEN}
    )
    assert "engine static takes no credential" in wrong
    (missing,) = problems({**CLAUDE, "fondation:authMode": "runtime"})
    assert "fondation:claudeToken is missing: set it with `bin/fondation auth login`" in missing


def test_problems_of_the_credential_are_reported_beside_all_others() -> None:
    text = "\n".join(
        problems({"fondation:engine": "claude", "fondation:webPort": "eighty", "fondation:authMode": "no"})
    )
    assert "environment is missing" in text
    assert 'webPort is "eighty"' in text
    assert 'authMode is "no"' in text
    assert "authMode is none" in "\n".join(problems({"fondation:engine": "claude", "fondation:webPort": "eighty"}))


@pytest.mark.parametrize(
    ("mode", "token", "reason"),
    [
        ("runtime", f"{TOKEN}#state", "it contains `#`"),
        ("runtime", f"{TOKEN}\n{TOKEN}", "white space"),
        ("runtime", "sk-ant-oat01", "it has 12 characters"),
        ("runtime", "x" * 3000, "it has 3000 characters"),
        ("runtime", f"{TOKEN}é", "a character that no token has"),
        ("runtime", '{"claudeAiOauth": {"accessToken": "canary"}}', "`claude setup-token`"),
        ("runtime", "sk-ant-api03-canary-0123456789", "set the mode to api-key"),
        ("api-key", TOKEN, "set the mode to runtime"),
    ],
)
def test_a_malformed_credential_says_why_and_is_not_shown(mode: str, token: str, reason: str) -> None:
    (problem,) = problems({**CLAUDE, "fondation:authMode": mode, "fondation:claudeToken": token})
    assert "fondation:claudeToken is set" in problem
    assert reason in problem
    assert "canary" not in problem


def test_production_refuses_a_credential_in_an_image() -> None:
    values = {"fondation:engine": "claude", "fondation:authMode": "baked", "fondation:claudeToken": TOKEN}
    (problem,) = problems({**PRODUCTION, **values})
    assert "whoever has the image has the credential" in problem


@pytest.mark.parametrize("text", ["ghp_canary0123456789", '{"github.com": {"token": "canary with blanks"}}'])
def test_tokens_of_another_form_are_refused_and_not_shown(text: str) -> None:
    (problem,) = problems({"fondation:environment": "development", "fondation:gitCredentials": text})
    assert problem.strip().startswith("fondation:gitCredentials is set: ")
    assert "canary" not in problem
