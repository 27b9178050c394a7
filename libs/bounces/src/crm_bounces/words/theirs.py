"""What says that an address is of no use any more.

One expression a line, on lower-case text; `reasons` says in which order lists are tried.
"""

MOVED = r"""
\b(has|have|was) (\S+ )?(moved|relocated)\b
address(es)? (\S+ )?(has|have|was) (\S+ )?(been )?(changed|replaced|superseded)
new (e-?mail )?address (is|:)
use (the |this |my |following )*new
user not local; (please )?try
has been replaced by
"""
NOT_ACCEPTING = r"""
takes? no (e-?)?mail
indicated no smtp service
not (allowed|permitted|able|enabled) to (accept|receive)
null ?mx
\b556\b
(does|do|did|can|will|is|are)( ?not|n't) (\S+ )?(accept|receiv)(e|ing)? (any |incoming |inbound )*(e-?)?(mail|smtp|messages)
accepts? no (e-?)?mail
no mail (is )?accepted
not (an? )?(smtp|mail) server
(recipient|user|addressee|customer) refuses? to (accept|receive)
no mail-enabled subscriptions
no mx record found for domain
"""
HOST_UNKNOWN = r"""
domain\S* (\S+ ){0,4}(no longer|not) (\S+ )?(hosted|local|served)
domain\S* (\S+ )?has expired
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
domain( name)? must exist|illegal host/domain
domain is not reachable
(domain|host)\S* (does( not|n't) exist|is not known|couldn't be found|not registered)
invalid dns mx
mail domain (\S+ ){0,6}is unknown
"""
DISABLED = r"""
(address|mail ?box|account|alias)\S* (\S+ ){0,5}(decommissioned|obsolete|unused|retired|shut( down)?|withdrawn)\b
\b(former|ex-?) ?(employee|colleague|member|customer)|(employee|colleague|person|user|member)\S* (\S+ )?(has )?(left|retired|gone|departed|deceased)\b
\b(mail ?box|account|user|address|recipient|login|subscriber|customer|alias)\S*( \S+){0,6} (disabled?|in-?active|suspended|de-?activated|discontinued|closed|expired|terminated|locked|cancell?ed|blocked|restricted|frozen|dormant|deleted|removed|retired|abandoned|limited)\b
\b(disabled|inactive|suspended|deactivated|expired|closed|locked|deleted|terminated|discontinued|dormant) (\S+ )?(mail ?box|account|user|address|recipient)
\bnot (been )?(active|activated)\b
no longer (\S+ )?(active|in (use|service)|available|working|works?|on|accept\w*|monitored|valid|employed|with|at)\b
left (the |our )?(company|organi)
\bnot (an? )?(\S+ )?active\b
(de-?activated|disabled|inactive|suspended|frozen|locked|archived|terminated) (\S+ )?(recipient|destinataire|mail ?box|user)
\b(recipient|user|account|destinataire|compte|mail ?box)\S*( \S+){0,5} (blocked|bloqu[eé]e?|isblocked|archiv\w*|frozen|terminated|unavailable: user is)\b
@\S+ (is )?(currently |temporarily )?(suspended|disabled|inactive|deactivated)
suspend the service|temporar\w+ (locked|inactive)
account (is )?(un)?available
"""
USER_UNKNOWN = r"""
\bnot (\S+ )?hosted (on|here|at)\b
\bnobody (here )?(by|with|of|at|called|named)\b|(not|n't) one of our
(address|alias|name|recipient|mail ?box)\S* (\S+ ){0,3}(does( not|n't)|not|nothing) ?(be )?(resolv\w*|match\w*|map\w*|rout\w*)|resolves to nothing
(recipient|user|address) (lookup|search|check|verification) (\S+ )?(failed|returned no|found no)|(cannot|can't|could not|unable to) route to (\S+ )?(recipient|user|address)
(does( not|n't)|no longer) (live|reside|exist) (here|at|on)
\b(unknown|invalid|bad|illegal|no such|non-?existent|undeliverable|unroutable|unrouteable|undefined|incorrect|wrong|ambiguous|missing|unregistered|not a|not our|no) (\S+ ){0,2}?(users?|mail ?box|recipients?|address(es|ee)?|account|alias|person|name|customer|subscriber|rcpt|local part|mail ?drop|destination)\b
\b(user(name)?|mail ?box|recipient|address|account|addressee|alias|person|name|rcpt|mail ?drop|e?-?mail|customer|member|login|destination|userid)(s|'s)?\b( \S+){0,6}? (unknown|not found|not exist|not valid|not known|not recogni[sz]ed|not listed|not located|not registered|not present|not be (found|verified)|not correct|not here|not on|not our|not in|no longer|n't exist|n't have|n't match|n't recogni\w+|invalid|non-?existent|incorrect|unroutable)
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
(can't|cannot|can not) accept (\S+ )?(user|recipient|address)
(mail ?box|user|recipient|address|account)\S*( \S+)? (is )?unava\w+
\bnessun (utente|destinatario|indirizzo)
no existe.{0,25}(usuario|persona|cuenta|direcci|destinatari|buz)
(recipient|user|addressee)\S* (is |was )?not (accepted|ok|local|allowed here)
bad-?(rcpt|recipient)-?to
not in my valid
recipient (has been |was |is )?denied
(recipient|destinataire)\S* invalid
addresses were unknown|destination server rejected recipients
(wrong or|is) no longer (valid|on|at)
not present in directory|in name directory
@\S+>?( was| is)? not found
@\S+ (bad recipient|is unknown)
malformed address|(incorrectly|badly) (constructed|formed)
no valid recipients|recipients? was undeliverable
non existent
home directory
(リスト|名簿)にありません|宛先不明
(onbekende?|bestaat niet).{0,40}(gebruiker|ontvanger|adres)|(gebruiker|ontvanger|adres).{0,40}(onbekend|bestaat niet)
(nieznany|nie istnieje).{0,40}(u[zż]ytkownik|adres|odbiorc)|(u[zż]ytkownik|adres|odbiorc|skrzynk).{0,40}nie istnieje
(mottag|adress|användar|bruger|bruker|modtag).{0,40}(ok[äa]nd|ukjent|ukendt|finns inte|findes ikke|finnes ikke)
neexistuj|nenalezen|bulunamad|존재하지 않|찾을 수 없|用户不存在|找不到收件人
見つかりませんでした|存在しない
"""
TURNED_AWAY = r"""
\b(user|mail ?box|recipient|address|account|addressee|alias|rcpt|mail ?drop)(s|'s)?\b( \S+){0,4}? (not be delivered|not available|unavailable|undeliverable|rejected|refused)
"""
