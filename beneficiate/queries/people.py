"""Search of people by name, with typos, by document or by e-mail."""

from functools import lru_cache

from peewee import Expression, ModelSelect

from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.models.accounts import User
from beneficiate.search import fold, matching_words, query_words

MIN_MATCH_CHARS = 2
_fold_cached = lru_cache(50_000)(fold)


def select_matching_users(text: str) -> ModelSelect:
    """Select the ids of the people who match.

    Every word of a name has to match, by its beginning or, where no name begins so, by a similar spelling; a document
    or an e-mail matches by its beginning.
    """
    return User.select(User.id).where(_matches_text(text))


def _matches_text(text: str) -> Expression:
    numbers, email = possible_numbers(text), text.strip().lower()
    is_match = User.id.in_([])
    for number in numbers:
        if len(number) >= MIN_MATCH_CHARS and any(map(str.isdecimal, number)):
            is_match |= User.document_number.startswith(number)
    if len(email) >= MIN_MATCH_CHARS and " " not in email:
        is_match |= User.email.startswith(email)
    parts = query_words(text)
    if not parts or max(map(len, parts)) < MIN_MATCH_CHARS or any(map(str.isdecimal, numbers)):
        return is_match
    by_word = _names_by_word()
    is_named = None
    for part in parts:
        names = {name for word in matching_words(part, by_word) for name in by_word[word]}
        has_part = User.first_name.in_(list(names)) | User.last_name.in_(list(names))
        is_named = has_part if is_named is None else is_named & has_part
    return is_match | is_named


def _names_by_word() -> dict[str, list[str]]:
    """Return the distinct first and last names by each of their folded words: far fewer than people."""
    first, last = User.select(User.first_name).distinct(), User.select(User.last_name).distinct()
    found: dict[str, list[str]] = {}
    for name in {name for query in (first, last) for (name,) in query.tuples()}:
        for word in _fold_cached(name).split():
            found.setdefault(word, []).append(name)
    return found
