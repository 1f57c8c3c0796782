use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// A first or last name.
    PersonName
}

impl PersonName {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}
