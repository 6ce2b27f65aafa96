//! What models cost. No price is in the code: `config/prices.toml` is data, for the owner to edit.

use super::lines::{self, Why};
use super::problem::{Fault, Origin, Wrong};
use domain::chat::Tokens;
use serde::Deserialize;
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("../../../../config/prices.toml");

/// Prices by model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// Patterns, the longest first: the most exact one counts.
    patterns: Vec<(String, Price)>,
}

/// US dollars per million tokens, which is millionths of a dollar per token.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    prompt: f64,
    completion: f64,
}

impl Price {
    fn is_sound(&self) -> bool {
        [self.prompt, self.completion].iter().all(|price| (0.0..=1e6).contains(price))
    }
}

impl Prices {
    /// Millionths of a US dollar that the tokens cost, rounded up, by `provider/model`; none where the
    /// price is not known.
    pub fn cost_micro_usd(&self, model: &str, tokens: &Tokens) -> Option<u64> {
        let (_, price) = self.patterns.iter().find(|(pattern, _)| covers(pattern, model))?;
        let cost = tokens.prompt as f64 * price.prompt + tokens.completion as f64 * price.completion;
        // A float of binary fractions: what is whole must not be rounded up for its last bit.
        Some((cost - 1e-6).ceil().max(0.0) as u64)
    }

    pub(super) fn built_in(faults: &mut Vec<Fault>) -> Self {
        Self::read(BUILT_IN.as_bytes(), &Origin::Default, faults)
    }

    pub(super) fn read(bytes: &[u8], origin: &Origin, faults: &mut Vec<Fault>) -> Self {
        let mut fault = |line: Option<usize>, wrong: Wrong| {
            let origin = match origin {
                Origin::File(path, _) => Origin::File(path.clone(), line),
                other => other.clone(),
            };
            faults.push(wrong.at(&origin));
        };
        let Ok(text) = std::str::from_utf8(bytes) else {
            fault(None, Wrong::Syntax(Why::Key("settings-not-utf8")));
            return Self::default();
        };
        let lines = match lines::of_toml(text) {
            Ok(lines) => lines,
            Err(malformed) => {
                fault(malformed.line, Wrong::Syntax(malformed.why));
                return Self::default();
            }
        };
        let mut patterns = Vec::new();
        for (pattern, value) in toml::from_str::<BTreeMap<String, toml::Value>>(text).unwrap_or_default() {
            match value.try_into::<Price>() {
                Ok(price) if price.is_sound() => patterns.push((pattern, price)),
                _ => fault(lines.get(&pattern).copied(), Wrong::Price(pattern)),
            }
        }
        patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        Self { patterns }
    }
}

/// Whether a pattern names the model: in full, or up to a `*` at its end.
fn covers(pattern: &str, model: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => model.starts_with(start),
        None => pattern == model,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tokens(prompt: u64, completion: u64) -> Tokens {
        Tokens { prompt, completion, estimated: false }
    }

    fn read(text: &str) -> (Prices, usize) {
        let mut faults = Vec::new();
        let prices = Prices::read(text.as_bytes(), &Origin::Default, &mut faults);
        (prices, faults.len())
    }

    #[test]
    fn the_most_exact_pattern_counts_and_cost_is_rounded_up() {
        let text = "\"p/*\" = { prompt = 1, completion = 2 }\n\"p/big*\" = { prompt = 0.15, completion = 0.6 }\n";
        let (prices, faults) = read(text);
        assert_eq!(faults, 0);
        assert_eq!(prices.cost_micro_usd("p/small", &tokens(10, 5)), Some(20));
        assert_eq!(prices.cost_micro_usd("p/big-1", &tokens(1_000_000, 1_000_000)), Some(750_000));
        assert_eq!(prices.cost_micro_usd("p/big-1", &tokens(1, 0)), Some(1));
        assert_eq!(prices.cost_micro_usd("p/big-1", &tokens(0, 0)), Some(0));
        assert_eq!(prices.cost_micro_usd("q/big", &tokens(1, 1)), None);
    }

    #[test]
    fn a_wrong_price_is_refused() {
        for text in ["\"a\" = 1", "\"a\" = { prompt = -1, completion = 1 }", "\"a\" = { prompt = 1 }", "a = [", "a"] {
            assert_eq!(read(text).1, 1, "{text}");
        }
    }

    #[test]
    fn the_built_in_prices_are_sound() {
        let mut faults = Vec::new();
        let prices = Prices::built_in(&mut faults);
        assert_eq!(faults, vec![]);
        assert_eq!(prices.cost_micro_usd("embedded", &tokens(100, 100)), Some(0));
    }
}
