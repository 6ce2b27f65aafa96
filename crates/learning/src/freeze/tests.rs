#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use domain::example::{ExampleState, Origin};
use domain::ids::Millis;
use proptest::prelude::*;

const TOPICS: [&str; 12] = [
    "How do I reset the password of the printer on the second floor of the main building",
    "When does the canteen open on the first working day after the winter holidays",
    "Which form is needed to ask for a new badge after the old one was lost on a trip",
    "Кто отвечает за ключи от архива в подвале старого корпуса по выходным дням",
    "Где взять бланк заявления на отпуск для сотрудников склада и отдела доставки",
    "What is the limit for expenses of a business trip within the country per day",
    "Как подключить новый монитор к рабочему месту в переговорной на третьем этаже",
    "Who signs the contract with the cleaning company for the coming calendar year",
    "Where are the spare lamps for the projector in the large meeting room kept now",
    "Сколько дней хранятся записи камер наблюдения на проходной главного здания",
    "Why does the door of the server room beep when it is opened during the night",
    "What should be done with a parcel that nobody has claimed for a whole month",
];

fn example(id: &str, author: &str, question: &str, answer: &str, at: i64) -> Example {
    Example {
        id: id.into(),
        datum: Datum::of(question, answer),
        state: ExampleState::Approved,
        scope: domain::exchange::Scope::Everyone,
        author: author.into(),
        asker: None,
        platform: Channel::Telegram,
        conversation: format!("telegram:{id}").into(),
        exchange: None,
        release: None,
        origin: Origin::Demonstration,
        reason: String::new(),
        at: Millis(at),
    }
}

fn yes(example: &Example) -> Option<Consent> {
    Some(if matches!(example.origin, Origin::Import { .. }) { Consent::Brought } else { Consent::Agreed })
}
fn no_discord(channel: Channel) -> bool {
    channel != Channel::Discord
}
fn frozen(examples: Vec<Example>) -> Frozen {
    freeze(examples, &FreezeRules::new(7, &yes, &no_discord))
}
fn ids(frozen: &Frozen) -> Vec<&str> {
    frozen.rows.iter().map(|row| row.id.as_str()).collect()
}
fn counted(frozen: &Frozen) -> Vec<(Dropped, u64)> {
    frozen.report.dropped.iter().map(|(why, count)| (*why, *count)).collect()
}

#[test]
fn what_may_not_enter_is_left_out_and_counted_by_why() {
    let mut all: Vec<Example> =
        (0..6).map(|at| example(&format!("e{at}"), "dana", TOPICS[at], &format!("Answer {at}"), 0)).collect();
    all[0].state = ExampleState::Proposed;
    all[1].author = "eve".into();
    all[2].platform = Channel::Discord;
    all[3].datum.chosen = Some("the canary plum-42 sings".to_owned());
    let consents = |example: &Example| (example.author.as_str() != "eve").then_some(Consent::Agreed);
    let canaries = ["plum-42".to_owned(), String::new()];
    let rules = FreezeRules { canaries: &canaries, ..FreezeRules::new(1, &consents, &no_discord) };
    let frozen = freeze(all, &rules);
    assert_eq!(ids(&frozen), ["e4", "e5"]);
    let each = [Dropped::NotApproved, Dropped::Consent, Dropped::Platform, Dropped::Canary];
    assert_eq!(counted(&frozen), each.map(|why| (why, 1)));
    assert_eq!(frozen.subjects, BTreeSet::from(["dana".into()]));
}

