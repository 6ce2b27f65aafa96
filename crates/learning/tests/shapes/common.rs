//! Reading bytes in a test.

use domain::example::Datum;
use learning::shape::{Event, Fault, Item, Options, Report, Shape, What, read};
use std::ops::ControlFlow;

/// Everything a reading gives.
pub struct Reading {
    pub items: Vec<Item>,
    pub report: Report,
}

impl Reading {
    pub fn data(&self) -> Vec<Datum> {
        self.items.iter().map(|item| item.datum.clone()).collect()
    }
    /// The data, of a file without a fault.
    pub fn sound(self) -> Vec<Datum> {
        assert_eq!(self.report.faults, []);
        assert_eq!(self.report.read, self.items.len() as u64);
        self.data()
    }
    pub fn lines(&self) -> Vec<u64> {
        self.items.iter().map(|item| item.line).collect()
    }
    /// Line, column and what of each fault.
    pub fn faults(self) -> Vec<(u64, Option<u64>, What)> {
        assert_eq!(self.report.faulty, self.report.faults.len() as u64);
        self.report.faults.into_iter().map(|Fault { line, column, what }| (line, column, what)).collect()
    }
}

pub fn read_with(shape: Shape, bytes: &[u8], options: &Options) -> Reading {
    let mut items = Vec::new();
    let mut on = |event| {
        if let Event::Item(item) = event {
            items.push(item);
        }
        ControlFlow::Continue(())
    };
    let report = read(shape, bytes, options, &mut on).unwrap();
    Reading { items, report }
}

pub fn read_all(shape: Shape, bytes: impl AsRef<[u8]>) -> Reading {
    read_with(shape, bytes.as_ref(), &Options::default())
}

pub fn missing(name: &str) -> What {
    What::MissingField { name: name.to_owned() }
}

pub fn not_json(message: &str) -> What {
    What::NotJson { message: message.to_owned() }
}
