//! The learning loop's judgement, without IO: what data counts, how answers are graded, whether a
//! candidate is better, and when a canary does harm; and the shapes that training data is kept in. Time, ids and
//! randomness are arguments, and so is what bytes are read from and written to.
//! The learning loop's judgement, without IO: what may be taught, what data counts, how answers are graded,
//! whether a candidate is better, and when a canary does harm. Time, ids and randomness are arguments.

pub mod canary;
pub mod gate;
pub mod grade;
pub mod paired;
pub mod redact;
pub mod safety;
pub mod shape;
pub mod suite;
