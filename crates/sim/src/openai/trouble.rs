//! Errors in the API's own shape, as faults to push and as what a bad request gets.

use crate::fault::Kind;
use serde_json::{Value, json};

/// The body of an error.
pub(super) fn body(kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}

fn answer(status: u16, headers: &[(&str, String)], body: &Value) -> Kind {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Kind::Answer { status, headers, body: body.to_string() }
}

/// 400: the prompt is longer than the model can hold.
pub fn context_length_exceeded(limit: u64, given: u64) -> Kind {
    let message = format!(
        "This model's maximum context length is {limit} tokens. However, your messages resulted in {given} tokens. Please reduce the length of the messages."
    );
    answer(400, &[], &body("invalid_request_error", Some("context_length_exceeded"), Some("messages"), &message))
}

/// 400: a parameter that this model does not take, with the one to use instead where there is one.
pub fn unsupported_parameter(param: &str, instead: Option<&str>) -> Kind {
    let hint = instead.map(|instead| format!(" Use '{instead}' instead.")).unwrap_or_default();
    let message = format!("Unsupported parameter: '{param}' is not supported with this model.{hint}");
    answer(400, &[], &body("invalid_request_error", Some("unsupported_parameter"), Some(param), &message))
}

/// 400: a value that this model does not take; only the default is.
pub fn unsupported_value(param: &str, value: &str) -> Kind {
    let message = format!(
        "Unsupported value: '{param}' does not support {value} with this model. Only the default (1) value is supported."
    );
    answer(400, &[], &body("invalid_request_error", Some("unsupported_value"), Some(param), &message))
}

/// 401: a wrong key.
pub fn invalid_key() -> Kind {
    let message = "Incorrect API key provided: sk-sim****key. You can find your API key at https://platform.openai.com/account/api-keys.";
    answer(401, &[], &body("invalid_request_error", Some("invalid_api_key"), None, message))
}

/// 404: no such model.
pub fn model_not_found(model: &str) -> Kind {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    answer(404, &[], &body("invalid_request_error", Some("model_not_found"), None, &message))
}

/// 429: too many requests, with the seconds to wait.
pub fn rate_limited(seconds: u64) -> Kind {
    answer(429, &[("retry-after", seconds.to_string())], &rate_limit_body())
}

/// 429: too many requests, with the moment to come back (an HTTP date).
pub fn rate_limited_until(date: &str) -> Kind {
    answer(429, &[("retry-after", date.to_owned())], &rate_limit_body())
}

fn rate_limit_body() -> Value {
    let message = "Rate limit reached for requests. Please try again later.";
    body("requests", Some("rate_limit_exceeded"), None, message)
}

/// 429: the account has no money left; waiting does not help.
pub fn insufficient_quota() -> Kind {
    let message = "You exceeded your current quota, please check your plan and billing details.";
    answer(429, &[], &body("insufficient_quota", Some("insufficient_quota"), None, message))
}

/// 500 and above, as the API says it.
pub(super) fn server_error(status: u16) -> Kind {
    let message = "The server had an error while processing your request. Sorry about that!";
    answer(status, &[], &body("server_error", None, None, message))
}

/// 400: a parameter with a value that cannot be.
pub fn invalid(param: &str, code: &str, message: &str) -> Kind {
    answer(400, &[], &body("invalid_request_error", Some(code), Some(param), message))
}

/// 400: a picture for a model that sees none, in these words.
pub fn blind(words: &str) -> Kind {
    answer(400, &[], &body("invalid_request_error", None, None, words))
}

/// 400: what the provider's rules forbid, with the rules.
pub fn moderated(rules: &[&str]) -> Kind {
    let message = format!(
        "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID req_sim. safety_violations=[{}].",
        rules.join(", ")
    );
    answer(400, &[], &body("image_generation_user_error", Some("moderation_blocked"), None, &message))
}

/// 413: a sound that is larger than what is taken.
pub(super) fn sound_too_large(most: usize, given: usize) -> Kind {
    let message = format!("Maximum content size limit ({most}) exceeded ({given} bytes read)");
    answer(413, &[], &body("server_error", None, None, &message))
}

/// 404: no such file, upload or job.
pub(super) fn missing(what: &str, id: &str) -> Kind {
    answer(404, &[], &body("invalid_request_error", None, Some("id"), &format!("No such {what}: {id}")))
}

/// 404: this server has nothing at that path, as one that cannot train answers.
pub(super) fn no_such_path(verb: &str, path: &str) -> Kind {
    let message = format!("Invalid URL ({verb} /v1{path})");
    answer(404, &[], &body("invalid_request_error", None, None, &message))
}

/// 413: more than is taken.
pub(super) fn too_large(limit: u64) -> Kind {
    let message = format!("File is too large. Maximum file size is {limit} bytes.");
    answer(413, &[], &body("invalid_request_error", None, Some("file"), &message))
}
