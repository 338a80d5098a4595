"""The verdicts on a stack: every check on every subject that it is for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ops.audit.benchmark import ITEMS
from ops.audit.check import OURS, Check
from ops.audit.container_checks import CONTAINER_CHECKS
from ops.audit.facts import ContainerFacts, ImageFacts
from ops.audit.image_checks import IMAGE_CHECKS
from ops.audit.inventory import base_images, container_facts, daemon, image_facts, stack_members
from ops.context import Context

EXCEPTIONS: Final = {item.number: item.exception for item in ITEMS if item.exception}


class Verdict(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a verdict
    EXCEPTION = "exception"
    """What stands in for an item that is not met to the letter holds."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check on one subject."""

    check: str
    item: str
    subject: str
    verdict: Verdict
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All findings of a stack."""

    stack: str
    findings: Sequence[Finding]

    @property
    def failures(self) -> list[Finding]:
        """What does not hold."""
        return [finding for finding in self.findings if finding.verdict is Verdict.FAIL]

    def as_json(self) -> Mapping[str, Any]:
        """Return the findings for a program to read; `complaints` is empty but for a failure."""
        return {
            "stack": self.stack,
            "benchmark": "CIS Docker Benchmark 1.6, sections 4 and 5",
            "passed": not self.failures,
            "exceptions": [{"item": number, "reason": reason} for number, reason in EXCEPTIONS.items()],
            "findings": [
                {
                    "check": finding.check,
                    "item": finding.item,
                    "subject": finding.subject,
                    "verdict": finding.verdict.value,
                    "complaints": list(finding.complaints),
                }
                for finding in self.findings
            ],
        }

    def as_text(self) -> Iterator[str]:
        """Yield lines for a person: failures first in full, then a line per subject, exceptions last."""
        for finding in self.failures:
            where = "a rule of ours" if finding.item == OURS else f"CIS {finding.item}"
            yield from (
                f"FAIL  {finding.subject}: {complaint}  [{where}, {finding.check}]" for complaint in finding.complaints
            )
        for subject in dict.fromkeys(finding.subject for finding in self.findings):
            own = [finding for finding in self.findings if finding.subject == subject]
            failed = sum(finding.verdict is Verdict.FAIL for finding in own)
            yield f"{'FAIL' if failed else 'ok':5} {subject}: {len(own) - failed} of {len(own)} checks hold"
        for number, reason in EXCEPTIONS.items():
            yield f"note  CIS {number}, an exception: {reason}"


def audit_stack(context: Context) -> Audit:
    """Judge a deployed stack. Changes nothing.

    Raises:
        NotFoundError: It is not deployed, or a part of it is gone.
        DaemonError: The daemon failed.
    """
    members = stack_members(context.folders, context.stack)
    findings: list[Finding] = []
    with daemon() as client:
        containers = [container_facts(client, member) for member in members.containers]
        for member in (*base_images(client, containers), *members.images):
            context.report("audit", f"reading {member.reference}")
            findings += judge_image(image_facts(client, member))
        for facts in containers:
            findings += judge_container(facts)
    return Audit(stack=context.stack, findings=findings)


def judge_image(facts: ImageFacts) -> list[Finding]:
    """Return the verdict of every check that is for this image."""
    return [_judged(check, facts, f"image {facts.role}") for check in IMAGE_CHECKS if facts.kind in check.kinds]


def judge_container(facts: ContainerFacts) -> list[Finding]:
    """Return the verdict of every check that is for this container."""
    return [_judged(check, facts, f"container {facts.role}") for check in CONTAINER_CHECKS if facts.kind in check.kinds]


def _judged(check: Check[Any], facts: ImageFacts | ContainerFacts, subject: str) -> Finding:
    complaints = tuple(check.judge(facts))
    held = Verdict.EXCEPTION if check.item in EXCEPTIONS else Verdict.PASS
    return Finding(
        check=check.name,
        item=check.item,
        subject=subject,
        verdict=Verdict.FAIL if complaints else held,
        complaints=complaints,
    )
