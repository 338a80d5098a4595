import pytest

from ops.stack.release import Release, kept, origins, previous, rollback_target


def update(version: int, **fields: object) -> Release:
    values: dict[str, object] = {"kind": "update", "result": "succeeded", "changes": {"update": 1, "same": 9}}
    return Release(version=version, **{**values, **fields})  # type: ignore[arg-type]  # values are right by test


def failed(version: int) -> Release:
    return update(version, result="failed")


def same(version: int) -> Release:
    return update(version, changes={"same": 10})


def rollback(version: int, target: int) -> Release:
    return update(version, rollback_of=target)


def destroyed(version: int) -> Release:
    return update(version, kind="destroy", changes={"delete": 10})


def refreshed(version: int) -> Release:
    return update(version, kind="refresh", changes={"same": 10})


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        ([update(1)], None),
        ([update(1), update(2)], 1),
        ([update(1), update(2), same(3)], 1),
        ([update(1), update(2), failed(3)], 2),
        ([update(1), failed(2), failed(3)], 1),
        ([update(1), update(2), refreshed(3)], 1),
        ([update(1), update(2), rollback(3, 1)], 2),
        ([update(1), failed(2), rollback(3, 1)], None),
        ([update(1), update(2), rollback(3, 1), rollback(4, 2)], 3),
        ([update(1), update(2), update(3), rollback(4, 2)], 3),
        ([update(1), update(2), destroyed(3)], 2),
        ([failed(1)], None),
        ([destroyed(1)], None),
    ],
)
def test_previous_is_the_newest_good_release_with_other_inputs(history: list[Release], expected: int | None) -> None:
    found = previous(history)
    assert (found.version if found else None) == expected


def test_an_update_that_changes_nothing_is_new_after_a_failed_one_or_a_destroy() -> None:
    assert origins([update(1), failed(2), same(3)]) == {1: 1, 3: 3}
    assert origins([update(1), destroyed(2), same(3)]) == {1: 1, 3: 3}


def test_what_is_kept_counts_different_inputs_only_and_takes_the_newest_of_each() -> None:
    history = [update(1), update(2), same(3), failed(4), update(5), rollback(6, 2), same(7)]
    assert [item.version for item in kept(history, 2)] == [7, 5]
    assert [item.version for item in kept(history, 3)] == [7, 5, 1]
    assert [item.version for item in kept(history, 9)] == [7, 5, 1]


def test_only_the_message_of_a_rollback_names_a_target() -> None:
    assert rollback_target("rollback to #12") == 12
    assert rollback_target("undo the rollback to #12") is None
