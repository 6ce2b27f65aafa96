//! What every request passes: only known host names (a foreign page cannot point its own name here), only
//! our own origin may change anything, and headers that keep browsers strict.

use crate::{Console, limits};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const STRICT: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
];

pub(crate) async fn guard(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(limits::request(&console)).apply(&mut request);
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    let refused = !known_host(request.headers(), &console.hosts) || (changes && !own_origin(request.headers()));
    let mut response = if refused { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await };
    // A conversation stays out of every cache; what may be kept says so itself.
    response.headers_mut().entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in STRICT {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn known_host(headers: &HeaderMap, hosts: &[String]) -> bool {
    let host = text(headers, "host");
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    ["localhost", "127.0.0.1", "[::1]"].contains(&name) || hosts.iter().any(|known| known == name)
}

fn own_origin(headers: &HeaderMap) -> bool {
    let origin = text(headers, "origin");
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host == Some(text(headers, "host"))
}
