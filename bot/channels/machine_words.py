"""Signs of machines in addresses, names and subjects, by language. Regular expression fragments."""

import re
from typing import Final


def pattern(fragments: tuple[str, ...], template: str) -> re.Pattern[str]:
    """The fragments as alternatives in the place of %s, whatever their case."""
    return re.compile(template % "|".join(fragments), re.IGNORECASE)


# fmt: off

DAEMON_LOCALS: Final = (
    r"mailer[-_.]?d(?:ae|e)mon\w*", r"mail[-_.]?d(?:ae|e)mon\w*", r"mdaemon", r"double-?bounce", r"bounces?",
    r".{1,60}-bounces?", r"mail[-_.]?deliver\w*",
    r"deliver(?:y|ies)(?:[-_.]?(?:status|report|failure|error|notification|system|subsystem)\w*)?",
    r"undeliver\w*", r"non-?delivery\w*", r"smtp(?:d|-?gateway|-?server|32)?",
    r"mail[-_.]?(?:system|server|gateway|router|agent|sweeper|marshal|scanner|error|failure|return)",
    r"microsoftexchange[0-9a-f]*", r"msn[-_.]?bounce.*", r"pmda?emon", r"mailbot", r"dsn", r"ndrs?", r"ndn",
    r"<>", r"returned?-?mail", r"mailfilter", r"autobounce", r"mail-?bounce\w*",
)
ADMIN_LOCALS: Final = (
    r"post-?_?masters?", r"mail[-_.]?master", r"mail[-_.]?admin\w*", r"e?mail[-_.]?administrator",
    r"hostmaster", r"gwise\w*", r"system[-_.]?(?:attendant|administrator|admin)?",
)
ROBOT_LOCALS: Final = (
    r"(?:[\w.]+[-_.])?no[-_.]?repl(?:y|ies)(?:[-_.]\w+)?", r"(?:[\w.]+[-_.])?noreply\d*",
    r"(?:please[-_.]?)?do?n?o?[-_.]?not[-_.]?repl(?:y|ies)(?:[-_.]\w+)?", r"donot\w*reply",
    r"dont[-_.]?reply", r"jangan[-_.]?(?:di)?balas",
    r"(?:mohon[-_.]?)?tidak[-_.]?(?:perlu[-_.]?)?(?:di)?balas", r"tanpa[-_.]?balas(?:an)?",
    r"no[-_.]?(?:responder|responda|contestar|response)", r"nao[-_.]?responda", r"ne[-_.]?pas[-_.]?repondre",
    r"nicht[-_.]?antworten", r"niet[-_.]?antwoorden",
    r"auto[-_.]?(?:reply|replies|respon[sd]\w*|mailer|answer|notif\w*|email|mail)", r"vacation",
    r"out[-_.]?of[-_.]?office", r"notif(?:y|ication|ications|ikasi)(?:[-_.]\w+)?",
    r"[\w]+-notif(?:y|ication|ications)", r"alerts?", r"newsletters?", r"buletin", r"mailman",
    r"majordomo", r"listserv", r"list-?manager", 
    r".{1,60}-(?:owner|request|unsubscribe|confirm)", r"robot", r"daemon", r"cron", r"nobody",
    r"www-data", r"apache", r"root", r"mailer", r"bulk", 
)
DAEMON_NAMES: Final = (
    r"mail(?:er)? ?-?(?:delivery|deliver) ?-?(?:sub)?-?system",
    r"mail delivery (?:service|agent|system|subsystem)", r"mailer[- ]?d(?:ae|e)mon", r"mail system",
    r"system (?:administrator|attendant|admin)", r"postmaster", r"mail administrator",
    r"e?-?mail delivery (?:sub)?system", r"microsoft (?:exchange|outlook)",
    r"delivery (?:status )?(?:notification|subsystem|system|report)", r"internet mail (?:delivery|service)",
    r"mail deliver(?:y|er)?", r"non-?delivery", r"undeliverable", r"returned mail", r"mail router",
    r"mdaemon", r"mail server", r"e?mail gateway", r"bounce(?:d| mail)?",
    r"sistem (?:pengiriman )?(?:surat|surel|email)", r"mail[- ]?failure", r"メール配信", r"系统管理员",
    r"邮件系统",
)

