"""A production stack, deployed. Its backend is a process on this machine behind an https address, like a remote one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.https_endpoint import authority_file, https_endpoint
from tests.private_git import PrivateHost, private_host
from tests.processes.backend import running_backend
from tests.processes.worker import Submissions
from tests.trial import Trial, bridge_address, new_trial

KEY = "c4nary-backend-key-0123456789"
TOKEN = "c4nary-web-token-0123456789"
GIT_ACCOUNT = "reader:c4nary-git-token-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """The stack, its backend as a program with the key sees it, and a host of private repositories below `/acme`."""

    trial: Trial
    backend: Submissions
    web_url: str
    git: PrivateHost


@contextmanager
def deployed_production(folder: Path) -> Iterator[Production]:
    """Deploy the stack for the length of the block."""
    with (
        running_backend(folder, key=KEY) as url,
        https_endpoint(folder, address=bridge_address(), target_port=int(url.rpartition(":")[2])) as public_url,
        private_host(_made(folder / "git"), _made(folder / "own"), GIT_ACCOUNT, address=bridge_address()) as git,
    ):
        trial = new_trial(
            folder,
            environment="production",
            localRepositories="false",
            convexUrl=public_url,
            caBundle=str(authority_file(folder)),
        )
        trial.init()
        user, _, token = GIT_ACCOUNT.partition(":")
        private = json.dumps({f"{git.url.removeprefix('https://')}/acme": {"user": user, "token": token}})
        for name, value in (("backendKey", KEY), ("webToken", TOKEN), ("gitCredentials", private)):
            trial.pulumi("config", "set", "--secret", f"fondation:{name}", stdin=value)
        try:
            trial.up()
            web_url = f"http://127.0.0.1:{trial.configuration['webPort']}"
            yield Production(trial=trial, backend=Submissions(url, KEY), web_url=web_url, git=git)
        finally:
            trial.destroy()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
