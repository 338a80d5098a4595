"""The secrets of a stack: what there are, where each is delivered, and who may read it.

Declares them as files on volumes; `components/swarm_secret.py` declares the same as a swarm's secrets. What a secret
holds and when it changes is the configuration's part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from components.configuration import StackConfiguration
from components.credential import PURPOSE, expiry_text
from components.secret_file import SecretFile, SecretFileArgs
from components.volume import Volumes
from course.credential import EXPIRY_FILE, FILE_VARIABLE
from course.git_credentials import FILE_VARIABLE as GIT_FILE_VARIABLE
from course.git_credentials import dump_git_credentials, parse_git_credentials

BACKEND_KEY: Final = "FONDATION_BACKEND_KEY_FILE"
WEB_TOKEN: Final = "FONDATION_TOKEN_FILE"  # noqa: S105 - the variable that holds a path

SecretPlan = Mapping[str, SecretFileArgs]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSecrets:
    """What each service reads, by the environment variable that holds the secret's path.

    Attributes:
        shared: Read once by every service.
        web: Read once by the web page alone.
        worker: Read by the worker alone and at every use, so that a rotation reaches it without replacing it.
    """

    shared: SecretPlan
    web: SecretPlan
    worker: SecretPlan


def plan_secrets(
    configuration: StackConfiguration, volumes: Volumes, *, backend_key: str, courier_image: str
) -> StackSecrets:
    """Return the secrets that a configuration asks for.

    Args:
        configuration: The stack's configuration.
        volumes: The stack's volumes.
        backend_key: Key that writing to the backend takes.
        courier_image: The OS base; see `SecretFileArgs`.
    """

    def secret(purpose: str, content: str, notes: Mapping[str, str] | None = None) -> SecretFileArgs:
        return SecretFileArgs(
            volumes=volumes,
            purpose=purpose,
            content=content,
            courier_image=courier_image,
            notes=notes or {},
        )

    web: dict[str, SecretFileArgs] = {}
    if configuration.web_token is not None:
        web[WEB_TOKEN] = secret("web-token", configuration.web_token.get_secret_value())
    worker: dict[str, SecretFileArgs] = {}
    if configuration.auth_mode.is_delivered and configuration.claude_token is not None:
        notes = {EXPIRY_FILE: expiry_text(configuration.claude_token_expires)}
        worker[FILE_VARIABLE] = secret(PURPOSE, configuration.claude_token.get_secret_value(), notes)
    if configuration.git_credentials is not None:
        given = parse_git_credentials(configuration.git_credentials.get_secret_value())
        worker[GIT_FILE_VARIABLE] = secret("git-credentials", dump_git_credentials(given))
    return StackSecrets(shared={BACKEND_KEY: secret("backend-key", backend_key)}, web=web, worker=worker)


def secret_files(plan: SecretPlan) -> Mapping[str, SecretFile]:
    """Declare secrets as files on volumes."""
    return {variable: SecretFile(args.purpose, args) for variable, args in plan.items()}
