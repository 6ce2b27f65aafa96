//! Settings as a person gives them: files, variables, arguments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use domain::person::Lang;
use domain::policy::Access;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

/// A directory with settings files in `config`, and what else a test sets.
struct World {
    dir: TempDir,
    sources: Sources,
}

fn world(files: &[(&str, &str)]) -> World {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("config")).unwrap();
    let sources = Sources { dir: dir.path().join("config"), working_dir: dir.path().to_owned(), ..Sources::default() };
    let world = World { dir, sources };
    files.iter().for_each(|(name, text)| world.write(name, text));
    world
}

impl World {
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }
    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.env.insert(name.into(), value.into());
        self
    }
    fn set(mut self, key: &str, value: &str) -> Self {
        self.sources.set.push(Override::of_flag("--set", key, value));
        self
    }
    fn load(&self) -> Loaded {
        load(&self.sources).unwrap()
    }
    fn problem(&self) -> String {
        load(&self.sources).unwrap_err().say(Lang::En)
    }
    fn shown(&self) -> String {
        describe(&self.load(), Lang::En)
    }
    fn shown_key(&self, key: &str) -> String {
        let shown = self.shown();
        let line = shown.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn watched(loaded: Loaded) -> (Live, Watcher) {
    let live = Live::new(loaded);
    (live.clone(), Watcher::new(live))
}

fn exposed(secret: &Secret) -> &str {
    secret.as_ref().map(|secret| secret.expose_secret()).unwrap_or_default()
}

#[test]
fn nothing_set_is_a_closed_bot_with_the_embedded_model_on_loopback() {
    let settings = world(&[]).load().settings;
    assert!(settings.listen.ip().is_loopback());
    assert_eq!(settings.access.policy, Access::Closed);
    assert!(settings.telegram.token.is_none() && settings.discord.token.is_none());
    assert!(settings.database_url().expose_secret().starts_with("sqlite://data/"));
    assert_eq!(settings.model.chain, ["ollama/*", "embedded"]);
    assert!(settings.providers["ollama"].detect);
    assert_eq!(settings.providers["ollama"].timeouts.idle_ms, 30_000);
    assert_eq!(settings.providers.keys().collect::<Vec<_>>(), ["ollama"]);
}

#[test]
fn the_default_json_of_old_bots_works_with_its_comma() {
    let old = "{\n   \"TELEGRAM_TOKEN\": \"telegram token\", \n   \"OPENAI_KEY\": \"open ai key\",\n}\n";
    let settings = world(&[("config/default.toml", BUILT_IN), ("config/default.json", old)]).load().settings;
    assert_eq!(exposed(&settings.telegram.token), "telegram token");
    let openai = &settings.providers["openai"];
    assert_eq!(exposed(&openai.key), "open ai key");
    assert_eq!(openai.base_url, "https://api.openai.com/v1");
    assert_eq!(settings.model.chain, ["openai/*", "ollama/*", "embedded"]);
}

#[test]
fn the_token_files_of_old_bots_work() {
    let settings = world(&[("token_bot", "1:a\n"), ("token_gpt", "sk\r\n")]).load().settings;
    assert_eq!(exposed(&settings.telegram.token), "1:a");
    assert_eq!(exposed(&settings.providers["openai"].key), "sk");
    let world = world(&[("token_bot", "\n")]).env("TELEGRAM_TOKEN", "2:b");
    assert_eq!(exposed(&world.load().settings.telegram.token), "2:b");
}

#[test]
fn each_layer_wins_over_the_one_before() {
    let key = |world: &World| exposed(&world.load().settings.telegram.token).to_owned();
    let mut all = world(&[("config/default.toml", "[telegram]\ntoken = 'default'\n")]);
    assert_eq!(key(&all), "default");
    all.write("config/default.yaml", "telegram: {token: yaml}\n");
    assert_eq!(key(&all), "yaml");
    all.write("config/default.json", "{telegram: {token: 'json'}}");
    assert_eq!(key(&all), "json");
    all.write("config/server.toml", "telegram.token = 'server'");
    assert_eq!(key(&all), "json");
    all = all.env("APPRENTICE_ENV", "server");
    assert_eq!(key(&all), "server");
    all.write("extra.toml", "telegram.token = 'extra'");
    all.sources.file = Some(all.dir.path().join("extra.toml"));
    assert_eq!(key(&all), "extra");
    all = all.env("TELEGRAM_TOKEN", "short");
    assert_eq!(key(&all), "short");
    all = all.env("APPRENTICE__TELEGRAM__TOKEN", "long");
    assert_eq!(key(&all), "long");
    all.write("token_bot", "token_bot");
    assert_eq!(key(&all), "token_bot");
    all.write("mine", "mine");
    all = all.env("TELEGRAM_TOKEN_FILE", "mine");
    assert_eq!(key(&all), "mine");
    all = all.set("telegram.token", "argument");
    assert_eq!(key(&all), "argument");
}

#[test]
fn any_key_may_stand_in_a_file_of_its_own() {
    let world = world(&[
        ("config/default.toml", "[providers.mine]\nbase_url = 'http://h/v1/'\nkey_file = 'k'\n"),
        ("k", "the key\n"),
        ("h", "the header\n"),
        ("u", "postgres://u:p@h/d\n"),
    ]);
    let world = world.env("DATABASE_URL_FILE", "u").env("APPRENTICE__PROVIDERS__MINE__HEADERS__X_TITLE_FILE", "h");
    let settings = world.load().settings;
    let mine = &settings.providers["mine"];
    assert_eq!((exposed(&mine.key), mine.base_url.as_str()), ("the key", "http://h/v1"));
    assert_eq!(mine.headers["x-title"].expose_secret(), "the header");
    assert_eq!(settings.database_url().expose_secret(), "postgres://u:p@h/d");
    let missing = world.env("TELEGRAM_TOKEN_FILE", "nowhere");
    assert_eq!(missing.problem(), "environment TELEGRAM_TOKEN_FILE: cannot be read: entity not found (nowhere)");
}

#[test]
fn short_names_are_honoured_in_the_environment() {
    let world = world(&[])
        .env("TELEGRAM_API_URL", "http://127.0.0.1:8081/")
        .env("OPENAI_API_KEY", "second")
        .env("OPENAI_KEY", "first")
        .env("OPENAI_BASE_URL", "http://127.0.0.1:1234/v1")
        .env("OPENAI_MODEL", "vendor/some-model")
        .env("DISCORD_TOKEN", "d")
        .env("DISCORD_API_URL", "http://127.0.0.1:1")
        .env("DATABASE_URL", "postgres://u@h/d")
        .env("APPRENTICE_DATA", "/var/lib/apprentice")
        .env("APPRENTICE_LISTEN", "0.0.0.0:80")
        .env("APPRENTICE_OWNER", "telegram:123456, discord:7")
        .env("APPRENTICE_ACCESS", "open")
        .env("PREFIX", "?")
        .env("MODE", "production");
    let settings = world.load().settings;
    assert_eq!(settings.telegram.api_url, "http://127.0.0.1:8081");
    assert_eq!(exposed(&settings.providers["openai"].key), "first");
    assert_eq!(settings.providers["openai"].base_url, "http://127.0.0.1:1234/v1");
    assert_eq!(settings.model.chain, ["openai/vendor/some-model", "embedded"]);
    assert_eq!((exposed(&settings.discord.token), settings.discord.api_url.as_str()), ("d", "http://127.0.0.1:1"));
    assert_eq!(settings.data_dir, Path::new("/var/lib/apprentice"));
    assert_eq!(settings.listen.to_string(), "0.0.0.0:80");
    assert_eq!(settings.access.owner, ["telegram:123456", "discord:7"]);
    assert_eq!((settings.access.policy, settings.prefix.as_str()), (Access::Open, "?"));
    assert!(settings.json_logs());
}

#[test]
fn a_server_without_a_key_is_a_provider_but_openai_is_not() {
    let local = world(&[]).env("OPENAI_BASE_URL", "http://127.0.0.1:1234/v1").load().settings;
    assert!(local.providers["openai"].key.is_none());
    let model_only = world(&[]).env("OPENAI_MODEL", "m").problem();
    assert!(
        model_only.starts_with("environment OPENAI_MODEL: model.chain names the provider “openai”"),
        "{model_only}"
    );
}

#[test]
fn words_that_other_programs_use_do_not_stop_the_start() {
    let world = world(&[]).env("PREFIX", "/data/data/com.termux/files/usr").env("APPRENTICE_PORT", "tcp://1.2.3.4:80");
    let loaded = world.load();
    assert_eq!(loaded.settings.prefix, "!");
    let warned: Vec<_> = loaded.warnings.iter().map(|fault| fault.say(Lang::En)).collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].starts_with("environment PREFIX: "));
    let near = super::tests::world(&[]).env("APPRENTICE_LISTN", "0.0.0.0:80").load().warnings;
    assert_eq!(
        near[0].say(Lang::En),
        "environment APPRENTICE_LISTN: unknown key “APPRENTICE_LISTN”; the nearest known one is “APPRENTICE_LISTEN”"
    );
}

