use super::{NOTHING, asked, provider, server};
use apprentice_models::draw::{
    Background, DrawFailure, Drawn, Limits, Options, Originals, Painter, Param, Partial, Picture, Quality,
};
use sim::openai::{Brush, Config, FORBIDDEN, Server, trouble};
use sim::{Fault, Kind};
use std::time::Duration;

const MAKE: &str = "/images/generations";
const EDIT: &str = "/images/edits";

fn painter(server: &Server, model: &str) -> Painter {
    Painter::new("p", &provider(server.base_url()), model, Limits::default()).unwrap()
}

async fn generate(painter: &Painter, prompt: &str, options: &Options) -> Result<Drawn, DrawFailure> {
    painter.generate(prompt, options, &mut |_| panic!("nothing is shown before it is done")).await
}

fn pixels(picture: &Picture) -> image::RgbaImage {
    image::load_from_memory(&picture.bytes).unwrap().to_rgba8()
}

async fn with(brush: Brush) -> Server {
    server(Config { brush, ..Config::default() }).await
}

#[tokio::test]
async fn a_picture_is_drawn_with_every_wish_and_its_tokens_are_told() {
    let server = with(Brush::default()).await;
    let options = Options {
        size: Some((1536, 1024)),
        quality: Some(Quality::High),
        background: Some(Background::Transparent),
        count: 2,
        partial_images: 0,
    };
    let drawn = generate(&painter(&server, "gpt-image-1"), "a red fox", &options).await.unwrap();
    assert_eq!((drawn.pictures.len(), drawn.by.as_str(), drawn.without.as_slice()), (2, "p/gpt-image-1", &[][..]));
    assert_eq!((drawn.usage.input, drawn.usage.output), (3, 2112));
    let first = pixels(&drawn.pictures[0]);
    assert_eq!((drawn.pictures[0].mime, first.dimensions()), ("image/png", (96, 64)));
    assert_eq!((first.get_pixel(0, 0).0[3], first.get_pixel(48, 32).0[3]), (0, 255), "only the ground is transparent");
    assert_ne!(drawn.pictures[0], drawn.pictures[1]);
    assert_eq!((asked(&server, MAKE), server.violations()), (1, NOTHING.to_vec()));
}

