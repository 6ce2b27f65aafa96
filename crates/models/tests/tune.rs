//! Training at a server that speaks the real protocol, checks every request and fails on demand.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use apprentice_models::tune::{
    FileId, Hyperparameters, Job, JobSpec, JobStatus, Level, Limits, Method, Purpose, TuneFailure, Tuner, curve,
    tokens_of,
};
use apprentice_models::{Provider, Timeouts};
use domain::example::Datum;
use sim::openai::{self, Pace, Plan, Server, Tuning, trouble};
use sim::{Fault, Kind};
use std::collections::BTreeMap;
use std::time::Duration;

const CREATE: &str = "post /fine_tuning/jobs";
const RUN: &str = "01JD9V6T3XW8Q2K4N5M7P0R1SA";
const NAME: &str = "apprentice-01JD9V6T3XW8Q2K4N5M7P0R1SA-train.jsonl";
const NOTHING: [String; 0] = [];

fn provider(base_url: &str) -> Provider {
    let long = Duration::from_secs(20);
    Provider {
        base_url: base_url.to_owned(),
        key: Some("sk-sim-key".to_owned().into()),
        headers: BTreeMap::new(),
        api_version: None,
        models: Vec::new(),
        detect: false,
        max_concurrency: 8,
        timeouts: Timeouts { connect: long, first_token: long, idle: long, total: long },
    }
}

fn limits() -> Limits {
    Limits { call: Duration::from_secs(20), ..Limits::default() }
}

fn tuner(server: &Server, limits: Limits) -> Tuner {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Tuner::new("p", &provider(server.base_url()), limits).unwrap()
}

async fn planned(plan: Vec<Plan>) -> (Server, Tuner) {
    let tuning = Some(Tuning { plan, ..Tuning::default() });
    let server = Server::start(openai::Config { tuning, ..openai::Config::default() }).await;
    let tuner = tuner(&server, limits());
    (server, tuner)
}

fn lines(count: usize) -> String {
    let line = |at| {
        format!(
            r#"{{"messages":[{{"role":"user","content":"Question {at}?"}},{{"role":"assistant","content":"Answer {at}"}}]}}"#
        )
    };
    (0..count).map(|at| line(at) + "\n").collect()
}

async fn file(tuner: &Tuner) -> FileId {
    tuner.upload(NAME, lines(12), Purpose::FineTune).await.unwrap()
}

async fn spec(tuner: &Tuner) -> JobSpec {
    let mut spec = JobSpec::new(RUN, "sim-small", file(tuner).await);
    spec.suffix = "Bot".to_owned();
    spec
}

/// Looks at a job until it has ended or a hundred looks have shown nothing new.
async fn ended(tuner: &Tuner, job: &Job) -> Job {
    let mut now = job.clone();
    for _ in 0..100 {
        now = tuner.job(&job.id).await.unwrap();
        if now.status.ended() {
            break;
        }
    }
    now
}

