"""What the other side answered, told apart from what the notice says about it."""

import re

_ANSWERS = (
    r"\bremote host said:\s*(.+?)(?=\n[ \t]*\n|giving up on|\Z)",
    r"\bsaid:\s*(.+?)(?=\(in reply to|\n[ \t]*\n|\Z)",
    r"smtp error from remote (?:mail )?server (?:after|for)[^\n]*:\s*(.+?)(?=\n[ \t]*\n|\Z)",
    r"error that the other server returned was:\s*(.+?)(?=\n[ \t]*\n|\Z)",
    r"the response (?:from the remote server )?was:\s*(.+?)(?=\n[ \t]*\n[ \t]*\n|\Z)",
    r"\(reason: (.+?)\)\s*$",
    r"^[ \t]*(?:received )?(?:<<<|>>>) (\d{3}.*)$",
    r"did not like our [^\n]*:\s*(.+)",
    r"failed with: ([^\n]+)",
    r"^[ \t]*(?:diagnostic[ -]code|reason):[ \t]*(.+)$",
)
_ANSWER = tuple(
    re.compile(each, re.IGNORECASE | re.MULTILINE | (0 if each.startswith("^") else re.DOTALL))
    for each in _ANSWERS
)
# What notices say whatever the reason.
_HOLLOW = re.compile(
    r"giving up on \S+|i'm not going to try again|i've given up|sorry it didn't work out"
    r"|this is the (mail|e-?mail) (delivery )?(system|agent|server)[^\n]*|\bthe mail system\b"
    r"|this is a permanent error|permanent (fatal |delivery )?errors?"
    r"|was rejected by the (server for the )?recipient domain[^\n]*"
    r"|remote (smtp )?server has rejected address"
    r"|(will|does) not try to redeliver[^.\n]*|please try (resending|again)[^.\n]*"
    r"|mail delivery (sub)?system|system administrator|your system administrator"
    r"|(for further assistance|if you do so)[^\n]*|(55\d|451) 5\.0\.0 service unavailable"
    r"|\.\.\. service unavailable|transcript of session follows|mail delivery software"
    r"|problem (occurred )?(during the delivery|delivering)[^.\n]*|technical details[^\n]*"
    r"|this is the qmail-send program[^\n]*|the following address\S* failed|they may be blacklisted"
    r"|contact(ing)? the (other|recipient)[^\n]*|it's attached below",
    re.IGNORECASE,
)
_BEFORE_RECIPIENT = re.compile(
    r"(after|in reply to|error:?) (mail from|initial connection|(he|eh)lo)\b|sender was rejected"
    r"|refused to talk to me|\bin handshake\b|(mail from|(he|eh)lo)(:\S+)? command\)",
    re.IGNORECASE,
)
_AT_RECIPIENT = re.compile(
    r"(after|in reply to|our|>>>|error:?) rcpt to|rcpt to(:\S+)? command|does not like recipient",
    re.IGNORECASE,
)
_AT_CONTENT = re.compile(
    r"(after|in reply to|our|>>>) (end of )?(data|bdat)|end of data|failed after i sent the message"
    r"|(after|in reply to) (pipelined |message )?(body|content)",
    re.IGNORECASE,
)


def answers_in(notice: str) -> str:
    """The other side's words that a notice quotes, empty when it quotes none."""
    for pattern in _ANSWER:
        if found := pattern.findall(notice):
            return "\n".join(each.strip() for each in found)
    return ""


def telling(notice: str) -> str:
    """A notice without the sentences that every notice of its kind has."""
    return _HOLLOW.sub(" ", notice)


def is_before_recipient(notice: str) -> bool:
    """Whether the session failed before it came to the recipient."""
    return bool(_BEFORE_RECIPIENT.search(" ".join(notice.split())))


def is_at_recipient(notice: str) -> bool:
    """Whether the session failed where it named the recipient."""
    return bool(_AT_RECIPIENT.search(" ".join(notice.split())))


def is_at_content(notice: str) -> bool:
    """Whether the session failed when the mail itself was sent."""
    return not is_at_recipient(notice) and bool(_AT_CONTENT.search(" ".join(notice.split())))
