//! What a person typed, read as names to walk from the root. Pure: nothing is looked up.

use crate::denied::{Denied, Way};
use crate::walk::MAX_DEPTH;
use std::path::{Path, PathBuf};

/// The longest name, in bytes, that file systems take.
const MAX_NAME: usize = 255;

/// Names from the root down: none is empty, `.`, `..`, hidden, or has a separator. None at all is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Reads `typed`. Spaces around it are dropped; nothing in it is decoded, so that `%2e%2e` is an ordinary name.
    /// An absolute path counts where it lies inside one of `roots` (the same directory, as given and as resolved).
    pub(crate) fn parse(typed: &str, roots: &[PathBuf]) -> Result<Self, Denied> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Denied::Empty);
        }
        if let Some(way) = way_out(typed) {
            return Err(Denied::Outside(way));
        }
        if typed.contains('\\') {
            return Err(Denied::Backslash);
        }
        Self::relative(inside(typed, roots)?)
    }

    fn relative(path: &str) -> Result<Self, Denied> {
        let mut names = Vec::new();
        for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
            if name.starts_with('.') {
                return Err(Denied::Hidden { name: name.to_owned() });
            }
            if name.len() > MAX_NAME {
                return Err(Denied::TooLong);
            }
            names.push(name.to_owned());
        }
        // The last name may be a file below the deepest directory.
        if names.len() > MAX_DEPTH + 1 { Err(Denied::TooLong) } else { Ok(Self(names)) }
    }

    /// The names, from the root down.
    pub(crate) fn all(&self) -> &[String] {
        &self.0
    }

    /// The last name and those before it; nothing for the root itself.
    pub(crate) fn split_last(&self) -> Option<(&str, &[String])> {
        self.0.split_last().map(|(last, before)| (last.as_str(), before))
    }
}

fn way_out(typed: &str) -> Option<Way> {
    let drive = matches!(typed.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if typed.contains('\0') {
        Some(Way::Nul)
    } else if typed.starts_with("\\\\") {
        Some(Way::Share)
    } else if drive {
        Some(Way::Drive)
    } else if typed.starts_with('~') {
        Some(Way::Home)
    } else if typed.split(['/', '\\']).any(|name| name == "..") {
        Some(Way::Parent)
    } else {
        None
    }
}

/// The part of `typed` below the root; all of it where it is relative.
fn inside<'a>(typed: &'a str, roots: &[PathBuf]) -> Result<&'a str, Denied> {
    if !typed.starts_with('/') {
        return Ok(typed);
    }
    let below = roots.iter().find_map(|root| Path::new(typed).strip_prefix(root).ok());
    below.and_then(Path::to_str).ok_or(Denied::Outside(Way::Absolute))
}

/// `name` below `path`, which is empty for the root.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
