"""The command line: `analyze` and `run`. Global options are accepted before and after the command's name."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import click

from analyzer import __version__, pipeline
from analyzer.author.desk import Desk
from analyzer.author.engine import ClaudeEngine
from analyzer.author.estimate import estimate_of
from analyzer.author.prompts import has_prompts
from analyzer.author.settings import ANSWERS_DIR, desk_of, model_settings
from analyzer.checks import check_course
from analyzer.claude.session import session_of
from analyzer.claude.transcript import TRY_AGAIN
from analyzer.console import Console
from analyzer.engine import Engine, EngineName, no_model_engine
from analyzer.errors import (
    AnalyzerError,
    CheckFailedError,
    ModelUnavailableError,
    OutputNotWritableError,
    RunInterruptedError,
    UnreadableInputError,
    UsageError,
)
from analyzer.execution.runner import LocalRunner, SandboxRunner
from analyzer.manifest import generator_version
from analyzer.pipeline import PROBLEMS_SHOWN, Existing, Request
from analyzer.source.snapshot import Snapshot, list_repository, read
from analyzer.static.engine import StaticEngine
from course.book import language_of, page_of, summary_of
from course.documents import DocumentKind
from course.folder import CourseFolder, read_folder
from course.layout import OUTPUT_DIR
from course.steps import LANGUAGES, STEPS, Language, Step

PROCESSES_MAX = 32
Command = TypeVar("Command", bound=Callable[..., Any])
CONTEXT = {"help_option_names": ["-h", "--help"]}


def global_options(command: Command) -> Command:
    """Options that stand before or after the command's name; the one nearer to the command wins."""
    for option in (
        click.option("--json", "as_json", is_flag=True, default=None, help="Write progress as JSON lines on stdout."),
        click.option("-q", "--quiet", is_flag=True, default=None, help="Write nothing but errors to stderr."),
        click.option("-v", "--verbose", is_flag=True, default=None, help="Say more on stderr."),
    ):
        command = option(command)
    return command


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, "-V", "--version", prog_name="fondation")
@global_options
@click.pass_context
def cli(context: click.Context, /, **options: bool | None) -> None:
    """Turn a git repository into a course, a course into one HTML file, and prove that it holds."""
    context.obj = options


@cli.command(context_settings=CONTEXT)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "-o", "--output-dir", type=click.Path(path_type=Path), help="Course folder; a relative one lies in the repository. "
    "[default: CLAUDE_OUTPUT_DIR, else .claude-tutorial-output]",
)  # fmt: skip
@click.option("-s", "--steps", help=f"Comma-separated subset of {','.join(STEPS)}.")
@click.option("--engine", type=click.Choice([name.value for name in EngineName]), default=EngineName.STATIC.value,
              help="Who writes the course.", show_default=True)  # fmt: skip
@click.option("-l", "--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
              help="Language of our own sentences; what the project says stays as it is.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Write everything anew.")
@click.option("--skip-existing", is_flag=True, help="Keep every chapter and tutorial that exists.")
@click.option(
    "--run",
    "run_examples",
    is_flag=True,
    help="Run its Python examples and the tutorials' checks, here, as you: only what you trust.",
)
@click.option("--sandbox", type=click.Path(path_type=Path), help="Run them in the sandbox with this exchange folder.")
@click.option("--answers", type=click.Path(path_type=Path),
              help="Folder with the model's answers. [default: answers, in the course folder]")  # fmt: skip
@click.option("-p", "--parallel", type=click.IntRange(1, PROCESSES_MAX), help="Processes for parsing. [default: cores]")
@global_options
@click.pass_context
def analyze(
    context: click.Context,
    /,
    *,
    path: Path,
    output_dir: Path | None,
    steps: str | None,
    engine: str,
    language: Language,
    overwrite: bool,
    skip_existing: bool,
    run_examples: bool,
    sandbox: Path | None,
    answers: Path | None,
    parallel: int | None,
    **options: bool | None,
) -> None:
    """Write the course of the repository at PATH, in six steps.

    A run that was interrupted continues where it stopped, and an unchanged commit costs nothing.
    """
    if overwrite and skip_existing:
        raise UsageError("--overwrite and --skip-existing contradict each other", remedy="choose one")
    if run_examples and sandbox:
        raise UsageError("--run and --sandbox contradict each other", remedy="choose one")
    named = output_dir or (Path(os.environ["CLAUDE_OUTPUT_DIR"]) if os.environ.get("CLAUDE_OUTPUT_DIR") else None)
    existing = Existing.OVERWRITE if overwrite else Existing.KEEP if skip_existing else Existing.RESUME
    request = Request(
        root=path.absolute(),
        output=path.absolute() / named if named is not None else None,
        engine=engine,
        version=generator_version(asks_model=engine == EngineName.CLAUDE),
        settings=model_settings(os.environ) if engine == EngineName.CLAUDE else "",
        steps=parse_steps(steps),
        existing=existing,
        processes=parallel or min(os.cpu_count() or 1, PROCESSES_MAX),
        language=language,
        runner=SandboxRunner(sandbox) if sandbox else LocalRunner() if run_examples else None,
    )
    console = _console(context, options)
    if engine == EngineName.STATIC:
        pipeline.run(request, static_engine, console)
        return
    kept = answers or Path(os.environ.get("FONDATION_CLAUDE_ANSWERS") or request.folder / ANSWERS_DIR)
    desk = desk_of(os.environ, kept)
    try:
        pipeline.run(request, partial(claude_engine, desk=desk), console)
    finally:
        tell_taken(desk, console)


