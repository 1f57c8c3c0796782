use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// The country that the user lives in.
    Country
}

impl Country {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}
