//! What holds for every file, whatever is in it. The fuzz target and the replay of its corpus share it.

use learning::shape::{Event, Item, Options, Report, Shape, detect, exact_key, read, write};
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;

/// Reads a file in every shape, in one go and in small parts, and writes what it has.
pub fn shapes(bytes: &[u8]) {
    for name in ["", "a.csv", "a.jsonl", "a.txt"] {
        let _ = detect(name, bytes);
    }
    for shape in Shape::ALL {
        // Short enough that a small file has records that are too long.
        for longest in [64, 1 << 20] {
            let (items, report) = read_all(shape, bytes, longest);
            places_are_in_the_file(bytes, &items, &report);
            assert_eq!(read_all(shape, BufReader::with_capacity(3, bytes), longest), (items.clone(), report));
            what_is_read_can_be_written(shape, &items);
        }
    }
}

fn read_all(shape: Shape, input: impl BufRead, longest: usize) -> (Vec<Item>, Report) {
    let own = ["user1", "user2", "1"].map(str::to_owned).to_vec();
    let options = Options { own, longest, most_faults: 1000, ..Options::default() };
    let mut items = Vec::new();
    let mut on = |event| {
        if let Event::Item(item) = event {
            items.push(item);
        }
        ControlFlow::Continue(())
    };
    let report = read(shape, input, &options, &mut on).unwrap();
    (items, report)
}

fn places_are_in_the_file(bytes: &[u8], items: &[Item], report: &Report) {
    assert_eq!(report.read, items.len() as u64);
    assert!(report.faults.len() as u64 == report.faulty.min(1000));
    assert!(report.bytes <= bytes.len() as u64 && !report.stopped);
    // A line end in UTF-16 has this byte too.
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    assert!(items.iter().all(|item| (1..=lines).contains(&item.line)), "{items:?}");
    assert!(items.is_sorted_by_key(|item| item.line), "{items:?}");
    for fault in &report.faults {
        assert!((1..=lines).contains(&fault.line) && fault.column != Some(0), "{fault:?}");
    }
    for Item { datum, key, .. } in items {
        assert!(!datum.question.trim().is_empty(), "{datum:?}");
        let answers = || datum.chosen.iter().chain(&datum.rejected);
        assert!(answers().count() > 0 && answers().all(|answer| !answer.trim().is_empty()), "{datum:?}");
        assert_eq!(*key, exact_key(datum));
    }
}

/// What a shape can hold reads the same after writing.
fn what_is_read_can_be_written(shape: Shape, items: &[Item]) {
    if shape == Shape::TelegramExport {
        return;
    }
    let data: Vec<_> = items.iter().map(|item| &item.datum).collect();
    let mut file = Vec::new();
    let written = write(shape, data.iter().copied(), &mut file).unwrap();
    let (again, report) = read_all(shape, file.as_slice(), 1 << 20);
    assert_eq!((report.faulty, report.duplicates), (0, 0), "{:?}", String::from_utf8_lossy(&file));
    assert_eq!(again.len() as u64, written.written, "{:?}", String::from_utf8_lossy(&file));
    let mut rest = data.into_iter();
    assert!(again.iter().all(|item| rest.any(|datum| *datum == item.datum)), "{:?}", String::from_utf8_lossy(&file));
}
