//! Invented funders' purses, consortia, experts and judgements. The same seed gives the same rehearsal.
//! No name of a person or an institute is real.

use rand::prelude::IndexedRandom;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use uuid::Uuid;

/// A funder of the rehearsal.
pub struct Funder {
    /// Key of the organisation.
    pub key: String,
    /// Its country.
    pub country: String,
    /// What it commits, in whole euros.
    pub commitment: i64,
}

/// An invented expert.
pub struct Expert {
    pub name: String,
    pub email: String,
    pub organisation: String,
    pub country: &'static str,
    pub keywords: Vec<&'static str>,
}

/// Regional funders that join the seeded organisations, to reach the shape of the call.
pub const REGIONAL: [(&str, &str, &str); 5] = [
    ("ES-REH-NORTH", "ES", "Rehearsal Health Fund North"),
    ("IT-REH-HILLS", "IT", "Rehearsal Research Fund of the Hills"),
    ("DE-REH-ELBE", "DE", "Rehearsal State Fund Elbe"),
    ("SE-REH-LAKES", "SE", "Rehearsal Regional Fund of the Lakes"),
    ("PL-REH-COAST", "PL", "Rehearsal Regional Fund of the Coast"),
];

/// Organisations of the seed that take no part: they are no funders of joint calls.
pub const APART: [&str; 4] = ["EU-EC", "TR-TURBO", "CY-RPF", "DE-DLRPT"];

const FIRST: [&str; 32] = [
    "Ada", "Bela", "Carla", "Dario", "Edda", "Falk", "Gesa", "Henk", "Ilse", "Jonas", "Katia",
    "Levi", "Mira", "Nils", "Oona", "Petra", "Quirin", "Runa", "Sven", "Tilda", "Ugo", "Vera",
    "Wim", "Xenia", "Yara", "Zeno", "Alma", "Boris", "Cosima", "Dagny", "Emil", "Flora",
];
const LAST: [&str; 32] = [
    "Abendroth",
    "Birkental",
    "Cravello",
    "Dornvik",
    "Eschmark",
    "Fjordal",
    "Grunewaldt",
    "Hollanda",
    "Irsina",
    "Jarvenmaa",
    "Kestrelius",
    "Lindhagen",
    "Morvany",
    "Nordquist",
    "Olbrechtz",
    "Pellworm",
    "Quastorf",
    "Rosmarin",
    "Silberhorn",
    "Tannweiler",
    "Ulmenau",
    "Vestergren",
    "Wolkersdorf",
    "Xylander",
    "Yndestad",
    "Zirbeltal",
    "Ambrosin",
    "Brackwede",
    "Corvinus",
    "Drachenfels",
    "Elmstead",
    "Farnhill",
];
const PLACES: [&str; 24] = [
    "Altenquell",
    "Brisemar",
    "Calvera",
    "Dunholt",
    "Eikestad",
    "Ferrovia",
    "Glimmerby",
    "Hohenau",
    "Isolara",
    "Jadwigow",
    "Kiveranta",
    "Lumbrera",
    "Mirandola Alta",
    "Norrhavn",
    "Oakmere",
    "Pinhalto",
    "Quellburg",
    "Rivanova",
    "Stellamar",
    "Torreluna",
    "Umbrasol",
    "Vesthavn",
    "Waldmuende",
    "Zelenograd Nad Reku",
];
const HOUSES: [&str; 5] = [
    "University of",
    "University Hospital",
    "Institute of Genomic Medicine",
    "Cancer Centre",
    "Centre for Data Medicine",
];
const KEYWORDS: [&str; 36] = [
    "oncology",
    "cardiology",
    "rare diseases",
    "neurology",
    "diabetes",
    "immunology",
    "nephrology",
    "psychiatry",
    "pharmacogenomics",
    "biomarkers",
    "proteomics",
    "metabolomics",
    "single-cell",
    "imaging",
    "radiomics",
    "machine learning",
    "decision support",
    "electronic health records",
    "data harmonisation",
    "federated learning",
    "biobanks",
    "cohorts",
    "clinical trials",
    "organoids",
    "drug targets",
    "gene therapy",
    "health economics",
    "ethics",
    "patient empowerment",
    "implementation",
    "telemedicine",
    "microbiome",
    "ageing",
    "paediatrics",
    "epigenetics",
    "systems biology",
];
const AIMS: [&str; 8] = [
    "Stratifying",
    "Predicting response in",
    "Targets for",
    "Early detection of",
    "Tailored treatment of",
    "Mechanisms behind",
    "Decision support in",
    "Preventing relapse in",
];

/// The source of everything invented.
pub struct Invention {
    dice: StdRng,
}

impl Invention {
    /// From a seed.
    pub fn new(seed: u64) -> Invention {
        Invention {
            dice: StdRng::seed_from_u64(seed),
        }
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        // None of the lists is empty.
        *of.choose(&mut self.dice).unwrap_or(&of[0])
    }

