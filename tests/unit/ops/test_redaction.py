import pytest

from ops.redaction import redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("clone of https://ada:hunter2@example.org/x failed", "hunter2"),
        ("using sk-ant-oat01-abcdefghijkl", "abcdefghijkl"),
        ("Authorization: Convex abc123", "abc123"),
        ("sent Bearer 0123456789abcdef0123", "0123456789abcdef0123"),
        ("the key is 99-bottles", "99-bottles"),
    ],
)
def test_credentials_are_masked(text: str, secret: str) -> None:
    found = redacted(text, known=["99-bottles", ""])
    assert secret not in found
    assert "[redacted]" in found


def test_ordinary_text_stays() -> None:
    text = "worker ended: exit code 1 at https://example.org/a/b"
    assert redacted(text, known=["exit"]) == text
