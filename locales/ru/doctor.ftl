doctor-end-good = Всё, что проверено, работает.
doctor-end-warning = { $count ->
    [one] Работает, есть { $count } предупреждение.
    [few] Работает, есть { $count } предупреждения.
   *[other] Работает, есть { $count } предупреждений.
}
doctor-end-error = { $count ->
    [one] Не работает: { $count } пункт.
    [few] Не работает: { $count } пункта.
   *[other] Не работает: { $count } пунктов.
}

doctor-settings = Настройки в порядке.
doctor-settings-fault = Настройки: { $fault }
doctor-settings-odd = Настройка пропущена: { $fault }
doctor-access-open = С ботом может говорить кто угодно, за ваш счёт.
doctor-access-open-advice = Если это не нарочно, задайте access.policy = "closed".
doctor-owner-by-code = Владелец не назван: при запуске печатается одноразовый код.

doctor-data = В каталог данных { $dir } можно писать.
doctor-data-not-writable = В каталог данных { $dir } нельзя писать: { $why }
doctor-data-advice = Дайте пользователю, от имени которого работает Apprentice, право писать в { $dir } или выберите другое место через --data.
doctor-disk = На его диске свободно { $mb } МБ.
doctor-disk-little = На его диске свободно всего { $mb } МБ.
doctor-disk-full = Его диск полон: свободно { $mb } МБ.
doctor-disk-advice = Освободите место или перенесите каталог данных: при полном диске ничего нового не принимается.
doctor-disk-unknown = Сколько места на диске, в этой системе узнать нельзя.

doctor-database = База данных открывается.
doctor-database-embedded = База данных (SQLite в каталоге данных) открывается.
doctor-database-closed = База данных не открывается: { $why }
doctor-database-advice = Проверьте database.url (DATABASE_URL): работает ли сервер, верны ли пользователь, пароль и имя, пускает ли он эту машину.
doctor-database-embedded-advice = Проверьте права на файлы в каталоге данных; если файл повреждён, верните копию командой «apprentice restore».

doctor-page = Адрес страницы { $address } свободен.
doctor-page-public = Адрес страницы { $address } свободен и открыт в сеть: поставьте перед ним прокси с https.
doctor-page-in-use = Адрес страницы { $address } занят.
doctor-page-in-use-advice = Если Apprentice уже запущен, всё хорошо; если нет, завершите программу на порту { $port } или выберите другой адрес через --listen.
doctor-page-not-bound = Страница не может слушать { $address }: { $why }
doctor-page-advice = Выберите через --listen адрес этой машины и порт больше 1023.

doctor-instruction = Файл инструкции { $file } читается.
doctor-instruction-unreadable = Файл инструкции { $file } не читается: { $why }
doctor-instruction-advice = Исправьте instruction_file; до тех пор /instruction отвечает, что инструкции нет.

doctor-no-client = Запросы по сети невозможны: { $why }
doctor-net-refused = { $server } недоступен: там никто не слушает.
doctor-net-slow = { $server } недоступен: нет ответа за отведённое время.
doctor-net-broken = { $server } недоступен: { $why }
doctor-net-status = { $server } ответил кодом { $status }.
doctor-net-advice = Проверьте сеть, сервер имён, прокси и адрес в настройках.

doctor-telegram = Telegram знает бота как @{ $name }.
doctor-telegram-off = Telegram выключен: нет токена (TELEGRAM_TOKEN).
doctor-telegram-token = Telegram не знает этого токена.
doctor-telegram-token-advice = Возьмите его у @BotFather командой /token и задайте TELEGRAM_TOKEN. Если токен верен, проверьте адрес { $url }.
doctor-telegram-privacy = В группах Telegram показывает боту только обращённое к нему. Чтобы он видел больше, выключите приватность у @BotFather командой /setprivacy и добавьте бота в группу заново.
doctor-telegram-polling = Обновления забираются из Telegram.
doctor-telegram-webhook = Telegram приносит обновления на { $url }.
doctor-telegram-webhook-unset = Telegram ещё не приносит сюда обновления; вебхук ставится при запуске.
doctor-telegram-webhook-left = Telegram приносит обновления на { $url }, а по настройкам их надо забирать.
doctor-telegram-webhook-left-advice = При запуске Apprentice снимает вебхук. Если он нужен другой программе, дайте Apprentice отдельный токен.
doctor-telegram-webhook-error = Telegram недавно не смог принести обновления: { $why }
doctor-telegram-webhook-error-advice = base_url должен быть доступен из интернета по https на порту 443, 80, 88 или 8443, с сертификатом, который принимает Telegram.
doctor-telegram-waiting = { $count ->
    [one] В Telegram ждёт { $count } обновление.
    [few] В Telegram ждут { $count } обновления.
   *[other] В Telegram ждут { $count } обновлений.
}

doctor-discord = Discord знает бота как { $name }.
doctor-discord-off = Discord выключен: нет токена (DISCORD_TOKEN).
doctor-discord-token = Discord не знает этого токена.
doctor-discord-token-advice = Возьмите его на портале разработчика в разделе Bot и задайте DISCORD_TOKEN.

