"""What goes into a sandbox and what comes out of it, as text that nobody vouches for."""

import json

import pytest

from sandbox.program import (
    NOT_RUN,
    OUTPUT_MAX_BYTES,
    PROGRAMS_MAX,
    Ending,
    Program,
    Result,
    dump_programs,
    dump_results,
    load_programs,
    load_results,
)

PROGRAM = Program(main="main.py", files={"main.py": "print(1)\n", "lines.py": "LINES = '\u00e9'\n"})
RESULT = Result(ending=Ending.ENDED, status=-9, output="\u00e9\n")


def test_programs_and_results_come_back_as_they_were() -> None:
    assert load_programs(dump_programs([PROGRAM, PROGRAM])) == [PROGRAM, PROGRAM]
    assert load_results(dump_results([RESULT, NOT_RUN]), 2) == [RESULT, NOT_RUN]


@pytest.mark.parametrize(
    "name", ["../main.py", "/etc/passwd", ".hidden.py", "", "a/b.py", "main.py\n", "con fig.py", 7]
)
def test_a_name_that_is_no_file_of_the_folder_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match="not the name"):
        load_programs(json.dumps([{"main": name, "files": {}}]))


@pytest.mark.parametrize("text", ["", "{}x", "7", '{"main": 1}', '[{"main": "a.py"}]', "[[]]", "[" * 5000])
def test_what_is_no_list_of_programs_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load_programs(text)


def test_too_many_programs_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        load_programs(dump_programs([PROGRAM] * (PROGRAMS_MAX + 1)))


@pytest.mark.parametrize(
    "answer",
    [
        "nonsense",
        "[" * 5000,
        "{}",
        "[7]",
        '[{"ending": "ended", "status": 0}]',
        '[{"ending": "won", "status": 0, "output": ""}]',
        '[{"ending": "ended", "status": "0", "output": ""}]',
        '[{"ending": "ended", "status": 99999, "output": ""}]',
        '[{"ending": "ended", "status": 0, "output": 5}]',
        json.dumps([{"ending": "ended", "status": 0, "output": "x" * (OUTPUT_MAX_BYTES + 1)}]),
        dump_results([RESULT, RESULT]),
    ],
)
def test_an_answer_that_is_none_is_none(answer: str) -> None:
    assert load_results(answer, 1) is None
