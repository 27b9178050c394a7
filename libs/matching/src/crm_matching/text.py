"""Text as it is compared: folded, in words, by its sound, by its distance."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

_NOT_WORD = re.compile(r"[^\w]+|_")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"}
)
_SOUNDS = {
    letter: number
    for number, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}
_LONGEST_SOUND = 4


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return words in lower case without accents and punctuation, parted by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return _NOT_WORD.sub(" ", bare.replace("'", "").replace("\u2019", "")).strip()


@lru_cache(maxsize=65536)
def soundex(text: str) -> str:
    """Return the American soundex of folded text; empty when it holds no Latin letter."""
    letters = [each for each in text if "a" <= each <= "z"]
    if not letters:
        return text[:1]
    sound, last = letters[0], _SOUNDS.get(letters[0])
    for letter in letters[1:]:
        number = _SOUNDS.get(letter)
        if number is not None and number != last:
            sound += str(number)
        if letter not in "hw":
            last = number
    return (sound + "000")[:_LONGEST_SOUND]


def edits(one: str, other: str, *, most: int | None = None) -> int:
    """Return how many letters must be typed otherwise; a swap of neighbours counts once."""
    return int(DamerauLevenshtein.distance(one, other, score_cutoff=most))


def likeness(one: str, other: str) -> float:
    """Return the Jaro-Winkler similarity, 0 to 1."""
    return float(JaroWinkler.similarity(one, other))