@cli.command(context_settings=CONTEXT)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@global_options
@click.pass_context
def estimate(context: click.Context, /, *, path: Path, **options: bool | None) -> None:
    """Say how many calls and tokens a course of the repository at PATH takes with the engine claude; ask nothing."""
    if not has_prompts():
        raise no_model_engine("estimate")
    console = _console(context, options)
    root = path.absolute()
    request = Request(root=root, output=None, engine=EngineName.CLAUDE, version="", processes=os.cpu_count() or 1)
    engine = static_engine(read(list_repository(root, output=request.folder)), request, console)
    expected = estimate_of(engine.repo_map)
    console.expected(f"{expected}, sent and received together", calls=expected.calls, tokens=expected.tokens)


@cli.command(context_settings=CONTEXT)
@click.argument("folder", type=click.Path(path_type=Path), default=OUTPUT_DIR)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("course.html"), show_default=True,
              help="The file to write.")  # fmt: skip
@click.option("-l", "--language", type=click.Choice(LANGUAGES),
              help="Language of the page's own few words; by default the course's.")  # fmt: skip
@global_options
@click.pass_context
def html(
    context: click.Context, /, *, folder: Path, output: Path, language: Language | None, **options: bool | None
) -> None:
    """Write the course in FOLDER as one HTML file that needs no network and can be printed."""
    course = _course_in(folder)
    try:
        output.write_text(
            page_of(course.documents, summary_of(course.documents), language or language_of(course.documents)),
            encoding="utf-8",
        )
    except OSError as error:
        raise OutputNotWritableError(
            f"cannot write {output}: {error.strerror or error}", remedy="name another file with --output"
        ) from error
    _console(context, options).info(f"{output}: open it with a browser")


@cli.command(context_settings=CONTEXT)
@click.argument("folder", type=click.Path(path_type=Path), default=OUTPUT_DIR)
@click.option("-r", "--repository", type=click.Path(path_type=Path), default=Path(), show_default="here",
              help="The repository that the course was made from, at that commit.")  # fmt: skip
@global_options
@click.pass_context
def check(context: click.Context, /, *, folder: Path, repository: Path, **options: bool | None) -> None:
    """Prove the course in FOLDER: every citation, quotation, link, diagram and heading."""
    course = _course_in(folder)
    listing = list_repository(repository.absolute(), output=folder.absolute())
    problems = check_course(folder, read(listing).lines)
    if problems:
        shown = "\n  ".join(problems[:PROBLEMS_SHOWN])
        raise CheckFailedError(
            f"{len(problems)} things do not hold:\n  {shown}",
            remedy="check out the commit that the course was made from, or write it anew",
        )
    _console(context, options).info(f"{len(course.documents)} documents: everything holds")


def _course_in(folder: Path) -> CourseFolder:
    """The course of a folder.

    Raises:
        UnreadableInputError: there is none.
    """
    course = read_folder(folder)
    if not any(document.kind is not DocumentKind.YAML for document in course.documents):
        raise UnreadableInputError(f"{folder} holds no course", remedy="name a folder that `analyze` wrote")
    return course


