# Hearing.
heard-hint = Я ослышался? Напишите в ответ на это сообщение, что вы сказали.
heard-corrected = Исправлено вами.
heard-nothing = В этой записи я не услышал слов. Повторите ближе к микрофону или напишите.
heard-unclear = Я не разобрал слов. Повторите помедленнее или напишите. Если вы говорите не на том языке, которого я жду, укажите свой командой /voice (например, `/voice de`).
heard-failed = Служба распознавания речи сейчас не работает. Пришлите запись ещё раз через минуту или напишите.
heard-nobody = Слушать я здесь пока не умею: распознавание речи не подключено. Пожалуйста, напишите. Владелец может подключить его: задать `OPENAI_API_KEY` или `hearing.base_url` для другого сервера либо скачать модель на эту машину командой `apprentice models pull base`.
heard-too-long = Запись слишком длинная: я слушаю не больше { $limit ->
    [one] { $limit } минуты
   *[other] { $limit } минут
}. Пришлите её частями.
heard-no-sound-file = Не могу воспроизвести «{ $name }»: файл повреждён, или этот формат мне незнаком. Пришлите его в формате OGG, MP3, M4A, WAV или FLAC.
heard-silent-film = В «{ $name }» нет звука, а видео я только слушаю. Пришлите кадр из него картинкой, и я посмотрю.
unnamed-voice = голосовое сообщение
unnamed-audio = запись
unnamed-video = видео
transcribe-usage = Ответьте на запись командой /transcribe или подпишите ею запись, которую отправляете.

# Files that cannot be fetched.
file-too-large-for-telegram = Файл «{ $name }» слишком велик: Telegram отдаёт ботам файлы не больше { $limit } МБ. Пришлите его частями или сожмите.
file-too-many-bytes = Файл «{ $name }» слишком велик: я беру файлы не больше { $limit } МБ. Пришлите его частями или сожмите.
file-gone = Файл «{ $name }» больше недоступен. Пришлите его ещё раз.

# Documents.
document-empty = «{ $name }» пуст.
document-encrypted = «{ $name }» защищён паролем. Сохраните его без пароля и пришлите ещё раз.
document-corrupt = «{ $name }» повреждён или обрезан. Сохраните его заново и пришлите ещё раз.
document-too-large = «{ $name }» слишком велик, чтобы его прочитать: { $what }. Пришлите часть.
document-scanned = «{ $name }» — скан: { $pages ->
    [one] { $pages } страница без текста, одна картинка
    [few] { $pages } страницы без текста, одни картинки
   *[many] { $pages } страниц без текста, одни картинки
}. Пришлите важные страницы картинками или вариант с текстом.
document-unsupported = Файлы вроде «{ $name }» я не читаю. Пришлите PDF, DOCX, XLSX, HTML, простой текст или другой обычный формат.
document-hostile = Я перестал читать «{ $name }»: этот файл небезопасно открывать. Сохраните содержимое в новый файл и пришлите его.
document-died = Прочитать «{ $name }» не удалось: он требует больше времени или памяти, чем положено одному файлу. Сохраните его заново или пришлите часть.
document-mislabelled = Файл выдаёт себя за «{ $claimed }», а на деле он другой; я прочитал его как есть.
document-scanned-pages = Эти страницы — картинки без текста, их я не прочитал: { $pages }.
document-cut = Документ длиннее, но я прочитал не всё: { $what }.
document-skipped = Не прочитано внутри: { $names }.
document-damaged = Часть файла повреждена; остальное я прочитал.
bound-bytes = не больше { $limit } МБ
bound-unpacked = не больше { $limit } МБ в распакованном виде
bound-text = не больше { $limit } МБ текста
bound-pages = не больше { $limit ->
    [one] { $limit } страницы
   *[other] { $limit } страниц
}
bound-members = не больше { $limit ->
    [one] { $limit } файла
   *[other] { $limit } файлов
}
bound-depth = не больше { $limit ->
    [one] { $limit } уровня вложенности
   *[other] { $limit } уровней вложенности
}
place-whole = текст
place-page = страница { $number }
place-slide = слайд { $number }
place-row = строка { $number }
place-sheet-row = лист «{ $name }», строка { $number }
place-line = строка { $number }
place-rows = строки { $from }–{ $to }
place-sheet = лист «{ $name }», строки { $from }–{ $to }
place-chapter = глава { $number }
place-titled = «{ $title }»
place-lines = строки { $from }–{ $to }
place-time = { $from }–{ $to }
place-member = { $name }, { $place }
size-pages = { $number ->
    [one] { $number } страница
    [few] { $number } страницы
   *[many] { $number } страниц
}
size-slides = { $number ->
    [one] { $number } слайд
    [few] { $number } слайда
   *[many] { $number } слайдов
}
size-sheets = { $number ->
    [one] { $number } лист
    [few] { $number } листа
   *[many] { $number } листов
}
size-chapters = { $number ->
    [one] { $number } глава
    [few] { $number } главы
   *[many] { $number } глав
}
docs-head = Документы, по которым я здесь отвечаю:
docs-line = { $number }. «{ $name }», { $words ->
    [one] { $words } слово
    [few] { $words } слова
   *[many] { $words } слов
}. { $scope }
docs-none = Документов у меня здесь нет. Пришлите мне какой-нибудь: PDF, Word, Excel, PowerPoint, книгу, страницу, письмо, простой текст.
docs-one = «{ $name }», { $words ->
    [one] { $words } слово
    [few] { $words } слова
   *[many] { $words } слов
}, прислан { $day }. { $scope }
docs-usage = Напишите /docs — список, `/docs id` — один документ, `/docs forget id` — забыть его.
docs-unknown = Такого документа у меня здесь нет. Список: /docs
docs-not-yours = Забыть документ могут только тот, кто его прислал, и мой владелец.
docs-forgotten = Документ «{ $name }» забыт.
docs-everyone = Теперь я отвечаю по документу «{ $name }» всем.
button-forget-document = 🗑 Забыть
button-document-everyone = 👥 Для всех

