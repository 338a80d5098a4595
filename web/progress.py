"""What a job page shows, as one value: the template writes it and the live connection sends it as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from course.jobs import IN_FLIGHT, JobStatus
from course.rows import Job, LogLine
from course.steps import STEPS, TOTAL_STEPS, step_title
from web.language import Texts

LOG_LINES: Final = 200

_TONES: Final = {
    JobStatus.PENDING: "waiting",
    JobStatus.COMPLETED: "good",
    JobStatus.FAILED: "bad",
    JobStatus.DEAD: "bad",
    JobStatus.CANCELED: "quiet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A status in words; `tone` is a class of the style sheet."""

    status: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One of the six steps; `state` is `done`, `current` or `waiting`."""

    title: str
    state: str
    state_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job in words. `phase` is `active`, `ready`, `empty`, `failed`, `dead` or `canceled`."""

    badge: Badge
    phase: str
    step: int
    total: int
    step_text: str
    steps: tuple[StepView, ...]
    attempt_text: str
    error: str
    ready_text: str
    log: tuple[str, ...]
    started_ms: float
    elapsed_s: int

    def to_json(self) -> dict[str, object]:
        """Return a JSON value with the fields' names."""
        return asdict(self)


def badge(job: Job, texts: Texts) -> Badge:
    """Return a job's status in words."""
    return Badge(status=job.status, text=texts(f"status_{job.status}"), tone=_TONES.get(job.status, "busy"))


def job_view(job: Job, log: Sequence[LogLine], texts: Texts, now_ms: float) -> JobView:
    """Return what is shown of a job at a moment."""
    end_ms = now_ms if job.is_active else (job.completed_at_ms or job.updated_at_ms)
    step = TOTAL_STEPS if job.status is JobStatus.COMPLETED else job.step
    return JobView(
        badge=badge(job, texts),
        phase=_phase(job),
        step=step,
        total=TOTAL_STEPS,
        step_text=_step_text(job, texts),
        steps=tuple(_steps(job, step, texts)),
        attempt_text=_attempt_text(job, texts),
        error=job.error or "",
        ready_text=texts("job_done", count=job.docs_count),
        log=tuple(line.message for line in log[-LOG_LINES:]),
        started_ms=job.created_at_ms,
        elapsed_s=max(0, int((end_ms - job.created_at_ms) / 1000)),
    )


def elapsed_text(seconds: int) -> str:
    """Return a duration in a form that both languages read: `1 h 02 min 03 s`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minute:02} min {second:02} s"
    return f"{minute} min {second:02} s" if minute else f"{second} s"


def time_text(time_ms: float) -> str:
    """Return a moment as `2026-01-31 12:00 UTC`."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def iso_time(time_ms: float) -> str:
    """Return a moment for the `datetime` attribute."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="seconds")


def _phase(job: Job) -> str:
    if job.is_active:
        return "active"
    if job.status is JobStatus.COMPLETED:
        return "ready" if job.has_course else "empty"
    return str(job.status)


def _step_text(job: Job, texts: Texts) -> str:
    if job.is_active and job.step:
        title = step_title(STEPS[job.step - 1], texts.language)
        return texts("job_step_named", step=job.step, total=TOTAL_STEPS, title=title)
    return texts(f"status_{job.status}")


def _steps(job: Job, reached: int, texts: Texts) -> list[StepView]:
    done = reached if job.status in {JobStatus.COMPLETED, JobStatus.GATHERING} else reached - 1
    views = []
    for number, step in enumerate(STEPS, 1):
        state = "waiting"
        if number <= done:
            state = "done"
        elif number == reached and job.status in IN_FLIGHT:
            state = "current"
        views.append(StepView(title=step_title(step, texts.language), state=state, state_text=texts(f"step_{state}")))
    return views


def _attempt_text(job: Job, texts: Texts) -> str:
    if not job.is_active or job.attempts == 0:
        return ""
    text = texts("job_attempt", attempt=min(job.attempts + 1, job.max_attempts), total=job.max_attempts)
    if job.status is JobStatus.PENDING and job.run_at_ms is not None:
        moment = datetime.fromtimestamp(job.run_at_ms / 1000, UTC).strftime("%H:%M:%S UTC")
        return f"{text}. {texts('job_next_try', time=moment)}"
    return text
