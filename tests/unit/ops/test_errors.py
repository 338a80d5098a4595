import inspect

from ops import errors


def test_every_error_has_an_exit_code_of_its_own_and_none_is_that_of_wrong_usage() -> None:
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, errors.OpsError)]
    codes = [vars(kind)["exit_code"] for kind in classes]
    assert len(classes) > 10
    assert sorted(codes) == sorted(set(codes))
    assert not {0, 2, 130} & set(codes)


def test_a_failed_command_names_its_arguments_code_output_and_remedy() -> None:
    error = errors.CommandError(["git", "clone", "x"], code=128, tail="fatal: no\nbye", remedy="check the name")
    assert str(error) == "git clone x ended with exit code 128\n  | fatal: no\n  | bye\ncheck the name"
    assert (error.argv, error.code) == (("git", "clone", "x"), 128)


def test_a_long_command_line_is_cut_in_the_message_only() -> None:
    error = errors.CommandError([str(number) for number in range(50)], code=None, tail="")
    assert str(error) == "0 1 2 3 4 5 6 7 … did not end in time and was stopped"
    assert len(error.argv) == 50
