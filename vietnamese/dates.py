"""Dates as Vietnamese officials write them."""

from datetime import date


def format_date(day: date) -> str:
    """The date as dd/mm/yyyy. A moment must be brought to local time before."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def date_in_words(day: date) -> str:
    """The date as it stands on official papers: "ngày 20 tháng 11 năm 2026".

    Days under 10 and the months 1 and 2 get a leading zero (Decree 30/2020/NĐ-CP, annex I).
    """
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year:04}"
