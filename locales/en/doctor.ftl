doctor-end-good = Everything that was checked works.
doctor-end-warning = { $count ->
    [one] It works, with { $count } warning.
   *[other] It works, with { $count } warnings.
}
doctor-end-error = { $count ->
    [one] { $count } thing does not work.
   *[other] { $count } things do not work.
}

doctor-settings = The settings are sound.
doctor-settings-fault = Settings: { $fault }
doctor-settings-odd = A setting was passed over: { $fault }
doctor-access-open = Everybody may talk to the bot, at your expense.
doctor-access-open-advice = Unless you mean it, set access.policy to "closed".
doctor-owner-by-code = Nobody is named as owner: a one-time code is printed at start.

doctor-data = The data directory { $dir } can be written.
doctor-data-not-writable = The data directory { $dir } cannot be written: { $why }
doctor-data-advice = Give the user who runs Apprentice the right to write { $dir }, or choose another place with --data.
doctor-disk = { $mb } MB are free on its disk.
doctor-disk-little = Only { $mb } MB are free on its disk.
doctor-disk-full = Its disk is full: { $mb } MB are free.
doctor-disk-advice = Free some space or move the data directory; with a full disk nothing new is accepted.
doctor-disk-unknown = How much space its disk has cannot be seen on this system.

doctor-database = The database opens.
doctor-database-embedded = The database (SQLite, in the data directory) opens.
doctor-database-closed = The database does not open: { $why }
doctor-database-advice = Check database.url (DATABASE_URL): is the server running, are user, password and name right, does it let this machine in?
doctor-database-embedded-advice = Check the rights of the files in the data directory; if one is damaged, bring a copy back with “apprentice restore”.

doctor-page = The page's address { $address } is free.
doctor-page-public = The page's address { $address } is free and open to the network: put a proxy with https before it.
doctor-page-in-use = The page's address { $address } is in use.
doctor-page-in-use-advice = If Apprentice is running already, all is well; else end the program on port { $port } or choose another address with --listen.
doctor-page-not-bound = The page cannot listen on { $address }: { $why }
doctor-page-advice = Choose an address of this machine and a port above 1023 with --listen.

doctor-instruction = The instruction file { $file } can be read.
doctor-instruction-unreadable = The instruction file { $file } cannot be read: { $why }
doctor-instruction-advice = Correct instruction_file; until then /instruction says that there is none.

doctor-no-client = Requests over the network cannot be made: { $why }
doctor-net-refused = { $server } cannot be reached: nothing listens there.
doctor-net-slow = { $server } cannot be reached: no answer within the time limit.
doctor-net-broken = { $server } cannot be reached: { $why }
doctor-net-status = { $server } answered with status { $status }.
doctor-net-advice = Check the network, the name server, a proxy and the address in the settings.

doctor-telegram = Telegram knows the bot as @{ $name }.
doctor-telegram-off = Telegram is off: there is no token (TELEGRAM_TOKEN).
doctor-telegram-token = Telegram does not know the token.
doctor-telegram-token-advice = Ask @BotFather for it with /token and set TELEGRAM_TOKEN. If the token is right, check the address { $url }.
doctor-telegram-privacy = In groups Telegram shows the bot only what is addressed to it. To let it see more, turn privacy off with /setprivacy at @BotFather, then add it to the group again.
doctor-telegram-polling = Updates are fetched from Telegram.
doctor-telegram-webhook = Telegram brings updates to { $url }.
doctor-telegram-webhook-unset = Telegram does not bring updates here yet; the webhook is set at start.
doctor-telegram-webhook-left = Telegram brings updates to { $url }, but the settings say to fetch them.
doctor-telegram-webhook-left-advice = Apprentice takes the webhook away at start. If another program needs it, give Apprentice a token of its own.
doctor-telegram-webhook-error = Telegram could not bring updates lately: { $why }
doctor-telegram-webhook-error-advice = base_url must be reachable from the internet by https on port 443, 80, 88 or 8443, with a certificate that Telegram accepts.
doctor-telegram-waiting = { $count ->
    [one] { $count } update waits at Telegram.
   *[other] { $count } updates wait at Telegram.
}

doctor-discord = Discord knows the bot as { $name }.
doctor-discord-off = Discord is off: there is no token (DISCORD_TOKEN).
doctor-discord-token = Discord does not know the token.
doctor-discord-token-advice = Take it from the developer portal, under Bot, and set DISCORD_TOKEN.

