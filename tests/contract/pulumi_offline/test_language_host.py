import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi import automation

from pulumi_offline.locate import Engine
from tests.contract.pulumi_offline.driver import ROOT, STACK, Project, session_environment


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Project:
    return new_project("program")


def test_program_output_configuration_and_exports_pass_through(project: Project) -> None:
    (project.folder / "beside.py").write_text("NAME = 'imported'\n")
    project.command("config", "set", "--secret", "word", "hush-hush")
    project.write("""
import os, sys, beside
print("on stdout", beside.NAME, os.path.basename(os.getcwd()))
print("on stderr", file=sys.stderr)
pulumi.log.warn("a warning of the program")
pulumi.export("word", pulumi.Config().require_secret("word"))
pulumi.export("stack", pulumi.get_stack())
""")
    done = project.up()
    assert done.code == 0, done.text
    assert f"on stdout imported {project.folder.name}" in done.text
    assert "on stderr" in done.text
    assert "a warning of the program" in "\n".join(done.diagnostics)
    outputs = project.command("stack", "output", "--show-secrets").stdout
    assert "hush-hush" in outputs
    assert STACK in outputs
    assert "hush-hush" not in project.command("stack", "output").stdout


def test_a_program_error_is_the_programs_own_traceback(project: Project) -> None:
    project.write("""
def fails():
    raise ValueError("the reason")
fails()
""")
    outcome = project.preview()
    assert outcome.code != 0
    text = "\n".join(outcome.diagnostics)
    assert f'File "{project.folder}/__main__.py", line 6, in <module>' in text
    assert "ValueError: the reason" in text
    for noise in ("runpy", "language_host", "asyncio", "site-packages/pulumi"):
        assert noise not in text


def test_an_error_inside_an_output_is_short_too(project: Project) -> None:
    project.write("""
def fails(_):
    raise ValueError("in apply")
pulumi.export("x", pulumi.Output.from_input(1).apply(fails))
""")
    text = "\n".join(project.preview().diagnostics)
    assert "ValueError: in apply" in text
    assert "site-packages/pulumi" not in text, text


@pytest.mark.parametrize("statement", ["raise pulumi.RunError('two problems')", "raise SystemExit('two problems')"])
def test_a_deliberate_end_shows_its_text_only(project: Project, statement: str) -> None:
    project.write(statement)
    outcome = project.preview()
    assert outcome.code != 0
    assert "two problems" in outcome.text
    assert "Traceback" not in outcome.text


def test_another_virtual_environment_runs_the_program(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(other)], check=True)
    packages = next((other / "lib").glob("python3*/site-packages"))
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "ours.pth").write_text(f"{ours}\n")
    there = replace(project, runtime=f"runtime:\n  name: python\n  options:\n    virtualenv: {other}\n")
    there.write("import sys; print('prefix is', sys.prefix)")
    done = there.preview()
    assert done.code == 0, done.text
    assert f"prefix is {other}" in done.text
    there.write("raise ValueError('in the child')")
    outcome = there.preview()
    assert outcome.code != 0
    assert "ValueError: in the child" in "\n".join(outcome.diagnostics)
    nowhere = replace(project, runtime="runtime:\n  name: python\n  options:\n    virtualenv: nowhere\n")
    nowhere.write("")
    assert "nowhere has no bin/python: run `make prepare`" in nowhere.preview().text
    project.write("")


def test_plugins_leave_quietly_on_interrupt(session_folder: Path) -> None:
    environment = {**os.environ, **session_environment(session_folder), "PYTHONPATH": str(ROOT)}
    for module in ("pulumi_offline.language_host", "pulumi_offline.docker_provider"):
        with subprocess.Popen(
            [sys.executable, "-m", module, "127.0.0.1:1"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert int(process.stdout.readline()) > 0
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
            assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("script", ["pulumi-language-python", "pulumi-resource-docker"])
def test_start_scripts_name_the_way_in(script: str) -> None:
    done = subprocess.run(
        [str(ROOT / "pulumi_offline" / script), "x"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "run bin/pulumi of the checkout" in done.stderr


INLINE = """
import sys
import pulumi
from pathlib import Path
from pulumi import automation

def program():
    pulumi.export("answer", 42)

stack = automation.create_or_select_stack(
    "inline", "inline", program,
    opts=automation.LocalWorkspaceOptions(
        pulumi_command=automation.PulumiCommand(root=sys.argv[1]), work_dir=sys.argv[2]
    ),
)
print(stack.up().outputs["answer"].value)
stack.destroy()
"""


def test_inline_programs_of_the_automation_api(pulumi: Engine, session_folder: Path, tmp_path: Path) -> None:
    assert automation.PulumiCommand(root=str(pulumi.pulumi.parent.parent)).version is not None
    done = subprocess.run(
        [sys.executable, "-c", INLINE, str(pulumi.pulumi.parent.parent), str(tmp_path)],
        env={**os.environ, **session_environment(session_folder), "PULUMI_STACK": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "42"
