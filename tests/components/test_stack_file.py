from pathlib import Path

import pytest

from components.configuration import UNTOLD, ConfigurationError, Environment
from components.stack_file import read_keys, read_values


def test_values_are_as_pulumi_hands_them_to_the_program(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text(
        "encryptionsalt: v1:x\nconfig:\n  fondation:engine: static\n  webPort: 9000\n  docker:host: tcp://x\n"
        "  fondation:localRepositories: true\n  fondation:caBundle: own/authority.pem\n"
        "  fondation:backendKey:\n    secure: v1:x:y\n"
    )
    assert read_values(tmp_path, "blue") == {
        "fondation:engine": "static",
        "fondation:webPort": "9000",
        "docker:host": "tcp://x",
        "fondation:localRepositories": "true",
        "fondation:caBundle": f"{tmp_path}/own/authority.pem",
        "fondation:backendKey": UNTOLD,
    }
    assert read_values(tmp_path, "green") == {}


def test_each_key_is_typed_and_what_is_missing_is_no_problem_yet(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.blue.yaml"
    file.write_text("config:\n  webPort: 9000\n  fondation:monitoring: yes\n  fondation:claudeTokenSince: 2026-01-02\n")
    keys = read_keys(tmp_path, "blue")
    assert (keys.web_port, keys.backend_port, keys.monitoring) == (9000, 8421, True)
    assert (str(keys.claude_token_since), keys.environment, keys.engine) == ("2026-01-02", None, "static")
    assert (keys.has("webPort"), keys.has("backendPort"), keys.has_secrets) == (True, False, False)
    file.write_text("config:\n  fondation:environment: production\n  fondation:webToken:\n    secure: v1:x:y\n")
    changed = read_keys(tmp_path, "blue")
    assert (changed.environment, changed.has_secrets) == (Environment.PRODUCTION, True)
    assert read_keys(tmp_path, "blue") is changed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("fondation:webPort: many", r'fondation:webPort is "many"'),
        ("fondation:webport: 1", r"fondation:webport is not a known key"),
        ("fondation:keepReleases: 0", r'fondation:keepReleases is "0"'),
    ],
)
def test_a_malformed_key_is_named_with_its_file(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text(f"config:\n  {content}\n")
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_keys(tmp_path, "blue")
    assert str(caught.value).startswith(f"{tmp_path}/Pulumi.blue.yaml: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"config: [\n", "is not YAML"),
        (b"config:\n  fondation:engine: \xff\n", "is not YAML"),
        (b"fondation:engine\n", r"is one value, 'fondation:engine': expected `config:`"),
        (
            b"confg:\n  fondation:engine: static\nwebPort: 1\n",
            r"has confg, webPort at its top level, .* below `config:`",
        ),
        (b"config:\n- fondation:engine\n", r"`config` in .* is \['fondation:engine'\]: expected lines such as"),
        (b"config:\n  1: static\n", r"`config` in .* has 1: expected keys such as"),
    ],
)
def test_a_file_that_is_no_stacks_configuration_is_named_with_what_is_expected(
    content: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.blue.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_values(tmp_path, "blue")
    assert str(file) in str(caught.value)
