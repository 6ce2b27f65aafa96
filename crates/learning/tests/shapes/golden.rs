//! A file of each shape as others write it: what is read from it, and that it is the same after writing.

use super::common::{read_all, read_with};
use domain::chat::{Role, Turn};
use domain::example::Datum;
use learning::shape::{Options, Participant, Shape, detect, write};

const GOLDEN: [(Shape, &str, &[u8]); 9] = [
    (Shape::Chat, "chat.jsonl", include_bytes!("../golden/chat.jsonl")),
    (Shape::Preference, "preference.jsonl", include_bytes!("../golden/preference.jsonl")),
    (Shape::TrlPreference, "trl_preference.jsonl", include_bytes!("../golden/trl_preference.jsonl")),
    (Shape::TrlUnpaired, "trl_unpaired.jsonl", include_bytes!("../golden/trl_unpaired.jsonl")),
    (Shape::ShareGpt, "sharegpt.json", include_bytes!("../golden/sharegpt.json")),
    (Shape::Alpaca, "alpaca.json", include_bytes!("../golden/alpaca.json")),
    (Shape::Csv, "csv.csv", include_bytes!("../golden/csv.csv")),
    (Shape::PlainPairs, "pairs.txt", include_bytes!("../golden/pairs.txt")),
    (Shape::TelegramExport, "telegram.json", include_bytes!("../golden/telegram.json")),
];

fn turn(role: Role, content: &str) -> Turn {
    Turn::new(role, content)
}

fn full(system: &str, before: Vec<Turn>, question: &str, chosen: &str, rejected: &str) -> Datum {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (chosen, rejected) = (some(chosen), some(rejected));
    Datum { system: system.to_owned(), before, question: question.to_owned(), chosen, rejected }
}

fn pair(question: &str, chosen: &str, rejected: &str) -> Datum {
    full("", Vec::new(), question, chosen, rejected)
}

/// What a golden file says, with the lines.
fn expected(shape: Shape) -> (Vec<u64>, Vec<Datum>) {
    match shape {
        Shape::Chat => (vec![1, 2, 3, 4, 5], chat()),
        Shape::Preference => (vec![1, 2], preference()),
        Shape::TrlPreference => (vec![1, 2, 3, 4, 5], trl_preference()),
        Shape::TrlUnpaired => (
            vec![1, 2, 3],
            vec![
                pair("When is lunch?", "At noon.", ""),
                pair("Когда обед?", "", "Ночью."),
                pair("Is it open?", "Yes, until 16.", ""),
            ],
        ),
        Shape::ShareGpt => (vec![2, 9], share_gpt()),
        Shape::Alpaca => (vec![2, 3, 5], alpaca()),
        Shape::Csv => (vec![2, 3, 5, 6], table()),
        Shape::PlainPairs => (
            vec![1, 4, 8],
            vec![
                pair("When is the office open?", "From 10 to 16.", ""),
                pair("Где ключ?", "У вахты.\nСпросите Дану.", ""),
                pair("Кто отвечает за склад?", "Отдел снабжения.", ""),
            ],
        ),
        Shape::TelegramExport => (
            vec![8, 12],
            vec![pair("Когда открыт склад?", "С 10 до 16.", ""), pair("See https://example.org?", "Yes, page 2", "")],
        ),
    }
}

fn chat() -> Vec<Datum> {
    let before = vec![turn(Role::User, "Привет"), turn(Role::Assistant, "Здравствуйте!")];
    vec![
        full("Answer in one sentence.", Vec::new(), "When is the office open?", "From 10 to 16.", ""),
        full("Отвечай кратко.", before, "Где ключ?\nИ от какой двери?", "У вахты, от склада.", ""),
        pair("How warm is it?", "21 degrees 🌤", ""),
        pair("ما اسمك؟", "نحن المكتب", ""),
        pair("営業時間は?", "10時から16時まで", ""),
    ]
}

fn preference() -> Vec<Datum> {
    vec![
        full("Be exact.", Vec::new(), "What is the capital of Australia?", "Canberra.", "Sydney."),
        pair("Сколько дней в високосном году?", "366", "365"),
    ]
}

fn trl_preference() -> Vec<Datum> {
    vec![
        full("Be exact.", Vec::new(), "What colour is the sky?", "Blue.", "Green."),
        pair("Столица Испании?", "Мадрид", "Лиссабон"),
        pair("Where is the sun?", "In the sky.", "In the sea."),
        pair("The key is with the", "porter", "cook"),
        pair("Кто там?", "Почтальон.", "Никто."),
    ]
}

