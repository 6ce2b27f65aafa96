//! What the bot asks about itself, its chats and files, and what it sets for its account.

use super::Told;
use super::message::quote;
use super::params::Params;
use super::refusal::Refusal;
use super::send::{chat as writable_chat, named_chat};
use super::world::{File, Room, Standing, World};
use serde_json::{Value, json};
use std::io;
use std::path::Path;

/// The largest file that the cloud Bot API hands out.
const LARGEST_DOWNLOAD: u64 = 20 * 1024 * 1024;

/// `getMe`.
pub(super) fn me(world: &World) -> String {
    json!({
        "id": world.bot.id,
        "is_bot": true,
        "first_name": world.config.bot_name,
        "username": world.config.bot_username,
        "can_join_groups": true,
        "can_read_all_group_messages": !world.config.privacy,
        "supports_inline_queries": true,
        "supports_guest_queries": false,
        "supports_join_request_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": false,
        "allows_users_to_create_topics": false,
        "can_manage_bots": false,
    })
    .to_string()
}

/// `getFile`.
pub(super) fn file(world: &World, params: &Params) -> Told {
    let id = params.text("file_id").unwrap_or_default();
    let file = world.files.get(id).ok_or_else(|| Refusal::bad("invalid file_id"))?;
    let path = match &world.config.local {
        Some(dir) => laid_down(dir, file).map_err(|error| Refusal::new(500, error.to_string()))?,
        None if file.claimed > LARGEST_DOWNLOAD => return Err(Refusal::bad("file is too big")),
        None => file.path.clone(),
    };
    let told = json!({"file_id": id, "file_unique_id": file.unique, "file_size": file.claimed, "file_path": path});
    Ok(told.to_string())
}