#[test]
fn all_faults_are_named_at_once_with_file_line_and_the_nearest_key() {
    let toml =
        "listen = 'here'\n[telegrm]\ntoken = 's'\n[telegram]\n\ntokn = 's'\npoll_timeout_s = 99\nkeywords = [1]\n";
    let yaml = "model:\n  temperature: hot\n  chain: [nothing]\nshutdown_grace_s: -1\n";
    let json =
        "{\n // c\n \"access\": {\n  \"policy\": \"ajar\",\n  \"owner\": 5 },\n \"TELEGRAM_TOKN\": 's', \"mode\": {} }";
    let files = [("config/default.toml", toml), ("config/default.yaml", yaml), ("config/default.json", json)];
    let world = world(&files).env("APPRENTICE__TELEGRAM__TOKN", "s").set("turn.max_seconds", "soon");
    insta::assert_snapshot!(world.problem(), @r#"
    config/default.toml:1: “listen” must be an address and a port like 127.0.0.1:8080
    config/default.toml:2: unknown key “telegrm”; the nearest known one is “telegram”
    config/default.toml:6: unknown key “telegram.tokn”; the nearest known one is “telegram.token”
    config/default.toml:7: “telegram.poll_timeout_s” must be a whole number from 0 to 50
    config/default.toml:8: “telegram.keywords” must be a list of texts
    config/default.yaml:2: “model.temperature” must be a number from 0 to 2, or "" for none
    config/default.yaml:3: “model.chain” must be a list of "provider/model", "provider/*" and "embedded"
    config/default.yaml:4: “shutdown_grace_s” must be a whole number from 0 to 600
    config/default.json:4: “access.policy” must be one of these: closed, pairing, open
    config/default.json:5: “access.owner” must be a list of accounts like "telegram:123456"
    config/default.json:6: unknown key “TELEGRAM_TOKN”; the nearest known one is “TELEGRAM_TOKEN”
    config/default.json:6: “mode” must be one of these: dev, production
    environment APPRENTICE__TELEGRAM__TOKN: unknown key “telegram.tokn”; the nearest known one is “telegram.token”
    command line --set: “turn.max_seconds” must be a whole number from 1 to 86400
    "#);
}

#[test]
fn a_file_with_a_broken_form_is_named_with_its_line() {
    for (name, text, line) in [
        ("config/default.toml", "a = 1\nb = [\n", 2),
        ("config/default.yaml", "a: 1\nb: [\n", 3),
        ("config/default.json", "{\n a: 1\n b: 2 }", 3),
    ] {
        let problem = world(&[(name, text)]).problem();
        assert!(problem.starts_with(&format!("{name}:{line}: is not well formed: ")), "{problem}");
    }
}

#[test]
fn a_named_file_must_be_there() {
    let mut world = world(&[]);
    world.sources.file = Some(world.dir.path().join("none.toml"));
    assert_eq!(world.problem(), "none.toml: cannot be read: entity not found");
}

#[test]
fn what_only_the_whole_shows_is_checked() {
    let toml = "persona = 'pirate'\n[telegram]\nmode = 'webhook'\nlocal = true\n[providers.lab]\nkey = 'k'\n\
                [model]\nchain = ['labb/x']\nanswer_tokens = 256\ncontext_tokens = 256\n";
    let problem = world(&[("config/default.toml", toml)]).problem();
    let of_telegram = ["base_url to the public", "telegram.local_dir"];
    for part in ["providers.lab.base_url", "“labb”", "personas.pirate", "answer_tokens"].into_iter().chain(of_telegram)
    {
        assert!(problem.contains(part), "{part} in\n{problem}");
    }
}

#[test]
fn a_chain_that_names_somebody_unknown_is_a_fault_unless_the_role_has_a_server() {
    let toml = "[hearing]\nchain = ['opnai/whisper-1', 'openai/whisper-1', 'embedded']\n\
                [speaking]\nchain = ['tts-1', 'espeak']\n[drawing]\nchain = ['embedded']\n";
    let problem = world(&[("config/default.toml", toml)]).problem();
    assert!(problem.contains("“drawing.chain” must be a list"), "{problem}");
    let toml = toml.replace("['embedded']", "[]");
    let problem = world(&[("config/default.toml", &toml)]).problem();
    for part in ["hearing.chain names “opnai/whisper-1”", "speaking.chain names “tts-1”"] {
        assert!(problem.contains(part), "{part} in\n{problem}");
    }
    assert_eq!(problem.lines().count(), 2, "{problem}");
    let served = world(&[("config/default.toml", &toml)]).set("hearing.base_url", "http://127.0.0.1:9/v1");
    assert!(!served.problem().contains("hearing"));
    world(&[]).set("hearing.language", "de-CH").load();
    assert!(world(&[]).set("hearing.language", "german").problem().contains("a language like"));
}

#[test]
fn the_environments_name_cannot_leave_the_directory() {
    let problem = world(&[]).env("APPRENTICE_ENV", "../../etc/passwd").problem();
    assert!(problem.starts_with("environment APPRENTICE_ENV: "), "{problem}");
}

#[test]
fn the_built_in_production_settings_are_in_effect_without_files() {
    let settings = world(&[]).env("APPRENTICE_ENV", "production").load().settings;
    assert_eq!(settings.mode, Mode::Production);
}

#[test]
fn config_shows_each_value_with_its_origin_and_no_secret() {
    let world = world(&[("config/default.toml", "[telegram]\ntoken = '123456:long-enough-to-tell-apart'\n")])
        .env("OPENAI_KEY", "short-one")
        .env("DATABASE_URL", "postgres://ann:pass@word@db.example/app?password=other")
        .set("listen", "127.0.0.1:9");
    assert_eq!(world.shown_key("telegram.token"), "telegram.token = \"••••part\" # config/default.toml:2");
    assert_eq!(world.shown_key("providers.openai.key"), "providers.openai.key = \"••••\" # environment OPENAI_KEY");
    let database = "database.url = \"postgres://ann:••••@db.example/app\" # environment DATABASE_URL";
    assert_eq!(world.shown_key("database.url"), database);
    assert_eq!(world.shown_key("listen"), "listen = \"127.0.0.1:9\" # command line --set");
    assert_eq!(world.shown_key("log.level"), "log.level = \"info\" # built in");
    assert_eq!(world.shown_key("model.chain"), "model.chain = [] # built in → openai/*, ollama/*, embedded");
    world.write("token_bot", "7:x");
    assert_eq!(world.shown_key("telegram.token"), "telegram.token = \"••••\" # file token_bot");
}

#[test]
fn what_config_shows_is_toml_again() {
    let shown = world(&[]).shown();
    let settings = parse_bytes(Format::Toml, shown.as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(settings).unwrap(), serde_json::to_value(Settings::built_in().unwrap()).unwrap());
}

/// Paths of all values in a tree.
fn paths(value: &serde_json::Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, value) in map {
                paths(value, &format!("{path}{}{name}", if path.is_empty() { "" } else { "." }), into);
            }
        }
        _ => drop(into.insert(path.to_owned())),
    }
}

