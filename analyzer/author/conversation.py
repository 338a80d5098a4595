"""Talking with the model: a question from its file and what all questions begin with, and once more with the faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from analyzer.author.answers import FaultyAnswerError
from analyzer.author.desk import Desk
from analyzer.author.marks import Rendering, told
from analyzer.author.prompts import prompt
from analyzer.author.tongue import is_in
from course.steps import Language, Step

LANGUAGES: Final[dict[Language, str]] = {"en": "English", "fr": "French"}
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Asks in one language about one repository.

    Attributes:
        desk: Where questions go.
        head: What all prompts begin with, byte-equal, so that the service's cache pays.
        language: Language of the course.
        say: Takes a line for whoever watches.
    """

    desk: Desk
    head: str
    language: Language
    say: Callable[[str], None]

    @property
    def model(self) -> str:
        """Who answers."""
        return " / ".join([self.desk.model or "?", *self.desk.fallback])

    def question(self, file: str, /, **values: object) -> str:
        """A whole prompt, from its file."""
        return f"{self.head}\n{prompt(file, language=LANGUAGES[self.language], **values)}"

    def asked(self, step: Step, file: str, read: Callable[[str], Read], /, **values: object) -> Read:
        """An answer that is read; where it is faulty, asked for once more with the faults.

        Raises:
            FaultyAnswerError: The second one is faulty, too.
        """
        question = self.question(file, **values)
        try:
            return read(self.desk.answer(step, question))
        except FaultyAnswerError as error:
            return read(self._again(step, question, error.faults))

    def written(self, step: Step, file: str, read: Callable[[str], Rendering], /, **values: object) -> Rendering:
        """A text that holds; where it does not, asked for once more with the reasons.

        What the second one has that does not belong there is taken out.

        Raises:
            FaultyAnswerError: It is no text that could stand there.
        """
        question = self.question(file, **values)
        rendering = self._read(read, self.desk.answer(step, question))
        if rendering.problems or rendering.faults:
            again = self._again(step, question, [*rendering.faults, *rendering.problems])
            rendering = self._read(read, again)
        if rendering.faults:
            raise FaultyAnswerError(rendering.faults)
        for problem in dict.fromkeys(rendering.problems):
            self.say(f"taken out of {values['name']}: {problem}")
        return rendering

    def _read(self, read: Callable[[str], Rendering], text: str) -> Rendering:
        rendering = read(text)
        if not is_in(text, self.language):
            rendering.faults.append(f"it is not in {LANGUAGES[self.language]}")
        return rendering

    def _again(self, step: Step, question: str, faults: Sequence[str]) -> str:
        return self.desk.answer(step, question + prompt("again", problems=told(faults)))
