//! One suite for both engines: each story is told to SQLite and to a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub)]

extern crate apprentice_store as store;

mod backup;
mod blobs;
mod crash;
mod knowledge;
mod lanes;
mod objects;
mod people;
mod personal;
mod schema;
mod scopes;
mod stress;
mod trouble;
mod turns;
mod world;
