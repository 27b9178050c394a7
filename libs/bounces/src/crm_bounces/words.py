"""What mail systems say, by reason: one expression a line, tried in this order on lower-case text.

The order matters: what speaks of the sender comes before what speaks of the recipient ("sender
address rejected: domain not found"), what is full before what is unknown.
"""

AUTHENTICATION = r"""
\b(spf|dkim|dmarc)\b.{0,80}(fail|reject|policy|not |unauth|violat)
(fail|reject|not pass|unauth|does not).{0,60}\b(spf|dkim|dmarc)\b
unauthenticated (e?mail|sender)
authentication[- ](is )?(required|failed|checks)
must (first )?(be )?authenticat
pop[- ]before[- ]smtp
5\.7\.26
"""
SENDER = r"""
sender (address )?(verif\w+|rejected|denied|unknown|invalid|refused|not |domain|is not|ip |must|blocked)
\b(unknown|invalid|bad|illegal|fake|forged|unresolvable|null|empty) (sender|envelope sender|return[- ]path)
(domain|address) of (the )?sender
(resolve|verify|find|for) (your|the sender|sender)
reverse (dns|lookup|address|hostname|mapping)
\bptr\b
(helo|ehlo) (command )?(rejected|invalid|denied|refused|name)
(invalid|bad|forged) (helo|ehlo)
client host rejected
mail from.{0,60}(reject|denied|not allow|refus|unresolv|not exist)
not (permitted|allowed|authori[sz]ed) to (send|post|submit|connect)
not accepting (e-?)?mail from
not authorized
delivery not authorized
"""
SPAM = r"""
\bspam
unsolicited
junk ?mail
\bu[bc]e\b
bulk ?mail
looks like advert
spamcop
"""
BLOCKED = r"""
black ?list
block ?list
\brbls?\b
dnsbl
barracudacentral
reputation
\babuse
dynamic (ip|pool|addr)
tss0\d
\b(ip|host|network|server|you|connection|message|e?-?mail|domain)s?\b \S* ?(\S+ ){0,2}(blocked|banned|blacklisted)\b
blocked (by|for|using|because|from|due (?!to inactiv))
\b(ip|host|network).{0,40}(not allowed|denied)
listed (at|by|in|on) \S+\.\S+
"""
CONTENT = r"""
virus
malware
\bworm\b
infected
phish
(executable|forbidden|banned|illegal|zip|unsafe|prohibited|restricted).{0,20}(attachment|file|content|extension)
attachment.{0,40}(not allowed|block|banned|restrict|prohibit|remov|reject)
content (reject|filter|restrict|not |policy|violat|block|deni|detected)
(rejected|blocked|denied|refused) (by|due to|for|because of) (its |the |your |message |mail |bad )*content
(missing|malformed|invalid|duplicate|bad) (\S+ )?header
rfc ?-?(2?822|5322)(?!;)
bare (lf|linefeed)
non-?compliant
unencoded
"""
RELAYING = r"""
relay\w* (\S+ )?(denied|not |prohibited|rejected|refused|blocked)
(able|authori[sz]ed|allowed|permitted|willing|not|n't) (to )?relay
no relay
rcpthosts
not a gateway
"""
MOVED = r"""
\b(has|have|was) (\S+ )?(moved|relocated)\b
address(es)? (\S+ )?(has|have|was) (\S+ )?(been )?(changed|replaced|superseded)
new (e-?mail )?address (is|:)
use (the |this |my |following )*new
user not local; (please )?try
"""
FULL = r"""
\bquota
over[- ]?quota
(space|room) (is )?not enough
mail(box|folder|drop|dir)\S* (\S+ ){0,5}(full|exceed\w*|over ?flow\w*|too large|limit|max\w*)
\b(account|in-?box|user|recipient|storage|folder)\S* (\S+ ){0,4}(full\b|over ?flow|out of|exceeded)
full (mail ?box|inbox)
(exceed\w*|over) (\S+ ){0,4}(mail ?box|storage|disk|space|allocation|allotted)
(not enough|insufficient|out of|no) (\S+ ){0,3}(disk|storage|space|room)
too many messages (in|on|stored)
mailfull
容量
いっぱい
満杯
已满
postfach.{0,40}voll
(boîte|boite).{0,40}pleine
(buz[oó]n|casilla).{0,40}llen[oa]
casella.{0,40}piena
caixa.{0,40}cheia
переполнен
"""
TOO_LARGE = r"""
\b(message|mail|letter|it|size|body)\S* (\S+ ){0,4}(too (big|large|long)|exceed\w*|larger than|over the)
too (big|large) (message|mail|for)
(maximum|max|fixed|allowed|permitted) (\S+ )?(message |mail )?size
size (limit|exceed)
line too long
"""
NOT_ACCEPTING = r"""
null ?mx
\b556\b
(does|do|did|can|will|is|are)( ?not|n't) (\S+ )?(accept|receiv)(e|ing)? (any |incoming |inbound )*(e-?)?(mail|smtp|messages)
accepts? no (e-?)?mail
no mail (is )?accepted
not (an? )?(smtp|mail) server
"""
HOST_UNKNOWN = r"""
\b(unknown|invalid|bad|illegal|no such|non-?existent|unrouteable|unroutable) (\S+ )?(mail )?(host|domain|destination|server)
\b(host|domain|hostname|destination)\S* (\S+ ){0,4}(unknown|not found|not exist|n't exist|invalid|unresolvable|non-?existent|not be found|no longer exist\w*)
nxdomain
name or service not known
(cannot|can't|couldn't|could not|unable to|failed to|can not) (\S+ )?(find|resolve|locate|look ?up|route)( \S+){0,3} (host|domain|mx|server|dns|route|name)
no (\S+ )?(mx|mail exchange\w*|mail exchanger|a record|such host|valid host)
unrouteable mail domain
all relevant mx
unable to route
host or domain name not found
dns (error|name error|lookup fail\w*)
ドメインが
"""
DISABLED = r"""
\b(mail ?box|account|user|address|recipient|login|subscriber|customer|alias)\S*( \S+){0,6} (disabled?|in-?active|suspended|de-?activated|discontinued|closed|expired|terminated|locked|cancell?ed|blocked|restricted|frozen|dormant|deleted|removed|retired|abandoned|limited)\b
\b(disabled|inactive|suspended|deactivated|expired|closed|locked|deleted|terminated|discontinued|dormant) (\S+ )?(mail ?box|account|user|address|recipient)
\bnot (been )?(active|activated)\b
no longer (\S+ )?(active|in (use|service)|available|working|works?|on|accept\w*|monitored|valid|employed|with|at)\b
left (the |our )?(company|organi)
"""
USER_UNKNOWN = r"""
\b(unknown|invalid|bad|illegal|no such|non-?existent|undeliverable|unroutable|unrouteable|undefined|incorrect|wrong|ambiguous|missing|unregistered|not a|not our|no) (\S+ ){0,2}?(users?|mail ?box|recipients?|address(es|ee)?|account|alias|person|name|customer|subscriber|rcpt|local part|mail ?drop|destination)\b
\b(user|mail ?box|recipient|address|account|addressee|alias|person|name|rcpt|mail ?drop|e?-?mail|customer|member|login|destination|id)\S*( \S+){0,6}? (unknown|not found|not exist|not valid|not known|not recogni[sz]ed|not listed|not located|not registered|not present|not be (found|verified|delivered)|not correct|not here|not on|not our|not available|not in|no longer|n't exist|n't have|n't match|n't recogni\w+|invalid|non-?existent|unavailable|undeliverable|rejected|refused|incorrect|unroutable)
\b(do|does|did)( ?not|n't) (know|recogni[sz]e|exist)
\b(do|does|did)( ?not|n't) have (\S+ ){0,4}(user|account|mail ?box|recipient|address|e-?mail)
(cannot|can't|couldn't|could not|unable to|failed to) (\S+ )?(find|verify|locate|identify|match|resolve) (\S+ ){0,3}(user|mail ?box|recipient|address|account|alias|name|person)
(no|not) (\S+ ){0,3}(by that name|user here|mailbox here|mailbox by)
no mailbox
(could|can)( ?not|n't) be (found|located|verified|identified)
wasn't found
final delivery userid
invalid userid
not in (\S+ )?(directory|list|database|ldap|address book|system|virtual|active directory)
unknown in (\S+ ){0,3}table
recip\w*not ?found
(verify|check) the (address|recipient|e-?mail|spelling)
there is no (one|such|user|account|mailbox|\S+ here)
mailbox unavailable
name is not recogni[sz]ed
not listed in
all recipients (were |are |are considered )?(invalid|rejected|refused|unverified)
recipient verify failed
unknown to address
userunknown
無効
不明
見つかりません
存在しません
不存在
没有此
无此
(empf[aä]nger|adresse|benutzer|postfach|nutzer).{0,60}(unbekannt|existiert nicht|nicht gefunden|ung[uü]ltig|nicht bekannt|nicht vorhanden)
(utilisateur|adresse|destinataire|compte).{0,40}(inconnu|n'existe)
(usuario|direcci[oó]n|destinatario|cuenta|buz[oó]n).{0,40}(desconocid|no existe|no es v[aá]lid)
(utente|destinatario|indirizzo|casella).{0,40}(sconosciut|inesistente|non esiste)
(usu[aá]rio|destinat[aá]rio|endere[cç]o).{0,40}(desconhecid|inexistente|n[aã]o existe)
(пользовател|адрес|ящик|получател).{0,60}(не найден|не существует|неизвест)
"""
GREYLISTED = r"""
gr[ea]y-?list
"""
EXPIRED = r"""
expired?\b
retry time
(been|was) in (the )?queue
not (yet )?(be |been )?delivered (within|in|for|after)
delay
still (being|trying|retry\w*|queued)
will (be )?(continue|keep|retr\w+|attempted)
giv(en|ing) up
failed \d+ attempts
(within|in|for|after) \d+ (hours|days|minutes)
not been collected
not reachable within
allowed queue period
too many (delivery )?(attempts|retries)
"""
BUSY = r"""
too many
rate[- ]?limit
throttl
concurren
(again|retry) later
busy
overload
temporarily (deferred|rejected|unavailable)
connection limit
"""
NETWORK = r"""
time[d-]? ?out
connect
network
no route
unreachable
reset by peer
broken pipe
\bloop
hop ?count
too many hops
name ?server
not respond
\btls\b
\bssl\b
certificate
"""
SYSTEM = r"""
system
local error
configuration
resource
internal
disk
i/o
temporar
transaction
program
pipe
"""
REFUSED = r"""
polic(y|ies)
not (allowed|permitted|accepted)
access (is )?(denied|not)
denied
reject
refus
security
filter
prohibit
5\.7\.\d
"""
