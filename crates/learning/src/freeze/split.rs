//! Which side of the split what is on.
//!
//! Near-duplicate questions and the examples of one conversation are connected, and what is connected stays
//! together. The hash of the seed and of the oldest example decides for all of it, so examples that come later
//! move nothing, with one exception: what connects two groups makes them one, and the younger follows the older.

use super::entry::Entry;
use super::{FreezeRules, Split};
use crate::near::Union;
use domain::example::Origin;
use domain::ids::ExampleId;
use std::collections::HashMap;

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) split: Split,
    /// Place of the oldest example that it is connected with.
    pub(super) component: u32,
}

/// A number from seed and id that looks random.
pub(super) fn hash(seed: u64, id: &ExampleId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(id.as_str().as_bytes());
    hasher.finalize().as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

/// The side of every entry. Entries come oldest first, so the least of a set is its oldest.
pub(super) fn sides(entries: &[Entry], clusters: &[u32], rules: &FreezeRules<'_>) -> Vec<Side> {
    let mut union = Union::new(entries.len());
    let mut firsts = HashMap::new();
    let mut conversations = HashMap::new();
    for ((at, entry), cluster) in (0..).zip(entries).zip(clusters) {
        union.join(at, *firsts.entry(*cluster).or_insert(at));
        let handed_in = matches!(entry.example.origin, Origin::Import { .. } | Origin::Proposal { .. });
        let conversation = &entry.example.conversation;
        if rules.whole_conversations && !handed_in && !conversation.as_str().is_empty() {
            union.join(at, *conversations.entry(conversation).or_insert(at));
        }
    }
    let side = |at| {
        let component = union.find(at);
        let oldest = entries.get(component as usize);
        let split = oldest.map_or(Split::Train, |entry| chosen(rules, &entry.example.id));
        Side { split, component }
    };
    (0..).take(entries.len()).map(side).collect()
}

/// Held out is what the hash puts among the first, as many in a thousand million as the share says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10^9")]
fn chosen(rules: &FreezeRules<'_>, id: &ExampleId) -> Split {
    const PARTS: u64 = 1_000_000_000;
    let held_out = (f64::from(rules.held_out.clamp(0.0, 1.0)) * 1e9) as u64;
    if hash(rules.seed, id) % PARTS < held_out { Split::HeldOut } else { Split::Train }
}
