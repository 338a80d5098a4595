"""What an image holds, asked of a container that runs it."""

import re

from tests.images.inside import CHAIN, IMAGES, Case, Inside, problem

PYTHON = "/opt/fondation/venv/bin/python"
CLI = "/opt/fondation/cli/dist/cli.bundled.pyz"
TOOLS = ("pip", "pip3", "gcc", "cc", "make", "apt-get", "dpkg", "curl", "wget", "ssh", "sudo", "su", "perl", "nc")
LEFTOVERS = ("/build", "/root/.cache", "/var/cache/apt/archives", "/var/lib/apt/lists", "/tmp/os")
CREDENTIALS = re.compile(r"/(\.netrc|\.git-credentials|\.npmrc|\.pypirc|id_(rsa|ed25519)|\.credentials\.json)$")
INJECTIONS = {"LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONSTARTUP", "PYTHONINSPECT", "GIT_SSH_COMMAND", "BASH_ENV", "ENV"}
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SET_ID = 0o6000
_STICKY = 0o1000


def _user(seen: Inside) -> str | None:
    found = seen.host.user().name
    return None if found == "fondation" else f"runs as {found}"


def _groups(seen: Inside) -> str | None:
    found = seen.host.check_output("id -G")
    return None if found == "10001" else f"groups are {found}"


def _shell(seen: Inside) -> str | None:
    found = seen.host.user("fondation").shell
    return None if found == "/usr/sbin/nologin" else f"fondation logs in with {found}"


def _accounts(seen: Inside) -> str | None:
    files = ("/etc/passwd", "/etc/group")
    return problem([entry.path for entry in seen.paths if entry.path in files and entry.mode != "644"], "mode")


def _passwords(seen: Inside) -> str | None:
    rows = seen.host.file("/etc/passwd").content_string.splitlines()
    return problem([row for row in rows if row.split(":")[1] not in {"*", "x"}], "no locked password")


def _tools(seen: Inside) -> str | None:
    # Debian's shell looks at the first name only.
    found = seen.host.run(f"for tool in {' '.join(TOOLS)}; do command -v $tool; done").stdout
    return problem(found.split(), "tools")


def _installer(seen: Inside) -> str | None:
    done = seen.host.run(f"{PYTHON} -c 'import pip'")
    return None if "No module named 'pip'" in done.stderr else "Python can import pip"


def _setuid(seen: Inside) -> str | None:
    found = [entry.path for entry in seen.paths if entry.type == "f" and int(entry.mode, 8) & _SET_ID]
    return problem(found, "set-id files")


def _leftovers(seen: Inside) -> str | None:
    return problem([entry.path for entry in seen.paths if entry.path in LEFTOVERS], "leftovers")


def _foreign_code(seen: Inside) -> str | None:
    below = [entry for entry in seen.paths if entry.path.startswith("/opt/") and entry.type != "l"]
    return problem([entry.path for entry in below if entry.owner == "fondation" or int(entry.mode, 8) & 0o022], "own")


def _others_write(seen: Inside) -> str | None:
    found = [entry for entry in seen.paths if entry.type in "fd" and int(entry.mode, 8) & 0o002]
    return problem([entry.path for entry in found if not int(entry.mode, 8) & _STICKY], "others may write")


def _credentials(seen: Inside) -> str | None:
    return problem([entry.path for entry in seen.paths if CREDENTIALS.search(entry.path)], "credentials")


def _repository(seen: Inside) -> str | None:
    return problem([entry.path for entry in seen.paths if entry.path.endswith("/.git")], "repositories")


def _special(seen: Inside) -> str | None:
    found = [entry for entry in seen.paths if entry.type in "bcps" and not entry.path.startswith(("/dev/", "/proc/"))]
    return problem([entry.path for entry in found], "special files")


def _certificates(seen: Inside) -> str | None:
    size = seen.host.file("/etc/ssl/certs/ca-certificates.crt").size
    return None if size > 100_000 else f"the public certificates have {size} bytes"


def _package_records(seen: Inside) -> str | None:
    listed = seen.host.run("grep -c '^Status: install ok installed' /var/lib/dpkg/status").stdout.strip() or "no"
    return None if listed.isdigit() and int(listed) > 20 else f"{listed} packages are recorded"


