//! What the files of people have in them beside data.

use super::common::{read_all, read_with};
use domain::example::Datum;
use learning::shape::{Options, Shape, detect};

#[test]
fn an_empty_file_has_nothing_wrong_and_nothing_in_it() {
    for shape in Shape::ALL {
        for bytes in [b"".as_slice(), b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n  \r\n"] {
            let reading = read_all(shape, bytes);
            assert_eq!(reading.report.bytes, bytes.len() as u64, "{shape:?} {bytes:?}");
            assert_eq!(reading.sound(), [], "{shape:?} {bytes:?}");
        }
    }
}

#[test]
fn a_table_of_excel_is_read_in_windows_1251_with_semicolons() {
    let (bytes, _, _) =
        encoding_rs::WINDOWS_1251.encode("sep=;\r\nВопрос;Ответ\r\nГде ключ?;\"У вахты;\r\nс утра\"\r\n");
    assert_eq!(detect("таблица.csv", &bytes), Some(Shape::Csv));
    let reading = read_all(Shape::Csv, &bytes);
    assert_eq!(reading.lines(), [3]);
    assert_eq!(reading.sound(), [Datum::of("Где ключ?", "У вахты;\r\nс утра")]);
}

#[test]
fn a_text_in_windows_1251_may_begin_in_ascii() {
    let ascii: String = (0..5000).map(|n| format!("Q: question {n}\nA: answer {n}\n\n")).collect();
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("В: Где ключ?\nО: У вахты");
    let file = [ascii.as_bytes(), bytes.as_ref()].concat();
    let data = read_all(Shape::PlainPairs, &file).sound();
    assert_eq!((data.len(), data.last()), (5001, Some(&Datum::of("Где ключ?", "У вахты"))));
}

#[test]
fn a_table_without_names_is_two_columns_whatever_separates_them() {
    for table in [
        "Где, ключ?;У вахты; да\n".replace("; да", ""),
        "Где, ключ?\tУ вахты\n".into(),
        "\"Где, ключ?\",У вахты\n".into(),
    ] {
        let more = table.replace("Где", "Чей");
        let data = read_all(Shape::Csv, format!("{table}{more}")).sound();
        assert_eq!(data, [Datum::of("Где, ключ?", "У вахты"), Datum::of("Чей, ключ?", "У вахты")], "{table}");
        assert_eq!(detect("file", format!("{table}{more}").as_bytes()), Some(Shape::Csv), "{table}");
    }
}

#[test]
fn a_table_may_say_which_answers_are_right() {
    let table = "Question\tAnswer\tCorrect\nWhen?\tAt noon\tда\nWhere?\tNowhere\tнет\n";
    let data = read_all(Shape::Csv, table).sound();
    let wrong = Datum { chosen: None, rejected: Some("Nowhere".to_owned()), ..Datum::of("Where?", "") };
    assert_eq!(data, [Datum::of("When?", "At noon"), wrong]);
}

#[test]
fn an_alpaca_table_has_its_input_in_the_question() {
    let table = "instruction,input,output\nTranslate,bread,pain\nGreet,,Hello\n";
    let data = read_all(Shape::Csv, table).sound();
    assert_eq!(data, [Datum::of("Translate\nbread", "pain"), Datum::of("Greet", "Hello")]);
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let row = r#"{"prompt":"a","prompt":"b","completion":"c","completion":null,"completion":"d"}"#;
    assert_eq!(read_all(Shape::Chat, row).sound(), [Datum::of("b", "d")]);
}

#[test]
fn what_is_there_twice_is_handed_over_once() {
    let file = "Where is it? => Here\nwhere  IS it? => here\nWhere is it? => There\n";
    let reading = read_all(Shape::PlainPairs, file);
    assert_eq!((reading.report.read, reading.report.duplicates), (2, 1));
    assert_eq!(reading.lines(), [1, 3]);
}

#[test]
fn an_object_over_several_lines_is_read_from_its_first_line() {
    let one = "{\n  \"prompt\": \"a\",\n  \"completion\": \"b\"\n}\n";
    let two = one.replace("\"a\"", "\"c\"");
    let reading = read_all(Shape::Chat, format!("\n{one}{two}"));
    assert_eq!(reading.lines(), [2, 6]);
    assert_eq!(reading.sound(), [Datum::of("a", "b"), Datum::of("c", "b")]);
}

#[test]
fn an_export_of_an_account_has_chats_whose_messages_do_not_meet() {
    let message = |id: u32, who: &str, to: &str, text: &str| {
        format!(r#"{{"id":{id},"type":"message","from":"{who}","from_id":"{who}"{to},"text":"{text}"}}"#)
    };
    let one = [message(1, "user1", "", "Where?"), message(2, "user2", r#","reply_to_message_id":1"#, "Here")].join(",");
    let two = message(3, "user2", r#","reply_to_message_id":1"#, "To nobody");
    let chat = |messages: &str| format!(r#"{{"name":"messages","type":"personal_chat","messages":[{messages}]}}"#);
    let file = format!(
        r#"{{"about":"[\"messages\": [","contacts":{{"list":[{{"name":"x"}}]}},"chats":{{"list":[{},{}]}}}}"#,
        chat(&one),
        chat(&two)
    );
    assert_eq!(detect("result.json", file.as_bytes()), Some(Shape::TelegramExport));
    let options = Options { own: vec!["user2".to_owned()], ..Options::default() };
    assert_eq!(read_with(Shape::TelegramExport, file.as_bytes(), &options).sound(), [Datum::of("Where?", "Here")]);
}

#[test]
fn a_reply_reaches_back_no_further_than_the_window() {
    let message =
        |id: u32, who: u32, to: String| format!(r#"{{"id":{id},"type":"message","from_id":{who},"text":"m{id}"{to}}}"#);
    let reply = |id, to: u32| message(id, 2, format!(r#","reply_to_message_id":{to}"#));
    let mut messages: Vec<String> = (1..=3000).map(|id| message(id, 1, String::new())).collect();
    messages.extend([reply(3001, 500), reply(3002, 2500)]);
    let file = format!(r#"{{"messages":[{}]}}"#, messages.join(",\n"));
    let options = Options { own: vec!["2".to_owned()], ..Options::default() };
    let data = read_with(Shape::TelegramExport, file.as_bytes(), &options).sound();
    assert_eq!(data, [Datum::of("m2500", "m3002")]);
}

#[test]
fn keys_beside_the_data_do_not_change_the_shape() {
    for (row, shape) in [
        (r#"{"id":1,"type":"x","name":"y","instruction":"a","output":"b"}"#, Shape::Alpaca),
        (r#"{"id":"1","type":"x","messages":[{"role":"user","content":"a"}]}"#, Shape::Chat),
        (r#"{"id":"1","type":"x","conversations":[{"from":"human","value":"a"}]}"#, Shape::ShareGpt),
        (r#"{"prompt":"a","prompt_id":"1","messages":[],"chosen":[],"rejected":[]}"#, Shape::TrlPreference),
        (r#"{"a":{"messages":[]},"prompt":"say \"label\": no","completion":"b"}"#, Shape::Chat),
        ("{\"broken\n{\"prompt\":\"a\",\"completion\":\"b\",\"label\":true}", Shape::TrlUnpaired),
    ] {
        assert_eq!(detect("rows.jsonl", row.as_bytes()), Some(shape), "{row}");
    }
}