fn share_gpt() -> Vec<Datum> {
    let before = vec![turn(Role::User, "Hello"), turn(Role::Assistant, "Hello!")];
    vec![
        full("Answer in one sentence.", before, "Who has the key?", "The porter.", ""),
        full("Кратко.", Vec::new(), "Где кофе?", "На кухне.", ""),
    ]
}

fn alpaca() -> Vec<Datum> {
    let before = vec![turn(Role::User, "Привет"), turn(Role::Assistant, "Здравствуйте")];
    vec![
        pair("Translate into French.\nbread", "pain", ""),
        full("Отвечай одним словом.", before, "Назови столицу Франции.", "Париж", ""),
        pair("Name a prime above 10.", "11", ""),
    ]
}

fn table() -> Vec<Datum> {
    vec![
        pair("When is the office open?", "From 10 to 16.", ""),
        full("Be exact.", Vec::new(), "Is there \"tea\", or coffee?", "Both:\ntea and coffee", "Neither"),
        pair("Где ключ?", "У вахты", ""),
        pair("Сколько стоит пропуск?", "", "Сто рублей"),
    ]
}

fn options() -> Options {
    Options { own: vec!["user100".to_owned()], ..Options::default() }
}

#[test]
fn a_golden_file_is_told_by_its_content_and_read_with_its_lines() {
    for (shape, name, bytes) in GOLDEN {
        assert_eq!(detect(name, bytes), Some(shape), "{name}");
        assert_eq!(detect("file", bytes), Some(shape), "{name} without its name");
        let reading = read_with(shape, bytes, &options());
        let (lines, data) = expected(shape);
        assert_eq!(reading.lines(), lines, "{name}");
        assert_eq!(reading.report.bytes, bytes.len() as u64, "{name}");
        assert_eq!(reading.sound(), data, "{name}");
    }
}

#[test]
fn a_golden_file_is_the_same_after_writing() {
    for (shape, name, _) in GOLDEN.into_iter().filter(|(shape, ..)| *shape != Shape::TelegramExport) {
        let (_, data) = expected(shape);
        let mut file = Vec::new();
        let written = write(shape, &data, &mut file).unwrap();
        assert_eq!((written.written, written.left_out), (data.len() as u64, 0), "{name}");
        assert_eq!(detect("file", &file), Some(shape), "{name}");
        assert_eq!(read_all(shape, &file).sound(), data, "{name}");
    }
}

#[test]
fn line_ends_and_marks_of_windows_change_nothing() {
    for (shape, name, bytes) in GOLDEN {
        let text = std::str::from_utf8(bytes).unwrap();
        // A line end inside a cell stays as it is.
        let windows = format!("\u{feff}{}", text.replace("Both:\n", "Both:\u{1}").replace('\n', "\r\n"));
        let windows = windows.replace('\u{1}', "\n");
        assert_eq!(detect(name, windows.as_bytes()), Some(shape), "{name}");
        let reading = read_with(shape, windows.as_bytes(), &options());
        assert_eq!(reading.lines(), expected(shape).0, "{name}");
        assert_eq!(reading.sound(), expected(shape).1, "{name}");
    }
}

#[test]
fn utf_16_is_read_in_both_orders_of_its_bytes() {
    for (shape, name, bytes) in GOLDEN {
        let text = format!("\u{feff}{}", std::str::from_utf8(bytes).unwrap());
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for file in [little, big] {
            assert_eq!(detect(name, &file), Some(shape), "{name}");
            let reading = read_with(shape, &file, &options());
            assert_eq!(reading.report.bytes, file.len() as u64, "{name}");
            assert_eq!(reading.sound(), expected(shape).1, "{name}");
        }
    }
}

#[test]
fn without_whose_answers_count_an_export_gives_who_there_is() {
    let bytes = GOLDEN.last().unwrap().2;
    let reading = read_all(Shape::TelegramExport, bytes);
    assert_eq!(reading.items, []);
    let who = |id: &str, name: &str, messages| Participant { id: id.to_owned(), name: name.to_owned(), messages };
    let participants = vec![who("user200", "Boris", 3), who("user100", "Anna", 2), who("user300", "Clara", 1)];
    assert_eq!(reading.report.participants, participants);
    let by_digits = Options { own: vec!["100".to_owned()], ..Options::default() };
    assert_eq!(read_with(Shape::TelegramExport, bytes, &by_digits).report.read, 2);
}

#[test]
fn a_file_of_wrong_answers_is_what_should_not_be_said() {
    let options = Options { positive: false, ..Options::default() };
    let data = read_with(Shape::TrlPreference, GOLDEN[2].2, &options).sound();
    assert_eq!(data, trl_preference());
    let data = read_with(Shape::PlainPairs, b"When? => Never", &options).sound();
    assert_eq!(data, [pair("When?", "", "Never")]);
}
