//! The recogniser within the program: whisper.cpp on the processor, one sound at a time.
//!
//! The model is loaded with the first sound and let go when nobody has spoken for a while. Its file is looked
//! through before it is loaded ([`crate::files::check`]): whisper.cpp trusts what it reads. Work runs off the
//! asynchronous threads and stops when its caller goes or its time is up.

use super::judge::{Segment, judge};
use super::{HearFailure, Heard, Hint, Sound, Source};
use crate::files;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperSegment, WhisperState,
};

/// Samples a second that the model hears.
pub const RATE: usize = 16_000;

/// Makes 16 kHz samples (one channel, −1 to 1) of a sound file; says why it cannot be read, in English. Runs off the
/// asynchronous threads.
pub type Decode = Arc<dyn Fn(&Source) -> Result<Vec<f32>, String> + Send + Sync>;

/// How the recogniser works.
#[derive(Clone)]
pub struct Settings {
    /// What it is called.
    pub name: String,
    /// The model's file, of whisper.cpp's own format.
    pub model: PathBuf,
    /// Processor threads, at least 1.
    pub threads: u16,
    /// How long the model stays loaded after the last sound.
    pub idle: Duration,
    /// Time for a sound of no length, with loading.
    pub base: Duration,
    /// Seconds allowed beside that for each second of sound.
    pub per_second: f64,
    /// The longest sound, seconds.
    pub longest: f64,
    /// What makes samples of a file.
    pub decode: Decode,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("name", &self.name).field("threads", &self.threads).finish_non_exhaustive()
    }
}

/// The recogniser. Clones share everything.
#[derive(Clone, Debug)]
pub struct Whisper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    loaded: Mutex<Option<Loaded>>,
    room: Semaphore,
    /// Of the sound that is being heard, percent.
    progress: Arc<AtomicI32>,
}

struct Loaded {
    context: WhisperContext,
    used: Instant,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("used", &self.used).finish_non_exhaustive()
    }
}

/// Stops the work when its caller has gone.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Whisper {
    /// Prepares it; nothing is loaded yet.
    pub fn new(settings: Settings) -> Self {
        // whisper.cpp writes to the program's output otherwise.
        whisper_rs::install_logging_hooks();
        let (loaded, room) = (Mutex::new(None), Semaphore::new(1));
        Self(Arc::new(Inner { settings, loaded, room, progress: Arc::default() }))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// Whether the model is in memory.
    pub fn is_loaded(&self) -> bool {
        self.0.loaded().is_some()
    }

    /// How much of the sound that is being heard is done, percent; of the last one where none is.
    pub fn progress(&self) -> u8 {
        u8::try_from(self.0.progress.load(Ordering::Acquire).clamp(0, 100)).unwrap_or_default()
    }

    /// How long it may take with a sound of `seconds`.
    pub(super) fn patience(&self, seconds: f64) -> Duration {
        self.0.time(seconds)
    }

    /// The words of a sound.
    pub async fn transcribe(&self, sound: &Sound, hint: &Hint) -> Result<Heard, HearFailure> {
        let gone = |_| HearFailure::Unreachable { reason: "the recogniser has ended".to_owned() };
        let _place = self.0.room.acquire().await.map_err(gone)?;
        let stop = Stop(Arc::default());
        let (inner, stopped) = (self.0.clone(), stop.0.clone());
        let (source, hint) = (sound.source.clone(), hint.clone());
        let seconds = sound.seconds.unwrap_or(self.0.settings.longest);
        let work = tokio::task::spawn_blocking(move || inner.hear(&source, &hint, &stopped));
        let told = tokio::time::timeout(self.0.time(seconds), work).await;
        let told = told.unwrap_or(Ok(Err(HearFailure::TimedOut)));
        drop(stop);
        self.forget_later();
        told.unwrap_or_else(|broken| Err(HearFailure::Unreachable { reason: broken.to_string() }))
    }

    /// Lets the model go when it was not used for a while.
    fn forget_later(&self) {
        let (inner, idle) = (Arc::downgrade(&self.0), self.0.settings.idle);
        tokio::spawn(async move {
            tokio::time::sleep(idle).await;
            Weak::upgrade(&inner).iter().for_each(|inner| inner.forget(idle));
        });
    }
}

