from rest_framework import serializers


class WatchReportSerializer(serializers.Serializer[object]):
    """What a player has played since its last report, in seconds of the video."""

    spans = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        max_length=100,
        help_text="Pairs [start, end] in seconds.",
    )
    position = serializers.FloatField(min_value=0, max_value=1e6)


class WatchedSerializer(serializers.Serializer[object]):
    """Progress of a lesson as the server counts it."""

    percent = serializers.IntegerField()
    needed = serializers.IntegerField()
    complete = serializers.BooleanField()
    covered = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    seconds = serializers.FloatField()
    position = serializers.FloatField()
    next = serializers.CharField(allow_null=True)
