//! Spreadsheets, and tables as text.

use crate::{at, made, read, rows, shown};

#[test]
fn a_sheet_comes_in_blocks_that_repeat_its_header() {
    let document = made("book.xlsx");
    let head = "| Day | Town | Share | Sum | Paid |  |  |\n| --- | --- | --- | --- | --- | --- | --- |\n";
    let first = at(&document, &rows("Sales", 1, 53));
    let row = "| 2024-03-01 | Город 0 | 0.0% | 0.3 | TRUE | 2024-03-12 14:05 | 09:30 |\n";
    assert!(first.starts_with(&format!("Yearly sales\n\n{head}{row}")), "{first}");
    let second = at(&document, &rows("Sales", 54, 103));
    assert!(second.starts_with(&format!("{head}| 2024-04-20 | Город 50 | 25.0% | 50.3 | TRUE |\n")), "{second}");
    assert!(at(&document, &rows("Sales", 104, 123)).ends_with("| 2024-06-28 | Город 119 | 59.5% | 119.3 | FALSE |"));
}

#[test]
fn hidden_sheets_are_marked_and_blank_ones_are_left_out() {
    let document = made("book.xlsx");
    assert!(at(&document, &rows("Secret", 2, 3)).starts_with("<!-- hidden -->\n\n| left |"), "{}", shown(&document));
    assert!(!shown(&document).contains("Blank"));
}

#[test]
fn a_sheet_with_a_cell_in_each_corner_is_as_small_as_they_are() {
    let document = made("book.xlsx");
    assert_eq!(at(&document, &rows("Far", 1, 1_048_576)), "| near |  |\n| --- | --- |\n|  | distant |");
    let open = made("office/shares.ods");
    assert!(shown(&open).contains("|  |  | distant |"), "{}", shown(&open));
}

#[test]
fn an_old_workbook_is_read_with_its_dates() {
    let document = made("book.xls");
    let expected = "| Item | When | Price |\n| --- | --- | --- |\n| чай | 2023-12-31 | 4.5 |";
    assert_eq!(at(&document, &rows("Старый", 1, 2)), expected);
    assert_eq!(at(&made("office/book.ods"), &rows("Старый", 1, 2)), expected);
    assert!(shown(&made("office/small.xls")).contains("| первый | 1.5 |"));
}

#[test]
fn a_cell_of_an_open_document_is_read_as_it_is_shown() {
    let text = shown(&made("office/shares.ods"));
    assert!(text.contains("| 01.03.2024 | 25% |") && text.contains("| 02.03.2024 | 50% |"), "{text}");
}

fn csv(text: &[u8]) -> String {
    let document = read("table.csv", text).unwrap();
    document.sections.into_iter().map(|section| section.text).collect()
}

#[test]
fn the_delimiter_is_what_makes_even_rows() {
    let expected = "| a | b, c |\n| --- | --- |\n| 1,5 | 2 |";
    assert_eq!(csv(b"a;b, c\n1,5;2\n"), expected);
    assert_eq!(csv(b"a\tb, c\n1,5\t2\n"), expected);
    assert_eq!(csv(b"sep=|\r\na|b, c\r\n1,5|2\r\n"), expected);
    assert_eq!(csv(b"a,\"b, c\"\n\"1,5\",2\n"), expected);
}

#[test]
fn a_quoted_value_may_hold_lines_and_rows_may_be_ragged() {
    let text = csv("имя,заметка\nИван,\"одна\nдве \"\"строки\"\"\"\nПётр\nx,y,z\n".as_bytes());
    let expected =
        "| имя | заметка |  |\n| --- | --- | --- |\n| Иван | одна <br> две \"строки\" |\n| Пётр |\n| x | y | z |";
    assert_eq!(text, expected);
}

#[test]
fn the_encoding_is_told_by_its_mark_or_guessed() {
    let russian = "имя;город\nИван Петрович;Екатеринбург\nМария Сергеевна;Санкт-Петербург\n";
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
    let marked: Vec<u8> = std::iter::once(0xFEFF).chain(russian.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [russian.as_bytes(), &windows, &marked] {
        assert!(csv(bytes).contains("| Мария Сергеевна | Санкт-Петербург |"), "{}", csv(bytes));
    }
}
