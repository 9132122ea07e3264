//! Random histories of programs in several time zones and currencies, with late sales, rejected rewards and folds.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::{
    attribution::Touch,
    calendar::Calendar,
    customers::CustomerUpsert,
    partners::{Entry, NewPartner, Partner, PartnerStatus, Transition as Change},
    programs::{NewProgram, Program, ProgramChanges, Transition, UpdateError},
    rewards::{Review, Reward, RewardStatus},
    stats::{DateRange, Grain, Question, Subject},
    transactions::NewTransaction,
};
use ids::{PartnerId, ProgramId};
use money::Currency;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rust_decimal::Decimal;

use super::{
    ask,
    scan::{Scan, lines},
};
use crate::{
    partners::person,
    shop::{Shop, customer, percent, sale},
};

const ZONES: [&str; 5] =
    ["Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Europe/Berlin", "Australia/Lord_Howe"];
const CURRENCIES: [&str; 4] = ["USD", "JPY", "KWD", "EUR"];

struct Market {
    shop: Shop,
    rng: StdRng,
    programs: Vec<Program>,
    partners: Vec<Partner>,
    made: usize,
}

impl Market {
    async fn open(seed: u64) -> Self {
        let shop = Shop::empty().await;
        let mut market = Self {
            shop,
            rng: StdRng::seed_from_u64(seed),
            programs: Vec::new(),
            partners: Vec::new(),
            made: 0,
        };
        for (number, zone) in ZONES.into_iter().enumerate() {
            let program = program(&market.shop, zone, CURRENCIES[number % CURRENCIES.len()]).await;
            market.shop.program = program;
            market.shop.publish(&percent("12.5"), None).await;
            let program = market.shop.transition(Transition::Activate).await;
            market.programs.push(program);
            for _ in 0..2 {
                market.apply().await;
            }
        }
        market
    }

    fn choose(&mut self) {
        let number = self.rng.random_range(0..self.programs.len());
        self.shop.program = self.programs[number].clone();
    }

    async fn step(&mut self) {
        self.shop.world.pass(TimeDelta::minutes(self.rng.random_range(0..2_000)));
        self.choose();
        match self.rng.random_range(0..20) {
            0..2 => self.apply().await,
            2 => self.approve().await,
            3..7 => self.customer().await,
            7..14 => self.sell().await,
            14..17 => self.shop.settle().await,
            17 => self.reject().await,
            _ => {
                self.shop.fold().await;
            }
        }
    }

    /// Every program's sales are evaluated.
    async fn settle(&mut self) {
        for program in self.programs.clone() {
            self.shop.program = program;
            self.shop.settle().await;
        }
    }

    async fn apply(&mut self) {
        self.made += 1;
        let entry = if self.rng.random_bool(0.6) { Entry::Approved } else { Entry::Application };
        let new =
            NewPartner { entry, ..person(self.shop.program.id, &format!("p{}@example.com", self.made)) };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        self.partners.push(Partner::create(conn, &self.shop.scope, &new, &act).await.unwrap());
    }

    async fn approve(&mut self) {
        let Some(partner) = self.partners.iter_mut().find(|partner| partner.status == PartnerStatus::Pending)
        else {
            return;
        };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        *partner =
            Partner::transition(conn, &self.shop.scope, partner.id, Change::Approve, &act).await.unwrap();
    }

    fn partner(&mut self) -> Option<PartnerId> {
        let program = self.shop.program.id;
        let own: Vec<_> = self.partners.iter().filter(|partner| partner.program_id == program).collect();
        own.get(self.rng.random_range(0..own.len() + 1)).map(|partner| partner.id)
    }

    async fn customer(&mut self) {
        let touch = self.partner().map(Touch::Partner);
        let key = format!("c{}", self.rng.random_range(0..9));
        let late = self.rng.random_bool(0.3).then(|| self.shop.world.now - TimeDelta::days(20));
        let said = CustomerUpsert { touch, signed_up_at: late, ..customer(self.shop.program.id, &key) };
        self.shop.upsert(&said).await.unwrap();
    }

    async fn sell(&mut self) {
        let count = self.rng.random_range(1..4);
        let said: Vec<_> = (0..count).map(|_| self.sale()).collect();
        for answer in self.shop.try_record(&said).await.unwrap() {
            answer.unwrap();
        }
    }

