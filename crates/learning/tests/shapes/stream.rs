//! The reading is a stream: it can be ended, tells how far it is, and takes bytes as they come.

use super::common::read_all;
use learning::shape::{Event, Options, Shape, exact_key, read};
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

/// Gives so many bytes at a time, and is interrupted in between.
struct Slow<'a>(&'a [u8], usize, bool);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.2 = !self.2;
        if self.2 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = self.1.min(into.len()).min(self.0.len());
        into[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// Makes a file as it is read: a head, rows by their number, a tail.
struct Endless<F> {
    row: F,
    next: u64,
    rows: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<F: Fn(u64) -> String> Read for Endless<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.buffer.len() && self.next < self.rows {
            self.buffer = (self.row)(self.next).into_bytes();
            self.at = 0;
            self.next += 1;
        }
        let length = into.len().min(self.buffer.len() - self.at);
        into[..length].copy_from_slice(&self.buffer[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

fn pairs(count: u64) -> String {
    (0..count).map(|n| format!("{{\"prompt\":\"вопрос {n}\",\"completion\":\"answer {n}\"}}\n")).collect()
}

#[test]
fn it_does_not_matter_in_which_parts_the_bytes_come() {
    let list = format!("[\n{}\n]", pairs(5).trim_end().replace('\n', ",\n"));
    let table = "question,answer\nГде?,\"Тут\nи там\"\nКогда?,Завтра\n".to_owned();
    for (shape, file) in [(Shape::Chat, pairs(5)), (Shape::Chat, list), (Shape::Csv, table)] {
        let whole = read_all(shape, &file);
        for part in [1, 2, 7, 64] {
            let input = BufReader::with_capacity(part, Slow(file.as_bytes(), part, false));
            let mut items = Vec::new();
            let mut on = |event| {
                if let Event::Item(item) = event {
                    items.push(item);
                }
                ControlFlow::Continue(())
            };
            let report = read(shape, input, &Options::default(), &mut on).unwrap();
            assert_eq!(items, whole.items);
            assert_eq!(report, whole.report);
        }
    }
}

#[test]
fn the_caller_may_end_it_and_go_on_by_skipping_what_it_has() {
    let file = pairs(10);
    let mut first = Vec::new();
    let mut on = |event| {
        if let Event::Item(item) = event {
            first.push(item);
        }
        if first.len() == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let report = read(Shape::Chat, file.as_bytes(), &Options::default(), &mut on).unwrap();
    assert!(report.stopped);
    assert_eq!(report.read, 4);
    let whole = read_all(Shape::Chat, &file);
    assert!(!whole.report.stopped);
    first.extend(whole.items.iter().skip(4).cloned());
    assert_eq!(first, whole.items);
}

#[test]
fn an_item_has_the_key_it_is_known_by() {
    for item in read_all(Shape::Chat, pairs(3)).items {
        assert_eq!(item.key, exact_key(&item.datum));
    }
}

#[test]
fn the_progress_is_told_for_each_mib_also_where_nothing_can_be_read() {
    let row = |n: u64| format!("{{\"prompt\":\"{n}\",\"other\":\"{}\"}}\n", "x".repeat(1000));
    let input = BufReader::new(Endless { row, next: 0, rows: 5 * 1024, buffer: Vec::new(), at: 0 });
    let mut told = Vec::new();
    let mut on = |event| {
        if let Event::Progress(bytes) = event {
            told.push(bytes);
        }
        ControlFlow::Continue(())
    };
    let report = read(Shape::Chat, input, &Options::default(), &mut on).unwrap();
    assert_eq!((report.faulty, report.faults.len()), (5 * 1024, 100));
    assert_eq!(told.len(), 5);
    assert!(told.windows(2).all(|two| two[1] - two[0] >= 1 << 20));
}

#[test]
fn an_error_of_the_input_is_handed_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    impl BufRead for Broken {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            Err(io::Error::other("gone"))
        }
        fn consume(&mut self, _: usize) {}
    }
    let input = io::Cursor::new(pairs(9000)).chain(Broken);
    let error = read(Shape::Chat, input, &Options::default(), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "gone");
}
