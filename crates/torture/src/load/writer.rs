use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use super::Tag;
use crate::http::{Client, Request};
use crate::random::Random;
use crate::service::Service;

/// How often a read that is answered 503 is repeated: more often than the service has connections that read.
const MOST_REPEATS: u32 = 20;

/// Who writes what.
#[derive(Clone, Copy, Debug)]
pub struct LoadPlan {
    /// Clients that write at the same time, each to a user of its own and to shared ones.
    pub writers: u32,
    /// Users that all of them write to.
    pub shared_users: u32,
    /// How long a client waits after it was refused.
    pub pause_after_refusal: Duration,
    /// Characters of the member `bio`, which is written besides where this is not 0.
    pub bulk: usize,
    /// The seed of the choices.
    pub seed: u64,
}

/// What became of one write.
#[derive(Clone, Debug)]
pub struct Record {
    /// The number of the user.
    pub user: u32,
    /// What was written.
    pub tag: Tag,
    /// Before its first byte was sent.
    pub begun: Instant,
    /// After its last byte was sent.
    pub sent: Option<Instant>,
    /// When it was answered, or given up.
    pub ended: Instant,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
    /// Whether the answer says when to try again.
    pub retry_after: bool,
    /// Whether an answer of 200 shows the write in full.
    pub whole: bool,
}

/// Writers at work.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Record>>>,
}

impl LoadPlan {
    /// 64 writers, each with a user of its own, and four users that they share.
    pub const fn new(seed: u64) -> Self {
        Self { writers: 64, shared_users: 4, pause_after_refusal: Duration::from_millis(10), bulk: 0, seed }
    }

    /// The numbers of all users.
    pub const fn users(&self) -> std::ops::Range<u32> {
        0..self.writers + self.shared_users
    }

    /// Makes the users.
    pub fn create_users(&self, service: &Service) -> Result<()> {
        let mut client = service.client();
        for user in self.users() {
            let created = client.send(&Request::post(&format!(r#"{{"id":"{}"}}"#, user_id(user))));
            ensure!(created.status() == 201, "cannot make a user: {:?}", created.outcome);
        }
        Ok(())
    }

    /// What every user is now.
    pub fn read_users(&self, service: &Service) -> Vec<(u32, Result<Option<Tag>, String>)> {
        let mut client = service.client();
        let read = |user| {
            let path = format!("/v1/users/{}", user_id(user));
            let mut read = client.send(&Request::get(&path));
            // Each connection of the service to its database that broke while it was idle costs one 503.
            for _ in 0..MOST_REPEATS {
                if read.status() != 503 {
                    break;
                }
                read = client.send(&Request::get(&path));
            }
            let found = match read.answer() {
                Some(answer) if answer.status == 200 => Tag::of_user(&answer.json()),
                Some(answer) => Err(format!("not to be had: {answer}")),
                None => Err("not to be had: no answer".to_owned()),
            };
            (user, found)
        };
        self.users().map(read).collect()
    }

    /// Lets the writers write until they are stopped, or until nobody listens any more. `round` keeps what they write apart
    /// from what they wrote in another round.
    pub fn start(&self, address: SocketAddr, token: &str, round: u32) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let spawn = |writer| {
            let (plan, stop, client) = (*self, stop.clone(), Client::new(address, token));
            thread::spawn(move || plan.write(writer, round, client, &stop))
        };
        let threads = (0..self.writers).map(spawn).collect();
        Load { stop, threads }
    }

    fn write(&self, writer: u32, round: u32, mut client: Client, stop: &AtomicBool) -> Vec<Record> {
        let mut random = Random::new(self.seed, u64::from(round) << 32 | u64::from(writer));
        let mut records = Vec::new();
        let bulk = if self.bulk == 0 { String::new() } else { "x".repeat(self.bulk) };
        for sequence in round.saturating_mul(1_000_000).. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let shared = u32::try_from(random.below(self.shared_users.into())).unwrap_or(0);
            let user =
                if self.shared_users > 0 && random.percent(25) { self.writers + shared } else { writer };
            let tag = Tag { writer, sequence };
            let mut body = tag.to_body();
            if !bulk.is_empty() {
                // Another text each time, so that it is written for real.
                body = body.replacen('{', &format!(r#"{{"bio":"{sequence}{bulk}","#), 1);
            }
            let path = format!("/v1/users/{}", user_id(user));
            let timed = client.send(&Request::put(&path, &body));
            let status = timed.status();
            records.push(Record {
                user,
                tag,
                begun: timed.begun,
                sent: timed.sent,
                ended: timed.ended,
                status,
                retry_after: timed.answer().is_some_and(|answer| answer.retry_after),
                whole: timed
                    .answer()
                    .is_some_and(|it| status != 200 || Tag::of_user(&it.json()) == Ok(Some(tag))),
            });
            match status {
                200 => {}
                // Nobody is there any more, or the connection was cut: the next may find somebody again, or not.
                0 if timed.sent.is_none() => break,
                _ => sleep(self.pause_after_refusal),
            }
        }
        records
    }
}

impl Load {
    /// Lets every writer finish its write, and gives back what became of all.
    pub fn stop(self) -> Result<Vec<Record>> {
        self.stop.store(true, Ordering::Relaxed);
        let mut records = Vec::new();
        for thread in self.threads {
            records.extend(thread.join().map_err(|_| anyhow!("a writer panicked"))?);
        }
        Ok(records)
    }
}

fn user_id(user: u32) -> String {
    format!("user-{user}")
}
