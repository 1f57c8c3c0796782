/// Whether a word, in any case, says that a user is active; `None` for any other text.
///
/// The words are those that spreadsheets and other systems write: Okta's and Google's states, Entra's and Keycloak's flags.
pub fn active_word(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "active" | "enabled" => Some(true),
        "false" | "no" | "n" | "0" | "inactive" | "disabled" | "suspended" | "deprovisioned" => Some(false),
        _ => None,
    }
}
