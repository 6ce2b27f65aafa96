//! Keys, tokens, passwords and e-mail addresses.

use super::rules::Seen;

/// A private key, as far as its lines go; the end may be missing.
pub(super) const PEM: &str = r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?:[\s>]|\\[rn])*(?:[A-Za-z-]+: [^\n]*|[A-Za-z0-9+/=]+))*(?:(?:[\s>]|\\[rn])*-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?";

/// Tokens that their own beginning or form gives away.
pub(super) const TOKEN: &str = concat!(
    r"sk-[A-Za-z0-9_-]{20,}|[prs]k_(?:live|test)_[A-Za-z0-9]{16,}|(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}",
    r"|gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{30,}",
    r"|ya29\.[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:hf|gsk|npm)_[A-Za-z0-9]{30,}",
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)+",
    r"|[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}",
    r"|(?:bot)?[0-9]{6,12}:[A-Za-z0-9_-]{30,}",
    r"|(?i:bearer) +[A-Za-z0-9_.~+/-]{20,}=*",
);

/// Name and password before the host of a URL.
pub(super) const URL_LOGIN: &str = r#"[A-Za-z][A-Za-z0-9+.-]+://(?<v>[^\s/:@<>"'`]*:[^\s/<>"'`]+)@"#;

/// A key among the parameters of a URL.
pub(super) const URL_KEY: &str =
    r"(?i)[?&](?:access_token|token|api_?key|key|secret|password|pwd|sig|signature|auth)=(?<v>[A-Za-z0-9_.~%+/-]{10,})";

/// A key that is called one.
pub(super) const ASSIGNED: &str = concat!(
    r"(?i)(?:api[_ -]?key|access[_ -]?key(?:[_ -]?id)?|secret[_ -]?(?:access[_ -]?)?key|private[_ -]?key|secret",
    r"|token|ключ(?: доступа| api| апи)?|токен(?: доступа| бота)?)",
    r#"["'`*]{0,2}(?:\s*[:=]{1,2}>?|\s+(?:is|это|—|–|-))\s*["'`*]{0,2}(?<v>[A-Za-z0-9_./+=~-]{12,})"#,
);

/// A password after its name and a colon or an equals sign.
pub(super) const PASSWORD: &str = concat!(
    r"(?i)(?:password|passwd|passphrase|passcode|pass|pwd|пароль|пароля|паролем)",
    r#"["'`*]{0,2}[ \t]*[:=]{1,2}\s*["'`«*<]{0,3}(?<v>[^\s"'`«»<>]{4,})"#,
);

/// A password in a sentence.
pub(super) const PASSWORD_IS: &str = concat!(
    r"(?i)(?:password|passphrase|passcode)(?: (?:to|for|of|on)(?: [\w-]+){1,4})?",
    r#" (?:is|was|will be|—|–|-)[ \t]+(?:now )?["'`«]?(?<v>[^\s"'`«»<>]{6,})"#,
);

/// The same in Russian, where the verb is left out.
pub(super) const PASSWORD_RU: &str = concat!(
    r"(?i)пароль(?: (?:от|для|к|на|в)(?: [\w-]+){1,3})?",
    r#"(?:[,:]? (?:это|такой:?|теперь|был|будет|—|–|-))?[ \t]+["'`«]?(?<v>[!-;=?-~]{6,})"#,
);

/// PINs and card verification codes.
pub(super) const PIN: &str = r"(?i)(?:(?:cvv2?|cvc2?)[ \t]{0,2}[:=—-]?|(?:pin|пин)(?:[ -]?(?:code|код))?(?:[ \t]*[:=]|[ \t]+(?:is|это|—)))[ \t]{0,2}(?<v>[0-9]{3,8})";

/// An e-mail address, in any script.
pub(super) const EMAIL: &str = r"[\w.%+'-]+@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}";

