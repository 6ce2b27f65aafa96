//! The learning loop: what is taught becomes examples, examples a version of the dataset, a version a
//! candidate, a candidate, once it was compared with what is in use, the release that answers. Judgement stands
//! in the crate `learning`; here it meets the store, the models and the person.

pub mod card;
pub mod outcome;
pub mod releases;
pub mod run;
