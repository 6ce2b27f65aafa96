//! Pure decisions and the vocabulary they are made in.
//!
//! What a message means, what goes into a model request, who may do what, how an answer is cut to
//! fit a platform. Nothing here waits, reads a clock, draws a random number or touches the
//! outside: time and ids are arguments. Every other crate depends on this one, and this one on
//! none of them.

pub mod chat;
pub mod command;
pub mod context;
pub mod correction;
pub mod dataset;
pub mod drawing;
pub mod example;
pub mod exchange;
pub mod ids;
pub mod incoming;
pub mod markdown;
pub mod object;
pub mod outgoing;
pub mod person;
pub mod policy;
pub mod release;
pub mod rich;
pub mod run;
pub mod text;
pub mod work;
