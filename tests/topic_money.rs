//! Topics with money of their own.
