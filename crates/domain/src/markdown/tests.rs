#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use proptest::prelude::*;

/// The text with its marks as tags.
fn tagged(markdown: &str) -> String {
    show(&render(markdown))
}

fn show(rich: &Rich) -> String {
    let units: Vec<u16> = rich.text.encode_utf16().collect();
    let mut out = String::new();
    for at in 0..=units.len() {
        for mark in rich.marks.iter().rev().filter(|mark| mark.end() == at) {
            out.push_str(&format!("</{}>", name(&mark.style)));
        }
        for mark in rich.marks.iter().filter(|mark| mark.offset == at) {
            out.push_str(&format!("<{}>", name(&mark.style)));
        }
        if let Some(unit) = units.get(at).filter(|unit| !(0xd800..0xe000).contains(*unit)) {
            out.push_str(&String::from_utf16_lossy(&[*unit]));
        }
    }
    out
}

fn name(style: &Style) -> String {
    match style {
        Style::Pre { language } => format!("pre {}", language.as_deref().unwrap_or("")).trim().to_owned(),
        Style::Link { url } => format!("a {url}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn inline_marks() {
    assert_eq!(
        tagged("**bold** and *it* and ~~no~~ and `x<y`"),
        "<bold>bold</bold> and <italic>it</italic> and <strike>no</strike> and <code>x<y</code>"
    );
    assert_eq!(tagged("a ||secret|| b || c"), "a <spoiler>secret</spoiler> b || c");
    assert_eq!(tagged("[here](https://x.y) [bad](javascript:x)"), "<a https://x.y>here</a https://x.y> bad");
    assert_eq!(tagged("**[b](https://x.y)**"), "<bold><a https://x.y>b</a https://x.y></bold>");
    assert_eq!(tagged("x<br>y <u>u</u> <font>"), "x\ny <underline>u</underline> <font>");
}

#[test]
fn blocks() {
    assert_eq!(tagged("# Title\n\ntext"), "<bold>Title</bold>\n\ntext");
    assert_eq!(tagged("```rust\nfn main() {}\n```\nafter"), "<pre rust>fn main() {}</pre rust>\n\nafter");
    assert_eq!(tagged("```py\nopen"), "<pre py>open</pre py>");
    assert_eq!(tagged("> quoted\n> > deeper\n\nnot"), "<quote>quoted\n\ndeeper</quote>\n\nnot");
    assert_eq!(tagged("a\n\n---\n\nb"), "a\n\n———\n\nb");
}

#[test]
fn lists() {
    assert_eq!(tagged("- a\n  - b\n    1. c\n- [x] d"), "• a\n  ◦ b\n    1. c\n• ☑ d");
    assert_eq!(tagged("3. x\n4. y\n\nend"), "3. x\n4. y\n\nend");
    assert_eq!(tagged("- one\n\n- two"), "• one\n• two");
}

#[test]
fn tables() {
    assert_eq!(tagged("| a | bb |\n|---|---|\n| ccc | д |"), "<pre>a   │ bb\n────┼───\nccc │ д</pre>");
    let wide = format!("| name | about |\n|---|---|\n| x | {} |", "long ".repeat(20));
    assert!(tagged(&wide).starts_with("• name: x\n  about: long long"));
}

#[test]
fn a_code_block_that_fits_is_not_cut() {
    let markdown = format!("{}\n\n```rust\nlet a = 1;\nlet b = 2;\n```\n\nend", "word ".repeat(15));
    let parts = split(&render(&markdown), 90);
    assert_eq!(parts.len(), 2);
    assert!(show(&parts[1]).starts_with("<pre rust>let a = 1;\nlet b = 2;</pre rust>"), "{parts:?}");
}

#[test]
fn a_code_block_that_does_not_fit_is_cut_at_line_ends_and_reopened() {
    let code: String = (0..20).map(|n| format!("line number {n};\n")).collect();
    let parts = split(&render(&format!("```c\n{code}```")), 100);
    assert!(parts.len() > 2);
    for part in &parts {
        assert_eq!(part.marks.len(), 1, "{part:?}");
        assert!(part.text.starts_with("line number") && part.text.ends_with(';'));
        assert_eq!(part.marks[0].style, Style::Pre { language: Some("c".into()) });
    }
}

#[test]
fn markdown_itself_is_cut_with_its_fences_closed() {
    let code: String = (0..40).map(|n| format!("line {n}\n")).collect();
    let parts = split_markdown(&format!("text\n```c\n{code}```\nend"), 120);
    for part in &parts {
        assert!(part.chars().count() <= 120);
        assert_eq!(part.matches("```").count() % 2, 0, "{part}");
    }
}

#[test]
fn hostile_markdown_is_rendered_in_time_and_stack() {
    for hostile in
        ["> ".repeat(50_000), "[".repeat(50_000), "- ".repeat(20_000), "*".repeat(100_000), "||".repeat(100_000)]
    {
        let rich = render(&hostile);
        split(&rich, 4096);
    }
}

fn valid(rich: &Rich) -> Result<(), TestCaseError> {
    let units: Vec<u16> = rich.text.encode_utf16().collect();
    for mark in &rich.marks {
        prop_assert!(mark.length > 0 && mark.end() <= units.len(), "{mark:?}");
        for edge in [mark.offset, mark.end()] {
            prop_assert!(!units.get(edge).is_some_and(|unit| (0xdc00..0xe000).contains(unit)), "splits a pair");
        }
    }
    for (at, a) in rich.marks.iter().enumerate() {
        for b in &rich.marks[at + 1..] {
            prop_assert!(b.offset >= a.end() || b.end() <= a.end(), "{a:?} crosses {b:?}");
            prop_assert!(!(a.style.eq(&Style::Code) && b.offset < a.end()), "inside code");
        }
    }
    Ok(())
}

const PIECES: &[&str] = &[
    "word ",
    "слово ",
    "👨‍👩‍👧",
    "🙂",
    "**",
    "*",
    "_",
    "`",
    "```\n",
    "```rust\n",
    "\n",
    "\n\n",
    "> ",
    "- ",
    "1. ",
    "# ",
    "|",
    "||",
    "~~",
    "[a](https://b.c)",
    "<u>",
    "</u>",
    "<br>",
    "$x$",
    "| a | b |\n|---|---|\n| c | d |\n",
    "e\u{301}",
    "\u{202e}",
    "  ",
    "\\",
    "a.b! ",
];

proptest! {
    #[test]
    fn marks_are_always_valid_and_parts_hold_the_whole_text(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..120), limit in 16_usize..200,
    ) {
        let rich = render(&pieces.concat());
        valid(&rich)?;
        let parts = split(&rich, limit);
        let mut rest = rich.text.as_str();
        for part in &parts {
            valid(part)?;
            prop_assert!(utf16_len(&part.text) <= limit);
            prop_assert!(!part.text.trim().is_empty());
            let at = rest.find(part.text.as_str());
            prop_assert!(at.is_some(), "{:?} is not in {:?}", part.text, rest);
            prop_assert!(rest[..at.unwrap()].trim().is_empty());
            rest = &rest[at.unwrap() + part.text.len()..];
        }
        prop_assert!(rest.trim().is_empty());
    }

    #[test]
    fn no_letter_is_lost(words in proptest::collection::vec("[a-zа-я]{1,8}", 1..40), style in 0_usize..6) {
        let text = words.join(" ");
        let markdown = match style {
            0 => text.clone(),
            1 => format!("**{text}**"),
            2 => words.iter().map(|w| format!("- {w}\n")).collect(),
            3 => format!("```\n{text}\n```"),
            4 => format!("> {text}"),
            _ => words.iter().map(|w| format!("# {w}\n\n")).collect(),
        };
        let plain = plain(&markdown);
        let shown: Vec<&str> = plain.split_whitespace().filter(|w| *w != "•").collect();
        prop_assert_eq!(shown, words);
    }

    #[test]
    fn escaped_text_means_itself(text in "[a-z*_`\\[\\]<>#|~!$ -]{1,40}") {
        let line = format!("x {text} x");
        let plain = plain(&escape(&line));
        prop_assert_eq!(plain.split_whitespace().collect::<Vec<_>>(), line.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn anything_at_all_is_rendered(text in "\\PC{0,300}", limit in 1_usize..100) {
        let rich = render(&text);
        valid(&rich)?;
        for part in split(&rich, limit) {
            valid(&part)?;
        }
    }
}
