"""The database schema: migrations in order, and what the code must know about each table.

A migration, once released, is never edited: a change of schema is a new one at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_FIRST = """
CREATE TABLE users (
    _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL,
    githubId TEXT NOT NULL UNIQUE, username TEXT NOT NULL, email TEXT, avatarUrl TEXT, createdAt REAL NOT NULL
) STRICT;

CREATE TABLE repositories (
    _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL,
    userId TEXT NOT NULL REFERENCES users(_id), githubRepoId TEXT NOT NULL, name TEXT NOT NULL,
    fullName TEXT NOT NULL, description TEXT, defaultBranch TEXT NOT NULL, cloneUrl TEXT NOT NULL UNIQUE,
    lastFetched REAL, lastAnalyzedAt REAL
) STRICT;
CREATE INDEX repositories_by_user ON repositories(userId);
CREATE INDEX repositories_by_name ON repositories(fullName);

CREATE TABLE jobs (
    _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL,
    userId TEXT NOT NULL REFERENCES users(_id), repositoryId TEXT NOT NULL REFERENCES repositories(_id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'claimed', 'cloning', 'analyzing', 'gathering', 'running',
                                           'completed', 'failed', 'canceled', 'dead')),
    prompt TEXT NOT NULL, callbackToken TEXT NOT NULL,
    runAt REAL NOT NULL, attempts REAL NOT NULL, maxAttempts REAL NOT NULL, leaseUntil REAL, lockedBy TEXT,
    dedupeKey TEXT, lastError TEXT, error TEXT, progress TEXT, runId TEXT,
    createdAt REAL NOT NULL, updatedAt REAL NOT NULL, completedAt REAL,
    currentStep REAL, totalSteps REAL, docsCount REAL, result TEXT, cancelRequested INTEGER, regenerationStats TEXT,
    CHECK (attempts <= maxAttempts),
    -- A lock exists exactly while an attempt is live.
    CHECK ((lockedBy IS NOT NULL AND leaseUntil IS NOT NULL)
           = (status IN ('claimed', 'cloning', 'analyzing', 'gathering', 'running')))
) STRICT;
CREATE INDEX jobs_by_user ON jobs(userId);
CREATE INDEX jobs_by_repository ON jobs(repositoryId, status);
CREATE INDEX jobs_by_status_run_at ON jobs(status, runAt);
CREATE INDEX jobs_by_lease ON jobs(leaseUntil) WHERE leaseUntil IS NOT NULL;
CREATE INDEX jobs_by_dedupe_key ON jobs(dedupeKey) WHERE dedupeKey IS NOT NULL;
CREATE INDEX jobs_by_created ON jobs(createdAt);
CREATE INDEX jobs_by_completed ON jobs(completedAt) WHERE completedAt IS NOT NULL;
CREATE UNIQUE INDEX jobs_one_active ON jobs(repositoryId)
    WHERE status IN ('pending', 'claimed', 'cloning', 'analyzing', 'gathering', 'running');

CREATE TABLE docs (
    _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL,
    jobId TEXT NOT NULL REFERENCES jobs(_id), repositoryId TEXT NOT NULL REFERENCES repositories(_id),
    slug TEXT NOT NULL, title TEXT NOT NULL, chapterIndex REAL,
    kind TEXT NOT NULL CHECK (kind IN ('chapter', 'tutorial', 'toc', 'yaml')),
    content TEXT NOT NULL, createdAt REAL NOT NULL, updatedAt REAL, sourceKey TEXT, runId TEXT, normalizedAt REAL,
    UNIQUE (jobId, slug)
) STRICT;
CREATE INDEX docs_by_repository ON docs(repositoryId);

CREATE TABLE jobLogs (
    _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL,
    jobId TEXT NOT NULL REFERENCES jobs(_id), ts REAL NOT NULL, seq REAL NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('info', 'error')), msg TEXT NOT NULL,
    UNIQUE (jobId, seq)
) STRICT;

-- Mutations that a client may send again after a reconnect, with the answer they got.
CREATE TABLE sessionRequests (
    sessionId TEXT NOT NULL, requestId INTEGER NOT NULL, result TEXT NOT NULL,
    createdAt REAL NOT NULL, PRIMARY KEY (sessionId, requestId)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_requests_by_age ON sessionRequests(createdAt);

-- The timestamp of the newest commit; it never goes back, whatever the machine's clock does.
CREATE TABLE commitClock (ts INTEGER NOT NULL) STRICT;
INSERT INTO commitClock VALUES (0);
"""

# What learners read of the newest courses, found by its words; `backend/shown_text.py` keeps it.
_SEARCH = """
CREATE TABLE shownDocs (
    id INTEGER PRIMARY KEY, docId TEXT NOT NULL UNIQUE REFERENCES docs(_id), name TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE shownText USING fts5(
    name, title, content, content = '', tokenize = "unicode61 remove_diacritics 2"
);
-- Two segments are enough to be merged where that is asked for: what was deleted is in none of them then.
INSERT INTO shownText (shownText, rank) VALUES ('usermerge', 2);
CREATE TABLE shownUpkeep (isDue INTEGER NOT NULL) STRICT;
INSERT INTO shownUpkeep VALUES (0);
INSERT INTO shownDocs (docId, name)
    SELECT d._id, r.fullName
    FROM docs d JOIN jobs j ON j._id = d.jobId JOIN repositories r ON r._id = d.repositoryId
    WHERE j.status = 'completed' AND j.docsCount > 0
        AND (d.kind = 'tutorial' OR d.kind = 'chapter' AND d.slug LIKE 'reviewed-chapters/%') ORDER BY d.rowid;
INSERT INTO shownText (rowid, name, title, content)
    SELECT s.id, s.name, d.title, d.content FROM shownDocs s JOIN docs d ON d._id = s.docId;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SEARCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How rows become documents, and which changes wake which readers.

    Attributes:
        booleans: Columns stored as 0 and 1.
        json: Columns stored as JSON text.
        watched: Columns that queries select by; a change of a row wakes readers of its old and new value.
        state: Columns whose change wakes readers of the table's state as a whole.
    """

    name: str
    booleans: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()
    watched: tuple[str, ...] = ()
    state: frozenset[str] = frozenset()


TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table(name="users", watched=("githubId",)),
            Table(name="repositories", watched=("userId", "fullName", "cloneUrl")),
            Table(
                name="jobs",
                booleans=frozenset({"cancelRequested"}),
                json=frozenset({"result", "regenerationStats"}),
                watched=("userId", "repositoryId"),
                state=frozenset({"status", "runAt"}),
            ),
            Table(name="docs", watched=("jobId", "repositoryId")),
            Table(name="jobLogs", watched=("jobId",)),
        )
    },
)