    fn sale(&mut self) -> NewTransaction {
        self.made += 1;
        let customer = format!("c{}", self.rng.random_range(0..12));
        let code = match self.rng.random_bool(0.7) {
            true => self.shop.program.currency.as_str(),
            false => CURRENCIES[self.rng.random_range(0..CURRENCIES.len())],
        };
        let gross = Decimal::from(self.rng.random_range(0..2_000));
        NewTransaction {
            gross,
            currency: Currency::parse(code).unwrap(),
            rewardable: self.rng.random_bool(0.9),
            occurred_at: self
                .rng
                .random_bool(0.7)
                .then(|| self.shop.world.now - TimeDelta::minutes(self.rng.random_range(-1_400..150_000))),
            ..sale(&format!("s{}", self.made), &customer, 0)
        }
    }

    async fn reject(&mut self) {
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        let filter = domain::rewards::RewardFilter { status: vec![RewardStatus::Held], ..Default::default() };
        let page = domain::page::PageArgs::new(100, None);
        let held = Reward::list(conn, &self.shop.scope, &filter, page).await.unwrap().rows;
        if held.is_empty() {
            return;
        }
        let id = held[self.rng.random_range(0..held.len())].id;
        let review = Review::Reject { reason: "fraud".to_owned() };
        Reward::review(conn, &self.shop.scope, id, &review, &act).await.unwrap();
    }

    /// A question of each kind about some days.
    fn questions(&mut self) -> Vec<Question> {
        let today = self.shop.world.now.date_naive();
        let from: NaiveDate = today - Days::new(self.rng.random_range(0..100));
        let range = |days: u64| DateRange::new(from, from + Days::new(days)).unwrap();
        let days = self.rng.random_range(1..90);
        let mut questions = Vec::new();
        for program in &self.programs {
            let of = Subject::Programs(Some(vec![program.id]));
            let hours = Grain::Hour(Calendar::of(&program.time_zone));
            questions.push(Question { of: of.clone(), range: range(days.min(31)), by: hours });
            questions.push(Question::of(of, range(days)));
        }
        for by in [Grain::Whole, Grain::Day, Grain::Week, Grain::Month] {
            questions.push(Question { of: Subject::Programs(None), range: range(days), by });
            let of = Subject::Partner(self.partners[self.made % self.partners.len()].id);
            questions.push(Question { of, range: range(days), by });
        }
        questions
    }
}

async fn program(shop: &Shop, zone: &str, currency: &str) -> Program {
    let new = NewProgram {
        kind: domain::programs::ProgramKind::Affiliate,
        name: format!("{zone} {currency}"),
        currency: Currency::parse(currency).unwrap(),
        slug: None,
        website: Some("https://shop.example".to_owned()),
        time_zone: Some(zone.to_owned()),
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: Some(365),
        idempotency_key: None,
    };
    Program::create(&mut *shop.world.conn().await, &shop.scope, &new, &shop.world.act()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_figures_are_those_of_a_scan() {
    // Chance has each happen, though not to every seed.
    let (mut rejected, mut paying) = (0, 0);
    for seed in 0..4 {
        let mut market = Market::open(seed).await;
        for step in 0..90 {
            market.step().await;
            if step % 18 == 17 {
                let scan = Scan::of(&market.shop).await;
                let questions = market.questions();
                for (question, answer) in questions.iter().zip(ask(&market.shop, &questions).await) {
                    assert_eq!(
                        lines(&answer),
                        scan.answer(question),
                        "seed {seed} step {step}: {question:?}"
                    );
                }
            }
        }
        market.settle().await;
        market.shop.assert_verified().await;
        while market.shop.fold().await > 0 {}
        assert_eq!(market.shop.world.count("stat_deltas").await, 0);
        market.shop.assert_verified().await;
        rejected += market.shop.world.count("rewards WHERE status = 'REJECTED'").await;
        paying += market.shop.world.count("program_days WHERE paying_customers > 0").await;
    }
    assert!(rejected > 0 && paying > 0, "{rejected} rewards rejected, {paying} days with first purchases");
}

/// The days of a partner who came in are those of the zone that the program had then.
#[tokio::test]
async fn the_time_zone_is_fixed_once_a_partner_was_counted() {
    let shop = Shop::empty().await;
    let change = async |zone: &str| {
        let changes = ProgramChanges { time_zone: Some(zone.to_owned()), ..ProgramChanges::default() };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await
    };
    change("Asia/Kolkata").await.unwrap();
    let id: ProgramId = shop.program.id;
    let conn = &mut *shop.world.conn().await;
    let new = NewPartner { entry: Entry::Pending, ..person(id, "jane@example.com") };
    Partner::create(conn, &shop.scope, &new, &shop.world.act()).await.unwrap();
    assert!(matches!(change("UTC").await, Err(UpdateError::ZoneFixedByPartners)));
    shop.fold().await;
    assert!(matches!(change("UTC").await, Err(UpdateError::ZoneFixedByPartners)));
    change("Asia/Kolkata").await.unwrap();
}
