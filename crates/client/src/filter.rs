/// Which users a list or a count is about: those that are as every condition says; all of them where there is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Filter {
    username: Option<String>,
    email: Option<String>,
    organization: Option<String>,
    country: Option<String>,
    active: Option<bool>,
}

impl Filter {
    /// All users.
    pub fn new() -> Self {
        Self::default()
    }

    /// The user with this name, in any case and width.
    #[must_use]
    pub fn username(self, username: impl Into<String>) -> Self {
        Self { username: Some(username.into()), ..self }
    }

    /// Users with exactly this email address.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        Self { email: Some(email.into()), ..self }
    }

    /// Users with exactly this organization.
    #[must_use]
    pub fn organization(self, organization: impl Into<String>) -> Self {
        Self { organization: Some(organization.into()), ..self }
    }

    /// Users with exactly this country, as it was written: `DE` is not `de`.
    #[must_use]
    pub fn country(self, country: impl Into<String>) -> Self {
        Self { country: Some(country.into()), ..self }
    }

    /// Users that are active, or that are not.
    #[must_use]
    pub fn active(self, active: bool) -> Self {
        Self { active: Some(active), ..self }
    }

    /// The conditions as parameters of a query.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let Self { username, email, organization, country, active } = self.clone();
        let all = [
            ("username", username),
            ("email", email),
            ("organization", organization),
            ("country", country),
            ("active", active.map(|active| active.to_string())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Tells what is looked at, not for which value.
impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.parameters().iter().map(|(name, _)| name)).finish()
    }
}
