//! Commands, declared once: this list becomes Telegram's menu, the page's palette, `/help` and the
//! documentation. What a command says about itself stands in the Fluent files under
//! `command-<name>`, its arguments under `command-<name>-args`.

use crate::person::{Lang, Standing};
use crate::text;

/// What can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Greets, and takes the code that binds an owner.
    Start,
    /// Lists what this person may do here.
    Help,
    /// Begins a new conversation.
    New,
    /// Answers the last question once more.
    Retry,
    /// Ends the running answer.
    Stop,
    /// Shows or chooses the model.
    Model,
    /// Shows or chooses the persona.
    Persona,
    /// Shows or sets the system text of this conversation.
    System,
    /// Shows or chooses the language.
    Lang,
    /// Shows or chooses when answers are spoken too.
    Voice,
    /// Says something aloud.
    Say,
    /// Writes down what is said in a recording.
    Transcribe,
    /// Draws a picture, or changes the one that is replied to.
    Image,
    /// Draws the picture that is replied to once more, differently.
    Vary,
    /// Lists, shows and forgets documents.
    Docs,
    /// Takes back a message of the bot.
    Delete,
    /// Shows tokens and cost.
    Usage,
    /// Shows what answers, and how it is.
    Status,
    /// Says why the bot spoke or stayed silent here.
    WhySilent,
    /// Corrects an answer.
    Correct,
    /// Asks questions whose answers are known, and reports.
    Test,
    /// Shows what shaped an answer.
    Why,
    /// Says something about the bot.
    Feedback,
    /// Gives an answer one to five stars.
    Rate,
    /// Says why an answer was not good.
    Reason,
    /// Confirms what another member taught a group.
    Agree,
    /// Makes, lists, tries and ends rules.
    Rule,
    /// Turns choosing between two answers on or off.
    Twin,
    /// What waits for somebody who may approve it.
    Review,
    /// Learns from data, and trains on it.
    Train,
    /// Checks a directory, archives it and learns from it.
    SelectDataset,
    /// Makes an archive of a directory.
    Archive,
    /// Hands out a file of the data root.
    GetFile,
    /// Versions of the dataset.
    Dataset,
    /// Lists long work.
    Jobs,
    /// Shows, confirms or ends one piece of long work.
    Job,
    /// Lists releases.
    Releases,
    /// Asks two releases the same questions.
    Compare,
    /// Lets a release answer everybody.
    Promote,
    /// Lets a release answer a share of the conversations.
    Canary,
    /// Lets a release answer beside, unseen.
    Shadow,
    /// Takes a release back.
    Rollback,
    /// Shows what was learnt, and what to teach next.
    Progress,
    /// Teaches a question and its answer.
    Teach,
    /// Unlearns a lesson, or erases everything about the person.
    Forget,
    /// Says what is stored about the person.
    MyData,
    /// Hands out what is stored about the person.
    Export,
    /// Says what is stored and why.
    Privacy,
    /// Shows all that can be set.
    Settings,
    /// Shows the owner's instruction file.
    Instruction,
    /// Lets somebody in.
    Allow,
    /// Keeps somebody out.
    Block,
    /// Gives somebody a role.
    Role,
    /// Lists and mends work that is waiting or parked.
    Work,
}

/// One line of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which command.
    pub command: Command,
    /// Its name, then its other names; lower case, as typed after `/`.
    pub names: &'static [&'static str],
    /// Who may use it.
    pub needs: Standing,
    /// Whether groups' menus show it; typed, it works everywhere.
    pub in_groups: bool,
}

impl Spec {
    /// The name people see.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
    /// What it does, in one line.
    pub fn help(&self, lang: Lang) -> String {
        text::say(lang, &format!("command-{}", self.key()))
    }
    /// Its arguments as a usage line shows them, empty for none.
    pub fn args(&self, lang: Lang) -> String {
        match text::say(lang, &format!("command-{}-args", self.key())) {
            args if args == "-" => String::new(),
            args => args,
        }
    }
    fn key(&self) -> String {
        self.name().replace('_', "-")
    }
}

