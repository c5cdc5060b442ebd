"""The words mail programs put around somebody else's words, by language.

Data only. Every entry is what a program inserts by itself (or what letter writers agree on), so the
lists grow with programs and languages, never with single mails. All lower case; compared case-folded.
Accents are kept; variants without accents are listed where programs really write them so.
"""

from typing import Final

# fmt: off

# Verbs of "X wrote:". Regular expression fragments, tried as whole words where the script has words.
VERBS: Final = (
    # English
    "wrote", "writes", "write", "said",
    # Indonesian, Malay
    "menulis", "telah menulis", "menuliskan", "berkata", "tulis",
    # German
    "schrieb", "schreibt", "geschrieben",
    # French
    "a écrit", "à écrit", "a ecrit", "écrivait", "écrit",
    # Spanish, Catalan
    "escribió", "escribio", "escribi[oó]", "ha escrito", "va escriure", "ha escrit",
    # Portuguese
    "escreveu", "escreveram",
    # Italian
    "ha scritto", "scrive", "scrisse", "hanno scritto",
    # Dutch
    "schreef", "het volgende geschreven", "heeft geschreven",
    # Polish
    r"napisał(?:\(a\)|a)?", r"napisal(?:\(a\)|a)?", "pisze", "napisano", "napisali",
    # Swedish, Norwegian, Danish
    "skrev", "skrev følgende", "skrev følgjande",
    # Finnish, Estonian, Baltic
    "kirjoitti", "kirjutas", "skrifaði", "rakstīja", r"raš[eė]", "parašė",
    # Czech, Slovak
    r"napsal(?:\(a\)|a)?", r"napísal(?:\(a\)|a)?", "írta", "írt", "irta", "a scris", "je napisao",
    r"je napisal(?:\(a\)|a)?", "napisao", "napisala", r"написал(?:\(а\)|а)?", "пишет", "писал", "написав",
    "написала", "пише", "писа", "написа", "έγραψε", "yazdı", "yazdi", "yazmış", "đã viết", "viết",
    "wrote on",
)
# The same for scripts without word borders.
VERBS_UNSPACED: Final = (
    "写道", "寫道", "写到", "写了", "のメール", "のメッセージ", "は書きました", "が書きました", "書きました",
    "님이 작성", "님이 씀", "작성:", "썼습니다", "เขียนว่า", "เขียน", "كتب", "كتبت", "כתב", "כתבה", "מאת",
    "بواسطة",
)
# First words of "On <date> X wrote:".
STARTERS: Final = (
    "on", "at", "pada tanggal", "pada hari", "pada", "tanggal", "am", "le", "el", "em", "il giorno", "il",
    "in data", "op", "w dniu", "dnia", "den", "på", "dne", "dňa", "vào", "pe", "în data", "în", "στις",
    "no dia", "a", "el día", "el dia", "a les", "den dag", "в", "от", "dana", "on the", "vào lúc", "à",
    "ngày", "sur", "von", "from", "in", "ia", "dnu", "kl", "ในวันที่", "เมื่อ", "在", "於", "في", "בתאריך",
    "dia", "el dia",
)

FROM: Final = "from"
SENT: Final = "sent"
TO: Final = "to"
CC: Final = "cc"
SUBJECT: Final = "subject"
OTHER: Final = "other"
# Labels of the header block that Outlook and forwarders print above the quoted mail.
LABELS: Final[dict[str, tuple[str, ...]]] = {
    FROM: (
        "from", "dari", "pengirim", "daripada", "von", "absender", "de", "expéditeur", "da", "mittente",
        "van", "afzender", "od", "nadawca", "från", "avsändare", "fra", "avsender", "afsender", "lähettäjä",
        "keneltä", "odesílatel", "odesilatel", "odosielateľ", "feladó", "felado", "de la", "от", "от кого",
        "від", "отправитель", "kimden", "gönderen", "差出人", "送信者", "发件人", "寄件者", "寄件人",
        "發件人", "보낸 사람", "보낸사람", "từ", "người gửi", "จาก", "מאת", "من", "από", "remitente",
        "remetente", "expeditor", "nuo",
    ),
    SENT: (
        "sent", "date", "date sent", "dikirim", "terkirim", "tanggal", "tgl", "waktu", "hari", "dihantar",
        "tarikh", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "envoye", "enviado",
        "enviado el", "fecha", "enviada", "enviada em", "enviado em", "data", "data e hora", "inviato",
        "data invio", "verzonden", "verzonden op", "wysłano", "wyslano", "wysłane", "skickat", "skickades",
        "sendt", "dato", "lähetetty", "päivämäärä", "paivamaara", "päiväys", "odesláno", "odoslané",
        "küldve", "elküldve", "dátum", "trimis", "дата", "отправлено", "надіслано", "gönderildi",
        "gönderme tarihi", "gönderilme tarihi", "gönderim tarihi", "tarih", "送信日時", "送信日", "日時",
        "日付", "发送时间", "发送日期", "日期", "傳送時間", "傳送日期", "寄件日期", "時間", "时间",
        "보낸 날짜", "보낸날짜", "날짜", "gửi", "đã gửi", "ngày", "ngày gửi", "ส่ง", "วันที่", "נשלח",
        "תאריך", "تاريخ الإرسال", "التاريخ", "ημερομηνία", "στάλθηκε", "poslano", "poslané", "saatmisaeg",
    ),
    TO: (
        "to", "kepada", "ke", "untuk", "penerima", "an", "empfänger", "à", "a", "para", "pour",
        "destinataire", "aan", "do", "adresat", "till", "til", "vastaanottaja", "kenelle", "komu", "címzett",
        "cimzett", "către", "catre", "кому", "kime", "alıcı", "宛先", "收件人", "收件者", "받는 사람",
        "받는사람", "đến", "tới", "người nhận", "ถึง", "אל", "إلى", "προς", "destinatario", "destinatário",
        "per a", "za",
    ),
    CC: (
        "cc", "bcc", "tembusan", "kopie", "kopi", "kopia", "kopio", "dw", "udw", "копия", "копія", "bilgi",
        "抄送", "副本", "参照", "참조", "cópia", "copie", "copia", "másolat", "salinan", "sk", "cc / cci",
        "kopie an", "ccn",
    ),
    SUBJECT: (
        "subject", "subjek", "subyek", "perihal", "hal", "judul", "tajuk", "betreff", "betr", "objet",
        "sujet", "asunto", "assunto", "oggetto", "onderwerp", "temat", "ämne", "emne", "aihe", "otsikko",
        "předmět", "predmet", "tárgy", "targy", "subiect", "тема", "konu", "件名", "主题", "主旨", "主題",
        "제목", "chủ đề", "tiêu đề", "เรื่อง", "נושא", "الموضوع", "θέμα", "assumpte", "re",
    ),
    OTHER: (
        "reply-to", "reply to", "balas ke", "importance", "priority", "prioritas", "kepentingan",
        "wichtigkeit", "priorität", "importance ", "prioridad", "prioridade", "priorità", "attachments",
        "lampiran", "anlagen", "pièces jointes", "datos adjuntos", "anexos", "allegati", "bijlagen",
        "message-id", "organization", "newsgroups", "antwort an", "répondre à", "responder a", "in-reply-to",
        "sensitivity", "list-id",
    ),
}

