from datetime import date

from vietnamese.dates import date_in_words, format_date


def test_dates_are_day_month_year() -> None:
    assert format_date(date(2026, 2, 1)) == "01/02/2026"


def test_dates_in_words_follow_the_decree_on_papers() -> None:
    assert date_in_words(date(2026, 11, 20)) == "ngày 20 tháng 11 năm 2026"
    assert date_in_words(date(2026, 2, 1)) == "ngày 01 tháng 02 năm 2026"
    assert date_in_words(date(2026, 3, 9)) == "ngày 09 tháng 3 năm 2026"
