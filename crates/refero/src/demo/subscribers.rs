use domain::customers::{Customer, CustomerName};

use super::{company::Company, past::Past, programs::Open};

/// Most subscribers confirm on the day that they came, a few never.
pub async fn of_day(past: &mut Past<'_>, company: &Company, open: &mut Open, day: u32) -> anyhow::Result<()> {
    let act = past.at(past.end_of(day), open.shop);
    for key in std::mem::take(&mut open.unconfirmed) {
        if past.chance.per_mille(150) {
            continue;
        }
        let name = CustomerName::Key { program_id: open.program.id, key };
        Customer::confirm(past.conn, &company.scope, &name, &act).await?;
    }
    Ok(())
}
