//! Coming in: who has no session is told how, a code works once, and a cookie is kept strictly.

use crate::world::World;
use axum::http::StatusCode;
use domain::person::{Lang, Standing};

#[tokio::test]
async fn without_a_session_there_is_only_a_hint_how_to_log_in() {
    let world = World::new().await;
    let page = world.get("/", &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.body.contains("open the link that was printed") && !page.body.contains("id=\"words\""),
        "{}",
        page.body
    );
    let russian = world.get("/", &[("accept-language", "de;q=0.9, ru-RU, en;q=0.5")]).await;
    assert!(russian.body.contains("откройте ссылку") && russian.body.contains("lang=\"ru\""), "{}", russian.body);
    for path in ["/history", "/events", "/work"] {
        assert_eq!(world.get(path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for (path, body) in [
        ("/say", r#"{"id":"1","text":"x"}"#),
        ("/press", r#"{"id":"1","data":"stop"}"#),
        ("/work", r#"{"what":"drop:1"}"#),
    ] {
        assert_eq!(world.post(path, &[], body).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(world.said.lock().unwrap().is_empty(), "something was taken from nobody");
}

#[tokio::test]
async fn a_code_that_is_wrong_missing_used_or_too_old_lets_nobody_in() {
    let world = World::new().await;
    let owner = world.person("owner", Standing::Owner).await;
    world.code(&owner, "good").await;
    world.code(&owner, "old").await;
    for path in ["/login?code=wrong", "/login", "/login?code="] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.body.contains("used already, or is too old"), "{}", answer.body);
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
    }
    assert_eq!(world.get("/login?code=good", &[]).await.status, StatusCode::OK);
    assert_eq!(world.get("/login?code=good", &[]).await.status, StatusCode::FORBIDDEN, "the code worked twice");
    world.pass(60_001);
    assert_eq!(world.get("/login?code=old", &[]).await.status, StatusCode::FORBIDDEN, "the code outlived its time");
}

#[tokio::test]
async fn the_cookie_is_strict_opens_the_page_and_ends_with_the_session() {
    let world = World::new().await;
    let owner = world.person("owner", Standing::Owner).await;
    world.code(&owner, "one").await;
    let answer = world.get("/login?code=one", &[]).await;
    let given = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(given.contains(part), "no {part} in {given}");
    }
    assert!(!given.contains("Secure"), "{given}");
    let cookie = given.split(';').next().unwrap();
    assert!(cookie.len() > 64, "too short to be guessed by nobody: {cookie}");
    let page = world.get("/", &[("cookie", cookie)]).await;
    assert!(page.status == StatusCode::OK && page.body.contains("id=\"words\""), "{}", page.body);
    let again = world.get("/login?code=one", &[("cookie", cookie)]).await;
    assert_eq!((again.status, &again.headers["location"]), (StatusCode::SEE_OTHER, &"/".parse().unwrap()));
    let broken = format!("{cookie}0");
    assert_eq!(world.get("/", &[("cookie", &broken)]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post("/logout", &[("cookie", cookie)], "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/", &[("cookie", cookie)]).await.status, StatusCode::FORBIDDEN, "the session goes on");
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_and_at_once_for_whoever_is_blocked() {
    let world = World::new().await;
    let user = world.person("user", Standing::User).await;
    let cookie = world.login(&user).await;
    world.pass(89 * 86_400_000);
    assert_eq!(world.get("/", &[("cookie", &cookie)]).await.status, StatusCode::OK);
    world.person("user", Standing::Blocked).await;
    assert_eq!(world.get("/", &[("cookie", &cookie)]).await.status, StatusCode::FORBIDDEN, "a blocked person is in");
    world.person("user", Standing::User).await;
    world.pass(2 * 86_400_000);
    assert_eq!(world.get("/", &[("cookie", &cookie)]).await.status, StatusCode::FORBIDDEN, "the session is too old");
}

#[tokio::test]
async fn behind_https_the_cookie_travels_encrypted_alone() {
    let world = World::with(true).await;
    let owner = world.person("owner", Standing::Owner).await;
    world.code(&owner, "one").await;
    let answer = world.get("/login?code=one", &[("host", "bot.example.org")]).await;
    assert!(answer.headers["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn the_browsers_language_counts_until_one_is_chosen() {
    let world = World::new().await;
    let mut owner = world.person("owner", Standing::Owner).await;
    world.code(&owner, "one").await;
    world.get("/login?code=one", &[("accept-language", "ru-RU,ru;q=0.9,en;q=0.8")]).await;
    assert_eq!(world.store.person(&owner.id).await.unwrap().unwrap().lang, Lang::Ru);
    owner.prefs.lang_chosen = true;
    world.store.save_person(&owner).await.unwrap();
    world.code(&owner, "two").await;
    world.get("/login?code=two", &[("accept-language", "ru")]).await;
    assert_eq!(world.store.person(&owner.id).await.unwrap().unwrap().lang, Lang::En);
}
