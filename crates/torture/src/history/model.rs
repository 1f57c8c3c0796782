use super::{Call, Reply, Seen};

/// What a user can be at one moment: the model that the service is held against, of one user and one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// There is none.
    Absent,
    /// There is one.
    Present {
        /// The one member.
        one: u32,
        /// The other member.
        other: u32,
        /// The tag; `None` where nobody was told it, as after a write whose answer was lost.
        tag: Option<u64>,
    },
}

impl State {
    /// The state after this call, if the reply is the right one; `None` where it is wrong.
    pub fn after(self, call: &Call, reply: &Reply) -> Option<Self> {
        let Self::Present { one, other, tag } = self else {
            return Self::after_on_absent(call, reply);
        };
        match *call {
            Call::Read { unless } => self.after_read(unless, reply),
            Call::Delete => match reply {
                Reply::User(seen) => self.shown_as(seen).map(|_| Self::Absent),
                Reply::Unknown => Some(Self::Absent),
                _ => None,
            },
            Call::Create { .. } => matches!(reply, Reply::Taken | Reply::Unknown).then_some(self),
            Call::Write { only_if: Some(wanted), .. } if tag != Some(wanted) => match reply {
                Reply::Stale(current) if *current != wanted => self.with_tag(*current),
                Reply::Unknown => Some(self),
                _ => None,
            },
            Call::Write { one: new_one, other: new_other, .. } => {
                let (new_one, new_other) = (new_one.unwrap_or(one), new_other.unwrap_or(other));
                if (new_one, new_other) == (one, other) {
                    // Nothing changes, so there is no new version.
                    return match reply {
                        Reply::User(seen) => self.shown_as(seen),
                        Reply::Unknown => Some(self),
                        _ => None,
                    };
                }
                made(new_one, new_other, reply).filter(|made| tag.is_none() || made.tag() != tag)
            }
        }
    }

    fn after_on_absent(call: &Call, reply: &Reply) -> Option<Self> {
        match *call {
            Call::Create { one, other } => made(one, other, reply),
            _ => matches!(reply, Reply::Absent | Reply::Unknown).then_some(Self::Absent),
        }
    }

    fn after_read(self, unless: Option<u64>, reply: &Reply) -> Option<Self> {
        match reply {
            Reply::User(seen) if unless != Some(seen.tag) => self.shown_as(seen),
            // Who knows the tag was told it, so it is known here.
            Reply::Unchanged if unless.is_some() && unless == self.tag() => Some(self),
            Reply::Unknown => Some(self),
            _ => None,
        }
    }

    /// This state, if an answer that shows `seen` fits.
    fn shown_as(self, seen: &Seen) -> Option<Self> {
        match self {
            Self::Present { one, other, .. } if (one, other) == (seen.one, seen.other) => {
                self.with_tag(seen.tag)
            }
            _ => None,
        }
    }

    /// This state, if its tag is this one, or can be.
    fn with_tag(self, told: u64) -> Option<Self> {
        match self {
            Self::Present { one, other, tag } if tag.is_none_or(|tag| tag == told) => {
                Some(Self::Present { one, other, tag: Some(told) })
            }
            _ => None,
        }
    }

    const fn tag(self) -> Option<u64> {
        match self {
            Self::Absent => None,
            Self::Present { tag, .. } => tag,
        }
    }
}

/// What a write has made, if its reply is the right one.
fn made(one: u32, other: u32, reply: &Reply) -> Option<State> {
    match reply {
        Reply::User(seen) if (one, other) == (seen.one, seen.other) => {
            Some(State::Present { one, other, tag: Some(seen.tag) })
        }
        Reply::Unknown => Some(State::Present { one, other, tag: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Reply, Seen, State};

    const USER: State = State::Present { one: 1, other: 2, tag: Some(10) };
    const UNTOLD: State = State::Present { one: 1, other: 2, tag: None };

    const fn seen(one: u32, other: u32, tag: u64) -> Reply {
        Reply::User(Seen { one, other, tag })
    }

    const fn write(one: Option<u32>, other: Option<u32>, only_if: Option<u64>) -> Call {
        Call::Write { one, other, only_if }
    }

    #[test]
    fn a_write_sets_what_it_names_and_makes_a_version_where_something_changes() {
        let changed = State::Present { one: 3, other: 2, tag: Some(11) };
        assert_eq!(USER.after(&write(Some(3), None, None), &seen(3, 2, 11)), Some(changed));
        assert_eq!(USER.after(&write(Some(3), None, None), &seen(3, 2, 10)), None, "no new version");
        assert_eq!(USER.after(&write(Some(3), None, None), &seen(3, 0, 11)), None, "the other is lost");
        assert_eq!(USER.after(&write(Some(1), None, None), &seen(1, 2, 10)), Some(USER));
        assert_eq!(USER.after(&write(Some(1), None, None), &seen(1, 2, 11)), None, "a version for nothing");
        let untold = State::Present { one: 3, other: 2, tag: None };
        assert_eq!(USER.after(&write(Some(3), None, None), &Reply::Unknown), Some(untold));
    }

    #[test]
    fn a_condition_holds_for_the_current_tag_alone() {
        let call = write(Some(3), None, Some(9));
        assert_eq!(USER.after(&call, &Reply::Stale(10)), Some(USER));
        assert_eq!(USER.after(&call, &Reply::Stale(11)), None);
        assert_eq!(USER.after(&call, &seen(3, 2, 11)), None);
        assert_eq!(UNTOLD.after(&call, &Reply::Stale(12)), UNTOLD.with_tag(12));
        assert_eq!(USER.after(&write(Some(3), None, Some(10)), &Reply::Stale(10)), None);
        assert!(USER.after(&write(Some(3), None, Some(10)), &seen(3, 2, 11)).is_some());
    }

    #[test]
    fn a_read_shows_what_is_there() {
        let read = |unless| Call::Read { unless };
        assert_eq!(USER.after(&read(None), &seen(1, 2, 10)), Some(USER));
        assert_eq!(UNTOLD.after(&read(None), &seen(1, 2, 10)), Some(USER));
        assert_eq!(USER.after(&read(None), &seen(1, 2, 11)), None);
        assert_eq!(USER.after(&read(None), &Reply::Absent), None);
        assert_eq!(USER.after(&read(Some(10)), &Reply::Unchanged), Some(USER));
        assert_eq!(USER.after(&read(Some(9)), &Reply::Unchanged), None);
        assert_eq!(USER.after(&read(Some(10)), &seen(1, 2, 10)), None);
        assert_eq!(USER.after(&read(None), &Reply::Unchanged), None);
    }

    #[test]
    fn what_is_deleted_is_gone_until_it_is_made_anew() {
        assert_eq!(USER.after(&Call::Delete, &seen(1, 2, 10)), Some(State::Absent));
        assert_eq!(USER.after(&Call::Delete, &seen(0, 2, 10)), None);
        assert_eq!(State::Absent.after(&Call::Delete, &Reply::Absent), Some(State::Absent));
        assert_eq!(State::Absent.after(&Call::Read { unless: None }, &seen(1, 2, 10)), None);
        assert_eq!(State::Absent.after(&write(Some(1), None, None), &Reply::Absent), Some(State::Absent));
        let create = Call::Create { one: 1, other: 2 };
        assert_eq!(State::Absent.after(&create, &seen(1, 2, 10)), Some(USER));
        assert_eq!(State::Absent.after(&create, &Reply::Taken), None);
        assert_eq!(USER.after(&create, &Reply::Taken), Some(USER));
        assert_eq!(USER.after(&create, &seen(1, 2, 12)), None);
    }
}