/// Puts a file where a server of one's own keeps it; its whole path.
fn laid_down(dir: &Path, file: &File) -> io::Result<String> {
    let path = std::path::absolute(dir)?.join(&file.path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if !path.exists() {
        std::fs::write(&path, &file.bytes)?;
    }
    Ok(path.to_string_lossy().into_owned())
}

/// `getChat`.
pub(super) fn chat(world: &World, params: &Params) -> Told {
    let room = world.room(named_chat(world, params)?)?;
    let more = r#""accent_color_id":0,"max_reaction_count":11,"accepted_gift_types":{"unlimited_gifts":false,"limited_gifts":false,"unique_gifts":false,"premium_subscription":false,"gifts_from_channels":false}"#;
    let chat = room.json.strip_suffix('}').unwrap_or(&room.json);
    Ok(format!("{chat},{more}}}"))
}

/// `getChatMember`.
pub(super) fn member(world: &World, params: &Params) -> Told {
    let room = world.room(named_chat(world, params)?)?;
    let id = params.int("user_id").unwrap_or(0);
    if id == world.bot.id {
        return Ok(member_json(&world.bot.json, room.bot));
    }
    let user = world.users.get(&id).ok_or_else(|| Refusal::bad("member not found"))?;
    let standing = if room.members.contains(&id) { Standing::Member } else { Standing::Left };
    Ok(member_json(&user.json, standing))
}

/// A `ChatMember`.
pub(super) fn member_json(user: &str, standing: Standing) -> String {
    match standing {
        Standing::Member => format!(r#"{{"status":"member","user":{user}}}"#),
        Standing::Left | Standing::Unmet => format!(r#"{{"status":"left","user":{user}}}"#),
        Standing::Kicked => format!(r#"{{"status":"kicked","user":{user},"until_date":0}}"#),
        Standing::Admin => {
            let rights = r#""can_be_edited":false,"is_anonymous":false,"can_manage_chat":true,"can_delete_messages":true,"can_manage_video_chats":false,"can_restrict_members":false,"can_promote_members":false,"can_change_info":false,"can_invite_users":true,"can_post_stories":false,"can_edit_stories":false,"can_delete_stories":false,"can_send_welcome_messages":false"#;
            format!(r#"{{"status":"administrator","user":{user},{rights}}}"#)
        }
    }
}

/// `getChatMemberCount`.
pub(super) fn member_count(world: &World, params: &Params) -> Told {
    let room = world.room(named_chat(world, params)?)?;
    Ok((room.members.len() + usize::from(present(room))).to_string())
}

/// `getChatAdministrators`: the first member owns the chat.
pub(super) fn administrators(world: &World, params: &Params) -> Told {
    let room = world.room(named_chat(world, params)?)?;
    if !room.is_group() {
        return Err(Refusal::bad("there are no administrators in the private chat"));
    }
    let owner = room
        .members
        .first()
        .map(|id| format!(r#"{{"status":"creator","is_anonymous":false,"user":{}}}"#, world.user(*id).json));
    let bot = (room.bot == Standing::Admin).then(|| member_json(&world.bot.json, Standing::Admin));
    Ok(format!("[{}]", owner.into_iter().chain(bot).collect::<Vec<_>>().join(",")))
}

fn present(room: &Room) -> bool {
    matches!(room.bot, Standing::Member | Standing::Admin)
}

/// `leaveChat`.
pub(super) fn leave(world: &mut World, params: &Params) -> Told {
    let chat = writable_chat(world, params)?;
    world.room_mut(chat)?.bot = Standing::Left;
    Ok("true".to_owned())
}

/// What is set and asked per scope and language: commands, name, descriptions. Everything else that
/// the description has is accepted once it was checked, unless the simulator would have to lie.
pub(super) fn setting(world: &mut World, method: &str, params: &Params) -> Told {
    // No scope is the default one.
    let default = |scope: &&Value| scope.get("type").and_then(Value::as_str) != Some("default");
    let place = |name: &str| {
        format!(
            "{name}|{}|{}",
            params.get("scope").filter(default).map(Value::to_string).unwrap_or_default(),
            params.text("language_code").unwrap_or_default()
        )
    };
    let stored = |name: &str| world.settings.get(&place(name)).and_then(Value::as_str).unwrap_or_default().to_owned();
    match method {
        "setMyCommands" => set_commands(world, place("commands"), params),
        "deleteMyCommands" => {
            world.settings.remove(&place("commands"));
            Ok("true".to_owned())
        }
        "getMyCommands" => Ok(world.settings.get(&place("commands")).map_or_else(|| "[]".to_owned(), Value::to_string)),
        "setMyName" => keep(world, place("name"), params.get("name")),
        "getMyName" => Ok(format!(r#"{{"name":{}}}"#, quote(&stored("name")))),
        "setMyDescription" => keep(world, place("description"), params.get("description")),
        "getMyDescription" => Ok(format!(r#"{{"description":{}}}"#, quote(&stored("description")))),
        "setMyShortDescription" => keep(world, place("short"), params.get("short_description")),
        "getMyShortDescription" => Ok(format!(r#"{{"short_description":{}}}"#, quote(&stored("short")))),
        _ => other(world, method, params),
    }
}

fn keep(world: &mut World, place: String, value: Option<&Value>) -> Told {
    world.settings.insert(place, value.cloned().unwrap_or_else(|| Value::from("")));
    Ok("true".to_owned())
}

fn set_commands(world: &mut World, place: String, params: &Params) -> Told {
    let commands = params.list("commands").unwrap_or_default();
    let name = |command: &Value| command.get("command").and_then(Value::as_str).unwrap_or_default().to_owned();
    let well_formed = |name: String| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if commands.len() > 100 || !commands.iter().map(name).all(well_formed) {
        world.violation("setMyCommands: commands: at most 100, names of a-z, 0-9 and _".to_owned());
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    keep(world, place, params.get("commands"))
}

/// Methods that return `true` and show nothing to people are accepted; the rest is not simulated.
fn other(world: &mut World, method: &str, params: &Params) -> Told {
    if params.get("chat_id").is_some() {
        writable_chat(world, params)?;
    }
    if super::spec::spec().returns_true(method) {
        return Ok("true".to_owned());
    }
    world.violation(format!("{method}: not simulated"));
    Err(Refusal::new(501, "Not Implemented: the simulator does not know this method"))
}
