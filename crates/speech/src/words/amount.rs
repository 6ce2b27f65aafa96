//! Numbers as they are written: grouped thousands, decimal commas and points.

use super::tokens::Token;

/// A number without its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    /// The whole part. What is too large to count with is no amount.
    pub(crate) whole: u64,
    /// The digits of the whole part, without separators.
    pub(crate) digits: String,
    /// The digits behind the decimal sign.
    pub(crate) fraction: Option<String>,
}

impl Amount {
    pub(crate) fn is_whole(&self) -> bool {
        self.fraction.is_none()
    }

    pub(crate) fn is_one(&self) -> bool {
        self.is_whole() && self.whole == 1
    }

    /// With a decimal point, as English has it.
    pub(crate) fn with_point(&self) -> String {
        match &self.fraction {
            Some(fraction) => format!("{}.{fraction}", self.digits),
            None => self.digits.clone(),
        }
    }
}

/// How a language writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `1,234.5`
    English,
    /// `1 234,5`, and `3.5` as well.
    Russian,
}

/// Reads a number at the beginning, and how many tokens it is. Digits in a chain of several points or commas
/// (versions, addresses, lists) are none.
pub(crate) fn amount(tokens: &[Token<'_>], style: Style) -> Option<(Amount, usize)> {
    let (Token::Digits(first), _) = tokens.split_first()? else { return None };
    let mut digits = (*first).to_owned();
    let mut used = 1;
    if first.len() <= 3 && !first.starts_with('0') {
        let (groups, taken) = groups(tokens.get(1..)?, style);
        digits.extend(groups);
        used += taken;
    }
    let fraction = fraction(tokens.get(used..)?, style);
    if fraction.is_some() {
        used += 2;
    }
    // `1.2.3`, `1,2,3`: no number but a chain.
    if let Some([Token::Sign('.' | ',', _), Token::Digits(_), ..]) = tokens.get(used..) {
        return None;
    }
    let whole = digits.parse().ok()?;
    Some((Amount { whole, digits, fraction }, used))
}

/// Groups of three digits: ` 000 000`, `,000`.
fn groups<'a>(tokens: &[Token<'a>], style: Style) -> (Vec<&'a str>, usize) {
    let mut groups = Vec::new();
    let mut used = 0;
    let mut separator = None;
    // No number that can be counted with has more.
    while groups.len() < 7
        && let Some([between, Token::Digits(group), ..]) = tokens.get(used..)
    {
        let fits = separator.is_none_or(|separator| separator == between.text());
        if group.len() != 3 || !fits || !separates(*between, group, style) {
            break;
        }
        separator = Some(between.text());
        groups.push(*group);
        used += 2;
    }
    // In Russian one comma is the decimal sign.
    let is_decimal = style == Style::Russian && separator == Some(",") && groups.len() == 1;
    if is_decimal { (Vec::new(), 0) } else { (groups, used) }
}

fn separates(between: Token<'_>, group: &str, style: Style) -> bool {
    match (between, style) {
        (Token::Space("\u{a0}" | "\u{202f}" | "\u{2009}"), _) => true,
        (Token::Space(" "), Style::Russian) => true,
        // `in 10 200 people` is no number in English, `10 000` is.
        (Token::Space(" "), Style::English) => group == "000",
        (Token::Sign(',', _), _) => true,
        _ => false,
    }
}

fn fraction(tokens: &[Token<'_>], style: Style) -> Option<String> {
    match (tokens, style) {
        ([Token::Sign('.', _), Token::Digits(fraction), ..], _)
        | ([Token::Sign(',', _), Token::Digits(fraction), ..], Style::Russian) => Some((*fraction).to_owned()),
        _ => None,
    }
}
