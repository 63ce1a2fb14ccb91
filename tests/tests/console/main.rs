//! The staff console, through the real router: what staff see, what they never see, what they write.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod browser;
mod cases;
mod codes;
mod district;
mod dossiers;
mod figures;
mod imports;
mod ledgers;
mod pages;
mod people;
mod public;
mod records;
mod refused;
mod rules;
mod stations;
