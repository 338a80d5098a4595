"""What an operator does with the credential: log in, look at it, verify it, rotate it.

A new credential is verified before it takes the old one's place; the old one stays in use until then and comes back
when its successor cannot be delivered.
"""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from components.credential import PURPOSE, AuthMode
from course.credential import EXPIRY_FILE
from ops.context import Context
from ops.credential import record, store, token, verification
from ops.credential.delivery import wait_until_accepted
from ops.credential.store import SECRET, WARN_DAYS, Credential
from ops.errors import (
    CredentialExpiredError,
    CredentialExpiringError,
    CredentialMissingError,
    NotFoundError,
    OpsError,
    StackError,
)
from ops.stack.release import PARTIAL
from ops.stack.stack import AUTH_IMAGE, Stack

COURIER: Final = f"**::{PURPOSE}-courier"
# The images alone, with the component that they belong to.
IMAGES: Final = ("**::images", "**:Image::images-*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The credential of one stack.

    Attributes:
        context: Where the project's state is, and where progress and Pulumi's output go.
        stack: The stack.
        now: Returns the time, with its zone.
    """

    context: Context
    stack: Stack
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)

    def log_in(self, new: str, *, mode: str | None, expires: dt.date | None) -> Credential:
        """Store a credential, encrypted, in the stack's configuration; the next deployment verifies and delivers it.

        Raises:
            CredentialMalformedError: It has the wrong form.
            StackError: Pulumi failed; the configuration is as it was.
        """
        credential = self._described(new, mode, expires)
        with store.restored_on_failure(self.stack):
            store.store(self.stack, new, credential)
        self.context.report(
            "auth", f"stored for stack {self.stack.name}, encrypted: {summary(credential, self.now().date())}"
        )
        if credential.mode is AuthMode.BAKED:
            self.context.report("auth", "mode baked: whoever has the image will have the credential; prefer runtime")
        return credential

    def status(self) -> None:
        """Say what is known about the credential.

        Raises:
            CredentialMissingError, CredentialExpiredError, CredentialExpiringError: What its name says.
        """
        credential = store.stored(self.stack)
        today = self.now().date()
        self.context.say(f"mode      {credential.mode}")
        self.context.say(f"since     {credential.since or 'unknown'}")
        self.context.say(f"expires   {_expiry(credential, today)}")
        self.context.say(f"mounted   {_place(credential.mode)}")
        self.context.say(f"verified  {_seen(record.last(self.context.folders, self.stack.name))}")
        require_unexpired(credential, today)
        left = credential.days_left(today)
        if left is not None and left <= WARN_DAYS:
            raise CredentialExpiringError(
                f"the credential of stack {self.stack.name} is good for {left} more days: make a new one with"
                " `claude setup-token` and give it to `bin/fondation auth rotate`"
            )

    def verify(self) -> str:
        """Prove the stored credential by a real prompt from the deployed authenticated image; return the answer.

        Raises:
            CredentialError: There is none, it is over, or it is refused.
            ModelError: The service does not answer.
        """
        credential = store.stored(self.stack)
        require_unexpired(credential, self.now().date())
        own = None if credential.mode is AuthMode.BAKED else self._secret()
        return self._ask(own)

    def rotate(self, new: str, *, mode: str | None, expires: dt.date | None) -> Credential:
        """Verify a new credential, store it and deliver it; a worker that is a container reads it without a restart.

        A swarm's secret cannot change: there, delivering it is a rolling update of the workers.

        Raises:
            CredentialError: The new one is malformed or refused; the old one stays.
            StackError: It could not be delivered; the old one is back.
        """
        old = store.stored(self.stack)
        credential = self._described(new, mode, expires)
        if credential.mode is not old.mode:
            raise StackError(
                f"the stack's mode is {old.mode} and this credential is for {credential.mode}: another mode is another"
                f" image; `bin/fondation auth login --mode {credential.mode}` and `bin/fondation up` change it"
            )
        # A baked image holds the old credential; a mounted one takes its place for the question.
        answer = self._ask(new)
        self.context.report("auth", f"the new credential is accepted ({answer!r}); the old one is still in use")
        began = self.now()
        on_swarm = self.stack.keys.scale_mode == "swarm"
        targets = (COURIER,) if credential.mode.is_delivered and not on_swarm else ()
        try:
            with store.restored_on_failure(self.stack):
                store.store(self.stack, new, credential)
                self.stack.up(show=self.context.show, targets=targets, message="rotate the credential")
        except OpsError:
            self.context.report("auth", "the new credential could not be delivered: the old one is put back")
            with suppress(OpsError):  # the error to show is the first one
                self.stack.up(show=self.context.show, targets=targets, message="put the credential before back")
            raise
        self.context.report("auth", f"delivered: {summary(credential, began.date())}")
        if credential.mode.is_delivered and on_swarm:
            self.context.report(
                "auth", "each worker was replaced by one that uses it, after its jobs were done or handed back"
            )
        elif credential.mode.is_delivered:
            self.context.report("auth", wait_until_accepted(self.stack.name, began.timestamp(), sleep=time.sleep))
        return credential

    def release_gate(self) -> None:
        """Build the images alone and verify the credential in the new one, before anything that runs is replaced.

        Does nothing for engines that need no credential.

        Raises:
            CredentialError, ModelError: The release must not go on; what runs was not touched.
        """
        if self.stack.keys.engine != "claude":
            return
        self.context.report("auth", "building the images, to verify the credential in the authenticated one")
        self.stack.up(show=self.context.show, targets=IMAGES, message=f"{PARTIAL} the images, to verify the credential")
        answer = self.verify()
        self.context.report("auth", f"the model answers {answer!r}")

    def image(self) -> str:
        """Return the name of the stack's authenticated image.

        Raises:
            NotFoundError: It was never built.
        """
        name = self.stack.image_name(AUTH_IMAGE)
        if name is None:
            raise NotFoundError(
                f"stack {self.stack.name} has no authenticated image yet: `bin/fondation up --stack {self.stack.name}`"
                " builds it and verifies the credential before anything runs"
            )
        return name

    def _described(self, new: str, mode: str | None, expires: dt.date | None) -> Credential:
        chosen = token.mode_of(new, mode, self.stack.keys.auth_mode)
        token.require_form(new, chosen)
        credential = store.described(chosen, self.now().date(), expires)
        require_unexpired(credential, self.now().date())
        return credential

    def _secret(self) -> str:
        found = self.stack.secret(SECRET)
        if not found:
            raise CredentialMissingError(
                f"stack {self.stack.name} has no credential: `bin/fondation auth login` stores one"
            )
        return found

    def _ask(self, own: str | None) -> str:
        image = self.image()
        question = verification.Question(stack=self.stack.name, image=image, base_url=self.stack.keys.claude_base_url)
        self.context.report("auth", f"`run -p {verification.PROMPT}` in {image}")
        outcome = "not answered"
        try:
            answer = verification.verify(question, own)
            outcome = record.ACCEPTED
        except OpsError as error:
            outcome = f"failed with exit code {error.exit_code}"
            raise
        finally:
            record.note(
                self.context.folders,
                self.stack.name,
                record.Verification(at=self.now(), outcome=outcome, image=image),
            )
        return answer


def require_unexpired(credential: Credential, today: dt.date) -> None:
    """Check a credential's recorded dates.

    Raises:
        CredentialExpiredError: Its last day is over.
    """
    left = credential.days_left(today)
    if left is not None and left <= 0:
        raise CredentialExpiredError(
            f"the credential expired on {credential.expires}: make a new one with `claude setup-token` and give it to"
            " `bin/fondation auth rotate` (or correct fondation:claudeTokenExpires)"
        )


def summary(credential: Credential, today: dt.date) -> str:
    """Return a line about a credential."""
    return f"mode {credential.mode}, since {credential.since}, expires {_expiry(credential, today)}"


def _expiry(credential: Credential, today: dt.date) -> str:
    left = credential.days_left(today)
    return "unknown" if left is None else f"{credential.expires} ({left} days left)"


def _seen(verification: record.Verification | None) -> str:
    if verification is None:
        return "not by this machine"
    return f"{verification.at:%Y-%m-%d %H:%M} UTC: {verification.outcome}, by {verification.image}"


def _place(mode: AuthMode) -> str:
    if mode is AuthMode.BAKED:
        return "nowhere: it is in the authenticated image and in the worker's"
    folder = verification.FOLDER
    return f"{folder}/value in the worker, read-only ({folder}/{EXPIRY_FILE} beside it)"
