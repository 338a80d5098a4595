"""Brings one commit of a repository into a folder, within limits that hold during the clone.

Decides nothing about URLs beyond the addresses of their hosts: the gate is `course.repository`.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from course.repository import RepositoryUrl
from worker.addresses import Resolver, addresses_of, system_resolver
from worker.errors import PermanentError, TryAgainError
from worker.git import Access, clone_argv, clone_failure, git_environment, head_argv, local_config, protocol_of
from worker.processes import Command, Limits, run
from worker.watch import Bounds, TooLargeError, run_watched

CLONE_TIMEOUT_S: Final = 600.0
_HEAD_TIMEOUT_S: Final = 20.0


class Checkout:
    """Clones repositories within bounds; they count what git stores beside the files."""

    def __init__(
        self,
        bounds: Bounds,
        environment: Mapping[str, str],
        *,
        timeout_s: float = CLONE_TIMEOUT_S,
        resolve: Resolver = system_resolver,
    ) -> None:
        self._bounds = bounds
        self._environment = environment
        self._timeout_s = timeout_s
        self._resolve = resolve

    async def clone(
        self, url: RepositoryUrl, *, branch: str | None, target: Path, scratch: Path, access: Access | None = None
    ) -> str:
        """Clone into `target`, which must not exist, and return the commit.

        Args:
            url: An accepted URL.
            branch: A valid name, or None for the default branch.
            target: The folder to create.
            scratch: A folder for git's home and configuration.
            access: Where the credential for it is; its host need not be public.

        Raises:
            PermanentError: The repository is missing, empty or too large, its branch missing, or its host not public.
            TryAgainError: The network failed, the time ran out or the disk is full.
        """
        addresses = () if url.host is None else await addresses_of(url.host, self._resolve, public=access is None)
        config = _write_local_config(url, scratch)
        environment = git_environment(self._environment, home=scratch, protocol=protocol_of(url), config=config)
        # One pack holds the whole repository, so no file may be larger than the repository.
        limits = Limits(file_bytes=self._bounds.max_bytes)
        command = Command(
            argv=clone_argv(url, target, branch=branch, addresses=addresses, access=access),
            directory=scratch,
            environment=environment,
            limits=limits,
        )
        try:
            finished = await run_watched(command, folder=target, bounds=self._bounds, timeout_s=self._timeout_s)
        except TooLargeError as error:
            raise PermanentError(f"{url.url} is too large: {error}; analyse a smaller repository") from error
        except TimeoutError as error:
            raise TryAgainError(f"{url.url} could not be cloned within {self._timeout_s:g} s") from error
        if finished.code != 0:
            raise clone_failure(url, branch, finished, max_bytes=self._bounds.max_bytes, access=access)
        head = Command(argv=head_argv(target), directory=scratch, environment=environment, limits=limits)
        return await _commit(url, target, head)


async def _commit(url: RepositoryUrl, target: Path, head: Command) -> str:
    async with asyncio.timeout(_HEAD_TIMEOUT_S):
        finished = await run(head)
    commit = finished.stdout_tail.strip()
    if finished.code != 0 or not commit:
        raise PermanentError(f"{url.url} is empty: it has no commit yet; push one and submit it again")
    if not await asyncio.to_thread(_has_files, target):
        raise PermanentError(f"{url.url} has no files at commit {commit}; there is nothing to analyse")
    return commit


def _has_files(clone: Path) -> bool:
    return any(entry.name != ".git" for entry in clone.iterdir())


def _write_local_config(url: RepositoryUrl, scratch: Path) -> Path | None:
    if url.host is not None:
        return None
    config = scratch / "gitconfig"
    config.write_text(local_config(Path(urlsplit(url.url).path)), encoding="utf-8")
    return config
