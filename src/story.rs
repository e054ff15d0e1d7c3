//! One file an example: runs a protocol and tells it.
