//! What is said to models, in English and Russian, as patterns over folded text.

use super::Attack;
use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// How deep encodings are looked into.
pub(super) const MOST_DEPTH: usize = 2;

/// Words after "you are now" with which people are told something.
pub(super) const HARMLESS_NEXT: &[&str] = &[
    "member",
    "customer",
    "user",
    "subscriber",
    "participant",
    "guest",
    "student",
    "client",
    "resident",
    "employee",
    "partner",
    "admin",
    "administrator",
    "moderator",
    "owner",
    "trainer",
    "few",
    "step",
    "second",
    "third",
    "winner",
];

const OVERRIDE: &[&str] = &[
    concat!(
        "(?:ignore|disregard|forget|override|bypass|discard|overlook|neglect|do not follow|dont follow|don t follow|stop following|stop obeying",
        "|disobey|pay no attention to|set aside|throw away|abandon) (?:(?:all|any|every|each|everything|of|in|the|your|my|these|those|their|its|absolutely|completely) ){0,4}",
        "(?:previous|prior|above|earlier|preceding|former|foregoing|system|original|initial|existing|developer|safety) (?:[a-z]+ ){0,2}?",
        "(?:instructions?|prompts?|rules?|directions?|guidelines?|directives?|commands?|orders?|context|training|programming|messages?|constraints?|restrictions?|text)"
    ),
    "(?:ignore|disregard|forget|discard|disobey|bypass|drop|abandon) (?:all |all of |any of |everything in )?your (?:[a-z]+ )?(?:instructions?|rules|guidelines|training|programming|prompt|restrictions|directives|safety|constraints)",
    "(?:ignore|disregard|forget|disobey) (?:absolutely )?(?:all|any|every) (?:the )?(?:instructions?|rules|guidelines|directives|prompts?)",
    "(?:ignore|disregard|forget) (?:everything|anything|all|whatever)(?: that)? (?:(?:written |said |stated )?(?:above|before this|previously|prior)|you (?:were|have been|know|ve been|learned|learnt)|i (?:said|told))",
    "(?:ignore|disregard) (?:the|all) (?:above|foregoing|preceding)",
    "(?:all|your|any) (?:of your )?(?:previous|prior|earlier|above|existing) (?:instructions?|rules|prompts?|directives|guidelines) (?:are|is|have been|no longer|do not|don t)",
    "from now on you (?:are an?|will be|will act|act|will respond|will answer|respond|answer|obey|must obey|must answer|must respond|have no|only (?:say|answer|respond|speak))",
    "from now on (?:always |only )?(?:respond|answer|obey|act as|reply)",
    "(?:here are |these are |follow )?your new (?:instructions|rules|directives|guidelines)",
    "(?:decode|decrypt|deobfuscate) (?:[a-z0-9]+ ){1,8}and (?:follow|execute|obey|run|do)",
    "(?:without telling|without informing|without notifying|do not tell|don t tell|dont tell|do not inform|do not alert) (?:the |any )?users?(?: |$)",
    "(?:instructions?|note|message|attention|command|order|directive)s? (?:for|to) (?:the |all |any )?(?:ai|llms?|language models?|ai models?|ai assistants?|chatbots?|chatgpt|gpt)",
    concat!(
        "(?:игнорируй|проигнорируй|забудь|отбрось|пренебреги|нарушь|обойди|не обращай внимания на|не следуй|не соблюдай|не выполняй|перестань (?:следовать|соблюдать|выполнять))",
        "(?:те)? (?:[а-я]+ ){0,3}?(?:вс[ею]|всех|всем|всеми|свои|своих|своим|твои|твоих|твоим|предыдущ[а-я]+|прежн[а-я]+|прошл[а-я]+|системн[а-я]+|вышеуказанн[а-я]+|вышеизложенн[а-я]+|изначальн[а-я]+|исходн[а-я]+|полученн[а-я]+|данные тебе) ",
        "(?:[а-я]+ ){0,2}?(?:инструкци|указани|правил|команд|промпт|промт|установк|ограничени|запрет|директив|контекст)"
    ),
    "(?:отмени|сбрось|удали|замени)(?:те)? (?:[а-я]+ ){0,2}?(?:предыдущ[а-я]+|прежн[а-я]+|системн[а-я]+|свои|твои) (?:[а-я]+ )?(?:инструкци|промпт|промт|указани|директив)",
    "(?:игнорируй|забудь)(?:те)? (?:обо |про )?(?:все|всем|всего)(?: то)? ?(?:что|о чем)? (?:тебе|ты|было|выше|сказано|написано|я)",
    "(?:все |твои )(?:предыдущие|прежние|прошлые) (?:инструкции|указания|правила|промпты) (?:отменены|отменяются|недействительны|больше не|устарели|не действуют)",
    "(?:расшифруй|декодируй|раскодируй)(?:те)? (?:[а-яa-z0-9]+ ){1,8}и (?:выполни|следуй|исполни)",
    "не (?:говори|сообщай|рассказывай)(?:те)? (?:об этом )?(?:пользовател)",
    "(?:инструкци[яи]|указани[ея]|сообщение|команда) для (?:ии|нейросети|нейросетей|языковой модели|языковых моделей|чат ?бота|ии ассистента|llm|gpt|chatgpt)(?: |$)",
    "(?:вот )?твои новые (?:инструкции|правила|указания)",
];

