//! lumenfold
