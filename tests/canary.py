"""Looks for secrets where none may be: command lines while commands run, image layers, what Docker and Pulumi show.

A secret is found by its bytes; findings name the place and never show the secret.
"""

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from tests.trial import Trial, docker, names_of

_CHUNK: Final = 1 << 20
# No program of ours that could be given a secret ends within this time.
_POLL_S: Final = 0.03


class ProcessWatch:
    """Reads every process's command line again and again; `found` are the programs that showed a secret."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.found: set[str] = set()
        self.rounds = 0
        self._secrets = [secret.encode() for secret in secrets]
        self._stop = threading.Event()

    def look(self) -> None:
        """Read all command lines once."""
        for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - looked at all the time: cheaply
            try:
                with open(f"/proc/{process}/cmdline", "rb", buffering=0) as file:  # noqa: PTH123 - same
                    line = file.readall()
            except OSError:  # the process has ended meanwhile
                continue
            if any(secret in line for secret in self._secrets):
                self.found.add(line.split(b"\0", 1)[0].decode(errors="replace"))
        self.rounds += 1

    def watch(self) -> None:
        """Look until stopped."""
        while not self._stop.wait(_POLL_S):
            self.look()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()


@contextmanager
def watched_processes(*secrets: str) -> Iterator[ProcessWatch]:
    """Watch command lines for the length of the block."""
    watch = ProcessWatch(secrets)
    thread = threading.Thread(target=watch.watch, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        thread.join(timeout=10)


def secrets_in(text: str, secrets: Mapping[str, str]) -> set[str]:
    """Return the names of the secrets that a text shows."""
    return {name for name, secret in secrets.items() if secret in text}


def secrets_in_layers(image: str, secrets: Mapping[str, str]) -> set[str]:
    """Return the names of the secrets that an image's layers or configuration hold: all of `docker save`."""
    wanted = {name: secret.encode() for name, secret in secrets.items()}
    overlap = max(map(len, wanted.values()))
    found: set[str] = set()
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saving:
        rest = b""
        while saving.stdout is not None and (data := saving.stdout.read(_CHUNK)):
            window = rest + data
            found |= {name for name, secret in wanted.items() if secret in window}
            rest = window[-overlap:]
    if saving.returncode != 0:
        raise AssertionError(f"docker save {image} exited {saving.returncode}")
    return found


def secrets_shown(trial: Trial, secrets: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the names of secrets by the place that shows them; places that show none are left out.

    Looks at the exported state, the previews, and what Docker says of every container and image of the trial: inspect,
    history and logs.
    """
    places = {
        "exported state": trial.pulumi("stack", "export").stdout,
        "pulumi preview": trial.pulumi("preview", "--diff").stdout,
        "fondation preview": trial.fondation("preview").stdout,
        "stack file": (trial.checkout / f"Pulumi.{trial.name}.yaml").read_text(),
    }
    for container in names_of(("ps", "--all"), f"fondation-{trial.name}-"):
        places[f"inspect {container}"] = docker("inspect", container)
        logs = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
        places[f"logs {container}"] = logs.stdout + logs.stderr
    for image in images_of(trial):
        places[f"inspect {image}"] = docker("image", "inspect", image)
        places[f"history {image}"] = docker("history", "--no-trunc", image)
    return {place: found for place, text in places.items() if (found := secrets_in(text, secrets))}


def images_of(trial: Trial) -> list[str]:
    """Return the names of a trial's images."""
    names = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    return sorted(name for name in names if name.startswith(trial.namespace))
