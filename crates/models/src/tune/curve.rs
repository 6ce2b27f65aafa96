//! A job's table of losses. Providers give it as comma-separated values, some of them in base64.

use super::Metrics;
use base64::Engine as _;

/// Most lines that are read.
const LONGEST: usize = 100_000;

/// The figures of a result file, step by step; lines without a step are left out.
pub fn curve(file: &[u8]) -> Vec<Metrics> {
    let packed: Vec<u8> = file.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    // A table has commas, which base64 has not.
    let unpacked = base64::engine::general_purpose::STANDARD.decode(packed).ok();
    let table = String::from_utf8_lossy(unpacked.as_deref().unwrap_or(file)).into_owned();
    let mut lines = table.trim_start_matches('\u{feff}').lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    lines.take(LONGEST).filter_map(|line| point(&names, line)).collect()
}

fn point(names: &[&str], line: &str) -> Option<Metrics> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let number = |wanted: &[&str]| {
        let at = wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted))?;
        cells.get(at)?.parse::<f64>().ok().filter(|number| number.is_finite())
    };
    Some(Metrics {
        step: number(&["step"]).filter(|step| *step >= 0.0)? as u64,
        train_loss: number(&["train_loss", "training_loss"]),
        train_accuracy: number(&["train_accuracy", "train_mean_token_accuracy", "training_token_accuracy"]),
        valid_loss: number(&["valid_loss", "validation_loss"]),
        valid_accuracy: number(&["valid_mean_token_accuracy", "valid_accuracy", "validation_token_accuracy"]),
        total_steps: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_plain_and_packed_and_gaps_are_none() {
        let table = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,2.5,0.4,,\n2,1.5,0.6,1.75,0.5\nx,1\n";
        let packed = base64::engine::general_purpose::STANDARD.encode(table);
        let read = curve(table.as_bytes());
        assert_eq!(curve(packed.as_bytes()), read);
        let losses: Vec<_> = read.iter().map(|point| (point.step, point.train_loss, point.valid_loss)).collect();
        assert_eq!(losses, [(1, Some(2.5), None), (2, Some(1.5), Some(1.75))]);
        assert_eq!(curve(b""), []);
        assert_eq!(curve(&[0xff, 0x00, 0x2c]), []);
    }
}