#[test]
fn the_keys_the_struct_the_default_file_and_the_reference_agree() {
    let toml = "[providers.openai]\nkey = 'k'\n[providers.openai.headers]\nX-Y = 'z'\n";
    let settings = parse_bytes(Format::Toml, toml.as_bytes()).unwrap();
    let mut in_struct = BTreeSet::new();
    paths(&serde_json::to_value(&settings).unwrap(), "", &mut in_struct);
    let pattern = |path: &String| keys::find(path).unwrap_or_else(|| panic!("{path} is no key")).path;
    let in_struct: BTreeSet<_> = in_struct.iter().map(pattern).collect();
    let known: BTreeSet<_> = keys::KEYS.iter().map(|key| key.path).collect();
    assert_eq!(in_struct, known);
    for key in keys::KEYS {
        let (default, meaning) = describe::built_in(key);
        assert!(!meaning.is_empty(), "{} has no meaning in config/default.toml", key.path);
        assert!(!default.is_empty() || key.path.ends_with(".*"), "{} has no default in config/default.toml", key.path);
    }
    let documented = include_str!("../../../../docs/settings.md");
    let table = reference();
    assert!(
        documented.ends_with(&table),
        "docs/settings.md must end with what `apprentice config --reference` prints:\n{table}"
    );
}

