"""Search of people by name, with typos, by document, by telephone or by e-mail.

What selects ids is for `IN`, and may give one several times: making each unique took a third of a search.
"""

from peewee import Expression, Field, ModelSelect, Node

from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.errors import InvalidForm
from beneficiate.folding import BENEFICIARY_NAME, MEMBER_NAME, MEMBER_PHONE, NATIONAL_PHONE_DIGITS, national_number
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import begins_with, ordered_by_bytes
from beneficiate.models.people import PersonWord
from beneficiate.search import MIN_FUZZY_CHARS, matching_words, query_words

MIN_MATCH_CHARS = 2
MAX_MATCHING_PEOPLE = 200
MAX_SORTED_PEOPLE = 1_000
"""So many who match are sorted where the first ten by name are shown; those beyond, which a short text has, are not.

Of 50,000 members 12,000 have a name with "ma". Reading and sorting them took 17 ms, on a busy machine 60.
"""
MAX_SIMILAR_WORDS = 5_000
"""So many words that share half of their spelling with a misspelt one are compared with it."""


def select_matching_users(text: str, most: int | None = None) -> ModelSelect:
    """Select the ids of the members who match.

    Every word of a name has to match, by its beginning or, where no name begins so, by a similar spelling; a document
    or an e-mail matches by its beginning, a telephone as a whole. With `most`, only so many by each of these, in the
    order of the words: an exact name comes before those that begin so.
    """
    return select_named_users(text, most) | select_users_by_contact(text, most)


def find_few_users(text: str, field: str) -> list[int]:
    """Return the ids of the members who match. Raises InvalidForm for this field when there are too many of them."""
    most = MAX_MATCHING_PEOPLE + 1
    found = sorted({id_ for (id_,) in select_matching_users(text, most).tuples() if id_ is not None})
    if len(found) >= most:
        sentence = "Hay muchas personas así. Escriba el nombre y el apellido, o el documento completo."
        raise InvalidForm({field: sentence})
    return found


def select_users_by_contact(text: str, most: int | None) -> ModelSelect:
    """Select the ids of the members whose document or e-mail begins so, or who have this telephone."""
    is_number = (PersonWord.kind == MEMBER_PHONE) & (PersonWord.word == national_number(text))
    has_number = len(national_number(text)) == NATIONAL_PHONE_DIGITS
    # A union, not a disjunction: each part has an index of its own.
    found = PersonWord.select(PersonWord.user.alias("id")).where(is_number if has_number else PersonWord.id.in_([]))
    conditions = [(User.document_number, one) for one in matches_document(User.document_number, text)]
    for column, condition in [*conditions, *_matches_email(text)]:
        found |= _take_first(User.select(User.id).where(condition), most, ordered_by_bytes(column))
    return found


def select_named_users(text: str, most: int | None = None) -> ModelSelect:
    """Select the ids of the members whose name matches; with `most`, only so many of them."""
    return _take_first(_select_named(text, MEMBER_NAME, PersonWord.user), most, PersonWord.word)


def select_named_beneficiaries(text: str, most: int | None = None) -> ModelSelect:
    """Select the ids of the beneficiaries, removed ones too, whose name matches; with `most`, only so many of them."""
    return _take_first(_select_named(text, BENEFICIARY_NAME, PersonWord.beneficiary), most, PersonWord.word)


def select_beneficiaries_by_document(text: str, most: int) -> list[ModelSelect]:
    """Return selections of the ids of the beneficiaries, removed ones too, whose document begins so, `most` by each."""
    column = Beneficiary.document_number
    found = [Beneficiary.select(Beneficiary.id).where(condition) for condition in matches_document(column, text)]
    return [_take_first(query, most, ordered_by_bytes(column)) for query in found]


def _take_first(query: ModelSelect, most: int | None, order: Node) -> ModelSelect:
    """Return the selection of ids with only the first of them: a short text matches tens of thousands."""
    if most is None:
        return query
    # A selection within a selection: SQLite takes no LIMIT in a part of a union.
    first = query.order_by(order).limit(most).alias("first")
    return query.model.select(first.c.id.alias("id")).from_(first)


def matches_document(column: Field, text: str) -> list[Expression]:
    """Return the conditions, of which one has to be true, that a document begins so, however it is typed."""
    numbers = possible_numbers(text)
    return [
        begins_with(column, number)
        for number in numbers
        if len(number) >= MIN_MATCH_CHARS and any(map(str.isdecimal, number))
    ]


def _matches_email(text: str) -> list[tuple[Field, Expression]]:
    email = normalize_email_address(text)
    is_part = len(email) >= MIN_MATCH_CHARS and " " not in email and "\0" not in email
    return [(User.email, begins_with(User.email, email))] if is_part else []


def _select_named(text: str, kind: str, owner: Field) -> ModelSelect:
    """Select whom `owner` names in the rows of a kind that have the words of this name."""
    is_number = any(map(str.isdecimal, possible_numbers(text))) or not any(map(str.isalpha, text))
    parts = [] if is_number else query_words(text)
    query = PersonWord.select(owner.alias("id"))
    if not parts or max(map(len, parts)) < MIN_MATCH_CHARS:
        return query.where(owner.in_([]))
    # The longest word is that of the fewest people.
    first, *others = sorted(parts, key=len, reverse=True)
    for part in others:
        query = query.where(owner.in_(PersonWord.select(owner).where(_is_like(kind, part))))
    return query.where(_is_like(kind, first))


def _is_like(kind: str, part: str) -> Expression:
    """Return the condition of the words that begin so or, when there are none, of those with nearly this spelling."""
    is_name = PersonWord.kind == kind
    begun = is_name & begins_with(PersonWord.word, part)
    if len(part) < MIN_FUZZY_CHARS or PersonWord.select().where(begun).exists():
        return begun
    # A single wrong letter leaves the first or the last half of the word as it was.
    half = len(part) // 2
    halves = ((PersonWord.word, part[:half]), (PersonWord.reversed_word, part[::-1][:half]))
    candidates = {
        word
        for column, beginning in halves
        for (word,) in PersonWord.select(PersonWord.word)
        .distinct()
        .where(is_name, begins_with(column, beginning))
        .limit(MAX_SIMILAR_WORDS)
        .tuples()
    }
    return is_name & PersonWord.word.in_(list(matching_words(part, candidates)))
