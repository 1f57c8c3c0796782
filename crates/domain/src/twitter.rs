use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// A Twitter handle.
    Twitter
}

impl Twitter {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}
