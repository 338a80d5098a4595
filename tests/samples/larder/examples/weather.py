"""A slow service behind a cache: asked once in ten minutes, and never by two at once."""

from larder import After, Cache, Spread, Statistics

cache = Cache(room=500, expiry=Spread(After(600), share=0.2))
statistics = Statistics()
cache.listen(statistics)


def ask_the_service(city: str) -> str:
    return f"rain in {city}"


def weather(city: str) -> str:
    return cache.fetch(f"weather:{city}", lambda: ask_the_service(city), early=0.1)


if __name__ == "__main__":
    for city in ("Bergen", "Bergen", "Oslo"):
        print(weather(city))
    print(f"{statistics.hit_rate:.0%} found")
