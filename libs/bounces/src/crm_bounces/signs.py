"""Whether a mail is about mail that was not delivered, by what speaks for and against it."""

import re

from crm_bounces.mail import Mail

_ENOUGH = 4
_SYSTEM_SENDER = re.compile(
    r"mailer-?daemon|mail-?daemon|post_?master|mail delivery|mail ?system|delivery (sub)?system"
    r"|system administrator|mail administrator|mail server|mail router|maildelivery|mailadmin"
    r"|undeliver|delivery status|delivery notif|\bdaemon@|mailmarshal|scanmail|interscan"
    r"|^<?>?$|^\"?[^<]*\"? <>$|\bmdaemon@|system attendant|mail-?agent|smtp server|mailgateway|mail gateway"
)
_SUBJECT = re.compile(
    r"undeliver|un-deliver|non[- ]?deliver|not (be )?deliver|delivery (status|failure|failed|error"
    r"|notification|problem|report|has failed|incomplete|unsuccessful|delay)|failed delivery"
    r"|deliver(y|ing).{0,12}(fail|delay|error|problem|unsuccess)|returned (mail|message|to sender|e-?mail)"
    r"|return(ing|ed)? (message|mail|e-?mail)? ?to sender|failure (notice|notification|delivery)"
    r"|(mail|message|e-?mail) (error|failure|failed|not sent|undeliver\w+|could not|status|rejected|bounced)"
    r"|bounced? (mail|message)|mail system error|unable to deliver|could not (be )?(deliver|sen[dt])"
    r"|couldn't be delivered|can(not|'t) (be )?(deliver|sen[dt])|warning: (message|could not|mail)"
    r"|rejected mail|message you sent|blocked by|failed mail|user unknown|error sending|mail delivery|undelivered|wurde nicht zugestellt|unzustellbar"
    r"|nicht zustellbar|non remis|non distribu|no entregad|no se (ha )?(pudo|podido) entregar|mancato recapito"
    r"|non recapitat|falha|devolvid|n[aã]o (foi )?entregue|не доставлен|недоставлен|退信|未送達|配信不能|送信できません|エラー"
    r"|onbestelbaar|niet (be)?zorgd|niedostarcz|nie mo[zż]na dostarczy|kunde inte levereras|olevererbar"
    r"|kan ikke leveres|ikke leveret|nedoru[cč]|k[eé]zbes[ií]thetetlen|iletilemedi|teslim edilemedi|반송|배달되지"
    r"|message status - undeliverable|^\s*undelivered|delivery has failed|mail disposition|nondeliverable"
)
_NOTICE = re.compile(
    r"(could|can|was|were|has|have|is|are)( ?not|n't) (be )?(been )?(successfully )?(delivered|sent|deliverable)"
    r"|couldn't be (delivered|sent)|undeliver|unable to deliver|failed to deliver|not able to deliver"
    r"|did not (reach|receive)|not reach the following|delivery (to the following|has failed|failed|attempt|of the"
    r"|is delayed|status|error|failure|failed)|permanent (fatal )?errors?|transient (non-)?fatal"
    r"|returned to (you|sender)|returning (message|mail|e-?mail)|returned (mail|message)|transcript of session"
    r"|this is the (qmail-send|mail system|mail delivery|courier|mailer|postfix|mail server|email system)"
    r"|i wasn't able|i'm afraid|i'm sorry to have to inform|error (report|while|in mail|delivering|sending)"
    r"|rejected by|was rejected|recipients? (address )?(was |were )?reject|could not be found|address(es)? (had|failed)"
    r"|error message below|requested action not taken"
    r"|mail ?box (is )?(full|unavailable)|user unknown|unknown user|no such user|failed recipient|problem delivering"
    r"|created automatically by (the )?(mail|e-?mail)|delivery report|cannot be (delivered|sent)|can't (be )?deliver"
    r"|has not (yet )?been delivered|still undelivered|bounced|smtp error|couldn't deliver|problems? (while )?deliver"
    r"|automatically rejected|has been returned because|returned because|n'a pas pu|无法发送|无法送达|退回|送信でき|届けられ|配信でき|エラー|nicht zugestellt|konnte nicht|pas pu [eê]tre|no (se )?pudo|non [eè] stat|n[aã]o p[oô]de"
    r"|incorrectly constructed|niet worden (be|af)|nie mo[zż]na dostarczy|kunde inte levereras|kan ikke leveres"
    r"|nelze doru[cč]|teslim edilemedi|전달할 수 없|배달되지|送达|投递失败"
    r"|не (было |может быть )?доставлен|退信|无法投递|無法"
)
_REJECTED = re.compile(r"automatically rejected|was rejected|not delivered|could not be delivered")
_AUTOMATIC = re.compile(
    r"^((auto|automatic|automatische|automatisch)\w*( ?-? ?)(re|reply|response|antwort|svar|r[ée]ponse)?:"
    r"|auto(matic|mated|matische)?[- ]?(re(ply|sponse|sponder)|antwort|r[ée]ponse)"
    r"|out[ -]of[ -](the )?office|ooo\b|abwesen|vacation|away from|absence|on (vacation|holiday|leave)"
    r"|r[ée]ponse automatique|respuesta autom|risposta autom|resposta autom|thank you for (your|contacting)"
    r"|automatisches? antwort|abwezig|urlaub|自動(返信|応答)|不在)"
)
_AWAY = re.compile(
    r"(out of (the |my )?office|on vacation|on (annual |maternity |parental )?(leave|holiday)|away from"
    r"|i am currently (away|out)|i will (be back|return)|will be returning|nicht im (b[uü]ro|hause)|im urlaub"
    r"|limited access to (my )?e-?mail|auto(matic|mated)[- ]?(reply|response)|absent du bureau)"
)
_NO_REPLY = re.compile(r"\b(no|do[-_.]?not)[-_.]?(reply|answer)|\bnotifications?@|\bnewsletter")
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_ANSWER = re.compile(r"^\s*(re|aw|sv|antw|fwd?|wg|tr|rv|enc|r|fw)\s*(\[\d+\])?\s*:", re.IGNORECASE)


