//! lumenfold-data