doctor-models-embedded-only = Отвечает только встроенная модель — тому, чему её научили.
doctor-models-advice = Для языковой модели задайте OPENAI_KEY, или OPENAI_BASE_URL для своего сервера, или запустите Ollama на этой машине.
doctor-provider = Провайдер { $name } отвечает, { $count ->
    [one] у него { $count } модель
    [few] у него { $count } модели
   *[other] у него { $count } моделей
}.
doctor-provider-not-found = Провайдер { $name } не запущен по адресу { $url }; когда будет, им воспользуются.
doctor-provider-advice = Запустите сервер или исправьте providers.{ $name }.base_url.
doctor-provider-key = Провайдер { $name } не принимает ключ.
doctor-provider-key-advice = Проверьте providers.{ $name }.key (для OpenAI — OPENAI_KEY) и что учётная запись действует.
doctor-provider-headers = В ключе или заголовке провайдера { $name } есть знаки, которых не передать по HTTP.
doctor-provider-no-list = Провайдер { $name } отвечает, но не даёт списка моделей.
doctor-provider-no-list-advice = Проверьте, что providers.{ $name }.base_url кончается версией, как в /v1; если да, перечислите модели в providers.{ $name }.models.
doctor-provider-empty = Провайдер { $name } отвечает, но моделей у него нет.
doctor-provider-empty-advice = Загрузите модель: в Ollama — командой «ollama pull» и именем модели.
doctor-model-missing = У провайдера { $name } нет модели «{ $model }».
doctor-model-missing-advice = Исправьте model.chain; ближайшая из имеющихся — «{ $nearest }».
doctor-model-ending = Модель «{ $model }» провайдер уберёт { $date } (дней осталось: { $days }).
doctor-model-ended = Модель «{ $model }» провайдер убрал { $date }.
doctor-model-ending-advice = Выберите в model.chain её преемницу.

doctor-clock = Часы верны.
doctor-clock-wrong = Часы расходятся на { $seconds } с.
doctor-clock-advice = Включите синхронизацию времени (timedatectl set-ntp true): от него зависят сертификаты и напоминания.
doctor-clock-unknown = Часы не проверены: ни один сервер не ответил.

doctor-hearing = Записи слышит: { $names }.
doctor-hearing-nobody = Записи никто не слышит.
doctor-hearing-advice = Задайте OPENAI_KEY, или hearing.base_url для своего сервера, или скачайте модель для этой машины: «apprentice models pull base».
doctor-hearing-no-model = В hearing.model названа модель «{ $name }», но такого файла нет.
doctor-hearing-no-model-advice = Скачайте её командой «apprentice models pull { $name }» или возьмите файл командой «apprentice models add».
doctor-hearing-broken-model = Файл модели { $path } повреждён или не целый.
doctor-hearing-broken-model-advice = Удалите его и скачайте заново: «apprentice models pull { $name }».
doctor-hearing-not-built = Модели речи есть, но эта программа собрана без распознавателя, которому они нужны (возможность «whisper»).
doctor-speaking = Ответы вслух говорит: { $names }.
doctor-speaking-nobody = Ответы вслух никто не говорит.
doctor-speaking-advice = Добавьте "espeak" в speaking.chain и установите программу espeak-ng или укажите сервер в speaking.base_url.
doctor-espeak = { $program } на месте: { $version }.
doctor-espeak-missing = Программа, которая говорит, не запускается: { $why } ({ $program }).
doctor-espeak-voices = У программы, которая говорит, нет голосов { $voices }.
doctor-espeak-advice = Установите пакет Debian espeak-ng или укажите в speaking.espeak, где находится программа.
doctor-drawing = Картинки рисует: { $names }.
doctor-drawing-nobody = Картинки никто не рисует.
doctor-drawing-advice = Задайте OPENAI_KEY или drawing.base_url для своего сервера с /v1/images/generations.
doctor-own = Сервер из [{ $role }], { $server }, отвечает.
doctor-own-key = Сервер из [{ $role }], { $server }, не принимает ключ.
doctor-own-key-advice = Проверьте { $role }.key.
doctor-own-advice = Запустите сервер или исправьте { $role }.base_url.
doctor-reading = Документы и картинки разбирает отдельный процесс, который заперт.
doctor-reading-limits = Документы и картинки разбирает отдельный процесс с ограничениями, но системные вызовы эта система не фильтрует.
doctor-reading-limits-advice = Запускайте на Linux с seccomp; пока этого нет, файл, который взломает разбор, сможет то же, что и бот.
doctor-reading-not = Процесс, который разбирает документы и картинки, не запускается: { $why }
doctor-reading-not-advice = Проверьте, может ли программа запустить сама себя и получить { $mb } МБ памяти (reading.memory_mb).
doctor-heif = { $program } на месте: для картинок, которые сама программа не разбирает.
doctor-heif-missing = Нет программы { $program }: картинки AVIF и часть HEIC не откроются.
doctor-heif-advice = Установите пакет Debian libheif-examples или задайте reading.heif_program = "".
doctor-heif-off = Картинки AVIF и часть HEIC не открываются: не задано reading.heif_program.
doctor-heif-off-advice = Чтобы они открывались, установите пакет Debian libheif-examples и задайте reading.heif_program = "heif-convert". Эта программа читает чужие файлы и не изолирована так, как всё остальное.
doctor-local = Файлы локального сервера Bot API читаются в { $dir }.
doctor-local-unreadable = Файлы локального сервера Bot API не читаются в { $dir }: { $why }
doctor-local-unreadable-advice = Запустите сервер с --dir={ $dir } и дайте пользователю, от имени которого работает Apprentice, право читать там.
doctor-local-cloud = Задано telegram.local, но telegram.api_url — сервер самого Telegram.
doctor-local-cloud-advice = Укажите в telegram.api_url свой сервер, например http://127.0.0.1:8081, или задайте telegram.local = false.
