"""What a job's `prompt` says: which course is asked for, in the language in which it is to be written.

The contract has one free text for it and no other field; these two are the texts that our programs write, so that a
worker can tell the language from them, whoever carried the job. Any other prompt leaves the language to the worker.
"""

from typing import Final

from course.steps import Language

_PROMPTS: Final[dict[Language, str]] = {
    "en": "Generate comprehensive course documentation for {name}",
    "fr": "Générer le cours pour {name}",
}


def course_prompt(name: str, language: Language | None) -> str:
    """Return the prompt for a course of a repository; None leaves the language to the worker's configuration."""
    return _PROMPTS[language].format(name=name) if language is not None else f"Course of {name}"


def language_of_prompt(prompt: str) -> Language | None:
    """Return the language that a prompt asks for, or None when it asks for none."""
    for language, text in _PROMPTS.items():
        if prompt.startswith(text.partition("{")[0]):
            return language
    return None
