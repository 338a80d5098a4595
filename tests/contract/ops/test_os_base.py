"""The OS base as the daemon has it: what images rely on, and what must not be there."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
import testinfra
from testinfra.host import Host

from components.machine import machine_folders
from components.wheelhouse import wheel_dir
from ops.machine.facts import this_machine
from ops.machine.os_base import ensure_os_base

ROOT = Path(__file__).resolve().parents[3]
LIMIT_BYTES = 130_000_000


@pytest.fixture(scope="module")
def base(os_image: str) -> Iterator[Host]:
    client = docker.from_env()
    pip = wheel_dir(machine_folders(ROOT).cache, (ROOT / "requirements" / "pip.txt").read_text())
    container = client.containers.run(
        os_image,
        ["sleep", "300"],
        init=True,
        detach=True,
        network_mode="none",
        volumes={str(pip): {"bind": "/wheels", "mode": "ro"}},
        labels={"org.fondation.test": "os-base"},
    )
    try:
        yield testinfra.get_host(f"docker://{container.id}")
    finally:
        container.remove(force=True)
        client.close()


def test_it_is_small_and_one_layer(os_image: str) -> None:
    client = docker.from_env()
    attributes = client.images.get(os_image).attrs
    client.close()
    assert attributes["Size"] <= LIMIT_BYTES
    assert len(attributes["RootFS"]["Layers"]) == 1
    assert attributes["Config"]["Labels"]["org.opencontainers.image.title"] == "fondation-os"


def test_it_is_found_again(tmp_path: Path) -> None:
    said = ensure_os_base(ROOT, machine=this_machine(), cache=tmp_path, note=print)
    assert "is there" in said
    assert list(tmp_path.iterdir()) == []


def test_it_is_debian_12_with_its_python(base: Host) -> None:
    assert base.check_output("sed -n 's/^VERSION_ID=//p' /etc/os-release") == '"12"'
    assert base.check_output("python3 --version").startswith("Python 3.11.")


@pytest.mark.parametrize(
    "module", ["asyncio", "bz2", "ctypes", "curses", "lzma", "sqlite3", "ssl", "unittest", "uuid", "venv", "zoneinfo"]
)
def test_the_standard_library_works(module: str, base: Host) -> None:
    assert base.run("python3 -c 'import %s'", module).rc == 0


def test_every_library_that_a_program_needs_is_there(base: Host) -> None:
    script = (
        "for file in $(find /usr/bin /usr/sbin /usr/lib -type f ! -name '*.py' ! -name '*.pyc' -size +3k); do"
        ' /lib64/ld-linux-x86-64.so.2 --list "$file" 2>/dev/null | grep "not found" && echo "$file"; done; true'
        if base.run("test -e /lib64/ld-linux-x86-64.so.2").rc == 0
        else "for file in /usr/bin/* /usr/lib/git-core/* /usr/lib/python3.11/lib-dynload/*.so; do"
        ' /lib/ld-linux-aarch64.so.1 --list "$file" 2>/dev/null | grep "not found" && echo "$file"; done; true'
    )
    assert base.check_output("sh -c %s", script) == ""


def test_git_clones_and_reads_commits(base: Host) -> None:
    script = """
        set -e; cd "$(mktemp -d)"; export HOME=$PWD
        git init -q -b main from; cd from; echo hello > file; git add file
        git -c user.name=t -c user.email=t@example.org commit -q -m first; cd ..
        git clone -q --depth 1 "file://$PWD/from" to
        git -C to ls-files; git -C to cat-file -t HEAD; git -C to cat-file blob HEAD:file; git -C to rev-parse HEAD
    """
    lines = base.check_output("sh -c %s", script).splitlines()
    assert lines[:3] == ["file", "commit", "hello"]
    assert len(lines[3]) == 40


def test_git_speaks_https(base: Host) -> None:
    done = base.run("git ls-remote https://nothing.invalid/x.git")
    assert "Could not resolve host" in done.stderr
    assert "remote helper" not in done.stderr


def test_python_and_git_trust_the_same_file(base: Host) -> None:
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    assert base.file(bundle).size > 100_000
    assert base.file("/usr/lib/ssl/cert.pem").linked_to == bundle
    count = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"
    assert int(base.check_output("python3 -c %s", count)) > 100


def test_an_environment_for_packages_can_be_made_without_network(base: Host) -> None:
    script = """
        set -e; python3 -m venv --without-pip --symlinks /tmp/venv
        set -- /wheels/pip-*.whl
        /tmp/venv/bin/python "$1/pip" install -q --no-index --no-cache-dir "$1"
        /tmp/venv/bin/python -m pip --version
    """
    assert "/tmp/venv/lib/python3.11/site-packages/pip" in base.check_output("sh -c %s", script)


def test_the_user_of_the_containers_cannot_log_in(base: Host) -> None:
    user = base.user("fondation")
    assert (user.uid, user.gid, user.home, user.shell) == (
        10001,
        10001,
        "/var/lib/fondation",
        "/usr/sbin/nologin",
    )
    for folder in ("/var/lib/fondation", "/srv/repositories"):
        assert (base.file(folder).uid, base.file(folder).gid, base.file(folder).mode) == (10001, 10001, 0o755)


@pytest.mark.parametrize("name", ["perl", "bash", "apt-get", "dpkg", "gcc", "openssl", "su", "mount", "passwd", "pip"])
def test_what_no_container_needs_is_not_there(name: str, base: Host) -> None:
    assert base.run("sh -c %s", f"command -v {name}").rc != 0


def test_nothing_gains_rights_by_being_started(base: Host) -> None:
    everything = testinfra.get_host(f"docker://root@{base.backend.name}")
    assert everything.check_output("find / -xdev -type f -perm /6000") == ""


def test_the_record_of_packages_names_what_is_there_and_licences_travel_with_it(base: Host) -> None:
    """A scanner reads /var/lib/dpkg/status."""
    packages = base.check_output("sed -n 's/^Package: //p' /var/lib/dpkg/status").split()
    assert {"git", "libc6", "python3.11-minimal", "ca-certificates"} <= set(packages)
    assert not {"perl-base", "apt", "dpkg", "openssl"} & set(packages)
    script = 'for name; do test -e "/usr/share/doc/$name/copyright" || echo "$name"; done'
    assert base.check_output("sh -c %s sh " + " ".join(packages), script) == ""
