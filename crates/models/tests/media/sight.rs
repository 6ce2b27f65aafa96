use super::{NOTHING, provider, server};
use apprentice_models::{Answer, Config as Settings, Failure, ModelName, Models};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::chat::{ChatRequest, PictureRef, Role, Turn};
use sim::openai::{Answer as Says, Config, Model, Server};
use sim::{Fault, Kind};
use tokio_util::sync::CancellationToken;

fn picture(width: u32, height: u32, colour: [u8; 3]) -> PictureRef {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(width, height, image::Rgb(colour)).write_to(&mut png, image::ImageFormat::Png).unwrap();
    PictureRef::new("image/png", BASE64_STANDARD.encode(png.into_inner()))
}

fn request(text: &str, pictures: Vec<PictureRef>) -> ChatRequest {
    let turns = vec![Turn::new(Role::System, "Be brief."), Turn::new(Role::User, text).showing(pictures)];
    ChatRequest { turns, max_tokens: None, temperature: None }
}

async fn seeing(models: Vec<Model>) -> (Server, Models) {
    let answer = Says::Text("I see {pictures}.".to_owned());
    let server = server(Config { models, answer, ..Config::default() }).await;
    let providers = [("p".to_owned(), provider(server.base_url()))].into();
    let models = Models::new(Settings { providers }).unwrap();
    (server, models)
}

async fn ask(models: &Models, chain: &[&str], request: &ChatRequest) -> Result<Answer, Failure> {
    let chain: Vec<ModelName> = chain.iter().map(|name| name.parse().unwrap()).collect();
    models.ask(&chain, request, &CancellationToken::new(), &mut |_| {}).await
}

#[tokio::test]
async fn the_model_sees_each_picture_in_its_order() {
    let (server, models) = seeing(vec![Model::new("eyes")]).await;
    let pictures = vec![picture(64, 48, [200, 10, 10]), picture(5, 7, [10, 10, 200])];
    for text in ["What is this?", ""] {
        let told = ask(&models, &["p/eyes"], &request(text, pictures.clone())).await.unwrap();
        assert_eq!(told.text, "I see 64x48 red, 5x7 blue.");
    }
    assert_eq!((models.sees(&"p/eyes".parse().unwrap()), server.violations()), (Some(true), NOTHING.to_vec()));
}

#[tokio::test]
async fn a_model_that_cannot_see_says_so_once_and_another_one_is_shown_the_picture() {
    let blind = Model::new("blind").blind("Invalid content type. image_url is only supported by certain models.");
    let (server, models) = seeing(vec![blind, Model::new("eyes")]).await;
    let shown = request("What is this?", vec![picture(8, 8, [0, 200, 0])]);
    let told = ask(&models, &["p/blind"], &shown).await.unwrap_err();
    assert_eq!(told, Failure::CannotSee { model: "p/blind".to_owned() });
    assert_eq!(models.sees(&"p/blind".parse().unwrap()), Some(false));
    let told = ask(&models, &["p/blind", "p/eyes"], &shown).await.unwrap();
    assert_eq!((told.text.as_str(), server.count()), ("I see 8x8 green.", 2), "the blind one is not asked again");
    let words = request("And without one?", Vec::new());
    assert!(ask(&models, &["p/blind"], &words).await.is_ok(), "words alone it still answers");
}

#[tokio::test]
async fn a_server_that_fails_where_it_should_refuse_is_understood_too() {
    let (server, models) = seeing(vec![Model::new("local")]).await;
    let body = r#"{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}"#;
    server
        .faults()
        .push(Fault::on("/chat/completions", Kind::Answer { status: 500, headers: Vec::new(), body: body.to_owned() }));
    let told = ask(&models, &["p/local"], &request("?", vec![picture(8, 8, [0, 0, 0])])).await.unwrap_err();
    assert!(matches!(told, Failure::CannotSee { .. }), "{told:?}");
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_is_no_sign_of_a_blind_model() {
    let (_server, models) = seeing(vec![Model::new("eyes")]).await;
    let broken = PictureRef::new("image/png", BASE64_STANDARD.encode(b"no picture"));
    let told = ask(&models, &["p/eyes"], &request("?", vec![broken])).await.unwrap_err();
    assert!(matches!(told, Failure::Refused { status: 400, .. }), "{told:?}");
    assert_eq!(models.sees(&"p/eyes".parse().unwrap()), None);
}
