use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// Which user it is.
    UserId
}

impl UserId {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}
