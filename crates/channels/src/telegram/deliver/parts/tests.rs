//! Whatever is answered, each message keeps Telegram's limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use domain::incoming::{Channel, ChatKind};
use domain::markdown::utf16_len;
use domain::outgoing::Contents;
use proptest::prelude::*;

fn answer(markdown: &str) -> Outgoing {
    Outgoing { markdown: markdown.to_owned(), ..Outgoing::default() }
}

fn buttons() -> Vec<Vec<Button>> {
    vec![vec![Button { label: "👍".to_owned(), data: "up:1".to_owned() }]]
}

fn document(file: File) -> Option<Media> {
    Some(Media { kind: Kind::Document, file, seconds: 0 })
}

/// The lengths of the texts, in UTF-16 units.
fn lengths(parts: &[Part]) -> Vec<usize> {
    parts.iter().map(|part| utf16_len(&part.text.text)).collect()
}

/// Each message as it would be sent keeps the description of the Bot API and its limits.
fn keeps_the_limits(parts: &[Part]) {
    let place = Place {
        channel: Channel::Telegram,
        chat: "5".to_owned(),
        thread: Some("7".to_owned()),
        kind: ChatKind::Private,
    };
    let words = parts.iter().filter(|part| part.media.is_none()).count();
    assert!(!parts.is_empty() && words <= MOST_PARTS);
    for part in parts {
        let body = content(&place, part);
        let (text, marks, longest) = match part.media {
            None => ("text", "entities", LONGEST),
            Some(_) => ("caption", "caption_entities", LONGEST_CAPTION),
        };
        let length = utf16_len(body.get(text).and_then(Value::as_str).unwrap_or_default());
        assert!(length <= longest);
        assert!(part.media.is_some() || length > 0, "an empty message");
        let entities = body.get(marks).and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(entities.len() <= MOST_ENTITIES);
        for entity in entities {
            assert_eq!(sim::telegram::check_type("MessageEntity", &entity), [""; 0]);
            let (from, many) = (entity["offset"].as_u64().unwrap(), entity["length"].as_u64().unwrap());
            assert!(many > 0 && from + many <= length as u64);
        }
    }
}

#[test]
fn a_message_holds_4096_utf_16_units_and_not_one_more() {
    assert_eq!(lengths(&parts(&answer(&"a".repeat(4096)))), [4096]);
    assert_eq!(lengths(&parts(&answer(&"a".repeat(4097)))), [4096, 1]);
    assert_eq!(lengths(&parts(&answer(&"я".repeat(4097)))), [4096, 1]);
    // Each is two units, and none is cut in two.
    assert_eq!(lengths(&parts(&answer(&"🙂".repeat(2049)))), [4096, 2]);
    assert_eq!(lengths(&parts(&answer(&format!("a{}", "🙂".repeat(2048))))), [4095, 2]);
}

#[test]
fn a_message_has_100_entities_at_most_and_keeps_its_words() {
    let words: String = (0..300).map(|n| format!("**w{n}** ")).collect();
    let parts = parts(&answer(&words));
    keeps_the_limits(&parts);
    assert_eq!(parts.len(), 1);
    assert_eq!(entities(&parts[0].text).len(), 100);
    assert!(parts[0].text.text.ends_with("w299"));
}

#[test]
fn an_answer_of_too_many_messages_goes_as_a_file_after_its_first() {
    let long = "word ".repeat(4096);
    let four = parts(&answer(&long[..4 * 4000]));
    assert_eq!((four.len(), four.iter().all(|part| part.media.is_none())), (4, true));
    let outgoing = Outgoing { buttons: buttons(), ..answer(&long) };
    let two = parts(&outgoing);
    keeps_the_limits(&two);
    assert_eq!(two.len(), 2);
    assert_eq!(two[1].media, document(File::text("answer.md", long)));
    assert_eq!((two[0].buttons.len(), two[1].buttons.len()), (0, 1));
}

#[test]
fn buttons_are_under_the_last_message_alone() {
    let parts = parts(&Outgoing { buttons: buttons(), ..answer(&"word ".repeat(2000)) });
    let rows: Vec<_> = parts.iter().map(|part| part.buttons.len()).collect();
    assert_eq!(rows, [0, 0, 1]);
}

#[test]
fn an_answer_without_a_word_is_still_a_message() {
    for nothing in ["", " \n", "\u{1}", "<!-- -->\n\n[x]: https://a.example"] {
        keeps_the_limits(&parts(&answer(nothing)));
    }
}

