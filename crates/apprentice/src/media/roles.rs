//! Who hears, speaks and draws, made of the settings: the first of a chain that can. A name is `provider/model`,
//! `embedded`, `espeak`, or a model of the role's own server.

use crate::settings::{EMBEDDED, ESPEAK, Loaded, Settings};
use models::draw::Painter;
use models::files::Shelf;
use models::hear::{Recogniser, Recognisers};
use models::speak::{Synthesiser, Voices};
use speech::espeak::Espeak;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What a role's own server is called.
const OWN: &str = "own";

/// Who can do what.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Who turns recordings into text.
    pub recognisers: Recognisers,
    /// Who says something aloud, in order.
    pub voices: Vec<Voice>,
    /// Who draws, in order.
    pub painters: Vec<Painter>,
}

/// One who says something aloud.
#[derive(Clone, Debug)]
pub enum Voice {
    /// A server.
    Server(Synthesiser),
    /// The program on this machine, and how fast it speaks.
    Espeak(Espeak, f32),
}

/// The model files for the recogniser within the program.
pub fn shelf(settings: &Settings) -> Shelf {
    Shelf::new(shelf_directory(settings), settings.hearing.pull_url.as_deref())
}

/// Where those files lie.
pub fn shelf_directory(settings: &Settings) -> PathBuf {
    settings.data_dir.join("models")
}

/// The roles of the present settings, made anew when those change or a model file comes or goes.
#[derive(Debug, Default)]
pub struct Cast(Mutex<Option<Made>>);

#[derive(Debug)]
struct Made {
    of: Arc<Loaded>,
    /// When a file last came to the shelf or left it.
    shelf: Option<SystemTime>,
    roles: Arc<Roles>,
}

impl Cast {
    /// The roles as the settings are now.
    pub fn of(&self, loaded: &Arc<Loaded>) -> Arc<Roles> {
        let shelf = shelf_directory(loaded).metadata().and_then(|directory| directory.modified()).ok();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(made) if Arc::ptr_eq(&made.of, loaded) && made.shelf == shelf => made.roles.clone(),
            _ => {
                let roles = Arc::new(Roles::new(&loaded.settings));
                *kept = Some(Made { of: loaded.clone(), shelf, roles: roles.clone() });
                roles
            }
        }
    }
}

impl Roles {
    /// The roles that the settings make.
    pub fn new(settings: &Settings) -> Self {
        let mut roles = Self::default();
        let (hearing, speaking, drawing) = (&settings.hearing, &settings.speaking, &settings.drawing);
        for name in &hearing.chain {
            roles.recognisers.0.extend(recogniser(settings, name));
        }
        for name in &speaking.chain {
            roles.voices.extend(voice(settings, name));
        }
        for name in &drawing.chain {
            let Some((from, provider, model)) = served(settings, name, &drawing.base_url, &drawing.key) else {
                continue;
            };
            match Painter::new(&from, &provider, &model, models::draw::Limits::default()) {
                Ok(painter) => roles.painters.push(painter),
                Err(failure) => tracing::warn!(name, %failure, "cannot draw"),
            }
        }
        roles
    }
}

impl Roles {
    /// The names of those who hear, in order.
    pub fn hearing(&self) -> Vec<String> {
        self.recognisers.0.iter().map(|recogniser| recogniser.name().to_owned()).collect()
    }

    /// The names of those who speak, in order.
    pub fn speaking(&self) -> Vec<String> {
        let name = |voice: &Voice| match voice {
            Voice::Server(server) => server.name().to_owned(),
            Voice::Espeak(espeak, _) => espeak.program.display().to_string(),
        };
        self.voices.iter().map(name).collect()
    }

    /// The names of those who draw, in order.
    pub fn drawing(&self) -> Vec<String> {
        self.painters.iter().map(|painter| painter.name().to_owned()).collect()
    }
}

fn recogniser(settings: &Settings, name: &str) -> Option<Recogniser> {
    if name == EMBEDDED {
        #[cfg(feature = "whisper")]
        return super::embedded::recogniser(settings);
        #[cfg(not(feature = "whisper"))]
        return None;
    }
    let (from, provider, model) = served(settings, name, &settings.hearing.base_url, &settings.hearing.key)?;
    match models::hear::Server::new(&from, &provider, &model, models::hear::Limits::default()) {
        Ok(server) => Some(Recogniser::Server(server)),
        Err(failure) => {
            tracing::warn!(name, %failure, "cannot hear");
            None
        }
    }
}

fn voice(settings: &Settings, name: &str) -> Option<Voice> {
    let speaking = &settings.speaking;
    if name == ESPEAK && !is_there(Path::new(&speaking.espeak)) {
        tracing::warn!(program = speaking.espeak, "the program that speaks is not installed");
        return None;
    }
    if name == ESPEAK {
        // The program itself says 175 words a minute.
        let speed = speaking.words_per_minute as f32 / 175.0;
        return Some(Voice::Espeak(program(settings), speed));
    }
    let (from, provider, model) = served(settings, name, &speaking.base_url, &speaking.key)?;
    let voices = Voices { default: speaking.voice.clone(), ..Voices::default() };
    match Synthesiser::new(&from, &provider, &model, voices, models::speak::Limits::default()) {
        Ok(server) => Some(Voice::Server(server)),
        Err(failure) => {
            tracing::warn!(name, %failure, "cannot speak");
            None
        }
    }
}

/// The program that speaks, whether or not it is there.
pub fn program(settings: &Settings) -> Espeak {
    Espeak { program: (&settings.speaking.espeak).into(), ..Espeak::default() }
}

/// Whether a program can be started: by its path, or found as a shell finds it.
fn is_there(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// The server that a name means, what it is called, and the model there; none when nothing is set up for it.
fn served(
    settings: &Settings,
    name: &str,
    base_url: &Option<String>,
    key: &crate::settings::Secret,
) -> Option<(String, models::Provider, String)> {
    if let Some((from, model)) = name.split_once('/')
        && let Some(provider) = settings.models_config().providers.remove(from)
    {
        return Some((from.to_owned(), provider, model.to_owned()));
    }
    let provider = models::Provider::at(base_url.clone()?, key.clone());
    Some((OWN.to_owned(), provider, name.to_owned()))
}
