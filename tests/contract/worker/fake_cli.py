"""The tests' own CLI: `fake_cli.py <behaviour> --json analyze <clone> -o <output> --engine <engine>`.

Writes a small course or misbehaves as told. The good path of the worker runs the real CLI.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

TITLES = (
    "Extracting core abstractions from codebase",
    "Analyzing relationships between components",
    "Determining optimal chapter order",
    "Generating chapter content",
    "Reviewing and enhancing chapters",
    "Generating interactive tutorials",
)


def say(message: str, level: str = "info", **fields: object) -> None:
    sys.stdout.write(json.dumps({"level": level, "time": 0, "context": "analyze", "msg": message, **fields}) + "\n")
    sys.stdout.flush()


def write_course(output: Path, chapters: int = 1) -> None:
    (output / "step1_abstractions.yaml").write_text("- name: A\n  description: d\n  file_paths: [a.py]\n")
    (output / "step2_relationships.yaml").write_text("summary: s\nrelationships: []\n")
    (output / "step3_order.yaml").write_text("order:\n- {index: 0, name: A, reasoning: r}\n")
    for folder, stem in (("chapters", "chapter"), ("reviewed-chapters", "chapter"), ("tutorials", "tutorial")):
        (output / folder).mkdir(exist_ok=True)
        for index in range(chapters):
            (output / folder / f"{stem}_{index}_a.md").write_text(f"# {stem.title()} {index}: A\n\nText.\n")


def course(output: Path) -> int:
    """All six steps, as the existing CLI announces them."""
    for title in TITLES:
        say(title)
    write_course(output)
    return 0


def slow(output: Path) -> int:
    """Two steps, then a long third one."""
    for title in TITLES[:3]:
        say(title)
    write_course(output)
    time.sleep(600)
    return 0


def gated(output: Path) -> int:
    """A course that is written once the file named after the behaviour exists."""
    for title in TITLES[:2]:
        say(title)
    while not Path(sys.argv[2]).exists():
        time.sleep(0.02)
    return course(output)


def refused(output: Path) -> int:
    """A credential that the model refuses until the file named after the behaviour exists."""
    if Path(sys.argv[2]).exists():
        return course(output)
    say("the credential was refused (401)", level="error", error={"code": "authentication", "remedy": "log in"})
    return 8


def grandchildren(output: Path) -> int:
    """Children in the same session and in sessions of their own, none of which ends, nor does this one."""
    del output
    for _ in range(3):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    say(TITLES[0])
    time.sleep(600)
    return 0


def orphans(output: Path) -> int:
    """A good course, and a process left behind that holds the output open."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    return course(output)


def deaf(output: Path) -> int:
    """Ignores SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return slow(output)


def noisy(output: Path) -> int:
    """Prints 40 MB, part of it in one line and not UTF-8, and reports an error in the middle."""
    for _ in range(16):
        sys.stderr.buffer.write(b"e" * (1 << 20))
        sys.stdout.buffer.write(b"\xff" * (1 << 20))
    sys.stdout.write("\n")
    for index in range(100_000):
        sys.stdout.write(f"line {index} of noise that says nothing and goes on for a while, like this: {'x' * 40}\n")
    return course(output)


def crash(output: Path) -> int:
    """Half a course, then a signal."""
    write_course(output)
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def hungry(output: Path) -> int:
    """Asks for more memory than there is."""
    del output
    return len(bytearray(64 << 30))


def nothing(output: Path) -> int:
    """Finds nothing to analyse."""
    del output
    say("no file of a known kind", level="error", error={"code": "nothing", "remedy": "submit a repository with code"})
    return 3


def empty(output: Path) -> int:
    """Ends well and writes nothing."""
    del output
    return 0


def partial(output: Path) -> int:
    """Some files missing, malformed, empty, not UTF-8, or links out of the folder."""
    write_course(output, chapters=12)
    (output / "step1_abstractions.yaml").write_text("- name: [unclosed\n")
    (output / "step2_relationships.yaml").unlink()
    (output / "chapters" / "chapter_3_a.md").write_bytes(b"# \xff\xfe")
    (output / "chapters" / "chapter_4_a.md").write_text("")
    (output / "chapters" / "chapter_5_a.md").unlink()
    (output / "chapters" / "chapter_5_a.md").symlink_to("/etc/passwd")
    return 0


def linked(output: Path) -> int:
    """Replaces the output folder by a link."""
    output.rmdir()
    output.symlink_to("/etc")
    return 0


def huge(output: Path) -> int:
    """A document that is just too large to store, within the reader's own limit."""
    write_course(output)
    (output / "chapters" / "chapter_0_a.md").write_text("# A\n\n" + "x" * ((1 << 20) - 100))
    return 0


def flood(output: Path) -> int:
    """Writes without end."""
    index = 0
    while True:
        (output / f"file{index}").write_bytes(b"x" * (8 << 20))
        index += 1


def full(output: Path) -> int:
    """Fills the disk as our CLI reports it."""
    try:
        (output / "step1_abstractions.yaml").write_bytes(b"x" * (64 << 20))
    except OSError as error:
        say(f"{output} cannot be written: {error.strerror}", level="error", error={"remedy": "free some space"})
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](Path(sys.argv[sys.argv.index("-o") + 1])))
