//! What a token of the JSON interface opens, of what its owner may read.

/// A part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// Rows of ledgers, of all kinds.
    Ledgers = 1,
    /// What records say.
    Records = 2,
    /// 公文流转: where cases stand, and their events.
    Cases = 4,
    /// The published figures.
    Figures = 8,
    /// Stations and their places.
    Stations = 16,
    /// 代表: the mandates.
    Deputies = 32,
}

impl Scope {
    pub const ALL: [Scope; 6] =
        [Scope::Ledgers, Scope::Records, Scope::Cases, Scope::Figures, Scope::Stations, Scope::Deputies];

    /// Its name in forms, in descriptions and in texts (`scope.<key>`).
    pub fn key(self) -> &'static str {
        match self {
            Scope::Ledgers => "ledgers",
            Scope::Records => "records",
            Scope::Cases => "cases",
            Scope::Figures => "figures",
            Scope::Stations => "stations",
            Scope::Deputies => "deputies",
        }
    }
}

/// Some of them, as the database keeps them: one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    pub fn has(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of these bits; what only a newer version knows is left out.
    pub fn of_bits(bits: u8) -> Self {
        Self(bits).iter().collect()
    }

    pub fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_kept_as_they_were_given() {
        let some: Scopes = [Scope::Records, Scope::Deputies].into_iter().collect();
        assert_eq!(Scopes::of_bits(some.bits()), some);
        assert!(some.has(Scope::Records) && !some.has(Scope::Cases) && !some.is_empty());
        assert_eq!(Scopes::of_bits(0xff), Scope::ALL.into_iter().collect(), "bits that nobody knows open nothing");
    }
}
