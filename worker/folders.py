"""The worker's folders: one for each job while it runs, and the raw output of failed jobs.

    <data>/work/<run>/lock          held by a live worker
    <data>/work/<run>/<job>/        clone/ output/ scratch/
    <data>/kept/<time>-<job>/       output/ reason.txt
    <data>/courses/<repository>/    the last course, for the next analysis to continue from
    <data>/answers/<repository>/    what a model answered about it, so that nothing is asked twice

Several workers may share a data folder: only the folders of workers that are gone are swept.
"""

import fcntl
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.errors import StartupError
from worker.queue import Held, JobId, RepositoryId

KEPT_MAX: Final = 10
COURSES_MAX: Final = 50
COURSE_MAX_BYTES: Final = 32 << 20
ANSWERS_MAX: Final = 50
ANSWERS_MAX_BYTES: Final = 64 << 20
_KEPT_NAME: Final = re.compile(r"\d{8}T\d{6}Z-(?P<job>.+)-[0-9a-f]{6}")

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFolder:
    """The folders of one job. `clone` does not exist before the clone."""

    root: Path
    job_id: JobId

    @property
    def clone(self) -> Path:
        """Where the repository goes."""
        return self.root / "clone"

    @property
    def output(self) -> Path:
        """Where the CLI writes the course."""
        return self.root / "output"

    @property
    def scratch(self) -> Path:
        """Home and temporary folder of git and the CLI."""
        return self.root / "scratch"


