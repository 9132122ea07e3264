mod deliver;
mod dial;
pub(crate) mod files;
pub(crate) mod memory;
pub(crate) mod smtp;

use lettre::message::header::ContentTransferEncoding as Encoding;

/// The ways out. An enum, because there are exactly these and none is replaced from outside.
pub(crate) enum Transport {
    Smtp(Box<smtp::Smtp>),
    Files(files::Files),
    Memory(memory::Memory),
}

impl Transport {
    /// Servers get the encoding that survives every relay and any length of line; people read files, in which
    /// quoted-printable would break the links.
    pub(crate) fn encoding(&self) -> Encoding {
        match self {
            Self::Smtp(_) | Self::Memory(_) => Encoding::QuotedPrintable,
            Self::Files(_) => Encoding::Binary,
        }
    }
}
