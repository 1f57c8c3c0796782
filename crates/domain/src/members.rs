//! The members of a user as data: one record over a form, and what goes through all of it.
//!
//! [`Profile`](crate::Profile), [`UserUpdate`](crate::UserUpdate) and [`UserInput`](crate::UserInput) are this record in three
//! forms. A new member is named here, in [`Member`], and where it means something special.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;

use chrono::{DateTime, Utc};

use crate::{
    Avatar, Bio, Birthday, BrokenRule, Country, Email, Label, Location, Member, Moment, PersonName, Phone,
    Twitter, Username,
};

/// A valid value of a member other than `id` and `active`.
pub trait MemberValue: Clone + fmt::Debug + PartialEq + Eq + Hash + Sized + 'static {
    /// Reads a text that somebody sent at `now`, or tells which rule it breaks.
    fn read(text: String, now: DateTime<Utc>) -> Result<Self, BrokenRule>;

    /// The text that stands for the value on the wire.
    fn text(&self) -> Cow<'_, str>;

    /// Takes back such a text that was stored; `None` if it is none. The rule is not checked again: a rule that has since
    /// become stricter must not make a stored user unreadable.
    fn restore(text: String) -> Option<Self>;
}

/// What a record over the members holds.
pub trait Form: Clone + fmt::Debug + PartialEq + Eq + Hash + 'static {
    /// Of a member with values of this type.
    type Of<T: MemberValue>: Clone + fmt::Debug + Default + PartialEq + Eq + Hash + 'static;
    /// Of `active`, which is never unset.
    type Active: Clone + fmt::Debug + PartialEq + Eq + Hash + 'static;

    /// What the record is called in `{:?}`.
    const NAME: &'static str;
    /// What it holds of `active` if nothing is said.
    const ACTIVE: Self::Active;

    /// Shows what is held of a member.
    fn show<T: MemberValue>(value: &Self::Of<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(value, f)
    }
}

/// All members of a user but the id, in a form.
///
/// The fields are public and no field depends on another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Members<F: Form> {
    /// Whether the user is currently active.
    pub active: F::Active,
    /// URL or path of the user's picture.
    pub avatar: F::Of<Avatar>,
    /// What the user says about themselves.
    pub bio: F::Of<Bio>,
    /// Date of birth.
    pub birthday: F::Of<Birthday>,
    /// Country of residence.
    pub country: F::Of<Country>,
    /// Email address; not unique.
    pub email: F::Of<Email>,
    /// First name.
    pub first_name: F::Of<PersonName>,
    /// Last name.
    pub last_name: F::Of<PersonName>,
    /// When the user was last seen.
    pub last_seen: F::Of<Moment>,
    /// When the user last typed a message.
    pub last_typed: F::Of<Moment>,
    /// Location or address.
    pub location: F::Of<Location>,
    /// Organization or company.
    pub organization: F::Of<Label>,
    /// Phone number.
    pub phone: F::Of<Phone>,
    /// Regions or areas.
    pub regions: F::Of<Label>,
    /// Job title.
    pub title: F::Of<Label>,
    /// Twitter handle.
    pub twitter: F::Of<Twitter>,
    /// Username; unique by its [`UsernameKey`](crate::UsernameKey).
    pub username: F::Of<Username>,
}

