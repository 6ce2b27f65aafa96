//! Files, uploads and training jobs by plain HTTP, each answer held against the description.

use super::*;
use base64::Engine as _;

const JOB: &str = "/fine_tuning/jobs/{fine_tuning_job_id}";

impl Client {
    /// Sends what `make` makes of the address; the answer must keep the description.
    async fn call(&self, operation: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.server.base_url());
        let verb = operation.split(' ').next().unwrap().to_uppercase();
        let request = self.http.request(verb.parse().unwrap(), url).bearer_auth(self.server.key());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        kept(operation, request.send().await.unwrap()).await
    }
    async fn form(&self, operation: &str, path: &str, fields: &[(&str, &str)], file: (&str, String)) -> (u16, Value) {
        let part = reqwest::multipart::Part::text(file.1).file_name("train.jsonl");
        let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, text)| {
            form.text((*name).to_owned(), (*text).to_owned())
        });
        let request = self.http.post(format!("{}{path}", self.server.base_url())).bearer_auth(self.server.key());
        kept(operation, request.multipart(form.part(file.0.to_owned(), part)).send().await.unwrap()).await
    }
    async fn upload(&self, text: String) -> Value {
        self.form("post /files", "/files", &[("purpose", "fine-tune")], ("file", text)).await.1
    }
    async fn create(&self, file: &Value, more: Value) -> (u16, Value) {
        let mut body = json!({"model": "sim-small", "training_file": file["id"], "suffix": "x"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("post /fine_tuning/jobs", "/fine_tuning/jobs", Some(body)).await
    }
    /// Looks at a job until it has that status.
    async fn until(&self, job: &Value, status: &str) -> Value {
        let path = format!("/fine_tuning/jobs/{}", job["id"].as_str().unwrap());
        for _ in 0..50 {
            let (_, job) = self.call(&format!("get {JOB}"), &path, None).await;
            if job["status"] == status {
                return job;
            }
        }
        self.call(&format!("get {JOB}"), &path, None).await.1
    }
    async fn of(&self, job: &Value, verb: &str, what: &str) -> (u16, Value) {
        let path = format!("/fine_tuning/jobs/{}/{what}", job["id"].as_str().unwrap());
        let operation = what.split('?').next().unwrap();
        self.call(&format!("{verb} {JOB}/{operation}"), &path, None).await
    }
}

async fn kept(operation: &str, response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let wrong = match status {
        200 => description().check_answer(operation, &body),
        _ => description().check_named("ErrorResponse", &body),
    };
    assert_eq!(wrong, [], "{operation}: {body}");
    (status, body)
}

fn lines(count: usize) -> String {
    let line = |at| json!({"messages": [{"role": "user", "content": format!("Question {at}?")}, {"role": "assistant", "content": format!("Answer number {at}")}]});
    (0..count).map(|at| format!("{}\n", line(at))).collect()
}

async fn training(plan: Vec<Plan>) -> Client {
    let tuning = Some(Tuning { plan, ..Tuning::default() });
    Client::new(Config { tuning, answer: Answer::Student(Student::default()), ..Config::default() }).await
}

#[tokio::test]
async fn a_job_goes_through_its_states_and_its_model_answers_what_it_was_taught() {
    let client = training(vec![]).await;
    let file = client.upload(lines(12)).await;
    let (_, job) = client.create(&file, json!({"validation_file": file["id"], "metadata": {"run": "7"}})).await;
    assert_eq!((&job["status"], &job["fine_tuned_model"]), (&json!("validating_files"), &Value::Null));
    assert_eq!(client.until(&job, "queued").await["status"], "queued");
    assert!(client.until(&job, "running").await["estimated_finish"].is_u64());
    let job = client.until(&job, "succeeded").await;
    let mut asked = ask("Question 3?");
    asked["model"] = job["fine_tuned_model"].clone();
    let answer: Value = client.post(&asked).await.unwrap().json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "Answer number 3");
    let plain: Value = client.post(&ask("Question 3?")).await.unwrap().json().await.unwrap();
    assert_eq!(plain["choices"][0]["message"]["content"], Student::default().base);
    assert!(job["trained_tokens"].as_u64().unwrap() > 0);

    let (_, checkpoints) = client.of(&job, "get", "checkpoints").await;
    assert_eq!((checkpoints["data"].as_array().unwrap().len(), &checkpoints["data"][0]["step_number"]), (3, &json!(6)));
    let url = format!("{}/files/{}/content", client.server.base_url(), job["result_files"][0].as_str().unwrap());
    let table = client.http.get(url).bearer_auth(client.server.key()).send().await.unwrap().text().await.unwrap();
    let table = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(table).unwrap()).unwrap();
    assert!(table.starts_with("step,train_loss,train_accuracy,valid_loss") && table.lines().count() == 7, "{table}");

    let (_, models) = client.get("/models").await;
    assert!(models["data"].as_array().unwrap().iter().any(|model| model["id"] == job["fine_tuned_model"]));
    let path = format!("/models/{}", job["fine_tuned_model"].as_str().unwrap());
    assert_eq!(client.call("delete /models/{model}", &path, None).await.0, 200);
    assert_eq!(client.refused(&asked).await, (404, "model_not_found".to_owned()));
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn events_come_newest_first_and_in_pages() {
    let client = training(vec![]).await;
    let job = client.create(&client.upload(lines(10)).await, json!({})).await.1;
    client.until(&job, "succeeded").await;
    let (_, whole) = client.of(&job, "get", "events?limit=50").await;
    let whole = whole["data"].as_array().unwrap();
    assert!(whole[0]["message"].as_str().unwrap().contains("completed"), "{whole:?}");
    assert_eq!(whole.iter().filter(|event| event["type"] == "metrics").count(), 6);
    let (_, page) = client.of(&job, "get", "events?limit=4").await;
    assert_eq!((page["data"].as_array().unwrap().as_slice(), &page["has_more"]), (&whole[..4], &json!(true)));
    let after = format!("events?limit=50&after={}", whole[3]["id"].as_str().unwrap());
    let (_, rest) = client.of(&job, "get", &after).await;
    assert_eq!((rest["data"].as_array().unwrap().as_slice(), &rest["has_more"]), (&whole[4..], &json!(false)));
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn jobs_are_listed_newest_first_and_by_their_metadata() {
    let client = training(vec![]).await;
    let file = client.upload(lines(10)).await;
    for run in ["a", "b", "a"] {
        client.create(&file, json!({"metadata": {"run": run}})).await;
    }
    client.create(&file, json!({})).await;
    let list = async |query: &str| {
        let (_, list) = client.call("get /fine_tuning/jobs", &format!("/fine_tuning/jobs?{query}"), None).await;
        let runs = list["data"].as_array().unwrap().iter().map(|job| job["metadata"]["run"].clone());
        (runs.collect::<Vec<_>>(), list["has_more"] == true)
    };
    assert_eq!(list("limit=2").await, (vec![Value::Null, json!("a")], true));
    assert_eq!(list("metadata%5Brun%5D=a").await, (vec![json!("a"), json!("a")], false));
    assert_eq!(list("metadata=null").await.0, [Value::Null]);
    assert_eq!(client.server.violations(), NOTHING);
    assert_eq!(client.get("/fine_tuning/jobs?colour=1").await.0, 400);
    assert_eq!(client.server.violations(), ["get /fine_tuning/jobs: colour: unknown parameter"]);
}

#[tokio::test]
async fn jobs_go_as_they_are_planned() {
    let plan = vec![
        Plan::FailValidation("Line 3 is odd.".to_owned()),
        Plan::Fail("Out of memory.".to_owned()),
        Plan::Stall,
        Plan::Queue(3),
        Plan::Refuse(trouble::rate_limited(2)),
    ];
    let client = training(plan).await;
    let file = client.upload(lines(10)).await;
    let begin = async || client.create(&file, json!({})).await.1;
    let failed = client.until(&begin().await, "failed").await;
    assert_eq!(
        (&failed["error"]["code"], &failed["error"]["param"]),
        (&json!("invalid_training_file"), &json!("training_file"))
    );
    let failed = client.until(&begin().await, "failed").await;
    assert_eq!((&failed["error"]["message"], &failed["error"]["param"]), (&json!("Out of memory."), &Value::Null));
    let stalled = begin().await;
    assert_eq!(client.until(&stalled, "succeeded").await["status"], "running");
    assert_eq!(client.of(&stalled, "post", "cancel").await.1["status"], "cancelled");
    assert_eq!(client.of(&stalled, "post", "cancel").await.0, 400);
    let queued = begin().await;
    assert_eq!(client.until(&queued, "queued").await["status"], "queued");
    assert_eq!(client.of(&queued, "post", "pause").await.0, 200);
    assert_eq!(client.until(&queued, "running").await["status"], "queued");
    assert_eq!(client.of(&queued, "post", "resume").await.0, 200);
    assert_eq!(client.until(&queued, "succeeded").await["status"], "succeeded");
    assert_eq!(client.create(&file, json!({})).await.0, 429);
    assert_eq!(client.create(&file, json!({})).await.0, 200);
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn bad_files_fail_when_they_are_validated_and_missing_ones_at_once() {
    let client = training(vec![]).await;
    let broken = client.upload(format!("{}{{\n", lines(10))).await;
    assert_eq!(
        (&broken["status"], &broken["status_details"]),
        (&json!("error"), &json!("Line 11: not a valid JSON dictionary"))
    );
    let few = client.upload(lines(9)).await;
    for (file, told) in [(&broken, "Line 11"), (&few, "9 example(s)")] {
        let job = client.create(file, json!({})).await.1;
        let job = client.until(&job, "failed").await;
        assert!(job["error"]["message"].as_str().unwrap().contains(told), "{job}");
    }
    assert_eq!(client.create(&json!({"id": "file-none"}), json!({})).await.1["error"]["param"], "training_file");
    assert_eq!(client.create(&few, json!({"model": "none"})).await.1["error"]["param"], "model");
    let dpo = json!({"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}});
    let job = client.create(&client.upload(lines(10)).await, dpo).await.1;
    assert!(client.until(&job, "failed").await["error"]["message"].as_str().unwrap().contains("missing key \"input\""));
    assert_eq!(client.server.violations(), NOTHING);
    assert_eq!(client.create(&few, json!({"suffix": "x".repeat(65)})).await.0, 400);
    assert_eq!(client.form("post /files", "/files", &[("purpose", "dance")], ("file", lines(1))).await.0, 400);
    assert_eq!(client.server.violations().len(), 2);
}

#[tokio::test]
async fn an_upload_in_parts_becomes_a_file() {
    let client = training(vec![]).await;
    let text = lines(10);
    let body = json!({"filename": "big.jsonl", "purpose": "fine-tune", "bytes": text.len(), "mime_type": "text/jsonl"});
    let begin = async || {
        client.call("post /uploads", "/uploads", Some(body.clone())).await.1["id"].as_str().unwrap().to_owned()
    };
    let id = begin().await;
    let mut parts = Vec::new();
    for half in [&text[..100], &text[100..]] {
        let path = format!("/uploads/{id}/parts");
        let (_, part) = client.form("post /uploads/{upload_id}/parts", &path, &[], ("data", half.to_owned())).await;
        parts.push(part["id"].clone());
    }
    let complete = async |parts: &[Value]| {
        let path = format!("/uploads/{id}/complete");
        client.call("post /uploads/{upload_id}/complete", &path, Some(json!({"part_ids": parts}))).await
    };
    assert_eq!(complete(&parts[..1]).await.0, 400);
    let (_, upload) = complete(&parts).await;
    assert_eq!((&upload["status"], &upload["file"]["status"]), (&json!("completed"), &json!("processed")));
    let other = begin().await;
    assert_eq!(
        client.call("post /uploads/{upload_id}/cancel", &format!("/uploads/{other}/cancel"), None).await.1["status"],
        "cancelled"
    );
    let (_, files) = client.call("get /files", "/files?purpose=fine-tune", None).await;
    assert_eq!(files["data"][0]["filename"], "big.jsonl");
    let path = format!("/files/{}", upload["file"]["id"].as_str().unwrap());
    assert_eq!(client.call("delete /files/{file_id}", &path, None).await.1["deleted"], true);
    assert_eq!(client.call("get /files/{file_id}", &path, None).await.0, 404);
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn files_are_limited_and_a_server_may_not_train_at_all() {
    let client = training(vec![]).await;
    client.server.change(|config| config.tuning = Some(Tuning { largest_file: 1000, ..Tuning::default() }));
    let sent = client.form("post /files", "/files", &[("purpose", "fine-tune")], ("file", "x".repeat(200_000))).await;
    assert_eq!(sent.0, 413);
    client.server.change(|config| config.tuning = None);
    assert_eq!(client.get("/fine_tuning/jobs").await.0, 404);
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn a_repeated_key_makes_no_second_job_where_keys_count() {
    let client = training(vec![]).await;
    let file = client.upload(lines(10)).await;
    let create = async || {
        let body = json!({"model": "sim-small", "training_file": file["id"]});
        let request = client.http.post(format!("{}/fine_tuning/jobs", client.server.base_url()));
        request.bearer_auth(client.server.key()).header("idempotency-key", "k").json(&body).send().await.unwrap();
    };
    create().await;
    create().await;
    assert_eq!(client.server.jobs().len(), 2);
    client.server.change(|config| config.tuning.as_mut().unwrap().idempotent = true);
    create().await;
    assert_eq!(client.server.jobs().len(), 2);
}