# Words between dashes: "-----Original Message-----".
SEPARATORS: Final = (
    "original message", "original email", "forwarded message", "forwarded by", "reply message",
    "original mail", "message transféré", "pesan asli", "pesan terusan", "pesan yang diteruskan",
    "pesan diteruskan", "pesan sebelumnya", "email asli", "surel asli", "mesej asal", "mesej yang dimajukan",
    "ursprüngliche nachricht", "ursprungliche nachricht", "originalnachricht", "original-nachricht",
    "weitergeleitete nachricht", "antwort nachricht", "message d'origine", "message original",
    "message initial", "message d’origine", "message transfere", "courriel original", "mensaje original",
    "mensaje reenviado", "mensagem original", "mensagem encaminhada", "messaggio originale",
    "messaggio inoltrato", "messaggio ricevuto", "oorspronkelijk bericht", "origineel bericht",
    "doorgestuurd bericht", "oorspronkelijk e-mailbericht", "wiadomość oryginalna", "wiadomosc oryginalna",
    "oryginalna wiadomość", "wiadomość przekazana", "przekazana wiadomość", "treść oryginalnej wiadomości",
    "ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande", "opprinnelig melding",
    "opprinnelig e-post", "videresendt melding", "oprindelig meddelelse", "oprindelig besked",
    "original meddelelse", "videresendt meddelelse", "alkuperäinen viesti", "alkup. viesti",
    "välitetty viesti", "původní zpráva", "puvodni zprava", "původní e-mail", "přeposlaná zpráva",
    "pôvodná správa", "eredeti üzenet", "továbbított üzenet", "mesaj original", "mesajul original",
    "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение", "пересланное сообщение",
    "переадресованное сообщение", "вихідне повідомлення", "özgün ileti", "orijinal mesaj", "orjinal mesaj",
    "yönlendirilmiş ileti", "iletilen mesaj", "元のメッセージ", "オリジナルメッセージ", "転送メッセージ",
    "原始邮件", "原始郵件", "回复的原邮件", "原邮件",
    "邮件原件", "转发邮件", "转发的邮件", "轉寄的郵件", "원본 메시지", "원본 메일",
    "원본메일", "전달된 메시지", "tin nhắn gốc", "thư gốc", "ข้อความต้นฉบับ", "הודעה מקורית",
    "الرسالة الأصلية", "αρχικό μήνυμα", "missatge original", "izvorna poruka", "izvirno sporočilo",
    "algsõnum", "originalus laiškas",
)
# The same without dashes, each a line of its own, ended by a colon.
FORWARD_OPENERS: Final = (
    "begin forwarded message", "pesan yang diteruskan", "mulai pesan yang diteruskan", "awal pesan terusan",
    "anfang der weitergeleiteten nachricht", "début du message réexpédié", "début du message transféré",
    "inicio del mensaje reenviado", "início da mensagem reencaminhada", "início da mensagem encaminhada",
    "inizio messaggio inoltrato", "begin doorgestuurd bericht", "vidarebefordrat brev",
    "videresendt melding", "start på videresendt besked", "videresendt besked", "välitetty viesti",
    "początek przekazywanej wiadomości", "începutul mesajului redirecționat", "přeposlaná zpráva",
    "начало переадресованного сообщения", "iletilen mesajın başlangıcı", "転送されたメッセージ",
    "下面是被转发的邮件", "以下是轉寄的郵件", "전달된 메시지",
)
