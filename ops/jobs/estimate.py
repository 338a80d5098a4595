"""What a course by a model would take, before it is asked for: counted by the stack's own CLI, without a network.

The repository goes into a container that has no credential, no network and no volume, and is removed afterwards.
"""

import json
import tempfile
from pathlib import Path
from typing import Final

from docker.errors import DockerException, ImageNotFound

from components.worker import DATA
from ops.context import Context
from ops.errors import NotFoundError, StackError
from ops.jobs import git
from ops.jobs.local_repositories import pack
from ops.jobs.submission import Submission, remote_of
from ops.machine.docker_objects import docker_client
from ops.machine.one_off import CONFINED
from ops.stack.stack import AUTH_IMAGE, Stack

_TIMEOUT_S: Final = 600
_INCOMING: Final = "estimate"
_MEMORY: Final = "2g"


def estimate(context: Context, request: Submission) -> None:
    """Say how many calls and tokens a course of a repository takes, and whether the stack allows as many.

    Raises:
        NotFoundError: The source is no repository, or the stack was never deployed.
        StackError: The stack writes without a model, or the repository cannot be analysed.
        DaemonError: Docker does not answer.
    """
    stack = Stack(context.folders, context.stack)
    if not stack.keys.runs_claude_code:
        raise StackError(
            f"courses of stack {context.stack} take no tokens that could be counted: its engine is not `claude`, or a"
            " CLI of your own asks the model"
        )
    image = stack.image_name(AUTH_IMAGE)
    if image is None:
        raise NotFoundError(f"stack {context.stack} has no images yet: `bin/fondation up --stack {context.stack}`")
    path = Path(request.source).expanduser()
    source = path if path.is_dir() else remote_of(request, stack.outputs().git_hosts).url
    with tempfile.TemporaryDirectory(prefix="fondation-estimate-") as temporary:
        bare = Path(temporary) / "repository"
        if path.is_dir():
            git.require_whole(path)
        git.bare_clone(source, bare, branch=request.branch)
        archive = Path(temporary) / "repository.tar"
        pack(bare, archive, _INCOMING)
        calls, tokens = _counted(image, archive)
    context.say(f"About {calls} calls and {tokens} tokens, sent and received together; asked again for nothing")
    limit = stack.keys.claude_tokens_max
    if limit is not None and tokens > limit:
        context.say(f"That is more than fondation:claudeTokensMax allows ({limit}): the job would be refused")


def _counted(image: str, archive: Path) -> tuple[int, int]:
    with docker_client("while the course was estimated", timeout_s=_TIMEOUT_S) as client:
        try:
            container = client.containers.create(
                image,
                ["--json", "--quiet", "estimate", f"{DATA}/{_INCOMING}/repository"],
                labels={"org.fondation.purpose": "estimate a course"},
                network_mode="none",
                mem_limit=_MEMORY,
                **CONFINED,
            )
            try:
                with archive.open("rb") as stream:
                    container.put_archive(DATA, stream)
                container.start()
                code = int(container.wait(timeout=_TIMEOUT_S)["StatusCode"])
                said = container.logs(stderr=False).decode(errors="replace").strip()
            finally:
                container.remove(force=True, v=True)
        except ImageNotFound as error:
            raise NotFoundError(f"image {image} is not on this machine: `bin/fondation up` builds it") from error
        except (DockerException, OSError) as error:
            raise StackError(f"the repository could not be counted: {type(error).__name__}: {error}") from error
    last = json.loads(said.splitlines()[-1]) if said else {}
    if code != 0:
        raise StackError(f"the repository could not be counted: {last.get('msg') or f'exit code {code}'}")
    return int(last["expected"]["calls"]), int(last["expected"]["tokens"])
