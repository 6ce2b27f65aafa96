//! Sound files to 16 kHz samples and samples to OGG/Opus, streamed.
