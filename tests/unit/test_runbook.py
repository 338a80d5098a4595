"""Every alert has an entry in the runbook, and every entry an alert."""

import shlex

import click
import pytest
import yaml

from ops.commands.cli import main
from tests.runbook import ROOT, entries, rules


def test_alerts_and_entries_are_the_same() -> None:
    assert set(entries()) == set(rules())
    assert len(rules()) >= 9


@pytest.mark.parametrize("alert", sorted(rules()))
def test_an_alert_says_what_it_means_how_bad_it_is_and_where_to_read_on(alert: str) -> None:
    rule = rules()[alert]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{alert.lower()}"


@pytest.mark.parametrize("alert", sorted(rules()))
def test_an_alert_is_tested_firing_and_resolving(alert: str) -> None:
    tests = yaml.safe_load((ROOT / "tests" / "rules" / "fondation.test.yml").read_text())["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"] if case["alertname"] == alert]
    fires = [index for index, case in enumerate(cases) if case.get("exp_alerts")]
    assert fires, "never expected to fire"
    assert any(not case.get("exp_alerts") for case in cases[fires[0] + 1 :]), "never expected to resolve"


@pytest.mark.parametrize("alert", sorted(entries()))
def test_an_entry_has_meaning_check_and_fix_with_commands_that_exist(alert: str) -> None:
    entry = entries()[alert]
    assert len(entry.meaning) > 80
    assert entry.check
    assert entry.fix
    for command in (*entry.check, *entry.fix):
        program, *arguments = shlex.split(command)
        assert program in {"bin/fondation", "bin/pulumi", "docker"}, command
        if program == "bin/fondation":
            _resolve(arguments)


def _resolve(arguments: list[str]) -> None:
    """Parse the arguments as the command would, without running it."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name}"
        command = found
    command.make_context(command.name, list(arguments))
