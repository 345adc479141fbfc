"""Tests against the processes that run in service: web server, worker, broker, database."""
