"""The authenticated image with Claude Code inside, as its containers run: read-only, without privileges."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.configuration import parse_configuration, parse_keys
from components.image_context import ImageContext
from components.images import plan_images
from components.machine import MachineFolders, machine_folders
from ops.machine.npm import claude_pin, ensure_npm_files
from tests.messages_api import MessagesApi, running_messages_api
from tests.trial import ROOT, Trial, bridge_address, copy_checkout, docker, inspect

TOKEN = "sk-ant-oat01-canary-for-the-image"
TOKEN_FILE = "/run/fondation/claude-token/value"
PYTHON = "/opt/fondation/venv/bin/python"
PREFLIGHT = ("--entrypoint", PYTHON, "IMAGE", "/opt/fondation/auth/preflight.py")
PROMPT = ("IMAGE", "run", "-p", "test")
Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def images(stack: Trial, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ImageContext]]:
    """The chain up to the authenticated image, with the engine `claude`; the shared stack has prepared the rest."""
    namespace = f"{stack.namespace.rstrip('/')}-claude/"
    configuration = parse_configuration(
        {
            "fondation:environment": "development",
            "fondation:engine": "claude",
            "fondation:authMode": "runtime",
            "fondation:claudeToken": TOKEN,
            "fondation:imageNamespace": namespace,
        }
    )
    checkout = copy_checkout(tmp_path_factory.mktemp("claude") / "checkout")
    folders = MachineFolders(checkout=checkout, home=checkout / ".fondation", cache=machine_folders(ROOT).cache)
    pin = claude_pin(
        ROOT, parse_keys({"fondation:engine": "claude"}), docker("version", "--format", "{{.Server.Arch}}").strip()
    )
    ensure_npm_files(pin, root=ROOT, cache=folders.cache, note=lambda _: None)
    chain = {image.context.role: image.context for image in plan_images(configuration, folders)}
    made = {role: chain[role] for role in ("claude", "cli", "auth")}
    try:
        for context in made.values():
            build(context, checkout)
        yield made
    finally:
        names = [context.image_name for context in made.values()]
        subprocess.run(["docker", "image", "rm", "--force", *names], check=False, capture_output=True)


def build(context: ImageContext, checkout: Path) -> None:
    arguments = [f"--build-arg={name}={value}" for name, value in context.build_args.items()]
    done = subprocess.run(
        [
            "docker",
            "build",
            "--network",
            "none",
            "--tag",
            context.image_name,
            *arguments,
            str(checkout / context.folder),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="module")
def api() -> Iterator[MessagesApi]:
    with running_messages_api(TOKEN, host=bridge_address()) as running:
        yield running


@pytest.fixture
def start(images: dict[str, ImageContext], api: MessagesApi, tmp_path: Path) -> Start:
    """Run the authenticated image to its end; `IMAGE` among the arguments is its name."""
    token = tmp_path / "value"
    token.write_text(TOKEN)

    def run(*arguments: str, temporary: bool = True, mounted: bool = True) -> subprocess.CompletedProcess[str]:
        name = images["auth"].image_name
        options = [
            *("--rm", "--init", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--memory", "1g", "--env", f"FONDATION_CLAUDE_BASE_URL={api.url}"),
            *(("--tmpfs", "/tmp") if temporary else ()),
            *(("--volume", f"{token}:{TOKEN_FILE}:ro") if mounted else ()),
        ]
        return subprocess.run(
            ["docker", "run", *options, *(name if argument == "IMAGE" else argument for argument in arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_a_prompt_is_answered_inside_the_image(start: Start, api: MessagesApi) -> None:
    done = start(*PROMPT)
    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    request = api.messages[-1]
    assert (request.credential, request.tools) == ("bearer", 0)
    # What the model is told about the place is the same in every container.
    assert "working directory: /opt/claude/empty\n" in request.prompt_start


def test_no_file_of_the_container_goes_out_with_a_prompt(start: Start, api: MessagesApi) -> None:
    sent: list[str] = []
    api.told = lambda body: sent.append(json.dumps(body))
    try:
        done = start("IMAGE", "run", "-p", f"See @{TOKEN_FILE} and @/etc/passwd and @/opt/fondation/auth/contract.json")
    finally:
        api.told = lambda _: None
    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    assert len(sent) == 1
    assert f"@{TOKEN_FILE}" in sent[0]
    assert not any(secret in sent[0] for secret in (TOKEN, "root:x:0", "tokenFile"))


def test_the_contract_holds_and_each_breach_is_named(start: Start) -> None:
    held = start(*PREFLIGHT)
    assert (held.returncode, "mode runtime: a well-formed credential" in held.stdout) == (0, True), held.stderr
    missing = start(*PREFLIGHT, mounted=False)
    assert (missing.returncode, f"{TOKEN_FILE} cannot be read" in missing.stderr) == (1, True)
    other = start("--user", "0:0", "--env", "CLAUDE_CODE_OAUTH_TOKEN=sk-stray", *PREFLIGHT, temporary=False)
    assert other.returncode == 1
    for words in ("CLAUDE_CODE_OAUTH_TOKEN is set", "runs as uid 0", "mount a tmpfs on /tmp"):
        assert words in other.stderr
    assert "sk-stray" not in other.stderr + other.stdout


def test_what_is_missing_in_a_container_ends_in_a_named_error(start: Start, api: MessagesApi) -> None:
    asked = len(api.messages)
    assert start(*PROMPT, mounted=False).returncode == 11
    assert start("--env", "ANTHROPIC_API_KEY=sk-stray", *PROMPT).returncode == 11
    assert start(*PROMPT, temporary=False).returncode == 5
    assert len(api.messages) == asked


def test_the_image_says_what_it_is_and_holds_no_more_than_the_program(
    start: Start, images: dict[str, ImageContext]
) -> None:
    image = inspect("image", "inspect", images["auth"].image_name)[0]
    labels = image["Config"]["Labels"]
    assert labels["org.fondation.engine"] == "claude"
    assert (labels["org.fondation.auth.mode"], labels["org.fondation.auth.since"]) == ("runtime", "none")
    assert image["Config"]["Healthcheck"]["Test"][0] == "CMD"
    assert image["Size"] <= 500_000_000
    assert TOKEN not in str(image) + docker("history", "--no-trunc", images["auth"].image_name)
    listed = start("--entrypoint", "find", "IMAGE", "/opt/claude", "-type", "f")
    assert listed.stdout.split() == ["/opt/claude/claude"]