#[tokio::test]
async fn unfinished_pictures_are_shown_on_the_way() {
    let server = with(Brush::default()).await;
    let options = Options { partial_images: 3, ..Options::default() };
    let mut shown: Vec<Partial> = Vec::new();
    let painter = painter(&server, "gpt-image-1");
    let drawn = painter.generate("a fox", &options, &mut |partial| shown.push(partial)).await.unwrap();
    assert_eq!(shown.iter().map(|partial| partial.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert_ne!(shown[0].picture, drawn.pictures[0]);
    assert_eq!((drawn.pictures.len(), drawn.usage.output), (1, 1056));
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn an_older_model_is_asked_in_its_own_way_and_that_is_remembered() {
    let server = with(Brush { addresses: true, ..Brush::default() }).await;
    let painter = painter(&server, "dall-e-3");
    let options =
        Options { partial_images: 2, background: Some(Background::Transparent), count: 2, ..Options::default() };
    let drawn = generate(&painter, "a fox", &options).await.unwrap();
    assert_eq!((drawn.pictures.len(), drawn.without.as_slice()), (2, &[Param::Background][..]));
    assert_eq!(drawn.pictures[0].revised_prompt.as_deref(), Some("a fox, in detail"));
    let before = asked(&server, MAKE);
    generate(&painter, "a fox", &options).await.unwrap();
    assert_eq!((asked(&server, MAKE) - before, server.violations()), (2, NOTHING.to_vec()), "one by one, no refusals");
}

#[tokio::test]
async fn a_picture_behind_the_providers_own_address_is_loaded_without_its_key() {
    let server = with(Brush { addresses: true, refuses: vec!["response_format".to_owned()], ..Brush::default() }).await;
    let drawn = generate(&painter(&server, "dall-e-2"), "a fox", &Options::default()).await.unwrap();
    assert_eq!(pixels(&drawn.pictures[0]).dimensions(), (64, 64));
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn an_address_within_ones_own_network_is_never_loaded_from() {
    let other = with(Brush::default()).await;
    let inner = other.base_url().replace("http://", "https://");
    for address in
        [other.base_url(), &inner, "https://169.254.169.254/x.png", "https://localhost/x.png", "file:///etc/passwd"]
    {
        let brush = Brush { address: Some(address.to_owned()), ..Brush::default() };
        let server = with(brush).await;
        let told = generate(&painter(&server, "local"), "a fox", &Options::default()).await.unwrap_err();
        assert!(matches!(told, DrawFailure::Refused { status: 0, .. }), "{address}: {told:?}");
    }
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn pictures_are_edited_and_varied() {
    let server = with(Brush::default()).await;
    let painter = painter(&server, "gpt-image-1");
    let drawn = generate(&painter, "a fox", &Options::default()).await.unwrap();
    let fox = drawn.pictures[0].clone();
    let originals = Originals { pictures: vec![fox.clone(), fox.clone()], mask: Some(fox.clone()) };
    let options = Options { partial_images: 1, ..Options::default() };
    let mut shown = 0;
    let edited = painter.edit(&originals, "with a hat", &options, &mut |_| shown += 1).await.unwrap();
    assert!(shown == 1 && edited.pictures[0] != fox);
    let varied = painter.vary(&fox, "another like it", &Options::default(), &mut |_| {}).await.unwrap();
    assert_eq!((varied.pictures.len(), asked(&server, "/images/variations")), (1, 0));
    assert_eq!((asked(&server, EDIT), server.violations()), (2, NOTHING.to_vec()));
    let old = self::painter(&server, "dall-e-2");
    old.vary(&fox, "another like it", &Options::default(), &mut |_| {}).await.unwrap();
    assert_eq!((asked(&server, "/images/variations"), server.violations()), (1, NOTHING.to_vec()));
}

#[tokio::test]
async fn a_mask_of_another_size_and_a_broken_picture_are_told_apart_from_other_refusals() {
    let server = with(Brush::default()).await;
    let painter = painter(&server, "gpt-image-1");
    let broken = Picture { bytes: b"\x89PNG\r\n\x1a\nnothing"[..].into(), mime: "image/png", revised_prompt: None };
    let originals = Originals { pictures: vec![broken], mask: None };
    let told = painter.edit(&originals, "x", &Options::default(), &mut |_| {}).await.unwrap_err();
    assert!(matches!(told, DrawFailure::BadPicture { .. }), "{told:?}");
    server.change(|config| config.brush.refuses = vec!["mask".to_owned()]);
    let fox = generate(&painter, "a fox", &Options::default()).await.unwrap().pictures.remove(0);
    let masked = Originals { pictures: vec![fox.clone()], mask: Some(fox) };
    let told = painter.edit(&masked, "x", &Options::default(), &mut |_| {}).await.unwrap_err();
    assert!(matches!(told, DrawFailure::UnsupportedOption { which: Param::Mask, .. }), "{told:?}");
}

#[tokio::test]
async fn what_the_rules_forbid_is_told_with_the_rule_and_not_tried_again() {
    let server = with(Brush::default()).await;
    let told = generate(&painter(&server, "gpt-image-1"), &format!("much {FORBIDDEN}"), &Options::default()).await;
    assert_eq!(told, Err(DrawFailure::Moderated { categories: vec!["violence".to_owned()] }));
    assert_eq!(asked(&server, MAKE), 1);
}

#[tokio::test]
async fn each_failure_is_told_by_what_can_be_done_about_it() {
    let server = with(Brush::default()).await;
    let limits = Limits { attempts: 1, ..Limits::default() };
    let painter = Painter::new("p", &provider(server.base_url()), "gpt-image-1", limits).unwrap();
    let of = async |fault: Kind| {
        server.faults().push(Fault::on(MAKE, fault));
        generate(&painter, "a fox", &Options::default()).await.unwrap_err()
    };
    assert_eq!(of(trouble::rate_limited(60)).await, DrawFailure::Busy { retry_after_ms: Some(60_000) });
    assert_eq!(of(Kind::Status(500)).await, DrawFailure::Service { status: 500 });
    assert!(matches!(of(trouble::invalid_key()).await, DrawFailure::Refused { status: 401, .. }));
    assert!(matches!(of(Kind::Garbage).await, DrawFailure::Unreachable { .. }));
}

#[tokio::test]
async fn what_may_have_been_drawn_is_not_drawn_again_and_what_was_not_is() {
    let server = with(Brush::default()).await;
    let painter = painter(&server, "gpt-image-1");
    server.faults().push(Fault::on(MAKE, Kind::HalfBody).times(3));
    let told = generate(&painter, "a fox", &Options::default()).await;
    assert!(matches!(told, Err(DrawFailure::Unreachable { .. })), "{told:?}");
    assert_eq!(asked(&server, MAKE), 1);
    server.faults().clear();
    server.faults().push(Fault::on(MAKE, Kind::Status(503)));
    assert!(generate(&painter, "a fox", &Options::default()).await.is_ok());
    assert_eq!(asked(&server, MAKE), 3);
}

#[tokio::test]
async fn a_drawing_that_breaks_off_or_stalls_ends_with_a_failure() {
    let server = with(Brush::default()).await;
    let options = Options { partial_images: 2, ..Options::default() };
    for (fault, stalls) in [(Kind::Cut { after: 1 }, false), (Kind::Stall { after: 1 }, true)] {
        server.faults().push(Fault::on(MAKE, fault));
        let idle = if stalls { Duration::from_millis(300) } else { Limits::default().idle };
        let limits = Limits { idle, ..Limits::default() };
        let hasty = Painter::new("p", &provider(server.base_url()), "gpt-image-1", limits).unwrap();
        let told = hasty.generate("a fox", &options, &mut |_| {}).await.unwrap_err();
        assert_eq!(told == DrawFailure::TimedOut, stalls, "{told:?}");
    }
}
