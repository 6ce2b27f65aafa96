//! Releases: what training made, put to answer. One row says which of them answers whom; changing it is the only
//! thing that promotes, rolls back or starts a canary.

use crate::ids::{ConversationId, Millis, PersonId, RunId};
use crate::object::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a release answers with, beyond what the settings say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum Artifact {
    /// The embedded model with what it was trained on: the hash of the snapshot's blob.
    Embedded {
        /// BLAKE3 of the snapshot.
        snapshot: String,
    },
    /// A model that a provider trained.
    Tuned {
        /// `provider/model`.
        model: String,
    },
}

/// Where a release stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It was made and answers nobody.
    #[default]
    Candidate,
    /// It answers beside the one in use, and nobody sees it.
    Shadow,
    /// It answers a share of the conversations.
    Canary,
    /// It answers everybody.
    Live,
    /// Another one took its place.
    Retired,
    /// It did harm, or its owner took it back.
    RolledBack,
    /// It learnt from somebody who asked to be forgotten.
    Tainted,
}

impl Stage {
    /// The name in the database, in texts and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Shadow => "shadow",
            Self::Canary => "canary",
            Self::Live => "live",
            Self::Retired => "retired",
            Self::RolledBack => "rolled_back",
            Self::Tainted => "tainted",
        }
    }
}

/// A change of a release's stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When.
    pub at: Millis,
    /// Who; empty when the rule did it by itself.
    pub by: PersonId,
    /// To which stage.
    pub to: Stage,
    /// Why, as a short code: `asked`, `gate`, `harm`, `forgotten` …
    pub why: String,
}

/// What training made, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Its number, from 1; people call it `r1`.
    pub number: u32,
    /// What it answers with.
    pub artifact: Artifact,
    /// Where it stands.
    pub stage: Stage,
    /// The version of the dataset that it learnt from.
    pub dataset: u32,
    /// The run that made it.
    pub run: RunId,
    /// When it was made.
    pub at: Millis,
    /// What the gate said last, as it is reported; null before it was asked.
    #[serde(default)]
    pub verdict: Value,
    /// What happened to it, oldest first.
    #[serde(default)]
    pub moves: Vec<Move>,
}

impl Release {
    /// The name people use: `r3`.
    pub fn name(&self) -> String {
        name_of(self.number)
    }
    /// Notes a change of its stage.
    pub fn moved(&mut self, to: Stage, by: &PersonId, why: &str, at: Millis) {
        self.stage = to;
        self.moves.push(Move { at, by: by.clone(), to, why: why.to_owned() });
    }
}

/// The name of a release by its number; 0 is `base`: what the settings say, with nothing trained.
pub fn name_of(number: u32) -> String {
    match number {
        0 => "base".to_owned(),
        number => format!("r{number}"),
    }
}

/// The number in such a name, with or without its letter.
pub fn number_of(name: &str) -> Option<u32> {
    let name = name.trim().to_lowercase();
    match name.as_str() {
        "base" => Some(0),
        name => name.strip_prefix('r').unwrap_or(name).parse().ok(),
    }
}

impl Object for Release {
    const KIND: &'static str = "release";
    fn id(&self) -> String {
        format!("{:08}", self.number)
    }
    fn state(&self) -> &'static str {
        self.stage.name()
    }
    fn person(&self) -> &'static str {
        ""
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// A release that answers a share of the conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// Which.
    pub release: u32,
    /// How many of a hundred conversations.
    pub share: u32,
    /// Since when.
    pub since: Millis,
}

/// Which release answers whom. The whole of it is one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// Counts the changes.
    pub revision: u64,
    /// Who answers everybody else; 0 is the base.
    pub live: u32,
    /// Who did before, latest last.
    pub before: Vec<u32>,
    /// Who answers a share.
    pub canary: Option<Canary>,
    /// Who answers beside, unseen.
    pub shadow: Option<u32>,
}

/// Most earlier releases that are remembered.
const BEFORE: usize = 20;

