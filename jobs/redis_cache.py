"""Django's cache on a Redis, whose clients are kept.

Django makes a client for every command, which costs more than the command.
"""

from typing import Any

from django.core.cache.backends import redis

# The stubs do not know how the client is chosen.
_Client: Any = redis.RedisCacheClient


class KeptClients(_Client):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]


class RedisCache(redis.RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClients
