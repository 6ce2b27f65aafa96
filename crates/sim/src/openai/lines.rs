//! Training files: the check of each line, and what a file teaches.
//!
//! A line of the supervised method is a conversation that ends with the assistant; a line of the preference
//! method (`dpo`) is an input with a preferred and another output.

use serde_json::Value;

/// What one line teaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// What the person says last.
    pub(super) question: String,
    /// What is to be answered.
    pub(super) answer: String,
}

const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];

/// The words of a file, or which line is wrong and how.
pub(super) fn read(file: &[u8], method: Option<&str>) -> Result<Vec<Pair>, String> {
    let text = std::str::from_utf8(file).map_err(|_| "The file is not UTF-8.".to_owned())?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| line_of(line, method).map_err(|told| format!("Line {}: {told}", at + 1));
    let pairs = lines.map(read).collect::<Result<Vec<_>, _>>()?;
    if pairs.is_empty() { Err("The file has no lines.".to_owned()) } else { Ok(pairs) }
}

fn line_of(line: &str, method: Option<&str>) -> Result<Pair, String> {
    let line: Value = serde_json::from_str(line).map_err(|_| "not a valid JSON dictionary".to_owned())?;
    let prefers = method.map_or(line.get("input").is_some(), |method| method == "dpo");
    if !prefers {
        let said = messages(&line, "messages")?;
        let (last, before) = said.split_last().ok_or("messages: too short")?;
        return pair(before, last);
    }
    let input = messages(line.get("input").ok_or("missing key \"input\"")?, "messages")?;
    let [preferred, other] = ["preferred_output", "non_preferred_output"].map(|name| messages(&line, name));
    if other?.is_empty() {
        return Err("non_preferred_output: too short".to_owned());
    }
    pair(&input, preferred?.last().ok_or("preferred_output: too short")?)
}

fn messages(line: &Value, name: &str) -> Result<Vec<(String, String)>, String> {
    let list = line.get(name).and_then(Value::as_array).ok_or_else(|| format!("missing key \"{name}\""))?;
    list.iter().map(message).collect()
}

fn message(message: &Value) -> Result<(String, String), String> {
    let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
    if !ROLES.contains(&role) {
        return Err(format!("\"{role}\" is no role"));
    }
    let content = message.get("content").map(super::answer::text_of).unwrap_or_default();
    let calls = message.get("tool_calls").or(message.get("function_call")).is_some();
    match content.is_empty() && !calls {
        true => Err(format!("a message of {role} has no content")),
        false => Ok((role.to_owned(), content)),
    }
}

fn pair(before: &[(String, String)], last: &(String, String)) -> Result<Pair, String> {
    if last.0 != "assistant" {
        return Err("the last message must be from the assistant".to_owned());
    }
    let asked = before.iter().rev().find(|(role, _)| role == "user");
    let question = asked.map(|(_, content)| content.clone()).unwrap_or_default();
    Ok(Pair { question, answer: last.1.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_told_with_its_number() {
        let good = r#"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#;
        let dpo = r#"{"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}"#;
        let pair = Pair { question: "q".to_owned(), answer: "a".to_owned() };
        assert_eq!(read(format!("{good}\n{dpo}\n").as_bytes(), None), Ok(vec![pair.clone(), pair]));
        let told = |text: &str, method| read(text.as_bytes(), method).err().unwrap_or_default();
        assert_eq!(told(&format!("{good}\n{{"), None), "Line 2: not a valid JSON dictionary");
        assert_eq!(told(good, Some("dpo")), "Line 1: missing key \"input\"");
        assert_eq!(told(dpo, Some("supervised")), "Line 1: missing key \"messages\"");
        assert_eq!(
            told(&good.replace("assistant", "user"), None),
            "Line 1: the last message must be from the assistant"
        );
        assert_eq!(told(&good.replace("assistant", "boss"), None), "Line 1: \"boss\" is no role");
        assert_eq!(told("", None), "The file has no lines.");
    }
}
