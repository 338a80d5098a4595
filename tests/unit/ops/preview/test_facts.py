"""From the engine's steps to facts."""

from typing import Any

import pytest

from ops.preview.images import compared, image_changes, recorded_images
from ops.preview.report import SECRET, UNKNOWN, Cause, FileState, Operation
from ops.preview.settings import Scrubber, Setting, last_deployed, setting_changes, settings_of
from ops.preview.steps import changes, effects, summary
from tests.unit.ops.preview.steps import step, worker

ENGINE_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def causes(
    *, before: dict[str, Any], after: dict[str, Any], diff: dict[str, str]
) -> list[tuple[str, str | None, str | None]]:
    (change,) = changes([step("update", "Container", "worker", before=before, after=after, diff=diff)])
    return [(cause.path, cause.before, cause.after) for cause in change.causes]


def test_a_changed_variable_is_named_with_both_values() -> None:
    after = worker(envs=["FONDATION_LEASE_S=9", "NODE_ENV=development", "NEW=1"])
    assert causes(before=worker(), after=after, diff={"envs": "update-replace"}) == [
        ("envs.FONDATION_LEASE_S", "30", "9"),
        ("envs.NEW", None, "1"),
    ]


@pytest.mark.parametrize("path", ["labels", "labels[0].value", '["labels"]', "labels[1]"])
def test_every_spelling_of_a_property_path_leads_to_its_entries(path: str) -> None:
    after = worker(labels=[{"label": "org.fondation.digest", "value": ENGINE_UNKNOWN}])
    assert causes(before=worker(), after=after, diff={path: "update-replace"}) == [
        ("labels.org.fondation.digest", f"sha256:{'a' * 64}", UNKNOWN)
    ]


def test_nested_entries_are_told_apart() -> None:
    before, after = ({"build": {"args": {"A": "1", "B": value}, "network": "none"}} for value in ("x", "y"))
    assert causes(before=before, after=after, diff={"build": "update"}) == [("build.args.B", "x", "y")]


def test_secrets_stay_secrets_and_long_values_are_cut() -> None:
    before, after = worker(uploads="[secret]", note="x" * 5000), worker(uploads="[secret]", note="y")
    found = causes(before=before, after=after, diff={"uploads": "update-replace", "note": "update"})
    assert found[0] == ("uploads", SECRET, SECRET)
    assert len(found[1][1] or "") == 200


def test_a_replacement_that_the_engine_does_not_explain_is_explained_by_the_inputs_that_differ() -> None:
    after = worker(labels=[{"label": "org.fondation.digest", "value": ENGINE_UNKNOWN}], __defaults=["x"])
    (change,) = changes([step("replace", "Container", "worker-container", before=worker(), after=after)])
    digest = f"sha256:{'a' * 64}"
    assert change.causes == (Cause(path="labels.org.fondation.digest", before=digest, after=UNKNOWN, replaces=True),)


def test_an_object_that_was_found_different_says_how() -> None:
    one = step("update", "Container", "worker-container", before=worker(), after=worker(), diff={"memory": "update"})
    one["oldState"]["outputs"] = worker(memory=64)
    (change,) = changes([one])
    assert change.causes == (Cause(path="memory", before="64", after="1024", replaces=False),)


def test_steps_that_change_nothing_or_belong_to_a_replacement_are_no_changes() -> None:
    silent = ["same", "read", "refresh", "create-replacement", "delete-replaced"]
    assert changes([step(name, "Network", "network", before={}, after={}) for name in silent]) == []


def test_an_operation_of_a_later_engine_is_not_hidden() -> None:
    (change,) = changes([step("teleport", "Network", "network", before={}, after={})])
    assert change.operation is Operation.OTHER


def test_what_was_removed_behind_pulumis_back_is_told_apart_from_what_is_new() -> None:
    gone = step("refresh", "Container", "worker-container", before=worker())
    found = changes([gone, step("create", "Container", "worker-container", after=worker())])
    assert [(change.operation, change.gone) for change in found] == [(Operation.CREATE, True)]


def test_a_courier_never_runs_and_the_volume_of_a_secret_holds_nothing_to_lose() -> None:
    found = changes(
        [
            step("replace", "Container", "key-courier", before=worker(start=False), after=worker(start=False)),
            step("delete", "Volume", "key-volume", before={"name": "fondation-dev-key"}, parent="SecretFile"),
        ]
    )
    effect = effects(found)
    assert (effect.restarts, effect.loses, effect.deletes) == ((), (), ("fondation-dev-key",))
    assert summary(found, effect, deployed=True) == (
        "No container restarts; 1 object deleted (fondation-dev-key); no data is lost."
    )


