use std::str::FromStr;

use users_domain::Member;

/// What the columns of a CSV file hold, beyond those that are named as members are.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Columns under other names, each with its member.
    pub map: Vec<ColumnOfMember>,
    /// Whether a column that is no member's is left out, and not a reason to reject the file.
    pub ignore_unknown: bool,
}

/// A column and the member that it holds, written `COLUMN=MEMBER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnOfMember {
    /// The name of the column in the header.
    pub column: String,
    /// The member.
    pub member: Member,
}

impl FromStr for ColumnOfMember {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (column, member) =
            text.rsplit_once('=').ok_or("must be COLUMN=MEMBER, such as \"First Name=firstName\"")?;
        let member = Member::from_name(member.trim()).ok_or_else(|| {
            format!("must name a member after the =: {}", Member::ALL.map(Member::name).join(", "))
        })?;
        Ok(Self { column: column.trim().to_owned(), member })
    }
}

impl Columns {
    /// The member of each column with one of these names, `None` for one to leave out; or what is wrong with the names.
    pub fn members(&self, names: &[String]) -> Result<Vec<Option<Member>>, String> {
        if let Some(missing) =
            self.map.iter().find(|mapped| !names.iter().any(|name| name.trim() == mapped.column))
        {
            return Err(format!("it has no column \"{}\", which --map names", missing.column));
        }
        let members: Vec<_> = names.iter().map(|name| self.member(name)).collect();
        let unknown: Vec<_> =
            names.iter().zip(&members).filter(|(_, member)| member.is_none()).map(|(name, _)| name).collect();
        if !unknown.is_empty() && !self.ignore_unknown {
            let all = Member::ALL.map(Member::name).join(", ");
            return Err(format!(
                "{unknown:?} must be members of a user: {all}. --map \"COLUMN=MEMBER\" says which member a column holds, \
                 --ignore-unknown leaves the others out"
            ));
        }
        let mut twice: Vec<_> = members.iter().flatten().collect();
        twice.sort();
        match twice.array_windows().find(|[member, next]| member == next) {
            Some([member, _]) => {
                Err(format!("it has the column \"{member}\" twice, under one of its names each"))
            }
            None if twice.is_empty() => Err("none of its columns is a member of a user".to_owned()),
            None => Ok(members),
        }
    }

    fn member(&self, name: &str) -> Option<Member> {
        let mapped = self.map.iter().find(|mapped| mapped.column == name.trim());
        mapped.map(|mapped| mapped.member).or_else(|| Member::from_name(name))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_domain::Member;

    use super::{ColumnOfMember, Columns};

    fn members(map: &[&str], ignore_unknown: bool, names: &[&str]) -> Result<Vec<Option<Member>>, String> {
        let map = map.iter().map(|text| text.parse().unwrap()).collect();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Columns { map, ignore_unknown }.members(&names)
    }

    #[test]
    fn columns_are_named_by_the_map_or_as_members_are() {
        let found = members(
            &["Given Name = first_name", "a=b=email"],
            true,
            &[" Given Name ", "a=b", "id", "Department"],
        );
        assert_eq!(found, Ok(vec![Some(Member::FirstName), Some(Member::Email), Some(Member::Id), None]));
    }

    #[rstest]
    #[case::unknown(&[], false, &["id", "Department"], "[\"Department\"] must be members of a user")]
    #[case::not_there(&["Mail=email"], true, &["id"], "it has no column \"Mail\", which --map names")]
    #[case::twice(&["Mail=email"], true, &["Mail", "email"], "it has the column \"email\" twice")]
    #[case::nothing(&[], true, &["Department"], "none of its columns is a member of a user")]
    fn what_cannot_be_told_is_rejected(
        #[case] map: &[&str],
        #[case] ignore_unknown: bool,
        #[case] names: &[&str],
        #[case] expected: &str,
    ) {
        let error = members(map, ignore_unknown, names).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }

    #[rstest]
    #[case("Mail", "must be COLUMN=MEMBER")]
    #[case("Mail=mail", "must name a member after the =: id, active")]
    fn what_maps_nothing_is_rejected(#[case] text: &str, #[case] expected: &str) {
        let error = text.parse::<ColumnOfMember>().unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}
