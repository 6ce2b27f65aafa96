//! One drawing: its request, what its refusal teaches, and what comes back.

use super::options::{Options, Param, fields};
use super::{DrawFailure, Drawn, Originals, Painter, Partial, Picture, Usage, read};
use crate::endpoint::{Trouble, send, within};
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// Most refusals that are learnt from within one call.
const LESSONS: usize = 8;

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) path: &'static str,
    pub(super) prompt: &'a str,
    pub(super) originals: Option<&'a Originals>,
}

/// What one call gave.
pub(super) struct Given {
    pub(super) pictures: Vec<Picture>,
    pub(super) usage: Usage,
}

type OnPartial<'a> = Mutex<&'a mut (dyn FnMut(Partial) + Send)>;

impl Painter {
    pub(super) async fn draw(
        &self,
        work: Work<'_>,
        options: &Options,
        on_partial: &mut (dyn FnMut(Partial) + Send),
    ) -> Result<Drawn, DrawFailure> {
        if work.prompt.chars().count() > self.limits.prompt {
            return Err(DrawFailure::TooLong { characters: self.limits.prompt });
        }
        let wanted = options.count.clamp(1, 10) as usize;
        let on_partial = Mutex::new(on_partial);
        let mut drawn =
            Drawn { pictures: Vec::new(), usage: Usage::default(), by: self.name.to_string(), without: Vec::new() };
        // A server that draws one at a time is asked as often as it takes.
        for _ in 0..wanted {
            let given = match self.once_learning(work, options, &on_partial).await {
                Ok(given) => given,
                Err(_) if !drawn.pictures.is_empty() => break,
                Err(failure) => return Err(failure),
            };
            drawn.pictures.extend(given.pictures);
            drawn.usage.input += given.usage.input;
            drawn.usage.output += given.usage.output;
            if drawn.pictures.len() >= wanted || !self.lacks().contains(&Param::Count) {
                break;
            }
        }
        drawn.without = self.missed(options);
        Ok(drawn)
    }

    /// The wishes that this server does not take.
    fn missed(&self, options: &Options) -> Vec<Param> {
        let wished = |param: &Param| match param {
            Param::Size => options.size.is_some(),
            Param::Quality => options.quality.is_some(),
            Param::Background => options.background.is_some(),
            _ => false,
        };
        self.lacks().into_iter().filter(|param| param.is_missed() && wished(param)).collect()
    }

    async fn once_learning(
        &self,
        work: Work<'_>,
        options: &Options,
        on_partial: &OnPartial<'_>,
    ) -> Result<Given, DrawFailure> {
        for _ in 0..LESSONS {
            let lacks = self.lacks();
            let once = || within(self.limits.total, self.once(work, options, &lacks, on_partial));
            match self.endpoint.patiently(self.limits.attempts, once).await {
                Ok(told) => return told,
                Err(Trouble::Refused(refusal)) => match Param::of(&refusal) {
                    Some(which) if which.is_essential() => {
                        return Err(DrawFailure::UnsupportedOption { which, message: refusal.message });
                    }
                    Some(param) if !lacks.contains(&param) => self.learn(param),
                    _ => return Err(Trouble::Refused(refusal).into()),
                },
                Err(trouble) => return Err(trouble.into()),
            }
        }
        Err(DrawFailure::refused(400, "its parameters are not understood"))
    }

    /// What fails after the server has begun to draw is not tried again: it stands within the result.
    async fn once(
        &self,
        work: Work<'_>,
        options: &Options,
        lacks: &BTreeSet<Param>,
        on_partial: &OnPartial<'_>,
    ) -> Result<Result<Given, DrawFailure>, Trouble> {
        let deadline = Instant::now() + self.limits.total;
        let request = self.request(work, options, lacks)?;
        let response = within(self.limits.idle, send(request)).await?;
        let mut show = |partial| on_partial.lock().unwrap_or_else(PoisonError::into_inner)(partial);
        Ok(read::given(self, response, deadline, &mut show).await)
    }

    fn request(&self, work: Work<'_>, options: &Options, lacks: &BTreeSet<Param>) -> Result<RequestBuilder, Trouble> {
        let mut fields = fields(options, lacks);
        if work.path.ends_with("variations") {
            fields.retain(|(name, _)| matches!(*name, "size" | "n" | "response_format"));
        } else {
            fields.push(("prompt", work.prompt.to_owned()));
        }
        fields.push(("model", self.model.to_string()));
        let request = self.endpoint.post(work.path);
        Ok(match work.originals {
            Some(originals) => request.multipart(form(fields, originals, work.path)?),
            None => request.json(&fields.into_iter().map(typed).collect::<Map<_, _>>()),
        })
    }
}

/// A field as JSON has it: numbers and yes-or-no are no texts there.
fn typed((name, text): (&'static str, String)) -> (String, Value) {
    let value = match name {
        "n" | "partial_images" => text.parse::<u64>().map_or(Value::Null, Value::from),
        "stream" => json!(text == "true"),
        _ => text.into(),
    };
    (name.to_owned(), value)
}

fn form(fields: Vec<(&'static str, String)>, originals: &Originals, path: &str) -> Result<Form, Trouble> {
    let mut form = fields.into_iter().fold(Form::new(), |form, (name, text)| form.text(name, text));
    // Older servers know one picture under a name of its own.
    let name = if originals.pictures.len() == 1 || path.ends_with("variations") { "image" } else { "image[]" };
    for (at, picture) in originals.pictures.iter().enumerate() {
        form = form.part(name, part(picture, &format!("image-{at}"))?);
    }
    match &originals.mask {
        Some(mask) => Ok(form.part("mask", part(mask, "mask")?)),
        None => Ok(form),
    }
}

fn part(picture: &Picture, stem: &str) -> Result<Part, Trouble> {
    let ending = picture.mime.rsplit('/').next().unwrap_or_default();
    let part = Part::stream_with_length(picture.bytes.clone(), picture.bytes.len() as u64);
    Ok(part.file_name(format!("{stem}.{ending}")).mime_str(picture.mime)?)
}
