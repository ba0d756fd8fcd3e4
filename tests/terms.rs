//! On which terms funders take part, and what a proposal hears of them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{content, open_call, submitted};
use serde_json::{Value, json};
use testkit::TestApp;

/// 300 thousand for a partner, 310 for two together.
fn terms(most: &str) -> Value {
    json!({
        "ceilings": [
            {"scope": "partner", "max": most, "source": "Annex, page 12"},
            {"scope": "partners_in_proposal", "max": "310000.00", "when": {"partners_min": 2}, "consequence": "cut"}],
        "documents": [{"title": "Own application", "due": {"near": {"stage": 1, "days": 5, "working": true}}}],
        "contacts": [{"name": "Nina National", "email": "nina@example.org"}],
        "text": "Write to us first."})
}

#[tokio::test]
async fn a_funder_sets_its_terms_and_applicants_read_them() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let funder = app.person("Fred Funder").await;
    let role = Role::CscRepresentative;
    app.grant(&funder, role, Some(&call), Some("DE-BMBF")).await;
    let path = format!("/calls/{call}");
    let now = funder.read(&format!("{path}/funders")).await;
    let put = |body: Value| {
        funder
            .put(&format!("{path}/funders/DE-BMBF/terms"))
            .etag(&now.etag)
            .json(&body)
    };
    let mut faulty = terms("300000.00");
    faulty["rate"] = json!("4.4373");
    faulty["ceilings"][0]["max"] = json!("0.00");
    faulty["modules_not_funded"] = json!(["RA9"]);
    faulty["eu_money"] = json!(true);
    let refused = put(json!({ "terms": faulty, "reason": "Budget" }));
    assert_eq!(
        refused.send().await.expect(422).faults(),
        [
            "/terms/rate rate",
            "/terms/ceilings/0 ceiling_order",
            "/terms/modules_not_funded/0 module_unknown",
            "/terms/eu_money eu_money",
        ]
    );
    let good = json!({ "terms": terms("300000.00"), "reason": "The ministry's decree" });
    let silent = json!({ "terms": terms("300000.00") });
    let no_reason = put(silent).send().await.expect(422);
    assert_eq!(no_reason.faults(), ["/reason required"]);
    let other = funder.put(&format!("{path}/funders/FR-ANR/terms"));
    let other = other.etag(&now.etag).json(&good).send().await;
    other.expect(404);
    put(good.clone()).dry_run().send().await.expect(200);
    let set = put(good.clone()).send().await.expect(200);
    put(good).send().await.expect(412);
    assert_eq!(
        set.json["items"][0]["terms"]["contacts"][0]["name"],
        "Nina National"
    );

    let public = app.client();
    let changes = public.read(&format!("{path}/changes")).await;
    let last = changes.json["items"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["change"], "DE-BMBF changes its terms");
    let annex = public.read(&format!("{path}/annex")).await;
    let keys: Vec<&Value> = annex.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["organisation"])
        .collect();
    assert_eq!(keys, ["DE-BMBF", "ES-ISCIII", "FR-ANR"]);
    let text = annex.json["items"][0]["text"].as_str().unwrap();
    for line in [
        "## Germany: ",
        "At most 300000.00 EUR for each partner",
        "within 5 working days after the deadline of stage 1",
        "Nina National",
        "Write to us first.",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(check.json["faults"], json!([]));
}

#[tokio::test]
async fn new_terms_say_first_what_they_break() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    submitted(&ada, &call).await;
    let path = format!("/calls/{call}/funders");
    let now = office.read(&path).await;
    let mut input = json!({ "terms": terms("160000.50"), "reason": "Less money" });
    let put = |body: &Value| {
        office
            .put(&format!("{path}/DE-BMBF/terms"))
            .etag(&now.etag)
            .json(body)
    };
    put(&input).dry_run().send().await.expect(200);
    input["terms"] = terms("160000.49");
    let refused = put(&input).send().await.expect(409);
    assert_eq!(refused.faults(), ["/stages/1 proposals_break"]);
    input["despite_breaking"] = json!(true);
    put(&input).send().await.expect(200);
}

#[tokio::test]
async fn a_proposal_hears_of_each_funders_terms_and_of_the_modules() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}");
    let now = office.read(&path).await;
    let mut rules = now.json["rules"].clone();
    rules["modules"] = json!([
        {"key": "RA1", "title": "Data"}, {"key": "1A", "title": "Models", "within": "RA1"},
        {"key": "1B", "title": "Patients", "within": "RA1"}, {"key": "RA3", "title": "Care"}]);
    rules["questions"] = json!([{"key": "trial", "title": "Is there a clinical trial?"}]);
    rules["module_rule"] = json!("RA3 and (RA1 or trial)");
    rules["module_rule_source"] = json!("Call text, section 3");
    let amendment = json!({ "rules": rules, "reason": "The areas were missing" });
    let amend = office.post(&format!("{path}/amend")).etag(&now.etag);
    amend.json(&amendment).send().await.expect(200);
    let words = app.client().read(&path).await.json["module_rule_in_words"].clone();
    assert_eq!(
        words,
        "RA3 (Care) and [RA1 (Data) or trial (Is there a clinical trial?)]"
    );
    let funders = office.read(&format!("{path}/funders")).await;
    let mut french = terms("160000.49");
    french["modules_not_funded"] = json!(["RA3"]);
    let input = json!({ "terms": french, "reason": "Decree" });
    let set = office.put(&format!("{path}/funders/FR-ANR/terms"));
    set.etag(&funders.etag)
        .json(&input)
        .send()
        .await
        .expect(200);

    let ada = app.person("Ada").await;
    let mut content = content();
    content["modules"] = json!(["1A"]);
    content["answers"] = json!({"coffee": true});
    content["partners"][1]["modules"] = json!(["1A", "RA3"]);
    let draft = ada.post(&format!("{path}/proposals"));
    let draft = draft.json(&json!({ "content": content })).send().await;
    let draft = draft.expect(201);
    let proposal = format!("/proposals/{}", draft.id());
    let submit = proposals::submit(&ada, &proposal, &draft.etag).await;
    let refused = submit.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/answers/trial answer_missing",
            "/answers/coffee question_unknown",
            "/modules module_rule",
            "/partners/1/modules module_not_chosen",
            "/partners/1/budget ceiling_exceeded",
            "/partners/1/modules module_not_funded",
        ]
    );
    let detail = |at: usize| refused.json["errors"][at]["detail"].as_str().unwrap();
    assert!(detail(2).contains("Call text, section 3"), "{}", detail(2));
    let money = detail(4);
    for part in ["FR-ANR", "160000.50", "160000.49", "Annex, page 12"] {
        assert!(money.contains(part), "{part} is not in {money}");
    }
    let mended = json!({
        "modules": ["1A", "RA3"], "answers": {"trial": false, "coffee": null},
        "partners": [
            content["partners"][0],
            {"id": proposals::PARTNERS[1], "role": "partner", "organisation": "Institute 1", "country": "FR",
             "principal_investigator": {"name": "Person 1", "email": "person1@example.org"},
             "funding": {"kind": "funder", "funder": "FR-ANR"}, "budget": {"personnel": ["160000.49"]},
             "modules": ["1A"]},
            content["partners"][2]]});
    let saved = proposals::save(&ada, &proposal, &draft.etag, mended).await;
    let saved = saved.expect(200);
    let sent = proposals::submit(&ada, &proposal, &saved.etag).await;
    sent.expect(200);
}
