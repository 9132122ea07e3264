use money::{Currency, Money};

use super::{FeePayer, PayoutMethodKind, PayoutPolicy, Schedule};

/// What holds for one partner, or for a program: every question answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What may be paid to.
    pub methods: Vec<PayoutMethodKind>,
    /// The least that is paid, in minor units of the program's currency.
    pub minimum: i64,
    /// The most that one partner is paid in one batch, in minor units of the program's currency.
    pub maximum_per_batch: Option<i64>,
    /// How many customers who have paid a partner must have referred.
    pub minimum_customers: i32,
    /// Whether payouts may be requested on behalf of partners.
    pub partner_requests: bool,
    /// Whether requests are approved at once.
    pub auto_approve_requests: bool,
    /// Whether a payout needs an invoice of the partner's.
    pub invoice_required: bool,
    /// Whether the payee must have given a tax number.
    pub tax_data_required: bool,
    /// For how many hours nothing is paid to a method that took the place of another.
    pub cooldown_hours: i32,
    /// Who bears the fee.
    pub fee_payer: FeePayer,
    /// Whether a batch is approved by another person than the one who prepared it.
    pub four_eyes: bool,
    /// Whether drafts of the schedule pay PayPal and Wise by their APIs, and not by files.
    pub pay_by_api: bool,
    /// When drafts of batches are made.
    pub schedule: Schedule,
}

impl Default for Policy {
    /// What holds where nobody said anything else.
    fn default() -> Self {
        Self {
            methods: PayoutMethodKind::ALL.to_vec(),
            minimum: 0,
            maximum_per_batch: None,
            minimum_customers: 0,
            partner_requests: true,
            auto_approve_requests: false,
            invoice_required: false,
            tax_data_required: false,
            cooldown_hours: 24,
            fee_payer: FeePayer::Owner,
            four_eyes: false,
            pay_by_api: false,
            schedule: Schedule::Manual,
        }
    }
}

impl Policy {
    /// What holds by these stored policies, of which a later one is said of fewer.
    pub fn of<'a>(stored: impl IntoIterator<Item = &'a PayoutPolicy>) -> Self {
        stored.into_iter().fold(Self::default(), Self::narrowed_by)
    }

    /// The least that is paid in a currency: in others than the program's there is none.
    pub fn minimum_in(&self, program: Currency, currency: Currency) -> Money {
        Money::new(if currency == program { self.minimum } else { 0 }, currency)
    }

    /// The most that one partner is paid in one batch in a currency: in others than the program's there is none.
    pub fn maximum_in(&self, program: Currency, currency: Currency) -> Option<i64> {
        self.maximum_per_batch.filter(|_| currency == program)
    }

    fn narrowed_by(self, stored: &PayoutPolicy) -> Self {
        let bound = |most: i64| Some(most).filter(|most| *most > 0);
        Self {
            methods: stored.methods.clone().unwrap_or(self.methods),
            minimum: stored.minimum.unwrap_or(self.minimum),
            maximum_per_batch: stored.maximum_per_batch.map_or(self.maximum_per_batch, bound),
            minimum_customers: stored.minimum_customers.unwrap_or(self.minimum_customers),
            partner_requests: stored.partner_requests.unwrap_or(self.partner_requests),
            auto_approve_requests: stored.auto_approve_requests.unwrap_or(self.auto_approve_requests),
            invoice_required: stored.invoice_required.unwrap_or(self.invoice_required),
            tax_data_required: stored.tax_data_required.unwrap_or(self.tax_data_required),
            cooldown_hours: stored.cooldown_hours.unwrap_or(self.cooldown_hours),
            fee_payer: stored.fee_payer.unwrap_or(self.fee_payer),
            four_eyes: stored.four_eyes.unwrap_or(self.four_eyes),
            pay_by_api: stored.pay_by_api.unwrap_or(self.pay_by_api),
            schedule: Schedule::of(stored).unwrap_or(self.schedule),
        }
    }
}
