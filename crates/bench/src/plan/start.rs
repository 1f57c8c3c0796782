use std::fs;

use anyhow::Result;

use super::Plan;
use crate::numbers::median;
use crate::people::FIRST_ID;
use crate::report::Row;
use crate::service::Installation;

/// How often the service is started; the median counts.
const STARTS: usize = 9;
const MOST_MS: f64 = 150.0;

impl Plan {
    /// From nothing, the tables included, to the first 200 of `/readyz`.
    pub(super) fn start_empty(&mut self) -> Result<()> {
        let mut times = Vec::new();
        for number in 0..STARTS {
            let folder = self.folder.path().join(format!("start-{number}"));
            fs::create_dir(&folder)?;
            let url = format!("sqlite:{}", folder.join("users.db").display());
            let service = Installation::new(&self.binary, &url, &folder).start("none", "/readyz")?;
            times.push(service.started_in.as_secs_f64() * 1e3);
        }
        let work = "start to the first 200 on SQLite, empty";
        self.add(Row::at_most(work, median(times).unwrap_or(f64::INFINITY), " ms", MOST_MS));
        Ok(())
    }

    /// From the start to the first user that is read, in a large file.
    pub(super) fn start_with_users(&mut self, installation: &Installation) -> Result<()> {
        let token = installation.create_token()?;
        let mut times = Vec::new();
        for number in 0..STARTS {
            let user = format!("/v1/users/{}", FIRST_ID + 100_000 * u64::try_from(number)?);
            times.push(installation.start(&token, &user)?.started_in.as_secs_f64() * 1e3);
        }
        let work = "start to the first user read on SQLite, 1,000,000 users";
        self.add(Row::at_most(work, median(times).unwrap_or(f64::INFINITY), " ms", MOST_MS));
        Ok(())
    }
}