#[test]
fn a_file_that_is_given_goes_along() {
    let file = File::text("export.json", "{}");
    let parts = parts(&Outgoing { file: Some(file.clone()), ..answer("here") });
    assert_eq!(lengths(&parts), [4, 0]);
    assert_eq!(parts[1].media, document(file));
}

#[test]
fn a_picture_stands_over_its_words_when_they_are_few_and_before_them_when_not() {
    let picture = File::stored("curve.png", "image/png", "curve.png");
    let shown = |words: &str| parts(&Outgoing { picture: Some(picture.clone()), ..answer(words) });
    let photo = Some(Media { kind: Kind::Photo, file: picture.clone(), seconds: 0 });
    for (words, expected) in [("", vec![0]), ("few", vec![3])] {
        let parts = shown(words);
        assert_eq!((lengths(&parts), &parts[0].media), (expected, &photo));
    }
    assert_eq!(lengths(&shown(&"🙂".repeat(512))), [1024]);
    let long = shown(&"🙂".repeat(513));
    assert_eq!((lengths(&long), &long[0].media, &long[1].media), (vec![0, 1026], &photo, &None));
    keeps_the_limits(&long);
}

/// The quotation and the rest of each text.
fn quoted(parts: &[Part]) -> Vec<(String, String)> {
    let cut = |part: &Part| {
        let units: Vec<u16> = part.text.text.encode_utf16().collect();
        let (quote, rest) = units.split_at(part.folded);
        (String::from_utf16_lossy(quote), String::from_utf16_lossy(rest))
    };
    parts.iter().map(cut).collect()
}

#[test]
fn what_was_heard_stands_above_the_answer_and_folds_up() {
    let outgoing = Outgoing { quote: " I *heard*\n🙂 it ".to_owned(), ..answer("> **so**\n\nwell") };
    let parts = parts(&outgoing);
    keeps_the_limits(&parts);
    assert_eq!(quoted(&parts), [("I *heard*\n🙂 it".to_owned(), "\nso\n\nwell".to_owned())]);
    let body = words(&parts[0]);
    assert_eq!(body["entities"][0], json!({"type": "expandable_blockquote", "offset": 0, "length": 15}));
    assert_eq!(body["entities"][1], json!({"type": "blockquote", "offset": 16, "length": 2}));
    assert_eq!(body["entities"][2], json!({"type": "bold", "offset": 16, "length": 2}));
    let alone = super::parts(&Outgoing { quote: "heard".to_owned(), ..answer("") });
    assert_eq!(quoted(&alone), [("heard".to_owned(), String::new())]);
}

#[test]
fn a_quotation_and_an_answer_too_long_for_one_message_are_cut_where_each_ends() {
    let heard: String = (0..900).map(|n| format!("h{n} ")).collect();
    let said: String = (0..900).map(|n| format!("a{n} ")).collect();
    let shown = parts(&Outgoing { quote: heard.clone(), ..answer(&said) });
    keeps_the_limits(&shown);
    let (mut quote, mut rest) = (String::new(), String::new());
    for (folded, below) in quoted(&shown) {
        quote += &format!(" {folded}");
        rest += &format!(" {below}");
    }
    assert_eq!(quote.split_whitespace().collect::<Vec<_>>(), heard.split_whitespace().collect::<Vec<_>>());
    assert_eq!(rest.split_whitespace().collect::<Vec<_>>(), said.split_whitespace().collect::<Vec<_>>());
    assert!(shown.len() > 1 && shown[0].folded == utf16_len(&shown[0].text.text));
}

#[test]
fn an_answer_that_begins_with_a_quotation_of_its_own_is_not_folded() {
    let shown = parts(&Outgoing { quote: "h".repeat(4096), ..answer("> own\n\nwords") });
    assert_eq!((shown.len(), shown[0].folded, shown[1].folded), (2, 4096, 0));
    assert_eq!(entities(&shown[1].text)[0]["type"], "blockquote");
    assert_eq!(parts(&answer("> own"))[0].folded, 0);
}

#[test]
fn too_long_a_quotation_goes_as_a_file_with_the_answer_beside_it() {
    let shown = parts(&Outgoing { quote: "heard it\n".repeat(4000), ..answer("**yes**") });
    keeps_the_limits(&shown);
    assert_eq!((shown.len(), shown[0].text.text.as_str()), (2, "yes"));
    let Some(Contents::Text(whole)) = shown[1].media.as_ref().map(|media| &media.file.contents) else { panic!() };
    assert!(whole.starts_with("> heard it\n> heard it\n") && whole.ends_with("> heard it\n\n**yes**"));
}