const PERSONA: &[&str] = &[
    "you are now (?:an?|my|the) (?<next>[a-z]+)",
    "you are now (?:dan|evil|unrestricted|uncensored|jailbroken|root|called|named|acting|playing|free (?:from|of)|in (?:developer|dan|debug|admin|unrestricted|jailbreak|god) mode|no longer (?:bound|restricted|limited))",
    "you (?:re|are) no longer (?:an? (?:ai|assistant|language|bot|chatbot|model)|bound|restricted|limited by)",
    "(?:pretend|imagine|suppose|assume)(?: that)? you (?:are|re|have no|can|were) (?:[a-z]+ ){0,3}(?:ai|model|assistant|bot|restrictions?|rules|filters?|unrestricted|uncensored|evil|hacker|human|dan|anything|limits)",
    "(?:act|behave|respond|answer|roleplay|speak) (?:as|like) (?:if you (?:are|were|have) )?(?:an? )?(?:[a-z]+ )?(?:dan|unrestricted|uncensored|unfiltered|evil|jailbroken|malicious)",
    "(?:answer|respond|reply|act|speak|operate|function) (?:[a-z]+ ){0,4}without (?:any )?(?:[a-z]+ )?(?:restrictions?|filters?|censorship|limits|limitations|guidelines|safety)",
    "do anything now",
    "(?:enter|enable|activate|switch to|go into) (?:dan|jailbreak|unrestricted|uncensored|unfiltered|evil) mode",
    "your (?:new|real|true|secret|only) (?:role|purpose|identity|persona|task|goal|objective|directive|instructions?) (?:is|are)(?: |$)",
    "(?:отныне|с этого момента|с этой минуты|впредь) ты (?:будешь|должен|должна|не|отвечаешь|обязан|являешься|мой|моя|зовешься|играешь|всегда|dan|[а-я]+ (?:бот|ассистент|помощник|ии|хакер))",
    "(?:теперь ты|ты теперь) (?:[а-я]+ ){0,2}(?:бот|ассистент|помощник|ии|хакер|dan|модель|нейросеть|пират|злодей|персонаж|разработчик|без ограничений|не (?:связан|ограничен|обязан)|свобод[а-я]+ от|отвечаешь|игнорируешь|играешь роль|(?:должен|будешь) (?:отвечать|игнорировать|говорить|выполнять))",
    "ты больше не (?:ассистент|помощник|бот|модель|ии|связан|обязан|ограничен|должен|искусственн)",
    "(?:притворись|прикинься)(?:те)? (?:что ты |будто ты )?[а-яa-z]+",
    "(?:представь|вообрази)(?:те)? (?:себе )?что ты (?:[а-я]+ ){0,2}(?:без|не|ии|бот|модель|хакер|злой|ассистент|человек|dan)",
    "(?:веди себя|действуй|отвечай|говори) (?:[а-я]+ )?(?:как|словно|будто) (?:[а-я]+ )?(?:dan|хакер|администратор|неограниченн[а-я]+|ии|бот|модель|злой|злодей)",
    "(?:отвечай|действуй|работай|говори)(?:те)? (?:[а-я]+ ){0,4}без (?:[а-я]+ ){0,2}(?:ограничений|цензуры|фильтров|правил|запретов)",
    "(?:войди|перейди|переключись) в (?:[а-я]+ )?режим (?:dan|без|разработчика|бога|администратора|отладки)",
    "твоя (?:новая|настоящая|истинная|единственная) (?:роль|задача|цель|личность)",
];