impl Routing {
    /// Who answers in a conversation: always the same one, as long as nothing changes.
    pub fn of(&self, conversation: &ConversationId) -> u32 {
        match &self.canary {
            Some(canary) if part(conversation, canary.release) < canary.share => canary.release,
            _ => self.live,
        }
    }
    /// Lets a release answer everybody.
    pub fn promote(&mut self, release: u32) {
        if release != self.live {
            self.before.push(self.live);
            let surplus = self.before.len().saturating_sub(BEFORE);
            self.before.drain(..surplus);
        }
        self.live = release;
        self.canary = self.canary.take().filter(|canary| canary.release != release);
        self.shadow = self.shadow.take().filter(|shadow| *shadow != release);
        self.revision += 1;
    }
    /// Lets a release answer a share of the conversations.
    pub fn try_out(&mut self, release: u32, share: u32, since: Millis) {
        self.canary = Some(Canary { release, share: share.clamp(1, 100), since });
        self.shadow = self.shadow.take().filter(|shadow| *shadow != release);
        self.revision += 1;
    }
    /// Takes back the canary, else the release in use; who was taken back, and who answers now.
    pub fn roll_back(&mut self) -> Option<(u32, u32)> {
        self.revision += 1;
        if let Some(canary) = self.canary.take() {
            return Some((canary.release, self.live));
        }
        let previous = match self.before.pop() {
            Some(previous) => previous,
            None if self.live != 0 => 0,
            None => return None,
        };
        let back = std::mem::replace(&mut self.live, previous);
        Some((back, previous))
    }
    /// Lets a release answer nobody, wherever it did; whether that changed anything.
    pub fn withdraw(&mut self, release: u32) -> bool {
        let before = self.clone();
        self.before.retain(|earlier| *earlier != release);
        self.canary = self.canary.take().filter(|canary| canary.release != release);
        self.shadow = self.shadow.take().filter(|shadow| *shadow != release);
        if self.live == release && release != 0 {
            self.live = self.before.pop().unwrap_or(0);
        }
        let changed = *self != before;
        self.revision += u64::from(changed);
        changed
    }
}

/// The part of a hundred into which a conversation falls for a release; another release deals anew.
fn part(conversation: &ConversationId, release: u32) -> u32 {
    let digest = blake3::hash(format!("{release}/{conversation}").as_bytes());
    let first = digest.as_bytes().first_chunk::<4>().copied().unwrap_or_default();
    u32::from_le_bytes(first) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_answers_its_share_and_always_the_same_conversations() {
        let mut routing = Routing { live: 1, ..Routing::default() };
        routing.try_out(2, 10, Millis(5));
        let asked: Vec<u32> = (0..2000).map(|at| routing.of(&format!("telegram:{at}").into())).collect();
        let canary = asked.iter().filter(|release| **release == 2).count();
        assert!((140..=260).contains(&canary), "{canary}");
        assert_eq!(asked, (0..2000).map(|at| routing.of(&format!("telegram:{at}").into())).collect::<Vec<_>>());
        routing.try_out(2, 100, Millis(5));
        assert!((0..200).all(|at| routing.of(&format!("web:{at}").into()) == 2));
    }

    #[test]
    fn rolling_back_takes_the_canary_first_and_then_the_live_one() {
        let mut routing = Routing::default();
        routing.promote(1);
        routing.promote(3);
        routing.try_out(4, 10, Millis(0));
        assert_eq!(routing.roll_back(), Some((4, 3)));
        assert_eq!(routing.roll_back(), Some((3, 1)));
        assert_eq!(routing.roll_back(), Some((1, 0)));
        assert_eq!(routing.roll_back(), None);
    }

    #[test]
    fn a_withdrawn_release_answers_nobody_and_is_never_returned_to() {
        let mut routing = Routing::default();
        for release in [1, 2, 1, 3] {
            routing.promote(release);
        }
        assert!(routing.withdraw(1));
        assert_eq!(routing.roll_back(), Some((3, 2)));
        assert!(routing.withdraw(2));
        assert_eq!(routing.live, 0);
        assert!(!routing.withdraw(7));
    }

    #[test]
    fn names_are_read_with_and_without_their_letter() {
        assert_eq!(
            ["r3", "3", "R12", "base", "x", ""].map(number_of),
            [Some(3), Some(3), Some(12), Some(0), None, None]
        );
        assert_eq!(name_of(0), "base");
    }
}
