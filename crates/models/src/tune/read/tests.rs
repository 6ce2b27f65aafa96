//! What other servers tell, read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use serde_json::json;

#[test]
fn jobs_of_other_servers_are_read_and_unknown_words_are_kept() {
    let azure = json!({"id": "ftjob-1", "status": "notRunning", "created": 1_700_000_000, "model": "m", "error": {"code": null}});
    let job = Job::read(&azure).unwrap();
    assert_eq!((job.status, job.created_at, job.error), (JobStatus::Queued, Some(Millis(1_700_000_000_000)), None));
    let together =
        json!({"id": "ft-1", "status": "completed", "created_at": "2026-01-02T03:04:05Z", "output_name": "me/m-x"});
    let job = Job::read(&together).unwrap();
    assert_eq!(
        (job.status, job.created_at, job.fine_tuned_model.as_deref()),
        (JobStatus::Succeeded, None, Some("me/m-x"))
    );
    let odd = Job::read(&json!({"id": "1", "status": "cancel_requested", "result_files": [{"id": "f"}, "g"]})).unwrap();
    assert_eq!(odd.status, JobStatus::Unknown("cancel_requested".to_owned()));
    assert_eq!(odd.result_files, [FileId("f".to_owned()), FileId("g".to_owned())]);
    assert!(!odd.status.ended());
    assert_eq!(Job::read(&json!({"status": "running"})), None);
}

#[test]
fn a_job_is_known_by_its_mark_alone() {
    let of = |json: Value, run: &str| Job::read(&json).unwrap().is_of(run);
    assert!(of(json!({"id": "1", "metadata": {"apprentice_run": "01AB"}}), "01AB"));
    assert!(of(json!({"id": "1", "fine_tuned_model": "ft:m:org:bot-01ab:xyz"}), "01AB"));
    assert!(of(json!({"id": "1", "suffix": "bot-01ab"}), "01AB"));
    assert!(!of(json!({"id": "1", "suffix": "bot-101ab"}), "01AB"));
    assert!(!of(json!({"id": "1", "metadata": {"apprentice_run": "01ABC"}}), "01AB"));
    assert!(!of(json!({"id": "1", "suffix": "bot"}), ""));
}

#[test]
fn events_are_read_with_and_without_figures() {
    let event = Event::read(
        &json!({"id": "e", "created_at": 1, "level": "warn", "message": "m", "data": {"step": 3, "train_loss": 0.5, "full_valid_loss": 0.7}}),
        0,
    );
    let data = event.data.unwrap();
    assert_eq!(
        (event.level, event.at, data.step, data.train_loss, data.valid_loss),
        (Level::Warn, Some(Millis(1000)), 3, Some(0.5), Some(0.7))
    );
    let bare = Event::read(&json!({"message": "m", "data": {}}), 4);
    assert_eq!((bare.id.as_str(), bare.level, bare.data), ("#4", Level::Info, None));
}
