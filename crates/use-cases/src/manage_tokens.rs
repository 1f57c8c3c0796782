use std::sync::Arc;

use chrono::{SubsecRound, TimeDelta};
use users_ports::{Clock, IdGenerator, RepositoryError, Scopes, TokenRecord, TokenRepository};

use crate::Token;

/// Creates, lists and revokes the tokens that callers authenticate with.
#[derive(Clone)]
pub struct ManageTokens {
    tokens: Arc<dyn TokenRepository>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
}

impl ManageTokens {
    /// The use case over these ports.
    pub fn new(tokens: Arc<dyn TokenRepository>, ids: Arc<dyn IdGenerator>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, ids, clock }
    }

    /// Creates a token and gives it back whole, the only time it can be had.
    pub async fn create(
        &self,
        name: String,
        scopes: Scopes,
        lifetime: Option<TimeDelta>,
    ) -> Result<(Token, TokenRecord), RepositoryError> {
        let token = Token::new(self.ids.token_id(), self.ids.token_secret());
        let now = self.clock.now().trunc_subsecs(6);
        let record = TokenRecord {
            id: token.id().to_owned(),
            name,
            secret_hash: token.secret_hash(),
            scopes,
            created_at: now,
            // A lifetime beyond the end of the calendar is none.
            expires_at: lifetime
                .and_then(|lifetime| now.checked_add_signed(lifetime))
                .map(|end| end.trunc_subsecs(6)),
            revoked_at: None,
            last_used_on: None,
        };
        self.tokens.create(record.clone()).await?;
        Ok((token, record))
    }

    /// All tokens, the oldest first.
    pub async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        self.tokens.list().await
    }

    /// Revokes a token and tells whether there is such a token.
    pub async fn revoke(&self, id: &str) -> Result<bool, RepositoryError> {
        self.tokens.revoke(id, self.clock.now()).await
    }
}
