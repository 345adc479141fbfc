"""The servers of a benchmark in service: named by the environment, or in their usual place."""

import os
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from redis import Redis
from redis.exceptions import RedisError

DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
CACHE_URL = "redis://127.0.0.1:6379/8"
BROKER_URL = "amqp://guest:guest@127.0.0.1:5672//"


@dataclass(frozen=True)
class Services:
    """Addresses; the path of ``database_url`` names the database for maintenance."""

    database_url: str
    cache_url: str
    broker_url: str


class Missing(Exception):
    """What is not there, in words, and how to name another place."""


def find() -> Services:
    """The servers, each tried; raises Missing."""
    database = os.environ.get("DATABASE_URL", DATABASE_URL)
    address = urlsplit(database)
    maintenance = address._replace(path="/postgres").geturl()
    reasons = []
    if address.scheme not in ("postgres", "postgresql"):
        reasons.append(f"PostgreSQL (DATABASE_URL is of {address.scheme})")
    else:
        try:
            psycopg.connect(maintenance, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            reasons.append(f"PostgreSQL (DATABASE_URL: {str(error).strip().splitlines()[0]})")
    cache = os.environ.get("CACHE_URL", CACHE_URL)
    try:
        with Redis.from_url(cache, socket_connect_timeout=3) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        reasons.append(f"Redis (CACHE_URL: {error})")
    if reasons:
        raise Missing(" and ".join(reasons))
    return Services(maintenance, cache, _broker() or cache)


def _broker() -> str:
    """RabbitMQ where it listens; Redis is a broker too."""
    url = os.environ.get("CELERY_BROKER_URL", BROKER_URL)
    address = urlsplit(url)
    if address.hostname is None:
        return ""
    try:
        socket.create_connection((address.hostname, address.port or 5672), timeout=3).close()
    except OSError:
        return ""
    return url
