"""Counting what comes within a minute: one command where there is a Redis, else in this process."""

import logging
import threading
from collections import Counter
from functools import lru_cache

import redis
from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)


class Windows:
    """Counts of this process; those of a window are forgotten with the first of the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[int, tuple[int, Counter[str]]] = {}

    def count(self, key: str, *, seconds: int, window: int) -> int:
        with self._lock:
            current, counts = self._counts.get(seconds, (window, Counter()))
            if current != window:
                counts = Counter()
            self._counts[seconds] = window, counts
            counts[key] += 1
            return counts[key]


_here = Windows()


def count(key: str, *, seconds: int, now: float, free: int = 0) -> int:
    """How often this was asked in the current window of so many seconds, this time included.

    Windows begin at multiples of their length, so that counting is one atomic command. The first
    ``free`` of each process are not told to the Redis: who asks as people do costs it nothing.
    Zero where the Redis does not answer: what is counted must go on without it.
    """
    window = int(now // seconds)
    key = cache.make_key(f"{key}:{window}")
    address = _redis_address()
    here = _here.count(key, seconds=seconds, window=window)
    if address is None or here <= free:
        return here
    try:
        counted = int(_client(address).incr(key))
        if counted == 1:
            _client(address).expire(key, 2 * seconds)
    except redis.RedisError:
        logger.warning("not counted: %s", key, exc_info=True)
        return 0
    return counted


def _redis_address() -> str | None:
    chosen = settings.CACHES["default"]
    address = chosen["LOCATION"] if chosen["BACKEND"].endswith(".RedisCache") else None
    return address[0] if isinstance(address, list) else address


@lru_cache(maxsize=1)
def _client(address: str) -> redis.Redis:
    # Django's own ``incr`` asks first whether the key is there: twice the cost for each answer.
    return redis.Redis.from_url(address, socket_timeout=1)
