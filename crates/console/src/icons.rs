//! The page's icons: drawn inline, in the colour of the text around them, invisible to screen readers
//! (what holds an icon has a name of its own).

use maud::{Markup, html};

/// An icon, by what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    New,
    Learn,
    Work,
    Back,
    Attach,
    Send,
    Stop,
    Up,
    Down,
    Correct,
    Again,
    Copy,
    File,
    Done,
    Mic,
    Play,
    Pause,
    Aloud,
    Paper,
    Close,
}

/// Draws an icon.
pub(crate) fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false" { path d=(path(icon)) {} }
    }
}

const fn path(icon: Icon) -> &'static str {
    match icon {
        Icon::New => "M12 5v14M5 12h14",
        Icon::Learn => "M12 5L2.5 9.5L12 14l9.5-4.5zM6.5 11.8v4.7c2.5 2.6 8.5 2.6 11 0v-4.700M21.5 9.5v5.5",
        Icon::Work => "M4 6h2M10 6h10M4 12h2M10 12h10M4 18h2M10 18h10",
        Icon::Back => "M19 12H5M11 6l-6 6 6 6",
        Icon::Attach => {
            "M20 11.5l-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4L13 3.8a3.5 3.5 0 0 1 4.9 4.9l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5l7.6-7.5"
        }
        Icon::Send => "M12 19V5M6 11l6-6 6 6",
        Icon::Stop => "M7 7h10v10H7z",
        Icon::Up => {
            "M4 10h3.5v10H4zM7.5 10l4-7c1.6 0 2.5 1.1 2.5 2.6V9h5.2a1.8 1.8 0 0 1 1.78 2.07l-1.1 7.2A2 2 0 0 1 17.9 20H7.5"
        }
        Icon::Down => {
            "M4 14h3.5V4H4zM7.5 14l4 7c1.6 0 2.5-1.1 2.5-2.6V15h5.2a1.8 1.8 0 0 0 1.78-2.07l-1.1-7.2A2 2 0 0 0 17.9 4H7.5"
        }
        Icon::Correct => "M4 20l1.2-4.6L16.2 4.4a1.9 1.9 0 0 1 2.7 0l.7.7a1.9 1.9 0 0 1 0 2.7L8.6 18.8zM14 6.6l3.4 3.4",
        Icon::Again => "M20 5v5h-5M19.5 10A8 8 0 1 0 20 14",
        Icon::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
        Icon::Done => "M5 12.5l4.5 4.5L19 7.5",
        Icon::Mic => {
            "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21"
        }
        Icon::Play => "M8 5.500v13l10.500-6.500z",
        Icon::Pause => "M8 5.500v13M16 5.500v13",
        Icon::Aloud => {
            "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.700 7.700 0 0 1 0 11"
        }
        Icon::Paper => "M14 3H6.500v18h11V6.500zM14 3v3.500h3.500M9.500 11.500h5M9.500 15h5",
        Icon::Close => "M6.500 6.500l11 11M17.500 6.500l-11 11",
        Icon::File => "M12 4v11M7 10.5l5 5 5-5M5 20h14",
    }
}
