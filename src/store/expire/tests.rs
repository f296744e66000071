//! Candidates, facts and batches against a store.
