import httpx
import pytest

from tests.unit.web.visitor import Visitor
from web.metrics import Metrics
from web.streams import StreamLimit


def test_the_pages_do_not_show_metrics(visitor: Visitor, guarded: Visitor) -> None:
    assert visitor.get("/metrics").status_code == 404
    assert guarded.get("/metrics").headers["location"].startswith("/sign-in")


def test_answers_are_counted_by_status_and_health_checks_are_not(visitor: Visitor) -> None:
    visitor.get("/")
    visitor.get("/nowhere")
    visitor.get("/health")
    with visitor.metrics.served("127.0.0.1", 0) as port:
        lines = httpx.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()
    assert 'fondation_web_requests_total{code="200"} 1.0' in lines
    assert 'fondation_web_requests_total{code="404"} 1.0' in lines
    assert "fondation_web_response_delay_seconds_count 2.0" in lines
    assert "fondation_web_live_streams 0.0" in lines


def test_live_streams_are_counted_when_asked() -> None:
    streams = StreamLimit(5)
    metrics = Metrics(streams)
    with streams.opened(), metrics.served("127.0.0.1", 0) as port:
        assert "\nfondation_web_live_streams 1.0\n" in httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_a_taken_port_is_an_error_and_nothing_stays_open() -> None:
    metrics = Metrics(StreamLimit(1))
    with (
        metrics.served("127.0.0.1", 0) as port,
        pytest.raises(OSError, match="in use"),
        metrics.served("127.0.0.1", port),
    ):
        pytest.fail("two servers on one port")
