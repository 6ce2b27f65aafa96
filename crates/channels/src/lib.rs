//! The platforms on which people talk to the bot. Platform types never leave their module: what comes
//! in is an `Incoming`, what goes out an `Outgoing`.

pub mod telegram;
