//! Every mail is rendered with the variables its documentation promises, and the two are held together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};
use service::ports::{MailFault, OutgoingMail};

use super::{LAYOUT, MAILS, Templates};

/// What every mail gives, for the layout.
const COMMON: [&str; 2] = ["rehearsal", "installation"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/mail")
}

fn mail(template: &str, context: Value) -> OutgoingMail {
    OutgoingMail {
        id: uuid::Uuid::nil(),
        to: "ada@example.org".to_owned(),
        template: template.to_owned(),
        context,
        message_id: "<1@example.org>".to_owned(),
    }
}

/// The table of config/mail/README.md: template to variables.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let ticked = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<_> = line.split('|').collect();
            (
                ticked(cells[1]).remove(0),
                ticked(cells[3]).into_iter().collect(),
            )
        })
        .collect()
}

/// A plausible value of each variable. Where one is of use only with a certain other, both are here.
fn sample(template: &str, variable: &str) -> Value {
    match (template, variable) {
        ("eligibility_outcome", "outcome") => json!("conditional"),
        ("query_settled", "outcome") => json!("answered"),
        ("redress_waits", "step") => json!("check"),
        ("commitment_news", "what") => json!("signed"),
        ("stage_outcome", "outcome") => json!("invited"),
        (_, "rehearsal") => json!(false),
        (_, "insufficient_budget" | "co_funded" | "online" | "leads" | "panel") => json!(true),
        (_, "remarks" | "conditions" | "proposals") => json!(["One thing", "Another"]),
        (_, "scores") => json!([{"criterion": "Excellence", "score": "4.5"}]),
        (_, "version" | "projects" | "lines") => json!(3),
        (_, "link" | "key_link") => json!(format!("https://jtc.example.org/{variable}")),
        _ => json!(format!("the {variable}")),
    }
}

fn samples(template: &str, variables: &BTreeSet<String>) -> Value {
    variables
        .iter()
        .map(String::as_str)
        .chain(COMMON)
        .map(|variable| (variable.to_owned(), sample(template, variable)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn the_list_names_every_file_of_the_folder() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".txt").map(str::to_owned)
        })
        .collect();
    let list: BTreeSet<String> = MAILS
        .iter()
        .chain([&LAYOUT])
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(files, list);
}

#[test]
fn the_readme_lists_the_variables_each_mail_uses() {
    let templates = Templates::new("JTC").unwrap();
    let used: BTreeMap<String, BTreeSet<String>> = MAILS
        .iter()
        .map(|(name, _)| {
            let variables = ["subject", "body"].iter().flat_map(|part| {
                templates
                    .environment
                    .get_template(&format!("{name}.{part}"))
                    .unwrap()
                    .undeclared_variables(false)
            });
            ((*name).to_owned(), variables.collect())
        })
        .collect();
    assert_eq!(documented(), used);
}

#[test]
fn each_mail_renders_and_shows_each_of_its_variables() {
    let templates = Templates::new("The Secretariat").unwrap();
    for (template, variables) in documented() {
        let text = templates
            .render(&mail(&template, samples(&template, &variables)))
            .unwrap();
        let whole = format!("{}\n{}", text.subject, text.body);
        println!("=== {template}\n{whole}");
        assert!(
            text.body
                .contains("Sent by The Secretariat, the installation."),
            "{whole}"
        );
        assert!(!whole.to_lowercase().contains("rehearsal"), "{whole}");
        for absent in ["{{", "{%", "undefined", "\n\n\n"] {
            assert!(
                !whole.contains(absent),
                "{template} has {absent:?}: {whole}"
            );
        }
        assert!(whole.lines().all(|line| line.len() < 100), "{whole}");
        for variable in &variables {
            if let Value::String(shown) = sample(&template, variable)
                && variable != "outcome"
            {
                assert!(
                    whole.contains(&shown),
                    "{template} hides {variable}: {whole}"
                );
            }
        }
    }
}

#[test]
fn a_missing_variable_is_a_permanent_fault_that_names_mail_and_place() {
    let templates = Templates::new("JTC").unwrap();
    for (template, mut variables) in documented() {
        variables.extend(COMMON.map(str::to_owned));
        for missing in &variables {
            let mut context = samples(&template, &variables);
            context.as_object_mut().unwrap().remove(missing);
            match templates.render(&mail(&template, context)) {
                Err(MailFault::Permanent(why)) => assert!(why.contains("undefined"), "{why}"),
                other => panic!("{template} without {missing}: {other:?}"),
            }
        }
    }
}