/// Looks at what a record holds, member by member.
pub trait Visit<'a, F: Form> {
    /// Looks at `active`.
    fn active(&mut self, active: &'a F::Active);
    /// Looks at another member.
    fn member<T: MemberValue>(&mut self, member: Member, value: &'a F::Of<T>);
}

/// Makes of what two records hold what a third one holds, member by member. One of the two may say nothing.
pub trait Zip<F: Form, G: Form, H: Form> {
    /// Makes `active`.
    fn active(&mut self, one: F::Active, other: G::Active) -> H::Active;
    /// Makes another member.
    fn member<T: MemberValue>(&mut self, member: Member, one: F::Of<T>, other: G::Of<T>) -> H::Of<T>;
}

impl<F: Form> Members<F> {
    /// Shows all members but the id to a visitor, in the documented order.
    pub fn visit<'a>(&'a self, visit: &mut impl Visit<'a, F>) {
        let Self {
            active,
            avatar,
            bio,
            birthday,
            country,
            email,
            first_name,
            last_name,
            last_seen,
            last_typed,
            location,
            organization,
            phone,
            regions,
            title,
            twitter,
            username,
        } = self;
        visit.active(active);
        visit.member(Member::Avatar, avatar);
        visit.member(Member::Bio, bio);
        visit.member(Member::Birthday, birthday);
        visit.member(Member::Country, country);
        visit.member(Member::Email, email);
        visit.member(Member::FirstName, first_name);
        visit.member(Member::LastName, last_name);
        visit.member(Member::LastSeen, last_seen);
        visit.member(Member::LastTyped, last_typed);
        visit.member(Member::Location, location);
        visit.member(Member::Organization, organization);
        visit.member(Member::Phone, phone);
        visit.member(Member::Regions, regions);
        visit.member(Member::Title, title);
        visit.member(Member::Twitter, twitter);
        visit.member(Member::Username, username);
    }

    /// Makes another record of this one and `other`, in the documented order of the members.
    #[must_use]
    pub fn zip<G: Form, H: Form>(self, other: Members<G>, zip: &mut impl Zip<F, G, H>) -> Members<H> {
        Members {
            active: zip.active(self.active, other.active),
            avatar: zip.member(Member::Avatar, self.avatar, other.avatar),
            bio: zip.member(Member::Bio, self.bio, other.bio),
            birthday: zip.member(Member::Birthday, self.birthday, other.birthday),
            country: zip.member(Member::Country, self.country, other.country),
            email: zip.member(Member::Email, self.email, other.email),
            first_name: zip.member(Member::FirstName, self.first_name, other.first_name),
            last_name: zip.member(Member::LastName, self.last_name, other.last_name),
            last_seen: zip.member(Member::LastSeen, self.last_seen, other.last_seen),
            last_typed: zip.member(Member::LastTyped, self.last_typed, other.last_typed),
            location: zip.member(Member::Location, self.location, other.location),
            organization: zip.member(Member::Organization, self.organization, other.organization),
            phone: zip.member(Member::Phone, self.phone, other.phone),
            regions: zip.member(Member::Regions, self.regions, other.regions),
            title: zip.member(Member::Title, self.title, other.title),
            twitter: zip.member(Member::Twitter, self.twitter, other.twitter),
            username: zip.member(Member::Username, self.username, other.username),
        }
    }
}

impl<F: Form> Default for Members<F> {
    fn default() -> Self {
        Self {
            active: F::ACTIVE,
            avatar: F::Of::default(),
            bio: F::Of::default(),
            birthday: F::Of::default(),
            country: F::Of::default(),
            email: F::Of::default(),
            first_name: F::Of::default(),
            last_name: F::Of::default(),
            last_seen: F::Of::default(),
            last_typed: F::Of::default(),
            location: F::Of::default(),
            organization: F::Of::default(),
            phone: F::Of::default(),
            regions: F::Of::default(),
            title: F::Of::default(),
            twitter: F::Of::default(),
            username: F::Of::default(),
        }
    }
}

impl<F: Form> fmt::Debug for Members<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Show<'a, 'b>(fmt::DebugStruct<'a, 'b>);

        impl<'v, F: Form> Visit<'v, F> for Show<'_, '_> {
            fn active(&mut self, active: &'v F::Active) {
                self.0.field(Member::Active.column(), active);
            }

            fn member<T: MemberValue>(&mut self, member: Member, value: &'v F::Of<T>) {
                self.0.field(member.column(), &fmt::from_fn(|f| F::show(value, f)));
            }
        }

        let mut show = Show(f.debug_struct(F::NAME));
        self.visit(&mut show);
        show.0.finish()
    }
}