# At the start of a subject, no "Re:" before.
AUTO_SUBJECTS: Final = (
    r"(?:balasan|jawaban|respons?|tanggapan|pesan) otomatis\b",
    r"auto(?:matic|mated|matically)?[- ]?(?:generated )?(?:repl(?:y|ies)|response|responder|answer)\b",
    r"auto(?:matic|mated|matically)?[- ]?(?:generated )?(?:acknowledge?ment|confirmation|e-?mail|message|mail)\b",
    r"auto ?:", r"\[auto(?:[- ]?reply)?\]", r"\(auto[- ]?reply\)", r"out[- ]of[- ](?:the[- ])?office\b",
    r"ooo\s*[:\-]", r"oof\s*:", r"away from (?:my )?(?:mail|office|desk|e-?mail)",
    r"vacation\b.{0,30}(?:reply|message|notice|response|auto|:)",
    r"on (?:vacation|holiday|annual leave|leave|maternity leave)",
    r"i(?:'m| am) (?:on (?:vacation|holiday|leave)|away|out of)", r"(?:sedang )?(?:di )?luar kantor\b",
    r"sedang cuti\b", r"sedang (?:dinas|tugas) luar\b", r"tidak berada di kantor",
    r"cuti (?:bersama|tahunan|melahirkan|sakit)\s*[:\-]", r"pesan di luar kantor", r"jawapan automatik",
    r"balasan automatik", r"abwesenheit", r"automatische (?:antwort|abwesenheit|e-?mail|benachrichtigung)",
    r"auto-?antwort", r"ich bin (?:nicht im|derzeit|im urlaub)", r"nicht im (?:büro|hause)",
    r"urlaub\b.{0,20}(?:bis|abwesen|vertretung)", r"réponse automatique", r"réponse d'absence",
    r"absen(?:ce|te?(?:\(e\))?) du bureau", r"message d'absence", r"absence\s*:", r"en vacances",
    r"respuesta automática", r"autorespuesta", r"fuera de (?:la )?oficina", r"resposta automática",
    r"fora do escritório", r"ausência", r"risposta automatica", r"fuori (?:sede|ufficio)", r"assenza",
    r"automatisch(?:e)? (?:antwoord|reactie|bericht)", r"afwezig(?:heid)?", r"niet aanwezig", r"autosvar",
    r"automatiskt? (?:svar|meddelande)", r"frånvar", r"fravær", r"automatisk svar", r"ikke til stede",
    r"ikke på kontoret", r"automaattinen (?:vastaus|poissaolo)", r"poissa", r"autoodpowiedź",
    r"odpowiedź automatyczna", r"automatyczna odpowiedź", r"nieobecno", r"automatická odpověď",
    r"mimo kancelář", r"automatikus válasz", r"házon kívül", r"răspuns automat", r"автоматический ответ",
    r"автоответ", r"автовідповідь", r"вне офиса", r"otomatik (?:yanıt|cevap)", r"ofis dışı",
    r"自動(?:返信|応答|回覆|配信)", r"不在", r"休暇", r"自动(?:回复|答复|答覆)", r"外出",
    r"자동 ?(?:응답|회신|답장)", r"부재 ?중", r"trả lời tự động", r"ตอบกลับอัตโนมัติ", r"αυτόματη απάντηση",
    r"תשובה אוטומטית", r"رد تلقائي",
    r"thank you for (?:your (?:e-?mail|message|inquiry|enquiry)|contacting|writing)",
    r"terima ?kasih (?:telah|sudah) menghubungi",
    r"(?:your|we have received your) (?:e-?mail|message|request|ticket) (?:has been |was )?(?:received|accepted)",
    r"complaint about message from", r"(?:e-?mail )?(?:abuse|feedback|spam) (?:report|complaint|notification)",
    r"(?:please )?(?:confirm|verify) your (?:message|e-?mail)",
    r"(?:pesan|email|surel) anda (?:telah|sudah) (?:kami )?terima", r"confirmation de lecture",
)
AUTO_SUBJECT: Final = pattern(AUTO_SUBJECTS, r"^\W*(?:%s)")
READ_WORDS: Final = (
    r"read(?: receipt)?", "not read", "dibaca", "gelesen", "lu", "leído", "lida", "letto", "gelezen", "läst", "lest", 
    "læst", "return receipt", "已读", "開封済み",
)
READ_SUBJECT: Final = pattern(READ_WORDS, r"^\s*(?:%s)\s*[:：(]")