#[test]
fn an_unknown_mail_and_an_unknown_outcome_are_permanent_faults() {
    let templates = Templates::new("JTC").unwrap();
    let unknown = mail(
        "greetings",
        json!({"rehearsal": false, "installation": "http://localhost"}),
    );
    assert!(matches!(
        templates.render(&unknown),
        Err(MailFault::Permanent(_))
    ));
    for template in ["eligibility_outcome", "query_settled", "stage_outcome"] {
        let mut context = samples(template, &documented()[template]);
        context["outcome"] = json!("splendid");
        assert!(matches!(
            templates.render(&mail(template, context)),
            Err(MailFault::Permanent(_))
        ));
    }
}

#[test]
fn a_rehearsal_is_marked_in_subject_and_text() {
    let templates = Templates::new("JTC").unwrap();
    for (template, variables) in documented() {
        let mut context = samples(&template, &variables);
        context["rehearsal"] = json!(true);
        let text = templates.render(&mail(&template, context)).unwrap();
        assert!(text.subject.starts_with("[Rehearsal] "));
        assert!(text.body.contains("This belongs to a rehearsal"));
    }
}

#[test]
fn a_letter_tells_the_outcome_and_never_the_funder() {
    let templates = Templates::new("JTC").unwrap();
    let letter = |outcome: &str, short: bool| {
        let mut context = samples("stage_outcome", &documented()["stage_outcome"]);
        context["outcome"] = json!(outcome);
        context["insufficient_budget"] = json!(short);
        context["conditions"] = json!([]);
        context["deadline"] = json!(null);
        context["blocked_by"] = json!("Ministry of Pens");
        templates.render(&mail("stage_outcome", context)).unwrap()
    };
    let refused = letter("not_funded", true);
    assert!(refused.subject.ends_with("not selected for funding"));
    assert!(refused.body.contains("insufficient budget"));
    assert!(!refused.body.contains("Ministry"));
    let funded = letter("funded", false);
    assert!(funded.body.contains("is selected for funding"));
    assert!(!funded.body.contains("budget"));
    assert!(letter("not_invited", false).body.contains("is not invited"));
    let ineligible = letter("ineligible", false);
    assert!(ineligible.subject.ends_with("not eligible"));
    assert!(ineligible.body.contains("found ineligible"));
    assert!(!ineligible.body.contains("Total"));
}

#[test]
fn mails_to_unconfirmed_addresses_carry_nothing_a_stranger_wrote() {
    let allowed: BTreeSet<String> = ["link", "valid_for"].map(str::to_owned).into();
    for template in ["confirm_email", "email_taken", "change_email"] {
        assert!(documented()[template].is_subset(&allowed));
    }
}

#[test]
fn a_text_has_plain_lines_whatever_was_typed() {
    let templates = Templates::new("JTC").unwrap();
    let mut context = samples("stage_outcome", &documented()["stage_outcome"]);
    context["summary"] = json!("one\r\ntwo\rthree\u{0}\n\tfour");
    let text = templates.render(&mail("stage_outcome", context)).unwrap();
    assert!(text.body.contains("one\ntwo\nthree\n\tfour"));
    assert!(!text.body.contains(['\r', '\0']));
}

#[test]
fn a_value_with_lines_stays_inside_the_subject() {
    let templates = Templates::new("JTC").unwrap();
    let mut context = samples("proposal_withdrawn", &documented()["proposal_withdrawn"]);
    context["acronym"] = json!("PEN\r\nBcc: eve@example.org\r\n\r\nhello");
    let text = templates
        .render(&mail("proposal_withdrawn", context))
        .unwrap();
    assert_eq!(
        text.subject,
        "the proposal PEN Bcc: eve@example.org hello is withdrawn"
    );
}

#[test]
fn proposals_stand_in_lines_of_their_own() {
    let templates = Templates::new("JTC").unwrap();
    let lists = [
        "panel_convened",
        "review_assigned",
        "review_due",
        "review_passed_on",
        "substitute_called_up",
    ];
    for name in lists {
        let mut context = samples(name, &documented()[name]);
        context["proposals"] = json!(["JTC-001", "JTC-002"]);
        let text = templates.render(&mail(name, context)).unwrap();
        let lines = "\n\n    JTC-001\n    JTC-002\n\n";
        assert!(text.body.contains(lines), "{name}: {}", text.body);
    }
}

#[test]
fn every_mail_is_of_a_kind() {
    for (name, _) in MAILS {
        assert!(
            service::access::Notice::of_template(name).is_some(),
            "{name}"
        );
    }
}
