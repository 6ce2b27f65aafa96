//! The learning loop's judgement, without IO: what may be taught, what data counts and which shapes it is kept in, how
//! answers are graded, whether a candidate is better, and when a canary does harm. Time, ids and randomness are
//! arguments, and so is what bytes are read from and written to.

pub mod admit;
pub mod canary;
pub mod freeze;
pub mod gate;
pub mod grade;
pub mod kappa;
pub mod near;
pub mod paired;
pub mod plot;
pub mod redact;
pub mod safety;
pub mod same;
pub mod shape;
pub mod suite;
