//! The audit trail as it leaves the house: heads, the export of a call, and its verifier.

mod amended;
mod export;
mod kept;
mod ranking;
mod scenario;
mod verify;

pub use export::{
    Export, ExportedHead, ExportedLink, ExportedRanking, ExportedRow, ExportedScenario,
    ExportedSelection,
};
pub use export::{export, export_call, read_audit_heads};
pub use kept::{KeptHead, kept_heads};
pub use verify::{Checked, Verification, verify_export, verify_export_with, verify_receipt};
