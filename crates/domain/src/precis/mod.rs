//! The `IdentifierClass` of PRECIS (RFC 8264, section 4.2) and the Bidi Rule (RFC 5893), over a current version of Unicode.
//!
//! PRECIS derives what a character may do from its properties and so holds for every version of Unicode. A text is judged
//! after it was composed (NFC): a letter that Unicode writes in two ways is accepted in both.

mod bidi;
mod context;
mod identifier;

pub(crate) use bidi::keeps_bidi_rule;
pub(crate) use identifier::is_identifier;