fn spoken() -> Option<Voice> {
    Some(Voice { file: File::blob("v.ogg", "audio/ogg", "ff"), ms: 1001 })
}

#[test]
fn few_words_stand_under_what_is_spoken_and_many_follow_it() {
    let shown = parts(&Outgoing { voice: spoken(), quote: "heard".to_owned(), buttons: buttons(), ..answer("yes") });
    keeps_the_limits(&shown);
    assert_eq!(shown[0].media.as_ref().map(|media| (media.kind, media.seconds)), Some((Kind::Voice, 2)));
    assert_eq!((shown.len(), shown[0].folded, shown[0].buttons.len()), (1, 5, 1));
    let long = parts(&Outgoing { voice: spoken(), buttons: buttons(), ..answer(&"word ".repeat(300)) });
    keeps_the_limits(&long);
    assert_eq!((lengths(&long), long[1].buttons.len()), (vec![0, 1499], 1));
    assert_eq!(lengths(&parts(&Outgoing { voice: spoken(), ..answer("") })), [0]);
}

#[test]
fn pictures_come_one_by_one_and_the_words_under_the_last() {
    let picture = |name: &str| File::stored(name, "image/png", name);
    let outgoing = Outgoing {
        picture: Some(picture("a")),
        further: vec![picture("b"), picture("c")],
        buttons: buttons(),
        ..answer("three")
    };
    let shown = parts(&outgoing);
    keeps_the_limits(&shown);
    assert_eq!((lengths(&shown), shown[2].buttons.len(), shown[0].buttons.len()), (vec![0, 0, 5], 1, 0));
    assert_eq!(shown[1].media.as_ref().unwrap().file.name, "b");
    let spoken = parts(&Outgoing { voice: spoken(), ..outgoing });
    assert_eq!((lengths(&spoken), spoken[3].media.as_ref().unwrap().kind), (vec![0, 0, 0, 5], Kind::Voice));
}

#[test]
fn each_refusal_of_what_a_message_holds_has_its_way_out() {
    let refused = |words: &str| Failure::Refused { description: words.to_owned() };
    let voice = Part::spoken(&spoken().unwrap());
    for words in [
        "Bad Request: VOICE_MESSAGES_FORBIDDEN",
        "Bad Request: user restricted receiving of voice messages",
        "Bad Request: not enough rights to send voice notes to the chat",
    ] {
        let (other, how) = voice.instead(&refused(words)).unwrap();
        assert_eq!((other.media.unwrap().kind, how), (Kind::Audio, Instead::AudioForVoice));
    }
    let photo = Part::holding(Kind::Photo, &File::stored("a", "image/png", "a"));
    let large = Failure::TooLarge { name: "a".to_owned(), bytes: 2, most: 1 };
    for failure in [refused("Bad Request: PHOTO_INVALID_DIMENSIONS"), refused("IMAGE_PROCESS_FAILED"), large.clone()] {
        let (other, how) = photo.instead(&failure).unwrap();
        assert!(other.instead(&failure).is_none() && how == Instead::DocumentForPhoto);
    }
    assert!(voice.instead(&large).is_none() && photo.instead(&refused("Bad Request: chat not found")).is_none());
}

#[test]
fn of_a_long_answer_that_is_being_written_its_end_is_shown() {
    let text: String = (0..3000).map(|n| format!("w{n} ")).collect();
    let part = live_part(&text, &[]);
    assert!(part.text.text.ends_with("w2999") && utf16_len(&part.text.text) <= LONGEST);
}

const PIECES: &[&str] =
    &["word ", "**b** ", "`c` ", "🙂", "\n\n", "```\n", "> q\n", "- i\n", "||s|| ", "[l](https://a.b) "];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_answered_every_message_keeps_the_limits(
        pieces in proptest::collection::vec((proptest::sample::select(PIECES), 1_usize..400), 0..20),
    ) {
        let markdown: String = pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect();
        keeps_the_limits(&parts(&answer(&markdown)));
        let picture = Some(File::stored("a.png", "image/png", "a.png"));
        keeps_the_limits(&parts(&Outgoing { picture, ..answer(&markdown) }));
        let quote = markdown.chars().take(6000).collect();
        keeps_the_limits(&parts(&Outgoing { quote, voice: spoken(), ..answer(&markdown) }));
        keeps_the_limits(&[live_part(&markdown, &[])].map(|mut part| {
            // Nothing is shown before there is a word to show.
            if part.text.text.is_empty() { part.text.text = "…".to_owned(); }
            part
        }));
    }
}