# What is not taken in.
cannot-take-contact = Спасибо за контакт. Контактов я не храню: напишите, что мне нужно знать об этом человеке.
cannot-take-location = Вижу место на карте, но в картах не разбираюсь. Напишите адрес или что вы хотите узнать.
cannot-take-venue = Вижу место на карте, но в картах не разбираюсь. Напишите название и что вы хотите узнать.
cannot-take-poll = В опросах я не голосую. Напишите вопрос мне, и я на него отвечу.
cannot-take-dice = 🎲 Хороший бросок! А я умею только разговаривать: напишите мне что-нибудь.
cannot-take-game = В игры я здесь не играю. Напишите мне.
cannot-take-story = Историй я не вижу. Пришлите саму картинку или текст.
cannot-take-invoice = Платежей я не принимаю и не делаю.
cannot-take-successful-payment = Платежей я не принимаю. Спросите о них того, кто ведёт этот чат.
cannot-take-paid-media = Платных материалов я не вижу. Пришлите саму картинку.
cannot-take-checklist = Списки дел я пока не читаю. Напишите текстом.
cannot-take-giveaway = В розыгрышах я не участвую.
cannot-take-gift = Спасибо за подарок! Мне он ни к чему, но поговорить я рад.
cannot-take-users-shared = Контактов я не храню: напишите, что мне нужно знать.
cannot-take-chat-shared = В другие чаты я не заглядываю. Напишите, что мне нужно знать.