const fn spec(command: Command, names: &'static [&'static str], needs: Standing) -> Spec {
    Spec { command, names, needs, in_groups: false }
}

/// A command that groups' menus show too.
const fn shared(command: Command, names: &'static [&'static str], needs: Standing) -> Spec {
    Spec { command, names, needs, in_groups: true }
}

/// Every command, in the order in which help lists them.
pub const REGISTRY: &[Spec] = &[
    spec(Command::Start, &["start"], Standing::Stranger),
    shared(Command::Help, &["help"], Standing::User),
    shared(Command::New, &["new", "clear"], Standing::User),
    shared(Command::Retry, &["retry"], Standing::User),
    shared(Command::Stop, &["stop"], Standing::User),
    shared(Command::Teach, &["teach"], Standing::User),
    shared(Command::Correct, &["correct"], Standing::User),
    shared(Command::Why, &["why"], Standing::User),
    spec(Command::Test, &["test"], Standing::Trainer),
    shared(Command::Rate, &["rate"], Standing::User),
    shared(Command::Reason, &["reason"], Standing::User),
    shared(Command::Agree, &["agree"], Standing::User),
    spec(Command::Feedback, &["feedback"], Standing::User),
    shared(Command::Rule, &["rule", "rules"], Standing::User),
    spec(Command::Twin, &["twin"], Standing::User),
    spec(Command::Progress, &["progress"], Standing::User),
    spec(Command::Review, &["review"], Standing::Trainer),
    spec(Command::Train, &["train"], Standing::Trainer),
    spec(Command::SelectDataset, &["select_dataset"], Standing::Trainer),
    spec(Command::Archive, &["archive"], Standing::Trainer),
    spec(Command::GetFile, &["getfile"], Standing::Trainer),
    spec(Command::Dataset, &["dataset", "datasets"], Standing::Trainer),
    spec(Command::Jobs, &["jobs"], Standing::User),
    spec(Command::Job, &["job"], Standing::User),
    spec(Command::Releases, &["releases"], Standing::Trainer),
    spec(Command::Compare, &["compare"], Standing::Trainer),
    spec(Command::Promote, &["promote"], Standing::Owner),
    spec(Command::Canary, &["canary"], Standing::Owner),
    spec(Command::Shadow, &["shadow"], Standing::Owner),
    spec(Command::Rollback, &["rollback"], Standing::Owner),
    shared(Command::Model, &["model"], Standing::User),
    shared(Command::Persona, &["persona"], Standing::User),
    spec(Command::System, &["system"], Standing::User),
    spec(Command::Lang, &["lang"], Standing::User),
    spec(Command::Voice, &["voice"], Standing::User),
    shared(Command::Say, &["say"], Standing::User),
    shared(Command::Transcribe, &["transcribe"], Standing::User),
    shared(Command::Image, &["image", "draw"], Standing::User),
    shared(Command::Vary, &["vary"], Standing::User),
    spec(Command::Docs, &["docs"], Standing::User),
    shared(Command::Delete, &["delete"], Standing::User),
    spec(Command::Usage, &["usage"], Standing::User),
    spec(Command::Status, &["status"], Standing::User),
    shared(Command::WhySilent, &["why_silent"], Standing::User),
    shared(Command::Settings, &["settings"], Standing::User),
    spec(Command::Instruction, &["instruction"], Standing::User),
    spec(Command::Privacy, &["privacy"], Standing::Stranger),
    spec(Command::MyData, &["mydata"], Standing::User),
    spec(Command::Export, &["export"], Standing::User),
    spec(Command::Forget, &["forget"], Standing::User),
    spec(Command::Allow, &["allow"], Standing::Owner),
    spec(Command::Block, &["block"], Standing::Owner),
    spec(Command::Role, &["role"], Standing::Owner),
    spec(Command::Work, &["work"], Standing::Owner),
];

