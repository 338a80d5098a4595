import re
from pathlib import Path

import pytest

import web
from course.jobs import JobStatus
from web.catalogue import CATALOGUE
from web.language import Texts, negotiated


def test_both_languages_have_the_same_keys() -> None:
    assert CATALOGUE["en"].keys() == CATALOGUE["fr"].keys()


def test_both_languages_name_the_same_values() -> None:
    fields = re.compile(r"\{(\w+)\}")
    for key, text in CATALOGUE["en"].items():
        assert set(fields.findall(text)) == set(fields.findall(CATALOGUE["fr"][key])), key


def test_every_key_of_a_template_exists_and_every_key_is_used() -> None:
    folder = Path(web.__file__).parent
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in [*folder.glob("*.py"), *folder.glob("templates/*.html")]
        if path.name != "catalogue.py"
    )
    used = set(re.findall(r"\bt\([\"'](\w+)[\"']", sources))
    assert used <= CATALOGUE["en"].keys()
    composed = {key for key in CATALOGUE["en"] if key.startswith(("status_", "step_", "error_"))}
    unused = {key for key in CATALOGUE["en"].keys() - used - composed if not re.search(f"[\"']{key}[\"']", sources)}
    assert unused == set()


@pytest.mark.parametrize("status", list(JobStatus))
def test_every_state_has_a_name(status: JobStatus) -> None:
    for language in ("en", "fr"):
        assert CATALOGUE[language][f"status_{status}"]


def test_the_button_says_what_people_look_for() -> None:
    assert Texts("fr")("view_course") == "Voir le cours"
    assert Texts("en")("view_course") == "View the course"


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        (None, "", "en"),
        (None, "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        (None, "de, en;q=0.5, fr;q=0.7", "fr"),
        (None, "fr;q=0", "en"),
        (None, "fr;q=nonsense", "en"),
        ("en", "fr", "en"),
        ("fr", "en", "fr"),
        ("<script>", "fr", "fr"),
    ],
)
def test_the_chosen_language_wins_over_the_browsers(cookie: str | None, header: str, language: str) -> None:
    assert negotiated(cookie, header) == language
