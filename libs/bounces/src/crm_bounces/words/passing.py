"""What may be otherwise tomorrow.

One expression a line, on lower-case text; `reasons` says in which order lists are tried.
"""

GREYLISTED = r"""
gr[ea]y-?list
"""
FULL = r"""
(mail ?box|in-?box|account|folder) (\S+ )?at capacity|reached (\S+ )?(storage|size|mail ?box) limit
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
over ?quota
(space|allowed) (has been |is )?(used up|full)
too much mail data|mail ?(box|file)?( \S+)? size exceeds the maximum size allowed for mail delivery
(out of|storage|not enough) (storage|space|limit)
exceed\w* receiving limits
mailbox exceeds allowed size
bo[iî]te.{0,40}pleine
postvak.{0,40}vol|skrzynk.{0,40}pe[lł]n|(brevl[åa]d|postkass|postkasse).{0,40}full|schr[aá]nk.{0,40}pln|posta kutusu.{0,40}dolu|가득|邮箱已满|郵箱已滿
一杯|満杯|容量(を)?超
"""
TOO_LARGE = r"""
\b(message|line|header|body|letter)s? (\S+ ){0,3}too long
\b(message|mail|letter|it|size|body)\S* (\S+ ){0,4}(too (big|large)|exceed\w*|larger than|over the)
too (big|large) (message|mail|for)
(maximum|max|fixed|allowed|permitted) (\S+ )?(message |mail )?size
size (limit|exceed)
line too long
taille limite
message file too big
message length exceeds
"""
LATE = r"""
\b(envelope|message|delivery|queue|mail)( time)?( has)?( been)? (expired|timed? ?out)\b
"""
LOOPS = r"""
\b(loops?|looping)\b
(hop count|too many hops|\bhops\b)
malformed (or unexpected )?name ?server
not found, try again
host name lookup fail|temporary (dns |name |host )?lookup
dns lookup failure.{0,80}(try|temporar)
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
not (been )?collected
timed? ?out
did not respond
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
trop de connexions
try again slower|slow down|too (quickly|fast)
at a rate that|unusual rate
maximum connection|max message per
\bdeferred\b
"""
UNREACHED = r"""
(connection|connect|conversation).{0,60}(refused|reset|time[d-]? ?out|closed|dropped|lost|failed)
(lost|no|unable to establish (an? )?(\S+ )?) ?connection
time[d-]? ?out
no route
unreachable
reset by peer
broken pipe
not respond
could not connect|not accept our requests to connect
"""
NETWORK = r"""
connect
network
name ?server
\btls\b
\bssl\b
certificate
"""
HASTE = r"""
\brate of (\S+ )?(mail|message|connection)s?\b
at a rate that|too (quickly|fast)|slow(er| down)
rate[- ]?limit|frequency|excessive volume|thread limit|threshold|throttl
temporar\w+ (un|not )available|not available (at this time|now)
(daily|hourly|sending) (\S+ )?(quota|limit) exceeded
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
could not find a gateway
\bmailer error|command (died|failed|output)|procmail|x-unix|maildrop|exit \d+
upstream error|interrupted|error while being processed|queue file
service (is )?(currently |temporarily )?unavailable
"""
LOCAL = r"""
(local delivery|transport|child process|pipe|filter) (\S+ ){0,6}(failed|returned|exited|died)
"""
BROKEN = r"""
(scanner|filter|engine|milter|anti-?virus|anti-?spam|database|directory|ldap)( \S+){0,3} ((not|un) ?(available|reachable|responding)|is down|failed)
"""
