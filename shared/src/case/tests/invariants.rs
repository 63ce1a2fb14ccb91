//! The invariants of DOMAIN §6.8 that official events must keep, by their numbers.
