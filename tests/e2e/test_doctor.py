"""The examination of a real machine with a deployed stack."""

import json

from ops.errors import UnwellError
from tests.trial import Trial


def test_a_deployed_stack_is_well_and_each_part_was_looked_at(stack: Trial) -> None:
    done = stack.fondation("doctor", "--json")
    findings = json.loads(done.stdout)["findings"]
    assert {finding["level"] for finding in findings} <= {"ok", "warning"}, done.stdout
    looked_at = {finding["check"] for finding in findings}
    assert looked_at >= {
        "Python", "Docker", "disk", "clock", "Pulumi", "configuration", "base image", "ports", "stack", "container",
        "web page", "backend",
    }  # fmt: skip
    names = [finding["fact"].split()[0] for finding in findings if finding["check"] == "container"]
    assert names == [stack.container(role) for role in ("backend", "backend-key", "sandbox", "web", "worker")]


def test_what_is_wrong_has_a_remedy_and_an_exit_code(stack: Trial) -> None:
    (stack.checkout / "Pulumi.unmade.yaml").write_text("config:\n  fondation:environment: staging\n")
    done = stack.run("bin/fondation", "doctor", "--stack", "unmade", check=False)
    assert done.returncode == UnwellError.exit_code
    assert 'fondation:environment is "staging"' in done.stdout
    assert "is not deployed" in done.stdout
