//! Which system calls a confined process may make: those of computing, of memory, of its own threads, and of
//! reading and writing what is open already. Anything else fails with `EPERM`.
//!
//! seccomp(2) and not landlock(7): it needs no privileges and is in every kernel that containers run on, and
//! it refuses sockets of every kind where landlock knows files and TCP alone.

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Allowed whatever the arguments are.
const ALLOWED: [i64; 43] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_mincore,
    libc::SYS_membarrier,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_ppoll,
    libc::SYS_sysinfo,
    // Answered by the first filter, for its answer to be the one that counts.
    libc::SYS_clone3,
];

/// Filters the system calls of every thread of this process, for good.
///
/// # Errors
/// Where this processor or kernel has no such filter.
pub(crate) fn apply() -> Result<(), seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(seccompiler::Error::Backend)?;
    // The arguments of clone3 are in memory, where no filter can read them: a C library that is told that
    // there is no such call uses clone.
    let old_clone: Rules = [(libc::SYS_clone3, Vec::new())].into();
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    seccompiler::apply_filter_all_threads(&compile(old_clone, SeccompAction::Allow, missing, arch)?)?;
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    seccompiler::apply_filter_all_threads(&compile(allowed()?, refused, SeccompAction::Allow, arch)?)
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
    arch: TargetArch,
) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(rules, otherwise, matched, arch)?.try_into()
}

fn allowed() -> Result<Rules, BackendError> {
    let mut rules: Rules = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    // A thread, never a process.
    let thread = libc::CLONE_THREAD.unsigned_abs().into();
    rules.insert(libc::SYS_clone, vec![only(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    // Its own end, and nobody else's.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![only(0, SeccompCmpOp::Eq, own)?]);
    let copy = libc::F_DUPFD_CLOEXEC.unsigned_abs().into();
    let flags = libc::F_GETFL.unsigned_abs().into();
    let closing = libc::F_GETFD.unsigned_abs().into();
    let looks = [copy, flags, closing].map(|command| only(1, SeccompCmpOp::Eq, command));
    rules.insert(libc::SYS_fcntl, looks.into_iter().collect::<Result<_, _>>()?);
    Ok(rules)
}

/// A call whose argument at `place` (from 0) compares so with `value`.
fn only(place: u8, how: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(place, SeccompCmpArgLen::Dword, how, value)?])
}
