"""What a learner still has to do under a rule."""

from courses.rules import Evidence, Gathered, Rule


def missing(rule: Rule, known: Evidence) -> frozenset[str]:
    """Of ``lessons``, ``attendance`` and ``assessments`` those that are still asked for.

    Of alternatives each of which would do, all are named until one of them is met.
    """
    ((key, value),) = rule.items()
    if key == "all":
        return frozenset().union(*(missing(part, known) for part in value))
    if key == "any":
        answers = [missing(part, known) for part in value]
        return frozenset().union(*answers) if all(answers) else frozenset()
    gathered: Gathered = getattr(known, key)
    needed = gathered.needed(100 if value == "required" else value)
    return frozenset() if gathered.wanted and gathered.done >= needed else frozenset([key])
