"""Step 6: an exercise on the chapter's own code: read, predict, try, extend; answers with their lines at the end."""

from analyzer.plan import OrderEntry
from analyzer.static.course import Course
from analyzer.static.exercises import Exercise, exercise
from analyzer.static.text import escape
from course.layout import REVIEWED_DIR, chapter_file


def write_tutorial(course: Course, entry: OrderEntry) -> str:
    """The Markdown of one tutorial."""
    made = exercise(course.repo_map, course.topic(entry))
    chapter = f"../{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}"
    sections = [
        f"# Interactive Tutorial: {escape(entry.name)}",
        (
            f"This exercise belongs to [Chapter {entry.index + 1}: {escape(entry.name)}]({chapter}). Keep the chapter "
            "and a checkout of the repository open next to it."
        ),
        "## Objectives",
        "\n".join(f"- {goal}" for goal in made.goals),
        "## Before you begin",
        made.setup,
        *_steps(made),
        "## You are done when",
        "\n".join(f"- [ ] {criterion}" for criterion in made.criteria),
        "## Solutions",
        "Try first, then compare. Each answer names the lines that prove it.",
        "\n".join(f"{place}. {answer}" for place, answer in enumerate(made.answers, start=1)),
    ]
    return "\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n"


def _steps(made: Exercise) -> list[str]:
    names = ("Read", "Predict", "Try", "Extend")
    return [
        part
        for place, (name, text) in enumerate(zip(names, made.steps, strict=True), start=1)
        for part in (f"## Step {place}: {name}", text)
    ]