impl Inner {
    fn loaded(&self) -> MutexGuard<'_, Option<Loaded>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, idle: Duration) {
        let mut loaded = self.loaded();
        if loaded.as_ref().is_some_and(|loaded| loaded.used.elapsed() >= idle) {
            *loaded = None;
            tracing::debug!(recogniser = self.settings.name, "the model is let go");
        }
    }

    fn time(&self, seconds: f64) -> Duration {
        let work = seconds.clamp(0.0, self.settings.longest) * self.settings.per_second;
        self.settings.base + Duration::try_from_secs_f64(work).unwrap_or_default()
    }

    fn hear(&self, source: &Source, hint: &Hint, stop: &Arc<AtomicBool>) -> Result<Heard, HearFailure> {
        let samples = (self.settings.decode)(source).map_err(|message| HearFailure::BadSound { message })?;
        let seconds = samples.len() as f64 / RATE as f64;
        if samples.is_empty() {
            return Err(HearFailure::BadSound { message: "there are no samples in it".to_owned() });
        }
        if seconds > self.settings.longest {
            let message = format!("{seconds:.0} s are more than {:.0} s", self.settings.longest);
            return Err(HearFailure::TooLong { message });
        }
        let mut state = self.state()?;
        let ran = state.full(self.parameters(hint, stop), &samples);
        if let Some(loaded) = self.loaded().as_mut() {
            loaded.used = Instant::now();
        }
        match ran {
            _ if stop.load(Ordering::Acquire) => Err(HearFailure::TimedOut),
            Err(error) => Err(broken(&error)),
            Ok(()) => self.heard(&state, seconds),
        }
    }

    /// A place to work in with the model, which is loaded if it is not. The model lives as long as one of them.
    fn state(&self) -> Result<WhisperState, HearFailure> {
        let mut loaded = self.loaded();
        let model = match loaded.take() {
            Some(model) => model,
            None => self.load()?,
        };
        let state = model.context.create_state().map_err(|error| broken(&error));
        *loaded = Some(Loaded { used: Instant::now(), ..model });
        state
    }

    fn load(&self) -> Result<Loaded, HearFailure> {
        let unusable = |why: String| HearFailure::refused(0, format!("the model cannot be used: {why}"));
        files::check(&self.settings.model).map_err(|fault| unusable(fault.to_string()))?;
        let mut parameters = WhisperContextParameters::new();
        parameters.use_gpu(false);
        let context = WhisperContext::new_with_params(&self.settings.model, parameters)
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Loaded { context, used: Instant::now() })
    }

    fn parameters<'a>(&'a self, hint: &Hint, stop: &Arc<AtomicBool>) -> FullParams<'a, 'a> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(i32::from(self.settings.threads.max(1)));
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        parameters.set_suppress_nst(true);
        let language = hint.code().and_then(|code| whisper_rs::get_lang_id(&code)).and_then(whisper_rs::get_lang_str);
        parameters.set_language(Some(language.unwrap_or("auto")));
        let prompt: String = hint.prompt.chars().filter(|c| *c != '\0').collect();
        if !prompt.trim().is_empty() {
            parameters.set_initial_prompt(prompt.trim());
        }
        let stop = stop.clone();
        let progress = self.progress.clone();
        progress.store(0, Ordering::Release);
        parameters.set_progress_callback_safe(move |percent| progress.store(percent, Ordering::Release));
        // The binding calls back as the type that it is given here while it keeps a boxed closure, so only a boxed
        // closure is safe. It never frees what it is given: some tens of bytes for each sound.
        let aborts: Box<dyn FnMut() -> bool> = Box::new(move || stop.load(Ordering::Acquire));
        parameters.set_abort_callback_safe(aborts);
        parameters
    }

    fn heard(&self, state: &WhisperState, seconds: f64) -> Result<Heard, HearFailure> {
        let segments: Vec<Segment> = state.as_iter().map(|segment| read(&segment)).collect();
        let whole: String = segments.iter().map(|segment| segment.text.as_str()).collect();
        let (text, confidence) = judge(&whole, &segments).map_err(HearFailure::NotUnderstood)?;
        let language = whisper_rs::get_lang_str(state.full_lang_id_from_state()).map(str::to_owned);
        Ok(Heard { text, language, seconds: Some(seconds), confidence, by: self.settings.name.clone() })
    }
}

fn broken(error: &WhisperError) -> HearFailure {
    HearFailure::Unreachable { reason: error.to_string() }
}

fn read(segment: &WhisperSegment<'_>) -> Segment {
    let tokens = (0..segment.n_tokens()).filter_map(|at| segment.get_token(at));
    let logprobs: Vec<f64> =
        tokens.map(|token| f64::from(token.token_probability()).max(f64::MIN_POSITIVE).ln()).collect();
    let mean = (!logprobs.is_empty()).then(|| logprobs.iter().sum::<f64>() / logprobs.len() as f64);
    Segment {
        text: segment.to_str_lossy().map(|text| text.into_owned()).unwrap_or_default(),
        length: (segment.end_timestamp() - segment.start_timestamp()) as f64 / 100.0,
        no_speech: Some(f64::from(segment.no_speech_probability())),
        mean_logprob: mean,
        compression: None,
    }
}
