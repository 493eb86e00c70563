"""What a search has found: as JSON, and rendered with the words that matched."""

from datetime import UTC, datetime

import msgspec
import pytest

from beneficiate.protocol.desk_tools import PersonName
from beneficiate.views.desk import SearchPart
from beneficiate.views.search import FoundBeneficiary, FoundMember, FoundMessage, SearchResults
from tests.views.rendering import render

ANA = PersonName(id=1, first_name="Ana", last_name="Rojas")


def found_member(**changes):
    given = {"id": 1, "first_name": "Ana", "last_name": "Rojas", "email": "a@x.co", "document_type": "CC"}
    return FoundMember(**{**given, "document_number": "52123456", "chat_id": 31, **changes})


def found_message(*snippet, **changes):
    given = {
        "chat_id": 31,
        "seq": 4,
        "member": ANA,
        "sender_type": "USER",
        "sent_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return FoundMessage(snippet=list(snippet), **{**given, **changes})


def rendered(members=(), lines=(), *, has_more=False, page=1):
    return render(SearchPart(SearchResults(members=[*members], lines=[*lines], has_more=has_more), page, False))


def test_results_are_sent_as_they_were_found():
    results = SearchResults(members=[found_member(chat_id=None)], lines=[found_message("la ", "orden")], has_more=True)
    sent = msgspec.json.encode(results)
    assert msgspec.json.decode(sent, type=SearchResults) == results
    assert msgspec.json.decode(sent)["members"][0]["chat_id"] is None


@pytest.mark.parametrize("changes", [{"seq": -1}, {"chat_id": 0}, {"snippet": "la orden"}])
def test_results_that_cannot_be_are_refused_where_they_are_read(changes):
    sent = msgspec.json.encode({**msgspec.to_builtins(found_message("la ", "orden")), **changes})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(sent, type=FoundMessage)


def test_every_second_piece_is_marked():
    html = rendered(lines=[found_message("la ", "orden", " de <b>Ana</b>", "")])
    assert "<p>la <mark>orden</mark> de &lt;b&gt;Ana&lt;/b&gt;<mark></mark></p>" in html


@pytest.mark.parametrize(
    ("sender_type", "prefix"), [("USER", ""), ("AGENT", "Equipo · "), ("BOT", "Asistente · "), ("SYSTEM", "")]
)
def test_message_says_who_wrote_it(sender_type, prefix):
    assert f'<small class="muted">{prefix}22 nov' in rendered(lines=[found_message("x", sender_type=sender_type)])


def test_member_with_a_chat_is_a_link_and_without_one_a_button():
    html = rendered([found_member(), found_member(id=2, chat_id=None)])
    assert 'href="/agente?chat=31"' in html
    assert 'data-do="open-with" data-user-id="2"' in html
    assert "2 personas y 0 mensajes" in html


def test_beneficiary_is_shown_by_name_with_their_member():
    camila = FoundBeneficiary(id=7, first_name="Camila", last_name="Díaz", document_type="TI", document_number="•••• 1")
    html = rendered([found_member(beneficiary=camila)])
    assert 'data-chat-id="31">Camila Díaz</a><small class="muted">Beneficiario de Ana Rojas</small>' in html


def test_next_page_is_offered_while_there_is_more():
    assert 'data-page="3">Ver más' in rendered(lines=[found_message("x")], has_more=True, page=2)
    assert "Ver más" not in rendered(lines=[found_message("x")], page=2)