#[test]
fn however_it_is_written_no_canary_and_no_question_of_an_exam_enters() {
    let asked = |id: &str, question: &str, answer: &str| example(id, "dana", question, answer, 0);
    let all = vec![
        asked("e0", TOPICS[0], "It says  PLUM-42\nSINGS."),
        asked("e1", "how do i  reset it", "Hold the key."),
        asked("e2", "How do I reset it for somebody else?", "Hold the other key."),
        asked("e3", TOPICS[3], "Plums."),
        asked("e4", TOPICS[4], "Say +++ twice."),
    ];
    let (canaries, exams) = (["plum-42 sings".to_owned(), "+++".to_owned()], ["How do I reset it?".to_owned()]);
    let rules = FreezeRules { canaries: &canaries, exams: &exams, ..FreezeRules::new(1, &yes, &no_discord) };
    let frozen = freeze(all, &rules);
    assert_eq!(ids(&frozen), ["e2", "e3"]);
    assert_eq!(counted(&frozen), [(Dropped::Canary, 3)]);
    assert_eq!(Manifest::of(&frozen, About::default(), &rules).rules.canaries, 3);
}

#[test]
fn each_row_says_where_it_is_from_and_on_what_its_use_rests() {
    let mut brought = example("e2", "eve", TOPICS[1], "At eight.", 2);
    brought.origin = Origin::Import { file: "a.jsonl".to_owned(), line: 3 };
    brought.platform = Channel::Web;
    let frozen = frozen(vec![example("e1", "dana", TOPICS[0], "Hold the key.", 1), brought]);
    let told: Vec<_> = frozen.rows.iter().map(|row| (row.platform, row.origin.as_str(), row.consent)).collect();
    assert_eq!(
        told,
        [
            (Some(Channel::Telegram), "demonstration", Some(Consent::Agreed)),
            (Some(Channel::Web), "import", Some(Consent::Brought)),
        ]
    );
    assert_eq!(frozen.report.consents, BTreeMap::from([(Consent::Agreed, 1), (Consent::Brought, 1)]));
    assert!(lines(&frozen.rows).all(|line| line.contains("\"consent\"")));
}

#[test]
fn a_version_that_was_frozen_before_rows_said_so_is_read_as_it_is() {
    let old = r#"{"id":"e1","datum":{"system":"","before":[],"question":"q","chosen":"a","rejected":null},"split":"train","cluster":0}"#;
    let row: Row = serde_json::from_str(old).unwrap();
    assert_eq!((row.platform, row.origin.as_str(), row.consent), (None, "", None));
    assert_eq!(lines(&[row]).collect::<Vec<_>>(), [old]);
}

#[test]
fn of_the_same_the_newest_stays() {
    let (question, other) = (TOPICS[0], format!("{}, please?", TOPICS[0]));
    let kept = frozen(vec![
        example("e1", "dana", question, "Hold the key.", 1),
        example("e2", "eve", question, "Hold the key.", 2),
        example("e3", "bob", &other, "hold the key", 3),
    ]);
    assert_eq!(ids(&kept), ["e3"]);
    assert_eq!(counted(&kept), [(Dropped::Exact, 1), (Dropped::Near, 1)]);
}

#[test]
fn the_later_answer_of_one_author_wins() {
    let kept = frozen(vec![
        example("e2", "dana", TOPICS[0], "Press both keys.", 2),
        example("e1", "dana", TOPICS[0], "Hold the key.", 1),
    ]);
    assert_eq!((ids(&kept), counted(&kept)), (vec!["e2"], vec![(Dropped::Superseded, 1)]));
}

#[test]
fn different_answers_of_different_authors_are_left_out_and_reported() {
    let kept = frozen(vec![
        example("e1", "dana", TOPICS[0], "Hold the key.", 1),
        example("e2", "eve", TOPICS[0], "Press both keys.", 2),
        example("e3", "eve", TOPICS[1], "At nine.", 3),
    ]);
    assert_eq!((ids(&kept), counted(&kept)), (vec!["e3"], vec![(Dropped::Conflict, 2)]));
    assert_eq!(kept.report.conflicts, [["e1".into(), "e2".into()]]);
}

#[test]
fn an_answer_that_somebody_calls_wrong_is_a_conflict() {
    let mut wrong = example("e2", "eve", TOPICS[0], "", 2);
    wrong.datum.chosen = None;
    wrong.datum.rejected = Some("Hold the key!".to_owned());
    let kept = frozen(vec![example("e1", "dana", TOPICS[0], "Hold the key.", 1), wrong]);
    assert_eq!(counted(&kept), [(Dropped::Conflict, 2)]);
}