class Folders:
    """Makes, removes and keeps the folders of this process's jobs."""

    def __init__(self, data: Path, *, kept_max: int = KEPT_MAX, now_s: Callable[[], float] = time.time) -> None:
        """Claim a run folder and sweep what earlier workers left.

        Raises:
            StartupError: The data folder cannot be written.
        """
        self._work = data / "work"
        self._kept = data / "kept"
        self._courses = data / "courses"
        self._answers = data / "answers"
        self._kept_max = kept_max
        self._now_s = now_s
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            self._kept.mkdir(parents=True, exist_ok=True)
            self._courses.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._answers.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._run = self._work / secrets.token_hex(8)
            self._run.mkdir(mode=0o700)
            self._lock = _locked(self._run)
            self._sweep()
        except OSError as error:
            raise StartupError(
                f"the data folder {data} cannot be used ({error.strerror}); "
                "make FONDATION_DATA_DIR a folder that the worker may write"
            ) from error

    def open(self, job_id: JobId) -> JobFolder:
        """Make the folders of a job."""
        folder = JobFolder(root=self._run / _safe(job_id), job_id=job_id)
        remove(folder.root)
        for path in (folder.output, folder.scratch):
            path.mkdir(mode=0o700, parents=True)
        return folder

    def keep(self, folder: JobFolder, reason: str) -> Path | None:
        """Move the raw output of a failed job to `kept/`; return where, or None when it wrote nothing."""
        return self._keep(folder.root, folder.job_id, reason)

    def answers(self, repository_id: RepositoryId) -> Path:
        """Return the folder with a model's answers about a repository; of very many repositories, those of last stay.

        A repository's own: what one owner's code was answered is never shown to another's.
        """
        target = self._answers / _safe(repository_id)
        if target.is_symlink() or _size_bytes(target) > ANSWERS_MAX_BYTES:
            remove(target)
        target.mkdir(mode=0o700, exist_ok=True)
        os.utime(target)
        self._trim_to(self._answers, ANSWERS_MAX)
        return target

    def recall(self, folder: JobFolder, repository_id: RepositoryId) -> bool:
        """Give a job the last course of its repository to continue from; whether there was one.

        It is moved: two jobs of a repository never work in one folder, and a job that fails begins anew next time.
        """
        known = self._courses / _safe(repository_id)
        if known.is_symlink() or not known.is_dir():
            return False
        try:
            folder.output.rmdir()
            known.rename(folder.output)
        except OSError as error:
            _LOG.warning("the earlier course %s was not taken up: %s", known.name, error.strerror)
            folder.output.mkdir(mode=0o700, exist_ok=True)
            return False
        return True

    def remember(self, folder: JobFolder, repository_id: RepositoryId) -> None:
        """Keep a published course for the next job of its repository; of very many, those of last."""
        if folder.output.is_symlink() or _size_bytes(folder.output) > COURSE_MAX_BYTES:
            return
        target = self._courses / _safe(repository_id)
        try:
            remove(target)
            folder.output.rename(target)
            os.utime(target)
            self._trim_to(self._courses, COURSES_MAX)
        except OSError as error:  # another worker's; the course is published, and is made anew next time
            _LOG.warning("the course %s was not kept: %s", target.name, error.strerror)

    def held(self) -> Held:
        """Return of whom something is kept beyond a job."""
        repositories = [path.name for folder in (self._courses, self._answers) for path in folder.iterdir()]
        kept = [_KEPT_NAME.fullmatch(path.name) for path in self._kept.iterdir()]
        return Held(
            repositories=frozenset(map(RepositoryId, repositories)),
            jobs=frozenset(JobId(match["job"]) for match in kept if match),
        )

    def forget(self, gone: Held) -> None:
        """Remove what is kept of repositories and jobs that were deleted."""
        for folder in (self._courses, self._answers):
            for name in gone.repositories:
                remove(folder / _safe(name))
        for path in self._kept.iterdir():
            if (match := _KEPT_NAME.fullmatch(path.name)) and match["job"] in gone.jobs:
                remove(path)

    def discard(self, folder: JobFolder) -> None:
        """Remove a job's folders."""
        remove(folder.root)

    def jobs_at_work(self) -> list[Path]:
        """Return the folders of the jobs that run now."""
        return [path for path in self._run.iterdir() if path.is_dir()]

    def close(self) -> None:
        """Remove the run folder."""
        remove(self._run)
        os.close(self._lock)

    def _keep(self, root: Path, name: str, reason: str) -> Path | None:
        output = root / "output"
        if not output.is_dir() or output.is_symlink() or not any(output.iterdir()):
            return None
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now_s()))
        target = self._kept / f"{stamp}-{_safe(name)}-{secrets.token_hex(3)}"
        target.mkdir(mode=0o700)
        output.rename(target / "output")
        try:
            (target / "reason.txt").write_text(reason + "\n", encoding="utf-8")
        except OSError as error:  # a full disk must not cost the folder that was just saved
            _LOG.warning("the reason was not written beside %s: %s", target, error.strerror)
        self._trim()
        return target

    @staticmethod
    def _trim_to(folder: Path, most: int) -> None:
        """Remove what was used longest ago."""
        known = sorted(folder.iterdir(), key=lambda path: path.lstat().st_mtime)
        for path in known[: max(0, len(known) - most)]:
            remove(path)

    def _trim(self) -> None:
        kept = sorted(path for path in self._kept.iterdir() if path.is_dir() and not path.is_symlink())
        for path in kept[: max(0, len(kept) - self._kept_max)]:
            remove(path)

    def _sweep(self) -> None:
        for run in self._work.iterdir():
            if run == self._run or not run.is_dir() or run.is_symlink():
                continue
            try:
                lock = _locked(run)
            except BlockingIOError:
                continue  # a live worker's
            for job in sorted(run.iterdir()):
                if job.is_dir() and not job.is_symlink():
                    kept = self._keep(job, job.name, "the worker ended while it handled this job")
                    _LOG.info("swept a job that an earlier worker left", extra={"job": job.name, "kept": str(kept)})
            remove(run)
            os.close(lock)


def _size_bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))


def remove(folder: Path) -> None:
    """Remove a tree, following no symbolic link; a part that cannot be removed is logged, not raised."""

    def complain(_function: object, path: str, problem: tuple[type[BaseException], BaseException, object]) -> None:
        if not isinstance(problem[1], FileNotFoundError):
            _LOG.warning("%s was not removed: %s", path, problem[1])

    shutil.rmtree(folder, onerror=complain)


def _locked(folder: Path) -> int:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:80] or "job"
