"""Every notice has its words; the staff have one more, and what is always sent has no switch."""

from beneficiate.domain.notices import CHAT, DESK, NO_CHOICES, NOTICE_KINDS, OFFER, PAYMENT_PROBLEMS, NoticeChoices
from beneficiate.handlers.emails import NOTICE_EMAILS
from beneficiate.views.notices import NOTICE_TEXTS, OwnNotices, QuietHours, UnsubscribePage
from tests.views.rendering import render


def own_notices(choices=NO_CHOICES, *, is_staff=False):
    return OwnNotices(choices, [], "ana@x.co", is_staff)


def test_every_kind_has_its_words():
    assert set(NOTICE_TEXTS) == set(NOTICE_KINDS)
    assert set(NOTICE_EMAILS) == {CHAT, OFFER, *PAYMENT_PROBLEMS}


def test_rows_say_what_is_on_and_what_is_always_sent():
    rows = {row.title: row for row in own_notices(NoticeChoices(frozenset({"chat.email"}))).rows}
    assert NOTICE_TEXTS[DESK][0] not in rows
    chat, payment = rows["Mensajes del chat"], rows["Pagos y vencimiento del plan"]
    assert (chat.is_pushed, chat.email_name, chat.is_mailed) == (True, "chat.email", False)
    assert (payment.email_name, payment.has_email) == ("", True)
    desk = own_notices(is_staff=True).rows[-1]
    assert (desk.title, desk.email_name, desk.has_email) == (NOTICE_TEXTS[DESK][0], "", False)


def test_form_offers_a_usual_night_until_hours_were_chosen():
    assert own_notices().quiet_hours == QuietHours(False, 21, 7)
    assert own_notices(NoticeChoices(frozenset(), 0, 6)).quiet_hours == QuietHours(True, 0, 6)


def test_page_of_a_link_asks_says_that_it_is_done_or_that_it_is_not_good():
    texts = [render(UnsubscribePage(*fields)) for fields in (("X", "t", False), ("X", "t", True), ("", "t", True))]
    ids = ("unsubscribe-ask", "unsubscribe-done", "unsubscribe-wrong")
    assert [[f'id="{one}"' in text for one in ids] for text in texts] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
