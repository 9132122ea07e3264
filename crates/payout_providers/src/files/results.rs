use std::{
    collections::{HashMap, HashSet},
    mem::take,
};

use csv::{ByteRecord, ReaderBuilder};
use money::{Currency, Money};

use super::{MOST_BAD, decimal::decimal, result_words as words};
use crate::{PaymentReport, PaymentState, Reference, error::short};

/// The most lines behind the first: many times what a batch has, and read within a moment.
const MOST_LINES: usize = 200_000;

/// What a filled-in file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// What could be read, in the order of the file.
    pub reports: Vec<PaymentReport>,
    /// What the file calls the amounts of payments, where it does so in a form that can be read.
    pub amounts: HashMap<Reference, Money>,
    /// Payments whose status is blank: nobody has said anything of them.
    pub blank: Vec<Reference>,
    /// Payments of which lines say different things, or one cannot be read: nothing is known of them.
    pub doubted: HashSet<Reference>,
    /// Rows that could not be used, the first thousand; no row of another payment is lost by them.
    pub bad: Vec<BadRow>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A quote that is not closed in its line, or not UTF-8.
    #[error("the row cannot be read")]
    Unreadable,
    /// No reference of ours.
    #[error("{0:?} is not a reference")]
    Reference(String),
    /// The payment stands in an earlier line. If that says another thing, neither counts.
    #[error("payment {payment} stands in line {first_line} already")]
    Twice {
        /// Which payment.
        payment: Reference,
        /// Where it stands first.
        first_line: u64,
    },
    /// Another line of the payment cannot be read, or says another thing.
    #[error("payment {0} is settled by none of its lines: they differ, or one cannot be read")]
    Doubted(Reference),
    /// None of the words that are known.
    #[error("{0:?} is not one of paid, failed, refused, returned, pending")]
    Status(String),
    /// Another currency than that of the payments.
    #[error("{0:?} is not the currency of the payment")]
    Currency(String),
    /// No amount of the currency.
    #[error("the amount {0:?} is not one such as 10.50")]
    Amount(String),
    /// No amount of the currency, or one below zero.
    #[error("the fee {0:?} is not an amount such as 0.25")]
    Fee(String),
}

/// Why nothing of a file can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotResults {
    /// A column is missing in the first line.
    #[error("the first line names no column {0:?}")]
    NoColumn(&'static str),
    /// It has more lines than any batch has payouts.
    #[error("more than {most} lines")]
    TooLong {
        /// How many are read.
        most: usize,
    },
    /// Two columns have one name.
    #[error("the first line names the column {0:?} twice")]
    TwoColumns(&'static str),
}

struct Columns {
    reference: usize,
    status: usize,
    provider_reference: Option<usize>,
    fee: Option<usize>,
    reason: Option<usize>,
    amount: Option<usize>,
    currency: Option<usize>,
}

/// Reads what somebody filled into [`super::generic_csv`], or had a provider's website write: the columns `reference` and `status`,
/// and if they are there `provider_reference`, `fee` (in the currency given) and `reason`, in any order, among any others, by these
/// names or the providers' (`result_words`); separated by commas, semicolons or tabs, as spreadsheets save them; one line for each
/// payment. What it says of `amount` is kept, and a `currency` must be the one given: whoever paid something else must not settle
/// the payment by that. A payment counts as not spoken of if any line of it cannot be read.
///
/// `status` is `paid`, `completed` or `success`; `failed` (the recipient's side: the money is theirs to claim again); `refused` or
/// `denied` (our or the provider's side: to be tried again); `returned` or `refunded`; `pending`, `processing` or `unclaimed`; or
/// blank.
///
/// # Errors
/// [`NotResults`]. What is wrong with a row is told in [`Results::bad`].
pub fn read_results(file: &[u8], currency: Currency) -> Result<Results, NotResults> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let delimiter = delimiter(file);
    let mut lines =
        (1..).zip(file.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    let header = lines.next().and_then(|(_, line)| cells(line, delimiter)).unwrap_or_default();
    let columns = Columns::of(&header)?;
    if lines.clone().nth(MOST_LINES).is_some() {
        return Err(NotResults::TooLong { most: MOST_LINES });
    }
    let mut results = Results::default();
    let mut said = Said::default();
    for (line, text) in lines {
        let row = cells(text, delimiter).ok_or(Problem::Unreadable);
        if row.is_err() {
            said.contradicted.extend(columns.payment_of_broken(text, delimiter));
        }
        let once = row.and_then(|row| {
            let payment = columns.payment(&row)?;
            let read = columns.read(&row, (currency, delimiter));
            said.once(&payment, read, line).map(|state| (payment, state))
        });
        match once {
            Ok((payment, None)) => results.blank.push(payment),
            Ok((payment, Some(state))) => results.reports.push(PaymentReport { payment, state }),
            Err(_) if results.bad.len() == MOST_BAD => {}
            Err(problem) => results.bad.push(BadRow { line, problem }),
        }
    }
    said.have_their_say(&mut results);
    Ok(results)
}

/// The cells of a line. A quote that is not closed in its line would swallow the rows behind it without a word, and what stands
/// behind a carriage return would be lost.
fn cells(line: &[u8], delimiter: u8) -> Option<ByteRecord> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let quotes = line.iter().filter(|byte| **byte == b'"').count();
    (quotes % 2 == 0 && !line.contains(&b'\r')).then(|| record(line, delimiter)).flatten()
}

