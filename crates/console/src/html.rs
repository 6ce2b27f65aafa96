//! Markdown to HTML that can do no harm: no raw HTML, no scripts, only safe addresses.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// Renders Markdown.
pub fn to_html(markdown: &str) -> Markup {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, Parser::new_ext(markdown, options).map(harmless));
    PreEscaped(out)
}

fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        // Pictures from elsewhere would tell others who reads this.
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Link),
        other => other,
    }
}

fn safe(url: CowStr<'_>) -> CowStr<'_> {
    let lower = url.to_ascii_lowercase();
    let known = ["http://", "https://", "mailto:", "tel:", "tg://"].iter().any(|scheme| lower.starts_with(scheme));
    if known { url } else { "#".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_a_script() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=y> b",
            "[x](javascript:alert(1))",
            "![x](data:text/html,x)",
            "<svg/onload=1>",
        ] {
            let html = to_html(text).into_string();
            assert!(
                !html.contains("<script")
                    && !html.contains("<img")
                    && !html.contains("<svg")
                    && !html.contains("href=\"javascript")
                    && !html.contains("href=\"data"),
                "{html}"
            );
        }
        assert!(to_html("**b** `c`").into_string().contains("<strong>b</strong> <code>c</code>"));
    }
}
