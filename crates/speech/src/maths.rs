//! Short formulas as signs that a voice has words for.

/// The longest formula that is said, in characters.
const LONGEST: usize = 60;

/// A formula in TeX as signs and letters, `None` for what is too long or too deep to be said.
pub(crate) fn plain(tex: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = tex.trim();
    if rest.chars().count() > LONGEST {
        return None;
    }
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..)?;
        rest = match c {
            '\\' => command(after, &mut plain)?,
            '^' => power(after, &mut plain)?,
            '_' => {
                plain.push(' ');
                after
            }
            '{' | '}' | '$' | '&' => after,
            '+' | '=' | '<' | '>' | '/' => {
                plain.extend([' ', c, ' ']);
                after
            }
            '-' => {
                plain.push_str(" − ");
                after
            }
            _ => {
                plain.push(c);
                after
            }
        };
    }
    Some(plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What follows a backslash; gives what is left.
fn command<'a>(tex: &'a str, plain: &mut String) -> Option<&'a str> {
    let end = tex.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tex.len());
    let (name, rest) = tex.split_at(end);
    match name {
        "" => {
            let sign = tex.chars().next()?;
            if matches!(sign, '%' | '$' | '#' | '&') {
                plain.push(sign);
            } else {
                plain.push(' ');
            }
            return tex.get(sign.len_utf8()..);
        }
        "frac" | "dfrac" | "tfrac" => {
            let (above, rest) = group(rest)?;
            let (below, rest) = group(rest)?;
            plain.push_str(&format!(" {} / {} ", self::plain(above)?, self::plain(below)?));
            return Some(rest);
        }
        "sqrt" => {
            let (inner, rest) = group(rest)?;
            plain.push_str(&format!(" √ {} ", self::plain(inner)?));
            return Some(rest);
        }
        "text" | "mathrm" | "mathbf" | "operatorname" => {
            let (inner, rest) = group(rest)?;
            plain.push_str(&format!(" {inner} "));
            return Some(rest);
        }
        _ => {}
    }
    let (_, sign) = SIGNS.iter().find(|(known, _)| *known == name)?;
    plain.push_str(sign);
    Some(rest)
}

fn power<'a>(tex: &'a str, plain: &mut String) -> Option<&'a str> {
    let (exponent, rest) = match group(tex) {
        Some(found) => found,
        None => tex.split_at(tex.chars().next()?.len_utf8()),
    };
    match exponent {
        "2" => plain.push('²'),
        "3" => plain.push('³'),
        "\\circ" => plain.push('°'),
        _ => plain.push_str(&format!(" ^ {}", self::plain(exponent)?)),
    }
    Some(rest)
}

/// What stands in braces at the beginning, and the rest.
fn group(tex: &str) -> Option<(&str, &str)> {
    let inner = tex.strip_prefix('{')?;
    let mut depth = 1_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

const SIGNS: [(&str, &str); 36] = [
    ("times", " × "),
    ("cdot", " × "),
    ("div", " ÷ "),
    ("pm", " ± "),
    ("leq", " ≤ "),
    ("le", " ≤ "),
    ("geq", " ≥ "),
    ("ge", " ≥ "),
    ("neq", " ≠ "),
    ("ne", " ≠ "),
    ("approx", " ≈ "),
    ("infty", " ∞ "),
    ("to", " → "),
    ("rightarrow", " → "),
    ("left", ""),
    ("right", ""),
    ("quad", " "),
    ("ldots", " "),
    ("alpha", " α "),
    ("beta", " β "),
    ("gamma", " γ "),
    ("delta", " δ "),
    ("Delta", " Δ "),
    ("varepsilon", " ε "),
    ("epsilon", " ε "),
    ("theta", " θ "),
    ("lambda", " λ "),
    ("mu", " μ "),
    ("pi", " π "),
    ("rho", " ρ "),
    ("sigma", " σ "),
    ("tau", " τ "),
    ("phi", " φ "),
    ("omega", " ω "),
    ("Omega", " Ω "),
    ("circ", "°"),
];
