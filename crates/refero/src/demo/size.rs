/// How much of everything a demo has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Days of history; at least 60.
    pub days: u32,
    /// Partners of all programs.
    pub partners: u32,
    /// Sales of all programs.
    pub sales: u32,
}

impl Size {
    /// A year to look at.
    pub const FULL: Self = Self { days: 365, partners: 200, sales: 20_000 };
    /// Everything happens, little of it: loaded within seconds.
    pub const SMALL: Self = Self { days: 70, partners: 40, sales: 900 };
}

impl Default for Size {
    fn default() -> Self {
        Self::FULL
    }
}
