"""A request and its answer through two folders, with whoever asks and whoever serves as two parties."""

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.exchange import ALIVE, Exchange, NoAnswerError, ask, read_bounded, request_of
from sandbox.program import Ending, Limits, Program, Result
from sandbox.server import NotCleanError, Server, empty
from tests.unit.analyzer.repositories import ROOT

HONEST = Program(main="main.py", files={"main.py": "import fruit\nprint(fruit.APPLE)\n"})
PACKAGE = {"fruit.py": b"APPLE = 3\n"}


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    found = Exchange(inbox=tmp_path / "in", outbox=tmp_path / "out")
    found.inbox.mkdir()
    found.outbox.mkdir()
    return found


@pytest.fixture
def server(exchange: Exchange, tmp_path: Path) -> Server:
    (tmp_path / "scratch").mkdir()
    return Server(
        exchange=exchange, scratch=[tmp_path / "scratch"], limits=Limits(seconds=2), end_others=lambda: None,
        say=lambda _: None,
    )  # fmt: skip


@pytest.fixture
def serving(server: Server) -> Iterator[Server]:
    """Serve in the background."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            if not server.serve_once():
                time.sleep(0.01)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server
    over.set()
    thread.join()


def asked(exchange: Exchange, *programs: Program) -> list[Result]:
    return ask(exchange, request_of(programs, PACKAGE), len(programs), timeout_s=20)


@pytest.mark.usefixtures("serving")
def test_programs_are_answered_in_order_and_nothing_stays(exchange: Exchange, tmp_path: Path) -> None:
    failing = Program(main="main.py", files={"main.py": "raise SystemExit(4)\n"})
    assert [result.status for result in asked(exchange, HONEST, failing, HONEST)] == [0, 4, 0]
    assert asked(exchange, HONEST) == [Result(ending=Ending.ENDED, status=0, output="3\n")]
    assert sorted(path.name for path in exchange.inbox.iterdir()) == ["lock"]
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.usefixtures("serving")
def test_a_program_cannot_change_the_package_of_the_next(exchange: Exchange) -> None:
    spoiling = Program(
        main="main.py", files={"main.py": "import fruit\nopen(fruit.__file__, 'w').write('APPLE = 9')\n"}
    )
    assert [result.output for result in asked(exchange, spoiling, HONEST)] == ["", "3\n"]


@pytest.mark.usefixtures("serving")
def test_names_of_a_package_do_not_lead_out_of_it(exchange: Exchange, tmp_path: Path) -> None:
    request = request_of([HONEST], PACKAGE | {"../../../escaped.py": b"", "/escaped.py": b""})
    assert ask(exchange, request, 1, timeout_s=20)[0].output == "3\n"
    assert not list(tmp_path.rglob("escaped.py"))
    assert not Path("/escaped.py").exists()


def test_nobody_answers(exchange: Exchange) -> None:
    with pytest.raises(NoAnswerError, match="did not answer in time"):
        ask(exchange, b"", 1, timeout_s=0.2)
    assert sorted(path.name for path in exchange.inbox.iterdir()) == ["lock"]


def test_there_is_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError, match="No such file or directory"):
        ask(Exchange.below(tmp_path / "none"), b"", 1, timeout_s=0.2)


def test_a_request_waits_for_the_one_before(exchange: Exchange) -> None:
    code = (
        "import fcntl, sys, time\nlock = open(sys.argv[1], 'wb')\nfcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\ntime.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(exchange.inbox / "lock")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(NoAnswerError, match="did not leave the sandbox"):
            ask(exchange, b"", 1, timeout_s=0.2)
    finally:
        holder.kill()
        holder.communicate()


@pytest.mark.parametrize("answer", ["nonsense", "[]", '[{"ending": "ended"}]', "x" * 100])
def test_an_answer_that_is_none_is_told(exchange: Exchange, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.exchange.secrets.token_hex", lambda _: "known")
    (exchange.outbox / "known.json").write_text(f"{answer}\n")
    with pytest.raises(NoAnswerError, match="is not one"):
        ask(exchange, b"", 1, timeout_s=1)


@pytest.mark.usefixtures("serving")
def test_a_program_has_no_way_to_the_answer(exchange: Exchange) -> None:
    forging = (
        f"import os, time\nout = {str(exchange.outbox)!r}\n"
        f"name = next(n for n in os.listdir({str(exchange.inbox)!r}) if n.endswith('.zip')).replace('.zip', '.json')\n"
        "print(name in os.listdir(out))\nopen(os.path.join(out, name), 'w').write('[]\\n')\ntime.sleep(0.3)\n"
    )
    found = asked(exchange, Program(main="main.py", files={"main.py": forging}), HONEST)
    assert [result.output for result in found] == ["False\n", "3\n"]


def test_an_answer_is_a_small_regular_file(exchange: Exchange) -> None:
    path = exchange.outbox / "answer"
    assert read_bounded(path) is None
    path.write_bytes(b"\xff")
    assert read_bounded(path) is None
    path.write_text("text")
    assert read_bounded(path) == "text"
    assert read_bounded(path, most=3) is None
    (exchange.outbox / "link").symlink_to(path)
    assert read_bounded(exchange.outbox / "link") is None
    os.mkfifo(exchange.outbox / "pipe")
    assert read_bounded(exchange.outbox / "pipe") is None


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_request_is_refused(exchange: Exchange, content: bytes) -> None:
    with pytest.raises(NoAnswerError, match="is not one"):
        ask(exchange, content, 1, timeout_s=20)
    assert asked(exchange, HONEST)[0].output == "3\n"


def test_a_request_that_would_unpack_to_too_much_is_refused(
    exchange: Exchange, serving: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.server.REQUEST_MAX_BYTES", 1000)
    said: list[str] = []
    serving.say = said.append
    with pytest.raises(NoAnswerError, match="is not one"):
        ask(exchange, request_of([HONEST], {"big.py": bytes(2000)}), 1, timeout_s=20)
    assert "at most 1000" in said[0]


def test_a_request_that_nobody_waits_for_is_left(
    exchange: Exchange, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.server.OPENED_WITHIN_S", 0.05)
    (exchange.inbox / "0123.zip").write_bytes(request_of([HONEST], PACKAGE))
    assert server.serve_once()
    assert not server.serve_once()


def test_a_request_that_ended_the_sandbox_is_not_run_again(exchange: Exchange, server: Server) -> None:
    """The sandbox of before made the answer's file, which was opened; then it was gone."""
    (exchange.outbox / "known.json").touch()
    told: list[str] = []

    def asks() -> None:
        try:
            ask(exchange, request_of([HONEST], PACKAGE), 1, timeout_s=20)
        except NoAnswerError as error:
            told.append(str(error))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.exchange.secrets.token_hex", lambda _: "known")
        thread = threading.Thread(target=asks)
        thread.start()
        while not (exchange.inbox / "known.opened").exists():
            time.sleep(0.01)
        assert server.serve_once()
        thread.join()
    assert told == ["its programs ended the sandbox"]


def test_what_stands_where_the_sandbox_writes_is_removed(exchange: Exchange, server: Server) -> None:
    os.mkfifo(exchange.outbox / f".{ALIVE}")
    (exchange.outbox / ALIVE / "inner").mkdir(parents=True)
    server.alive()
    assert (exchange.outbox / ALIVE).is_file()
    assert sorted(path.name for path in exchange.outbox.iterdir()) == [ALIVE]


def test_a_folder_is_emptied_however_deep(tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    deep.mkdir()
    code = "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\n"
    subprocess.run([sys.executable, "-c", code], cwd=deep, check=True)
    (tmp_path / "-rf").write_text("")
    empty(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stays").write_text("")
    monkeypatch.setattr("sandbox.server.subprocess.run", lambda *_, **__: None)
    with pytest.raises(NotCleanError, match="cannot be emptied"):
        empty(tmp_path)


def test_the_same_request_has_the_same_bytes() -> None:
    first, second = request_of([HONEST], PACKAGE), request_of([HONEST], PACKAGE)
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["programs.json", "package/fruit.py"]


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("probe",), 1)])
def test_as_a_program_it_runs_only_as_the_first_of_a_container(arguments: tuple[str, ...], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == code