# In the first lines of a body: somebody is away, or a machine says so. Soft: a citizen may be on leave and ask.
ABSENCE: Final = (
    r"sedang (?:\w+ ){0,2}?cuti",
    r"(?:sedang|dalam) (?:perjalanan )?(?:dinas luar|tugas luar|perjalanan dinas|dinas ke luar)",
    r"dinas luar", r"tidak (?:sedang )?berada di (?:kantor|tempat|ruangan)", r"di luar kantor",
    r"akan kembali (?:bekerja|ke kantor|masuk|aktif)?\s*(?:pada|tanggal|hari)",
    r"akan (?:kami |saya )?(?:(?:mem)?balas|(?:me)?respon|(?:men)?jawab)\b.{0,40}\b(?:setelah|segera|sekembali|pada)",
    r"cuti (?:sampai|hingga|s\.?d\.?|dari tanggal|mulai)", r"out of (?:the )?office",
    r"on (?:annual |maternity |sick )?leave (?:until|from|and|till)",
    r"(?:am|be) (?:currently )?away (?:until|from|on)", r"limited access to (?:my )?e-?mail",
    r"will (?:be back|return|reply|respond) (?:on|as soon|when|in the office)",
    r"(?:ini adalah|pesan ini adalah|ini merupakan) (?:\w+ ){0,3}?otomatis",
    r"(?:pesan|balasan|email|surel) (?:ini )?(?:\w+ ){0,3}?(?:otomatis|secara otomatis)",
    r"mohon (?:untuk )?tidak membalas", r"this is an? (?:\w+ ){0,2}?auto(?:matic|mated|-?generated|-?reply)",
    r"(?:please )?do not reply to this", r"nicht im büro",
    r"bis (?:zum|einschließlich) .{1,30} (?:nicht|abwesend)",
    r"je suis (?:actuellement )?(?:absent|en congé)", r"estar[ée] (?:fuera|ausente)", r"estarei ausente",
)
# What responders say and hardly anybody else, wherever it stands in a short text ...
RESPONDER: Final = (
    *ABSENCE,
    r"(?:i'?m|i am|i will be|we are) (?:currently |now )?(?:out of|away|on (?:vacation|holiday|leave|sabbatical))",
    r"(?:is|am|are) (?:no longer|not) (?:with|working|employed|monitored|being monitored|checked)",
    r"no longer (?:works?|employed|with (?:us|the)|monitored|in use)",
    r"(?:mailbox|inbox|account) is (?:not|un|no longer)", r"(?:e-?mail )?address (?:has|is being) (?:been )?chang",
    r"update your (?:records|address ?book|contacts)", r"ticket (?:number|id|#|has been)",
    r"(?:your|the) (?:e-?mail|message|mail|request|enquiry|inquiry) (?:has been|was|will be) "
    r"(?:received|forwarded|registered|assigned|read)",
    r"auto(?:matic(?:ally)?|mated|-?generated|-?reply|-?response)", r"do not (?:reply|respond)",
    r"sudah (?:tidak|bukan) (?:lagi )?(?:bekerja|bertugas|pegawai|aktif)",
    r"alamat (?:surel|email) (?:\w+ ){0,3}(?:berubah|pindah|diganti)", r"(?:secara )?otomatis",
    r"(?:surel|email|pesan) anda (?:telah|sudah) (?:kami )?terima", r"automatisch", r"automatique", r"automátic[oa]",
    r"automatisk", r"автоматическ", r"自動", r"自动",
)
# ... and what people say too: it only adds to the above.
RESPONDER_TOO: Final = (
    r"thank(?:s| you) for (?:your (?:e-?mail|message|inquiry|enquiry|interest)|contacting|writing)",
    r"(?:for|in case of|if (?:it is|this is|your \w+ is)) (?:\w+ )?(?:urgent|emergenc|immediate)\w*",
    r"my new (?:e-?mail )?address", r"please (?:contact|write to|e-?mail|use|direct|send) .{0,60}@",
    r"we have received your", r"will (?:get back|respond|reply) to you", r"telah menghubungi",
    r"(?:untuk|bila|jika|apabila) (?:hal |keperluan |ada )?(?:yang )?(?:mendesak|darurat|urgent|penting)",
    r"(?:silakan|harap|mohon) (?:menghubungi|hubungi) .{0,60}(?:@|\+62|08)",
    r"in dringenden (?:fällen|angelegenheiten)", r"wenden sie sich (?:bitte )?an", r"en cas d'urgence",
    r"en caso de urgencia", r"em caso de urgência", r"in caso di urgenza", r"bij dringende", r"i brådskande",
)
# Words of somebody who wants something; whole words.
ASKING: Final = (
    r"mohon (?:data|info\w*|bantu\w*|diberi\w*|dikirim\w*|kirim\w*|penjelasan|petunjuk)",
    r"minta", r"meminta", r"memohon", r"memerlukan", r"membutuhkan", r"butuh",
    r"perlu data", r"tolong", r"apakah", r"bagaimana", r"berapa", r"di ?mana", r"kapan",
    r"bisakah", r"bolehkah", r"ingin (?:bertanya|tahu|menanyakan|meminta|mendapatkan)", r"menanyakan", r"bertanya",
    r"mencari", r"could you", r"can you", r"would you", r"i need", r"we need", r"i would like", r"i'd like",
    r"looking for", r"please send me", r"ich (?:brauche|benötige|suche)", r"j'ai besoin", r"pourriez-vous",
    r"necesito", r"preciso",
)

# Domains where persons have their mail.
FREE_MAIL: Final = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.id", "ymail.com", "rocketmail.com", "hotmail.com",
    "outlook.com", "outlook.co.id", "live.com", "msn.com", "icloud.com", "me.com", "proton.me",
    "protonmail.com", "aol.com", "gmx.de", "web.de", "mail.ru", "yandex.ru", "qq.com", "163.com", "zoho.com",
    "plasa.com", "telkom.net", "naver.com",
})