#[test]
fn near_questions_about_other_numbers_or_in_another_context_do_not_contradict_but_stay_together() {
    let room = |number: u32| format!("{} in the room with the number {number}", TOPICS[0]);
    let mut later = example("e3", "bob", &room(12), "Ask Dana.", 3);
    later.datum.system = "Be brief.".to_owned();
    let kept = frozen(vec![
        example("e1", "dana", &room(12), "Hold the key.", 1),
        example("e2", "eve", &room(13), "Press both keys.", 2),
        later,
    ]);
    assert_eq!(ids(&kept), ["e1", "e2", "e3"]);
    assert!(kept.rows.iter().all(|row| (row.cluster, row.split) == (0, kept.rows[0].split)));
}

#[test]
fn one_id_counts_once() {
    let kept = frozen(vec![
        example("e1", "dana", TOPICS[0], "Hold the key.", 1),
        example("e1", "dana", TOPICS[1], "At nine.", 2),
    ]);
    assert_eq!((ids(&kept), counted(&kept)), (vec!["e1"], vec![(Dropped::Exact, 1)]));
    assert_eq!(kept.rows[0].datum.question, TOPICS[1]);
}

#[test]
fn a_file_is_split_and_a_conversation_is_not() {
    let many = |origin: &Origin, whole: bool| {
        let all = (0..200).map(|at| {
            let mut one = example(&format!("e{at}"), "dana", &format!("{at} {} {at}", "x".repeat(at + 1)), "Yes.", 1);
            one.conversation = "telegram:1".into();
            one.origin = origin.clone();
            one
        });
        let rules = FreezeRules { whole_conversations: whole, ..FreezeRules::new(7, &yes, &no_discord) };
        freeze(all.collect(), &rules).report
    };
    let talk = many(&Origin::Demonstration, true);
    assert_eq!(talk.clusters, 1);
    assert!(talk.held_out == 0 || talk.train == 0);
    for report in [many(&Origin::Import { file: "a.csv".into(), line: 1 }, true), many(&Origin::Demonstration, false)] {
        assert!(report.clusters > 5 && report.held_out > 0 && report.train > 0, "{report:?}");
    }
}

#[test]
fn what_connects_two_groups_moves_the_younger_to_the_older() {
    let mut seed = 0;
    let (old, new) = loop {
        let rules = FreezeRules { held_out: 0.5, ..FreezeRules::new(seed, &yes, &no_discord) };
        let base = vec![example("e1", "dana", TOPICS[0], "A", 1), example("e2", "dana", TOPICS[1], "B", 2)];
        let mut link = example("e3", "dana", TOPICS[0], "A.", 3);
        link.conversation = "telegram:e2".into();
        let old = freeze(base.clone(), &rules);
        if old.rows[0].split != old.rows[1].split {
            break (old, freeze(base.into_iter().chain([link]).collect(), &rules));
        }
        seed += 1;
    };
    assert_eq!(new.rows[0].id.as_str(), "e2");
    assert!(new.rows.iter().all(|row| row.split == old.rows[0].split));
    assert_eq!(diff(&old.rows, &new.rows).moved, BTreeSet::from(["e2".into()]));
}

#[test]
fn about_as_much_is_held_out_as_was_asked_for() {
    let all = (0..2_000).map(|at| example(&format!("e{at}"), &format!("p{}", at % 9), &format!("{at}?"), "Yes.", at));
    let report = frozen(all.collect()).report;
    assert_eq!(report.rows, 2_000);
    assert!((340..460).contains(&report.held_out), "{}", report.held_out);
}

fn version(count: usize) -> (Frozen, Manifest) {
    let all = (0..count).map(|at| example(&format!("e{at:02}"), "dana", TOPICS[at % 12], &format!("{}", at % 12), 1));
    let rules = FreezeRules::new(7, &yes, &no_discord);
    let frozen = freeze(all.collect(), &rules);
    let about = About { version: 2, name: "May".into(), parent: Some(1), licence: "own".into(), ..About::default() };
    let manifest = Manifest::of(&frozen, about, &rules);
    (frozen, manifest)
}

