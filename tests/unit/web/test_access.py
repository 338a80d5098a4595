import itertools

from tests.unit.web.visitor import Clock
from web.access import SESSION_S, FormTokens, Sessions, Throttle
from web.settings import Secret


def sessions(clock: Clock, phrase: str = "the access token") -> Sessions:
    count = itertools.count()
    return Sessions(Secret(phrase), now_s=clock, nonce=lambda: f"nonce{next(count)}")


def test_a_session_is_valid_until_it_expires() -> None:
    clock = Clock()
    made = sessions(clock)
    cookie = made.start()
    assert made.is_valid(cookie)
    clock.seconds += SESSION_S
    assert not made.is_valid(cookie)


def test_a_session_does_not_hold_the_token() -> None:
    assert "the access token" not in sessions(Clock()).start()


def test_a_forged_session_is_not_valid() -> None:
    made = sessions(Clock())
    expiry, nonce, mac = made.start().split(".")
    later = str(int(expiry) + 9)
    for cookie in (None, "", "...", f"{later}.{nonce}.{mac}", f"{expiry}.{nonce}.{mac[:-1]}0x", f"{expiry}.é.{mac}"):
        assert not made.is_valid(cookie)


def test_another_token_ends_every_session() -> None:
    clock = Clock()
    cookie = sessions(clock).start()
    assert not sessions(clock, "another access token").is_valid(cookie)


def test_a_session_that_was_signed_out_stays_out() -> None:
    made = sessions(Clock())
    first, second = made.start(), made.start()
    made.end(first)
    assert not made.is_valid(first)
    assert made.is_valid(second)


def test_only_the_token_is_accepted() -> None:
    made = sessions(Clock())
    assert made.accepts(" the access token\n")
    assert not made.accepts("the access toke")
    assert not made.accepts("")
    assert not Sessions(None, now_s=Clock()).accepts("")


def test_guessing_slows_down_per_client() -> None:
    clock = Clock()
    throttle = Throttle(now_s=clock, failures=3, refill_s=10)
    for _ in range(3):
        assert throttle.wait_s("a") == 0
        throttle.fail("a")
    assert throttle.wait_s("a") == 10
    assert throttle.wait_s("b") == 0
    clock.seconds += 10
    assert throttle.wait_s("a") == 0


def test_a_forms_token_belongs_to_one_browser() -> None:
    tokens = FormTokens(b"secret")
    assert tokens.accepts("mine", tokens.token("mine"))
    assert not tokens.accepts("yours", tokens.token("mine"))
    assert not tokens.accepts(None, tokens.token(""))
    assert not tokens.accepts("mine", "é")
