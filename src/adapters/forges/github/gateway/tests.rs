//! Tests of [`Gateway`](super::Gateway).