def _licences(seen: Inside) -> str | None:
    return None if seen.host.file("/usr/share/doc/git/copyright").exists else "git's licence is missing"


def _system(seen: Inside) -> str | None:
    info = seen.host.system_info
    return None if (info.distribution, info.codename) == ("debian", "bookworm") else f"it is {info.codename}"


def _search_path(seen: Inside) -> str | None:
    found = seen.variables.get("PATH", "")
    return None if found == SEARCH_PATH else f"PATH is {found}"


def _injection(seen: Inside) -> str | None:
    return problem(sorted(INJECTIONS & set(seen.variables)), "variables")


def _secret_variable(seen: Inside) -> str | None:
    suspects = [name for name in seen.variables if re.search("KEY|TOKEN|SECRET|PASSWORD", name)]
    return problem([name for name in suspects if not name.endswith("_FILE")], "variables")


def _cli(seen: Inside) -> str | None:
    done = seen.host.run(f"{PYTHON} {CLI} --help")
    return None if done.rc == 0 and "analyze" in done.stdout else f"--help exits {done.rc}"


def _git(seen: Inside) -> str | None:
    done = seen.host.run("test -x $(git --exec-path)/git-remote-https")
    return None if done.rc == 0 else "git has no https"


def _contract(seen: Inside) -> str | None:
    done = seen.host.run(f"{PYTHON} /opt/fondation/auth/preflight.py")
    holds = done.stdout.strip() == "preflight: mode none: no credential needed, none within reach"
    return None if holds else (done.stdout + done.stderr).strip()


def _packages(seen: Inside) -> str | None:
    found = set(seen.host.check_output("ls /opt/fondation/app").split())
    expected = {"course", "worker"} if seen.role == "worker" else {"backend", "course", "web"}
    return problem(sorted(found ^ expected), "packages")


def _no_model(seen: Inside) -> str | None:
    return "Claude Code is inside" if seen.host.file("/opt/claude").exists else None


IMAGE_CASES = (
    Case(name="user", says="the process is fondation's", look=_user, roles=IMAGES),
    Case(name="groups", says="the process is in its own group alone", look=_groups, roles=IMAGES),
    Case(name="shell", says="nobody logs in as fondation", look=_shell, roles=IMAGES),
    Case(name="accounts", says="accounts are root's to change", look=_accounts, roles=IMAGES),
    Case(name="passwords", says="no account without a locked password", look=_passwords, roles=IMAGES),
    Case(name="tools", says="no tool that it does not need", look=_tools, roles=IMAGES),
    Case(name="installer", says="no pip for its Python", look=_installer, roles=IMAGES),
    Case(name="setuid", says="no file lends its owner's rights", look=_setuid, roles=IMAGES),
    Case(name="leftovers", says="no cache, nothing of the build", look=_leftovers, roles=IMAGES),
    Case(name="foreign-code", says="the code belongs to root", look=_foreign_code, roles=IMAGES),
    Case(name="others-write", says="nothing is everybody's to write", look=_others_write, roles=IMAGES),
    Case(name="credential-files", says="no file that holds a login", look=_credentials, roles=IMAGES),
    Case(name="repository", says="no repository", look=_repository, roles=IMAGES),
    Case(name="special-files", says="no device, pipe or socket", look=_special, roles=IMAGES),
    Case(name="certificates", says="public certificates", look=_certificates, roles=IMAGES),
    Case(name="package-records", says="records of its packages", look=_package_records, roles=IMAGES),
    Case(name="licences", says="licences of its packages", look=_licences, roles=IMAGES),
    Case(name="system", says="Debian 12", look=_system, roles=IMAGES),
    Case(name="search-path", says="programs are found in root's folders", look=_search_path, roles=IMAGES),
    Case(name="injection", says="no variable that loads code", look=_injection, roles=IMAGES),
    Case(name="secret-variable", says="no variable that holds a secret", look=_secret_variable, roles=IMAGES),
    Case(name="cli", says="the CLI answers", look=_cli, roles=CHAIN),
    Case(name="git-https", says="git speaks https", look=_git, roles=CHAIN),
    Case(name="contract", says="the credential contract holds", look=_contract, roles=("auth", "worker")),
    Case(name="packages", says="its own packages alone", look=_packages, roles=("worker", "web")),
    Case(name="no-model", says="no Claude Code in a static image", look=_no_model, roles=CHAIN),
)
