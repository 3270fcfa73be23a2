//! lumenfold-engine
