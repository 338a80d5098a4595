"""A job's prompt carries the language of its course, and other prompts carry none."""

import pytest

from course.prompts import course_prompt, language_of_prompt
from course.steps import Language


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_prompt_names_its_repository_and_its_language(language: Language) -> None:
    prompt = course_prompt("owner/name", language)
    assert "owner/name" in prompt
    assert language_of_prompt(prompt) == language


def test_without_a_language_the_worker_decides() -> None:
    assert language_of_prompt(course_prompt("owner/name", None)) is None


@pytest.mark.parametrize("prompt", ["", "Write me a poem", "générer le cours", "{name}", "Course of x in fr"])
def test_prompts_of_other_programs_name_no_language(prompt: str) -> None:
    assert language_of_prompt(prompt) is None


def test_the_texts_are_those_of_the_existing_system() -> None:
    assert course_prompt("n", "en") == "Generate comprehensive course documentation for n"
    assert course_prompt("owner/repo", "fr") == "Générer le cours pour owner/repo"