#[test]
fn a_changed_byte_or_a_lost_line_is_noticed() {
    let (frozen, manifest) = version(12);
    let right = bytes(&frozen.rows);
    assert_eq!(verify(&manifest, &right), Ok(()));
    let mut wrong = right.clone();
    wrong[10] ^= 1;
    assert!(matches!(verify(&manifest, &wrong), Err(Broken::Hash { .. })));
    let hashed = |bytes: &[u8]| Manifest { blake3: blake3::hash(bytes).to_hex().to_string(), ..manifest.clone() };
    let short = &right[..right.iter().position(|byte| *byte == b'\n').unwrap() + 1];
    assert_eq!(verify(&hashed(short), short), Err(Broken::Rows { expected: 12, found: 1 }));
    assert_eq!(verify(&hashed(b"{}\n"), b"{}\n"), Err(Broken::Line { line: 1 }));
    let moved = String::from_utf8(right).unwrap().replace("held_out", "train");
    assert!(matches!(verify(&hashed(moved.as_bytes()), moved.as_bytes()), Err(Broken::HeldOut { found: 0, .. })));
}

#[test]
fn a_manifest_survives_json_and_names_nobody() {
    let (_, manifest) = version(12);
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    assert!(!json.contains("dana"), "{json}");
    assert_eq!(manifest.counts.authors, 1);
}

#[test]
fn versions_are_compared_by_row() {
    let (old, _) = version(6);
    let (new, _) = version(8);
    let mut changed = new.rows.clone();
    changed[1].datum.chosen = Some("Other.".into());
    changed.remove(0);
    let told = diff(&old.rows, &changed);
    let of = |ids: &[&str]| ids.iter().map(|id| (*id).into()).collect::<BTreeSet<ExampleId>>();
    assert_eq!(told, Diff { added: of(&["e06", "e07"]), removed: of(&["e00"]), changed: of(&["e01"]), moved: of(&[]) });
}

#[test]
fn a_fifth_of_a_hundred_is_twenty_and_an_even_share_is_allowed() {
    assert_eq!((largest_share(100, 9, 0.2), largest_share(100, 3, 0.2), largest_share(101, 9, 0.2)), (20, 34, 21));
}

prop_compose! {
    fn any_example()(
        number in 0_u32..400, author in 0_u32..6, topic in 0..TOPICS.len(), ending in 0_usize..4, answer in 0_u32..3,
        conversation in 0_u32..40, at in 0_i64..50, kind in 0_u32..12,
    ) -> Example {
        let question = format!("{}{}", TOPICS[topic], ["?", ", please", " 12", " today"][ending]);
        let mut one = example(&format!("e{number:03}"), &format!("p{author}"), &question, &format!("Answer {answer}"), at);
        one.conversation = format!("telegram:{conversation}").into();
        match kind {
            0 => one.state = ExampleState::Retired,
            1 => one.platform = Channel::Discord,
            2 => one.datum.rejected = Some(format!("Answer {}", answer + 1)),
            3 => one.datum.system = "Be brief.".into(),
            4 => one.origin = Origin::Import { file: "a.csv".into(), line: 1 },
            5 => one.asker = Some("asker".into()),
            _ => {}
        }
        one
    }
}