const PROMPT: &[&str] = &[
    concat!(
        "(?:reveal|print|show|repeat|output|leak|expose|display|disclose|tell|give|send|share|dump|recite|copy|write out|summari[sz]e|translate|paste|quote)(?: [a-z]+){0,4} ",
        "(?:system|initial|hidden|secret|original|internal|developer|full|entire) (?:prompts?|messages?|instructions?)"
    ),
    "(?:reveal|print|show|repeat|output|leak|disclose|recite|paste)(?: me)? (?:all )?(?:of )?your (?:[a-z]+ )?(?:prompt|instructions)",
    "(?:new|updated|modified) system prompt",
    "system prompt (?:override|is now|update|begins|starts|follows|ends|has changed)",
    "(?:override|replace|overwrite|bypass|rewrite) (?:the |your )?system (?:prompt|message|instructions)",
    "what (?:is|are|was|were) your (?:system|initial|original|hidden|secret) (?:prompt|instructions|message)",
    "(?:repeat|print|output) (?:everything|all|the (?:text|words)) (?:[a-z]+ )?above",
    concat!(
        "(?:покажи|выведи|напечатай|раскрой|повтори|скажи|назови|процитируй|пришли|выдай|опиши|перескажи|расскажи)(?:те)? (?:[а-я]+ ){0,4}?",
        "(?:(?:системн|скрыт|секретн|начальн|исходн|внутренн)[а-я]+ (?:промпт|промт|сообщени|инструкци|подсказк)|(?:свой|твой|свои|твои) (?:промпт|промт|инструкци))"
    ),
    "(?:новый|твой|измени|замени|перезапиши) (?:свой )?системный (?:промпт|промт)",
    "системный (?:промпт|промт) (?:отменен|теперь|заменен|изменен|обновлен)",
    "(?:повтори|выведи|напечатай)(?:те)? (?:весь |все |всё )?(?:текст )?(?:что )?(?:написано |сказано )?выше",
];

/// Marks that chat templates put between roles, over the text as it is.
const TAGS: &str = concat!(
    r#"(?im)<[|｜][a-z_▁ ]{2,30}[|｜]>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|<(?:start|end)_of_turn>"#,
    r#"|</?(?:system|assistant|developer|system_prompt|instructions|system-prompt|human)>"#,
    r#"|\[/?(?:SYSTEM_PROMPT|SYS|ASSISTANT|SYSTEM MESSAGE|SYSTEM OVERRIDE|SYSTEM PROMPT)\]"#,
    r#"|^\s*(?:system prompt|system message|system override|developer message|системный промпт|системный промт|системное сообщение)\s*:"#,
    r#"|^#{2,4} ?(?:system|instruction|response|assistant|human)\s*:|["']role["']\s*:\s*["'](?:system|developer)["']"#,
);

pub(super) struct Compiled {
    pub(super) any: RegexSet,
    pub(super) each: Vec<(Attack, Regex)>,
    pub(super) tags: RegexSet,
    person: RegexSet,
    pub(super) blob: Option<Regex>,
}

impl Compiled {
    /// Whether lines pretend to be a talk of a person and the model.
    pub(super) fn both_sides(&self, text: &str) -> bool {
        self.person.matches(text).iter().count() == 2
    }
}

/// Every pattern by what it shows.
pub(super) fn all() -> impl Iterator<Item = (Attack, &'static str)> {
    let each = |attack, patterns: &'static [&'static str]| patterns.iter().map(move |pattern| (attack, *pattern));
    each(Attack::Override, OVERRIDE).chain(each(Attack::Persona, PERSONA)).chain(each(Attack::Prompt, PROMPT))
}

/// Patterns are constant; a test holds that every one of them compiles.
pub(super) static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
    let each: Vec<_> =
        all().filter_map(|(attack, pattern)| Regex::new(pattern).ok().map(|pattern| (attack, pattern))).collect();
    let set = |patterns: Vec<&str>| RegexSet::new(patterns).unwrap_or_else(|_| RegexSet::empty());
    Compiled {
        any: set(each.iter().map(|(_, pattern)| pattern.as_str()).collect()),
        each: each.clone(),
        tags: set(vec![TAGS]),
        person: set(vec![
            r"(?im)^\s*(?:human|user|пользователь|человек)\s*:",
            r"(?im)^\s*(?:assistant|ai|ассистент|ии)\s*:",
        ]),
        blob: Regex::new(r"[A-Za-z0-9+/_-]{24,}={0,2}").ok(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let patterns = all().count();
        assert_eq!((COMPILED.each.len(), COMPILED.any.len()), (patterns, patterns));
        assert_eq!((COMPILED.tags.len(), COMPILED.person.len()), (1, 2));
        assert!(COMPILED.blob.is_some());
    }
}
