//! The selection at the size of a call of the partnership, and far beyond it.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeMap;
use std::hint::black_box;

use call::{EuBase, EuShare, RankingRule, Score};
use commitment::{
    Convention, EuInput, Fraction, FunderInput, ProposalInput, Raise, Rating, SelectionInput,
    select, sensitivity, without_ranking,
};
use criterion::{Criterion, criterion_group, criterion_main};
use kernel::{Amount, Currency};

/// Numbers that look thrown and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// How large a call is.
struct Size {
    funders: u64,
    proposals: u64,
    /// Most proposals of equal score.
    tie: u64,
    /// Partners of a proposal.
    partners: u64,
    /// How many projects the national money would pay, roughly.
    pays: u64,
}

fn input(rule: RankingRule, size: &Size) -> SelectionInput {
    let mut dice = Dice(7);
    let code = |number: u64| format!("F{number:02}");
    let cents = |euros: u64| Amount(i64::try_from(euros * 100).unwrap_or_default());
    // About 250,000 EUR for each partner.
    let each = size.pays * size.partners * 250_000 / size.funders;
    let funders = (0..size.funders).map(|number| FunderInput {
        code: code(number),
        commitment: cents(each / 2 + dice.below(each)),
        eu_eligible: number % 8 != 7,
        topics: Default::default(),
    });
    let funders = funders.collect();
    let mut score = 150_000;
    let mut left = 0;
    let proposals = (0..size.proposals).map(|number| {
        if left == 0 {
            left = 1 + dice.below(size.tie);
            score -= 5;
        }
        left -= 1;
        let requests: BTreeMap<String, Amount> = (0..size.partners)
            .map(|_| {
                (
                    code(dice.below(size.funders)),
                    cents(200_000 + dice.below(99_999)),
                )
            })
            .collect();
        ProposalInput {
            code: format!("P{number:04}"),
            score: Score(score),
            topic: None,
            rating: Rating::Recommended,
            withdrawn: false,
            requests,
        }
    });
    SelectionInput {
        currency: Currency::EUR,
        ranking_rule: rule,
        eu: None,
        convention: None,
        gap_share: None,
        cap: None,
        kept: Vec::new(),
        no_more: Default::default(),
        chosen: Vec::new(),
        funders,
        proposals: proposals.collect(),
    }
}

/// The same call with EU money for a third of the support.
fn cofunded(size: &Size, base: EuBase, share: EuShare, gap_share: &str) -> SelectionInput {
    let mut input = input(RankingRule::Binding, size);
    let national: i64 = input.funders.iter().map(|funder| funder.commitment.0).sum();
    input.eu = Some(EuInput {
        rate: "0.33".parse().unwrap_or_default(),
        ceiling: Amount(national / 67 * 33),
    });
    input.convention = Some(Convention { base, share });
    input.gap_share = Some(gap_share.parse().unwrap_or_default());
    input
}

/// What the solver of the what-if is given.
const WHAT_IF_SECONDS: f64 = 4.0;

const CALL: Size = Size {
    funders: 38,
    proposals: 64,
    tie: 5,
    partners: 5,
    pays: 20,
};
const HUGE: Size = Size {
    funders: 60,
    proposals: 2_000,
    tie: 8,
    partners: 5,
    pays: 400,
};
const TIE: Size = Size {
    funders: 40,
    proposals: 24,
    tie: 1,
    partners: 5,
    pays: 14,
};

fn bench(criterion: &mut Criterion, name: &str, input: &SelectionInput) {
    if let Ok(answer) = select(input) {
        let ways = answer.equally_good.len();
        println!(
            "{name}: {} selected, at most {}, {ways} equally good, {} not funded",
            answer.selected.len(),
            answer.bound,
            answer.not_funded.len()
        );
    }
    criterion.bench_function(name, |bencher| bencher.iter(|| select(black_box(input))));
}

const MODES: [(&str, EuBase, EuShare, &str); 5] = [
    ("planned g=0", EuBase::Planned, EuShare::ByCommitment, "0"),
    (
        "planned g=0.5",
        EuBase::Planned,
        EuShare::ByCommitment,
        "0.5",
    ),
    ("earned g=0.5", EuBase::Earned, EuShare::ByCommitment, "0.5"),
    (
        "by request g=0.5",
        EuBase::Earned,
        EuShare::ByRequest,
        "0.5",
    ),
    ("earned g=1", EuBase::Earned, EuShare::ByCommitment, "1"),
];

fn selection(criterion: &mut Criterion) {
    for rule in [RankingRule::WithGaps, RankingRule::Binding] {
        bench(
            criterion,
            &format!("select 64 x 38 {rule}"),
            &input(rule, &CALL),
        );
        bench(
            criterion,
            &format!("select 2000 x 60 {rule}"),
            &input(rule, &HUGE),
        );
    }
    for (name, base, share, gap) in MODES {
        let name = format!("select 2000 x 60 {name}");
        bench(criterion, &name, &cofunded(&HUGE, base, share, gap));
    }
}

/// One group of equals and nothing else.
fn tie(criterion: &mut Criterion) {
    let equal = |mut input: SelectionInput| {
        input
            .proposals
            .iter_mut()
            .for_each(|one| one.score = Score(1000));
        input
    };
    let name = "tie of 24 x 40 no EU money";
    bench(criterion, name, &equal(input(RankingRule::Binding, &TIE)));
    for (name, base, share, gap) in MODES {
        let name = format!("tie of 24 x 40 {name}");
        bench(criterion, &name, &equal(cofunded(&TIE, base, share, gap)));
    }
    // Beyond what is proven: how soon the search ends, and with which bound.
    for proposals in [40, 60] {
        let pays = proposals * 14 / 24;
        let size = Size {
            proposals,
            pays,
            ..TIE
        };
        let name = format!("tie of {proposals} x 40 no EU money");
        bench(criterion, &name, &equal(input(RankingRule::Binding, &size)));
        let name = format!("tie of {proposals} x 40 earned g=0.5");
        let (base, share) = (EuBase::Earned, EuShare::ByCommitment);
        bench(
            criterion,
            &name,
            &equal(cofunded(&size, base, share, "0.5")),
        );
    }
}

/// Ten gap shares and ten raises of all commitments.
fn grid(criterion: &mut Criterion) {
    let input = cofunded(&HUGE, EuBase::Earned, EuShare::ByCommitment, "0.5");
    let shares: Vec<Fraction> = (0..10).map(|tenth| Fraction(tenth * 100_000)).collect();
    let raises: Vec<Raise> = (0..10)
        .map(|part| Raise {
            funder: None,
            by: Fraction(part * 20_000),
        })
        .collect();
    criterion.bench_function("sensitivity of 100 points 2000 x 60", |bencher| {
        bencher.iter(|| sensitivity(black_box(&input), &shares, &raises));
    });
}

fn what_if(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("what-if optimum 64 x 38");
    group.sample_size(10);
    let mut inputs = vec![("no EU money", input(RankingRule::Binding, &CALL))];
    inputs.extend(MODES.map(|(name, base, share, gap)| (name, cofunded(&CALL, base, share, gap))));
    for (name, input) in inputs {
        if let Ok(found) = without_ranking(&input, WHAT_IF_SECONDS) {
            let (size, bound) = (found.would_fund.len(), found.bound);
            println!("what-if {name}: {size} projects, at most {bound}");
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| without_ranking(black_box(&input), WHAT_IF_SECONDS));
        });
    }
}

criterion_group!(benches, selection, tie, grid, what_if);
criterion_main!(benches);