#[test]
fn a_changed_file_applies_what_may_change_and_names_what_may_not() {
    let world = world(&[("config/default.toml", "[access]\npolicy = 'closed'\n")]);
    let (live, mut watcher) = watched(world.load());
    assert!(matches!(watcher.check(), Checked::Unchanged));
    world.write(
        "config/default.toml",
        "data_dir = 'elsewhere'\n[access]\npolicy = 'open'\n[telegram]\nkeywords = ['hey']\n",
    );
    let Checked::Applied(changes) = watcher.check() else { panic!("not applied") };
    let changed: Vec<_> = changes.iter().map(|c| (c.key.as_str(), c.applies)).collect();
    let expected =
        [("access.policy", Applies::Live), ("data_dir", Applies::Restart), ("telegram.keywords", Applies::Live)];
    assert_eq!(changed, expected);
    let now = live.current();
    assert_eq!(now.settings.access.policy, Access::Open);
    assert_eq!(now.settings.telegram.keywords, ["hey"]);
    assert_eq!(now.settings.data_dir, Path::new("data"));
    assert!(matches!(watcher.check(), Checked::Unchanged));
}

#[test]
fn a_file_with_a_fault_changes_nothing() {
    let world = world(&[("config/default.toml", "[access]\npolicy = 'open'\n")]);
    let (live, mut watcher) = watched(world.load());
    world.write("config/default.toml", "[access]\npolicy = 'ajar, and longer'\n");
    assert!(matches!(watcher.check(), Checked::Refused(_)));
    assert_eq!(live.current().settings.access.policy, Access::Open);
    assert!(matches!(watcher.check(), Checked::Unchanged));
    world.write("config/default.json", "{access: {policy: 'pairing'}}");
    assert!(matches!(watcher.check(), Checked::Refused(_)));
    world.write("config/default.toml", "");
    assert!(matches!(watcher.check(), Checked::Applied(_)));
    assert_eq!(live.current().settings.access.policy, Access::Pairing);
}

