//! Pictures made by other people's programs, and what is put into them by hand.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Words that stand for what nobody but the sender is to know.
pub(crate) const SECRET: &str = "59.9343N-30.3351E-the-cottage";

/// A folder of pictures, gone with this value.
pub(crate) struct Made {
    folder: TempDir,
}

impl Made {
    pub(crate) fn new() -> Made {
        Made { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What ImageMagick makes under this name, whose ending is the format.
    pub(crate) fn magick(&self, arguments: &[&str], name: &str) -> Vec<u8> {
        let path = self.path(name);
        let mut all = arguments.to_vec();
        all.push(path.to_str().unwrap());
        self.run("convert", &all);
        std::fs::read(path).unwrap()
    }

    /// Runs a program in the folder; one that is not there is a failure that says so.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        let ended = Command::new(program).args(arguments).current_dir(self.folder.path()).output();
        let ended = ended.unwrap_or_else(|error| panic!("{program} is needed by this test: {error}"));
        assert!(ended.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }

    /// A photograph of sorts: no two pixels alike, the same each time.
    pub(crate) fn photo(&self, size: &str, name: &str) -> Vec<u8> {
        self.magick(&["-size", size, "-seed", "7", "-depth", "8", "plasma:tomato-steelblue", "-quality", "90"], name)
    }

    /// A JPEG as HEIC or AVIF, as the name ends; Debian's libheif fails at some PNGs.
    pub(crate) fn heif(&self, from: &Path, name: &str) -> Vec<u8> {
        let mut arguments = vec!["-q", "90", from.to_str().unwrap(), "-o", name];
        if name.ends_with("avif") {
            arguments.insert(0, "-A");
        }
        self.run("heif-enc", &arguments);
        std::fs::read(self.path(name)).unwrap()
    }
}

/// EXIF with this orientation, a description and a place, both the secret.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let words = format!("{SECRET}\0");
    let length = u32::try_from(words.len()).unwrap();
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    let mut entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        tiff.extend(tag.to_be_bytes());
        tiff.extend(kind.to_be_bytes());
        tiff.extend(count.to_be_bytes());
        tiff.extend(value);
    };
    // The description is after the first directory, the directory of the place after it.
    let description = 8 + 2 + 3 * 12 + 4;
    let place = description + length;
    let [high, low] = orientation.to_be_bytes();
    entry(0x010e, 2, length, description.to_be_bytes());
    entry(0x0112, 3, 1, [high, low, 0, 0]);
    entry(0x8825, 4, 1, place.to_be_bytes());
    tiff.extend([0; 4]);
    tiff.extend(words.as_bytes());
    tiff.extend([0, 1, 0, 0x1d, 0, 2]);
    tiff.extend(length.to_be_bytes());
    tiff.extend((place + 18).to_be_bytes());
    tiff.extend([0; 4]);
    tiff.extend(words.as_bytes());
    tiff
}

/// A JPEG with more segments after its start: a marker and what it holds.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut file = jpeg[..2].to_vec();
    for (marker, held) in segments {
        file.extend([0xff, *marker]);
        file.extend(u16::try_from(held.len() + 2).unwrap().to_be_bytes());
        file.extend(*held);
    }
    file.extend(&jpeg[2..]);
    file
}

/// A JPEG that says how it is to be turned.
pub(crate) fn turned(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let held = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    with_segments(jpeg, &[(0xe1, &held)])
}

/// A PNG with one more chunk after its head.
pub(crate) fn with_chunk(png: &[u8], name: &[u8; 4], held: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(name, held), &png[33..]].concat()
}

/// A chunk of a PNG.
pub(crate) fn chunk(name: &[u8; 4], held: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), held].concat();
    let length = u32::try_from(held.len()).unwrap().to_be_bytes();
    [&length, named.as_slice(), &crc(&named).to_be_bytes()].concat()
}

/// The checksum of PNG (its annex D), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// Whether these bytes are anywhere in a file.
pub(crate) fn has(file: &[u8], bytes: &[u8]) -> bool {
    file.windows(bytes.len()).any(|window| window == bytes)
}

/// The pixels of a prepared picture.
pub(crate) fn pixels(file: &[u8]) -> image::RgbaImage {
    image::load_from_memory(file).unwrap().into_rgba8()
}

/// Whether two colours are as good as the same after coding.
pub(crate) fn near(one: image::Rgba<u8>, other: [u8; 4], most: u8) -> bool {
    one.0.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= most)
}
