"""How letters end and what telephones add below them, by language. Data only; compared case-folded.

A *closing* is followed by the writer's name. Firm closings say nothing but "here the letter ends";
thanks can be the message itself, so they count only with a name below.
"""

from typing import Final

# fmt: off

FIRM_CLOSINGS: Final = (
    # Indonesian and Malay
    "hormat kami", "hormat saya", "salam hormat", "dengan hormat kami", "salam", "salam hangat",
    "salam sejahtera", "salam sehat", "salam takzim", "salam sukses", "salam statistik", "wassalam",
    "wasalam", "wassalamualaikum", "wassalamu'alaikum", "wassalamualaikum wr. wb", "wassalamualaikum wr.wb",
    "wassalamu'alaikum wr. wb", "wassalamu'alaikum warahmatullahi wabarakatuh",
    "wassalamualaikum warahmatullahi wabarakatuh", "hormat dan salam", "salam kami", "yang benar", "pemohon",
    "tertanda", "ttd", "hormat", "yang memohon", "yang sebenarnya", "salam kenal", "salam dari kami",
    "yang ikhlas", "sekian dan terima kasih", "atas nama",
    # English
    "regards", "best regards", "kind regards", "warm regards", "with kind regards", "with best regards",
    "many regards", "best wishes", "with best wishes", "kindest regards", "warmest regards", "kind wishes",
    "sincerely", "sincerely yours", "yours sincerely", "yours faithfully", "yours truly", "yours",
    "respectfully", "respectfully yours", "cordially", "all the best", "rgds", "br", "kr", "best", "cheers",
    "warmly",
    # German
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße",
    "freundliche grüsse", "mit besten grüßen", "beste grüße", "beste grüsse", "viele grüße", "viele grüsse",
    "liebe grüße", "liebe grüsse", "herzliche grüße", "herzliche grüsse", "schöne grüße", "mfg", "lg", "vg",
    "hochachtungsvoll", "gruß", "gruss", "grüße", "grüsse", "mit freundlichen gruessen", "viele gruesse",
    # French
    "cordialement", "bien cordialement", "très cordialement", "bien à vous", "bien à toi", "amicalement",
    "salutations", "sincères salutations", "salutations distinguées", "meilleures salutations", "cdlt",
    "cdt", "avec mes meilleures salutations", "sincèrement", "respectueusement",
    # Spanish, Portuguese, Italian
    "saludos", "un saludo", "saludos cordiales", "un cordial saludo", "cordialmente", "atentamente", "atte",
    "muchos saludos", "un abrazo", "un saludo cordial", "saludos y gracias", "reciba un cordial saludo",
    "atenciosamente", "cumprimentos", "melhores cumprimentos", "com os melhores cumprimentos", "abraços",
    "abraço", "saudações", "att", "atte.", "cordiais saudações", "um abraço", "respeitosamente",
    "cordiali saluti", "distinti saluti", "saluti", "un saluto", "un cordiale saluto", "tanti saluti",
    "cari saluti", "in fede", "i migliori saluti",
    # Dutch, Scandinavian, Finnish
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten",
    "groeten", "groet", "hartelijke groet", "hartelijke groeten", "mvg", "hoogachtend", "gr",
    "met hartelijke groet", "med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar",
    "vänlig hälsning", "hälsningar", "mvh", "bästa hälsningar", "med venlig hilsen", "venlig hilsen",
    "med venlige hilsner", "de bedste hilsner", "hilsen", "mange hilsner", "kh", "vh", "med vennlig hilsen",
    "vennlig hilsen", "beste hilsen", "beste hilsner", "ystävällisin terveisin", "parhain terveisin",
    "terveisin", "terv", "yt", "terveiset", "kunnioittaen",
    # Slavic, Hungarian, Romanian
    "pozdrawiam", "z poważaniem", "z powazaniem", "serdecznie pozdrawiam", "z wyrazami szacunku",
    "pozdrowienia", "z pozdrowieniami", "łączę pozdrowienia", "s pozdravem", "s pozdravom",
    "s přátelským pozdravem", "zdraví", "hezký den", "с уважением", "с наилучшими пожеланиями",
    "всего доброго", "с найкращими побажаннями", "з повагою", "с поздрави", "с уважение", "üdvözlettel",
    "üdv", "tisztelettel", "udvozlettel", "cu stimă", "cu respect", "o zi bună", "srdačan pozdrav",
    "lijep pozdrav", "lep pozdrav", "s poštovanjem",
    # Turkish, Vietnamese, East Asian, others
    "saygılarımla", "saygılarımızla", "iyi çalışmalar", "sevgiler", "selamlar", "trân trọng", "thân mến",
    "kính thư", "よろしくお願いします", "よろしくお願いいたします", "宜しくお願い致します", "敬具", "此致",
    "敬礼", "祝好", "顺祝商祺", "敬上", "드림", "올림", "με εκτίμηση", "lugupidamisega", "pagarbiai",
    "ar cieņu", "yang menjalankan tugas", "sekian", "yang benar,", "saya yang menurut perintah",
)
THANKS: Final = (
    "terima kasih", "terimakasih", "makasih", "trims", "terima kasih banyak", "terima kasih sebelumnya",
    "terimakasih sebelumnya", "terima kasih dan salam", "terima kasih atas perhatiannya",
    "terima kasih banyak sebelumnya", "atas perhatiannya kami ucapkan terima kasih",
    "atas perhatiannya saya ucapkan terima kasih",
    "atas perhatian dan kerja samanya kami ucapkan terima kasih", "matur nuwun", "suwun", "hatur nuhun",
    "atas bantuannya terima kasih", "atas perhatiannya terima kasih", "demikian terima kasih", "tq", "tks",
    "thx", "thanks", "thank you", "many thanks", "thanks in advance", "thanks and regards",
    "thanks & regards", "thanks again", "thank you in advance", "thank you very much", "thanks so much",
    "with thanks", "thanks a lot", "danke", "vielen dank", "besten dank", "danke und gruß", "merci",
    "merci beaucoup", "merci d'avance", "gracias", "muchas gracias", "obrigado", "obrigada",
    "muito obrigado", "grazie", "grazie mille", "bedankt", "dank u", "dank je wel", "alvast bedankt",
    "dziękuję", "dzięki", "tack", "tack så mycket", "takk", "tak", "mange tak", "kiitos", "kiitos etukäteen",
    "děkuji", "díky", "ďakujem", "спасибо", "дякую", "teşekkürler", "teşekkür ederim",
    "ありがとうございます", "谢谢", "謝謝", "감사합니다", "cảm ơn", "mulțumesc", "köszönöm", "hvala",
)

