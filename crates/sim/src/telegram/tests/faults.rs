//! What goes wrong: broken rules, limits, faults on demand.

use super::*;

#[tokio::test]
async fn each_broken_rule_is_refused_and_remembered() {
    let bot = Bot::new(unlimited()).await;
    let chat = bot.server.person("alice").private();
    chat.say("hi");
    let id = chat.id();
    let overlap = json!([{"type": "bold", "offset": 0, "length": 3}, {"type": "italic", "offset": 2, "length": 3}]);
    for (method, params, code, told) in [
        ("sendMesage", json!({}), 404, "no such method"),
        ("sendMessage", json!({"chat_id": id, "text": "x", "txt": 1}), 400, "txt: no such field"),
        ("sendMessage", json!({"chat_id": id, "text": "x".repeat(4097)}), 400, "4097 is not within"),
        ("sendMessage", json!({"chat_id": id, "text": "abcdef", "entities": overlap}), 400, "overlap"),
        ("sendMessageDraft", json!({"chat_id": id, "draft_id": 0, "text": "x"}), 400, "draft_id"),
        ("sendChatAction", json!({"chat_id": id, "action": "dancing"}), 400, "dancing"),
    ] {
        let before = bot.server.violations().len();
        assert_eq!(bot.refused(method, params).await.0, code, "{method}");
        let violations = bot.server.violations();
        assert_eq!(violations.len(), before + 1, "{violations:?}");
        assert!(violations[before].contains(told), "{violations:?}");
    }
    assert_eq!(chat.messages().len(), 1);
}

#[tokio::test]
async fn the_limits_refuse_with_a_time_to_wait() {
    let rate = |burst, per_second| Rate { burst, per_second };
    let limits =
        Limits { chat: rate(2.0, 0.01), group: rate(3.0, 1.0), all: rate(100.0, 100.0), drafts: rate(1.0, 1.0) };
    let bot = Bot::new(Config { limits: Some(limits), ..Config::default() }).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    let sent = bot.send(alice.id(), "1").await;
    bot.ok("editMessageText", json!({"chat_id": alice.id(), "message_id": sent, "text": "2"})).await;
    let third = json!({"chat_id": alice.id(), "text": "3"});
    let body = bot.try_call("sendMessage", third.clone()).await.unwrap();
    assert_eq!((&body["error_code"], &body["parameters"]["retry_after"]), (&json!(429), &json!(100)));
    assert_eq!(body["description"], "Too Many Requests: retry after 100");
    bot.refused("sendMessage", third).await;
    assert_eq!(bot.server.impatient(), 1);
    assert_eq!(alice.messages().len(), 2);
}

#[tokio::test]
async fn faults_break_requests_as_asked() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    let faults = bot.server.faults();
    let say = |text: &str| json!({"chat_id": alice.id(), "text": text});
    faults.push(Fault::on("sendMessage", Kind::Reset));
    assert!(bot.try_call("sendMessage", say("a")).await.is_err());
    assert_eq!(alice.messages().len(), 1);
    faults.push(Fault::on("sendMessage", Kind::ResetAfter));
    assert!(bot.try_call("sendMessage", say("b")).await.is_err());
    assert_eq!(alice.messages().len(), 2);
    faults.push(Fault::on("sendMessage", Kind::HalfBody));
    assert!(bot.try_call("sendMessage", say("c")).await.is_err());
    assert_eq!(alice.messages().len(), 3);
    faults.push(Fault::on("sendMessage", Kind::Garbage));
    assert!(bot.try_call("sendMessage", say("d")).await.unwrap_err().is_decode());
    faults.push(Fault::on("*", Kind::Status(502)));
    assert_eq!(bot.refused("sendMessage", say("e")).await, (502, "Bad Gateway".into()));
    faults.push(Fault::on("*", Kind::TooMany { retry_after: 9 }));
    assert_eq!(bot.refused("sendMessage", say("f")).await, (429, "Too Many Requests: retry after 9".into()));
    faults.push(Fault::on("sendMessage", Kind::Slow(Duration::from_millis(20))));
    bot.ok("sendMessage", say("g")).await;
    assert_eq!(alice.transcript(), "alice: hi\nbot: b\nbot: c\nbot: g\n");
    assert_eq!((faults.waiting(), faults.drawn()), (0, 7));
}

#[tokio::test]
async fn updates_come_twice_or_reversed_or_unknown_as_asked() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("a");
    alice.say("b");
    bot.server.faults().push(Fault::on("getUpdates", Kind::ReverseUpdates));
    let ids = |updates: &[Value]| updates.iter().map(|u| u["update_id"].as_i64().unwrap()).collect::<Vec<_>>();
    let reversed = ids(&bot.updates(json!({})).await);
    assert!(reversed[0] > reversed[1]);
    bot.server.faults().push(Fault::on("getUpdates", Kind::DuplicateUpdates));
    let once = ids(&bot.updates(json!({})).await);
    assert_eq!(ids(&bot.updates(json!({"offset": once[1] + 1})).await), once);
    assert_eq!(bot.updates(json!({"offset": once[1] + 1})).await.len(), 0);
    bot.server.raw_update("mind_read", &json!({"thought": "?"}));
    assert_eq!(bot.updates(json!({"offset": once[1] + 1})).await[0]["mind_read"]["thought"], "?");
}

#[tokio::test]
async fn random_faults_neither_lose_nor_double_what_was_accepted() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    bot.server.faults().random(
        11,
        0.5,
        vec![Kind::Reset, Kind::Status(500), Kind::Garbage, Kind::TooMany { retry_after: 1 }],
    );
    let mut accepted = 0;
    for number in 0..60 {
        let answer = bot.try_call("sendMessage", json!({"chat_id": alice.id(), "text": number.to_string()})).await;
        accepted += usize::from(answer.is_ok_and(|body| body["ok"] == true));
    }
    assert_eq!(alice.messages().len(), accepted + 1);
    assert!(bot.server.faults().drawn() > 10, "{}", bot.server.faults().drawn());
}
