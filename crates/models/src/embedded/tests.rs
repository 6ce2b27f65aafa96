#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
use domain::ids::{Millis, PersonId};

fn lesson(id: &str, question: &str, answer: &str, scope: Scope) -> Lesson {
    Lesson {
        id: id.into(),
        scope,
        question: question.into(),
        answer: answer.into(),
        teacher: PersonId::from("t"),
        exchange: None,
        at: Millis(0),
    }
}

/// Questions that are taught, and other wordings of each that must find it.
const TAUGHT: &[(&str, &[&str])] = &[
    (
        "When does the library open on Saturday?",
        &[
            "On Saturday, when is the library open?",
            "library saturday opening",
            "when does the libary open on saturday",
        ],
    ),
    (
        "What is the capital of France?",
        &["what's the capital of France", "capital of france?", "tell me the capital of France please"],
    ),
    (
        "Who repairs the coffee machine?",
        &["who can repair the coffee machine", "coffee machine repairs: who?", "who repaired the coffee machine"],
    ),
    ("Какой пароль от вайфая?", &["какой у нас пароль от вайфая", "скажи пароль вайфая", "пароль от вайфая какой"]),
    (
        "Во сколько закрывается столовая?",
        &["когда закрывается столовая", "столовая во сколько закрывается?", "во скольео закрывается столовая"],
    ),
    (
        "Где хранятся ключи от склада?",
        &["ключи от склада где хранятся", "где хранить ключи от склада", "где ключи от склада"],
    ),
];

/// Near misses: alike, but another question.
const OTHER: &[&str] = &[
    "When does the library close on Sunday evening in winter?",
    "What is the capital of Spain?",
    "What is the population of France?",
    "Who makes coffee in the morning?",
    "Какой пароль от почты?",
    "Где столовая?",
    "Где хранятся документы отдела кадров?",
    "How tall is Mount Everest?",
    "Write me a poem about autumn leaves",
    "Сколько планет в Солнечной системе?",
    "What is 17 times 23?",
    "Кто написал «Войну и мир»?",
    "Explain quantum entanglement",
    "Переведи на немецкий слово дерево",
];

fn taught() -> Embedded {
    let mut model = Embedded::new();
    for (at, (question, _)) in TAUGHT.iter().enumerate() {
        model.learn(&lesson(&format!("L{at}"), question, &format!("answer {at}"), Scope::Everyone));
    }
    model
}

fn told(model: &Embedded, question: &str) -> String {
    match model.answer(question, &[Scope::Everyone], Lang::En, None) {
        Reply::Answer { markdown, .. } => markdown,
        Reply::Unknown { .. } => "unknown".into(),
        Reply::Smalltalk { .. } => "smalltalk".into(),
    }
}

