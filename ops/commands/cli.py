"""The commands of `bin/fondation`: arguments in, one call each, words out. Decides nothing itself."""

from pathlib import Path

import click

from course.steps import LANGUAGES, Language
from ops.commands import releases
from ops.commands.audit import audit
from ops.commands.auth import auth
from ops.commands.backend import backend
from ops.commands.convex import convex
from ops.commands.doctor import doctor
from ops.commands.drift import drift
from ops.commands.git import git
from ops.commands.neighbours import neighbours
from ops.commands.preview import preview
from ops.commands.recover import recover
from ops.commands.sbom import sbom
from ops.commands.shared import context_of, folders, line_report, say, stack_option


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Run Fondation on this machine, submit repositories to it, and read and check its courses."""


main.add_command(doctor)
main.add_command(auth)
main.add_command(backend)
main.add_command(convex)
main.add_command(git)


@main.command()
@stack_option
@click.option("--first-course/--no-first-course", default=True, help="Make a course of this project's own repository.")
@click.option("--revert/--no-revert", default=True, help="Go back to the release before when this one fails.")
@click.option("--adopt", "adopted", multiple=True, metavar="VOLUME", help="Take over a volume that no state has.")
def up(*, stack_name: str, first_course: bool, revert: bool, adopted: tuple[str, ...]) -> None:
    """Prepare the machine, deploy the stack and make a first course; the last line is the address to open.

    Repairs what drifted. A release that does not become healthy is taken back, and the one before it runs again.

    Exit codes: 5 a disk is full; 6 Docker does not answer; 40 a container was stopped meanwhile; 41 the release failed
    and the one before it runs; 42 it failed and what it left is still there; 43 another command is at work on the
    stack; 44 an update was killed, `recover` puts that right; 45 another checkout's stack has these names; 46 a volume
    is there that no state has.
    """
    from ops.releases import lifecycle  # noqa: PLC0415 - each command loads only what it needs: `--help` answers at once

    click.echo(lifecycle.up(context_of(stack_name), first_course=first_course, revert=revert, adopted=adopted))


@main.command()
@stack_option
def down(*, stack_name: str) -> None:
    """Remove the containers, network and volumes of a development stack, and nothing else."""
    from ops.releases import lifecycle  # noqa: PLC0415 - as above

    lifecycle.down(context_of(stack_name))


@main.command()
def purge() -> None:
    """Remove the project's Docker images and its cache. Stacks have to be down."""
    from ops.releases import lifecycle  # noqa: PLC0415 - as above

    lifecycle.purge(folders(), report=line_report())


@main.command()
@stack_option
@click.argument("parts", nargs=-1, metavar="[PART]...")
def prepare(*, stack_name: str, parts: tuple[str, ...]) -> None:
    """Make what a deployment needs: pulumi, docker, os, wheels, npm and keys, or only the named parts.

    The part `tests` is what the tests use beside that: a browser, openssl and iproute2.
    """
    from ops.machine.facts import this_machine  # noqa: PLC0415 - as above
    from ops.machine.prepare import PARTS  # noqa: PLC0415 - as above
    from ops.machine.prepare import prepare as make  # noqa: PLC0415 - as above

    make(context_of(stack_name), this_machine(), parts=parts or PARTS)


@main.command()
@stack_option
@click.argument("source", metavar="URL|PATH")
@click.option("--branch", help="Branch to analyse; the repository's default branch otherwise.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the course; the stack's otherwise.")
@click.option("--name", help="Name for a repository of this machine; its folder's name otherwise.")
@click.option("--replace", is_flag=True, help="Take the place of an import of that name from another folder.")
@click.option("--wait", is_flag=True, help="Follow the job to its end; fail if it does.")
@click.option("--estimate", is_flag=True, help="Submit nothing: say what a course by a model would take.")
def submit(
    *,
    stack_name: str,
    source: str,
    branch: str | None,
    language: Language | None,
    name: str | None,
    replace: bool,
    wait: bool,
    estimate: bool,
) -> None:
    """Submit a repository: an https URL, `owner/name` on GitHub, or a folder of this machine."""
    from ops.jobs import submission  # noqa: PLC0415 - as above

    request = submission.Submission(source=source, branch=branch, language=language, name=name, replace=replace)
    if estimate:
        from ops.jobs import estimate as estimation  # noqa: PLC0415 - as above

        estimation.estimate(context_of(stack_name), request)
        return
    submission.submit(context_of(stack_name), request, wait=wait)


@main.command("import")
@stack_option
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="Name in the stack; the folder's name otherwise.")
@click.option("--replace", is_flag=True, help="Take the place of an import of that name from another folder.")
def import_(*, stack_name: str, path: Path, name: str | None, replace: bool) -> None:
    """Copy the commits of a git repository of this machine into the stack and print its URL there."""
    from ops.jobs.local_repositories import import_repository  # noqa: PLC0415 - as above

    click.echo(import_repository(path, stack=stack_name, name=name, replace=replace))


