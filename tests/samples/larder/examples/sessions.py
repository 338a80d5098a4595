"""Sessions in SQLite: over after half an hour without use, and after a day whatever happens."""

from larder import After, Cache, Either, SqliteStore, Unused, WallClock

HALF_AN_HOUR, A_DAY = 1_800, 86_400


def sessions(path: str) -> Cache:
    return Cache(
        room=10_000,
        expiry=Either(Unused(HALF_AN_HOUR), After(A_DAY)),
        store=SqliteStore(path),
        clock=WallClock(),
    )


if __name__ == "__main__":
    cache = sessions(":memory:")
    cache.put("token", {"user": "Ada"})
    print(cache.get("token"))
