"""Whether a bank has enough questions for a quiz, said before a learner meets it."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Count
from django.utils.translation import gettext as _

from quizzes.models import Question, Quiz


def shortages(quizzes: Iterable[Quiz]) -> dict[int, str]:
    """What each quiz lacks, in words; a quiz that can be drawn is not in it.

    Two statements for any number of quizzes. A section over the whole bank takes what the
    narrower ones leave, as in ``drawing``.
    """
    wanted = list(quizzes)
    stock: dict[int, Counter[int]] = defaultdict(Counter)
    counted = (
        Question.objects.in_use()
        .filter(bank__in={quiz.bank_id for quiz in wanted}, current__isnull=False)
        .order_by()
        .values_list("bank", "category")
        .annotate(number=Count("pk"))
    )
    for bank, category, number in counted:
        stock[bank][category] = number
    reasons = {quiz.pk: _shortage(quiz, stock[quiz.bank_id]) for quiz in wanted}
    return {key: reason for key, reason in reasons.items() if reason}


def _shortage(quiz: Quiz, stock: Counter[int]) -> str:
    sections = list(quiz.sections.all())
    if not sections:
        return _("The test has no section.")
    need: Counter[int | None] = Counter()
    for section in sections:
        need[section.category_id] += section.count
    for category, count in need.items():
        if category is not None and count > stock[category]:
            return _("A category has %(have)s of the %(need)s questions asked for.") % {
                "have": stock[category],
                "need": count,
            }
    if need.total() > stock.total():
        return _("The question bank has %(have)s of the %(need)s questions asked for.") % {
            "have": stock.total(),
            "need": need.total(),
        }
    return ""
