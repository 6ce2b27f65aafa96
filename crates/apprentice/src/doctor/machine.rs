//! What the bot needs of this machine: sound settings, a disk, a database, a free address.

use super::{Finding, Level};
use crate::settings::{Loaded, Settings};
use domain::policy::Access;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// Free space below which there is a warning, and below which nothing can be relied on; megabytes.
const LITTLE_DISK_MB: u64 = 1024;
const NO_DISK_MB: u64 = 64;

pub(super) fn settings(loaded: &Loaded) -> Vec<Finding> {
    let mut found = vec![Finding::good("doctor-settings", &[])];
    let odd = |fault| Finding::of_fault(Level::Warning, "doctor-settings-odd", fault);
    found.extend(loaded.warnings.iter().map(odd));
    if loaded.access.policy == Access::Open {
        found.push(Finding::warning("doctor-access-open", &[]).advise("doctor-access-open-advice", &[]));
    }
    if loaded.telegram.token.is_some() && loaded.access.owner.is_empty() {
        found.push(Finding::note("doctor-owner-by-code", &[]));
    }
    found
}

/// Writes a file and takes it away again; looks at the space that is left.
pub(super) fn data_directory(settings: &Settings) -> Vec<Finding> {
    let dir = settings.data_dir.as_path();
    let shown = dir.display();
    if let Err(error) = try_to_write(dir) {
        let finding = Finding::error("doctor-data-not-writable", &[("dir", &shown), ("why", &error.kind())]);
        return vec![finding.advise("doctor-data-advice", &[("dir", &shown)])];
    }
    vec![Finding::good("doctor-data", &[("dir", &shown)]), disk(dir)]
}

fn try_to_write(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let probe = dir.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"doctor").and_then(|()| fs::read(&probe)).map(drop);
    let removed = fs::remove_file(&probe);
    written.and(removed)
}

fn disk(dir: &Path) -> Finding {
    let Some(free) = free_mb(dir) else { return Finding::note("doctor-disk-unknown", &[]) };
    let args: super::Args<'_> = &[("mb", &free)];
    match free {
        ..NO_DISK_MB => Finding::error("doctor-disk-full", args).advise("doctor-disk-advice", &[]),
        NO_DISK_MB..LITTLE_DISK_MB => Finding::warning("doctor-disk-little", args).advise("doctor-disk-advice", &[]),
        _ => Finding::good("doctor-disk", args),
    }
}

#[cfg(unix)]
fn free_mb(dir: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(dir).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize) >> 20)
}

#[cfg(not(unix))]
fn free_mb(_: &Path) -> Option<u64> {
    None
}

pub(super) async fn database(loaded: &Loaded, open: impl Future<Output = Result<(), String>>) -> Finding {
    let embedded = loaded.database.url.is_none();
    match open.await {
        Ok(()) if embedded => Finding::good("doctor-database-embedded", &[]),
        Ok(()) => Finding::good("doctor-database", &[]),
        Err(why) => {
            let finding = Finding::error("doctor-database-closed", &[("why", &loaded.redact(&why))]);
            let advice = if embedded { "doctor-database-embedded-advice" } else { "doctor-database-advice" };
            finding.advise(advice, &[])
        }
    }
}

/// Whether the page's address is free, or this bot is running there already.
pub(super) async fn page(settings: &Settings) -> Finding {
    let address = settings.listen;
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) if address.ip().is_loopback() => Finding::good("doctor-page", &[("address", &address)]),
        Ok(_) => Finding::note("doctor-page-public", &[("address", &address)]),
        Err(error) => page_taken(address, error.kind()),
    }
}

fn page_taken(address: SocketAddr, kind: io::ErrorKind) -> Finding {
    match kind {
        io::ErrorKind::AddrInUse => Finding::warning("doctor-page-in-use", &[("address", &address)])
            .advise("doctor-page-in-use-advice", &[("port", &address.port())]),
        kind => Finding::error("doctor-page-not-bound", &[("address", &address), ("why", &kind)])
            .advise("doctor-page-advice", &[]),
    }
}

/// Files that the settings name and that are read later.
pub(super) fn files(settings: &Settings) -> Option<Finding> {
    let file = settings.instruction_file.as_deref()?;
    let shown = file.display();
    Some(match fs::read_to_string(file) {
        Ok(_) => Finding::good("doctor-instruction", &[("file", &shown)]),
        Err(error) => Finding::warning("doctor-instruction-unreadable", &[("file", &shown), ("why", &error.kind())])
            .advise("doctor-instruction-advice", &[]),
    })
}
