//! Programs: what is offered to partners, in one currency and one time zone.
//!
//! A program is created as a draft, which refuses sales, and is activated once terms are published. Paused it records
//! and rewards, but attributes nobody new. Archived it refuses sales for good.

mod create;
mod cursor;
mod find;
mod model;
mod settings;
mod transition;
mod update;

pub use create::{CreateError, NewProgram};
pub use cursor::{Cursor, StoppedPrograms};
pub use find::ProgramFilter;
pub use model::{AttributionModel, Grandfathering, LinkStyle, Program, ProgramKind, ProgramStatus};
pub use transition::{Transition, TransitionError};
pub use update::{ProgramChanges, UpdateError};
