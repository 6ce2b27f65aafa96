//! People speak: what was heard is shown before it is answered, and each way in which hearing fails has its own words.

use crate::bot::World;
use crate::crash::{Dice, number};
use crate::groups::mention;
use crate::sounds::{
    HEAR, Recording, check_note, english, heard_times, in_short, made, of_bot, real_ears, recognised, russian,
    said_aloud, told, wordless, world,
};
use sim::openai::{Answer, Ears, Script};
use sim::telegram::{Media, Origin, Say, Talk};
use sim::{Fault, Kind};
use std::time::Duration;

const SENTENCES: [&str; 6] = [
    "what time does the library open",
    "where is the railway station",
    "remind me to buy some milk",
    "turn off the light in the kitchen",
    "how far is the moon",
    "the library opens at nine in the morning",
];

fn private(world: &World, name: &str) -> Talk {
    world.telegram.person(name).private()
}

fn send(talk: &Talk, note: &Recording) -> i64 {
    talk.voice(&note.bytes, note.seconds)
}

#[tokio::test]
async fn english_is_heard_shown_answered_and_said_so_that_it_can_be_heard_again() {
    let answer = Answer::script(&[("library", "The library opens at nine in the morning.")]);
    let world = world(real_ears(&SENTENCES), answer).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let note = english(SENTENCES[0]);
    let asked = send(&alice, &note);
    told(&alice, 3).await;
    let all = of_bot(&alice);
    let transcript = &all[0];
    assert_eq!(
        transcript.marked(),
        format!(
            "<expandable_blockquote>{}</expandable_blockquote>\n🎙 0:0{}\n\n<italic>Did I mishear? Reply to this with what you said.</italic>",
            SENTENCES[0],
            note.seconds.saturating_sub(1)
        )
    );
    assert_eq!(transcript.reply_to, Some(asked), "it stands under what was said");
    let answer = all.iter().position(|m| m.text == "The library opens at nine in the morning.").unwrap();
    let spoken = all.iter().find(|m| m.voice().is_some()).unwrap().voice().unwrap();
    assert!(answer > 0, "{:?}", in_short(&alice));
    check_note(spoken);
    assert!(alice.actions().contains(&"record_voice".to_owned()));
    assert_eq!(recognised(&world.openai, spoken.bytes.to_vec()).await, SENTENCES[5]);
    let again = english(SENTENCES[1]);
    send(&alice, &again);
    let seen = told(&alice, 6).await;
    assert_eq!(seen[3], format!("heard: {}", SENTENCES[1]));
    assert!(!of_bot(&alice)[3].text.contains("mishear"), "it is explained once");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn russian_is_heard_shown_and_answered_in_russian() {
    let note = russian("Когда открывается библиотека?");
    let bytes = note.bytes.clone();
    let ears = Ears::scripted(move |sound| {
        assert_eq!(sound.language.as_deref(), Some("ru"));
        assert_eq!(sound.bytes, bytes, "it is sent as it came");
        Script::of("Когда открывается библиотека?")
    });
    let world = world(ears, Answer::script(&[("библиотека", "В девять утра.")])).await;
    let mut bot = world.start();
    let boris = world.telegram.person("boris").speaking("ru").private();
    send(&boris, &note);
    told(&boris, 3).await;
    let all = of_bot(&boris);
    assert_eq!(
        all[0].marked(),
        format!(
            "<expandable_blockquote>Когда открывается библиотека?</expandable_blockquote>\n🎙 0:0{}\n\n<italic>Я ослышался? Напишите в ответ на это сообщение, что вы сказали.</italic>",
            note.seconds - 1
        )
    );
    assert!(all.iter().any(|m| m.text == "В девять утра."), "{:?}", in_short(&boris));
    assert_eq!(said_aloud(&world), ["В девять утра."]);
    check_note(all.iter().find_map(|m| m.voice()).unwrap());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn each_way_of_not_hearing_has_its_own_words() {
    let unsure = Ears::scripted(|_| Script { mean_logprob: -3.0, ..Script::of("mumble") });
    let world = world(unsure, Answer::Echo).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let speech = english("where is the station");
    let ask = async |media: Media| {
        let asked = alice.send(media);
        alice.await_reply(asked).await.text
    };
    let voice = |note: &Recording| Media::voice(&note.bytes, note.seconds);
    let silence = ask(voice(&wordless("anullsrc=r=48000:cl=mono"))).await;
    assert!(silence.starts_with("I heard no words in this recording."), "{silence}");
    assert_eq!(heard_times(&world), 0, "nobody is asked about silence");
    let unclear = ask(voice(&speech)).await;
    assert!(unclear.starts_with("I could not make out the words."), "{unclear}");
    let noise = ask(voice(&wordless("anoisesrc=r=48000:a=0.2"))).await;
    assert!(noise.starts_with("I heard no words") || noise.starts_with("I could not make out"), "{noise}");
    world.openai.change(|config| config.ears = Ears::Deaf);
    let deaf = ask(voice(&speech)).await;
    assert!(deaf.starts_with("I heard no words"), "{deaf}");
    for kind in [Kind::Status(500), Kind::Garbage, Kind::Reset] {
        world.openai.faults().push(Fault::on(HEAR, kind.clone()).times(3));
        let failed = ask(voice(&speech)).await;
        let wanted = "The service that turns speech into text is not working right now.";
        assert!(failed.contains(wanted) && failed.contains("E-"), "{kind:?}: {failed}");
        world.openai.faults().clear();
    }
    let long = ask(Media::voice(&speech.bytes, 3 * 3600)).await;
    assert!(long.starts_with("This recording is too long: I listen to at most 120 minutes."), "{long}");
    let torn = ask(Media::voice(&speech.bytes[..30], 3)).await;
    assert!(torn.starts_with("I cannot play “voice message”: it is damaged"), "{torn}");
    let other = ask(Media::audio("song.mp3", "this is a letter, and no sound", 3)).await;
    assert!(other.starts_with("I cannot play “song.mp3”"), "{other}");
    let large = ask(Media::voice(&speech.bytes, 3).claiming(25 << 20)).await;
    assert!(large.contains("Telegram hands bots files of at most 20 MB"), "{large}");
    assert_eq!(world.openai.requests().iter().filter(|r| r.path == "/chat/completions").count(), 0);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_film_without_sound_is_looked_at_and_without_a_still_it_is_said_to_be_silent() {
    let world = world(Ears::Deaf, Answer::Text("I see {pictures}.".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let film = made(None, &["-f", "lavfi", "-i", "color=red:s=64x48:r=5", "-t", "1"], "film.mp4");
    let still = made(None, &["-f", "lavfi", "-i", "color=red:s=64x48", "-frames:v", "1"], "still.png");
    let asked = alice.send(Media::video("film.mp4", &film, 1).with_still(still));
    assert!(alice.await_reply(asked).await.text.starts_with("I see "), "{}", alice.transcript());
    let asked = alice.send(Media::document("film.mp4", "video/mp4", &film));
    let reply = alice.await_reply(asked).await.text;
    assert!(reply.starts_with("“film.mp4” has no sound"), "{reply}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_album_of_a_photo_and_a_film_is_heard_once_and_answered_once() {
    let world = world(Ears::saying("what is this"), Answer::Text("I see: {pictures}".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let off = alice.say("/voice off");
    alice.await_reply(off).await;
    let picture = ["-f", "lavfi", "-i", "color=blue:s=64x48:r=5", "-shortest"];
    let film = made(Some(&english("what is this")), &picture, "a.mp4");
    let photo = crate::pictures::plain("64x48", "red", "jpg");
    alice.album(&[Media::photo(photo), Media::video("a.mp4", film, 2)], "Look");
    told(&alice, 3).await;
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    assert_eq!(in_short(&alice)[1..], ["heard: what is this", "I see: 64x48 red"]);
    assert_eq!((heard_times(&world), world.openai.streaming()), (1, 0));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn where_nobody_can_hear_it_is_said_how_that_changes() {
    let mut world = world(Ears::saying("x"), Answer::Echo).await;
    world.set("APPRENTICE__HEARING__CHAIN", "embedded");
    let mut bot = world.start();
    let (alice, boris) = (private(&world, "alice"), world.telegram.person("boris").speaking("ru").private());
    let note = english("where is the station");
    let asked = send(&alice, &note);
    let reply = alice.await_reply(asked).await.text;
    assert!(reply.starts_with("I cannot listen here yet") && reply.contains("OPENAI_API_KEY"), "{reply}");
    let asked = send(&boris, &note);
    let reply = boris.await_reply(asked).await.text;
    assert!(reply.starts_with("Слушать я здесь пока не умею"), "{reply}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn every_kind_of_sound_is_taken_down_and_nothing_else_is_answered() {
    let ears = Ears::scripted(|sound| Script::of(&format!("I am {}.", sound.name)));
    let world = world(ears, Answer::Text("unasked".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let speech = english("where is the station");
    let picture = ["-f", "lavfi", "-i", "color=blue:s=64x48:r=5", "-shortest"];
    let films = |name| made(Some(&speech), &picture, name);
    let kinds = [
        (Media::voice(&speech.bytes, speech.seconds), "voice.ogg"),
        (Media::audio("a.mp3", made(Some(&speech), &[], "a.mp3"), 2), "voice.mp3"),
        (Media::audio("a.m4a", made(Some(&speech), &[], "a.m4a"), 2), "voice.m4a"),
        (Media::document("a.wav", "audio/x-wav", made(Some(&speech), &[], "a.wav")), "voice.wav"),
        (Media::document("a.flac", "audio/flac", made(Some(&speech), &[], "a.flac")), "voice.flac"),
        // Servers know no such file: they get it in a form that they know.
        (Media::audio("a.aac", made(Some(&speech), &[], "a.aac"), 2), "voice.ogg"),
        (Media::document("a.webm", "", made(Some(&speech), &["-c:a", "libopus"], "a.webm")), "voice.webm"),
        (Media::video_note(films("a.mp4"), 2), "voice.m4a"),
        (Media::video("a.mp4", films("a.mp4"), 2), "voice.m4a"),
    ];
    for (media, name) in kinds {
        let asked = alice.say_with(Say::text("/transcribe").with(media.clone()));
        assert_eq!(alice.await_reply(asked).await.text, format!("I am {name}."), "{media:?}");
    }
    let note = send(&alice, &english("and this is another one"));
    told(&alice, 12).await;
    let asked = alice.reply(note, "/transcribe");
    assert_eq!(alice.await_reply(asked).await.text, "I am voice.ogg.");
    let asked = alice.say("/transcribe");
    assert!(alice.await_reply(asked).await.text.starts_with("Reply to a recording with /transcribe"));
    assert_eq!(heard_times(&world), 9, "nothing is heard twice, not even a film that is sent in another way");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_long_recording_is_heard_in_parts_which_are_joined_in_order() {
    let ears = Ears::scripted(|sound| {
        let length = crate::sounds::length(sound.bytes.to_vec()).as_secs();
        assert!(length <= 61, "{length}");
        // The last part is the short one.
        Script::of(if length < 30 { "and the end" } else { "a long part" })
    });
    let mut world = world(ears, Answer::Text("Long.".to_owned())).await;
    world.set("APPRENTICE__HEARING__PART_MINUTES", "1");
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let speech = english("where is the railway station and when does the library open");
    let arguments = ["-t", "130", "-ar", "8000", "-c:a", "pcm_s16le"];
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.ogg"), &speech.bytes).unwrap();
    let line =
        [&["-nostdin", "-v", "error", "-stream_loop", "-1", "-i", "in.ogg"][..], &arguments, &["long.wav"]].concat();
    crate::sounds::run(folder.path(), "ffmpeg", &line);
    let long = std::fs::read(folder.path().join("long.wav")).unwrap();
    alice.say_with(Say::text("/transcribe").with(Media::document("long.wav", "audio/wav", &long)));
    let reply = told(&alice, 1).await.remove(0);
    assert_eq!(reply, "a long part a long part and the end");
    assert_eq!(heard_times(&world), 3);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn in_a_group_only_what_is_said_to_the_bot_is_heard() {
    let world = world(Ears::saying("and when"), Answer::Echo).await;
    let mut bot = world.start();
    let [alice, bob, carol] = ["alice", "bobby", "carol"].map(|name| world.telegram.person(name));
    let team = world.telegram.group("team", &[&alice, &bob, &carol]);
    let (alice, bob, carol) = (alice.at(&team), bob.at(&team), carol.at(&team));
    let note = english("and when");
    send(&bob, &note);
    let asked = alice.say_with(mention("@apprentice_sim_bot where is lunch?"));
    let answer = team.await_reply(asked).await;
    assert_eq!(heard_times(&world), 0);
    let media = Media::voice(&note.bytes, note.seconds);
    let spoken = bob.say_with(Say::media(media).reply_to(answer.id));
    told(&bob, 4).await;
    let all = of_bot(&bob);
    assert_eq!(in_short(&bob)[1], "heard: and when");
    assert!(all[1..].iter().all(|message| message.reply_to == Some(spoken)), "{}", team.transcript());
    assert!(all.iter().any(|message| message.voice().is_some()), "{}", team.transcript());
    let heard = all[1].id;
    let refused = carol.reply(heard, "/delete@apprentice_sim_bot");
    let reply = team.await_reply(refused).await;
    assert!(reply.text.starts_with("Only the person who asked"), "{}", team.transcript());
    bob.reply(heard, "/delete@apprentice_sim_bot");
    team.await_messages(|all| all.iter().all(|message| message.id != heard)).await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn voice_messages_in_a_row_are_answered_in_their_order_and_come_once() {
    let notes: Vec<Recording> = ["first", "second", "third"].map(english).into();
    let known: Vec<Vec<u8>> = notes.iter().map(|note| note.bytes.clone()).collect();
    let ears = Ears::scripted(move |sound| {
        let at = known.iter().position(|bytes| *bytes == sound.bytes).unwrap();
        Script::of(&format!("note {at}"))
    });
    let world = world(ears, Answer::Echo).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let off = alice.say("/voice off");
    alice.await_reply(off).await;
    world.telegram.faults().push(Fault::on("getUpdates", Kind::DuplicateUpdates));
    notes.iter().for_each(|note| {
        send(&alice, note);
    });
    told(&alice, 7).await;
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    let seen = in_short(&alice);
    assert_eq!(seen[1..], ["heard: note 0", "note 0", "heard: note 1", "note 1", "heard: note 2", "note 2"]);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_changed_caption_changes_the_answer_and_hears_nothing_again() {
    let world = world(Ears::saying("the red one"), Answer::Echo).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let off = alice.say("/voice off");
    alice.await_reply(off).await;
    let note = english("the red one");
    let media = Media::voice(&note.bytes, note.seconds);
    let asked = alice.say_with(Say::text("Look at").with(media));
    told(&alice, 3).await;
    assert_eq!(in_short(&alice)[1..], ["heard: the red one", "Look at\n\nthe red one"]);
    alice.edit(asked, "Forget about");
    alice.await_message(|message| message.by_bot && message.text == "Forget about\n\nthe red one").await;
    assert_eq!((in_short(&alice).len(), heard_times(&world)), (3, 1));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_correction_is_shown_answered_in_place_and_kept_as_far_as_the_person_agrees() {
    let world = world(Ears::saying("wear is the liberty"), Answer::script(&[("library", "At the market.")])).await;
    let mut bot = world.start();
    for (name, consent) in [("alice", false), ("boris", true)] {
        let talk = private(&world, name);
        let first = [if consent { "/privacy on" } else { "/privacy off" }, "/voice off"];
        for command in first {
            let said = talk.say(command);
            talk.await_reply(said).await;
        }
        let note = english(&format!("where is the library asks {name}"));
        let media = Media::voice(&note.bytes, note.seconds);
        talk.say_with(Say::media(media));
        told(&talk, 4).await;
        let all = of_bot(&talk);
        let (card, wrong) = (all[2].id, all[3].id);
        assert_eq!(all[3].text, "wear is the liberty");
        talk.reply(card, "Where is the library?");
        talk.await_message(|m| m.id == wrong && m.text == "At the market.").await;
        let shown = talk.await_message(|m| m.id == card && m.edits > 0).await;
        assert_eq!(
            shown.marked(),
            "<expandable_blockquote>Where is the library?</expandable_blockquote>\n🎙 Corrected by you."
        );
        assert_eq!(of_bot(&talk).len(), 4, "{}", talk.transcript());
        let asked = talk.say("/export");
        let export = talk.await_message(|m| m.by_bot && m.id > asked && m.document().is_some()).await;
        let export = String::from_utf8(export.document().unwrap().bytes.to_vec()).unwrap();
        let spoken = export.lines().find(|line| line.contains(r#""kind":"spoken""#)).unwrap();
        let spoken: serde_json::Value = serde_json::from_str(spoken).unwrap();
        assert_eq!(spoken["body"]["corrected"], "Where is the library?");
        assert_eq!(
            (&spoken["body"]["consent"], spoken["body"]["heard"]["blob"].is_string()),
            (&consent.into(), consent)
        );
        assert!(export.contains(r#""kind":"transcript""#), "{export}");
        let blobs = || blobs(&world);
        assert_eq!(blobs(), usize::from(consent));
        if consent {
            let off = talk.say("/privacy off");
            talk.await_reply(off).await;
            assert_eq!(blobs(), 0, "who takes back their yes takes back the recording");
            let on = talk.say("/privacy on");
            talk.await_reply(on).await;
            talk.reply(card, "Where is the old library?");
            talk.await_message(|m| m.id == card && m.text.contains("old library")).await;
            talk.await_message(|m| m.id == wrong && m.edits > 1).await;
            assert_eq!(blobs(), 1);
        }
        talk.say("/forget me");
        talk.await_message(|m| m.buttons().concat().iter().any(|b| b.data.contains("/forget me yes"))).await;
        let done = talk.say("/forget me yes");
        talk.await_reply(done).await;
        assert_eq!(blobs(), 0, "the recording goes with the person");
        let asked = talk.say("/export");
        let export = talk.await_message(|m| m.by_bot && m.id > asked && m.document().is_some()).await;
        assert!(!export.document().unwrap().bytes.windows(7).any(|part| part == b"library"));
    }
    world.check(&mut bot).await;
}

/// Files in the blob store.
fn blobs(world: &World) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
    }
    count(&world.path().join("data/blobs"))
}

#[tokio::test]
async fn what_somebody_else_said_is_never_kept_for_training_nor_under_the_name_of_who_asked() {
    let world = world(Ears::saying("wear is the liberty"), Answer::Echo).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    for command in ["/privacy on", "/voice off"] {
        let said = alice.say(command);
        alice.await_reply(said).await;
    }
    let note = english("where is the library");
    let media = Media::voice(&note.bytes, note.seconds);
    alice.say_with(Say::media(media).forwarded(Origin::Hidden("Carol".to_owned())));
    told(&alice, 4).await;
    let card = of_bot(&alice)[2].id;
    alice.reply(card, "Where is the library?");
    alice.await_message(|m| m.id == card && m.edits > 0).await;
    assert_eq!(blobs(&world), 0, "it was somebody else who spoke");
    let (alice, bob) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bob]);
    let (alice, bob) = (alice.at(&team), bob.at(&team));
    let spoken = send(&bob, &english("and where is the station"));
    let before = heard_times(&world);
    for round in 1..=2 {
        let asked = alice.reply(spoken, "/transcribe@apprentice_sim_bot");
        let reply = team.await_message(|message| message.by_bot && message.reply_to == Some(asked)).await;
        assert_eq!((reply.text.as_str(), heard_times(&world) - before), ("wear is the liberty", round));
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn more_may_be_said_than_may_be_typed() {
    let words = "and another word ".repeat(40);
    let mut world = world(Ears::saying(words.trim()), Answer::Text("Understood.".to_owned())).await;
    world.set("APPRENTICE__LIMITS__MESSAGE_CHARS", "100");
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let off = alice.say("/voice off");
    alice.await_reply(off).await;
    send(&alice, &english("and another word"));
    assert_eq!(told(&alice, 3).await[2], "Understood.");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn hearing_is_stopped_by_command_and_nothing_is_answered() {
    let world = world(Ears::saying("hello there"), Answer::Echo).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    world.openai.faults().push(Fault::on(HEAR, Kind::Slow(Duration::from_secs(300))));
    send(&alice, &english("hello there"));
    while heard_times(&world) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(alice.actions().contains(&"typing".to_owned()), "the person sees that something is done");
    let stop = alice.say("/stop");
    assert_eq!(alice.await_reply(stop).await.text, "Stopped.");
    world.check(&mut bot).await;
    assert_eq!(in_short(&alice).len(), 1, "{}", alice.transcript());
}

#[tokio::test]
async fn killed_again_and_again_it_loses_no_recording_and_tells_nothing_twice() {
    let (kills, seed) = (number("KILLS", 8), number("SEED", 20_261_121));
    println!("KILLS={kills} SEED={seed}");
    let mut dice = Dice(seed | 1);
    let speech = english("hello there");
    // The frames stay as they are; a comment's length apart is another file.
    let notes: Vec<Vec<u8>> =
        (0..kills).map(|n| made(Some(&speech), &["-c", "copy", "-metadata", &format!("title={n}")], "n.ogg")).collect();
    let known = notes.clone();
    let ears = Ears::scripted(move |sound| {
        let at = known.iter().position(|bytes| *bytes == sound.bytes).unwrap();
        Script::of(&format!("m{at}"))
    });
    let world = world(ears, Answer::Echo).await;
    let kinds = vec![Kind::DuplicateUpdates, Kind::ResetAfter, Kind::Reset, Kind::Status(502)];
    world.telegram.faults().random(seed, 0.05, kinds);
    let alice = private(&world, "alice");
    let mut bot = world.start();
    for note in &notes {
        alice.voice(note, speech.seconds);
        tokio::time::sleep(Duration::from_millis(dice.roll(900))).await;
        bot.kill();
        bot = world.start();
    }
    world.telegram.faults().clear();
    let many = notes.len();
    alice.await_messages(|all| all.iter().filter(|m| m.by_bot).count() >= 3 * many).await;
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    let (spoken, told): (Vec<String>, Vec<String>) = in_short(&alice).into_iter().partition(|told| told == "voice");
    let wanted: Vec<String> = (0..many).flat_map(|n| [format!("heard: m{n}"), format!("m{n}")]).collect();
    assert_eq!((told, spoken.len()), (wanted, many), "KILLS={kills} SEED={seed}\n{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn killed_at_any_moment_of_hearing_it_shows_and_answers_each_recording_once() {
    let world = world(Ears::saying("hello there"), Answer::Text("One. Two. Three.".to_owned())).await;
    let alice = private(&world, "alice");
    let moments: [(&str, Kind); 4] = [
        (HEAR, Kind::Slow(Duration::from_secs(20))),
        ("/chat/completions", Kind::Slow(Duration::from_secs(20))),
        ("/audio/speech", Kind::Slow(Duration::from_secs(20))),
        ("", Kind::Reset),
    ];
    let mut bot = world.start();
    for (round, (path, kind)) in moments.into_iter().enumerate() {
        let before = world.openai.requests().iter().filter(|request| request.path == path).count();
        world.openai.faults().push(Fault::on(path, kind));
        send(&alice, &english(&format!("hello there for the {round} time")));
        while world.openai.requests().iter().filter(|request| request.path == path).count() == before
            && !path.is_empty()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bot.kill();
        world.openai.faults().clear();
        bot = world.start();
        told(&alice, 3 * (round + 1)).await;
    }
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    let mut seen = in_short(&alice);
    assert_eq!(seen.len(), 12, "{seen:?}");
    for all in seen.chunks_mut(3) {
        all[1..].sort();
        assert_eq!(all, ["heard: hello there", "One. Two. Three.", "voice"]);
    }
    world.check(&mut bot).await;
}
