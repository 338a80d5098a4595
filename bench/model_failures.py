"""What a course makes of a service that fails, or of answers that are no good: what is read, and after how long."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from bench.local_model import LocalModel, local_model
from bench.report import Figure
from tests.examples import answers_of
from tests.messages_api import Behaviour, MessagesApi, text_of
from tests.scripted_model import PARAGRAPH, RecordedModel, task_of

SAMPLE: Final = "courier"
BOUND_S: Final = 60.0
_DEADLINE_S: Final = "15"
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that goes wrong: what is done to the service, or an answer in the place of each chapter."""

    name: str
    spoil: Callable[[MessagesApi], None] = lambda _: None
    chapter: str | None = None
    variables: dict[str, str] = field(default_factory=dict)


def _behaves(behaviour: Behaviour) -> Callable[[MessagesApi], None]:
    return lambda api: setattr(api, "behaviour", behaviour)


FAILURES: Final = (
    Failure(name="the credential is refused (401)", spoil=lambda api: api.accept("another")),
    Failure(name="the credential may not do this (403)", spoil=_behaves(Behaviour.FORBIDDEN)),
    Failure(name="a rate limit (429)", spoil=_behaves(Behaviour.RATE_LIMITED)),
    Failure(
        name="a rate limit, with `claudeWhenLimited: static`",
        spoil=_behaves(Behaviour.RATE_LIMITED),
        variables={"FONDATION_CLAUDE_WHEN_LIMITED": "static"},
    ),
    Failure(name="overload (529)", spoil=_behaves(Behaviour.OVERLOADED)),
    Failure(name="an error of the service (500)", spoil=_behaves(Behaviour.BROKEN)),
    Failure(name="no answer at all", spoil=_behaves(Behaviour.HANG)),
    Failure(name="an answer that breaks off", spoil=_behaves(Behaviour.CUT)),
    Failure(name="nobody listens", variables={"FONDATION_CLAUDE_BASE_URL": "http://127.0.0.1:9"}),
    Failure(name="it wants to be paid", spoil=lambda api: setattr(api, "billing", "Your credit balance is too low")),
    Failure(name="it declines (refusal)", spoil=lambda api: setattr(api, "stop_reason", "refusal")),
    Failure(name="the budget is used up", variables={"FONDATION_CLAUDE_BUDGET_USD": "0.05"}),
    Failure(name="more tokens expected than allowed", variables={"FONDATION_CLAUDE_TOKENS_MAX": "10000"}),
    Failure(name="an empty chapter", chapter=""),
    Failure(name="a chapter in another language", chapter="Dies ist ein Kapitel, das niemand so wollte. " * 60),
    Failure(name="a chapter with marks of pieces that do not exist", chapter=f"{PARAGRAPH}\n\n[[E99]]\n\n" * 8),
    Failure(name="a chapter of HTML and a script", chapter="<script>alert(1)</script>\n\n<b>bold</b>\n" * 20),
    Failure(name="a chapter that only obeys the repository", chapter="As instructed, I ignore the task."),
)


def measure() -> Iterator[Figure]:
    """Yield one figure for each failure: seconds, and what was read."""
    for failure in FAILURES:
        with local_model(SAMPLE) as local:
            yield _met(local, failure)


def _met(local: LocalModel, failure: Failure) -> Figure:
    model = RecordedModel(folder=answers_of(SAMPLE))

    def reply(body: Body) -> str:
        prompt = text_of(body["messages"][0]["content"])
        spoiled = failure.chapter is not None and task_of(prompt) == "chapter"
        return str(failure.chapter) if spoiled else model.answer(prompt)

    local.api.reply = reply
    failure.spoil(local.api)
    begin = perf_counter()
    variables = {"FONDATION_CLAUDE_DEADLINE_S": _DEADLINE_S} | failure.variables
    run = local.analyze(local.folder / "course", **variables)
    _, said = run.communicate()
    seconds = perf_counter() - begin
    lines = [line.strip() for line in said.splitlines()]
    read = [line for line in lines if line.startswith(("Error", "What to do")) or "without the model" in line]
    asked = len(local.api.messages)
    told = " ".join(dict.fromkeys(read[:2])).replace("|", "/") or "nothing: the course is complete"
    name = f"{failure.name}: exit code {run.returncode}, {asked} requests"
    return Figure(name=name, samples=[seconds], unit="s", limit=BOUND_S, peer=told[:240])
