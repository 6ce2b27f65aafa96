//! What every request passes: whose name it was asked by, where it came from, how large it is; and what
//! every answer says to the browser.

use crate::world::{HOST, World};
use axum::http::StatusCode;
use domain::person::Standing;
use std::sync::atomic::Ordering;

const SAID: &str = r#"{"id":"1","text":"hello"}"#;

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused_so_that_nobody_points_theirs_here() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    for host in
        ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080", "[::1]", "bot.example.org", "bot.example.org:443"]
    {
        let page = world.get("/", &[("host", host), ("cookie", &cookie)]).await;
        assert_eq!(page.status, StatusCode::OK, "{host}");
    }
    for host in
        ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example", "localhost:x", ""]
    {
        for path in ["/", "/login?code=x", "/app.js", "/events"] {
            let page = world.get(path, &[("host", host), ("cookie", &cookie)]).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{host} {path}");
            assert_eq!(page.body, "", "{host} {path}");
        }
    }
}

#[tokio::test]
async fn only_our_own_pages_may_change_anything() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    for origin in [
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "https://127.0.0.1:8080.evil.example",
    ] {
        for path in ["/say", "/press", "/work", "/logout", "/upload?name=a.txt"] {
            let answer = world.post(path, &[("origin", origin), ("cookie", &cookie)], SAID).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin} {path}");
        }
    }
    assert!(world.said.lock().unwrap().is_empty(), "a foreign page spoke");
    assert_eq!(world.post("/say", &[("cookie", &cookie)], SAID).await.status, StatusCode::ACCEPTED);
    assert_eq!(world.said.lock().unwrap().len(), 1);
    // A form of another page can send no JSON without asking first.
    let form = world.post("/say", &[("cookie", &cookie), ("content-type", "text/plain")], SAID).await;
    assert!(form.status.is_client_error(), "{}", form.status);
    assert_eq!(world.said.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn every_answer_keeps_the_browser_strict() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    for (path, host) in [
        ("/", HOST),
        ("/work", HOST),
        ("/learn", HOST),
        ("/login", HOST),
        ("/app.js", HOST),
        ("/nowhere", HOST),
        ("/", "evil.example"),
    ] {
        let answer = world.get(path, &[("cookie", &cookie), ("host", host)]).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: no {part} in {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        let kept = if path == "/app.js" { "no-cache" } else { "no-store" };
        assert_eq!(header("cache-control"), kept, "{path}");
    }
}

#[tokio::test]
async fn the_page_has_nothing_inline_that_its_policy_would_stop() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    for path in ["/", "/work", "/learn", "/learn/data", "/learn/documents", "/learn/work", "/learn/releases"] {
        let page = world.get(path, &[("cookie", &cookie)]).await.body;
        assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick="), "{page}");
        assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/").count(), "{page}");
        assert!(
            !page.contains("src=\"http") && !page.contains("href=\"http"),
            "something comes from elsewhere: {page}"
        );
    }
}

#[tokio::test]
async fn what_is_too_large_or_broken_is_refused_in_words_and_what_just_fits_is_taken() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    let said = |bytes: usize| format!(r#"{{"id":"1","text":"{}"}}"#, "x".repeat(bytes));
    let fits = world.post("/say", &[("cookie", &cookie)], said(3 * 1024 * 1024)).await;
    assert_eq!(fits.status, StatusCode::ACCEPTED, "{}", fits.body);
    let large = world.post("/say", &[("cookie", &cookie)], said(4 * 1024 * 1024)).await;
    assert_eq!(
        (large.status, large.body.contains("too much at once")),
        (StatusCode::PAYLOAD_TOO_LARGE, true),
        "{}",
        large.body
    );
    let russian = [("cookie", cookie.as_str()), ("accept-language", "ru")];
    assert!(world.post("/say", &russian, said(4 * 1024 * 1024)).await.body.contains("Слишком много"));
    for body in ["", "{", "[]", r#"{"text":"no id"}"#, r#"{"id":1,"text":"x"}"#] {
        let answer = world.post("/say", &[("cookie", &cookie)], body).await;
        assert!(
            answer.status.is_client_error() && answer.body.contains("could not be sent"),
            "{body}: {}",
            answer.body
        );
    }
    assert_eq!(world.said.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn how_large_a_file_may_be_is_what_the_setting_says_right_now() {
    let world = World::new().await;
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    let file = |bytes: usize| {
        format!(r#"{{"id":"{bytes}","text":"/train","files":[{{"name":"a.jsonl","text":"{}"}}]}}"#, "x".repeat(bytes))
    };
    let mib = 1024 * 1024;
    let refused = world.post("/say", &[("cookie", &cookie)], file(2 * mib)).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.body.contains("a.jsonl") && refused.body.contains("At most 1 MiB"), "{}", refused.body);
    world.upload.store(5 * mib, Ordering::Relaxed);
    assert_eq!(world.post("/say", &[("cookie", &cookie)], file(5 * mib)).await.status, StatusCode::ACCEPTED);
    assert!(world.get("/learn/data", &[("cookie", &cookie)]).await.body.contains("at most 5 MiB"));
    world.upload.store(1536, Ordering::Relaxed);
    let refused = world.post("/say", &[("cookie", &cookie)], file(2000)).await;
    assert!(refused.body.contains("At most 1.5 KiB"), "{}", refused.body);
    assert_eq!(world.said.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn only_the_named_assets_are_served_whatever_path_is_asked_for() {
    let world = World::new().await;
    for (path, kind) in [("/app.js", "text/javascript"), ("/app.css", "text/css"), ("/icon.svg", "image/svg+xml")] {
        let asset = world.get(path, &[]).await;
        assert!(
            asset.status == StatusCode::OK && asset.headers["content-type"].to_str().unwrap().starts_with(kind),
            "{path}"
        );
    }
    for path in [
        "/../Cargo.toml",
        "/app.js/../../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2fsrc%2flib.rs",
        "/assets/app.js",
        "//etc/passwd",
        "/app.js%00.css",
        "/.env",
    ] {
        assert_eq!(world.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
