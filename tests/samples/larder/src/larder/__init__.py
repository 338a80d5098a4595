"""Keeps what is expensive to get, for as long as it is good."""

from larder.cache import Cache, Namespace
from larder.clock import Clock, ManualClock, SystemClock, WallClock
from larder.decorator import Cached, cached
from larder.entries import Entry
from larder.errors import BadKeyError, LarderError, NotStorableError, StoreError, TooLargeError
from larder.events import Event, Kind, Statistics
from larder.eviction import FirstIn, LeastFrequent, LeastRecent, Policy
from larder.expiry import After, Either, Expiry, Never, Spread, Unused
from larder.serializers import Json, Serializer, Text
from larder.stampede import Flights
from larder.stores import FileStore, MemoryStore, SqliteStore, Store

__all__ = [
    "After", "BadKeyError", "Cache", "Cached", "Clock", "Either", "Entry", "Event", "Expiry", "FileStore", "FirstIn",
    "Flights", "Json", "Kind", "LarderError", "LeastFrequent", "LeastRecent", "ManualClock", "MemoryStore", "Namespace",
    "Never", "NotStorableError", "Policy", "Serializer", "Spread", "SqliteStore", "Statistics", "Store", "StoreError",
    "SystemClock", "Text", "TooLargeError", "Unused", "WallClock", "cached",
]  # fmt: skip
