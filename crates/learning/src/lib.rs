//! The learning loop's judgement, without IO: what may be taught, what data counts, how answers are graded,
//! whether a candidate is better, and when a canary does harm. Time, ids and randomness are arguments.

pub mod admit;
pub mod canary;
pub mod freeze;
pub mod gate;
pub mod grade;
pub mod near;
pub mod paired;
pub mod redact;
pub mod suite;