#[test]
fn lessons_are_found_in_other_words() {
    let model = taught();
    let mut missed = Vec::new();
    for (at, (question, others)) in TAUGHT.iter().enumerate() {
        for asked in others.iter().chain([question]) {
            if !told(&model, asked).starts_with(&format!("answer {at}")) {
                missed.push((*asked, told(&model, asked)));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_only_looks_alike_is_not_answered() {
    let model = taught();
    let wrong: Vec<_> =
        OTHER.iter().map(|asked| (asked, told(&model, asked))).filter(|(_, told)| told != "unknown").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_guide_is_known_from_the_first_minute_in_both_languages() {
    let model = Embedded::new();
    for (asked, place) in [
        ("How do I teach you?", "How to teach me"),
        ("how can I correct a wrong answer", "How to teach me"),
        ("how do I connect Telegram?", "How to connect Telegram"),
        ("connect telegram", "How to connect Telegram"),
        ("How to connect a language model", "How to connect a language model"),
        ("how do I make you forget a lesson", "How to make me forget"),
        ("Как тебя учить?", "Как меня учить"),
        ("как подключить телеграм", "Как подключить Telegram"),
        ("Как подключить языковую модель?", "Как подключить языковую модель"),
        ("как сменить язык", "Как сменить язык"),
        ("как стать владельцем бота", "Как стать владельцем"),
    ] {
        let told = told(&model, asked);
        assert!(told.contains(place), "{asked}: {told}");
    }
}

#[test]
fn a_later_lesson_outweighs_an_earlier_one_and_forgetting_brings_it_back() {
    let mut model = taught();
    model.learn(&lesson("M9", "What is the capital of France?", "Paris, of course", Scope::Everyone));
    assert!(told(&model, "capital of France").starts_with("Paris"));
    model.unlearn("M9");
    assert!(told(&model, "capital of France").starts_with("answer 1"));
}

#[test]
fn a_lesson_outside_of_the_scopes_never_appears() {
    let mut model = Embedded::new();
    model.learn(&lesson("A", "What is my locker code?", "7781", Scope::Person(PersonId::from("bob"))));
    let asked = |scopes: &[Scope]| model.recall("What is my locker code?", scopes, 5, None).len();
    assert_eq!(asked(&[Scope::Everyone, Scope::Person(PersonId::from("carol"))]), 0);
    assert_eq!(asked(&[Scope::Everyone, Scope::Person(PersonId::from("bob"))]), 1);
}

#[test]
fn a_text_answers_with_its_place() {
    let mut model = Embedded::new();
    let text = "# Garden rules\n\nThe gate is locked at nine in the evening.\n\nDogs must stay on a leash. Cats may walk freely. Birds are fed by the gardener.\n\n# Pool\n\nThe pool opens in June.";
    let document = Document {
        id: "D".into(),
        scope: Scope::Everyone,
        title: "garden.md".into(),
        text: text.into(),
        teacher: PersonId::from("t"),
        at: Millis(0),
        passages: Vec::new(),
        given_in: None,
        source: String::new(),
    };
    assert!(model.read(&document) >= 2);
    let told_gate = told(&model, "When is the gate locked?");
    assert!(
        told_gate.contains("nine in the evening")
            && told_gate.contains("garden.md")
            && told_gate.contains("Garden rules"),
        "{told_gate}"
    );
    assert!(told(&model, "when does the pool open").contains("June"));
    model.unlearn("D");
    assert_eq!(told(&model, "When is the gate locked?"), "unknown");
}

#[test]
fn anything_may_be_asked() {
    let model = taught();
    for asked in ["", "   ", "🙂🙂🙂", "???", "日本語", &"word ".repeat(20_000), "a"] {
        model.answer(asked, &[Scope::Everyone], Lang::En, None);
    }
    assert_eq!(told(&model, "привет"), "smalltalk");
    assert_eq!(told(&model, "Thank you!"), "smalltalk");
    assert_eq!(told(&model, "Hello! Who are you?"), "smalltalk");
    assert_eq!(told(&model, "Здравствуйте! Как вас зовут?"), "smalltalk");
    assert_eq!(told(&model, "Hello, where is the boathouse?"), "unknown");
    assert_eq!(told(&model, "что ты умеешь?"), "smalltalk");
}

#[test]
fn another_day_number_or_direction_is_another_question() {
    let mut model = Embedded::new();
    for (id, question) in [
        ("A", "When does the ferry from Oslo to Kiel leave?"),
        ("B", "Во сколько закрывается склад в субботу?"),
        ("C", "Which room is on floor 3?"),
    ] {
        model.learn(&lesson(id, question, "taught", Scope::Everyone));
    }
    for asked in ["what time does the ferry from oslo to kiel leave", "когда закрывается склад в субботу"]
    {
        assert!(told(&model, asked).starts_with("taught"), "{asked}");
    }
    for asked in [
        "When does the ferry from Kiel to Oslo leave?",
        "Во сколько закрывается склад в воскресенье?",
        "Во сколько открывается склад в субботу?",
        "Which room is on floor 5?",
    ] {
        assert_eq!(told(&model, asked), "unknown", "{asked}");
    }
}

#[test]
fn an_owner_may_ask_for_more_or_less_certainty() {
    let model = taught();
    let found = |asked, minimum| model.recall(asked, &[Scope::Everyone], 9, minimum).len();
    let (sure, unsure) = ("capital of France", "What is the capital of Spain?");
    assert_eq!((found(sure, None), found(sure, Some(1.0))), (1, 0));
    assert_eq!((found(unsure, None), found(unsure, Some(0.0))), (0, 1));
}

#[test]
fn the_lists_say_what_they_mean() {
    let opposites = include_str!("lists/opposites.txt").lines().filter(|line| !line.starts_with('#'));
    for line in opposites {
        let pair: Vec<String> = line.split_whitespace().map(|word| lists::LISTS.key(&lists::plain(word))).collect();
        assert!(pair.len() == 2 && pair[0] != pair[1], "no pair of opposites: {line} {pair:?}");
    }
    for line in include_str!("lists/phrases.txt").lines().filter(|line| !line.starts_with('#')) {
        let said = line.split('=').next().unwrap().split_whitespace().count();
        assert!(line.contains('=') && (2..=lists::PHRASE).contains(&said), "no phrase: {line}");
    }
    assert_ne!(calibration::Coefficients::fitted().minimum, [1.0; 3], "coefficients.json cannot be read");
}

/// Lessons of few words over and over, one in nine for one chat alone.
fn many(count: usize) -> Vec<Lesson> {
    let thing = |at: usize| ["kettle", "ladder", "boiler", "locker", "printer"][at % 5];
    let place = |at: usize| ["Riga", "Oslo", "Kiel"][at / 5 % 3];
    let scope = |at: usize| if at.is_multiple_of(9) { chat() } else { Scope::Everyone };
    let question = |at| format!("Who cleans the {} of house h{} in {}?", thing(at), at % 401, place(at));
    (0..count).map(|at| lesson(&format!("L{at:06}"), &question(at), "Somebody.", scope(at))).collect()
}

fn chat() -> Scope {
    Scope::Conversation(domain::ids::ConversationId::from("chat:1"))
}

#[test]
fn leaving_words_out_finds_what_reading_everything_finds() {
    let mut model = Embedded::new();
    model.learn_all(&many(20_000));
    (0..20_000).step_by(7).for_each(|at| model.unlearn(&format!("L{at:06}")));
    for scopes in [vec![Scope::Everyone], vec![chat()], vec![Scope::Everyone, chat()]] {
        let view = model.index.seen_by(&scopes);
        for question in ["Who cleans the kettle?", "house h17 in Oslo", "the ladder of house h3 in Kiel, who cleans it"]
        {
            let asked = view.look_up(words::read(question));
            let found = |limit| search::best(&view, &asked, limit);
            let all = found(usize::MAX);
            assert!(all.len() > 40, "{question}: {}", all.len());
            let scores = |found: &[(&Entry, f32)]| found.iter().map(|(_, score)| *score).collect::<Vec<_>>();
            for (some, whole) in scores(&found(40)).iter().zip(scores(&all)) {
                assert!((some - whole).abs() <= 1e-5 * whole, "{question} {scopes:?}: {some} is not {whole}");
            }
        }
    }
}

#[test]
fn a_chats_lesson_is_found_among_many_of_everyone_and_weighs_on_nobody_else() {
    let mut model = Embedded::new();
    let asked = "Who cleans the kettle of house h1 in Riga?";
    let alone = model.recall(asked, &[Scope::Everyone], 5, Some(0.0));
    model.learn_all(&many(3000).into_iter().map(|lesson| Lesson { scope: chat(), ..lesson }).collect::<Vec<_>>());
    assert_eq!(model.recall(asked, &[Scope::Everyone], 5, Some(0.0)), alone);
    let other = Scope::Person(PersonId::from("bob"));
    model.learn(&lesson("mine", asked, "I do.", other.clone()));
    let found = model.recall(asked, &[Scope::Everyone, other], 1, None);
    assert_eq!(found.first().map(|found| found.text.as_str()), Some("I do."));
}