/// What a text is, seen as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// No command.
    Nothing,
    /// A command for another bot in the same group (`/stop@other_bot`).
    Foreign,
    /// This one, with the rest of the text, trimmed.
    Known(Command, String),
    /// A command nobody knows, with the nearest that this person may use.
    Unknown {
        /// What was typed, without the slash.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
}

/// Reads a text as a command. `bot` is this bot's user name where the platform has one.
pub fn read(text: &str, bot: Option<&str>, standing: Standing) -> Typed {
    let Some(rest) = text.trim_start().strip_prefix('/') else { return Typed::Nothing };
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (name, addressee) = word.split_once('@').map_or((word, None), |(name, to)| (name, Some(to)));
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return Typed::Nothing;
    }
    if let (Some(to), Some(bot)) = (addressee, bot)
        && !to.eq_ignore_ascii_case(bot)
    {
        return Typed::Foreign;
    }
    let name = name.to_lowercase();
    match find(&name) {
        Some(spec) => Typed::Known(spec.command, rest.trim().to_owned()),
        None => Typed::Unknown { nearest: nearest(&name, standing), name },
    }
}

/// The registry's line for a name or another name of a command.
pub fn find(name: &str) -> Option<&'static Spec> {
    REGISTRY.iter().find(|spec| spec.names.contains(&name))
}

/// The registry's line for a command.
pub fn spec_of(command: Command) -> Option<&'static Spec> {
    REGISTRY.iter().find(|spec| spec.command == command)
}

/// The commands a person of that standing may use.
pub fn allowed(standing: Standing) -> impl Iterator<Item = &'static Spec> {
    REGISTRY.iter().filter(move |spec| standing >= spec.needs)
}

fn nearest(name: &str, standing: Standing) -> Option<&'static str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(name, candidate);
    allowed(standing)
        .flat_map(|spec| spec.names.iter().copied())
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(d, candidate)| *d <= 1 + candidate.len() / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether a text is the command that ends a running answer: `/stop`, also addressed (`/stop@bot`).
pub fn is_stop(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("");
    first.split('@').next() == Some("/stop")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Typed {
        read(text, Some("helper_bot"), Standing::Owner)
    }

    #[test]
    fn a_command_is_read_with_its_argument_and_addressee() {
        assert_eq!(typed("/lang ru"), Typed::Known(Command::Lang, "ru".into()));
        assert_eq!(typed("/NEW@Helper_Bot"), Typed::Known(Command::New, String::new()));
        assert_eq!(typed("/clear"), Typed::Known(Command::New, String::new()));
        assert_eq!(typed("/teach a =>\n b"), Typed::Known(Command::Teach, "a =>\n b".into()));
        assert_eq!(typed("/new@other_bot"), Typed::Foreign);
        assert_eq!(typed("/"), Typed::Nothing);
        assert_eq!(typed("/etc/passwd is a file"), Typed::Nothing);
        assert_eq!(typed("и/или"), Typed::Nothing);
    }

    #[test]
    fn an_unknown_command_suggests_the_nearest_that_the_person_may_use() {
        let nearest = |text, standing| match read(text, None, standing) {
            Typed::Unknown { nearest, .. } => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(nearest("/hlep", Standing::User), Some("help"));
        assert_eq!(nearest("/alow", Standing::Owner), Some("allow"));
        assert_eq!(nearest("/alow", Standing::User), None);
        assert_eq!(nearest("/xyzzy", Standing::Owner), None);
    }

    #[test]
    fn names_are_unique_and_fit_telegrams_menu() {
        let mut names: Vec<_> = REGISTRY.iter().flat_map(|spec| spec.names).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        for spec in REGISTRY {
            for lang in [Lang::En, Lang::Ru] {
                let help = spec.help(lang);
                assert!(!help.starts_with("command-") && help.chars().count() <= 256, "{help}");
                assert!(!spec.args(lang).starts_with("command-"), "{}", spec.name());
            }
        }
    }
}
