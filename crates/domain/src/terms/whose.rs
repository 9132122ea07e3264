//! For whom terms are.

use ids::{GroupId, PartnerId};

/// For whom a version is. The most specific one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TermsFor {
    /// For all partners of the program.
    #[default]
    Everybody,
    /// For the partners of a group.
    Group(GroupId),
    /// For one partner.
    Partner(PartnerId),
}

/// Whose terms an event may fall under: the attributed partner's, and their group's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TermsScope {
    /// The attributed partner.
    pub partner: Option<PartnerId>,
    /// Their group at that time.
    pub group: Option<GroupId>,
}

impl TermsFor {
    /// The group, if it is for one.
    pub fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(group) => Some(group),
            _ => None,
        }
    }

    /// The partner, if it is for one.
    pub fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Partner(partner) => Some(partner),
            _ => None,
        }
    }
}

impl TermsScope {
    /// Whose terms are looked at, the most specific first.
    pub fn order(self) -> impl Iterator<Item = TermsFor> {
        let partner = self.partner.map(TermsFor::Partner);
        let group = self.group.map(TermsFor::Group);
        partner.into_iter().chain(group).chain([TermsFor::Everybody])
    }
}