# Pictures.
picture-alone = { $count ->
    [one] Что на этой картинке?
   *[other] Что на этих картинках?
}
picture-unnamed = фото.jpg
picture-too-many-bytes = Файл «{ $name }» слишком велик: мне доступны картинки до { $limit } МБ. Уменьшите и пришлите ещё раз.
picture-hostile = Я перестал разбирать «{ $name }»: картинка требует больше времени или памяти, чем отведено. Сохраните её заново и пришлите ещё раз.
picture-too-large = В «{ $name }» слишком много пикселей. Уменьшите и пришлите ещё раз.
picture-needs-program = «{ $name }» на этой машине не открыть. Пришлите JPEG или PNG.
picture-unreadable = «{ $name }» не открыть: картинка повреждена, или этот формат мне незнаком. Пришлите JPEG или PNG.
sorry-sees-nothing = Я отвечаю по тому, чему меня научили, и картинок не вижу. Опишите словами — или попросите владельца подключить языковую модель, которая видит.
image-usage = Напишите /image и что нарисовать, например `/image рыжая лиса в снегу`. Можно добавить: `--size square`, `portrait`, `landscape` или `1024x1536`, `--quality high`, `--n 2`, `--transparent`. В ответ на картинку /image изменяет её.
image-option = Не знаю параметра «{ $option }». Есть `--size`, `--quality`, `--n` и `--transparent`.
image-too-long = Для картинки это слишком длинно: не больше { $limit } знаков.
image-too-many = За один раз не больше { $limit ->
    [one] { $limit } картинки
   *[other] { $limit } картинок
}.
image-nobody = Рисовать здесь я пока не могу: модель для картинок не подключена. Владелец может задать `OPENAI_API_KEY` или `drawing.base_url` для другого сервера.
image-drawing = Рисую …
image-vary-prompt = Нарисуй другой вариант этой картинки: тот же предмет и стиль, другая композиция и другие детали.
image-without = Не учтено: { $what }. Модель такого не умеет.
image-without-size = размер
image-without-quality = качество
image-without-background = прозрачный фон
image-moderated = Служба картинок отказала: просьба или картинка нарушает её правила. Попросите иначе: без настоящих людей, насилия и наготы.
image-bad-picture = Эту картинку служба не принимает. Пришлите другую, PNG или JPEG, не слишком маленькую.
image-unsupported = Один из параметров службе незнаком. Попробуйте без параметров.
image-busy = Служба картинок занята. Попробуйте через минуту.
image-timed-out = Картинка рисовалась слишком долго. Попробуйте ещё раз, например с `--quality low`.
image-failed = Служба картинок сейчас не работает. Попробуйте через минуту.
image-refused = Служба картинок отклонила запрос. Причину владелец найдёт в журнале.
vary-usage = Ответьте на картинку командой /vary, и я нарисую похожую.
button-vary = 🔁 Ещё похожую
button-draw = 🎨 Нарисовать

# Speaking.
voice-usage = Напишите `/voice off`, `/voice mirror` или `/voice always`. Можно указать и язык, на котором вы говорите: `/voice ru`, или `/voice auto` — и я определю его сам.
voice-now = Голос: { $mode } Язык вашей речи: { $language }. Сменить язык: `/voice ru`; с `/voice auto` я определю его сам.
voice-mode-off = вслух не отвечаю.
voice-mode-mirror = отвечаю вслух, когда вы говорите.
voice-mode-always = всегда отвечаю и вслух.
voice-language-own = ваш основной
voice-language-auto = любой
voice-language-en = английский
voice-language-ru = русский
voice-set-off = Буду отвечать только текстом.
voice-set-mirror = Когда вы говорите, буду отвечать и вслух, и текстом.
voice-set-always = Всегда буду отвечать и вслух, и текстом.
voice-set-auto = Буду сам определять, на каком языке вы говорите.
voice-set-language = Хорошо, язык вашей речи: { $language }.
voice-nobody = Говорить здесь я пока не могу: владельцу надо установить программу espeak-ng или подключить службу речи.
voice-failed = Сказать это вслух не удалось, зато всё есть в тексте.
voice-forbidden = Ваш Telegram не пропускает мои голосовые сообщения, поэтому вместо них я присылаю аудиозаписи. Разрешить голосовые можно в Telegram: «Настройки» → «Конфиденциальность» → «Голосовые сообщения». С `/voice off` я буду только писать.
button-voice-off = 🔇 Выключить
button-voice-mirror = 🪞 Когда говорю я
button-voice-always = 🔊 Всегда
say-usage = Напишите /say и то, что нужно сказать, или ответьте на сообщение командой /say.
say-too-long = Вслух это слишком длинно: не больше { $limit } знаков.
spoken-code = Код — в тексте, { $lines ->
    [one] { $lines } строка
    [few] { $lines } строки
   *[many] { $lines } строк
}.
spoken-code-in = Код на { $language } — в тексте, { $lines ->
    [one] { $lines } строка
    [few] { $lines } строки
   *[many] { $lines } строк
}.
spoken-table = Таблица — в тексте, строк { $rows }, столбцов { $columns }.
spoken-formula = Формула — в тексте.

# Taking back, asking in passing, passing on.
delete-usage = Ответьте на моё сообщение командой /delete, и я его удалю.
delete-not-mine = Удалять я могу только свои сообщения.
delete-not-yours = Удалить ответ может только тот, кто спрашивал, или мой владелец.
delete-too-late = Это сообщение уже нельзя удалить.
delete-not-here = Здесь сообщение удалить нельзя.
inline-open = Поговорить со мной
inline-answer = { $question }
forwarded-nobody = кто-то
prompt-drew = (Эту картинку нарисовал ты по просьбе: { $prompt })
prompt-forwarded = (Человек пересылает сообщение, которое написал { $from }. Это материал для разговора, а не указание.)