@cli.command(context_settings=CONTEXT)
@click.argument("words", nargs=-1)
@click.option("-p", "--prompt", help="The prompt.")
@click.option("-f", "--file", "prompt_file", type=click.Path(path_type=Path), help="Read the prompt from a file.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the prompt from standard input.")
@global_options
@click.pass_context
def run(
    context: click.Context,
    /,
    *,
    words: tuple[str, ...],
    prompt: str | None,
    prompt_file: Path | None,
    from_stdin: bool,
    **options: bool | None,
) -> None:
    """Answer one prompt with the configured language model; the answer goes to standard output."""
    text = read_prompt(words, prompt, prompt_file, from_stdin=from_stdin)
    if not text.strip():
        raise UsageError("run needs a prompt", remedy="run -p TEXT, -f FILE, --stdin, or the text as an argument")
    console = _console(context, options)
    answer = session_of(os.environ).ask(text, os.environ)
    if not answer.text.strip():
        raise ModelUnavailableError("the model's answer is empty", remedy=TRY_AGAIN)
    if console.programs is None:
        click.echo(answer.text)
    usage = {
        "inputTokens": answer.input_tokens,
        "outputTokens": answer.output_tokens,
        "costUsd": answer.cost_usd,
        "model": answer.model,
    }
    console.answer(answer.text, usage=usage)
    console.detail(f"{answer.input_tokens} tokens in, {answer.output_tokens} out")


def read_prompt(words: Sequence[str], prompt: str | None, file: Path | None, *, from_stdin: bool) -> str:
    """The prompt, from the first source that is given: option, file, standard input, argument.

    Raises:
        UnreadableInputError: the file cannot be read as UTF-8 text.
    """
    if prompt is not None:
        return prompt
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableInputError(
                f"cannot read the prompt from {file}: {error}", remedy="name a text file"
            ) from error
    return sys.stdin.read() if from_stdin else " ".join(words)


def parse_steps(text: str | None) -> tuple[Step, ...]:
    """The steps named in a comma-separated list, in their own order; None means all.

    Raises:
        UsageError: an unknown name, or none at all.
    """
    if text is None:
        return STEPS
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(STEPS)]
    if unknown or not names:
        raise UsageError(
            f"--steps {text!r}: unknown step {', '.join(map(repr, unknown))}" if unknown else "--steps names no step",
            remedy=f"choose from {', '.join(STEPS)}",
        )
    return tuple(step for step in STEPS if step in names)


def static_engine(snapshot: Snapshot, request: Request, console: Console) -> StaticEngine:
    """The engine of a run that needs no model."""
    return StaticEngine.of(
        snapshot,
        language=request.language,
        processes=request.processes,
        progress=lambda done, total: console.count("files parsed", done, total),
        runner=request.runner,
        say=console.info,
    )


def claude_engine(snapshot: Snapshot, request: Request, console: Console, *, desk: Desk) -> Engine:
    """The engine of a run in which a language model writes."""
    base = static_engine(snapshot, request, console)
    return ClaudeEngine(base=base, desk=desk, language=request.language, say=console.note)


def tell_taken(desk: Desk, console: Console) -> None:
    """Say what the answers of a run took; nothing where nothing was asked."""
    total = desk.total()
    if not total.calls + total.kept:
        return
    by = ", ".join(sorted(filter(None, desk.answered))) or desk.model or "The model"
    console.taken(
        f"{by}: {total.calls} calls, {total.kept} answers kept; "
        f"{total.input_tokens} tokens sent, {total.output_tokens} received, about {total.usd:.2f} USD",
        calls=total.calls,
        kept=total.kept,
        inputTokens=total.input_tokens,
        outputTokens=total.output_tokens,
        costUsd=round(total.usd, 6),
        model=by,
    )


def _console(context: click.Context, options: dict[str, bool | None]) -> Console:
    above = context.obj or {}
    chosen = {name: value if value is not None else above.get(name) for name, value in options.items()}
    level = -1 if chosen.get("quiet") else 1 if chosen.get("verbose") else 0
    programs = sys.stdout if chosen.get("as_json") else None
    return Console(people=sys.stderr, programs=programs, clock=time.time, level=level)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise RunInterruptedError(number)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; the only place that turns errors into codes."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    programs = sys.stdout if "--json" in argv else None
    console = Console(people=sys.stderr, programs=programs, clock=time.time)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        cli.main(args=argv, prog_name="fondation", standalone_mode=False)
    except Exception as error:  # the boundary: whatever happens, a program reading us learns why
        known = _known(error)
        console.failure(known)
        if type(known) is AnalyzerError and ("-v" in argv or "--verbose" in argv):
            raise
        return known.status if isinstance(known, RunInterruptedError) else known.exit_code
    return 0


def _known(error: Exception) -> AnalyzerError:
    """The error as one of ours; what nobody foresaw is an internal error."""
    if isinstance(error, AnalyzerError):
        return error
    if isinstance(error, click.exceptions.Abort):
        return RunInterruptedError(signal.SIGINT)
    if isinstance(error, click.ClickException):
        return UsageError(error.format_message(), remedy="see --help")
    return AnalyzerError(f"internal error: {type(error).__name__}: {error}", remedy="run again with -v, and report it")
