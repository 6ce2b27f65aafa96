//! What is wrong with a record is told with its line, and its column where the syntax breaks.

use super::common::{missing, not_json, read_all, read_with};
use learning::shape::{Expected, Fault, Options, Shape, What, detect};

/// A fault in the second of three lines; the others are read.
#[track_caller]
fn second_line(shape: Shape, good: [&str; 2], bad: &str, column: Option<u64>, what: What) {
    let file = format!("{}\n{bad}\n{}\n", good[0], good[1]);
    let reading = read_all(shape, file);
    assert_eq!(reading.lines(), [1, 3], "{bad}");
    assert_eq!(reading.faults(), [(2, column, what)], "{bad}");
}

const CHAT: [&str; 2] = [
    r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
    r#"{"messages":[{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}"#,
];

#[track_caller]
fn chat(bad: &str, column: Option<u64>, what: What) {
    second_line(Shape::Chat, CHAT, bad, column, what);
}

fn wrong(field: &str, expected: Expected) -> What {
    What::WrongType { field: field.to_owned(), expected }
}

#[test]
fn broken_syntax_has_its_column_in_characters() {
    chat(r#"{"messages" []}"#, Some(13), not_json("expected `:`"));
    chat(r#"{"вопрос" 1}"#, Some(11), not_json("expected `:`"));
    chat("{'messages': []}", Some(2), not_json("key must be a string"));
    chat(r#"{"messages": [],}"#, Some(17), not_json("trailing comma"));
    chat(&format!("{},", CHAT[0]), Some(CHAT[0].len() as u64 + 1), not_json("trailing characters"));
    chat("{\"messages\": \"\0\"}", Some(15), {
        not_json("control character (\\u0000-\\u001F) found while parsing a string")
    });
    chat(&"[".repeat(1000), Some(128), not_json("recursion limit exceeded"));
    chat(&CHAT[0][..20], Some(20), not_json("EOF while parsing an object"));
}

#[test]
fn what_a_conversation_lacks_is_named_with_its_place() {
    chat("[]", None, wrong("", Expected::Object));
    chat("{}", None, missing("messages"));
    chat(r#"{"messages":{}}"#, None, wrong("messages", Expected::Messages));
    chat(r#"{"messages":[1]}"#, None, wrong("messages[0]", Expected::Object));
    chat(r#"{"messages":[{"content":"a"}]}"#, None, missing("messages[0].role"));
    chat(r#"{"messages":[{"role":"user"}]}"#, None, missing("messages[0].content"));
    chat(r#"{"messages":[{"role":"user","content":5}]}"#, None, wrong("messages[0].content", Expected::Text));
    let image = r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}"#;
    chat(image, None, wrong("messages[0].content[0]", Expected::Text));
    chat(r#"{"messages":[{"role":"boss","content":"a"}]}"#, None, What::UnknownRole { role: "boss".to_owned() });
    let heavy = r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":2}]}"#;
    chat(heavy, None, wrong("messages[1].weight", Expected::Weight));
}

#[test]
fn an_answer_needs_a_question_and_a_question_an_answer() {
    chat(r#"{"messages":[{"role":"user","content":"a"}]}"#, None, What::NoAnswer);
    chat(&CHAT[0].replace(r#""b"}"#, r#""b","weight":0}"#), None, What::NoAnswer);
    chat(&CHAT[0].replace(r#""b""#, r#"" ""#), None, What::NoAnswer);
    chat(&CHAT[0].replace(r#""a""#, r#""""#), None, What::NoQuestion);
    chat(r#"{"messages":[{"role":"assistant","content":"b"}]}"#, None, What::NoQuestion);
    chat(r#"{"prompt":"a"}"#, None, missing("completion"));
}

#[test]
fn faults_of_preferences_name_their_field() {
    let good = |chosen| format!(r#"{{"prompt":"a","chosen":"{chosen}","rejected":"c"}}"#);
    let (one, two) = (good("x"), good("y"));
    let trl = |bad: &str, what| second_line(Shape::TrlPreference, [&one, &two], bad, None, what);
    trl(r#"{"prompt":"a","chosen":"b"}"#, missing("rejected"));
    trl(r#"{"prompt":"a","chosen":"b","rejected":"b"}"#, What::SameAnswers);
    trl(r#"{"chosen":[],"rejected":[]}"#, What::SameAnswers);
    trl(r#"{"prompt":[],"chosen":"b","rejected":"c"}"#, What::NoQuestion);
    trl(r#"{"prompt":"a","chosen":7,"rejected":"c"}"#, wrong("chosen", Expected::Messages));

    let good = |answer| format!(r#"{{"prompt":"a","completion":"{answer}","label":true}}"#);
    let (one, two) = (good("x"), good("y"));
    let unpaired = |bad: &str, what| second_line(Shape::TrlUnpaired, [&one, &two], bad, None, what);
    unpaired(r#"{"prompt":"a","completion":"b"}"#, missing("label"));
    unpaired(r#"{"prompt":"a","completion":"b","label":"good"}"#, wrong("label", Expected::Flag));

    let two_answers = r#"{"input":{"messages":[{"role":"user","content":"a"}]},"preferred_output":
        [{"role":"assistant","content":"b"},{"role":"assistant","content":"c"}],"non_preferred_output":[]}"#;
    let reading = read_all(Shape::Preference, two_answers.replace('\n', ""));
    assert_eq!(reading.faults(), [(1, None, wrong("preferred_output", Expected::OneMessage))]);
    assert_eq!(read_all(Shape::Preference, r#"{"input":{}}"#).faults(), [(1, None, missing("input.messages"))]);
}

#[test]
fn a_line_that_is_no_text_and_a_line_that_is_too_long_do_not_end_the_reading() {
    let mut file = CHAT[0].as_bytes().to_vec();
    file.extend_from_slice(b"\n{\"\xd0\xb0\xff\": 1}\n");
    file.extend_from_slice(format!("{{\"messages\": \"{}\"}}\n{}", "x".repeat(2000), CHAT[1]).as_bytes());
    let options = Options { longest: 1000, ..Options::default() };
    let reading = read_with(Shape::Chat, &file, &options);
    assert_eq!(reading.lines(), [1, 4]);
    assert_eq!(reading.faults(), [(2, Some(4), What::NotUtf8), (3, None, What::TooLong { bytes: 2016 })]);
}

#[test]
fn a_file_that_ends_within_its_last_record_is_known() {
    let lines = format!("{}\n{}", CHAT[0], &CHAT[1][..30]);
    assert_eq!(read_all(Shape::Chat, lines).faults(), [(2, Some(30), What::Truncated)]);
    let list = format!("[\n{},\n  {}", CHAT[0], &CHAT[1][..30]);
    assert_eq!(read_all(Shape::Chat, list).faults(), [(3, Some(3), What::Truncated)]);
    let between = format!("[\n{},\n", CHAT[0]);
    assert_eq!(read_all(Shape::Chat, between).faults(), [(3, Some(1), What::Truncated)]);
    let quote = "question,answer\na,b\nc,\"d\n";
    assert_eq!(read_all(Shape::Csv, quote).faults(), [(3, None, What::Truncated)]);
    let export = r#"{"name":"x","messages":[{"type":"message","from_id":"user1"#;
    assert_eq!(read_all(Shape::TelegramExport, export).faults(), [(1, Some(25), What::Truncated)]);
}

#[test]
fn after_a_broken_value_of_a_list_the_next_one_is_read() {
    let [one, two] = CHAT;
    for (bad, line, column, message) in [
        ("\n{\"a\" 1},", 2, Some(6), "expected `:`"),
        ("\n\n  {\"я\": 1\n\"b\": 2},", 4, Some(1), "expected `,` or `}`"),
        ("\n  {\"я\": 1 \"b\": 2},", 2, Some(11), "expected `,` or `}`"),
        ("\n{\"a\": \"b\n},", 2, Some(9), "control character (\\u0000-\\u001F) found while parsing a string"),
        ("\n,", 2, Some(1), "expected value"),
    ] {
        let reading = read_all(Shape::Chat, format!("[{one},{bad}\n{two}]"));
        assert_eq!(reading.items.len(), 2, "{bad}");
        assert_eq!(reading.faults(), [(line, column, not_json(message))], "{bad}");
    }
    let reading = read_all(Shape::Chat, format!("[{one}\n{two}]\nmore {{"));
    assert_eq!(reading.lines(), [1, 2]);
    let comma = (2, Some(1), not_json("expected `,` or `]`"));
    assert_eq!(reading.faults(), [comma, (3, Some(1), not_json("trailing characters"))]);
    let reading = read_all(Shape::Chat, format!("[{one}, 5, {two}]"));
    assert_eq!(reading.faults(), [(1, None, wrong("", Expected::Object))]);
    let options = Options { longest: 100, ..Options::default() };
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(100));
    let reading = read_with(Shape::Chat, format!("[{one},\n{long},\n{two}]").as_bytes(), &options);
    assert_eq!(reading.lines(), [1, 3]);
    assert_eq!(reading.faults(), [(2, None, What::TooLong { bytes: 109 })]);
}

#[test]
fn a_row_must_have_the_cells_that_the_header_names() {
    let table = "question,answer,label\na,b,1\nc,d\ne,f,1,g\nh,i,0,\n,,\nj,k,maybe\nl,,\n,m,\n";
    let reading = read_all(Shape::Csv, table);
    assert_eq!(reading.lines(), [2, 5]);
    let columns = |found| What::Columns { expected: 3, found };
    assert_eq!(
        reading.faults(),
        [
            (3, None, columns(2)),
            (4, None, columns(4)),
            (7, None, wrong("label", Expected::Flag)),
            (8, None, What::NoAnswer),
            (9, None, What::NoQuestion),
        ]
    );
}

#[test]
fn a_table_without_the_columns_is_refused_at_its_first_line() {
    assert_eq!(read_all(Shape::Csv, "question,date\na,b\n").faults(), [(1, None, missing("answer"))]);
    assert_eq!(read_all(Shape::Csv, "date;ответ\na;b\n").faults(), [(1, None, missing("question"))]);
    assert_eq!(read_all(Shape::Csv, "a,b,c\nd,e,f\n").faults(), [(1, None, What::Columns { expected: 2, found: 3 })]);
}

#[test]
fn a_quote_that_is_never_closed_takes_no_more_than_a_record_with_it() {
    let rows: String = (0..20).map(|n| format!("q{n},a{n}\n")).collect();
    let table = format!("question,answer\nx,\"y\n{rows}z,w\n");
    let options = Options { longest: 50, ..Options::default() };
    let reading = read_with(Shape::Csv, table.as_bytes(), &options);
    assert_eq!(reading.report.faults.len(), 1);
    assert_eq!(reading.report.faults[0].line, 2);
    assert!(matches!(reading.report.faults[0].what, What::TooLong { .. }));
    assert_eq!(reading.lines().last(), Some(&23));
}

#[test]
fn a_line_that_is_no_pair_is_named() {
    let text = "Q: a\nA: b\nA: c\n\nstray\nQ: d\nQ: e\nA: f\nA:\n";
    let reading = read_all(Shape::PlainPairs, text);
    assert_eq!(reading.lines(), [1, 7]);
    let kinds = [(3, None, What::NoQuestion), (5, None, What::NotAPair), (6, None, What::NoAnswer)];
    assert_eq!(reading.faults(), [kinds.to_vec(), vec![(9, None, What::NoQuestion)]].concat());
    let arrows = read_all(Shape::PlainPairs, "a => b\nc\n\nd -> e\n");
    assert_eq!(arrows.lines(), [1, 4]);
    assert_eq!(arrows.faults(), [(2, None, What::NotAPair)]);
}

#[test]
fn an_export_without_messages_is_no_export() {
    assert_eq!(read_all(Shape::TelegramExport, r#"{"name":"x"}"#).faults(), [(1, None, missing("messages"))]);
    let export = "{\"messages\": [\n 7,\n {\"type\": \"message\", \"from_id\": \"user1\", \"from\": 5}\n]}";
    let faults = read_all(Shape::TelegramExport, export).faults();
    assert_eq!(faults, [(2, None, wrong("", Expected::Object)), (3, None, wrong("from", Expected::Text))]);
}

#[test]
fn only_the_first_faults_are_kept_and_all_are_counted() {
    let options = Options { most_faults: 3, ..Options::default() };
    let report = read_with(Shape::Chat, "{}\n".repeat(10).as_bytes(), &options).report;
    assert_eq!((report.faults.len(), report.faulty), (3, 10));
}

#[test]
fn a_fault_says_itself_for_the_log() {
    let fault = Fault { line: 12, column: Some(3), what: not_json("expected `:`") };
    assert_eq!(fault.to_string(), "line 12, column 3: no JSON: expected `:`");
    let fault = Fault { line: 12, column: None, what: missing("messages[1].role") };
    assert_eq!(fault.to_string(), "line 12: `messages[1].role` is missing");
}

#[test]
fn what_has_no_shape_is_not_given_one() {
    for (name, bytes) in [
        ("a.txt", b"just a sentence\nand another".as_slice()),
        ("a.json", b"{\"a\": 1}"),
        ("a.json", b"{\"question"),
        ("a.json", b"nothing"),
        ("a", b""),
        ("a", b"\xef\xbb\xbf"),
        ("a", b"\0\0\0\0"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0"),
        ("a", b"]]]}}}"),
        ("a", b"[[[["),
    ] {
        assert_eq!(detect(name, bytes), None, "{}", String::from_utf8_lossy(bytes));
    }
}
