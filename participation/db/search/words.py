"""The form in which texts are searched, the words of a query, and how both are cut."""

import re

from participation.core.text import clean_input, compare_key

LONGEST_QUERY = 2_000
LONGEST_WORD = 100
MOST_WORDS = 10

# PostgreSQL's grams have up to so many characters, and of a word so many are looked up.
_GRAM, _MOST_GRAMS = 3, 12
# Between fields of one entry. No search form has it, so no word is found across two fields.
FIELD_END = "\n"
# The last 256 code points of the private plane stand for ASCII signs in SQLite's tokens, since
# its tokenizer would take those as ends of tokens. No text needs them.
_STAND_INS = 0x10FF00
_RESERVED = re.compile(f"[{chr(_STAND_INS)}-{chr(0x10FFFF)}]")
# The other half of them stands for facets, two characters each: no text and no query has them.
LARGEST_FACET = 128 * 128 - 1
_FACETS = _STAND_INS + 128
_SIGNS = {code: chr(_STAND_INS + code) for code in range(128) if not chr(code).isalnum()}
# A blank beside a character that is not ASCII: Japanese has no blanks between words, and lines
# pasted from a PDF break anywhere.
_IDLE_BLANK = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def search_form(text: str) -> str:
    """Return the form in which ``text`` is searched; two texts of one form are found alike.

    The compare form (NFKC, look-alikes made one) without case, and without blanks other than
    those between words in Latin letters. Kana stay apart: カメ does not find かめ.
    """
    plain = compare_key(_RESERVED.sub("", clean_input(text))).casefold()
    return _IDLE_BLANK.sub("", plain)


def words_of(query: str) -> tuple[str, ...]:
    """Return the words of a query in their search form; all of them must be found.

    Blanks part words, quotes hold a phrase together. Whatever is typed has an answer: beyond
    ``LONGEST_QUERY`` characters, ``MOST_WORDS`` words or ``LONGEST_WORD`` characters of a word
    the rest is left aside.
    """
    pieces = compare_key(clean_input(query[:LONGEST_QUERY])).split('"')
    words: dict[str, None] = {}
    for position, piece in enumerate(pieces):
        # The last piece of an odd number of quotes is open to the right: no phrase.
        is_phrase = position % 2 == 1 and position < len(pieces) - 1
        for part in [piece] if is_phrase else piece.split():
            word = search_form(part)[:LONGEST_WORD]
            if word:
                words[word] = None
    return tuple(words)[:MOST_WORDS]


def facet_word(facet: int) -> str:
    """Return the word that stands in an entry for a facet, in a field of its own.

    Two characters are one gram on both engines, so that asking for it is exact and quick.

    Raises:
        ValueError: beyond 0 … ``LARGEST_FACET``.

    """
    if not 0 <= facet <= LARGEST_FACET:
        raise ValueError(f"no facet {facet}")
    return chr(_FACETS + facet // 128) + chr(_FACETS + facet % 128)


def tokens(form: str) -> str:
    """Return the tokens of a text for SQLite: its bigrams in order, then its characters once."""
    plain = form.translate(_SIGNS)
    pairs = [plain[place : place + 2] for place in range(len(plain) - 1)]
    return " ".join([*pairs, *sorted(set(plain))])


def match(words: tuple[str, ...]) -> str:
    """Return the MATCH of SQLite for words: the bigrams of each as a phrase.

    Bigrams that overlap and follow each other are the word itself, so the answer is exact.
    """
    phrases = []
    for word in words:
        plain = word.translate(_SIGNS)
        pairs = [plain[place : place + 2] for place in range(len(plain) - 1)]
        phrases.append(f'"{" ".join(pairs or [plain])}"')
    return " AND ".join(phrases)


def grams(words: tuple[str, ...]) -> list[int]:
    """Return what an entry of PostgreSQL must hold for all words to be in it.

    A number of 63 bits for up to three characters side by side, 21 bits each. Of a long word some
    are enough: the words themselves are compared afterwards.
    """
    found: dict[int, None] = {}
    for word in words:
        size = min(len(word), _GRAM)
        last = len(word) - size
        step = max(last // _MOST_GRAMS, 1)
        for place in {*range(0, last + 1, step), last}:
            number = 0
            for letter in word[place : place + size]:
                number = number << 21 | ord(letter)
            found[number] = None
    return sorted(found)


def is_exact(words: tuple[str, ...]) -> bool:
    """Whether the grams alone decide, without a look at the text."""
    return all(len(word) <= _GRAM for word in words)
