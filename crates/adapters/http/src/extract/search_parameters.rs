use users_domain::{SearchPlace, SearchPrefix, SearchQuery};

use super::parameter_check::{ParameterCheck, flag, invalid};
use super::sent_parameters::SentParameters;
use super::{ListParameter, Preferences};
use crate::problem::Problem;
use crate::users::place_of_cursor;

/// What somebody searches for: valid, and as it was sent.
#[derive(Debug)]
pub struct SearchParameters {
    /// Which page.
    pub query: SearchQuery,
    /// Whether the entity tags of the users are wanted.
    pub include_etags: bool,
    /// The parameters as they were sent, without those that no search knows.
    pub sent: Vec<(ListParameter, String)>,
}

impl SearchParameters {
    /// Makes a valid query of what was sent, or tells everything that is wrong with it at once.
    pub fn of(sent: SentParameters, preferences: Preferences) -> Result<Self, Problem> {
        let SentParameters { known, unknown, faults } = sent;
        let mut check = ParameterCheck::new(&known, faults);
        if !check.was_sent(ListParameter::Query) {
            check.fault(ListParameter::Query, "MISSING_PARAMETER", "must be sent");
        }
        let prefix = check.read(ListParameter::Query, SearchPrefix::parse);
        let after = after(&mut check, prefix.as_ref());
        let limit = check.bounds();
        let include_etags = check.read(ListParameter::IncludeEtags, flag).unwrap_or_default();
        check.finish(&unknown, preferences)?;
        // What is missing or broken was refused just now.
        let prefix = prefix.ok_or_else(|| Problem::internal("a search without a query was let pass"))?;
        Ok(Self { query: SearchQuery { prefix, after, limit }, include_etags, sent: known })
    }
}

/// Where the page begins; a cursor leads on in the search in which it was given out.
fn after(check: &mut ParameterCheck<'_>, prefix: Option<&SearchPrefix>) -> Option<SearchPlace> {
    check.read(ListParameter::Cursor, |text| {
        let place =
            place_of_cursor(text).ok_or_else(|| invalid("must be a next_cursor of an earlier answer"))?;
        match prefix {
            Some(prefix) if !prefix.range().contains(&place.key) => {
                Err(invalid("must come from a search with the same query"))
            }
            _ => Ok(place),
        }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::SearchParameters;
    use crate::extract::{ListParameter, Preferences, SentParameters};

    fn read(query: &str) -> Result<SearchParameters, String> {
        let sent = SentParameters::of_query(query, &ListParameter::OF_SEARCH);
        SearchParameters::of(sent, Preferences::default()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_query_is_read() {
        let SearchParameters { query, sent, .. } =
            read("query=AD%C3%84&limit=7&cursor=MXNhZMOkAGFkYQ").unwrap();
        assert_eq!((query.prefix.range().start.as_str(), query.limit.limit()), ("adä", 7));
        assert_eq!(query.after.unwrap().key.as_str(), "adä");
        assert_eq!(sent.len(), 3);
    }

    #[rstest]
    #[case("", "/query must be sent")]
    #[case("limit=5", "/query must be sent")]
    #[case("query=", "/query must not be empty")]
    #[case("query=%00", "/query must not hold control characters")]
    #[case("query=a&limit=0", "/limit must be a whole number from 1 to 200")]
    #[case("query=a&cursor=x", "/cursor must be a next_cursor of an earlier answer")]
    #[case("query=a&cursor=MWFhZGE", "/cursor must be a next_cursor of an earlier answer")]
    #[case("query=b&cursor=MXNhZMOkAGFkYQ", "/cursor must come from a search with the same query")]
    #[case("query=a&offset=1", "/offset is not a parameter of this path")]
    fn what_is_wrong_is_told(#[case] query: &str, #[case] expected: &str) {
        let told = read(query).unwrap_err();
        assert!(told.contains(expected), "{told}");
    }
}