#[tokio::test]
async fn the_files_are_followed_until_the_end_and_the_change_is_handed_on() {
    let world = world(&[]);
    let live = Live::new(world.load());
    let (hand_on, mut handed_on) = tokio::sync::mpsc::channel(1);
    let end = tokio_util::sync::CancellationToken::new();
    let changed = move |settings: &Settings| hand_on.try_send(settings.access.policy).unwrap();
    let following = tokio::spawn(follow(live.clone(), changed, end.clone()));
    // The watcher begins with the files as they are when it first looks.
    tokio::task::yield_now().await;
    world.write("config/default.yaml", "access: {policy: pairing}");
    assert_eq!(handed_on.recv().await, Some(Access::Pairing));
    assert_eq!(live.current().access.policy, Access::Pairing);
    end.cancel();
    following.await.unwrap();
}

#[test]
fn every_live_key_really_changes_and_every_other_does_not() {
    let old = world(&[]).load();
    let mut entries = old.entries.clone();
    for (path, entry) in &mut entries {
        let other = match (&entry.leaf, keys::find(path).unwrap().kind) {
            (_, keys::Kind::Choice(words)) => Leaf::Text(words.last().unwrap().to_string()),
            (Leaf::Whole(number), _) => Leaf::Whole(number + 1),
            (Leaf::Real(number), _) => Leaf::Real(number / 2.0),
            (Leaf::Flag(flag), _) => Leaf::Flag(!flag),
            (leaf, _) => leaf.clone(),
        };
        entry.leaf = other;
    }
    let (settings, entries) = finish(entries, &mut Vec::new()).unwrap();
    let new = Loaded { settings, entries, ..old.clone() };
    let was = serde_json::to_value(&old.settings).unwrap();
    let kept = super::live::keep_what_needs_a_restart(&old, new.clone());
    let now = serde_json::to_value(&kept.settings).unwrap();
    for change in reloadable_diff(&old, &new) {
        let at = |tree: &serde_json::Value| tree.pointer(&format!("/{}", change.key.replace('.', "/"))).cloned();
        // A provider that cannot be used is in no tree.
        assert_eq!(at(&was) != at(&now), change.applies == Applies::Live && at(&was).is_some(), "{}", change.key);
    }
}

const SECRET: &str = "5ecret-value-that-nobody-may-see";

