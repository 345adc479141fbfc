"""The mail queue: nothing is lost, nothing is silently sent twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outgoing
from django.db import transaction

from jobs import mailing
from jobs.letters import Letter, Rendered
from jobs.models import Mail
from tests.jobs.mail_server import Server, mail_server
from tests.together import together

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=LOCAL)
MIDNIGHT = datetime(2026, 11, 20, 23, 59, tzinfo=LOCAL)
MORNING = datetime(2026, 11, 21, 6, 30, tzinfo=LOCAL)

pytestmark = pytest.mark.django_db


def letter(subject: str = "Nhắc hạn hoàn thành khóa học") -> Rendered:
    said = Letter(subject=subject, paragraphs=["Khóa học kết thúc ngày 30/11/2026."])
    return said.render(language="vi")


def queued(key: str = "one", *, at: datetime = NOON, **values: Any) -> Mail:
    return mailing.queue_mail(key=key, to="khai@khanhhoa.gov.vn", letter=letter(), at=at, **values)


def sent(mail: Mail, *, at: datetime = NOON) -> Mail:
    mailing.send_mail(mail_id=mail.pk, at=at)
    mail.refresh_from_db()
    return mail


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with mail_server(settings) as found:
        yield found


# --- Queuing --------------------------------------------------------------------------------------


def test_queuing_twice_for_the_same_reason_is_one_mail() -> None:
    assert queued() == queued(at=MIDNIGHT)
    mailing.queue_mails(mails=[mailing.Outgoing("one", "x@y.vn", letter())] * 2, at=NOON)
    assert Mail.objects.get().to == "khai@khanhhoa.gov.vn"


def test_a_transaction_that_fails_leaves_no_mail() -> None:
    with pytest.raises(ValueError, match="undone"), transaction.atomic():
        queued()
        raise ValueError("undone")
    assert not Mail.objects.exists()


def test_a_mail_carries_text_html_its_language_and_the_reasons_own_number() -> None:
    mail = sent(queued())
    assert (mail.state, mail.sent_at, mail.tries) == (Mail.State.SENT, NOON, 1)
    (message,) = outgoing.outbox
    assert message.subject == "Nhắc hạn hoàn thành khóa học"
    assert message.to == ["khai@khanhhoa.gov.vn"]
    assert "30/11/2026" in message.body
    assert "<p>Khóa học kết thúc" in message.alternatives[0].content
    headers = message.message()
    assert headers["Message-ID"] == mailing.message_id(mail)
    assert headers["Content-Language"] == "vi"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_words_of_people_break_neither_headers_nor_html() -> None:
    said = Letter(
        subject="Hỏi\r\nBcc: eve@example.vn" + "x" * 400,
        paragraphs=["<script>alert(1)</script> & xem https://khanhhoa.gov.vn/iso"],
        name="Trần <b>Đức</b>",
    )
    rendered = said.render(language="vi")
    assert "\n" not in rendered.subject
    assert len(rendered.subject) <= 255
    assert "<script>" not in rendered.html
    assert "<b>" not in rendered.html
    assert '<a href="https://khanhhoa.gov.vn/iso"' in rendered.html
    assert "<script>alert(1)</script> &" in rendered.text
    mail = mailing.queue_mail(key="k", to="a@khanhhoa.gov.vn", letter=rendered, at=NOON)
    assert sent(mail).state == Mail.State.SENT
    assert outgoing.outbox[0].message()["Bcc"] is None


# --- Sending --------------------------------------------------------------------------------------


def test_a_mail_that_is_sent_is_not_sent_again() -> None:
    mail = sent(queued())
    sent(mail)
    assert mailing.send_due(NOON + timedelta(days=1)) == 0
    assert not mailing.retry_mail(mail_id=mail.pk, at=NOON)
    assert len(outgoing.outbox) == 1


def test_a_mail_that_is_not_there_is_nobodys_fault() -> None:
    assert mailing.send_mail(mail_id=0, at=NOON) is None


def test_the_sweep_sends_what_no_task_has_sent_over_one_connection(server: Server) -> None:
    for number in range(5):
        queued(str(number))
    assert mailing.send_due(NOON) == 5
    assert len(server.received) == 5
    assert server.connections == 1
    assert mailing.send_due(NOON) == 0


def test_quiet_hours_are_kept_and_security_does_not_wait() -> None:
    late, secret = queued("late", at=MIDNIGHT), queued("secret", at=MIDNIGHT, security=True)
    assert late.not_before == MORNING
    assert mailing.send_due(MIDNIGHT) == 1
    secret.refresh_from_db()
    assert (secret.state, secret.text, secret.html) == (Mail.State.SENT, "", "")
    assert mailing.send_due(MORNING - timedelta(seconds=1)) == 0
    assert mailing.send_due(MORNING) == 1


def test_what_was_due_before_the_quiet_hours_waits_for_their_end() -> None:
    queued(at=NOON)
    assert mailing.send_due(MIDNIGHT) == 0
    assert mailing.send_due(MORNING) == 1


def test_what_a_mail_said_is_forgotten_in_time_and_that_it_went_out_is_not(settings: Any) -> None:
    settings.MAIL_TEXT_DAYS = 30
    old, waiting = sent(queued("old")), queued("waiting")
    assert mailing.forget_old(NOON + timedelta(days=30)) == 0
    assert mailing.forget_old(NOON + timedelta(days=31)) == 1
    assert mailing.forget_old(NOON + timedelta(days=31)) == 0
    old.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.text, old.html, old.state) == ("", "", Mail.State.SENT)
    assert waiting.text
    assert queued("old") == old


# --- What goes wrong ------------------------------------------------------------------------------


def test_a_server_that_is_down_delays_with_growing_pauses_and_then_fails(settings: Any) -> None:
    with mail_server(settings):
        pass  # a port on which nobody listens any more
    mail, at, pauses = queued(), NOON, []
    for _try in range(len(mailing.PAUSES)):
        mail = sent(mail, at=at)
        assert mail.state == Mail.State.QUEUED
        assert mail.problem
        pauses.append(mail.not_before - at)
        assert sent(mail, at=mail.not_before - timedelta(seconds=1)).tries == mail.tries
        at = mail.not_before
    assert pauses == sorted(pauses) == list(mailing.PAUSES)
    assert sent(mail, at=at).state == Mail.State.FAILED


def test_only_one_mail_bears_the_try_when_the_server_is_down(settings: Any) -> None:
    with mail_server(settings):
        pass
    for number in range(3):
        queued(str(number))
    assert mailing.send_due(NOON) == 0
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize("command", ["RCPT", "DATA", "."])
def test_a_mail_that_is_refused_for_good_fails_at_once_with_the_reason(
    server: Server, command: str
) -> None:
    server.answers[command] = "550 no such mailbox"
    mail = sent(queued())
    assert (mail.state, mail.tries) == (Mail.State.FAILED, 1)
    assert mail.problem == "550 no such mailbox"
    server.answers.clear()
    assert mailing.retry_mail(mail_id=mail.pk, at=NOON)
    assert not mailing.retry_mail(mail_id=mail.pk, at=NOON)
    assert sent(mail).state == Mail.State.SENT
    assert mail.problem == ""


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_mail_that_is_refused_for_now_is_tried_again(server: Server, command: str) -> None:
    server.answers[command] = "451 try later"
    mail = sent(queued())
    assert (mail.state, mail.not_before) == (Mail.State.QUEUED, NOON + mailing.PAUSES[0])
    server.answers.clear()
    assert sent(mail, at=mail.not_before).state == Mail.State.SENT


def test_a_connection_cut_before_the_receipt_leaves_the_decision_to_a_person(
    server: Server,
) -> None:
    server.answers["."] = None
    mail = sent(queued())
    assert len(server.received) == 1
    assert mail.state == Mail.State.UNCERTAIN
    assert mailing.send_due(NOON + timedelta(days=1)) == 0
    server.answers.clear()
    mailing.retry_mail(mail_id=mail.pk, at=NOON)
    assert sent(mail).state == Mail.State.SENT
    first, second = (
        next(line for line in written.splitlines() if line.startswith("Message-ID"))
        for written in server.received
    )
    assert first == second


def test_a_refused_mail_does_not_hold_up_the_next(server: Server) -> None:
    bad = mailing.queue_mail(key="bad", to="khai@khanh\nhoa.gov.vn", letter=letter(), at=NOON)
    good = queued("good", at=NOON + timedelta(seconds=1))
    assert mailing.send_due(NOON + timedelta(minutes=1)) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (Mail.State.FAILED, Mail.State.SENT)


def test_a_sender_that_died_leaves_a_mail_that_is_perhaps_sent() -> None:
    mail = queued()
    claimed = {"state": Mail.State.SENDING, "lease_until": NOON + mailing.LEASE}
    Mail.objects.filter(pk=mail.pk).update(**claimed)
    mailing.send_due(NOON + mailing.LEASE)
    mail.refresh_from_db()
    assert mail.state == Mail.State.SENDING
    mailing.send_due(NOON + mailing.LEASE + timedelta(seconds=1))
    mail.refresh_from_db()
    assert (mail.state, mail.lease_until) == (Mail.State.UNCERTAIN, None)
    assert outgoing.outbox == []


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_one_sends() -> None:
    mail = queued()
    together([lambda: mailing.send_mail(mail_id=mail.pk, at=NOON)] * 6)
    assert len(outgoing.outbox) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (Mail.State.SENT, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_queue_for_the_same_reason_all_get_the_same_mail() -> None:
    found = together([queued] * 6)
    assert {mail.pk for mail in found} == {Mail.objects.get().pk}