# A whole line that a mail program or a phone adds by itself. Fragments of regular expressions; the rest of
# the line may hold at most a few words (see signatures.py).
DEVICE_OPENERS: Final = (
    r"sent from my",
    r"sent from (?:a |an |the )?(?=mail|outlook|yahoo|samsung|iphone|ipad|windows|gmail|android|proton|huawei|",
    r"xiaomi", r"nokia", r"blackberry", r"mobile", r"my", r"myMail", r"aol", r"zoho", r"mailbird", r"spark",
    r"thunderbird", r"mobil", r"galaxy", r"ios", r"smartphone)", r"sent via", r"sent with", r"sent using",
    r"sent by (?=my|outlook|yahoo|iphone|ipad)", r"get outlook for",
    r"powered by (?=telkomsel|blackberry|xl|indosat)", r"email sent from", r"typed on (?:my|a)",
    r"written on my", r"sent on the (?:go|move)", r"sent from", r"composed on my", r"download outlook",
    r"dikirim dari", r"terkirim dari", r"dikirim melalui", r"dikirim menggunakan", r"dikirim dengan",
    r"dikirim via", r"dikirim lewat", r"diketik (?:dari|di|lewat|pada)", r"dapatkan outlook untuk",
    r"unduh outlook untuk", r"dihantar daripada", r"dihantar dari", r"dapatkan outlook bagi",
    r"surel ini dikirim dari", r"email dikirim dari", r"gesendet von", r"von meinem .{2,30} gesendet",
    r"von meinem .{2,30} aus gesendet", r"gesendet mit", r"outlook für (?:ios|android)",
    r"holen sie sich outlook", r"diese nachricht wurde von meinem", r"envoyé de", r"envoyé depuis",
    r"envoyé à partir", r"envoyé avec", r"obtenez outlook pour", r"télécharger outlook", r"enviado desde",
    r"enviado de", r"enviado a partir", r"enviado do", r"enviado pelo", r"enviado por", r"enviada do",
    r"enviado con", r"enviado mediante", r"enviado através", r"obtener outlook para",
    r"obter o outlook para", r"obtenha o outlook", r"inviato da", r"inviato dal", r"inviato con",
    r"scarica outlook per", r"ottieni outlook per", r"verzonden vanaf", r"verstuurd vanaf", r"verzonden met",
    r"verstuurd met", r"verzonden via", r"outlook voor (?:ios|android)", r"outlook downloaden voor",
    r"download outlook voor", r"wysłane z", r"wysłano z", r"pobierz (?:aplikację )?outlook", r"skickat från",
    r"skickades från", r"hämta outlook för", r"sendt fra", r"sendt med", r"hent outlook (?:til|for)",
    r"få outlook for", r"lähetetty", r"hanki outlook", r"odesláno z", r"odoslané z", r"získejte? outlook",
    r"získat outlook", r"отправлено (?:с|из)", r"отправлен с", r"надіслано з", r"скачать outlook",
    r"загрузить outlook", r"iphone'?umdan", r"iphone'?dan gönderildi", r"benim .{2,20}'?dan gönderildi",
    r"outlook'u edinin", r"küldve", r"trimis (?:de pe|din)", r"elküldve", r"gửi từ", r"được gửi từ",
    r"tải outlook", r"iphoneから送信", r"ipadから送信", r"から送信", r"发自我的", r"發自我的", r"发自",
    r"從我的 .{2,12} 傳送", r"获取 ?outlook", r"나의 (?:iphone|ipad)",
    r"내 (?:iphone|ipad|갤럭시).{0,6}에서 보냄", r"στάλθηκε από",
)
DEVICE_ENDINGS: Final = (
    r"から送信", r"에서 보냄", r"에서 보냈습니다", r"gönderildi", r"gesendet", r"傳送", r"发送",
    r"ile gönderildi", r"lähetetty",
)
# Lines that a list server, a virus scanner or a legal department adds below everything.
FOOTERS: Final = (
    "mailing list", "to unsubscribe", "unsubscribe from this group", "you received this message because",
    "untuk berhenti berlangganan", "anda menerima pesan ini karena", "virus-free", "bebas virus", "avast",
    "avg.com", "this email has been checked for viruses", "this e-mail has been checked",
    "scanned by mailscanner", "email ini telah diperiksa", "virenfrei", "sans virus", "libre de virus",
    "virusvrij", "livre de vírus", "reply to this email directly", "view it on github",
    "you are receiving this because", "privacy policy", "this email and any files transmitted with it",
    "this message is confidential", "confidentiality notice", "this e-mail may contain confidential",
    "disclaimer", "pesan ini bersifat rahasia", "email ini bersifat rahasia", "surel ini bersifat rahasia",
    "informasi dalam email ini", "please consider the environment", "think before you print",
    "mohon pertimbangkan lingkungan", "jangan cetak", "save paper", "google groups",
)
# Within the paragraph of a legal department. Regular expression fragments.
DISCLAIMERS: Final = (
    r"(?:this|the) (?:e-?mail|message|communication|transmission)\b.{0,120}\b(?:confidential|privileged)",
    r"intended recipient", r"intended (?:only|solely|exclusively) for",
    r"received this (?:e-?mail|message) (?:in error|by mistake)",
    r"(?:email|e-mail|surel|pesan) ini\b.{0,120}\b(?:rahasia|penerima yang (?:dituju|dimaksud))",
    r"bukan (?:merupakan )?penerima yang (?:dituju|dimaksud|berhak)", r"penerima yang (?:dituju|dimaksud)",
    r"(?:ce|cet) (?:message|courriel|e-?mail)\b.{0,120}\bconfidentie", r"si vous avez reçu ce (?:message|courriel)",
    r"diese (?:e-?mail|nachricht)\b.{0,120}\bvertraulich", r"nicht der richtige adressat",
    r"este (?:mensaje|correo)\b.{0,160}\bconfidencial", r"esta mensagem\b.{0,160}\bconfidencia",
    r"se (?:você|o senhor) não (?:for|é) o destinatário", r"questo messaggio\b.{0,160}\b(?:confidenzial|riservat)",
    r"dit (?:e-?mail)?bericht\b.{0,160}\bvertrouwelijk", r"niet de (?:geadresseerde|beoogde ontvanger)",
    r"ta wiadomość\b.{0,160}\bpoufn", r"detta (?:meddelande|e-?post)\b.{0,160}\b(?:konfidentiell|sekretess)",
    r"denne (?:e-?post|e-?mail|melding|meddelelse)\w*\b.{0,160}\b(?:konfidensiell|fortrolig)",
    r"(?:настоящее|это|данное) (?:сообщение|письмо)\b.{0,160}\bконфиденциал",
)