    /// A person's name that fits the number, so that no two are the same.
    pub fn person(&mut self, number: usize) -> String {
        let first = FIRST[number % FIRST.len()];
        let last = LAST[(number / FIRST.len() + number) % LAST.len()];
        format!("{first} {last} (rehearsal {number})")
    }

    /// An institute.
    pub fn institute(&mut self) -> String {
        format!("{} {} (rehearsal)", self.one(&HOUSES), self.one(&PLACES))
    }

    /// What a funder commits: a few large purses, many small ones.
    pub fn commitment(&mut self, large: bool) -> i64 {
        let thousands = if large {
            self.dice.random_range(1_300..2_280)
        } else {
            self.dice.random_range(335..1_000)
        };
        thousands * 1_000
    }

    /// A proposal's content. Partners come from different funders, more often from those with more money.
    pub fn proposal(
        &mut self,
        number: usize,
        funders: &[Funder],
        sections: &[(String, usize)],
    ) -> Value {
        let wanted = *[4, 5, 5, 6, 6, 6].choose(&mut self.dice).unwrap_or(&5);
        let mut chosen: Vec<&Funder> = Vec::new();
        while chosen.len() < wanted {
            let Ok(funder) = funders.choose_weighted(&mut self.dice, |funder| funder.commitment)
            else {
                break;
            };
            if chosen.iter().all(|other| other.country != funder.country) {
                chosen.push(funder);
            }
        }
        let partners: Vec<Value> = chosen
            .iter()
            .enumerate()
            .map(|(position, funder)| self.partner(number * 10 + position, position == 0, funder))
            .collect();
        let mut keywords: Vec<&str> = KEYWORDS.sample(&mut self.dice, 5).copied().collect();
        keywords.sort_unstable();
        let title = format!(
            "{} {} with {} (rehearsal)",
            self.one(&AIMS),
            keywords[0],
            keywords[1]
        );
        let texts: serde_json::Map<String, Value> = sections
            .iter()
            .map(|(key, most)| (key.clone(), json!(self.text(&title, *most))))
            .collect();
        json!({
            "acronym": format!("REH-{number:03}"),
            "title": title,
            "abstract": format!("{title}. An invented project of a rehearsal; nobody will do it."),
            "keywords": keywords,
            "duration_months": 36,
            "partners": partners,
            "texts": texts,
        })
    }

    /// A partner that asks money of a funder.
    pub fn partner(&mut self, number: usize, coordinates: bool, funder: &Funder) -> Value {
        let personnel: i64 = self.dice.random_range(110..210) * 1_000;
        let consumables: i64 =
            self.dice.random_range(15..50) * 1_000 + self.dice.random_range(0..1_000);
        let overheads = (personnel + consumables) / 5;
        json!({
            "id": Uuid::now_v7(),
            "role": if coordinates { "coordinator" } else { "partner" },
            "organisation": self.institute(),
            "country": funder.country,
            "principal_investigator": {
                "name": self.person(number),
                "email": format!("investigator@group{number}-rehearsal.example"),
            },
            "funding": {"kind": "funder", "funder": funder.key},
            "budget": {
                "personnel": self.yearly(personnel * 100),
                "consumables": [format!("{consumables}.50")],
                "overheads": self.yearly(overheads * 100),
            },
        })
    }

    /// An amount in cents, spread over three years.
    fn yearly(&self, cents: i64) -> [String; 3] {
        let euros = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let third = cents / 3;
        [euros(third), euros(third), euros(cents - 2 * third)]
    }

    fn text(&mut self, title: &str, most: usize) -> String {
        let sentence =
            format!("{title}: this text was invented for a rehearsal and says nothing true. ");
        let wanted = self.dice.random_range(most / 4..most / 2);
        sentence.repeat(wanted / sentence.len() + 1)
    }

    /// An expert.
    pub fn expert(&mut self, number: usize) -> Expert {
        let countries = [
            "AU", "BR", "CH", "GB", "GR", "JP", "NZ", "RO", "SK", "US", "BE", "IS",
        ];
        Expert {
            name: self.person(7_000 + number),
            email: format!("expert@faculty{number}-rehearsal.example"),
            organisation: format!("Faculty {number} of {} (rehearsal)", self.one(&PLACES)),
            country: self.one(&countries),
            keywords: KEYWORDS.sample(&mut self.dice, 12).copied().collect(),
        }
    }

    /// How good a proposal is, from 0 to 100; reviewers scatter around it.
    pub fn quality(&mut self) -> i32 {
        (self.dice.random_range(0..100) + self.dice.random_range(0..100)) / 2
    }

    /// A score in half points near a quality.
    pub fn score(&mut self, quality: i32) -> String {
        let near = quality + self.dice.random_range(-12..13);
        let half_points = (3 + near * 8 / 100).clamp(2, 10);
        format!(
            "{}.{}",
            half_points / 2,
            if half_points % 2 == 0 { 0 } else { 5 }
        )
    }
}
