"""Exercises by the model: five steps, and code of its own that is run where that is wanted."""

from analyzer.author.answers import FaultyAnswerError
from analyzer.author.chapters import rendering_of
from analyzer.author.conversation import Conversation
from analyzer.author.marks import OWN_CODE, Rendering
from analyzer.author.material import as_text, material_of
from analyzer.execution.package import PackageTooLargeError, package_files
from analyzer.execution.runner import Runner
from analyzer.markup import escape
from analyzer.plan import OrderEntry
from analyzer.static.course import Course
from analyzer.static.review import problems_of
from analyzer.static.tutorial import STEPS
from course.layout import REVIEWED_DIR, TUTORIALS_DIR, chapter_file, tutorial_file
from course.steps import Step
from sandbox.exchange import NoAnswerError
from sandbox.program import NOT_RUN, Program


def write_tutorial(talk: Conversation, course: Course, entry: OrderEntry, runner: Runner | None) -> str:
    """One exercise.

    Raises:
        FaultyAnswerError: The model gave none that holds.
    """
    plan = course.plan
    words = course.words
    material = material_of(course.repo_map, course.concept(entry))
    if not material.pieces:
        raise FaultyAnswerError(["no lines of the repository belong to it"])
    language = course.repo_map.repository.main_language
    texts: list[str] = []
    ran: list[bool] = []

    def read(text: str) -> Rendering:
        rendering = rendering_of(course, material, own=language)
        texts.append(rendering.of(text))
        wanted = [f"## {number}. {words(name)}" for number, name in enumerate(STEPS, start=1)]
        found = [line for line in texts[-1].split("\n") if line.startswith("## ")]
        if found != wanted:
            rendering.faults.append(f"the headings are to be these, in this order: {', '.join(wanted)}")
        missing = [f"```{language} {name}" for name in OWN_CODE if name not in rendering.own_code]
        if missing:
            rendering.faults.append(f"a code block is missing: {', '.join(missing)}")
        elif language == "python":
            ran.append(_checked(talk, course, rendering, runner))
        document = f"# {words('tutorial', title=escape(entry.name))}\n\n{texts[-1]}"
        slug = f"{TUTORIALS_DIR}/{tutorial_file(entry.index, entry.name)}"
        rendering.faults += problems_of(course, document, slug)
        return rendering

    talk.written(
        Step.GENERATE_TUTORIALS,
        "6-tutorial",
        read,
        number=entry.index + 1,
        name=entry.name,
        description=plan.abstraction(entry).description,
        material=as_text(course.repo_map, material),
        code=language,
        how=words("how-python") if language == "python" else words("how-other"),
        **{name: words(name) for name in STEPS},
    )
    was_run = "was-run" if ran and ran[-1] else "not-run"
    chapter = f"../{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}"
    title = words("chapter", number=entry.index + 1, title=escape(entry.name))
    return "\n\n".join(
        [
            f"# {words('tutorial', title=escape(entry.name))}",
            f"{words('tutorial-of', chapter=title, link=chapter)} {words(was_run)}",
            texts[-1].strip(),
        ]
    ) + "\n"  # fmt: skip


def _checked(talk: Conversation, course: Course, rendering: Rendering, runner: Runner | None) -> bool:
    """Whether check and solution were run, and the check told the starting file from the solution."""
    if runner is None:
        return False
    repo_map, own = course.repo_map, rendering.own_code
    programs = [
        Program(main="check.py", files={"starter.py": own[name], "check.py": own["check"]})
        for name in ("starter", "solution")
    ]
    try:
        package = package_files(repo_map.snapshot, repo_map.repository)
        before, after = runner.run(programs, package)
    except (NoAnswerError, PackageTooLargeError) as error:
        talk.say(f"a check was not run: {error}")
        return False
    if NOT_RUN in {before, after}:
        return False
    if before.succeeded:
        rendering.faults.append("the check passes on the starting file; it has to fail there")
    if not after.succeeded:
        last = (after.output.strip().splitlines() or ["no output"])[-1]
        rendering.faults.append(f"the check fails with the solution: {last[:200]}")
    return not before.succeeded and after.succeeded
