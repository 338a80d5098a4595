"""The worker's errors, split by what the caller does about them.

WorkerError
  RefuseToStartError        exit: the operator mends the cause
    ConfigurationError      78
    StartupError            69
  UnfinishedDrainError      75: a job could not be handed back
  JobError                  ends one job
    TryAgainError           the job goes back to the queue and one attempt is spent
    PermanentError          the job fails and its text tells the user why
    CredentialError         the job goes back unspent; claiming pauses until a credential is accepted
      RateLimitedError      the same, until the limit ends
    StopError               nothing is written: the job is no longer ours
      LeaseLostError
      JobCanceledError
  BackendError              a call to the backend did not succeed
    UnreachableError        try again with back-off
    KeyRefusedError         pause claiming until the key is accepted
    CallRefusedError        the backend answered with an error
      FunctionMissingError  an older deployment lacks the function
"""

from typing import ClassVar


class WorkerError(Exception):
    """Root of the worker's errors; its text names the thing, the value and the remedy."""

    exit_code: ClassVar[int] = 70


class RefuseToStartError(WorkerError):
    """The worker cannot start."""


class ConfigurationError(RefuseToStartError):
    """Settings that are missing or wrong; `problems` has one line for each."""

    exit_code: ClassVar[int] = 78

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StartupError(RefuseToStartError):
    """The machine refuses something the worker needs: a port, a folder."""

    exit_code: ClassVar[int] = 69


class UnfinishedDrainError(WorkerError):
    """The worker stopped while a job could not be handed back; the job's lease has to run out."""

    exit_code: ClassVar[int] = 75


class JobError(WorkerError):
    """Ends one job."""


class TryAgainError(JobError):
    """The cause may pass: the job goes back to the queue, one attempt is spent."""


class PermanentError(JobError):
    """The cause stays: the job fails at once and the user is told why."""


class CredentialError(JobError):
    """The model refuses the credential; the job is not to blame."""


class RateLimitedError(CredentialError):
    """The model takes no more requests for now; `retry_after_s` is when it may again."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StopError(JobError):
    """The job is no longer ours: stop and write nothing."""


class LeaseLostError(StopError):
    """Another worker may hold the job."""


class JobCanceledError(StopError):
    """Somebody canceled the job, or it ended in another way."""


class BackendError(WorkerError):
    """A call to the backend did not succeed."""


class UnreachableError(BackendError):
    """No answer, or none that came from the backend itself."""


class KeyRefusedError(BackendError):
    """The backend does not accept our key."""


class CallRefusedError(BackendError):
    """The backend ran the function and it failed; `code` is the error's machine-readable code, if it has one."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class FunctionMissingError(CallRefusedError):
    """The deployment does not have the function."""
