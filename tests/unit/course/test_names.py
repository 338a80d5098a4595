import pytest

from course import jobs, layout, steps
from course.jobs import JobStatus


def test_step_numbers_and_texts() -> None:
    assert [step.value for step in steps.STEPS] == [
        "extract",
        "analyze",
        "order",
        "generate-chapters",
        "review-chapters",
        "generate-tutorials",
    ]
    assert steps.progress_text(steps.Step.ORDER) == "Step 3/6: Determining optimal chapter order"
    assert steps.step_title(steps.Step.GENERATE_TUTORIALS, "fr") == "Génération de tutoriels interactifs"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Client API\n", "client_api"),
        ("A  &  B!", "a_b_"),
        ("snake_case-and-dash", "snake_case-and-dash"),
        ("Éclair", "_clair"),
        ("a/../b", "a_b"),
    ],
)
def test_slugs_follow_the_contract(name: str, slug: str) -> None:
    assert layout.slugify(name) == slug


def test_file_names_and_their_indexes() -> None:
    assert layout.chapter_file(10, "HTTP Client") == "chapter_10_http_client.md"
    assert layout.file_index(layout.tutorial_file(3, "X")) == 3
    assert layout.file_index("chapter_x.md") is None
    assert layout.file_index("notes_3.md") is None


def test_retry_delays_double_up_to_the_cap() -> None:
    delays = [jobs.retry_delay_ms(attempt, jitter_ms=0) for attempt in (1, 2, 3, 4, 8, 10_000)]
    assert delays == [5000, 10000, 20000, 40000, 600_000, 600_000]
    assert jobs.retry_delay_ms(1, jitter_ms=123) == 5123


def test_every_state_has_transitions_and_terminal_is_final() -> None:
    assert set(jobs.TRANSITIONS) == set(JobStatus)
    assert {status for status in JobStatus if not jobs.TRANSITIONS[status]} == jobs.TERMINAL
    assert {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.DEAD} == jobs.TERMINAL