fn record(line: &[u8], delimiter: u8) -> Option<ByteRecord> {
    let mut reader =
        ReaderBuilder::new().flexible(true).has_headers(false).delimiter(delimiter).from_reader(line);
    let mut row = ByteRecord::new();
    reader.read_byte_record(&mut row).ok()?.then_some(row)
}

/// How a payment stands, and its amount, as far as a line says so.
type Read = (Option<PaymentState>, Option<Money>);

/// What lines have said of payments.
#[derive(Default)]
struct Said {
    first: HashMap<Reference, (u64, Read)>,
    contradicted: HashSet<Reference>,
}

impl Said {
    /// What a line says, if none has spoken of its payment before. Of two that differ neither counts, nor does any other beside
    /// one that cannot be read: which is true is for a person to find out.
    fn once(
        &mut self,
        payment: &Reference,
        read: Result<Read, Problem>,
        line: u64,
    ) -> Result<Option<PaymentState>, Problem> {
        let said = read.as_ref().cloned().unwrap_or_default();
        let is_first = !self.first.contains_key(payment);
        let (first_line, first) = self.first.entry(payment.clone()).or_insert_with(|| (line, said.clone()));
        if read.is_err() || differ(first, &said) {
            self.contradicted.insert(payment.clone());
        }
        // What a silent line leaves open, a later one says.
        first.1 = first.1.or(said.1);
        match read? {
            (state, _) if is_first => Ok(state),
            _ => Err(Problem::Twice { payment: payment.clone(), first_line: *first_line }),
        }
    }

    /// Takes back what was read of payments that are in doubt, and tells that, and leaves the amounts of all.
    fn have_their_say(self, results: &mut Results) {
        let Self { first, contradicted } = self;
        let is_doubted = |report: &PaymentReport| contradicted.contains(&report.payment);
        let (doubted, reports): (Vec<_>, Vec<_>) =
            take(&mut results.reports).into_iter().partition(is_doubted);
        results.reports = reports;
        results.blank.retain(|payment| !contradicted.contains(payment));
        let room = MOST_BAD.saturating_sub(results.bad.len());
        results.bad.extend(doubted.into_iter().take(room).map(|PaymentReport { payment, .. }| BadRow {
            line: first.get(&payment).map_or(0, |(line, _)| *line),
            problem: Problem::Doubted(payment),
        }));
        results.doubted = contradicted;
        let amounts = first.into_iter().filter_map(|(payment, (_, (_, amount)))| Some((payment, amount?)));
        results.amounts = amounts.collect();
    }
}

