"""The proof that a credential works: one short prompt, asked by the authenticated image itself.

The credential goes into a container that was created and not started, as a file of its user with mode 0400; it is in no
argument, environment variable, label or log. The container is removed afterwards, whatever happened.
"""

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.errors import NotFound as NoSuchThing
from docker.models.containers import Container

from components.credential import PURPOSE
from components.image_layout import secret_folder, secret_path
from components.stack_names import StackNames
from course.credential import FILE_VARIABLE
from course.exit_codes import CREDENTIAL_CODES, ExitCode
from course.identity import USER_ID
from ops.errors import CredentialRefusedError, ModelBusyError, ModelError, NotFoundError
from ops.machine.command import bounded
from ops.machine.docker_objects import docker_client
from ops.machine.one_off import CONFINED

TIMEOUT_S: Final = 120
PROMPT: Final = "test"
FOLDER: Final = secret_folder(PURPOSE)
_MEMORY: Final = "1g"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks whom.

    Attributes:
        stack: Name of the stack; also of the container and, where it is deployed, of the network that asks.
        image: The authenticated image.
        base_url: Address of the model's service; None for Anthropic's own.
    """

    stack: str
    image: str
    base_url: str | None

    @property
    def container(self) -> str:
        """Name of the container: one per stack, so that what an interrupted run left is found and removed."""
        return StackNames(stack=self.stack).of("auth-verify")

    def environment(self, *, mounted: bool) -> dict[str, str]:
        """Return the container's environment: paths and addresses only. A mounted credential precedes a baked one."""
        variables = {"FONDATION_CLAUDE_BASE_URL": self.base_url} if self.base_url else {}
        return variables | ({FILE_VARIABLE: secret_path(PURPOSE)} if mounted else {})


def verify(question: Question, token: str | None) -> str:
    """Ask the model a few words with a credential; return the first line of its answer.

    Args:
        question: Who asks whom.
        token: The credential; None for one that is in the image.

    Raises:
        CredentialRefusedError: The service refuses the credential.
        ModelBusyError: The service takes no more requests for now.
        ModelError: The service does not answer.
        NotFoundError: The image is not on this machine.
        DaemonError: Docker does not answer.
    """
    with docker_client("while the credential was verified", timeout_s=TIMEOUT_S) as client:
        try:
            with _container(client, question, token) as container:
                container.start()
                code = int(container.wait(timeout=TIMEOUT_S)["StatusCode"])
                said = container.logs().decode(errors="replace").strip()
        except ImageNotFound as error:
            raise NotFoundError(
                f"image {question.image} is not on this machine: build it with `bin/fondation up --stack"
                f" {question.stack}`"
            ) from error
        except (DockerException, OSError) as error:  # a wait that takes too long comes as an OSError of its HTTP client
            raise ModelError(
                f"the authenticated image did not come to an answer within {TIMEOUT_S} s: {type(error).__name__}:"
                f" {error}"
            ) from error
    if code != 0:
        raise failure(code, said, question)
    return said.splitlines()[0][:200] if said else ""


def failure(code: int, said: str, question: Question) -> CredentialRefusedError | ModelError:
    """Return what an exit code of the CLI's `run` means; `said` is what it printed, which has no credential in it."""
    shown = "\n".join(f"  | {line}" for line in bounded(said).splitlines())
    service = question.base_url or "Anthropic's own service"
    if code in CREDENTIAL_CODES:
        return CredentialRefusedError(
            f"{service} refuses the credential: make a new one with `claude setup-token`, or a new API key, and"
            f" give it to `bin/fondation auth rotate`\n{shown}"
        )
    if code == ExitCode.RATE_LIMITED:
        return ModelBusyError(
            f"{service} takes no more requests with this credential for now: try again when its limit ends\n{shown}"
        )
    return ModelError(
        f"the model at {service} could not be asked (exit code {code}): check fondation:claudeBaseUrl, the network of"
        f" the containers and fondation:caBundle\n{shown}"
    )


def token_archive(token: str) -> bytes:
    """Return a tar archive with the credential as a file that the image's user alone may read."""
    content = token.encode("ascii")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        folder = tarfile.TarInfo(FOLDER.lstrip("/"))
        folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o500, USER_ID, USER_ID
        tar.addfile(folder)
        file = tarfile.TarInfo(secret_path(PURPOSE).lstrip("/"))
        file.size, file.mode, file.uid, file.gid = len(content), 0o400, USER_ID, USER_ID
        tar.addfile(file, io.BytesIO(content))
    return buffer.getvalue()


@contextmanager
def _container(client: docker.DockerClient, question: Question, token: str | None) -> Iterator[Container]:
    with suppress(NoSuchThing):
        client.containers.get(question.container).remove(force=True, v=True)
    container = client.containers.create(
        question.image,
        ["run", "-p", PROMPT],
        name=question.container,
        environment=question.environment(mounted=token is not None),
        labels={"org.fondation.purpose": "verify a credential"},
        network=_network(client, question.stack),
        tmpfs={"/tmp": "rw,nosuid,nodev,size=256m,mode=1777"},  # noqa: S108 - the container's own
        mem_limit=_MEMORY,
        **CONFINED,
    )
    try:
        if token is not None:
            container.put_archive("/", token_archive(token))
        yield container
    finally:
        with suppress(APIError):
            container.remove(force=True, v=True)


def _network(client: docker.DockerClient, stack: str) -> str:
    """Return the stack's network, from which the worker will ask; before the first deployment, Docker's own."""
    name = StackNames(stack=stack).of("network")
    return name if any(network.name == name for network in client.networks.list(names=[name])) else "bridge"
