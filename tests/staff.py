"""The staff at work in the admin, in English so that messages can be read here."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.test import Client
from openpyxl import load_workbook

from people.models import User


def at_work(user: User) -> Client:
    """A client logged in as this person."""
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def said(response: Any) -> str:
    """The messages that the page shows, as one text."""
    return " ".join(str(message) for message in response.context["messages"])


def sheet(response: Any) -> list[list[Any]]:
    """The rows of an exported workbook, cells that are formulas as ``FORMULA``."""
    assert response.status_code == 200
    workbook = load_workbook(BytesIO(b"".join(response.streaming_content)))
    assert workbook.active is not None
    return [
        ["FORMULA" if cell.data_type == "f" else cell.value for cell in row]
        for row in workbook.active.iter_rows()
    ]


def text(response: Any) -> str:
    """The text of an exported CSV file, lines ended plainly."""
    written: bytes = b"".join(response.streaming_content)
    return written.decode("utf-8-sig").replace("\r\n", "\n")
