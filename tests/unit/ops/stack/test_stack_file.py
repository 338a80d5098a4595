from pathlib import Path

import pytest

from ops.errors import StackError
from ops.stack.stack_file import stack_values


def test_our_keys_are_those_of_our_namespace_and_those_without_one(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text(
        "encryptionsalt: v1:x\nconfig:\n  fondation:engine: static\n  webPort: 9000\n  docker:host: tcp://x\n"
    )
    assert stack_values(tmp_path, "blue") == {"engine": "static", "webPort": 9000}
    assert stack_values(tmp_path, "green") == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"config: [\n", "is not YAML"),
        (b"config:\n  fondation:engine: \xff\n", "is not YAML"),
        (b"fondation:engine\n", r"is one value, 'fondation:engine': expected `config:`"),
        (
            b"confg:\n  fondation:engine: static\nwebPort: 1\n",
            r"has confg, webPort at its top level, .* below `config:`",
        ),
        (b"config:\n- fondation:engine\n", r"`config` in .* is \['fondation:engine'\]: expected lines such as"),
        (b"config:\n  1: static\n", r"`config` in .* has 1: expected keys such as"),
    ],
)
def test_a_file_that_is_no_stacks_configuration_is_named_with_what_is_expected(
    content: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.blue.yaml"
    file.write_bytes(content)
    with pytest.raises(StackError, match=said) as caught:
        stack_values(tmp_path, "blue")
    assert str(file) in str(caught.value)
