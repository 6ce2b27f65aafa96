//! What takes files of strangers apart: whether its process starts and is shut in, and which programs help it.

use super::Finding;
use crate::settings::Loaded;
use sandbox::Kept;
use std::path::Path;

/// How far the process that reads files is shut in.
pub(super) async fn confinement(loaded: &Loaded, child: impl Future<Output = Result<Kept, String>>) -> Finding {
    match child.await {
        Ok(Kept::Whole) => Finding::good("doctor-reading", &[]),
        Ok(Kept::LimitsAlone) => {
            Finding::warning("doctor-reading-limits", &[]).advise("doctor-reading-limits-advice", &[])
        }
        Err(why) => {
            let megabytes = loaded.reading.memory_mb;
            let finding = Finding::error("doctor-reading-not", &[("why", &loaded.redact(&why))]);
            finding.advise("doctor-reading-not-advice", &[("mb", &megabytes)])
        }
    }
}

/// The program for pictures that are not decoded in process.
pub(super) fn programs(loaded: &Loaded) -> Finding {
    let Some(program) = &loaded.reading.heif_program else {
        return Finding::note("doctor-heif-off", &[]).advise("doctor-heif-off-advice", &[]);
    };
    match is_installed(program) {
        true => Finding::good("doctor-heif", &[("program", program)]),
        false => Finding::warning("doctor-heif-missing", &[("program", program)]).advise("doctor-heif-advice", &[]),
    }
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| is_program(&directory.join(program)))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
