//! Excel's workbooks, new and old, by calamine: values as they were computed last, dates and percentages as people
//! write them. What calamine would take on trust (a count of strings to make room for) is checked before.

use super::grid::Grid;
use super::number;
use super::output::Output;
use crate::zipped::Archive;
use crate::{Document, Kind, Limits, Problem};
use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Style, Xls, XlsError, Xlsx, XlsxError};
use std::io::Cursor;
use std::panic::catch_unwind;

/// What marks a sheet that people do not see.
const HIDDEN: &str = "<!-- hidden -->\n\n";

/// Reads a workbook of Office Open XML.
pub(super) fn read_xlsx(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    check_parts(bytes, limits)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(xlsx_problem)?;
    let mut out = Output::new(limits);
    for sheet in book.sheets_metadata().to_vec() {
        if !matches!(sheet.typ, SheetType::WorkSheet | SheetType::MacroSheet) {
            continue;
        }
        if !out.part() {
            break;
        }
        let before = if sheet.visible == SheetVisible::Visible { "" } else { HIDDEN };
        let grid = xlsx_sheet(&mut book, &sheet.name, &mut out)?;
        if !grid.write(&mut out, before) {
            break;
        }
    }
    out.finish(Kind::Xlsx, None)
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

fn xlsx_sheet(book: &mut Book<'_>, name: &str, out: &mut Output) -> Result<Grid, Problem> {
    let mut grid = Grid::new(name.to_owned(), out);
    let mut cells = book.worksheet_cells_reader(name).map_err(xlsx_problem)?;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(xlsx_problem)? {
        let (row, column) = cell.get_position();
        let format = cells.styles().get(style).and_then(format_code).unwrap_or_default();
        if !grid.cell(row.saturating_add(1), column, &shown(cell.get_value(), format)) {
            break;
        }
    }
    Ok(grid)
}

fn format_code(style: &Style) -> Option<&str> {
    style.number_format.as_ref().map(|format| format.format_code.as_str())
}

fn shown<'a>(value: &'a DataRef<'_>, format: &str) -> std::borrow::Cow<'a, str> {
    match value {
        DataRef::SharedString(text) => (*text).into(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.as_str().into(),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => number::formatted(*number, format).into(),
        DataRef::Bool(truth) => number::truth(*truth).into(),
        DataRef::DateTime(date) => number::date(date).into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Empty => "".into(),
    }
}

/// Reads a workbook of Excel before 2007.
pub(super) fn read_xls(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    // It trusts the offsets of an old workbook: where they lead out of the file it panics.
    let opened = catch_unwind(|| Xls::new(Cursor::new(bytes)));
    let damaged = || Problem::Corrupt { detail: "a record leads out of the file".to_owned() };
    let mut book: Xls<_> = opened.map_err(|_| damaged())?.map_err(xls_problem)?;
    let mut out = Output::new(limits);
    for sheet in book.sheets_metadata().to_vec() {
        let Ok(range) = book.worksheet_range(&sheet.name) else { continue };
        if !out.part() {
            break;
        }
        let before = if sheet.visible == SheetVisible::Visible { "" } else { HIDDEN };
        let (top, left) = range.start().unwrap_or_default();
        let mut grid = Grid::new(sheet.name, &out);
        for (row, column, value) in range.used_cells() {
            let row = top.saturating_add(u32::try_from(row).unwrap_or(u32::MAX)).saturating_add(1);
            let column = left.saturating_add(u32::try_from(column).unwrap_or(u32::MAX));
            if !grid.cell(row, column, &owned(value)) {
                break;
            }
        }
        if !grid.write(&mut out, before) {
            break;
        }
    }
    out.finish(Kind::Xls, None)
}

fn owned(value: &Data) -> String {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number::formatted(*number, ""),
        Data::Bool(truth) => number::truth(*truth).to_owned(),
        Data::DateTime(date) => number::date(date),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

/// Every part but pictures is unpacked once within the bounds, whatever the archive claims of it; a claimed count of
/// strings has to fit into the file that claims it.
fn check_parts(bytes: &[u8], limits: &Limits) -> Result<(), Problem> {
    let mut archive = Archive::open(bytes, limits)?;
    for at in 0..archive.names().len() {
        let Some(name) = archive.names().get(at).filter(|name| is_xml(name)).cloned() else { continue };
        let part = archive.read_at(at)?;
        if name.to_ascii_lowercase().ends_with("sharedstrings.xml") && claimed(&part) > part.len() as u64 {
            return Err(Problem::Hostile { detail: "claims more strings than it has bytes".to_owned() });
        }
    }
    Ok(())
}

fn is_xml(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xml", ".rels", ".bin"].iter().any(|end| name.ends_with(end))
}

/// The highest number that any `uniqueCount` claims.
fn claimed(part: &[u8]) -> u64 {
    let claims = memchr::memmem::find_iter(part, b"uniqueCount").filter_map(|at| {
        let quoted =
            part.get(at..)?.get(..64.min(part.len() - at))?.split(|byte| matches!(byte, b'"' | b'\'')).nth(1)?;
        let digits = quoted.iter().all(u8::is_ascii_digit) && !quoted.is_empty();
        // More digits than a number has is more strings than a file has.
        digits.then(|| std::str::from_utf8(quoted).ok().and_then(|quoted| quoted.parse().ok()).unwrap_or(u64::MAX))
    });
    claims.max().unwrap_or(0)
}

fn xlsx_problem(error: XlsxError) -> Problem {
    match error {
        XlsxError::Password => Problem::Encrypted,
        other => Problem::Corrupt { detail: other.to_string() },
    }
}

fn xls_problem(error: XlsError) -> Problem {
    match error {
        XlsError::Password => Problem::Encrypted,
        other => Problem::Corrupt { detail: other.to_string() },
    }
}