doctor-models-embedded-only = Only the embedded model answers, from what it was taught.
doctor-models-advice = For a language model set OPENAI_KEY, or OPENAI_BASE_URL for your own server, or start an Ollama on this machine.
doctor-provider = The provider { $name } answers and has { $count ->
    [one] { $count } model
   *[other] { $count } models
}.
doctor-provider-not-found = The provider { $name } does not run at { $url }; it is used when it does.
doctor-provider-advice = Start the server or correct providers.{ $name }.base_url.
doctor-provider-key = The provider { $name } does not take the key.
doctor-provider-key-advice = Check providers.{ $name }.key (for OpenAI: OPENAI_KEY), and that the account is active.
doctor-provider-headers = A key or header of the provider { $name } has characters that HTTP cannot carry.
doctor-provider-no-list = The provider { $name } answers, but has no list of its models.
doctor-provider-no-list-advice = Check that providers.{ $name }.base_url ends with the version, as in /v1; if it does, name the models in providers.{ $name }.models.
doctor-provider-empty = The provider { $name } answers, but has no model.
doctor-provider-empty-advice = Load one: with Ollama by “ollama pull” and the model's name.
doctor-model-missing = The provider { $name } has no model “{ $model }”.
doctor-model-missing-advice = Correct model.chain; the nearest it has is “{ $nearest }”.
doctor-model-ending = The model “{ $model }” will be taken away by its provider on { $date } (in { $days } days).
doctor-model-ended = The model “{ $model }” was taken away by its provider on { $date }.
doctor-model-ending-advice = Choose its successor in model.chain.

doctor-clock = The clock is right.
doctor-clock-wrong = The clock is { $seconds } seconds off.
doctor-clock-advice = Turn on time synchronisation (timedatectl set-ntp true); certificates and reminders need the right time.
doctor-clock-unknown = The clock was not checked: no server was reached.

doctor-hearing = Recordings are heard by: { $names }.
doctor-hearing-nobody = Nobody hears recordings.
doctor-hearing-advice = Set OPENAI_KEY, or hearing.base_url for a server of your own, or fetch a model for this machine with “apprentice models pull base”.
doctor-hearing-no-model = hearing.model names “{ $name }”, and there is no such model file.
doctor-hearing-no-model-advice = Fetch it with “apprentice models pull { $name }”, or take a file in with “apprentice models add”.
doctor-hearing-broken-model = The model file { $path } is damaged or not whole.
doctor-hearing-broken-model-advice = Remove it and fetch it again with “apprentice models pull { $name }”.
doctor-hearing-not-built = There are speech models, but this program was built without the recogniser that uses them (the feature “whisper”).
doctor-speaking = Answers are said aloud by: { $names }.
doctor-speaking-nobody = Nobody says answers aloud.
doctor-speaking-advice = Put "espeak" into speaking.chain and install the program espeak-ng, or set up a server with speaking.base_url.
doctor-espeak = { $program } is installed: { $version }.
doctor-espeak-missing = The program that speaks cannot be run: { $why } ({ $program }).
doctor-espeak-voices = The program that speaks lacks the voices { $voices }.
doctor-espeak-advice = Install the Debian package espeak-ng, or set speaking.espeak to where the program is.
doctor-drawing = Pictures are drawn by: { $names }.
doctor-drawing-nobody = Nobody draws pictures.
doctor-drawing-advice = Set OPENAI_KEY, or drawing.base_url for a server of your own with /v1/images/generations.
doctor-own = The server of [{ $role }], { $server }, answers.
doctor-own-key = The server of [{ $role }], { $server }, does not take the key.
doctor-own-key-advice = Check { $role }.key.
doctor-own-advice = Start the server or correct { $role }.base_url.
doctor-reading = Documents and pictures are taken apart in a process that is shut in.
doctor-reading-limits = Documents and pictures are taken apart in a process with limits, but this system cannot filter its system calls.
doctor-reading-limits-advice = Run on Linux with seccomp; until then a file that breaks out of its reader can do what the bot can.
doctor-reading-not = The process that takes documents and pictures apart does not start: { $why }
doctor-reading-not-advice = Check that the program may start itself and have { $mb } MB of memory (reading.memory_mb).
doctor-heif = { $program } is installed, for pictures that are not decoded in process.
doctor-heif-missing = { $program } is not installed: AVIF and some HEIC pictures cannot be opened.
doctor-heif-advice = Install the Debian package libheif-examples, or set reading.heif_program to "".
doctor-heif-off = AVIF and some HEIC pictures are not opened: reading.heif_program is not set.
doctor-heif-off-advice = To open them, install the Debian package libheif-examples and set reading.heif_program to "heif-convert". That program reads files of strangers and is not shut in as the rest is.
doctor-local = The files of the local Bot API server can be read in { $dir }.
doctor-local-unreadable = The files of the local Bot API server cannot be read in { $dir }: { $why }
doctor-local-unreadable-advice = Start the server with --dir={ $dir }, and give the user who runs Apprentice the right to read there.
doctor-local-cloud = telegram.local is set, but telegram.api_url is Telegram's own server.
doctor-local-cloud-advice = Set telegram.api_url to your server, for example http://127.0.0.1:8081, or telegram.local to false.
