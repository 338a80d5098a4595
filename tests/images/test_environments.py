"""Development and production, deployed and running: the same cases inside of both, and what only production refuses.

Every case has a mutant, a container that it fails in.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping

import httpx
import pytest
import testinfra
from testinfra.host import Host

from tests.canary import secrets_in
from tests.images.cases import CASES
from tests.images.container_cases import KEY_FOLDER, TOKEN_FOLDER
from tests.images.image_cases import PYTHON
from tests.images.inside import CALLERS, DEVELOPMENT, PRODUCTION, Case, Inside, cells, roles_of
from tests.images.inside_mutants import MUTANTS, Mutant
from tests.images.inside_mutation import Models, running_mutants
from tests.images.production import GIT_ACCOUNT, KEY, TOKEN, Production, deployed_production
from tests.trial import Trial, bridge_address, docker, inspect, names_of

REFUSED = ("file:///srv/repositories/sums.git", "http://example.com/owner/sums.git")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """None of the tests leaves it changed."""
    with deployed_production(tmp_path_factory.mktemp("production")) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def containers(stack: Trial, hosts: Mapping[str, Host], production: Production) -> Mapping[str, Mapping[str, Inside]]:
    """Everything that runs, by environment and role."""
    key = (stack.home / "keys" / "backend.key").read_text().strip()
    development = {
        role: Inside(host, role=role, environment=DEVELOPMENT, secrets={f"{KEY_FOLDER}/value": key})
        for role, host in hosts.items()
    }
    secrets = {"worker": {f"{KEY_FOLDER}/value": KEY}}
    secrets["web"] = {**secrets["worker"], f"{TOKEN_FOLDER}/value": TOKEN}
    return {
        DEVELOPMENT: development,
        PRODUCTION: {
            role: Inside(
                testinfra.get_host(f"docker://{production.trial.container(role)}"),
                role=role,
                environment=PRODUCTION,
                secrets=secrets[role],
            )
            for role in CALLERS
        },
    }


@pytest.fixture(scope="module")
def mutants(stack: Trial) -> Iterator[Mapping[str, Inside]]:
    models = Models(
        worker=docker("inspect", "--format", "{{.Image}}", stack.container("worker")).strip(),
        server=docker("inspect", "--format", "{{.Image}}", stack.container("web")).strip(),
        network=stack.container("network"),
        backend=stack.container("backend"),
        key=stack.container("backend-key"),
        name=f"fondation-{stack.name}-inside",
    )
    with running_mutants(models) as running:
        yield running


@pytest.mark.parametrize(
    ("environment", "case"),
    [pytest.param(environment, case, id=f"{environment}-{case.name}") for environment, case in cells(CASES)],
)
def test_it_holds_inside(containers: Mapping[str, Mapping[str, Inside]], environment: str, case: Case) -> None:
    found = {role: case.look(containers[environment][role]) for role in roles_of(case, environment)}
    assert found
    assert {role: problem for role, problem in found.items() if problem is not None} == {}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.case)
def test_a_mutant_is_seen(mutants: Mapping[str, Inside], mutant: Mutant) -> None:
    [case] = [case for case in CASES if case.name == mutant.case]
    assert mutant.says in (case.look(mutants[mutant.container]) or "nothing")


@pytest.mark.parametrize("role", ["auth", "worker"])
def test_a_stray_api_key_breaks_the_contract_without_being_shown(hosts: Mapping[str, Host], role: str) -> None:
    done = hosts[role].run(f"ANTHROPIC_API_KEY=sk-canary {PYTHON} /opt/fondation/auth/preflight.py")
    assert done.rc == 1
    assert "ANTHROPIC_API_KEY is set" in done.stderr
    assert "sk-canary" not in done.stderr + done.stdout


def test_production_is_a_worker_and_a_page_that_only_this_machine_reaches(production: Production) -> None:
    trial = production.trial
    prefix = f"fondation-{trial.name}-"
    parts = {name.removeprefix(prefix) for name in names_of(("ps", "--all"), prefix)}
    assert parts == {"worker", "web", "backend-key", "web-token", "git-credentials"}
    published = {}
    for role in CALLERS:
        found = inspect("inspect", trial.container(role))[0]
        assert found["State"]["Health"]["Status"] == "healthy"
        published[role] = [item for items in found["NetworkSettings"]["Ports"].values() for item in items or []]
    port = trial.configuration["webPort"]
    assert published == {"worker": [], "web": [{"HostIp": "127.0.0.1", "HostPort": port}]}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{bridge_address()}:{port}/health", trust_env=False)


def test_the_page_wants_the_token_and_https_repositories(production: Production) -> None:
    with httpx.Client(base_url=production.web_url, trust_env=False) as visitor:
        for path in ("/", "/jobs/nothing", "/courses/nothing/"):
            answer = visitor.get(path)
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path
        for given, status in (("wrong-token-0123456789", 403), (TOKEN, 303)):
            assert (
                visitor.post("/sign-in", data={"form-token": form_token(visitor), "token": given}).status_code == status
            )
        home = visitor.get("/")
        assert home.status_code == 200
        for url in REFUSED:
            answer = visitor.post("/jobs", data={"form-token": form_token(visitor, "/"), "url": url})
            assert answer.status_code == 422
            assert "https" in answer.text


def form_token(visitor: httpx.Client, path: str = "/sign-in") -> str:
    found = re.search(r'name="form-token" value="(\w+)"', visitor.get(path).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("url", REFUSED)
def test_the_worker_refuses_what_came_past_the_page(production: Production, url: str) -> None:
    job = production.backend.submit(url)
    failed = production.backend.until(job, "failed", "done")
    assert failed["status"] == "failed"
    assert "https" in failed["lastError"]


def test_a_private_repository_is_read_and_its_token_rotated_without_a_restart(production: Production) -> None:
    trial, host = production.trial, production.git
    place = f"{host.url.removeprefix('https://')}/acme"
    source = host.folder / "acme" / "sums.git"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(source.parent / "work")], check=True)
    (source.parent / "work" / "sums.py").write_text('def add(a, b):\n    """Return the sum."""\n    return a + b\n')
    git = ["git", "-C", str(source.parent / "work"), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    clone = ["clone", "--quiet", "--bare", ".", str(source)]
    for command in (["add", "."], ["commit", "--quiet", "--message", "one"], clone):
        subprocess.run([*git, *command], check=True)
    with httpx.Client(base_url=production.web_url, trust_env=False) as visitor:
        visitor.post("/sign-in", data={"form-token": form_token(visitor), "token": TOKEN})
        assert f"A private repository below: {place}" in visitor.get("/").text
        sent = visitor.post(
            "/jobs", data={"form-token": form_token(visitor, "/"), "url": f"{host.url}/acme/sums.git", "language": "en"}
        )
    assert sent.status_code == 303, sent.text
    production.backend.until(sent.headers["location"].rpartition("/")[2], "completed", timeout_s=60)
    before = trial.containers()
    _, _, token = GIT_ACCOUNT.partition(":")
    host.accounts = {f"reader:{token}-2"}
    failed = production.backend.until(production.backend.submit(f"{host.url}/acme/sums.git"), "failed", timeout_s=60)
    assert f"refuses the token for {place}: it is wrong, expired or revoked" in failed["error"]
    login = trial.run(
        *("bin/fondation", "git", "login", place, "--user", "reader", "--stdin", "--stack", trial.name),
        stdin=f"{token}-2\n",
    )
    assert "replaced: " in login.stdout
    trial.up()
    production.backend.until(production.backend.submit(f"{host.url}/acme/sums.git"), "completed", timeout_s=60)
    after = trial.containers()
    assert {role for role in after if after[role] != before[role]} == {"git-credentials"}
    listed = trial.fondation("git", "status").stdout
    assert f"{place}  as reader" in listed
    assert token not in login.stdout + listed


def test_no_secret_of_production_is_shown(production: Production) -> None:
    trial = production.trial
    places = {
        "state": trial.pulumi("stack", "export").stdout,
        "stack file": (trial.checkout / f"Pulumi.{trial.name}.yaml").read_text(),
    }
    for name in names_of(("ps", "--all"), f"fondation-{trial.name}-"):
        logs = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
        places[name] = docker("inspect", name) + logs.stdout + logs.stderr
    for image in set(docker("images", "--quiet", "--filter", f"reference={trial.namespace}*").split()):
        places[image] = docker("image", "inspect", image) + docker("history", "--no-trunc", image)
    assert len(places) == 2 + 5 + 4
    secrets = {"key": KEY, "token": TOKEN, "git token": GIT_ACCOUNT.partition(":")[2]}
    assert {place: found for place, text in places.items() if (found := secrets_in(text, secrets))} == {}


def test_the_audit_passes_in_production(production: Production) -> None:
    printed = production.trial.fondation("audit", "--json").stdout
    audit = json.loads(printed[printed.index("{\n") : printed.rindex("\n}") + 2])
    assert audit["passed"] is True
    assert [finding for finding in audit["findings"] if finding["verdict"] == "fail"] == []
    containers = {finding["subject"] for finding in audit["findings"] if finding["subject"].startswith("container ")}
    couriers = ("backend-key-courier", "git-credentials-courier", "web-token-courier")
    assert containers == {f"container {role}" for role in (*couriers, "web", "worker")}
