"""What notices in other languages say: German, French, Spanish, Portuguese, Italian, Dutch, Polish,
Russian, Japanese, Chinese.

Stems of who (mailbox, user, address, domain) beside stems of what (unknown, closed, full), as in
the lists of English ones; one expression a line, on lower-case text.
"""

USER_UNKNOWN = r"""
\bkein(e|en|er)? (\S+ )?(benutzer|nutzer|empf\S+nger|postfach|adresse|konto|teilnehmer)\b
(empf(ä|ae|a)nger|adresse|benutzer|nutzer|postfach|konto|teilnehmer|kunde).{0,60}(unbekannt|existiert nicht|nicht gefunden|ung(ü|ue|u)ltig|nicht (mehr )?(bekannt|vorhanden|g(ü|ue)ltig))
(utilisateur|adresse|destinataire|compte|bo[iî]te).{0,60}(inconnue?|n'existe|introuvable|invalide|inexistante?|n'est (pas|plus) valide)
(inconnu|introuvable).{0,30}(utilisateur|adresse|destinataire)
(usuario|direcci[oó]n|destinatario|cuenta|buz[oó]n|correo).{0,60}(desconocid|no existe|inexistente|no (se )?(ha )?(sido )?(encontr|v[aá]lid|reconocid)|inv[aá]lid)
(usu[aá]rio|destinat[aá]rio|endere[cç]o|conta|caixa postal).{0,60}(desconhecid|inexistente|n[aã]o (existe|(foi )?encontrad|[eé] v[aá]lid)|inv[aá]lid)
(utente|destinatario|indirizzo|casella|account).{0,60}(sconosciut|inesistente|non (esiste|([eè] )?(stat[oa] )?trovat|([eè] )?valid))
(gebruiker|ontvanger|adres|postbus|mailbox).{0,60}(onbekend|bestaat niet|niet (gevonden|bekend)|ongeldig)
(onbekende?|ongeldige?) (\S+ )?(gebruiker|ontvanger|adres)
(u[zż]ytkownik|adres|odbiorc|skrzynk|konto).{0,60}(nie istnieje|nieznan|nie (zosta[lł]\S* )?znalezion|nieprawid[lł]ow)
nie ma (takiego|takiej|tego) (u[zż]ytkownik|adres|odbiorc|skrzynk|kont)
(пользовател|адрес|ящик|получател|абонент|домен|уч[её]тн).{0,60}(не найден|не существу|неизвест|недействит|отсутству)
такого .{0,40} нет|такой .{0,40} нет
(нет тако|неизвестн|несуществующ)\S* .{0,30}(пользовател|адрес|ящик|получател|абонент)
見つかり?ません|存在しま|存在しな
(用户|用戶|收件人|地址|邮箱|郵箱|帐号|账号|帳號).{0,20}(不存在|找不到|无效|無效|未找到|错误)
"""
DISABLED = r"""
(postfach|konto|adresse|benutzer|mailbox|account).{0,60}(deaktiviert|gesperrt|gel(ö|oe)scht|geschlossen|stillgelegt|abgemeldet|inaktiv|abgelaufen)
(compte|adresse|bo[iî]te|utilisateur|destinataire).{0,60}(d[eé]sactiv|ferm[eé]|suspendu|supprim|inacti[fv]|expir|archiv|bloqu)
(cuenta|usuario|buz[oó]n|direcci[oó]n|correo).{0,60}(desactivad|deshabilitad|inhabilitad|suspendid|bloquead|cancelad|inactiv|eliminad|dad[oa] de baja)
(conta|usu[aá]rio|caixa postal|endere[cç]o).{0,60}(desativad|desabilitad|suspens|bloquead|cancelad|inativ|exclu[ií]d|encerrad)
(account|casella|utente|indirizzo).{0,60}(disattivat|disabilitat|sospes|bloccat|chius[ao]|eliminat|inattiv|cancellat)
(account|postbus|mailbox|gebruiker|adres).{0,60}(gedeactiveerd|geblokkeerd|opgeheven|uitgeschakeld|verwijderd|inactief|gesloten)
(skrzynk|konto|u[zż]ytkownik|adres).{0,60}(zablokowan|nieaktywn|zawieszon|usuni[eę]t|wy[lł][aą]czon|zamkni[eę]t)
(ящик|уч[её]тн|аккаунт|пользовател|адрес).{0,60}(заблокирован|отключ|удал[её]н|закрыт|неактив|приостановлен|деактивирован)
(アカウント|メールボックス|ユーザー?|アドレス).{0,20}(停止|解約|閉鎖|廃止|無効|凍結)
(用户|用戶|邮箱|郵箱|帐号|账号|帳號).{0,20}(停用|禁用|冻结|凍結|注销|註銷|锁定|關閉|关闭)
"""
FULL = r"""
(postfach|speicher|mailbox|kontingent|konto|quota).{0,60}(\bvoll\b|(ü|ue)berschritten|ersch(ö|oe)pft|limit|(ü|ue)berf(ü|ue)llt)
(bo[iî]te|quota|espace|stockage).{0,60}(pleine?|d[eé]pass|satur|insuffisan)
(buz[oó]n|casilla|cuota|cuenta|espacio|almacenamiento).{0,60}(llen[oa]|excedi|superad|insuficiente|agotad)
(caixa|cota|quota|conta|espa[cç]o).{0,60}(chei[ao]|exced|ultrapass|insuficiente|esgotad|lotad)
(casella|quota|spazio).{0,60}(pien[ao]|superat|esaurit|insufficiente)
(postvak|postbus|mailbox|quotum|opslag).{0,60}(\bvol\b|overschreden|onvoldoende)
(skrzynk|limit|konto|miejsc).{0,60}(pe[lł]n|przekroczon|przepe[lł]nion|brak miejsca)
(ящик|квот|лимит|места).{0,60}(переполн|превы|заполн|недостаточно)
(квота|недостаточно места|нет места)
(容量|空き).{0,12}(超|一杯|いっぱい|不足|満)
(邮箱|郵箱|空间|空間|容量).{0,12}(满|滿|超|不足)
"""
SPAM = r"""
спам|迷惑メール|スパム|垃圾邮件|垃圾郵件|ind[eé]sirable|correo no deseado|unerw(ü|ue)nschte|ongewenste (e-?)?mail|niechcian
"""
PASSING = r"""
vor(ü|ue)bergehend|sp(ä|ae)ter (erneut|noch|nochmal|wieder)|verz(ö|oe)ger
r[eé]essayer|ult[eé]rieurement|temporairement|plus tard
int[eé]nt\S+ (\S+ )?(de nuevo|m[aá]s tarde|nuevamente)|m[aá]s tarde|temporalmente
tente (novamente|mais tarde)|mais tarde|temporariamente
riprova|pi[uù] tardi|temporaneamente
probeer.{0,20}(opnieuw|later)|tijdelijk
spr[oó]buj|tymczasow
попробуйте|позже|временно
しばらく|後ほど|一時的|再度
稍后|稍後|频率|頻率|超时|超時|重试|重試
"""
REFUSED = r"""
abgelehnt|abgewiesen|verweigert|zur(ü|ue)ckgewiesen|richtlinie|nicht (erlaubt|gestattet|zul(ä|ae)ssig|berechtigt)
refus[eé]|rejet[eé]|interdit|non autoris|politique
rechazad|denegad|no (est[aá] )?(permitid|autorizad)|pol[ií]tica
rejeitad|recusad|negad|n[aã]o (permitid|autorizad)
rifiutat|respint|negat[oa]|non (consentit|autorizzat|ammess)
geweigerd|afgewezen|niet toegestaan|beleid
odrzucon|odm[oó]w|niedozwolon|polityk
отклон|запрещ|отказ|политик|блокир
拒否|ブロック|許可され
拒绝|拒絕|黑名单|黑名單|屏蔽|被拒
"""
