"""The functions of a Convex deployment: told apart, and deployed by Convex's own command as far as that goes here."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from components.machine import machine_folders
from course.function_version import VERSION
from ops.errors import BackendError, FunctionsError
from ops.machine.convex_cli import credentials, deploy
from ops.machine.npm import node_and_npm
from ops.stack.convex import Convex
from ops.stack.functions import require_functions
from tests.contract.ops.conftest import ROOT, Deployment

KEY = "test-key-of-a-deployment-0123456789"
HASHES = {"config": {"functions": "functions/", "authInfo": []}, "moduleHashes": [], "nodeDependencies": []}


@contextmanager
def answering(**answers: object) -> Iterator[tuple[str, dict[str, bytes], list[str]]]:
    """A server that answers these paths (by their last part); yields its URL, the bodies, and how callers signed."""
    bodies: dict[str, bytes] = {}
    signed: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = self.path.rpartition("/")[2]
            bodies[name] = self.rfile.read(int(self.headers["Content-Length"]))
            signed.append(self.headers.get("Authorization", ""))
            data = json.dumps(answers.get(name, {"status": "success", "value": None})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", bodies, signed
        finally:
            server.shutdown()
            thread.join()


def test_the_embedded_backend_has_the_functions_of_this_checkout(deployment: Deployment) -> None:
    said = require_functions(Convex(deployment.url, deployment.key), deployment.url)
    assert said == f"version {VERSION} of the functions"


def version(name: str, number: int) -> object:
    return {"status": "success", "value": {"name": name, "version": number}}


NONE = {"status": "error", "errorMessage": "Could not find public function for 'system:version'."}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (version("shop", 1), r"has another project's functions \('shop'\): check fondation:convexUrl"),
        (version("fondation", 0), r"has version 0 .*`bin/fondation convex deploy` brings them"),
        (version("fondation", 9), r"has version 9 .*take the checkout that they came from"),
        (NONE, r"has no functions of Fondation, or those of the older system.*`bin/fondation convex deploy`"),
    ],
)
def test_other_functions_are_named_with_what_to_do(answer: object, words: str) -> None:
    with answering(query=answer) as (url, _, _), pytest.raises(FunctionsError, match=words):
        require_functions(Convex(url, KEY), url)


def test_a_deployment_that_does_not_answer_is_no_deployment_without_functions() -> None:
    with pytest.raises(BackendError) as caught:
        require_functions(Convex("http://127.0.0.1:9", KEY), "http://127.0.0.1:9")
    assert not isinstance(caught.value, FunctionsError)


def test_convexs_own_command_bundles_the_functions_and_signs_with_the_key(tmp_path: Path) -> None:
    cache = machine_folders(ROOT).cache
    with answering(get_config_hashes={**HASHES, "udfServerVersion": "1.49.0"}) as (url, bodies, signed):
        said: list[str] = []
        # What comes after the bundle needs a real deployment: the command ends with a complaint about our answer.
        with pytest.raises(Exception, match="schemaChange"):
            deploy(url, KEY, root=ROOT, cache=cache, note=said.append, dry_run=True)
    assert set(signed) == {f"Convex {KEY}"}
    packed = tmp_path / "push.br"
    packed.write_bytes(bodies["evaluate_push"])
    node, _ = node_and_npm(ROOT, cache, said.append)
    script = "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(process.argv[1])))"
    unpacked = subprocess.run([*node, "-e", script, str(packed)], check=True, capture_output=True).stdout
    push = json.loads(unpacked)
    definition = push["appDefinition"]
    modules = {Path(module["path"]).stem for module in [*definition["changedModules"], definition["schema"]]}
    assert modules >= {path.stem for path in (ROOT / "convex" / "functions").glob("*.ts")}
    assert push["dryRun"] is True
    assert not any(KEY in line for line in said)
    assert not (ROOT / "convex" / ".env.local").exists()


def test_a_deployment_of_convex_cloud_is_named_by_its_key() -> None:
    cloud, own = credentials("https://happy-otter-1.convex.cloud", KEY), credentials("http://convex.corp:3210", KEY)
    assert {name for name, value in cloud.items() if value} == {"CONVEX_DEPLOY_KEY"}
    assert {name for name, value in own.items() if value} == {"CONVEX_SELF_HOSTED_URL", "CONVEX_SELF_HOSTED_ADMIN_KEY"}
