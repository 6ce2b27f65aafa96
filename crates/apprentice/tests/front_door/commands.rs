//! Every command, as typed.

use crate::bot::World;
use sim::{openai, telegram};

#[tokio::test]
async fn every_command_answers_in_both_languages() {
    // So many messages in one chat would wait for Telegram's limits, which have stories of their own.
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai::Config::default(), Some("alice")).await;
    world.set("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0");
    let mut bot = world.start();
    for (name, language) in [("alice", "en"), ("alice", "ru")] {
        let alice = world.telegram.person(name).private();
        let lang = alice.say(&format!("/lang {language}"));
        alice.await_reply(lang).await;
        let hello = alice.say("hello");
        alice.await_reply(hello).await;
        for command in [
            "/start",
            "/help",
            "/new",
            "/clear",
            "/stop",
            "/model",
            "/persona",
            "/system",
            "/system Be brief",
            "/system off",
            "/lang",
            "/usage",
            "/status",
            "/test",
            "/test {",
            "/why",
            "/why 999999",
            "/why_silent",
            "/correct",
            "/feedback",
            "/feedback good bot",
            "/teach",
            "/teach a => b",
            "/forget",
            "/mydata",
            "/privacy",
            "/settings",
            "/instruction",
            "/allow",
            "/block",
            "/role",
            "/work",
            "/work list",
            "/work retry 999999",
            "/work drop x",
            "/retry",
        ] {
            let said = alice.say(command);
            let reply = alice.await_reply(said).await;
            assert!(!reply.text.trim().is_empty(), "{command}");
            assert!(!reply.text.contains("{ $") && !reply.text.contains("command-"), "{command}: {}", reply.text);
        }
        let said = alice.say("/export");
        let file =
            alice.await_message(|m| m.id > said && m.content.as_ref().is_some_and(|c| c.kind == "document")).await;
        assert!(!file.content.unwrap().bytes.is_empty());
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_unknown_command_suggests_the_nearest() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/halp");
    assert!(alice.await_reply(said).await.text.contains("Did you mean /help?"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn the_menu_is_set_in_both_languages() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/start");
    alice.await_reply(said).await;
    let in_groups = world.telegram.commands("all_group_chats", "");
    assert!(in_groups.iter().any(|(name, _)| name == "why_silent"), "{in_groups:?}");
    assert!(!in_groups.iter().any(|(name, _)| name == "mydata"), "{in_groups:?}");
    let english = world.telegram.commands("", "");
    let russian = world.telegram.commands("", "ru");
    assert!(english.iter().any(|(name, _)| name == "help") && english.len() == russian.len(), "{english:?}");
    assert!(russian.iter().any(|(_, help)| help.contains("беседу")), "{russian:?}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn the_owners_instruction_file_is_shown() {
    let mut world = World::new("alice").await;
    std::fs::write(world.path().join("instruction.md"), "# Read this\n\nBe *kind*.").unwrap();
    world.set("APPRENTICE__INSTRUCTION_FILE", "instruction.md");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/instruction");
    assert!(alice.await_reply(said).await.text.contains("Be kind."), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn forgetting_me_erases_what_i_said() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("my secret is plum");
    alice.await_reply(said).await;
    let forget = alice.say("/forget me");
    let sure = alice.await_reply(forget).await;
    alice.press_on(sure.id, "Yes, erase it all");
    alice.await_message(|m| m.by_bot && m.text.contains("erased")).await;
    let export = alice.say("/export");
    let file = alice.await_message(|m| m.id > export && m.content.is_some()).await;
    let text = String::from_utf8(file.content.unwrap().bytes.to_vec()).unwrap();
    assert!(!text.contains("plum"), "{text}");
    world.check(&mut bot).await;
}
