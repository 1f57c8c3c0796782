//! The trials, a file for each.

mod caller;
mod crash;
mod crowd;
mod database_crash;
mod full_disk;
mod heal;
mod linearizable;
mod outage;
mod saturation;
mod shutdown;

use std::time::Duration;

use anyhow::Result;

use crate::cli::Part;
use crate::grounds::{Grounds, Kind};
use crate::report::Row;

/// The longest that a request may take: the service's own limit of five seconds, and a second for everybody else who uses
/// the machine.
const REQUEST_LIMIT: Duration = Duration::from_secs(6);
/// How soon the service must do its work again once the database is ready.
const HEALING_LIMIT: Duration = Duration::from_secs(3);

/// Carries out one trial on the databases that it is for.
pub fn carry_out(part: Part, grounds: &Grounds) -> Result<Vec<Row>> {
    let on_both = |trial: fn(&Grounds, Kind) -> Result<Row>| {
        Kind::BOTH.into_iter().map(|kind| trial(grounds, kind)).collect::<Result<Vec<_>>>()
    };
    match part {
        Part::Crash => on_both(crash::carry_out),
        Part::DatabaseCrash => Ok(vec![database_crash::carry_out(grounds)?]),
        Part::Outage => {
            let mut rows = vec![outage::at_start(grounds)?];
            rows.extend(outage::under_load(grounds)?);
            Ok(rows)
        }
        Part::Saturation => on_both(saturation::carry_out),
        Part::Crowd => crowd::carry_out(grounds),
        Part::FullDisk => Ok(vec![full_disk::carry_out(grounds)?]),
        Part::Shutdown => on_both(shutdown::carry_out),
        Part::Linearizable => on_both(linearizable::carry_out),
    }
}
