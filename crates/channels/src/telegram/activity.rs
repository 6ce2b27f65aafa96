//! What people see the bot doing until it says something.

use super::{Telegram, api};
use domain::incoming::Place;
use serde_json::json;

/// What the bot seems to be doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Writing.
    #[default]
    Typing,
    /// Speaking.
    RecordingVoice,
    /// Sending what it spoke.
    SendingVoice,
    /// Sending a picture.
    SendingPhoto,
    /// Sending a file.
    SendingDocument,
}

impl Activity {
    const fn name(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::RecordingVoice => "record_voice",
            Self::SendingVoice => "upload_voice",
            Self::SendingPhoto => "upload_photo",
            Self::SendingDocument => "upload_document",
        }
    }
}

impl Telegram {
    /// Shows for five seconds what the bot is doing; failing to is no harm.
    pub async fn show_activity(&self, place: &Place, activity: Activity) {
        let mut body = json!({"chat_id": api::chat_id(&place.chat), "action": activity.name()});
        api::in_thread(&mut body, place);
        if let Err(error) = self.0.api.call("sendChatAction", &body).await {
            tracing::debug!(%error, "nobody sees what the bot is doing");
        }
    }
}
