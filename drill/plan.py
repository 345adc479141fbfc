"""What each person does on the exam day, and when; the same people do the same every time.

Times of answering are those of a test of 45 minutes, compressed; the page's own times (gathering
answers, trying again) are what they are.
"""

import random
from dataclasses import dataclass, field
from enum import Enum

# Everybody has pressed "start" within so many seconds of the opening.
RUSH_SECONDS = 30.0
ANSWERED_AGAIN = 0.15
DOUBLE_CLICKS = 0.05
RELOADS = 0.2
SENT_TWICE = 0.02


class Ending(Enum):
    """How a sitting ends."""

    BY_HAND = "by hand"
    AT_THE_END = "by the page when the time is over"
    NEVER = "by nobody: the window is closed, the sweep grades"


class Act(Enum):
    """What somebody does in a test."""

    ANSWER = "answer"
    RELOAD = "reload"
    LOSE_LINE = "lose the line"
    FIND_LINE = "find the line"


@dataclass(frozen=True, order=True)
class Step:
    """``after`` is a share of the time limit; ``place`` says which question, from 0 to 1."""

    after: float
    act: Act = field(compare=False)
    place: float = field(compare=False, default=0.0)


@dataclass(frozen=True)
class Plan:
    """Somebody's day: when the person starts (in seconds), what the person does and knows."""

    arrives: float
    double_click: bool
    knows: float
    steps: tuple[Step, ...]
    ending: Ending
    ends: float
    dice: random.Random = field(compare=False)


def of(number: int, *, people: int, questions: int) -> Plan:
    """Two of a hundred lose the line for a while; five never submit, fifteen work to the end."""
    dice = random.Random(f"exam day {number}")
    ending = dice.choices(list(Ending), [80, 15, 5])[0]
    ends = dice.uniform(0.5, 0.95) if ending is Ending.BY_HAND else 0.97
    places = [(index + 0.5) / questions for index in range(questions)]
    if dice.random() < 0.2:
        dice.shuffle(places)
    places += dice.sample(places, k=round(ANSWERED_AGAIN * questions))
    times = sorted(dice.uniform(0.02, ends) for _place in places)
    steps = [Step(time, Act.ANSWER, place) for time, place in zip(times, places, strict=True)]
    if dice.random() < RELOADS:
        steps.append(Step(dice.uniform(0.1, ends), Act.RELOAD))
    # Evenly among the people, so that a small drill has such people too.
    if number * 2 // 100 != (number + 1) * 2 // 100 or (people < 50 and number == 0):
        lost = dice.uniform(0.1, 0.8)
        steps.append(Step(lost, Act.LOSE_LINE))
        steps.append(Step(lost + dice.uniform(0.05, 0.3), Act.FIND_LINE))
    return Plan(
        arrives=dice.uniform(0, min(RUSH_SECONDS, RUSH_SECONDS * people / 1000)),
        double_click=dice.random() < DOUBLE_CLICKS,
        knows=dice.choice((0.45, 0.8, 0.9, 0.95, 1.0)),
        steps=tuple(sorted(steps)),
        ending=ending,
        ends=ends,
        dice=dice,
    )
