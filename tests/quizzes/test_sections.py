"""Sections by rules: whatever can be filled is filled, by the rules, and nothing comes twice."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from quizzes import drawing
from quizzes.drawing import BankTooSmall, fits
from quizzes.models import QuizSection
from quizzes.stock import Item

CATEGORIES = (1, 2, 3)
DIFFICULTIES = ("nhan-biet", "van-dung")
CLAUSES = ("9001-8", "9001-8.4", "9001-8.4.1", "9001-80", "9001-9")
TAGS = ("a", "b")
few = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def rule(**values: Any) -> QuizSection:
    """A section as the database gives it back."""
    return QuizSection(**{"count": 1, "difficulty": "", "clause": "", "tags": ""} | values)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(CATEGORIES),
                st.frozensets(st.sampled_from((*DIFFICULTIES, *CLAUSES, *TAGS)), max_size=4),
            ),
            max_size=7,
        )
    )
    return [
        Item(question=number, version=100 + number, category=category, tags=tags)
        for number, (category, tags) in enumerate(rows, start=1)
    ]


@st.composite
def rules(draw: st.DrawFn) -> QuizSection:
    if draw(st.integers(0, 4)) == 0:
        return rule(question_id=draw(st.integers(1, 8)), count=1)
    return rule(
        category_id=draw(st.sampled_from((None, *CATEGORIES))),
        difficulty=draw(st.sampled_from(("", *DIFFICULTIES))),
        clause=draw(st.sampled_from(("", "9001-8", "9001-8.4"))),
        tags=draw(st.sampled_from(("", "a", "a, b", " b ,"))),
        count=draw(st.integers(1, 3)),
    )


def papers(draw: st.DrawFn) -> list[QuizSection]:
    """Up to three sections; a question is fixed in one of them at most."""
    found = draw(st.lists(rules(), min_size=1, max_size=3))
    fixed = [one.question_id for one in found if one.question_id]
    return found if len(fixed) == len(set(fixed)) else found[:1]


some_sections = st.composite(papers)()


def can_be_filled(sections: list[QuizSection], bank: list[Item]) -> bool:
    """By trying every way: nothing here is clever."""
    places = [section for section in sections for _time in range(section.count)]
    return any(
        all(_may_stand(section, item, sections) for section, item in zip(places, way, strict=True))
        for way in permutations(bank, len(places))
    )


def _may_stand(section: QuizSection, item: Item, sections: list[QuizSection]) -> bool:
    if section.question_id:
        return item.question == section.question_id
    fixed = {one.question_id for one in sections if one.question_id}
    return item.question not in fixed and fits(section, item)


@given(sections=some_sections, bank=items(), seed=st.integers(0, 2**32))
@few
def test_a_paper_is_drawn_exactly_where_one_is_possible(
    sections: list[QuizSection], bank: list[Item], seed: int
) -> None:
    sections = [one for one in sections if sum(s.count for s in sections) <= 6] or sections[:1]
    try:
        chosen = drawing.choose(sections, bank, rng=Random(seed))
    except BankTooSmall:
        event("too small")
        assert not can_be_filled(sections, bank)
        return
    event("drawn")
    drawn = [item.question for picked in chosen for item in picked]
    assert len(drawn) == len(set(drawn))
    for section, picked in zip(sections, chosen, strict=True):
        assert len(picked) == section.count
        assert all(_may_stand(section, item, sections) for item in picked)


@given(
    bank=items(),
    count=st.integers(1, 5),
    seed=st.integers(0, 2**32),
    known=st.sets(st.integers(1, 7)),
)
@few
def test_questions_of_earlier_papers_come_again_only_where_there_are_no_others(
    bank: list[Item], count: int, seed: int, known: set[int]
) -> None:
    if count > len(bank):
        return
    (picked,) = drawing.choose([rule(count=count)], bank, rng=Random(seed), known=known)
    fresh = [item for item in bank if item.question not in known]
    assert len([item for item in picked if item.question not in known]) == min(count, len(fresh))


def test_a_section_gives_way_so_that_another_gets_a_question_not_seen_before() -> None:
    bank = [
        Item(number, number, 1, frozenset(tags)) for number, tags in ((1, "ab"), (2, "a"), (3, "b"))
    ]
    sections = [rule(tags="a"), rule(tags="b")]
    for seed in range(20):
        chosen = drawing.choose(sections, bank, rng=Random(seed), known={3})
        assert [[item.question for item in picked] for picked in chosen] == [[2], [1]]


@pytest.mark.parametrize("seed", range(200))
def test_however_rules_overlap_no_paper_has_more_questions_not_seen_before(seed: int) -> None:
    dice = Random(seed)
    tags = [frozenset(dice.choice(("a", "b", "ab"))) for _time in range(dice.randint(4, 7))]
    bank = [Item(number, number, 1, own) for number, own in enumerate(tags, start=1)]
    sections = [
        rule(tags=tag, count=dice.randint(1, 2)) for tag in dice.choices(("", "a", "b"), k=2)
    ]
    known = {item.question for item in bank if dice.random() < 0.5}
    places = [section for section in sections for _time in range(section.count)]
    most = max(
        (
            sum(item.question not in known for item in way)
            for way in permutations(bank, len(places))
            if all(fits(*one) for one in zip(places, way, strict=True))
        ),
        default=None,
    )
    if most is None:
        return
    chosen = drawing.choose(sections, bank, rng=dice, known=known)
    assert sum(item.question not in known for picked in chosen for item in picked) == most


@pytest.mark.parametrize(
    ("clause", "tag", "found"),
    [
        ("9001-8", "9001-8", True),
        ("9001-8", "9001-8.4", True),
        ("9001-8", "9001-8.4.1", True),
        ("9001-8", "9001-80", False),
        ("9001-8.4", "9001-8", False),
        ("9001-8", "19011-9001-8", False),
    ],
)
def test_a_clause_takes_in_its_parts_and_no_others(clause: str, tag: str, found: bool) -> None:
    item = Item(question=1, version=1, category=1, tags=frozenset({tag}))
    assert fits(rule(clause=clause), item) == found


def test_the_parts_of_a_rule_narrow_each_other() -> None:
    narrow = rule(category_id=2, difficulty="van-dung", clause="9001-8", tags="a, b", count=1)
    tags = {"van-dung", "9001-8.4", "a", "b"}
    assert fits(narrow, Item(1, 1, 2, frozenset(tags)))
    assert not fits(narrow, Item(1, 1, 1, frozenset(tags)))
    for missing in tags:
        assert not fits(narrow, Item(1, 1, 2, frozenset(tags - {missing})))


def test_a_large_bank_with_many_overlapping_rules_is_drawn_quickly() -> None:
    """Twenty sections over 5,000 questions: a start must not wait for its paper."""
    bank = [
        Item(number, number, number % 10, frozenset({f"9001-{number % 7}", "a"}))
        for number in range(1, 5001)
    ]
    sections = [rule(category_id=number % 10, count=5) for number in range(10)]
    sections += [rule(clause=f"9001-{number % 7}", count=5) for number in range(9)]
    sections.append(rule(count=5))
    chosen = drawing.choose(sections, bank, rng=Random(9001))
    drawn = [item.question for picked in chosen for item in picked]
    assert len(set(drawn)) == 100
