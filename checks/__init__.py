"""What `make check` looks at beside the tools: run as `python -m checks.NAME`."""
