"""What speaks of us and of our mail rather than of the address.

One expression a line, on lower-case text; `reasons` says in which order lists are tried.
"""

AUTHENTICATION = r"""
(tls|encryption) (is )?(needed|required|mandatory)|only (\S+ ){0,2}signed
\bstarttls (command )?first|encryption (is )?required|must (issue|use) (a )?(start)?tls
\b(spf|dkim|dmarc)\b.{0,80}(fail|reject|policy|not |unauth|violat)
(fail|reject|not pass|unauth|does not).{0,60}\b(spf|dkim|dmarc)\b
unauthenticated (e?mail|sender)
authentication[- ](is )?(required|failed|checks)
must (first )?(be )?authenticat
(incorrect|invalid|failed|failure|unable)( to)? authenticat
password not accepted
pop[- ]before[- ]smtp
5\.7\.26
spf.{0,20}(settings|configuration)|bad spf
(aligned|authenticate) with (\S+ )?(spf|dkim)|authentication level
authenti(fi)?cation (requise|invalide|turned on)
\btls (is )?required|requires? (\S+ )?(tls|encryption)|must issue a starttls
"""
SENDER = r"""
\bsender (\S+ ){0,2}(does|do|did)( not|n't) exist
mail from (must|should|does|is not|isn't)
call(back|out) (\S+ ){0,4}(fail\w*|verif\w*)
(from|envelope|helo|ehlo)( header| address| domain| sender)? (does|do|did)( not|n't) match
your (\S+ ){0,3}(does( not|n't)|cannot|could not|failed to) (be )?(resolv|verif)\w*
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
senders? (\S+ )?(was|is|are)( not|n't) (\S+ )?(authenticated|permitted|allowed|known)
not accepting (e-?)?mail from
not authorized
delivery not authorized
\b(batv|backscatter)\b
(accept|accepting|take) (any )?(e-?)?(mail|messages) (from|over)
envelope (sender )?(is )?(blocked|rejected)
(bogus|blank|empty|invalid|multiple) (mail )?from\b|valid from\b|from: domain is invalid
(null|empty|invalid|missing) (envelope )?senders?\b|sender domain is empty|sender (\S+ )?not pre-approved
sender e?-?mail address
(third-party|unsigned) dsns?|returned mail not accepted
(emetteur|exp[eé]diteur) (invalide|refus)
mail from not owned
(e?-?mail address|identity) is not verified
not a registered (gateway )?user
fully[- ]qualified (e-?mail )?address
unrout\w+ sender
syntax error: empty
\b(hosts?|ips?|servers?) (name )?lookup failed|ip name lookup
resolve your (address|host)|unresolvable relay
mismatches client ip|unverif\w+ sending|no rdns|rdns record
confirm this mail server
relay quota
"""
SPAM = r"""
\bscored? (\S+ ){0,2}(points|above|over)
\bjunk\b
\bspam
unsolicited
junk ?mail
\bu[bc]e\b
bulk ?mail
looks like advert
spamcop
bulk[. -](e-?)?(mail|advert)|mass mailer
pattern detection
message filtered|content filter
reject(ed|ing)? (banned|mail) content|content denied|unacceptable content
mail rejete
blocked by our (\S+ )?filter
"""
CHOICE = r"""
(recipient|user|addressee|owner)\S* (\S+ )?(has |have )?blocked (you|your|this|the|mail)\b
you (may|can|must|are) ?not (allowed to |permitted to )?(write|post|send|submit)\b
\bonly members\b|members only
accepts? (e-?)?mail (only )?from|(known|approved) senders only
refuses? to (accept|receive) (\S+ ){0,2}from
recipient('s)? (preferences|choice)
(only|not) accepting (\S+ )?mail (with|from specific)
blocked by (the |this )?(recipient|user|addressee)
(account|mailbox|address) is protected by
(permission|allowed|authori[sz]ed|right) to post
(members?-only|closed|moderated|private) (mailing )?(list|group)
not (a )?(subscribed|member)
notauthorized|notauthenticatedforgroup
投稿する権限
recipient's (list|settings|polic)|allowedlist|notinallowed
not (a )?(group )?member|purported responsible
rule imposed
each of the following recipients was rejected by a remote mail server
"""
BLOCKED = r"""
\b(deny|denied|reject|spammer|bad)[ -]?list\b
\bcomplaints? (about|against|from)\b
\b(not wanted|unwanted)\b
(due to|for|because of|by) (\S+ ){0,2}polic(y|ies)( restriction| violation| reason)?s?\b|polic(y|ies) (restriction|violation|reason)
\b[45]\d\d[ -](\d\.\d\.\d+ )?blocked\b|:blocked\)
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
\bgo away\b
open (proxy|relay)
(banned|blocked|bad|sending|sender|your|client'?s?) (sending |sender |access )?ip\b
\bips?\b.{0,60}\b(blocked|banned|listed|rejected|refused|abusive)\b
banned send(er|ing)
\((bl|rbl)\)$|\bbl\)$
smtp server of your (isp|provider)
(not|n't) (be )?(currently )?(accept|permit|allow)\w* (\S+ )?(from your|connections? (from|not accepted)|to connect)
no access from
(service|acc[eè]s|connexion) refus[eé]\b
messages? from \S+ (will be permanently|temporarily) deferred
block ?list|user complaints
network is (temporar\w+ )?(black|block|listed)
not accepting connections
proofpoint|spamhaus|over ipv6
your (\S+ )?(access|ip|server|host|network|domain|address|sender)\b.{0,60}(rejected|refused|blocked|denied|listed|forbidden|blacklisted)
unwanted messages|\battacks?\b|bad commands
organizational settings|protocol violation
connections? (\S+ ){0,3}(refused|rejected).{0,20}\b(listed|reputation|policy)
"""
CONTENT = r"""
headers? (\S+ )?(malformed|missing|invalid)|\bsubject (line )?(is |was )?(not|refused|rejected|denied)
(archive|attachment|zip)s?\b.{0,40}\b(not|never|refused|blocked)\b|\blinks? to\b|\burls?\b
\bmacros?\b|(not|n't|non) ?-?(conform|comply)\w*
virus
malware
\bworm\b
infected
phish
(executable|forbidden|banned|illegal|zip|unsafe|prohibited|restricted).{0,20}(attachment|file|content|extension)
attachment.{0,40}(not allowed|forbid|block|banned|restrict|prohibit|remov|reject)
content (reject|filter|restrict|not |policy|violat|block|deni|detected)
(rejected|blocked|denied|refused) (by|due to|for|because of) (its |the |your |message |mail |bad )*content
(missing|malformed|invalid|duplicate|bad) (\S+ )?header
rfc ?-?(2?822|5322)(?!;)
bare (lf|linefeed)
non-?compliant
unencoded
\b(reject|denied|refused), id=
\b(from|to|cc|date|subject|message-id|received): ?header
header (error|is not|are not|contents?)|multiple (\S+ )?headers?|mime (headers|complexity)|8-?bit data
executable
contains? (\S+ )?(images|attachments?|prohibited|potential)|content presents|containing images
binary content|base64 encoding
multiple addresses in
"""
RELAYING = r"""
relay\w* (\S+ )?(denied|not |prohibited|rejected|refused|blocked)
(able|authori[sz]ed|allowed|permitted|willing|not|n't) (to )?relay
no relay
rcpthosts
not a gateway
insecure mail relay|relay through
authentication when attempting to send to a non-local
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
HINTED = r"""
\byour (\S+ ){0,2}(server|ip|host|domain|network|provider|isp|sender|envelope|helo|dns|gateway|organi[sz]ation)\b
\bsenders?\b.{0,40}\b(not|n't|invalid|unknown|must|fail\w*|unverified|missing)\b
(allow|white)-?list|(unknown|untrusted) (sender|source|client)|as a sender
dangerous|suspicious|malicious|harmful|unsafe
"""
