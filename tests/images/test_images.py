"""What every image holds, seen from inside a running container."""

import json

import pytest
from testinfra.host import Host

from tests.images.conftest import CHAIN
from tests.trial import inspect

EVERY = (*CHAIN, "server")
PYTHON = "/opt/fondation/venv/bin/python"
CLI = "/opt/fondation/cli/dist/cli.bundled.pyz"
FROM_AUTH = CHAIN[CHAIN.index("auth") :]


@pytest.mark.parametrize("role", EVERY)
def test_runs_as_fondation_who_cannot_log_in(hosts: dict[str, Host], role: str) -> None:
    user = hosts[role].user()
    assert (user.name, user.uid, user.gid) == ("fondation", 10001, 10001)
    assert user.shell == "/usr/sbin/nologin"


@pytest.mark.parametrize("role", EVERY)
@pytest.mark.parametrize("tool", ["pip", "pip3", "gcc", "cc", "make", "apt-get", "dpkg", "curl", "wget", "ssh", "sudo"])
def test_has_no_tool_that_it_does_not_need(hosts: dict[str, Host], role: str, tool: str) -> None:
    assert not hosts[role].exists(tool)


@pytest.mark.parametrize("role", EVERY)
def test_has_no_setuid_file(hosts: dict[str, Host], role: str) -> None:
    assert hosts[role].run("find / -xdev -perm /6000 -type f").stdout == ""


@pytest.mark.parametrize("role", EVERY)
def test_has_no_caches_and_no_build_leftovers(hosts: dict[str, Host], role: str) -> None:
    for path in ("/build", "/root/.cache", "/var/cache/apt/archives", "/var/lib/apt/lists"):
        assert not hosts[role].file(path).exists, path


@pytest.mark.parametrize("role", EVERY)
def test_root_file_system_is_read_only(hosts: dict[str, Host], role: str) -> None:
    assert hosts[role].run("touch /opt/fondation/x").rc != 0
    assert hosts[role].run("touch /tmp/x").rc == 0


@pytest.mark.parametrize("role", EVERY)
def test_nothing_under_opt_belongs_to_the_user_that_runs(hosts: dict[str, Host], role: str) -> None:
    assert hosts[role].run("find /opt -user fondation -o -perm /022 -not -type l").stdout == ""


@pytest.mark.parametrize("role", EVERY)
def test_trusts_public_certificates(hosts: dict[str, Host], role: str) -> None:
    assert hosts[role].file("/etc/ssl/certs/ca-certificates.crt").size > 100_000


@pytest.mark.parametrize("role", CHAIN)
def test_the_cli_answers(hosts: dict[str, Host], role: str) -> None:
    assert hosts[role].check_output(f"{PYTHON} {CLI} --version").strip() != ""
    assert "analyze" in hosts[role].check_output(f"{PYTHON} {CLI} --help")


@pytest.mark.parametrize("role", CHAIN)
def test_git_clones_over_https_and_files(hosts: dict[str, Host], role: str) -> None:
    host = hosts[role]
    assert host.run("git --version").rc == 0
    assert host.run("test -x $(git --exec-path)/git-remote-https").rc == 0


@pytest.mark.parametrize("role", FROM_AUTH)
def test_the_credential_contract_holds(hosts: dict[str, Host], role: str) -> None:
    done = hosts[role].run(f"{PYTHON} /opt/fondation/auth/preflight.py")
    assert (done.rc, done.stdout.strip()) == (0, "preflight: mode none: no credential needed, none within reach")


@pytest.mark.parametrize("role", FROM_AUTH)
def test_a_stray_api_key_breaks_the_contract_without_being_shown(hosts: dict[str, Host], role: str) -> None:
    done = hosts[role].run(f"ANTHROPIC_API_KEY=sk-canary {PYTHON} /opt/fondation/auth/preflight.py")
    assert done.rc == 1
    assert "ANTHROPIC_API_KEY is set" in done.stderr
    assert "sk-canary" not in done.stderr + done.stdout


def test_the_worker_image_has_only_its_own_packages(hosts: dict[str, Host]) -> None:
    assert set(hosts["worker"].check_output("ls /opt/fondation/app").split()) == {"course", "worker"}
    assert set(hosts["server"].check_output("ls /opt/fondation/app").split()) == {"backend", "course", "web"}


@pytest.mark.parametrize("role", EVERY)
def test_labels_and_health_check_are_declared(image_names: dict[str, str], role: str) -> None:
    config = inspect("image", "inspect", image_names[role])[0]["Config"]
    labels = config["Labels"]
    for name in ("title", "description", "version", "licenses", "revision", "base.digest"):
        assert labels[f"org.opencontainers.image.{name}"], name
    assert labels["org.fondation.digest"].startswith("sha256:")
    assert labels["org.opencontainers.image.base.digest"] != labels["org.fondation.digest"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert config["Entrypoint"][0] == PYTHON


@pytest.mark.parametrize("role", CHAIN)
def test_the_engine_is_a_label_and_no_other_is_inside(
    hosts: dict[str, Host], image_names: dict[str, str], role: str
) -> None:
    labels = inspect("image", "inspect", image_names[role])[0]["Config"]["Labels"]
    assert labels["org.fondation.engine"] == "static"
    assert not hosts[role].file("/opt/claude").exists


@pytest.mark.parametrize("role", FROM_AUTH)
def test_the_mode_of_authentication_is_a_label(image_names: dict[str, str], role: str) -> None:
    assert inspect("image", "inspect", image_names[role])[0]["Config"]["Labels"]["org.fondation.auth.mode"] == "none"


@pytest.mark.parametrize("role", EVERY)
def test_no_layer_has_a_credential_in_its_history(image_names: dict[str, str], role: str) -> None:
    image = json.dumps(inspect("image", "inspect", image_names[role]))
    assert "sk-ant" not in image
    assert "KEY=" not in image


def test_the_worker_image_is_small(image_names: dict[str, str]) -> None:
    assert inspect("image", "inspect", image_names["worker"])[0]["Size"] <= 220_000_000
