import pytest

from course.redaction import bounded, redact


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
def test_known_secrets_and_shapes_are_masked(text: str, secret: str) -> None:
    found = redact(text, known=["99-bottles", ""])
    assert secret not in found
    assert "[redacted]" in found


def test_ordinary_text_stays() -> None:
    text = "worker ended: exit code 1 at https://example.org/a/b"
    assert redact(text, known=["exit"]) == text


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a" * 36,
        "github_pat_" + "a" * 40,
        "glpat-" + "a" * 20,
        "sk-ant-" + "a" * 40,
        "xoxb-" + "1" * 20,
    ],
)
def test_token_shapes_are_masked(secret: str) -> None:
    assert secret not in redact(f"before {secret} after")
    assert redact(f"before {secret} after") == "before [redacted] after"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clone https://user:pass@host/x", "clone https://[redacted]@host/x"),
        ("clone https://token@host/x", "clone https://[redacted]@host/x"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("authorization=xyz, rest", "authorization=[redacted], rest"),
        ("Convex 0123456789abcdef0123", "Convex [redacted]"),
        ("mail a@b.example and path/to@x", "mail a@b.example and path/to@x"),
    ],
)
def test_credentials_are_masked_and_plain_text_is_not(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_a_bounded_text_keeps_its_ends() -> None:
    text = bounded("first\x00\x1b[31m\n" + "x" * 5000 + "\nlast", max_characters=300)
    assert len(text) == 300
    assert text.startswith("first[31m\n")
    assert text.endswith("\nlast")
