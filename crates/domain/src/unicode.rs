//! What Unicode says of single characters: one crate's tables, so that every rule follows the same version.

use icu_properties::CodePointMapData;
use icu_properties::props::{EnumeratedProperty, GeneralCategory};

/// The value that a character has for a property.
pub(crate) fn property<P: EnumeratedProperty>(c: char) -> P {
    CodePointMapData::<P>::new().get(c)
}

/// Whether a character is a decimal digit of any script (category Nd).
pub(crate) fn is_decimal_digit(c: char) -> bool {
    property::<GeneralCategory>(c) == GeneralCategory::DecimalNumber
}

/// Whether a character is a dash or a hyphen (category Pd).
pub(crate) fn is_dash(c: char) -> bool {
    property::<GeneralCategory>(c) == GeneralCategory::DashPunctuation
}