fn hides(text: &str) -> bool {
    !text.contains("5ecret") && !text.contains("value-that")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_layers_the_last_that_speaks_wins(speak in proptest::collection::vec(any::<bool>(), 6)) {
        let text = |n: usize| format!("[log]\nlevel = '{}'\n", LEVELS[n]);
        let mut all = world(&[]).env("APPRENTICE_ENV", "e");
        if speak[0] { all.write("config/default.toml", &text(0)); }
        if speak[1] { all.write("config/default.yaml", &format!("log: {{level: {}}}", LEVELS[1])); }
        if speak[2] { all.write("config/e.toml", &text(2)); }
        if speak[3] { all = all.env("APPRENTICE__LOG__LEVEL", LEVELS[3]); }
        if speak[4] { all.write("level", LEVELS[4]); all = all.env("APPRENTICE__LOG__LEVEL_FILE", "level"); }
        if speak[5] { all = all.set("log.level", LEVELS[5]); }
        let expected = speak.iter().rposition(|speaks| *speaks).map_or("info", |n| LEVELS[n]);
        prop_assert_eq!(all.load().settings.log.level, expected);
    }

    #[test]
    fn any_bytes_are_settings_or_a_problem(bytes in proptest::collection::vec(any::<u8>(), 0..200), format in formats()) {
        if let Err(problem) = parse_bytes(format, &bytes) {
            prop_assert!(!problem.faults.is_empty());
            prop_assert!(!problem.to_string().is_empty());
        }
    }

    #[test]
    fn any_text_near_settings_is_settings_or_a_problem(
        text in "([a-z_]{1,8}|telegram|token|providers|model|chain|[\\[\\]{}:=,.\"'#&*!|>%@` \n\t-]|[0-9]{1,20}){0,60}",
        format in formats(),
    ) {
        drop(parse_bytes(format, text.as_bytes()));
    }

    #[test]
    fn no_secret_is_ever_repeated(cut in 0_usize..220, noise in "[\\[\\]{}:=,\"'#&*!\n -]{0,3}", format in formats()) {
        let text = match format {
            Format::Toml => format!("[telegram]\ntoken = \"{SECRET}\"\nmode = \"{SECRET}\"\nlistn = \"{SECRET}\"\n"),
            Format::Yaml => format!("telegram:\n  token: {SECRET}\n  mode: {SECRET}\nlistn: {SECRET}\n"),
            Format::Json => format!("{{\"telegram\": {{\"token\": \"{SECRET}\", \"mode\": \"{SECRET}\"}}, \"listn\": \"{SECRET}\"}}"),
        };
        let cut = cut.min(text.len());
        let (head, tail) = text.split_at(cut);
        if let Err(problem) = parse_bytes(format, format!("{head}{noise}{tail}").as_bytes()) {
            // A key is named; what the noise has made a key is not a value any more.
            let values_only = problem.faults.iter().filter(|f| !matches!(f.wrong, Wrong::Unknown(..) | Wrong::Name(_)));
            for fault in values_only {
                prop_assert!(hides(&fault.say(Lang::En)), "{}", fault.say(Lang::En));
            }
        }
    }
}

const LEVELS: [&str; 6] = ["error", "warn", "debug", "trace", "error", "warn"];

fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Toml), Just(Format::Yaml), Just(Format::Json)]
}

#[test]
fn no_form_of_output_shows_a_secret() {
    let toml =
        "[providers.p]\nbase_url = 'http://h'\n[providers.p.headers]\napi-key = '5ecret-value-that-nobody-may-see'\n";
    let mut all = world(&[("config/default.toml", toml)]);
    for key in keys::KEYS.iter().filter(|key| key.kind.is_secret() && !key.path.ends_with(".*")) {
        let value = match key.kind {
            keys::Kind::SecretUrl => "postgres://u:5ecret-value-that-nobody-may-see@h/d".to_owned(),
            _ => SECRET.to_owned(),
        };
        all = all.set(&key.path.replace('*', "p"), &value);
    }
    let loaded = all.load();
    assert_eq!(exposed(&loaded.settings.blobs.secret), SECRET);
    assert_eq!(loaded.settings.providers["p"].headers["api-key"].expose_secret(), SECRET);
    let json = serde_json::to_string(&loaded.settings).unwrap();
    let other = world(&[]).load();
    let diff = format!("{:?}", reloadable_diff(&other, &loaded));
    for text in [format!("{loaded:?}"), format!("{:?}", loaded.settings), json, describe(&loaded, Lang::Ru), diff] {
        assert!(hides(&text), "{text}");
    }
    assert!(hides(&format!("{:?}", world(&[]).env("OPENAI_KEY", SECRET).sources)));
}
