//! A program in a process of its own that can take down only itself.
