//! Files are named by what they hold, and a damaged one is never handed out.

use futures::TryStreamExt as _;
use store::{BlobId, Blobs, Error, S3};

#[tokio::test]
async fn a_file_is_stored_once_and_read_back_checked() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().join("blobs").display().to_string(), &S3::default()).unwrap();
    let id = blobs.put("hello".into()).await.unwrap();
    assert_eq!(blobs.put("hello".into()).await.unwrap(), id);
    assert_eq!(BlobId::parse(id.as_str()), Some(id.clone()));
    assert_eq!(blobs.get(&id).await.unwrap(), "hello");
    assert_eq!(
        blobs.list().await.unwrap().iter().map(|(id, size, _)| (id.clone(), *size)).collect::<Vec<_>>(),
        [(id.clone(), 5)]
    );
    blobs.delete(&id).await.unwrap();
    blobs.delete(&id).await.unwrap();
    assert!(matches!(blobs.get(&id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_file_is_read_piece_by_piece_and_of_a_part_no_more_than_the_part() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().display().to_string(), &S3::default()).unwrap();
    let contents: Vec<u8> = (0..1_000_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let id = blobs.put(contents.clone().into()).await.unwrap();
    assert_eq!(blobs.size(&id).await.unwrap(), 1_000_000);
    let (bytes, pieces) = blobs.stream(&id).await.unwrap();
    let pieces: Vec<_> = pieces.try_collect().await.unwrap();
    assert!(bytes == 1_000_000 && pieces.len() > 1 && pieces.concat() == contents);
    let part: Vec<_> = blobs.part(&id, 999_000..999_010).await.unwrap().try_collect().await.unwrap();
    assert_eq!(part.concat(), contents[999_000..999_010]);
    std::fs::write(folder.path().join(&id.as_str()[..3]).join(id.as_str()), "hullo").unwrap();
    let (_, damaged) = blobs.stream(&id).await.unwrap();
    assert_eq!(damaged.try_collect::<Vec<_>>().await.unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    blobs.delete(&id).await.unwrap();
    assert!(matches!(blobs.stream(&id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&format!("file://{}", folder.path().display()), &S3::default()).unwrap();
    let id = blobs.put("hello".into()).await.unwrap();
    let path = folder.path().join(&id.as_str()[..3]).join(id.as_str());
    std::fs::write(path, "hullo").unwrap();
    assert!(matches!(blobs.get(&id).await, Err(Error::Broken(_))));
}

#[test]
fn only_names_are_names() {
    for text in ["", "abc", "../../etc/passwd", &"g".repeat(64), &"A".repeat(64)] {
        assert_eq!(BlobId::parse(text), None, "{text}");
    }
    assert!(BlobId::parse(&"0".repeat(64)).is_some());
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_build_without_s3_says_so() {
    let Err(Error::Broken(why)) = Blobs::open("s3://bucket/prefix", &S3::default()) else { panic!("opened") };
    assert!(why.to_string().contains("feature `s3`"), "{why}");
}
