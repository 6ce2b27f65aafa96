//! The learning loop: what is taught becomes examples, examples a version of the dataset, a version a
//! candidate, a candidate, once it was compared with what is in use, the release that answers. Judgement stands
//! in the crate `learning`; here it meets the store, the models and the person.

pub mod agree;
pub mod archive;
pub mod ask;
pub mod card;
pub mod compare;
pub mod dataset;
pub mod faults;
pub mod forget;
pub mod import;
pub mod judge;
pub mod lessons;
pub mod oracle;
pub mod outcome;
pub mod progress;
pub mod propose;
pub mod rating;
pub mod releases;
pub mod report;
pub mod review;
pub mod rules;
pub mod run;
pub mod shadow;
pub mod source;
pub mod spoken;
pub mod suite;
pub mod suites;
pub mod train;
pub mod twin;
pub mod watch;