@main.command()
@stack_option
@click.argument("job_id", required=False, metavar="[ID]")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def status(*, stack_name: str, job_id: str | None, as_json: bool) -> None:
    """Show the jobs, newest first, or one job."""
    from ops.jobs import submission  # noqa: PLC0415 - as above

    submission.status(context_of(stack_name), job_id, as_json=as_json)


@main.command()
@stack_option
@click.argument("job_id", metavar="ID")
def watch(*, stack_name: str, job_id: str) -> None:
    """Follow a job to its end; fail if it does."""
    from ops.jobs import submission  # noqa: PLC0415 - as above

    submission.watch(context_of(stack_name), job_id)


@main.command("open")
@stack_option
@click.argument("job_id", required=False, metavar="[ID]")
def open_(*, stack_name: str, job_id: str | None) -> None:
    """Open the page, or a job's course, in this machine's browser; prints the address, too."""
    from ops.jobs import submission  # noqa: PLC0415 - as above

    address = submission.address(context_of(stack_name), job_id)
    click.echo(address)
    click.launch(address)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> None:
    """Print what a shell needs to complete these commands: `source <(bin/fondation completion bash)`."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - as above

    made = get_completion_class(shell)
    if made is None:
        raise click.ClickException(f"{shell} is a shell that cannot be completed for")
    click.echo(made(main, {}, "bin/fondation", "_FONDATION_COMPLETE").source())


@main.command()
@stack_option
@click.argument("what", metavar="ID|worker|backend|web|sandbox|prometheus")
@click.option("--tail", default=200, show_default=True, help="Lines to show of a container's log.")
def logs(*, stack_name: str, what: str, tail: int) -> None:
    """Show the log of a job, or of one of the stack's containers."""
    from ops.jobs import submission  # noqa: PLC0415 - as above

    submission.logs(context_of(stack_name), what, tail=tail)


@main.command()
@stack_option
@click.argument("job_id", metavar="ID")
@click.option("--check", is_flag=True, help="Prove every citation, excerpt and link at the analysed commit.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the documents into this folder.")
def course(*, stack_name: str, job_id: str, check: bool, output: Path | None) -> None:
    """Show what a job published, save it, or prove it."""
    from ops.jobs import courses  # noqa: PLC0415 - as above

    courses.show(context_of(stack_name), job_id, check=check, output=output)


@main.command()
@stack_option
@click.argument("job_id", metavar="ID")
def cancel(*, stack_name: str, job_id: str) -> None:
    """Cancel a job that waits or runs. Nothing of it is published."""
    from ops.jobs import deletion  # noqa: PLC0415 - as above

    deletion.cancel(context_of(stack_name), job_id)


@main.command()
@stack_option
@click.argument("what", metavar="ID|REPOSITORY")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, stack_name: str, what: str, yes: bool) -> None:
    """Delete a job, or a repository with its jobs, courses and what a model answered about it, for good.

    A repository is named as `status` shows it, or by its address. A job at work is cancelled first.
    """
    from ops.jobs import deletion  # noqa: PLC0415 - as above

    deletion.delete(context_of(stack_name), what, confirm=lambda question: yes or click.confirm(question))


@main.command()
@stack_option
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--limit", type=click.IntRange(1, 20), default=10, show_default=True, help="Texts to show.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def search(*, stack_name: str, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find the words, or their beginnings, in the newest courses of the stack."""
    from ops.jobs import search as searching  # noqa: PLC0415 - as above

    searching.search(context_of(stack_name), " ".join(words), limit=limit, as_json=as_json)


@main.command()
@stack_option
@click.option("--url", help="The address of a page elsewhere; that of the stack otherwise.")
def mcp(*, stack_name: str, url: str | None) -> None:
    """Serve courses to a coding agent, read-only: the Model Context Protocol over standard input and output.

    The page's access token, where it has one, is read from the variable FONDATION_TOKEN. docs/api.md says how agents
    are told of it.
    """
    import os  # noqa: PLC0415 - as above

    from ops.jobs import course_tools  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    address = url or Stack(folders(), stack_name).outputs().web_url
    course_tools.serve(address, os.environ.get(course_tools.TOKEN_VARIABLE))


@main.command()
@stack_option
def urls(*, stack_name: str) -> None:
    """Print the stack's addresses and the digests of its images."""
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    outputs = Stack(folders(), stack_name).outputs()
    addresses = {"web": outputs.web_url, "backend": outputs.convex_url, "dashboard": outputs.dashboard_url}
    for key, value in {**addresses, "release": outputs.release}.items():
        if value is not None:
            say(f"{key:9} {value}")
    for name, digest in outputs.images.items():
        say(f"{'image':9} {name} {digest}")


main.add_command(preview)
main.add_command(releases.history)
main.add_command(releases.rollback)
main.add_command(releases.prune)
main.add_command(audit)
main.add_command(recover)
main.add_command(neighbours)
main.add_command(drift)
main.add_command(sbom)