/// Whether two lines say different things of a payment. One that is silent on the amount does not differ by that.
fn differ((state, amount): &Read, (other_state, other_amount): &Read) -> bool {
    state != other_state || amount.zip(*other_amount).is_some_and(|(one, other)| one != other)
}

impl Columns {
    /// Of which payment a line speaks that is no row, as far as it can be seen: a cell may go on in the next line.
    fn payment_of_broken(&self, line: &[u8], delimiter: u8) -> Option<Reference> {
        let row = record(line, delimiter)?;
        // The last cell is the one that is broken off.
        let cell = row.get(self.reference).filter(|_| self.reference + 1 < row.len())?;
        std::str::from_utf8(cell).ok()?.trim().parse().ok()
    }
}

/// The separator that the first line has most of.
fn delimiter(file: &[u8]) -> u8 {
    let header = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| header.iter().filter(|byte| *byte == delimiter).count();
    // The last of equals wins.
    *[b'\t', b';', b','].iter().max_by_key(|delimiter| count(delimiter)).unwrap_or(&b',')
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, NotResults> {
        let place = |names: &words::Names, is_needed: bool| {
            for (rank, name) in names.iter().enumerate() {
                let named = |cell: &[u8]| words::is_named(cell, name);
                let mut places =
                    header.iter().enumerate().filter(|(_, cell)| named(cell)).map(|(place, _)| place);
                match (places.next(), places.next()) {
                    (None, _) => {}
                    (place, None) => return Ok(place),
                    _ if rank == 0 || is_needed => return Err(NotResults::TwoColumns(name)),
                    // Which of two that a provider calls the same is meant nobody can know.
                    _ => {}
                }
            }
            Ok(None)
        };
        let required = |names: &words::Names| {
            place(names, true)?.ok_or(NotResults::NoColumn(names.first().copied().unwrap_or_default()))
        };
        Ok(Self {
            reference: required(words::REFERENCE)?,
            status: required(words::STATUS)?,
            provider_reference: place(words::PROVIDER_REFERENCE, false)?,
            fee: place(words::FEE, false)?,
            reason: place(words::REASON, false)?,
            amount: place(words::AMOUNT, false)?,
            currency: place(words::CURRENCY, false)?,
        })
    }

    /// Of which payment a line speaks.
    fn payment(&self, row: &ByteRecord) -> Result<Reference, Problem> {
        let reference = cell(row, Some(self.reference))?;
        reference.parse().map_err(|_| Problem::Reference(short(reference)))
    }

    fn read(&self, row: &ByteRecord, (currency, delimiter): (Currency, u8)) -> Result<Read, Problem> {
        let named = cell(row, self.currency)?;
        if !named.is_empty() && !named.eq_ignore_ascii_case(currency.as_str()) {
            return Err(Problem::Currency(short(named)));
        }
        let money = |text: &str, problem: fn(String) -> Problem| match text {
            "" => Ok(None),
            text => {
                let plain = decimal(text, delimiter, currency.minor_per_major());
                let money = plain.and_then(|plain| Money::parse(&plain, currency).ok());
                money.map(Some).ok_or_else(|| problem(short(text)))
            }
        };
        let amount = money(cell(row, self.amount)?, Problem::Amount)?;
        let said_fee = cell(row, self.fee)?;
        let fee = money(said_fee, Problem::Fee)?;
        if fee.is_some_and(|fee| fee.minor() < 0) {
            return Err(Problem::Fee(short(said_fee)));
        }
        let provider_reference = short(cell(row, self.provider_reference)?);
        let reason = short(cell(row, self.reason)?);
        let state = match cell(row, Some(self.status))? {
            "" => None,
            word => {
                let said = words::Said { provider_reference, fee, reason };
                Some(words::state(word, said).ok_or_else(|| Problem::Status(short(word)))?)
            }
        };
        Ok((state, amount))
    }
}

/// What stands in a column, if there is one.
fn cell(row: &ByteRecord, place: Option<usize>) -> Result<&str, Problem> {
    let bytes = place.and_then(|place| row.get(place)).unwrap_or_default();
    std::str::from_utf8(bytes).map(str::trim).map_err(|_| Problem::Unreadable)
}
