//! What the bot was taught, in memory, kept in step with the store: a lesson counts in the very
//! next answer, on every replica. And which release answers whom, which changes the same way.

use crate::settings::Retrieval;
use anyhow::Context as _;
use domain::exchange::{Rule, Scope};
use domain::ids::ConversationId;
use domain::person::Lang;
use domain::release::{Artifact, Release, Routing};
use models::embedded::snapshot::Snapshot;
use models::embedded::{Embedded, Prepared, Recalled, Reply};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use store::{BlobId, Knowledge as Change, Store};

/// How many changes are read at once.
const PAGE: u32 = 500;

/// An embedded model that others may be reading.
type Shared = Arc<RwLock<Embedded>>;

/// Everything that is known, and how far into the store's changes it has been read.
pub struct Knowledge {
    state: RwLock<State>,
    revision: AtomicI64,
    reading: tokio::sync::Mutex<()>,
}

/// What changes together.
struct State {
    /// The embedded model as each release has it that answers somebody; that of the base is 0.
    models: BTreeMap<u32, Shared>,
    releases: BTreeMap<u32, Arc<Release>>,
    routing: Routing,
    rules: Arc<Vec<Rule>>,
}

/// A release, and what it knows.
#[derive(Clone)]
pub struct Mind {
    release: Option<Arc<Release>>,
    model: Shared,
    rules: Arc<Vec<Rule>>,
}

impl Mind {
    /// The number of the release; 0 is the base.
    pub fn number(&self) -> u32 {
        self.release.as_ref().map_or(0, |release| release.number)
    }

    /// The language model that it answers with, `provider/model`; none is what the settings say.
    pub fn model(&self) -> Option<&String> {
        match self.release.as_ref().map(|release| &release.artifact) {
            Some(Artifact::Tuned { model }) => Some(model),
            _ => None,
        }
    }

    /// The release that an answer of this model is credited to: where another model had to stand in, it is the base's.
    pub fn credited(&self, answered: &str) -> u32 {
        match self.model() {
            Some(own) if own != answered => 0,
            _ => self.number(),
        }
    }

    /// What fits a question, best first, surely enough to be put before a language model.
    pub fn recall(&self, question: &str, scopes: &[Scope], settings: &Retrieval) -> Vec<Recalled> {
        self.known().recall(question, scopes, settings.passages, settings.minimum)
    }

    /// The embedded model's own answer.
    pub fn answer(&self, question: &str, scopes: &[Scope], lang: Lang, settings: &Retrieval) -> Reply {
        self.known().answer(question, scopes, lang, settings.minimum)
    }

    /// The rules that count in these scopes, oldest first.
    pub fn rules(&self, scopes: &[Scope]) -> Vec<Rule> {
        self.rules.iter().filter(|rule| scopes.contains(&rule.scope)).cloned().collect()
    }

    /// The same without rules, or with these.
    #[must_use]
    pub fn with_rules(self, rules: Vec<Rule>) -> Self {
        Self { rules: Arc::new(rules), ..self }
    }

    /// What it knows, to be read.
    pub fn known(&self) -> RwLockReadGuard<'_, Embedded> {
        self.model.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Knowledge {
    /// Starts with the user guide alone; `refresh` brings the rest.
    pub fn new() -> Self {
        let models = BTreeMap::from([(0, Arc::new(RwLock::new(Embedded::new())))]);
        let (releases, routing, rules) = (BTreeMap::new(), Routing::default(), Arc::default());
        let state = RwLock::new(State { models, releases, routing, rules });
        Self { state, revision: AtomicI64::new(0), reading: tokio::sync::Mutex::new(()) }
    }

    /// How far into the store's changes this has read.
    pub fn revision(&self) -> i64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Reads what changed in the store since the last time.
    pub async fn refresh(&self, store: &Store) -> anyhow::Result<()> {
        let _one_at_a_time = self.reading.lock().await;
        let mut read = self.revision();
        let mut moved = read == 0;
        loop {
            let changes = store.knowledge_since(read, PAGE).await?;
            let Some(last) = changes.last().map(|(revision, _)| *revision) else { break };
            moved |= self.apply(changes);
            read = last;
        }
        if moved {
            self.follow_routing(store, read).await?;
        }
        // Only now: whoever finds this revision may rely on all of it, on who answers too.
        self.revision.store(read, Ordering::Release);
        Ok(())
    }

    /// Takes changes in; whether another release answers somebody now.
    fn apply(&self, changes: Vec<(i64, Change)>) -> bool {
        // Words are read before anything is locked: nobody's answer waits for that.
        let models = self.state.read().unwrap_or_else(PoisonError::into_inner).models.len();
        let read = |(_, change): (i64, Change)| (prepared(&change, models), change);
        let changes: Vec<(Vec<Prepared>, Change)> = changes.into_iter().map(read).collect();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut moved = false;
        for (mut lessons, change) in changes {
            match &change {
                Change::Routing => moved = true,
                Change::Rule(rule) => Arc::make_mut(&mut state.rules).push(rule.clone()),
                Change::Removed(id) => Arc::make_mut(&mut state.rules).retain(|rule| rule.id.as_str() != id),
                Change::Lesson(_) | Change::Document(_) => {}
            }
            for model in state.models.values() {
                let mut model = model.write().unwrap_or_else(PoisonError::into_inner);
                match lessons.pop() {
                    Some(lesson) => model.take(lesson),
                    None => take_in(&mut model, &change),
                }
            }
        }
        moved
    }

    /// Loads the releases that answer somebody now, and lets go of the others.
    async fn follow_routing(&self, store: &Store, upto: i64) -> anyhow::Result<()> {
        let routing = store.routing().await?;
        let canary = routing.canary.iter().map(|canary| canary.release);
        let wanted: BTreeSet<u32> =
            canary.chain(routing.shadow).chain([routing.live]).filter(|number| *number != 0).collect();
        let (mut releases, mut models) = (BTreeMap::new(), BTreeMap::new());
        for number in wanted {
            let release: Release = store.object(&format!("{number:08}")).await?.context("a release is missing")?;
            let model = match self.loaded(number) {
                Some(model) => model,
                None => self.load(store, &release, upto).await?,
            };
            releases.insert(number, Arc::new(release));
            models.insert(number, model);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        models.insert(0, state.models.get(&0).cloned().unwrap_or_default());
        (state.routing, state.releases, state.models) = (routing, releases, models);
        Ok(())
    }

    fn loaded(&self, number: u32) -> Option<Shared> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).models.get(&number).cloned()
    }

