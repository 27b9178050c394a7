"""Texts as naming rules want them written."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm_contacts.model.rule import Casing

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_ENDS = " ,;-"
_LONGEST_ACRONYM = 3


def written(style: str, argument: Any, text: str) -> str:
    """Return a text as a rule of this style wants it; the same text, where it keeps the rule."""
    if style == "casing":
        return _cased(Casing(argument), text)
    if style == "legal_suffix":
        return _with_suffix(argument, text)
    if style == "forbidden":
        return _without(argument, text)
    return _standard(argument, text)


def _cased(casing: Casing, text: str) -> str:
    if casing is Casing.UPPER:
        return text.upper()
    if casing is Casing.LOWER:
        return text.lower()
    is_shouted = text.isupper() and any(
        len(word) > _LONGEST_ACRONYM for word in _WORD.findall(text)
    )
    return _WORD.sub(lambda found: _titled(found[0], is_shouted=is_shouted), text)


def _titled(word: str, *, is_shouted: bool) -> str:
    """A word with capitals inside (eBay, McNally, IBM) is left alone, unless all is shouted."""
    if word.islower() or (is_shouted and len(word) > _LONGEST_ACRONYM):
        return word[:1].upper() + word[1:].lower()
    return word


def _with_suffix(forms: Mapping[str, Sequence[str]], text: str) -> str:
    """The longest ending that is a spelling of a legal form is written as the form is."""
    spellings = {
        spelling.casefold(): form for form, others in forms.items() for spelling in (form, *others)
    }
    lowered = text.casefold()
    for spelling in sorted(spellings, key=len, reverse=True):
        head = lowered.removesuffix(spelling)
        if (
            head != lowered
            and head.rstrip(_ENDS)
            and head[-1:] in _ENDS
            and len(lowered) == len(text)
        ):
            return f"{text[: len(head)].rstrip(_ENDS)} {spellings[spelling]}"
    return text


def _without(words: Sequence[str], text: str) -> str:
    """The text without the words; where nothing would be left, with nothing."""
    alike = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    found = re.sub(rf"(?<!\w)(?:{alike})(?!\w)", " ", text, flags=re.IGNORECASE)
    return text if found == text else " ".join(found.split()).strip(_ENDS)


def _standard(values: Mapping[str, Sequence[str]], text: str) -> str:
    wanted = text.strip().casefold()
    for standard, others in values.items():
        if wanted in {each.strip().casefold() for each in (standard, *others)}:
            return standard
    return text
