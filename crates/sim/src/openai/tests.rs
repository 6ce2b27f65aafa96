//! The simulator itself, by plain HTTP.
