use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// What the user says about themselves.
    Bio
}

impl Bio {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}
