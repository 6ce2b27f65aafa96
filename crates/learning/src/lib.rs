//! The learning loop's judgement, without IO: what data counts, how answers are graded, whether a
//! candidate is better, and when a canary does harm. Time, ids and randomness are arguments.

pub mod canary;
pub mod gate;
pub mod grade;
pub mod paired;
pub mod plot;
pub mod suite;