    /// The embedded model of a release: what everybody was taught, seen as it was trained to. A release that
    /// answers with a language model knows what the base knows.
    async fn load(&self, store: &Store, release: &Release, upto: i64) -> anyhow::Result<Shared> {
        match &release.artifact {
            Artifact::Tuned { .. } => Ok(self.loaded(0).unwrap_or_default()),
            Artifact::Embedded { snapshot } => {
                let snapshot = snapshot_of(store, snapshot).await?;
                Ok(Arc::new(RwLock::new(built(store, Some(&snapshot), &BTreeSet::new(), upto).await?)))
            }
        }
    }

    /// Who answers in a conversation.
    pub fn mind(&self, conversation: &ConversationId) -> Mind {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.mind(state.routing.of(conversation))
    }

    /// A release that answers somebody now; the base for every other.
    pub fn mind_of(&self, number: u32) -> Mind {
        self.state.read().unwrap_or_else(PoisonError::into_inner).mind(number)
    }

    /// Which release answers whom.
    pub fn routing(&self) -> Routing {
        self.state.read().unwrap_or_else(PoisonError::into_inner).routing.clone()
    }

    /// A release as it would answer, without some of the lessons: for tests on what they teach. The base where there
    /// is none.
    pub async fn examinee(
        &self,
        store: &Store,
        release: Option<Release>,
        without: &BTreeSet<String>,
    ) -> anyhow::Result<Mind> {
        self.examinee_upto(store, release, without, self.revision()).await
    }

    /// The same, as it was at a revision: what was taught since then it does not know.
    pub async fn examinee_upto(
        &self,
        store: &Store,
        release: Option<Release>,
        without: &BTreeSet<String>,
        upto: i64,
    ) -> anyhow::Result<Mind> {
        let snapshot = match release.as_ref().map(|release| &release.artifact) {
            Some(Artifact::Embedded { snapshot }) => Some(snapshot_of(store, snapshot).await?),
            _ => None,
        };
        let model = built(store, snapshot.as_ref(), without, upto).await?;
        let rules = self.state.read().unwrap_or_else(PoisonError::into_inner).rules.clone();
        Ok(Mind { release: release.map(Arc::new), model: Arc::new(RwLock::new(model)), rules })
    }
}

impl State {
    fn mind(&self, number: u32) -> Mind {
        let release = self.releases.get(&number).cloned();
        let number = release.as_ref().map_or(0, |release| release.number);
        let model = self.models.get(&number).or_else(|| self.models.get(&0)).cloned().unwrap_or_default();
        Mind { release, model, rules: self.rules.clone() }
    }
}

/// What training left, read and checked.
pub async fn snapshot_of(store: &Store, hash: &str) -> anyhow::Result<Snapshot> {
    let id = BlobId::parse(hash).context("a release names no snapshot")?;
    let bytes = store.blobs()?.get(&id).await.context("reading a snapshot")?;
    Snapshot::from_bytes(&bytes).context("a snapshot is damaged")
}

/// An embedded model with everything that was taught up to a revision, but for some lessons.
async fn built(
    store: &Store,
    snapshot: Option<&Snapshot>,
    without: &BTreeSet<String>,
    upto: i64,
) -> anyhow::Result<Embedded> {
    let (mut model, mut read) = (Embedded::new(), 0);
    loop {
        let mut changes = store.knowledge_since(read, PAGE).await?;
        changes.retain(|(revision, _)| *revision <= upto);
        let Some((last, _)) = changes.last() else { break };
        read = *last;
        changes.retain(|(_, change)| !matches!(change, Change::Lesson(lesson) if without.contains(lesson.id.as_str())));
        // Reading words takes a processor; nobody else's answer waits for it.
        model = tokio::task::spawn_blocking(move || {
            changes.iter().for_each(|(_, change)| take_in(&mut model, change));
            model
        })
        .await?;
    }
    if let Some(snapshot) = snapshot {
        model.apply(snapshot);
    }
    Ok(model)
}

/// The lesson of a change with its words read, once for each model that takes it in; nothing for other changes.
fn prepared(change: &Change, models: usize) -> Vec<Prepared> {
    match change {
        Change::Lesson(lesson) => (0..models).map(|_| Prepared::lesson(lesson)).collect(),
        _ => Vec::new(),
    }
}

fn take_in(model: &mut Embedded, change: &Change) {
    match change {
        Change::Lesson(lesson) => model.learn(lesson),
        Change::Document(document) => {
            model.read(document);
        }
        Change::Removed(id) => model.unlearn(id),
        Change::Rule(_) | Change::Routing => {}
    }
}

impl Default for Knowledge {
    fn default() -> Self {
        Self::new()
    }
}
