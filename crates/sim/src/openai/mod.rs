//! OpenAI (being written).