/// Words after "password:" that speak about passwords, and values that code and settings put there.
const NO_PASSWORDS: &[&str] = &[
    "string",
    "str",
    "&str",
    "bool",
    "text",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "required",
    "optional",
    "must",
    "should",
    "needs",
    "minimum",
    "your",
    "this",
    "that",
    "with",
    "from",
    "forgot",
    "forgotten",
    "change",
    "changed",
    "reset",
    "enter",
    "choose",
    "create",
    "never",
    "keep",
    "only",
    "when",
    "what",
    "where",
    "have",
    "there",
    "введите",
    "укажите",
    "должен",
    "должна",
    "придумайте",
    "минимум",
    "только",
    "нужно",
    "надо",
    "можно",
    "если",
    "когда",
    "обязателен",
    "обязательно",
    "любой",
    "ваш",
    "какой",
    "забыли",
    "сбросить",
    "сброс",
    "смените",
    "никому",
    "длина",
    "длиной",
    "восемь",
    "буквы",
    "цифры",
    "password",
    "пароль",
    "wrong",
    "неверный",
    "incorrect",
    "secret",
    "option",
    "varchar",
    "hidden",
    "empty",
    "unset",
    "them",
    "they",
];

/// Everything that matched.
pub(super) fn any(seen: &Seen<'_>) -> Option<usize> {
    Some(seen.value().len())
}

/// What does not end inside a word or number.
pub(super) fn whole(seen: &Seen<'_>) -> Option<usize> {
    seen.ends().then(|| seen.value().len())
}

/// Without the punctuation of the sentence that it stands in.
fn trimmed<'t>(seen: &Seen<'t>) -> &'t str {
    seen.value().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*', ']', '}'])
}

/// Has letters and digits, as made-up strings do and words do not.
pub(super) fn mixed(seen: &Seen<'_>) -> Option<usize> {
    let value = trimmed(seen);
    let made_up = value.contains(|c: char| c.is_ascii_digit()) && value.contains(|c: char| c.is_alphabetic());
    made_up.then_some(value.len())
}

/// Mixed, and no path, file name or version.
pub(super) fn assigned(seen: &Seen<'_>) -> Option<usize> {
    let value = trimmed(seen);
    let dots = value.matches(['.', '/']).count();
    if dots * 6 > value.len() || is_code(value) || seen.after().starts_with(['(', '[']) { None } else { mixed(seen) }
}

fn is_code(value: &str) -> bool {
    value.contains(['(', '{', '[', '$', '%']) && !value.contains(['!', '@', '#', '^', '&', '*'])
        || ["process.", "os.", "env.", "env::", "self.", "config.", "settings.", "std::", "this."]
            .iter()
            .any(|beginning| value.starts_with(beginning))
}

/// Whatever follows "password:", unless it speaks about passwords or is code.
pub(super) fn password(seen: &Seen<'_>) -> Option<usize> {
    // An exclamation mark may belong to it.
    let value = seen.value().trim_end_matches(['.', ',', ';', ':', '?', ')', '*', ']', '}']);
    let lower = trimmed(seen).to_lowercase();
    let hidden = value.chars().all(|c| matches!(c, '*' | '•' | '.' | '_' | '-'));
    let speaks = NO_PASSWORDS.contains(&lower.as_str()) || hidden || is_code(value);
    (value.chars().count() >= 4 && !speaks).then_some(value.len())
}

/// A password told in a sentence: letters and digits together, and no "8-character" or "10-digit".
pub(super) fn told(seen: &Seen<'_>) -> Option<usize> {
    let value = trimmed(seen);
    let measure = value.split_once('-').is_some_and(|(count, unit)| {
        count.chars().all(|c| c.is_ascii_digit()) && unit.chars().all(char::is_alphabetic)
    });
    if measure || is_code(value) || value.chars().count() < 6 { None } else { mixed(seen) }
}

/// Name and password of a URL, unless a program fills them in.
pub(super) fn login(seen: &Seen<'_>) -> Option<usize> {
    (!seen.value().contains(['{', '$'])).then(|| seen.value().len())
}

/// An address of a person: no repository's, no file name with a scale.
pub(super) fn email(seen: &Seen<'_>) -> Option<usize> {
    let (local, host) = seen.value().rsplit_once('@')?;
    let ending = host.rsplit_once('.').map_or(host, |(_, ending)| ending);
    let no_host = ["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "css", "json"].contains(&ending);
    (!no_host && local != "git").then(|| seen.value().len())
}
