//! Pictures of any format to what a model sees, bounded and without their metadata.
