"""Counts beside each row of a list, read for the rows of one page only."""

from typing import Any

from django.db.models import Count, IntegerField, Subquery
from django.db.models.functions import Coalesce


def how_many(rows: Any, *, per: str, what: str = "pk") -> Coalesce:
    """How many different ``what`` of ``rows``, which are filtered by an OuterRef on ``per``."""
    counted = rows.order_by().values(per).annotate(number=Count(what, distinct=True))
    return Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)
