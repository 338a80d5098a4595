"""Everything an operator command can end with.

OpsError
├── CommandError         a program that was started failed
├── OperatorNeededError  the operator has to do something that this user may not do
├── SpaceError           a disk is too full
├── DaemonError          no Docker daemon answers
├── DownloadError        a registry did not give what was asked, or gave something else
├── StackError           Pulumi, or what it deployed, is not as it should be
│   └── NotDeployedError the stack was not deployed yet
├── UnwellError          an examination found something to mend
├── RollbackError        a release cannot be applied again; nothing was touched
├── DriftError           what runs is not what was deployed
├── RevertedError        a release failed; the one before it runs again
├── NotRevertedError     a release failed, and what it left is still there
├── BusyError            another command is at work on the stack
├── InterruptedUpdateError  an update was killed and left the stack locked
├── NeighbourError       objects with the stack's names belong to another state
├── UnownedVolumeError   volumes with the stack's names belong to nobody any more
├── BackendError         the backend does not answer, or not as it should
│   └── RefusedError     one of its functions said no
├── CredentialError      the credential for Claude cannot be used; each cause has its own code
│   ├── CredentialMissingError    there is none
│   ├── CredentialMalformedError  it, or the file that it comes from, is not as it has to be
│   ├── CredentialRefusedError    the service refuses it
│   ├── CredentialExpiredError    its last day is over
│   └── CredentialExpiringError   its last day is near
├── ModelError           the model could not be asked
│   └── ModelBusyError            it takes no more requests for now
├── NotFoundError        a repository, job or course that was named does not exist
├── JobError             a job ended without a course
├── CheckError           a course has citations or links that do not resolve
├── ChangesError         a preview has changes where none were expected
└── AuditError           a stack breaks rules of the security benchmark

Each class has its own exit code, so that a script can tell them apart. 2 is click's for wrong usage.
"""

from collections.abc import Sequence
from typing import ClassVar


class OpsError(Exception):
    """Root of the package's errors; its message names the thing, the value and the remedy."""

    exit_code: ClassVar[int] = 1


class CommandError(OpsError):
    """A program failed; carries its argument list, its exit code and the bounded end of what it printed.

    `output` is all of its standard output, for callers that can read it; the message holds only the end.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, argv: Sequence[str], *, code: int | None, tail: str, remedy: str = "", output: str = "") -> None:
        self.argv = tuple(argv)
        self.code = code
        self.tail = tail
        self.output = output
        ended = f"ended with exit code {code}" if code is not None else "did not end in time and was stopped"
        lines = [f"{' '.join(self.argv[:8])}{' …' if len(self.argv) > 8 else ''} {ended}"]  # noqa: PLR2004 - readable
        lines += [f"  | {line}" for line in tail.splitlines()]
        if remedy:
            lines.append(remedy)
        super().__init__("\n".join(lines))


class OperatorNeededError(OpsError):
    """Something has to be done with more rights, or by hand; the message gives the exact command."""

    exit_code: ClassVar[int] = 4


class SpaceError(OpsError):
    """A disk has too little room for what comes next."""

    exit_code: ClassVar[int] = 5


class DaemonError(OpsError):
    """No Docker daemon answers, and none could be started."""

    exit_code: ClassVar[int] = 6


class DownloadError(OpsError):
    """A registry did not deliver, or what it delivered is not what the lock says."""

    exit_code: ClassVar[int] = 7


class StackError(OpsError):
    """Pulumi failed, or what it deployed does not answer."""

    exit_code: ClassVar[int] = 8


class NotDeployedError(StackError):
    """The stack was not deployed yet, or not to its end."""

    exit_code: ClassVar[int] = 26


class UnwellError(OpsError):
    """An examination found something to mend."""

    exit_code: ClassVar[int] = 25


class RollbackError(OpsError):
    """A release cannot be applied again; found before anything was touched."""

    exit_code: ClassVar[int] = 14


class DriftError(OpsError):
    """What the daemon has is not what was deployed."""

    exit_code: ClassVar[int] = 40


class RevertedError(OpsError):
    """A release failed; the one before it was applied again and runs."""

    exit_code: ClassVar[int] = 41


class NotRevertedError(OpsError):
    """A release failed and was not taken back: there was none before it, it was asked to stay, or going back failed."""

    exit_code: ClassVar[int] = 42


class BusyError(OpsError):
    """Another command holds the stack's lock."""

    exit_code: ClassVar[int] = 43


class InterruptedUpdateError(OpsError):
    """An update was killed: its lock is still there and its process is not."""

    exit_code: ClassVar[int] = 44


class NeighbourError(OpsError):
    """Objects with the stack's names belong to another state; nothing was touched."""

    exit_code: ClassVar[int] = 45


class UnownedVolumeError(OpsError):
    """Volumes with the stack's names are there, and no state has them; nothing was touched."""

    exit_code: ClassVar[int] = 46


class BackendError(OpsError):
    """The backend does not answer, or not as it should."""

    exit_code: ClassVar[int] = 9


class RefusedError(BackendError):
    """A function of the backend ran and said no."""

    exit_code: ClassVar[int] = 13


class FunctionsError(BackendError):
    """The deployment has no functions, older or newer ones, or another project's."""

    exit_code: ClassVar[int] = 47


class NotFoundError(OpsError):
    """What was named does not exist."""

    exit_code: ClassVar[int] = 10


class JobError(OpsError):
    """A job ended without a course."""

    exit_code: ClassVar[int] = 11


class CheckError(OpsError):
    """A course cites or links something that does not resolve."""

    exit_code: ClassVar[int] = 12


class ChangesError(OpsError):
    """A preview has changes where none were expected."""

    exit_code: ClassVar[int] = 20


class CredentialError(OpsError):
    """The credential for Claude cannot be used; messages never show it."""

    exit_code: ClassVar[int] = 30


class CredentialMissingError(CredentialError):
    """No credential is configured."""

    exit_code: ClassVar[int] = 31


class CredentialMalformedError(CredentialError):
    """What was given is no credential, or others may read the file that holds it."""

    exit_code: ClassVar[int] = 32


class CredentialRefusedError(CredentialError):
    """The model's service answered that it does not accept the credential."""

    exit_code: ClassVar[int] = 33


class CredentialExpiredError(CredentialError):
    """The credential's recorded last day is over."""

    exit_code: ClassVar[int] = 34


class CredentialExpiringError(CredentialError):
    """The credential is good for a few more days only."""

    exit_code: ClassVar[int] = 35


class ModelError(OpsError):
    """The model could not be asked: its service does not answer, or the image has no model engine."""

    exit_code: ClassVar[int] = 36


class ModelBusyError(ModelError):
    """The service takes no more requests for now; that says nothing about the credential."""

    exit_code: ClassVar[int] = 37


class AuditError(OpsError):
    """An image or a container of a stack breaks a rule of the security benchmark."""

    exit_code: ClassVar[int] = 21