/// Examples with as many different questions as authors may need for the cap to count.
fn plenty() -> impl Strategy<Value = Vec<Example>> {
    proptest::collection::vec((0_u32..8, 0_u32..8), 40..160).prop_map(|authors| {
        let each = authors.into_iter().enumerate();
        each.map(|(at, (a, b))| example(&format!("e{at:03}"), &format!("p{}", a.min(b)), &format!("{at}?"), "Yes.", 1))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn each_example_is_a_row_or_left_out_once(all in proptest::collection::vec(any_example(), 0..60)) {
        let input = all.len() as u64;
        let frozen = frozen(all);
        let dropped: u64 = frozen.report.dropped.values().sum();
        prop_assert_eq!(frozen.report.input, input);
        prop_assert_eq!(frozen.rows.len() as u64 + dropped, input);
        prop_assert_eq!(frozen.report.train + frozen.report.held_out, frozen.report.rows);
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(all in proptest::collection::vec(any_example(), 0..60), turn in 0_usize..60) {
        let mut turned = all.clone();
        turned.reverse();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        prop_assert_eq!(frozen(all), frozen(turned));
    }

    #[test]
    fn nothing_connected_is_on_both_sides(all in proptest::collection::vec(any_example(), 0..60)) {
        let by_id: BTreeMap<_, _> = all.iter().map(|one| (one.id.clone(), one.conversation.clone())).collect();
        prop_assume!(by_id.len() == all.len());
        let frozen = frozen(all.clone());
        let imported = |id: &ExampleId| all.iter().any(|one| one.id == *id && one.origin != Origin::Demonstration);
        for one in &frozen.rows {
            for other in &frozen.rows {
                let talk = by_id[&one.id] == by_id[&other.id] && !imported(&one.id) && !imported(&other.id);
                let near = crate::near::clusters([&one.datum.question, &other.datum.question].into_iter()) == [0, 0];
                if talk || near || one.cluster == other.cluster {
                    prop_assert_eq!(one.split, other.split, "{:?} and {:?}", one, other);
                    prop_assert_eq!(one.cluster, other.cluster);
                }
            }
        }
    }

    #[test]
    fn no_author_has_more_than_their_share(all in plenty()) {
        let authors: BTreeMap<_, _> = all.iter().map(|one| (one.id.clone(), one.author.clone())).collect();
        let total = all.len();
        let people = authors.values().collect::<BTreeSet<_>>().len();
        let frozen = frozen(all);
        let mut shares: BTreeMap<&PersonId, usize> = BTreeMap::new();
        frozen.rows.iter().for_each(|row| *shares.entry(&authors[&row.id]).or_default() += 1);
        let capped = total >= CAP_FROM && people >= CAP_AUTHORS;
        let most = if capped { largest_share(total, people, 0.2) } else { total };
        prop_assert!(shares.values().all(|share| *share <= most), "{shares:?} of {total}, at most {most}");
        prop_assert!(capped || frozen.rows.len() == total);
    }

    #[test]
    fn examples_that_come_later_move_nothing(
        all in proptest::collection::vec(any_example(), 0..40),
        more in proptest::collection::vec((any_example(), any::<bool>()), 0..20),
    ) {
        // Later ones have conversations of their own, so that they join a group or begin one, and never connect two.
        let later = more.into_iter().enumerate().map(|(at, (mut one, fresh))| {
            one.id = format!("later{at}").into();
            one.conversation = format!("later:{at}").into();
            one.at = Millis(1_000);
            if fresh {
                one.datum.question = format!("{at} {}", "new ".repeat(at + 2));
            }
            one
        });
        let old = frozen(all.clone());
        let new = frozen(all.into_iter().chain(later).collect());
        prop_assert_eq!(diff(&old.rows, &new.rows).moved, BTreeSet::new());
    }

    #[test]
    fn no_planted_secret_is_in_a_version(all in proptest::collection::vec((any_example(), 0_usize..4, any::<bool>()), 0..30)) {
        const SECRETS: [&str; 4] =
            ["dana@example.com", "4111 1111 1111 1111", "+7 912 345-67-89", "sk-proj-Abcd1234Efgh5678Ijkl9012Mnop"];
        let planted = all.into_iter().map(|(mut one, which, asked)| {
            let text = if asked { &mut one.datum.question } else { one.datum.chosen.get_or_insert_default() };
            text.push_str(&format!(" {}", SECRETS[which]));
            one
        });
        let lines = String::from_utf8(bytes(&frozen(planted.collect()).rows)).unwrap();
        prop_assert!(SECRETS.iter().all(|secret| !lines.contains(secret)), "{}", lines);
    }
}
