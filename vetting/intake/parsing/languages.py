"""What mail programs call things in the languages families write in: header fields, forwards, quotes, signatures. Plain data.

The words are what Apple Mail, Gmail, Outlook, Thunderbird, Yahoo and others write when their user has set that language.
"""

from vetting.intake.parsing.vocabulary import phrases

FROM = phrases(
    """
    from, von, de, de la, da, van, fra, från, od, lähettäjä, šalje, feladó, expeditorul, expeditor, от, отправитель, від, від кого,
    kimden, gönderen, saatja, mittente, nadawca, remitente, remetente, absender, expéditeur, afzender, avsändare, avsender, afsender,
    odesílatel, odosielateľ, pošiljatelj, από, oddawca, pengirim, dari, người gửi, sūtītājs, no, nuo, siuntėjas, oddílatel, from name,
    送信元, 差出人, 发件人, 發件人, 寄件者, 寄件人, 보낸 사람, 보낸사람, من, מאת
    """
)
DATE = phrases(
    """
    date, sent, sent on, datum, gesendet, gesendet am, envoyé, envoyé le, fecha, enviado, enviado el, enviado em, enviada, enviada em,
    enviat, data,
    inviato, data invio, verzonden, dato, sendt, skickat, päivämäärä, päiväys, lähetetty, dátum, elküldve, küldve, dată, trimis, дата,
    отправлено, дата отправки, надіслано, відправлено, tarih, gönderilen, gönderildi, gönderme tarihi, wysłano, data wysłania, odesláno,
    odoslané, poslano, poslato, kuupäev, saadetud, datums, nosūtīts, išsiųsta, ημερομηνία, στάλθηκε, date de réception, изпратено,
    tanggal, dikirim, ngày,
    日付, 送信日時, 日期, 发送时间, 发件日期, 寄件日期, 傳送時間, 发送日期, 날짜, 보낸 날짜, التاريخ, תאריך, נשלח
    """
)
TO = phrases(
    """
    to, an, à, a, para, aan, til, till, komu, do, pro, pre, vastaanottaja, prima, za, címzett, destinatarul, către, catre, кому, kime,
    alıcı, pour, adresat, destinatario, destinatário, destinataire, saaja, empfänger, ontvanger, mottagare, modtager, mottaker, προς, до,
    per, kepada, đến,
    送信先, 宛先, 收件人, 收件者, 받는 사람, 받는사람, إلى, אל
    """
)
SUBJECT = phrases(
    """
    subject, předmět, emne, betreff, asunto, aihe, objet, predmet, tárgy, oggetto, onderwerp, temat, assunto, subiectul, subiect, тема,
    ämne, konu, sujet, naslov, teema, относно, θέμα, perihal, subjek, chủ đề, tēma, tema, assumpte, 件名, 主题, 主題, 主旨, 제목,
    الموضوع, נושא
    """
)
OTHER = phrases(
    """
    cc, bcc, kopie, kopie (cc), kopio, másolat, másolatot kap, kopi, dw, копия, kopia, bilgi, копія, kópia, copie à, copie, copia,
    cópia, cci, cco, koopia, κοιν, 抄送, 副本, 참조, reply-to, reply to, odgovori na, odpověď na, svar til, antwoord aan, vastaus,
    répondre à, antwort an, válaszcím, rispondi a, odpowiedź-do, responder a, răspuns către, ответ-кому, odpovedať-pre, svara till,
    yanıt adresi, кому відповісти, importance, priority, wichtigkeit, priorität, sensitivity, attachments, anlagen, pièces jointes,
    organization,
    resent-from, sender, message-id, mailed-by, signed-by, when, where, list-id
    """
)
FORWARDED_MESSAGE = phrases(
    """
    forwarded message, forwarded mail, forwarded email, begin forwarded message, fwd.msg, start of forwarded message,
    original message forwarded,
    začátek přeposílané zprávy, přeposlaná zpráva, začiatok preposlanej správy, preposlaná správa,
    start på videresendt besked, videresendt besked, videresendt meddelelse, videresendt melding, videresendt e-post,
    anfang der weitergeleiteten nachricht, weitergeleitete nachricht, weitergeleitete e-mail,
    inicio del mensaje reenviado, mensaje reenviado, välitetty viesti alkaa, välitetty viesti, edelleenlähetetty viesti,
    début du message réexpédié, début du message transféré, message transféré, message transmis, message réexpédié,
    započni proslijeđenu poruku, proslijeđena poruka, prosleđena poruka, posredovano sporočilo,
    továbbított levél kezdete, továbbított levél, továbbított üzenet,
    inizio messaggio inoltrato, messaggio inoltrato, begin doorgestuurd bericht, doorgestuurd bericht,
    początek przekazywanej wiadomości, przekazana wiadomość, wiadomość przekazana, treść przekazanej wiadomości, wiadomość przesłana dalej,
    início da mensagem reencaminhada, início da mensagem encaminhada, mensagem reencaminhada, mensagem encaminhada,
    începe mesajul redirecționat, mesaj redirecționat, mesaj redirecţionat, mesaj transmis mai departe,
    начало переадресованного сообщения, пересылаемое сообщение, перенаправленное сообщение, пересланное сообщение,
    початок листа\\, що пересилається, перенаправлене повідомлення, переслане повідомлення, препратено съобщение,
    vidarebefordrat mejl, vidarebefordrat meddelande, vidarebefordrat brev, ileti başlangıcı, iletilmiş mesaj, iletilen ileti,
    iletilen mesaj,
    edastatud kiri, edasi saadetud kiri, pārsūtīts ziņojums, persiunčiamas laiškas, προωθημένο μήνυμα,
    転送されたメッセージ, メッセージを転送, 转发的邮件, 转发邮件信息, 轉寄的郵件,
    전달된 메일, 전달된 메시지, رسالة معاد توجيهها, הודעה שהועברה,
    הועברה הודעה
    """
)
ORIGINAL_MESSAGE = phrases(
    """
    original message, original appointment, ursprüngliche nachricht, originalnachricht, message d'origine, message original,
    message d’origine,
    mensaje original, messaggio originale, oorspronkelijk bericht, mensagem original, oprindelig meddelelse, opprinnelig melding,
    ursprungligt meddelande, alkuperäinen viesti, původní zpráva, pôvodná správa, wiadomość oryginalna, oryginalna wiadomość,
    eredeti üzenet,
    mesaj original, исходное сообщение, оригинальное сообщение, оригінальне повідомлення, özgün ileti, orijinal mesaj, izvorna poruka,
    originaalkiri, 元のメッセージ, 原始邮件, 原始郵件, 원본 메시지
    """
)
FORWARD_SUBJECTS = phrases(
    """
    fw, fwd, wg, tr, rv, i, vs, pd, enc, redir., redir, vb, vl, videresend, i̇lt, ilt, doorst, doorgest, továbbítás, tov, trs, fwd fw,
    rif. inoltro,
    proslj, prosl, edastatud, пересл, fs, 転送, 转发, 轉寄, 전달
    """
)
REPLY_SUBJECTS = phrases(
    """
    re, aw, antw, antwort, sv, rép, rv re, res, resp, r, rif, odp, ynt, atb, vá, va, bls, ref, re fwd, отв, отг,
    απ, σχετ, 回复, 答复, 返信, 回覆, رد, השב
    """
)
WROTE = phrases(
    """
    wrote, writes, said, a écrit, écrit, schrieb, schreibt, escribió, escribio, ha scritto, scrive, scrisse, schreef, geschreven,
    escreveu, napisał, napisała,
    napisał(a), napsal, napsala, napsal(a), napísal, napísala, napísal(a), skrev, følgende, följande, kirjoitti,
    ezt írta, írta, написал, написала,
    написал(а), пишет, написав, написала(в), пише, yazdı, şunu yazdı, şunları yazdı, je napisao, je napisala,
    napisao je, je napisao/la, a scris, kirjutas, rašė, rakstīja,
    έγραψε, написа, viết, menulis, va escriure, 写道, 寫道, のメール, 님이 작성, כתב, כתב/ה, كتب
    """
)
MOBILE_SIGNATURES = phrases(
    """
    sent from my, sent from outlook, sent from yahoo, sent from samsung, sent from mail for, sent from aol, sent from gmail,
    sent from an, sent from a, sent from proton,
    sent via, sent using, sent on the go, sent with, get outlook for, get bluemail, from my iphone, from my ipad, from my android,
    from my phone, envoyé de mon, envoyé depuis,
    envoyé à partir, obtenez outlook, télécharger outlook, von meinem, gesendet von, gesendet mit, holen sie sich outlook, outlook für,
    enviado desde, enviado do meu, enviado a partir, enviado de mi, obtener outlook, obter o outlook, inviato da, inviato dal,
    ottieni outlook, scarica outlook,
    verzonden vanaf, verstuurd vanaf, verzonden met, outlook downloaden, outlook voor, skickat från, hämta outlook, sendt fra,
    hent outlook, få outlook, lähetetty, hanki outlook,
    wysłane z, wysłano z, pobierz program outlook, odesláno z, odoslané z, získat outlook, poslano s, poslano z, elküldve, iphone-ról,
    trimis de pe, отправлено с, отправлено из, надіслано з,
    iphone'umdan gönderildi, telefonumdan gönderildi, iphoneから送信, 发自我的, 從我的, 나의 iphone에서
    """
)