@pytest.mark.parametrize("operation", ["replace", "delete"])
def test_a_volume_that_is_replaced_or_deleted_loses_its_data(operation: str) -> None:
    volume = {"name": "fondation-dev-backend"}
    found = changes([step(operation, "Volume", "backend-data", before=volume, after=volume, parent="Backend")])
    assert effects(found).loses == ("fondation-dev-backend",)
    assert "DATA IS LOST: everything on 1 volume (fondation-dev-backend)" in summary(
        found, effects(found), deployed=True
    )


def test_a_volume_that_is_kept_on_deletion_loses_nothing() -> None:
    one = step("delete", "Volume", "backend-data", before={"name": "x"})
    one["oldState"]["retainOnDelete"] = True
    assert effects(changes([one])).loses == ()


def test_the_sentence_names_what_restarts() -> None:
    found = changes([step("replace", "Container", "worker-container", before=worker(), after=worker(image="x"))])
    assert summary(found, effects(found), deployed=True) == (
        "1 container restarts (fondation-dev-worker); nothing is deleted and no data is lost."
    )
    assert summary([], effects([]), deployed=True) == "Nothing changes."


def test_a_limit_changed_in_place_restarts_nothing() -> None:
    after = worker(memory=2048)
    one = step("update", "Container", "worker-container", before=worker(), after=after, diff={"memory": "update"})
    assert effects(changes([one])).restarts == ()


def test_files_behind_a_digest_are_told_from_the_recorded_ones() -> None:
    assert compared({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == {
        "b": FileState.CHANGED,
        "c": FileState.REMOVED,
        "d": FileState.ADDED,
    }


def test_images_of_an_older_release_without_recorded_files_are_compared_by_digest() -> None:
    chain = {
        "op": "same",
        "urn": "urn:pulumi:dev::fondation::fondation:components:ImageChain::images",
        "oldState": {"outputs": {"cli": "sha256:1"}},
    }
    digests, files = recorded_images([chain])
    assert (digests, files) == ({"cli": "sha256:1"}, None)
    (change,) = image_changes(digests, files, [])
    assert (change.role, change.before, change.after, change.files) == ("cli", "sha256:1", None, None)


def test_settings_are_compared_and_secrets_only_said_to_differ() -> None:
    before = settings_of({"a": {"value": "1"}, "b": {"value": "old-canary", "secret": True}, "d": {"value": "x"}})
    after = settings_of({"a": {"value": "2"}, "b": {"value": "new-canary", "secret": True}, "c": {"secret": True}})
    found = {change.key: (change.before, change.after, change.secret) for change in setting_changes(before, after)}
    assert found == {
        "a": ("1", "2", False),
        "b": ("set", "changed", True),
        "c": (None, "set", True),
        "d": ("x", None, False),
    }
    assert "canary" not in repr(before) + repr(setting_changes(before, after))


def test_a_value_that_becomes_a_secret_is_shown_on_neither_side() -> None:
    plain, hidden = Setting(value="canary", secret=False), Setting(value="canary", secret=True)
    for before, after in ((plain, hidden), (hidden, plain)):
        assert "canary" not in repr(setting_changes({"a": before}, {"a": after}))


def test_the_last_deployment_is_the_newest_success_since_the_stack_was_destroyed() -> None:
    def entry(kind: str, result: str, number: int) -> dict[str, Any]:
        return {"kind": kind, "result": result, "number": number}

    failed, good = entry("update", "failed", 3), entry("update", "succeeded", 2)
    assert last_deployed([failed, entry("refresh", "succeeded", 4), good]) == good
    assert last_deployed([failed, entry("destroy", "succeeded", 4), good]) is None
    assert last_deployed([]) is None


def test_known_secrets_are_taken_out_of_everything() -> None:
    scrubber = Scrubber.of(["canary-0123456789", "short"])
    assert scrubber.clean({"canary-0123456789": ["x canary-0123456789 y", 1, None, "short"]}) == {
        "[secret]": ["x [secret] y", 1, None, "short"]
    }
    assert "canary" not in repr(scrubber)
