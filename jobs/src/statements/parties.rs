use documents::Party;
use domain::statements::Parties;
use ids::PartnerId;

/// Who pays: by the name of the company, or of the account if it has said none.
pub(crate) fn payer(parties: &Parties) -> Party {
    let account = &parties.account;
    Party {
        id: account.id.to_string(),
        name: account.company.as_ref().unwrap_or(&account.name).clone(),
        address: lines(account.address.as_deref()),
        tax_id: account.tax_id.clone(),
    }
}

/// Who is paid: the payee as they have said it for tax offices, or else the profile's name.
pub(crate) fn payee(parties: &Parties, partner_id: PartnerId) -> Party {
    let payee = parties.payee.as_ref();
    Party {
        id: partner_id.to_string(),
        name: payee.and_then(|payee| payee.company.as_ref()).unwrap_or(&parties.profile.name).clone(),
        address: lines(payee.and_then(|payee| payee.address.as_deref())),
        tax_id: payee.and_then(|payee| payee.tax_id.clone()),
    }
}

fn lines(address: Option<&str>) -> Vec<String> {
    address.unwrap_or_default().lines().map(str::to_owned).collect()
}