def is_complaint(mail: Mail) -> bool:
    """Whether it is a feedback report (ARF): somebody called our mail spam."""
    return mail.report_type == "feedback-report"


def is_receipt(mail: Mail) -> bool:
    """Whether it only says that a mail was read, deleted or shown."""
    return mail.report_type == "disposition-notification" or mail.has_disposition


def is_bounce(mail: Mail) -> bool:
    """Whether the signs suffice; actions of its reports are not looked at here."""
    if is_complaint(mail):
        return False
    if is_receipt(mail) and not mail.has_report:
        return bool(_REJECTED.search(mail.notice[:1000].lower()))
    return _score(mail) >= _ENOUGH


def is_by_system(mail: Mail) -> bool:
    """Whether a mail system made it, by more than its words."""
    failed = bool(mail.header("x-failed-recipients"))
    return is_from_system(mail) or _is_report(mail) or _has_no_sender(mail) or failed


def is_from_system_alone(mail: Mail) -> bool:
    """Whether nothing but its sender's name says that a mail system made it."""
    return is_from_system(mail) and not (_is_report(mail) or _has_no_sender(mail))


def is_from_system(mail: Mail) -> bool:
    """Whether a mail system wrote it, by its sender's name."""
    return bool(_SYSTEM_SENDER.search(mail.header("from").lower()))


def is_automatic(mail: Mail) -> bool:
    """Whether a machine sent it: an answer by itself, a list, a newsletter, a notification."""
    return (
        mail.header("auto-submitted").lower() not in {"", "no"}
        or mail.header("precedence").lower() in _BULK
        or any(mail.header(name) for name in ("list-id", "list-unsubscribe", "feedback-id"))
        or bool(_NO_REPLY.search(mail.header("from").lower()))
        or is_by_system(mail)
        or _replies_by_itself(mail)
    )


def _score(mail: Mail) -> int:
    subject = mail.header("subject").lower()
    opening = _unquoted(mail.notice)[:3000].lower()
    notice = bool(_NOTICE.search(opening))
    score = 4 * _is_report(mail) + 4 * bool(mail.header("x-failed-recipients"))
    score += 3 * is_from_system(mail) + 2 * _has_no_sender(mail)
    score += 2 * bool(_SUBJECT.search(subject)) + 2 * notice + 2 * bool(mail.reports)
    return score - _against(mail, subject, opening)


def _against(mail: Mail, subject: str, opening: str) -> int:
    """What an answer, an automatic reply or a newsletter shows and a bounce does not."""
    is_system = is_from_system(mail)
    against = 0
    if _ANSWER.match(subject) and not mail.has_report:
        against += 1 if is_system else 5
    if mail.header("in-reply-to") and not is_system and not mail.has_report:
        against += 4
    if not mail.has_report and (_AUTOMATIC.search(subject) or _replies_by_itself(mail)):
        against += 4 if _AWAY.search(opening) or not _NOTICE.search(opening) else 2
    if _AWAY.search(opening[:600]) and not mail.has_report and not mail.reports:
        against += 4
    is_told = _SUBJECT.search(subject) and _NOTICE.search(opening)
    if mail.header("list-unsubscribe") and not (is_system or mail.has_report or is_told):
        against += 2
    return against


def _is_report(mail: Mail) -> bool:
    return mail.has_report or mail.report_type == "delivery-status"


def _has_no_sender(mail: Mail) -> bool:
    path = mail.header("return-path").strip().lower()
    return path in {"<>", "<mailer-daemon>", "mailer-daemon"} or path.startswith("<mailer-daemon@")


def _replies_by_itself(mail: Mail) -> bool:
    auto = mail.header("auto-submitted").lower()
    named = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply-from", "x-vacation")
    return (
        auto.startswith("auto-replied")
        or any(mail.header(name) for name in named)
        or mail.header("precedence").lower() == "auto_reply"
    )


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
