from rest_framework import serializers


class ChangeSerializer(serializers.Serializer[object]):
    """One change of one answer; the form of ``response`` depends on the kind of question."""

    slot = serializers.IntegerField(min_value=1, max_value=1000)
    seq = serializers.IntegerField(min_value=1, max_value=2**53)
    response = serializers.JSONField(allow_null=True)


class BatchSerializer(serializers.Serializer[object]):
    answers = serializers.ListField(child=ChangeSerializer(), max_length=200)


class ReceiptSerializer(serializers.Serializer[object]):
    slot = serializers.IntegerField()
    seq = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class SavedSerializer(serializers.Serializer[object]):
    """What the server now holds, and its clock."""

    server_time = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)
    saved = ReceiptSerializer(many=True)


class SlotSerializer(serializers.Serializer[object]):
    slot = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField()
    marks = serializers.IntegerField()
    presented = serializers.DictField()
    response = serializers.JSONField(allow_null=True)
    seq = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)


class PaperSerializer(serializers.Serializer[object]):
    """An attempt while it runs."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    slots = SlotSerializer(many=True)


class ResultSerializer(serializers.Serializer[object]):
    """A graded attempt."""

    id = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    score = serializers.DecimalField(max_digits=7, decimal_places=2)
    max_score = serializers.DecimalField(max_digits=7, decimal_places=2)
    passed = serializers.BooleanField()
    url = serializers.CharField()


class StartedSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)


class StartSerializer(serializers.Serializer[object]):
    enrolment = serializers.IntegerField(min_value=1)