#[tokio::test]
async fn a_job_succeeds_and_its_losses_events_and_checkpoints_are_read() {
    let (server, tuner) = planned(vec![Plan::Queue(2)]).await;
    let mut spec = spec(&tuner).await;
    spec.validation_file = Some(spec.training_file.clone());
    spec.seed = Some(u32::MAX);
    spec.hyperparameters =
        Hyperparameters { epochs: Some(3), batch_size: Some(4), learning_rate_multiplier: Some(0.5), beta: None };
    spec.metadata.insert("note".to_owned(), "x".to_owned());
    let job = tuner.create(&spec).await.unwrap();
    assert_eq!((&job.status, job.metadata["apprentice_run"].as_str()), (&JobStatus::Validating, RUN));
    assert_eq!(tuner.job(&job.id).await.unwrap().status, JobStatus::Queued);
    let job = ended(&tuner, &job).await;
    assert_eq!(job.status, JobStatus::Succeeded);
    assert!(job.fine_tuned_model.as_deref().unwrap().contains("bot-01jd9v6t3xw8q2k4n5m7p0r1sa"));
    assert!(job.trained_tokens.unwrap() > 0 && job.created_at.is_some() && job.finished_at.is_some());

    let points = curve(&tuner.result(&job.result_files[0]).await.unwrap());
    assert_eq!(points.iter().map(|point| point.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(
        points.windows(2).all(|two| two[0].train_loss > two[1].train_loss && two[0].valid_loss > two[1].valid_loss)
    );

    let events = tuner.events(&job.id, None).await.unwrap();
    assert!(events[0].message.contains("Created") && events.last().unwrap().message.contains("completed"));
    assert_eq!(events.iter().filter_map(|event| Some(event.data?.step)).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let newer = tuner.events(&job.id, Some(&events[4].id)).await.unwrap();
    assert_eq!(newer, events[5..]);
    assert_eq!(tuner.events(&job.id, Some(&events.last().unwrap().id)).await.unwrap(), []);

    let checkpoints = tuner.checkpoints(&job.id).await.unwrap();
    assert_eq!(checkpoints.iter().map(|checkpoint| checkpoint.step).collect::<Vec<_>>(), [2, 4, 6]);
    assert!(checkpoints[0].metrics.valid_loss.is_some());
    let model = job.fine_tuned_model.unwrap();
    tuner.delete_model(&model).await.unwrap();
    tuner.delete_model(&model).await.unwrap();
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn long_lists_of_events_and_jobs_are_read_page_by_page() {
    let (server, tuner) = planned(vec![]).await;
    server.change(|config| {
        config.tuning = Some(Tuning { steps: 250, pace: Pace::PerPoll(300), ..Tuning::default() });
    });
    let spec = spec(&tuner).await;
    let job = ended(&tuner, &tuner.create(&spec).await.unwrap()).await;
    let events = tuner.events(&job.id, None).await.unwrap();
    assert_eq!(
        events.iter().filter_map(|event| Some(event.data?.step)).collect::<Vec<_>>(),
        (1..=250).collect::<Vec<_>>()
    );
    for at in 0..110 {
        tuner.create(&JobSpec { run: format!("other{at}"), ..spec.clone() }).await.unwrap();
    }
    assert_eq!(tuner.find(RUN).await.unwrap().unwrap().id, job.id);
    assert_eq!(tuner.find("nobody").await.unwrap(), None);
    let newest = tuner.jobs(105).await.unwrap();
    assert_eq!((newest.len(), newest[0].metadata["apprentice_run"].as_str()), (105, "other109"));
    let one_page = Tuner::new("p", &provider(server.base_url()), Limits { pages: 1, ..limits() }).unwrap();
    assert_eq!(one_page.find(RUN).await.unwrap(), None);
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn failing_jobs_say_why_and_a_stalled_one_is_cancelled() {
    let plan =
        vec![Plan::FailValidation("Line 3 is odd.".to_owned()), Plan::Fail("Out of memory.".to_owned()), Plan::Stall];
    let (server, tuner) = planned(plan).await;
    let spec = spec(&tuner).await;
    let job = ended(&tuner, &tuner.create(&spec).await.unwrap()).await;
    let error = job.error.unwrap();
    assert_eq!(
        (job.status, error.code.as_str(), error.param.as_str()),
        (JobStatus::Failed, "invalid_training_file", "training_file")
    );
    let job = ended(&tuner, &tuner.create(&spec).await.unwrap()).await;
    assert_eq!((job.error.unwrap().message.as_str(), job.fine_tuned_model), ("Out of memory.", None));
    assert_eq!(tuner.events(&job.id, None).await.unwrap().last().unwrap().level, Level::Error);
    let job = ended(&tuner, &tuner.create(&spec).await.unwrap()).await;
    assert_eq!(job.status, JobStatus::Running);
    assert_eq!(tuner.cancel(&job.id).await.unwrap().status, JobStatus::Cancelled);
    assert_eq!(tuner.cancel(&job.id).await.unwrap().status, JobStatus::Cancelled);
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_creation_in_doubt_is_unclear_and_never_makes_a_second_job() {
    for kind in [Kind::ResetAfter, Kind::HalfBody] {
        let (server, tuner) = planned(vec![]).await;
        let spec = spec(&tuner).await;
        server.faults().push(Fault::on(CREATE, kind));
        let failure = tuner.create(&spec).await.unwrap_err();
        assert!(matches!(failure, TuneFailure::Unclear { .. }), "{failure:?}");
        let found = tuner.find(RUN).await.unwrap().unwrap();
        assert_eq!(tuner.ensure(&spec).await.unwrap().id, found.id);
        assert_eq!(server.jobs().len(), 1);
        assert_eq!(server.violations(), NOTHING);
    }
}

#[tokio::test]
async fn a_creation_that_was_not_done_is_unclear_too_and_is_not_found() {
    for kind in [Kind::Reset, Kind::Status(502), Kind::Garbage] {
        let (server, tuner) = planned(vec![]).await;
        let spec = spec(&tuner).await;
        server.faults().push(Fault::on(CREATE, kind));
        assert!(matches!(tuner.create(&spec).await, Err(TuneFailure::Unclear { .. })));
        assert_eq!(tuner.find(RUN).await.unwrap(), None);
        tuner.ensure(&spec).await.unwrap();
        assert_eq!(server.jobs().len(), 1);
    }
}

#[tokio::test]
async fn a_creation_that_takes_too_long_is_unclear() {
    let (server, _) = planned(vec![]).await;
    let hasty = tuner(&server, Limits { call: Duration::from_millis(300), ..limits() });
    let spec = spec(&tuner(&server, limits())).await;
    server.faults().push(Fault::on(CREATE, Kind::Slow(Duration::from_secs(1))));
    let failure = hasty.create(&spec).await.unwrap_err();
    assert!(matches!(failure, TuneFailure::Unclear { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_passing_trouble_is_waited_out() {
    let (server, tuner) = planned(vec![Plan::Refuse(trouble::rate_limited(0))]).await;
    let spec = spec(&tuner).await;
    let job = tuner.create(&spec).await.unwrap();
    for kind in [Kind::Status(502), Kind::ResetAfter, Kind::Garbage, Kind::TooMany { retry_after: 0 }] {
        server.faults().push(Fault::on("/fine_tuning/jobs/{fine_tuning_job_id}", kind));
        assert_eq!(tuner.job(&job.id).await.unwrap().id, job.id);
    }
    server.faults().push(Fault::on(CREATE, Kind::TooMany { retry_after: 3600 }));
    assert_eq!(tuner.create(&spec).await, Err(TuneFailure::Busy { retry_after_ms: Some(3_600_000) }));
    assert_eq!((server.jobs().len(), server.faults().waiting()), (1, 0));
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_hold_no_secret() {
    let (server, tuner) = planned(vec![]).await;
    let mut spec = spec(&tuner).await;
    spec.model = "none".to_owned();
    let failure = tuner.create(&spec).await.unwrap_err();
    assert!(matches!(&failure, TuneFailure::Refused { status: 400, param, .. } if param == "model"), "{failure:?}");
    assert!(!format!("{failure:?} {failure}").contains("sk-sim-key"));
    assert!(!format!("{tuner:?}").contains("sk-sim-key"));
    server.faults().push(Fault::on("post /files", trouble::invalid_key()));
    let refused = tuner.upload(NAME, lines(1), Purpose::FineTune).await;
    assert!(matches!(refused, Err(TuneFailure::Refused { status: 401, .. })), "{refused:?}");
    let gone = tuner.job(&serde_json::from_str("\"ftjob-none\"").unwrap()).await;
    assert!(matches!(gone, Err(TuneFailure::Refused { status: 404, .. })), "{gone:?}");
}

#[tokio::test]
async fn fields_that_a_server_does_not_take_are_left_out_from_then_on() {
    let (server, tuner) = planned(vec![]).await;
    let mut spec = spec(&tuner).await;
    spec.seed = Some(1);
    for param in ["metadata", "seed", "method"] {
        server.faults().push(Fault::on(CREATE, trouble::unsupported_parameter(param, None)));
    }
    let job = tuner.create(&spec).await.unwrap();
    assert!(job.metadata.is_empty());
    let asked = server.count();
    tuner.create(&JobSpec { run: "b".to_owned(), ..spec.clone() }).await.unwrap();
    assert_eq!(server.count(), asked + 1, "what was learnt is remembered");
    let ended = ended(&tuner, &job).await;
    assert_eq!(tuner.find(RUN).await.unwrap().unwrap().id, ended.id, "by the model's name");
    let dpo = JobSpec { method: Method::Dpo, run: "c".to_owned(), ..spec };
    tuner.create(&dpo).await.unwrap();
    assert_eq!(server.requests().last().unwrap().body["method"]["type"], "dpo");
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_server_that_cannot_train_is_told_from_one_that_refuses() {
    let (server, tuner) = planned(vec![]).await;
    let spec = spec(&tuner).await;
    server.change(|config| config.tuning = None);
    let unsupported = Err(TuneFailure::Unsupported { status: 404 });
    assert_eq!(tuner.jobs(1).await.map(|_| ()), unsupported);
    assert_eq!(tuner.create(&spec).await.map(|_| ()), unsupported);
    assert_eq!(tuner.upload(NAME, lines(1), Purpose::FineTune).await.map(|_| ()), unsupported);
    let lost = Tuner::new("p", &provider("http://127.0.0.1:9/v1"), Limits { attempts: 1, ..limits() }).unwrap();
    assert!(matches!(lost.create(&spec).await, Err(TuneFailure::Unreachable { .. })));
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_a_failing_part_is_sent_again() {
    let (server, _) = planned(vec![]).await;
    let tuner = tuner(&server, Limits { in_parts_from: 500, part: 400, ..limits() });
    let parts = "/uploads/{upload_id}/parts";
    server.faults().push(Fault::on(parts, Kind::Status(502)).after(1));
    server.faults().push(Fault::on(parts, Kind::ResetAfter));
    server.faults().push(Fault::on("/uploads/{upload_id}/complete", Kind::ResetAfter));
    let folder = std::env::temp_dir().join(format!("apprentice-tune-{}", std::process::id()));
    std::fs::write(&folder, lines(20)).unwrap();
    let id = tuner.upload(NAME, folder.as_path(), Purpose::FineTune).await;
    std::fs::remove_file(&folder).unwrap();
    let id = id.unwrap();
    assert_eq!(tuner.result(&id).await.unwrap(), lines(20));
    assert_eq!((server.files().len(), server.faults().waiting()), (1, 0));
    let stored = tuner.find_file(NAME).await.unwrap().unwrap();
    assert_eq!((stored.id, stored.bytes, stored.status.as_str()), (id, lines(20).len() as u64, "processed"));
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn an_upload_in_parts_that_is_given_up_is_cancelled() {
    let (server, _) = planned(vec![]).await;
    let tuner = tuner(&server, Limits { in_parts_from: 500, part: 400, attempts: 2, ..limits() });
    server.faults().push(Fault::on("/uploads/{upload_id}/parts", Kind::Status(502)).times(2));
    let failed = tuner.upload(NAME, lines(20), Purpose::FineTune).await;
    assert!(matches!(failed, Err(TuneFailure::Unreachable { .. })), "{failed:?}");
    assert!(server.requests().last().unwrap().path.ends_with("/cancel"));
    assert_eq!((server.files().len(), server.violations()), (0, vec![]));
}

#[tokio::test]
async fn a_small_file_in_doubt_is_looked_for_before_it_is_sent_again() {
    let (server, tuner) = planned(vec![]).await;
    server.faults().push(Fault::on("post /files", Kind::ResetAfter));
    let id = file(&tuner).await;
    assert_eq!((server.files().len(), server.files()[0]["id"].as_str()), (1, Some(id.0.as_str())));
    server.faults().push(Fault::on("post /files", Kind::Reset));
    let other = tuner.upload("other.jsonl", lines(2), Purpose::FineTune).await.unwrap();
    assert_eq!(server.files().len(), 2);
    tuner.delete_file(&other).await.unwrap();
    tuner.delete_file(&other).await.unwrap();
    assert_eq!((server.files().len(), server.violations()), (1, vec![]));
}

#[tokio::test]
async fn files_and_results_beyond_the_limit_are_too_large() {
    let (server, tuner) = planned(vec![]).await;
    let id = file(&tuner).await;
    let narrow = Tuner::new("p", &provider(server.base_url()), Limits { result: 100, ..limits() }).unwrap();
    assert!(matches!(narrow.result(&id).await, Err(TuneFailure::TooLarge { .. })));
    server.change(|config| config.tuning = Some(Tuning { largest_file: 100, ..Tuning::default() }));
    let refused = tuner.upload(NAME, lines(2000), Purpose::FineTune).await;
    assert!(matches!(refused, Err(TuneFailure::TooLarge { .. })), "{refused:?}");
    let missing = tuner.upload(NAME, std::path::Path::new("/nonexistent/file"), Purpose::FineTune).await;
    assert!(matches!(missing, Err(TuneFailure::Unreadable { .. })), "{missing:?}");
}

#[tokio::test]
async fn azure_is_asked_with_its_version_and_key_header() {
    let (server, _) = planned(vec![]).await;
    let azure = Provider { api_version: Some("2024-10-21".to_owned()), ..provider(server.base_url()) };
    let tuner = Tuner::new("azure", &azure, limits()).unwrap();
    let job = tuner.create(&spec(&tuner).await).await.unwrap();
    assert_eq!(tuner.find(RUN).await.unwrap().unwrap().id, job.id);
    let headers = &server.requests()[0].headers;
    assert!(headers.iter().any(|(name, value)| name == "api-key" && value == "sk-sim-key"), "{headers:?}");
    let status = r#"{"id": "ftjob-1", "status": "notRunning", "created": 5}"#.to_owned();
    let answer = Kind::Answer { status: 200, headers: vec![], body: status };
    server.faults().push(Fault::on("get /fine_tuning/jobs/{fine_tuning_job_id}", answer));
    assert_eq!(tuner.job(&job.id).await.unwrap().status, JobStatus::Queued);
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_list_that_knows_no_pages_is_read_once() {
    let (server, tuner) = planned(vec![]).await;
    let body = r#"{"data": [{"id": "a", "message": "x"}, {"id": "b", "message": "y"}], "has_more": true}"#.to_owned();
    let answer = Kind::Answer { status: 200, headers: vec![], body };
    server.faults().push(Fault::on("*", answer).times(5));
    let events = tuner.events(&serde_json::from_str("\"ftjob-1\"").unwrap(), None).await.unwrap();
    assert_eq!((events.len(), server.count()), (2, 2));
}

#[test]
fn tokens_of_data_grow_with_their_texts() {
    let data = [Datum::of("What is it?", "A question."), Datum::of("Hi", "Hello")];
    let (both, one) = (tokens_of(data.iter()), tokens_of(data[..1].iter()));
    assert!(one > 8 && both > one + 8 && both < 40, "{one} {both}");
    assert_eq!(tokens_of([].into_iter()), 0);
}
