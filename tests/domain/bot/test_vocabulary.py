"""The vocabulary of the bot."""

from beneficiate.domain.bot import vocabulary
from beneficiate.domain.bot.emergencies import is_emergency
from beneficiate.domain.bot.parsing import is_greeting, parse_command
from beneficiate.folding import fold
from tests.domain.bot.fake_choices import city_index, specialty_index


def test_every_phrase_is_folded():
    phrases = [*vocabulary.COMMAND_PHRASES.values(), *vocabulary.BUTTON_SYNONYMS.values(), vocabulary.GREETINGS]
    words = [vocabulary.YES_WORDS, vocabulary.YES_PHRASES, vocabulary.NO_WORDS, vocabulary.FILLER_WORDS]
    assert [text for texts in (*phrases, *words) for text in texts if fold(text) != text] == []


def test_no_phrase_means_two_commands():
    phrases = [phrase for texts in vocabulary.COMMAND_PHRASES.values() for phrase in texts]
    assert len(phrases) == len(set(phrases))
    assert vocabulary.YES_WORDS.isdisjoint(vocabulary.NO_WORDS)


def test_no_city_or_specialty_is_an_emergency_or_a_command():
    names = [entry.name for index in (city_index(), specialty_index()) for entry in index._entries]
    words = {word for name in names for word in (name, *fold(name).split())}
    assert not [word for word in words if is_emergency(word) or parse_command(word) or is_greeting(word)]
