//! Hearing, speaking, drawing and seeing against a server that speaks the real protocol, checks every request and
//! fails on demand.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod draw;
mod files;
mod hear;
mod sight;
mod speak;

use apprentice_models::{Provider, Timeouts};
use sim::openai::{Config, Server};
use std::collections::BTreeMap;
use std::time::Duration;

const NOTHING: [String; 0] = [];

async fn server(config: Config) -> Server {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Server::start(config).await
}

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

/// How often an operation was asked for.
fn asked(server: &Server, path: &str) -> usize {
    server.requests().iter().filter(|request| request.path == path).count()
}

/// A WAV file of 16-bit samples, one channel.
fn wav(samples: &[i16], rate: u32) -> Vec<u8> {
    let size = u32::try_from(samples.len() * 2).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}
