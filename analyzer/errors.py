"""The analyzer's errors, split by what the caller does about them.

    AnalyzerError                   1  a fault of ours
    ├── UsageError                  2  the command line is wrong
    ├── NothingToAnalyseError       3  the repository holds no text to explain
    ├── UnreadableInputError        4  the repository cannot be read
    ├── OutputNotWritableError      5  the course folder cannot be written
    ├── NoModelEngineError          6  a model is asked for and none is configured
    ├── CheckFailedError            7  the course that was written does not hold what it promises
    ├── ModelUnavailableError      10  the model gave no answer: down, out of reach, too slow, or cut off
    │   ├── AuthenticationError     8  the service refuses the credential
    │   ├── RateLimitedError        9  the service takes no more requests until a time that it names
    │   ├── PaymentError           12  the service wants to be paid otherwise than the credential allows
    │   ├── RefusalError           13  the model declines to answer this prompt
    │   ├── CutAnswerError         14  the answer is longer than the service gives, also when asked to go on
    │   └── ModelChangedError      15  another model answered than the one that was asked
    ├── CredentialConfigError      11  the credential is missing, malformed, exposed, or beside a stray one
    └── RunInterruptedError       130  SIGINT; SIGTERM gives 143

Messages name the thing, the value and the remedy. Exit codes are unique; `RunInterruptedError` carries its own.
"""

from typing import ClassVar

from course.exit_codes import ExitCode


class AnalyzerError(Exception):
    """Root of the tree; also what an unexpected fault is reported as."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class UsageError(AnalyzerError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = ExitCode.USAGE
    code = "usage"


class NothingToAnalyseError(AnalyzerError):
    """The repository has no commit, or no text file that a course could explain."""

    exit_code = ExitCode.NOTHING_TO_ANALYSE
    code = "nothing-to-analyse"


class UnreadableInputError(AnalyzerError):
    """The path does not exist, is not a directory, or git cannot read it."""

    exit_code = ExitCode.UNREADABLE_INPUT
    code = "unreadable-input"


class OutputNotWritableError(AnalyzerError):
    """The course folder cannot be written, or is not ours to write."""

    exit_code = ExitCode.OUTPUT_NOT_WRITABLE
    code = "output-not-writable"


class NoModelEngineError(AnalyzerError):
    """The command needs a language model and the configuration has none."""

    exit_code = ExitCode.NO_MODEL_ENGINE
    code = "no-model-engine"


class CheckFailedError(AnalyzerError):
    """A check on the finished course failed: a citation, a link or a diagram does not hold."""

    exit_code = ExitCode.CHECK_FAILED
    code = "check-failed"


class ModelUnavailableError(AnalyzerError):
    """The model gave no answer, or not to the end. Another try may pass."""

    exit_code = ExitCode.MODEL_UNAVAILABLE
    code = "model-unavailable"


class AuthenticationError(ModelUnavailableError):
    """The service refuses the credential: it has expired, was revoked or is another one."""

    exit_code = ExitCode.CREDENTIAL_REFUSED
    code = "authentication"


class RateLimitedError(ModelUnavailableError):
    """The service takes no more requests for now; `retry_after_s` is the time until it does again, in seconds."""

    exit_code = ExitCode.RATE_LIMITED
    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: float, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class PaymentError(ModelUnavailableError):
    """The service wants to be paid otherwise than the credential allows; no prompt will be answered until then."""

    exit_code = ExitCode.PAYMENT_REFUSED
    code = "payment"


class RefusalError(ModelUnavailableError):
    """The model declines to answer this prompt; others it may answer."""

    exit_code = ExitCode.ANSWER_REFUSED
    code = "refusal"


class CutAnswerError(ModelUnavailableError):
    """The answer is longer than the service gives, also when it was asked to go on."""

    exit_code = ExitCode.ANSWER_CUT
    code = "answer-cut"


class ModelChangedError(ModelUnavailableError):
    """Another model answered than the one that was asked, or than the one that answered before."""

    exit_code = ExitCode.MODEL_CHANGED
    code = "model-changed"


class CredentialConfigError(AnalyzerError):
    """The credential cannot be used as it is delivered; the service was not asked."""

    exit_code = ExitCode.CREDENTIAL_UNUSABLE
    code = "credential-configuration"


class RunInterruptedError(AnalyzerError):
    """A signal ended the run; what was written stays and the next run continues from it."""

    exit_code = 130
    code = "interrupted"

    def __init__(self, signal_number: int) -> None:
        super().__init__("interrupted; run the same command again to continue")
        self.signal_number = signal_number

    @property
    def status(self) -> int:
        """The shell's convention: 128 plus the signal's number."""
        return 128 + self.signal_number
