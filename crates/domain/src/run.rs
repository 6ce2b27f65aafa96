//! Long work that a person asked for: importing, archiving, training, testing. A run goes on in steps; each step
//! ends with one commit of where it stands, so that a restart between any two neither loses nor doubles it.

use crate::ids::{DocumentId, Millis, PersonId, RunId};
use crate::incoming::Place;
use crate::object::Object;
use crate::person::{Lang, Standing};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Reads files into examples: paths below the data root, in order.
    Import {
        /// The files, or directories.
        paths: Vec<String>,
        /// Whether their answers are right ones.
        positive: bool,
        /// Whether a version is frozen and trained on when all is read.
        train: bool,
    },
    /// Makes an archive of a directory below the data root.
    Archive {
        /// The directory.
        directory: String,
        /// Whether it becomes the selected dataset, and whether its answers are right ones.
        select: Option<bool>,
    },
    /// Lets the model in use propose questions and answers from a document.
    Propose {
        /// The document.
        document: DocumentId,
    },
    /// Makes a candidate from a version of the dataset.
    Train {
        /// The version.
        dataset: u32,
        /// What trains: `embedded`, or a trainer of the settings.
        trainer: String,
    },
    /// Asks two releases the same questions.
    Compare {
        /// The release that would be promoted.
        candidate: String,
        /// The one it is held against; empty is the one in use when the run begins.
        incumbent: String,
    },
    /// Asks what answers here questions with known answers, from a file.
    Test {
        /// The file.
        path: String,
    },
    /// Tries a rule on questions that it is meant for and on others.
    TryRule {
        /// The rule.
        rule: String,
    },
}

impl Task {
    /// The name in texts and lists.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Import { .. } => "import",
            Self::Archive { .. } => "archive",
            Self::Propose { .. } => "propose",
            Self::Train { .. } => "train",
            Self::Compare { .. } => "compare",
            Self::Test { .. } => "test",
            Self::TryRule { .. } => "rule",
        }
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// What is given is being looked at.
    #[default]
    Validating,
    /// It waits for a person's yes.
    Waiting,
    /// It waits for its turn, at the provider's or here.
    Queued,
    /// It goes on.
    Running,
    /// It is done.
    Succeeded,
    /// It cannot be done; the reason stands in `problem`.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl RunState {
    /// Every state, in order.
    pub const ALL: [Self; 7] =
        [Self::Validating, Self::Waiting, Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];
    /// The name in the database, in texts and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// A point of a loss curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Step, from 0.
    pub step: u64,
    /// Loss on what is trained on.
    pub train: f32,
    /// Loss on what is held out, where it was measured.
    pub valid: Option<f32>,
}

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Millis,
    /// What, in the words of whoever says it.
    pub text: String,
}

/// What a task remembers between two steps, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(Map<String, Value>);

impl Memory {
    /// What was kept under a name; none when it was nothing of that kind.
    pub fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.0.get(name)?.clone()).ok()
    }
    /// Keeps something under a name.
    pub fn keep(&mut self, name: &str, value: impl Serialize) {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.insert(name.to_owned(), value);
        }
    }
}

/// Most notes that a run keeps; older ones go first.
const NOTES: usize = 200;
/// Last characters of an id that people use for it.
const SHORT: usize = 6;

/// Long work, and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// What it does.
    pub task: Task,
    /// Where it stands.
    pub state: RunState,
    /// Where its card is shown.
    pub place: Place,
    /// Who asked for it.
    pub person: PersonId,
    /// The language of its card.
    pub lang: Lang,
    /// When it was asked for.
    pub at: Millis,
    /// When its card last changed.
    #[serde(default)]
    pub shown: Millis,
    /// Steps done and steps in all, in whatever the task counts; 0 in all is not known yet.
    #[serde(default)]
    pub done: (u64, u64),
    /// The id of the job at the provider, stored before anything else is done with it; empty for none.
    #[serde(default)]
    pub handle: String,
    /// Loss, step by step.
    #[serde(default)]
    pub losses: Vec<Loss>,
    /// What happened, oldest first.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Why it failed, in words; empty while it has not.
    #[serde(default)]
    pub problem: String,
    /// What it found, in Markdown, for its card; empty for nothing yet.
    #[serde(default)]
    pub report: String,
    /// The ways to say yes while it waits for one.
    #[serde(default)]
    pub ways: Vec<String>,
    /// What is chosen among, where it is no plain yes: labels of buttons, and the ways that they stand for.
    #[serde(default)]
    pub choices: Vec<(String, String)>,
    /// The way in which somebody said yes; empty before.
    #[serde(default)]
    pub way: String,
    /// What may be done with what it made: labels of buttons, and the commands that they stand for.
    #[serde(default)]
    pub offers: Vec<(String, String)>,
    /// The file that it left, below the data directory; empty for none.
    #[serde(default)]
    pub file: String,
    /// Shares answered right: what of, cases, before, after.
    #[serde(default)]
    pub shares: Vec<(String, u64, u64, u64)>,
    /// Questions that were answered wrong, with their right answers.
    #[serde(default)]
    pub misses: Vec<(String, String)>,
    /// What the task itself must remember between two steps.
    #[serde(default)]
    pub memory: Memory,
    /// Its number of steps so far, which makes each step one.
    #[serde(default)]
    pub step: u64,
}

impl Run {
    /// A run that begins.
    pub fn new(id: RunId, task: Task, place: Place, person: PersonId, lang: Lang, at: Millis) -> Self {
        Self {
            id,
            task,
            state: RunState::Validating,
            place,
            person,
            lang,
            at,
            shown: Millis(0),
            done: (0, 0),
            handle: String::new(),
            losses: Vec::new(),
            notes: Vec::new(),
            problem: String::new(),
            report: String::new(),
            ways: Vec::new(),
            choices: Vec::new(),
            way: String::new(),
            offers: Vec::new(),
            file: String::new(),
            shares: Vec::new(),
            misses: Vec::new(),
            memory: Memory::default(),
            step: 0,
        }
    }
    /// The name of its card.
    pub fn card(&self) -> String {
        format!("run:{}", self.id)
    }
    /// The end of the id, by which people name it.
    pub fn short(&self) -> &str {
        let id = self.id.as_str();
        id.get(id.len().saturating_sub(SHORT)..).unwrap_or(id)
    }
    /// Whether somebody may see it: whoever asked for it, and owners.
    pub fn is_seen_by(&self, person: &PersonId, standing: Standing) -> bool {
        self.person == *person || standing >= Standing::Owner
    }
    /// Remembers something that happened.
    pub fn note(&mut self, at: Millis, text: impl Into<String>) {
        self.notes.push(Note { at, text: text.into() });
        let surplus = self.notes.len().saturating_sub(NOTES);
        self.notes.drain(..surplus);
    }
    /// Ends it with a reason.
    pub fn fail(&mut self, at: Millis, problem: impl Into<String>) {
        self.problem = problem.into();
        self.note(at, self.problem.clone());
        self.state = RunState::Failed;
    }
}

impl Object for Run {
    const KIND: &'static str = "run";
    fn id(&self) -> String {
        self.id.0.clone()
    }
    fn state(&self) -> &'static str {
        self.state.name()
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        self.task.name().to_owned()
    }
    fn at(&self) -> Millis {
        self.at
    }
}
