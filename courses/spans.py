"""Spans of a video in seconds, ``[start, end]``: merging them, and taking in new ones."""

from typing import Any

Span = list[float]
MOST_SPANS_PER_REPORT = 100
_FURTHEST = 1e12  # seconds; also keeps out NaN, infinity and integers too large for a float


class InvalidSpans(ValueError):
    """The report is not a list of spans."""


def read(raw: Any, *, length: float) -> list[Span]:
    """Check what a device sent and clip it to the video's length. Raises InvalidSpans."""
    if not isinstance(raw, list) or len(raw) > MOST_SPANS_PER_REPORT:
        raise InvalidSpans("spans must be a list of at most 100 pairs")
    spans = []
    for pair in raw:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise InvalidSpans("a span is a pair of seconds")
        start, end = (_second(value) for value in pair)
        start, end = max(0.0, start), min(end, length)
        if start < end:
            spans.append([start, end])
    return merge(spans)


def _second(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -_FURTHEST < value < _FURTHEST:
        raise InvalidSpans("seconds must be finite numbers")
    return round(float(value), 2)


def merge(spans: list[Span]) -> list[Span]:
    """The same seconds as sorted spans that neither touch nor overlap."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def total(spans: list[Span]) -> float:
    """Seconds covered by merged spans."""
    return round(sum(end - start for start, end in spans), 2)


def subtract(spans: list[Span], known: list[Span]) -> list[Span]:
    """What of ``spans`` is not in ``known``; both merged."""
    rest: list[Span] = []
    for start, end in spans:
        for low, high in known:
            if high <= start or low >= end:
                continue
            if low > start:
                rest.append([start, low])
            start = max(start, high)
            if start >= end:
                break
        if start < end:
            rest.append([start, end])
    return rest


def take(spans: list[Span], *, seconds: float) -> list[Span]:
    """The first ``seconds`` of the spans."""
    taken: list[Span] = []
    for start, end in spans:
        if seconds <= 0:
            break
        part = min(end - start, seconds)
        taken.append([start, round(start + part, 2)])
        seconds -= part
    return taken
