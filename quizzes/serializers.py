from rest_framework import serializers

from quizzes.saving import REPORTED

LARGEST_SLOT = 1000
LARGEST_SEQ = 2**53  # what a browser counts to exactly
MOST_ANSWERS = 200


class ChangeSerializer(serializers.Serializer[object]):
    """One change of one answer; the form of ``response`` depends on the kind of question."""

    slot = serializers.IntegerField(min_value=1, max_value=LARGEST_SLOT)
    seq = serializers.IntegerField(min_value=1, max_value=LARGEST_SEQ)
    response = serializers.JSONField(allow_null=True)


class ReportedSerializer(serializers.Serializer[object]):
    """What the device noticed of itself, at its own time."""

    kind = serializers.ChoiceField(list(REPORTED))
    at = serializers.DateTimeField()


class BatchSerializer(serializers.Serializer[object]):
    answers = serializers.ListField(child=ChangeSerializer(), max_length=MOST_ANSWERS)
    events = serializers.ListField(
        child=ReportedSerializer(), max_length=50, required=False, default=list
    )


class ReceiptSerializer(serializers.Serializer[object]):
    slot = serializers.IntegerField()
    seq = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class SavedSerializer(serializers.Serializer[object]):
    """What the server now holds, and its clock."""

    server_time = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)
    saved = ReceiptSerializer(many=True)
    # Slots that came after the end: kept as evidence, not graded.
    late = serializers.ListField(child=serializers.IntegerField())


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
    """A submitted attempt: graded, waiting for a marker, or with a result that is not shown."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    state = serializers.ChoiceField(["graded", "waiting", "hidden"])
    score = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    max_score = serializers.DecimalField(max_digits=7, decimal_places=2)
    passed = serializers.BooleanField(allow_null=True)
    url = serializers.CharField()


class LineSerializer(serializers.Serializer[object]):
    """A choice, a prompt, or the one answer there is."""

    text = serializers.CharField()
    chosen = serializers.BooleanField()
    answer = serializers.CharField()
    expected = serializers.CharField(allow_null=True)
    right = serializers.BooleanField(allow_null=True)
    feedback = serializers.CharField(allow_null=True)


class ReviewedSerializer(serializers.Serializer[object]):
    """A question after grading; ``share`` is the part of its marks earned, such as ``2/3``."""

    slot = serializers.IntegerField()
    text = serializers.CharField()
    verdict = serializers.ChoiceField(
        ["right", "partly", "wrong", "empty", "waiting"], allow_null=True
    )
    share = serializers.CharField(allow_null=True)
    voided = serializers.BooleanField()
    feedback = serializers.CharField(allow_null=True)
    lines = LineSerializer(many=True)


class ShownSerializer(serializers.Serializer[object]):
    """What the quiz lets the learner see now."""

    result = serializers.BooleanField()
    marks = serializers.BooleanField()
    answers = serializers.BooleanField()
    feedback = serializers.BooleanField()


class ReviewSerializer(serializers.Serializer[object]):
    """The paper after grading; no slots where nothing of it is shown."""

    id = serializers.IntegerField()
    shown = ShownSerializer()
    slots = ReviewedSerializer(many=True)


class OpenQuizSerializer(serializers.Serializer[object]):
    """A test under one enrolment; ``attempt`` is the one that runs, ``refusal`` is for people."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    enrolment = serializers.IntegerField()
    course = serializers.CharField()
    run = serializers.CharField()
    questions = serializers.IntegerField()
    minutes = serializers.IntegerField(allow_null=True)
    pass_percent = serializers.IntegerField()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    class_code_needed = serializers.BooleanField()
    attempts_left = serializers.IntegerField()
    attempt = serializers.IntegerField(allow_null=True)
    passed = serializers.BooleanField()
    can_start = serializers.BooleanField()
    refusal = serializers.CharField()
    url = serializers.CharField()


class OpenQuizzesSerializer(serializers.Serializer[object]):
    server_time = serializers.DateTimeField()
    quizzes = OpenQuizSerializer(many=True)


class StartedSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)


class StartSerializer(serializers.Serializer[object]):
    enrolment = serializers.IntegerField(min_value=1)
    class_code = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
