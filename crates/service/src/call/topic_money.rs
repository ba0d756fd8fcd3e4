use call::Rules;
use kernel::Faults;
use store::call::{CallRow, topic_money};

use crate::{Problem, Tx};

/// Notes that rules divide the funders' money otherwise than it is pledged: once a funder has committed anything, which
/// topics have money of their own stays as it is.
pub(super) async fn check_change(
    tx: &mut Tx,
    before: &CallRow,
    rules: &Rules,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let same = before.rules()?.funded_topics() == rules.funded_topics();
    let committed = !same && topic_money::is_committed(tx.conn(), before.id).await?;
    faults.require(
        !committed,
        "/rules/funding/topic_money",
        "committed",
        "funders have committed money to the topics as they are; leave the topics and their money so, or draft the call anew",
    );
    Ok(())
}
